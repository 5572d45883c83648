/// The rows of one table in memory: found by local id, by server id and by each foreign key, with changes that can be undone.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <syncline/base/errors.hpp>
#include <syncline/model/row.hpp>
#include <syncline/stores/memory_map.hpp>

namespace syncline::detail {

// Deliberately not noexcept: libstdc++ then keeps the hash beside the id, and a look-up need not hash its neighbours.
struct id_hash {
    template <class Id>
    std::size_t operator()(const Id& id) const {
        return std::hash<std::string_view>{}(id.view());
    }
    std::size_t operator()(const std::pair<int, local_id>& row) const {
        return (*this)(row.second) ^ (static_cast<std::size_t>(row.first) * 0x9E3779B97F4A7C15u);
    }
};

struct memory_row;
struct memory_row_deleter {
    void operator()(memory_row* row) const noexcept { ::operator delete(row); }
};
using memory_row_ptr = std::unique_ptr<memory_row, memory_row_deleter>;

/// A row in one block: this header, a place in the list of each foreign key's referrers, the cells, their text.
struct memory_row {
    struct place {
        memory_row* previous;
        memory_row* next;
    };

    local_id id;
    row_state state;
    std::span<place> places;
    std::span<cell> values;

    [[nodiscard]] static memory_row_ptr make(const local_id& id, cells values, const row_state& state, std::size_t key_count) {
        std::size_t text_size = 0;
        for (const cell& value : values)
            if (value.has_text()) text_size += value.view().size();
        const std::size_t cells_at = sizeof(memory_row) + key_count * sizeof(place);
        const std::size_t text_at = cells_at + values.size() * sizeof(cell);
        char* const block = static_cast<char*>(::operator new(text_at + text_size));
        auto* const places = reinterpret_cast<place*>(block + sizeof(memory_row));
        auto* const kept = reinterpret_cast<cell*>(block + cells_at);
        char* text = block + text_at;
        for (std::size_t i = 0; i < key_count; ++i) new (places + i) place{nullptr, nullptr};
        for (std::size_t i = 0; i < values.size(); ++i) {
            new (kept + i) cell(values[i]);
            if (!values[i].has_text()) continue;
            const std::string_view from = values[i].view();
            if (!from.empty()) std::memcpy(text, from.data(), from.size());
            kept[i] = cell::with_text(values[i].kind(), {text, from.size()});
            text += from.size();
        }
        return memory_row_ptr(new (block) memory_row{id, state, {places, key_count}, {kept, values.size()}});
    }
};
static_assert(std::is_trivially_destructible_v<memory_row> && sizeof(memory_row) % alignof(cell) == 0);

class memory_table {
public:
    /// A change of one row; what is needed to undo it.
    struct change {
        local_id id;
        undo_level level;
        bool of_state_only;
        row_state state;        ///< before a change of the state only
        memory_row_ptr before;  ///< null when there was no such row
    };

    explicit memory_table(const table_view& table) : name_(table.name), slots_(table.columns.size(), 0) {
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (table.columns[i].kind != column_kind::key) continue;
            slots_[i] = key_columns_.size();
            key_columns_.push_back(i);
        }
        referrers_.resize(key_columns_.size());
    }

    [[nodiscard]] const memory_row* find(const local_id& id) const {
        const auto found = rows_.find(id);
        return found == rows_.end() ? nullptr : found->second.get();
    }
    [[nodiscard]] const memory_row* find(const server_id& id) const {
        const auto found = by_server_.find(id);
        return found == by_server_.end() ? nullptr : found->second;
    }
    /// The rows whose key `column` points at `target` begin here and go on with `next_referrer`, in no order.
    [[nodiscard]] const memory_row* first_referrer(std::size_t column, const local_id& target) const {
        const auto& heads = referrers_[slots_[column]];
        const auto found = heads.find(target);
        return found == heads.end() ? nullptr : found->second;
    }
    [[nodiscard]] const memory_row* next_referrer(std::size_t column, const memory_row& row) const noexcept {
        return row.places[slots_[column]].next;
    }
    [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
    /// Every row, in no order.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (const auto& entry : rows_) visit(*entry.second);
    }

    void put(undo_level level, const local_id& id, cells values, const row_state& state) {
        check_server_id(id, state.id);
        memory_row_ptr fresh = memory_row::make(id, values, state, key_columns_.size());
        log_.push_back({id, level, false, {}, nullptr});
        log_.back().before = replace(id, std::move(fresh));
    }
    void put_state(undo_level level, const local_id& id, const row_state& state) {
        const auto found = rows_.find(id);
        if (found == rows_.end()) return;
        check_server_id(id, state.id);
        log_.push_back({id, level, true, found->second->state, nullptr});
        set_state(*found->second, state);
    }
    void erase(undo_level level, const local_id& id) {
        if (rows_.find(id) == rows_.end()) return;
        log_.push_back({id, level, false, {}, nullptr});
        log_.back().before = replace(id, nullptr);
    }

    /// What was changed since `forget`; one row may be there several times.
    [[nodiscard]] std::span<const change> changes() const noexcept { return log_; }
    void roll_back(undo_level level) {
        for (; !log_.empty() && log_.back().level >= level; log_.pop_back()) {
            change& last = log_.back();
            if (last.of_state_only) set_state(*rows_.find(last.id)->second, last.state);
            else replace(last.id, std::move(last.before));
        }
    }
    void forget() noexcept { log_.clear(); }

private:
    void check_server_id(const local_id& id, const server_id& remote) const {
        if (remote.empty()) return;
        const memory_row* const holder = find(remote);
        if (holder != nullptr && holder->id != id) throw store_error("two rows of " + name_ + " have the same server id");
    }

    // Puts `fresh` in the place of the row with this id and returns that row; null stands for no row.
    memory_row_ptr replace(const local_id& id, memory_row_ptr fresh) {
        auto found = rows_.find(id);
        memory_row_ptr before;
        if (found != rows_.end()) {
            before = std::move(found->second);
            unlink(*before);
        }
        if (fresh == nullptr) {
            if (found != rows_.end()) rows_.erase(found);
            return before;
        }
        memory_row& row = *fresh;
        if (found != rows_.end()) found->second = std::move(fresh);
        else rows_.emplace(id, std::move(fresh));
        link(row);
        return before;
    }

    void set_state(memory_row& row, const row_state& state) {
        if (row.state.id != state.id) {
            if (!row.state.id.empty()) by_server_.erase(row.state.id);
            if (!state.id.empty()) by_server_.emplace(state.id, &row);
        }
        row.state = state;
    }

    void link(memory_row& row) {
        if (!row.state.id.empty()) by_server_.emplace(row.state.id, &row);
        for (std::size_t slot = 0; slot < key_columns_.size(); ++slot) {
            const cell& key = row.values[key_columns_[slot]];
            if (key.is_null()) continue;
            memory_row*& head = referrers_[slot][local_id::trusted(key.view())];
            row.places[slot] = {nullptr, head};
            if (head != nullptr) head->places[slot].previous = &row;
            head = &row;
        }
    }

    void unlink(memory_row& row) {
        if (!row.state.id.empty()) by_server_.erase(row.state.id);
        for (std::size_t slot = 0; slot < key_columns_.size(); ++slot) {
            const cell& key = row.values[key_columns_[slot]];
            if (key.is_null()) continue;
            const memory_row::place at = std::exchange(row.places[slot], {nullptr, nullptr});
            if (at.next != nullptr) at.next->places[slot].previous = at.previous;
            if (at.previous != nullptr) {
                at.previous->places[slot].next = at.next;
                continue;
            }
            const auto head = referrers_[slot].find(local_id::trusted(key.view()));
            if (at.next != nullptr) head->second = at.next;
            else referrers_[slot].erase(head);
        }
    }

    std::string name_;
    std::vector<std::size_t> slots_;  // of each column: its number among the foreign keys
    std::vector<std::size_t> key_columns_;
    std::unordered_map<local_id, memory_row_ptr, id_hash> rows_;
    std::unordered_map<server_id, memory_row*, id_hash> by_server_;
    std::vector<std::unordered_map<local_id, memory_row*, id_hash>> referrers_;
    std::vector<change> log_;
};

}  // namespace syncline::detail
