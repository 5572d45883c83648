/// The rows of one table in memory: found by local id, by server id and by each foreign key, with changes that can be undone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <syncline/base/assert.hpp>
#include <syncline/base/errors.hpp>
#include <syncline/stores/memory_index.hpp>
#include <syncline/stores/memory_map.hpp>
#include <syncline/stores/memory_row.hpp>

namespace syncline::detail {

/// A foreign key of a table: its column, the table it points at, and which of that table's referrers it is.
struct memory_key {
    std::size_t column;
    std::size_t target;
    std::size_t list;
};

class memory_table {
public:
    /// Where a row is, or would be.
    struct location {
        std::size_t hash;
        memory_row* row;  ///< null where there is no such row
    };

    /// The table of this number in the schema; `tables` is where the first one is.
    memory_table(const schema_view& schema, std::size_t number, memory_table* tables)
        : view_(&schema.tables[number]),
          tables_(tables),
          keys_(keys_of(schema, number)),
          nodes_(keys_.size(), view_->referrers.size()),
          open_(keys_.size()) {}
    memory_table(memory_table&&) = default;
    memory_table& operator=(memory_table&&) = delete;
    ~memory_table() {
        for (const change& last : log_) {
            if (last.kind == change_kind::replaced || last.kind == change_kind::erased) free_values(last.values);
        }
        by_id_.for_each([](const memory_row& row) { free_values(row.values); });
    }

    [[nodiscard]] location locate(std::string_view id) const noexcept {
        const std::size_t hash = hash_of(id);
        return {hash, by_id_.find(hash, id)};
    }
    [[nodiscard]] memory_row* find(std::string_view id) const noexcept { return locate(id).row; }
    [[nodiscard]] const memory_row* find(const server_id& id) const noexcept { return by_server_.find(hash_of(id.view()), id.view()); }
    /// The rows whose key `column` points at `target` begin here and go on with `next_referrer`, in no order.
    [[nodiscard]] const memory_row* first_referrer(std::size_t column, const local_id& target) const {
        const std::size_t slot = slot_of(column);
        memory_row* const row = target_table(slot).find(target.view());
        if (row != nullptr) return target_table(slot).nodes_.head(*row, keys_[slot].list);
        const auto open = open_[slot].find(target);
        return open == open_[slot].end() ? nullptr : open->second;
    }
    [[nodiscard]] const memory_row* next_referrer(std::size_t column, const memory_row& row) const noexcept {
        return row.places()[slot_of(column)].next;
    }
    [[nodiscard]] std::size_t size() const noexcept { return by_id_.size(); }
    [[nodiscard]] cells values_of(const memory_row& row) const noexcept { return {row.values, view_->columns.size()}; }
    /// Every row, in no order.
    template <class Visit>
    void for_each(Visit&& visit) const {
        by_id_.for_each(visit);
    }

    /// A key that points at a row that is not there; null where there is none.
    [[nodiscard]] const memory_key* find_open_key() const noexcept {
        for (std::size_t slot = 0; slot < keys_.size(); ++slot)
            if (!open_[slot].empty()) return &keys_[slot];
        return nullptr;
    }

    void put(undo_level level, const location& at, const local_id& id, cells values, const row_state& state) {
        check_server_id(at.row, state.id);
        if (at.row == nullptr) create(level, at.hash, id, values, state);
        else replace(level, *at.row, values, state);
    }
    void put_state(undo_level level, memory_row& row, const row_state& state) {
        check_server_id(&row, state.id);
        note_state(level, change_kind::state, row);
        set_state(row, state);
    }
    void erase(undo_level level, const location& at) {
        log_.push_back({at.row, at.row->values, level, change_kind::erased});
        take_out(at.hash, *at.row);
    }

    /// Undoes the changes made at `level` and at later ones.
    void roll_back(undo_level level) {
        for (; !log_.empty() && log_.back().level >= level; log_.pop_back()) {
            const change last = log_.back();
            memory_row& row = *last.row;
            switch (last.kind) {
                case change_kind::created:
                    take_out(hash_of(row.id.view()), row);
                    free_values(row.values);
                    nodes_.give_back(&row);
                    break;
                case change_kind::replaced: {
                    cell* const undone = row.values;
                    exchange_values(row, last.values);
                    free_values(undone);
                    restore_state(row);
                    break;
                }
                case change_kind::state: restore_state(row); break;
                case change_kind::erased: put_in(hash_of(row.id.view()), row); break;
            }
        }
    }

    void forget() noexcept {
        for (const change& last : log_) {
            if (last.kind == change_kind::replaced) free_values(last.values);
            if (last.kind != change_kind::erased) continue;
            free_values(last.row->values);
            nodes_.give_back(last.row);
        }
        log_.clear();
        states_.clear();
    }

private:
    enum class change_kind : std::uint8_t { created, replaced, state, erased };
    struct change {
        memory_row* row;
        cell* values;  // before it was replaced, or erased
        undo_level level;
        change_kind kind;
    };
    struct id_of_row {
        std::string_view operator()(const memory_row& row) const noexcept { return row.id.view(); }
    };
    struct server_id_of_row {
        std::string_view operator()(const memory_row& row) const noexcept { return row.state.id.view(); }
    };

    [[nodiscard]] static std::vector<memory_key> keys_of(const schema_view& schema, std::size_t number) {
        std::vector<memory_key> keys;
        const std::span<const column_view> columns = schema.tables[number].columns;
        for (std::size_t column = 0; column < columns.size(); ++column) {
            if (columns[column].kind != column_kind::key) continue;
            const auto target = static_cast<std::size_t>(columns[column].target);
            const std::span<const referrer_view> lists = schema.tables[target].referrers;
            const auto same = [&](const referrer_view& list) {
                return list.table == static_cast<int>(number) && list.column == static_cast<int>(column);
            };
            const auto found = std::find_if(lists.begin(), lists.end(), same);
            SYNCLINE_ASSERT(found != lists.end());
            keys.push_back({column, target, static_cast<std::size_t>(found - lists.begin())});
        }
        return keys;
    }
    [[nodiscard]] std::size_t slot_of(std::size_t column) const noexcept {
        std::size_t slot = 0;
        while (keys_[slot].column != column) ++slot;
        return slot;
    }
    [[nodiscard]] memory_table& target_table(std::size_t slot) const noexcept { return tables_[keys_[slot].target]; }
    [[nodiscard]] const cell& key_of(const memory_row& row, std::size_t slot) const noexcept { return row.values[keys_[slot].column]; }

    void check_server_id(const memory_row* row, const server_id& remote) {
        if (remote.empty() || (row != nullptr && row->state.id == remote)) return;
        const memory_row* const holder = find(remote);
        if (holder != nullptr && holder != row) throw store_error("two rows of " + std::string(view_->name) + " have the same server id");
        by_server_.reserve_one();
    }

    void create(undo_level level, std::size_t hash, const local_id& id, cells values, const row_state& state) {
        by_id_.reserve_one();
        if (log_.size() == log_.capacity()) log_.reserve(log_.size() * 2 + 16);
        cell* const kept = copy_values(values);
        memory_row* row = nullptr;
        try {
            row = nodes_.make(id, state);
        } catch (...) {
            free_values(kept);
            throw;
        }
        row->values = kept;
        log_.push_back({row, nullptr, level, change_kind::created});
        put_in(hash, *row);
    }
    void replace(undo_level level, memory_row& row, cells values, const row_state& state) {
        note_state(level, change_kind::replaced, row);
        cell* kept = nullptr;
        try {
            kept = copy_values(values);
        } catch (...) {
            log_.pop_back();
            states_.pop_back();
            throw;
        }
        exchange_values(row, kept);
        set_state(row, state);
    }

    void note_state(undo_level level, change_kind kind, memory_row& row) {
        states_.push_back(row.state);
        try {
            log_.push_back({&row, row.values, level, kind});
        } catch (...) {
            states_.pop_back();
            throw;
        }
    }
    void restore_state(memory_row& row) {
        set_state(row, states_.back());
        states_.pop_back();
    }
    void set_state(memory_row& row, const row_state& state) {
        if (row.state.id != state.id) {
            if (!row.state.id.empty()) by_server_.erase(hash_of(row.state.id.view()), row);
            row.state.id = state.id;
            index_server_id(row);
        }
        row.state = state;
    }
    void index_server_id(memory_row& row) {
        if (row.state.id.empty()) return;
        by_server_.reserve_one();
        by_server_.insert(hash_of(row.state.id.view()), row);
    }

    // Makes the row seen, by its ids, by the rows that point at it and by those it points at.
    void put_in(std::size_t hash, memory_row& row) {
        by_id_.reserve_one();
        by_id_.insert(hash, row);
        index_server_id(row);
        adopt_referrers(row);
        for (std::size_t slot = 0; slot < keys_.size(); ++slot) link(row, slot);
    }
    void take_out(std::size_t hash, memory_row& row) {
        for (std::size_t slot = 0; slot < keys_.size(); ++slot) unlink(row, slot);
        leave_referrers(row);
        if (!row.state.id.empty()) by_server_.erase(hash_of(row.state.id.view()), row);
        by_id_.erase(hash, row);
    }
    void exchange_values(memory_row& row, cell* values) {
        column_mask moved = 0;
        for (std::size_t slot = 0; slot < keys_.size(); ++slot) {
            if (key_of(row, slot) == values[keys_[slot].column]) continue;
            unlink(row, slot);
            moved |= only_column(slot);
        }
        row.values = values;
        for (std::size_t slot = 0; slot < keys_.size(); ++slot)
            if (has_column(moved, slot)) link(row, slot);
    }

    void link(memory_row& row, std::size_t slot) {
        const cell& key = key_of(row, slot);
        if (key.is_null()) return;
        memory_table& there = target_table(slot);
        memory_row* const target = there.find(key.view());
        memory_row*& head = target != nullptr ? there.nodes_.head(*target, keys_[slot].list) : open_[slot][local_id::trusted(key.view())];
        row.places()[slot] = {target, nullptr, head};
        if (head != nullptr) head->places()[slot].previous = &row;
        head = &row;
    }
    void unlink(memory_row& row, std::size_t slot) {
        const cell& key = key_of(row, slot);
        if (key.is_null()) return;
        const memory_place at = std::exchange(row.places()[slot], memory_place{});
        if (at.next != nullptr) at.next->places()[slot].previous = at.previous;
        if (at.previous != nullptr) {
            at.previous->places()[slot].next = at.next;
        } else if (at.target != nullptr) {
            target_table(slot).nodes_.head(*at.target, keys_[slot].list) = at.next;
        } else {
            const auto head = open_[slot].find(local_id::trusted(key.view()));
            // A row that could not be linked, because memory ran out, is in no list.
            if (head == open_[slot].end() || head->second != &row) return;
            if (at.next != nullptr) head->second = at.next;
            else open_[slot].erase(head);
        }
    }

    // The rows that point at a row wait in `open_` while it is not there.
    void adopt_referrers(memory_row& row) {
        for_each_referring([&](memory_table& from, std::size_t slot) {
            if (from.open_[slot].empty()) return;
            const auto open = from.open_[slot].find(row.id);
            if (open == from.open_[slot].end()) return;
            nodes_.head(row, from.keys_[slot].list) = open->second;
            for (memory_row* at = open->second; at != nullptr; at = at->places()[slot].next) at->places()[slot].target = &row;
            from.open_[slot].erase(open);
        });
    }
    void leave_referrers(memory_row& row) {
        for_each_referring([&](memory_table& from, std::size_t slot) {
            memory_row*& head = nodes_.head(row, from.keys_[slot].list);
            if (head == nullptr) return;
            from.open_[slot].emplace(row.id, head);
            for (memory_row* at = head; at != nullptr; at = at->places()[slot].next) at->places()[slot].target = nullptr;
            head = nullptr;
        });
    }
    template <class Visit>
    void for_each_referring(Visit&& visit) {
        for (const referrer_view& referrer : view_->referrers) {
            memory_table& from = tables_[static_cast<std::size_t>(referrer.table)];
            visit(from, from.slot_of(static_cast<std::size_t>(referrer.column)));
        }
    }

    const table_view* view_;
    memory_table* tables_;
    std::vector<memory_key> keys_;
    memory_nodes nodes_;
    memory_index<memory_row, id_of_row> by_id_;
    memory_index<memory_row, server_id_of_row> by_server_;
    std::vector<std::unordered_map<local_id, memory_row*>> open_;  // of each key: the rows whose target is not there, by target
    std::vector<change> log_;
    std::vector<row_state> states_;
};

}  // namespace syncline::detail
