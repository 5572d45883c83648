/// Finds a row in memory by one of its ids: an open hash table of pointers, with each hash beside its pointer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace syncline::detail {

/// Eight bytes a step; ids are short, and alike at their beginning.
[[nodiscard]] inline std::size_t hash_of(std::string_view id) noexcept {
    constexpr std::uint64_t multiplier = 0x9E3779B97F4A7C15u;
    std::uint64_t hash = id.size();
    const auto add = [&hash](std::uint64_t word) {
        hash = (hash ^ word) * multiplier;
        hash ^= hash >> 32;
    };
    std::uint64_t word = 0;
    if (id.size() < 8) {
        std::memcpy(&word, id.data(), id.size());
        add(word);
    } else {
        for (std::size_t at = 0; at + 8 < id.size(); at += 8) {
            std::memcpy(&word, id.data() + at, 8);
            add(word);
        }
        // The last step may overlap the one before it.
        std::memcpy(&word, id.data() + id.size() - 8, 8);
        add(word);
    }
    return static_cast<std::size_t>(hash);
}

/// `IdOf` gives the text of a row's id, which must not change while the row is in the index. Linear probing; an erased place is
/// closed by moving the rows behind it (Knuth, The Art of Computer Programming 3, 6.4, algorithm R).
template <class Row, class IdOf>
class memory_index {
public:
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Null where there is no such row.
    [[nodiscard]] Row* find(std::size_t hash, std::string_view id) const noexcept {
        if (size_ == 0) return nullptr;
        for (std::size_t at = hash & mask(); slots_[at].row != nullptr; at = (at + 1) & mask())
            if (slots_[at].hash == hash && IdOf{}(*slots_[at].row) == id) return slots_[at].row;
        return nullptr;
    }

    /// After it, `insert` cannot fail.
    void reserve_one() {
        if ((size_ + 1) * 4 <= slots_.size() * 3) return;
        std::vector<slot> smaller(slots_.empty() ? 16 : slots_.size() * 2);
        smaller.swap(slots_);
        for (const slot& kept : smaller)
            if (kept.row != nullptr) place(kept);
    }
    /// The row's id must not be in the index.
    void insert(std::size_t hash, Row& row) noexcept {
        place({hash, &row});
        ++size_;
    }
    /// The row must be in the index.
    void erase(std::size_t hash, const Row& row) noexcept {
        std::size_t hole = hash & mask();
        while (slots_[hole].row != &row) hole = (hole + 1) & mask();
        for (std::size_t at = (hole + 1) & mask(); slots_[at].row != nullptr; at = (at + 1) & mask()) {
            const std::size_t distance = (at - slots_[at].hash) & mask();
            if (distance < ((at - hole) & mask())) continue;
            slots_[hole] = slots_[at];
            hole = at;
        }
        slots_[hole] = {};
        --size_;
    }

    /// Every row, in no order.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const slot& kept : slots_)
            if (kept.row != nullptr) visit(*kept.row);
    }

private:
    struct slot {
        std::size_t hash = 0;
        Row* row = nullptr;
    };

    [[nodiscard]] std::size_t mask() const noexcept { return slots_.size() - 1; }
    void place(const slot& kept) noexcept {
        std::size_t at = kept.hash & mask();
        while (slots_[at].row != nullptr) at = (at + 1) & mask();
        slots_[at] = kept;
    }

    std::vector<slot> slots_;
    std::size_t size_ = 0;
};

}  // namespace syncline::detail
