/// The outbox of a store in memory: entries in the order of sequences, with changes that can be undone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include <syncline/client/records.hpp>
#include <syncline/stores/memory_map.hpp>

namespace syncline::detail {

/// An erased entry keeps its place until its transaction is committed, so that undoing it needs no copy.
class memory_outbox {
public:
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// The oldest one that was not set aside; 0 when there is none.
    [[nodiscard]] sequence oldest_open() {
        while (first_ < slots_.size() && slots_[first_].is_erased) ++first_;
        for (std::size_t at = first_; at < slots_.size(); ++at)
            if (!slots_[at].is_erased && slots_[at].entry.state != entry_state::quarantined) return slots_[at].entry.seq;
        return 0;
    }
    /// 0 when there is none.
    [[nodiscard]] sequence newest() const noexcept {
        if (size_ == 0) return 0;
        std::size_t at = slots_.size() - 1;
        while (slots_[at].is_erased) --at;
        return slots_[at].entry.seq;
    }
    /// The newest one, erased or not, of which this still knows.
    [[nodiscard]] sequence newest_known() const noexcept { return slots_.empty() ? 0 : slots_.back().entry.seq; }

    /// Null where there is no such entry.
    [[nodiscard]] const outbox_entry* find(sequence seq) const noexcept {
        const std::size_t at = place_of(seq);
        return at == slots_.size() || slots_[at].is_erased ? nullptr : &slots_[at].entry;
    }
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const slot& kept : slots_)
            if (!kept.is_erased) visit(kept.entry);
    }

    /// Its sequence must be greater than all that are known.
    void append(undo_level level, const outbox_entry& entry) {
        log_.push_back({entry.seq, level, nullptr, change_kind::appended});
        slots_.emplace_back(entry);
        ++size_;
    }
    /// False where there is no such entry.
    bool put(undo_level level, const outbox_entry& entry) {
        outbox_entry* const found = find_to_change(entry.seq);
        if (found == nullptr) return false;
        outbox_entry fresh = entry;
        log_.push_back({entry.seq, level, std::make_unique<outbox_entry>(*found), change_kind::replaced});
        *found = std::move(fresh);
        return true;
    }
    /// False where there is no such entry.
    bool erase(undo_level level, sequence seq) {
        const std::size_t at = place_of(seq);
        if (at == slots_.size() || slots_[at].is_erased) return false;
        log_.push_back({seq, level, nullptr, change_kind::erased});
        slots_[at].is_erased = true;
        --size_;
        return true;
    }
    /// Does nothing unless the entry is queued.
    void mark_in_flight(undo_level level, sequence seq) {
        outbox_entry* const found = find_to_change(seq);
        if (found == nullptr || found->state != entry_state::queued) return;
        log_.push_back({seq, level, nullptr, change_kind::marked});
        found->state = entry_state::in_flight;
    }

    /// Undoes the changes made at `level` and at later ones.
    void roll_back(undo_level level) {
        for (; !log_.empty() && log_.back().level >= level; log_.pop_back()) {
            change& last = log_.back();
            if (last.kind == change_kind::appended) {
                // Nothing is behind the newest one, unless memory ran out before it was there.
                if (newest_known() != last.seq) continue;
                slots_.pop_back();
                --size_;
                continue;
            }
            slot& kept = slots_[place_of(last.seq)];
            if (last.kind == change_kind::replaced) {
                kept.entry = std::move(*last.before);
            } else if (last.kind == change_kind::marked) {
                kept.entry.state = entry_state::queued;
            } else {
                kept.is_erased = false;
                ++size_;
            }
        }
        first_ = 0;
    }

    void forget() {
        if (log_.empty()) return;
        log_.clear();
        while (!slots_.empty() && slots_.front().is_erased) slots_.pop_front();
        if (slots_.size() > 2 * size_ + 64) std::erase_if(slots_, [](const slot& kept) { return kept.is_erased; });
        first_ = 0;
    }

private:
    enum class change_kind : std::uint8_t { appended, replaced, marked, erased };
    struct change {
        sequence seq;
        undo_level level;
        std::unique_ptr<outbox_entry> before;  // of a replaced entry
        change_kind kind;
    };
    struct slot {
        explicit slot(const outbox_entry& kept) : entry(kept) {}
        outbox_entry entry;
        bool is_erased = false;
    };

    /// The number of slots where the sequence is not known.
    [[nodiscard]] std::size_t place_of(sequence seq) const noexcept {
        if (slots_.empty() || seq < slots_.front().entry.seq) return slots_.size();
        // Most outboxes have no gaps.
        const auto guess = static_cast<std::size_t>(seq - slots_.front().entry.seq);
        if (guess < slots_.size() && slots_[guess].entry.seq == seq) return guess;
        const auto found =
            std::lower_bound(slots_.begin(), slots_.end(), seq, [](const slot& kept, sequence other) { return kept.entry.seq < other; });
        return found != slots_.end() && found->entry.seq == seq ? static_cast<std::size_t>(found - slots_.begin()) : slots_.size();
    }
    [[nodiscard]] outbox_entry* find_to_change(sequence seq) noexcept {
        const std::size_t at = place_of(seq);
        return at == slots_.size() || slots_[at].is_erased ? nullptr : &slots_[at].entry;
    }

    std::deque<slot> slots_;
    std::size_t size_ = 0;
    std::size_t first_ = 0;  // no entry is before this slot
    std::vector<change> log_;
};

}  // namespace syncline::detail
