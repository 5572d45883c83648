/// The way of a row between the store and the transitions: loaded once, stored once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <syncline/client/entries.hpp>
#include <syncline/model/history/removal_verdict.hpp>

namespace syncline {

/// A row's history, and what of it is in the store.
struct loaded_row {
    enum class place : std::uint8_t { nowhere, visible, removed };

    row_history history;  ///< moved into a transition; what it points to lives here

    place stored = place::nowhere;
    row_buffer row;                   ///< if it is visible
    removed_row record;               ///< if it was removed
    std::vector<outbox_entry> edits;  ///< those of the outbox, without their bases
    std::string base_image;           ///< as the edit `base_holder` has it; empty if there is none
    sequence base_holder = 0;
};

namespace detail {

inline void begin_history(store_port& store, int table, const local_id& id, loaded_row& out) {
    out.history = {};
    out.history.table = &store.schema()[table];
    out.history.table_index = table;
    out.history.id = id;
}

inline void describe(const row_state& state, row_history& history) {
    history.remote = state.id;
    history.version = state.version;
    history.incarnation = state.incarnation;
}

inline void forget_base(loaded_row& out) {
    out.base_image.clear();
    out.base_holder = 0;
}

}  // namespace detail

/// Loads a visible row. False if there is none. `known`: an entry that was read already, null if none was.
[[nodiscard]] inline bool load_visible(store_port& store, int table, const local_id& id, loaded_row& out, const outbox_entry* known = nullptr) {
    out.edits.clear();
    detail::forget_base(out);
    if (!store.find_row(table, id, out.row)) return false;
    detail::begin_history(store, table, id, out);
    out.stored = loaded_row::place::visible;
    row_history& history = out.history;
    detail::describe(out.row.state, history);
    history.shown = out.row.cells();
    if (out.row.state.pending == 0) return true;
    out.edits = entries_of_row(store, table, id, out.row.state.pending, known);
    if (!out.edits.empty() && !out.edits.front().base.empty()) {
        out.base_image = std::exchange(out.edits.front().base, {});
        out.base_holder = out.edits.front().seq;
        history.base = history.keep_image_over(out.base_image, history.shown);
    }
    history.edits = out.edits;
    return true;
}

/// Loads a life that was removed here.
inline void load_removed(store_port& store, const removed_row& record, loaded_row& out) {
    detail::begin_history(store, record.table, record.id, out);
    out.stored = loaded_row::place::removed;
    out.record = record;
    out.edits.clear();
    detail::forget_base(out);
    row_history& history = out.history;
    detail::describe(record.state, history);
    history.visible = false;
    history.removed_by = record.root;
    history.shown = history.keep_image(record.image);
    if (!record.base.empty()) history.base = history.keep_image(record.base);
    if (outbox_entry entry; record.state.pending != 0 && store.find_entry(record.state.pending, entry)) out.edits.push_back(std::move(entry));
    history.edits = out.edits;
    if (!record.unsent_create && record.unsent == 0) return;
    outbox_entry& replaced = history.edits.emplace_back();
    replaced.table = record.table;
    replaced.id = record.id;
    replaced.kind = record.unsent_create ? operation_kind::create : operation_kind::update;
    replaced.mask = record.unsent_create ? history.table->all_columns() : record.unsent;
}

/// The records of lives of this row that were removed here, oldest removal first.
[[nodiscard]] inline std::vector<removed_row> removed_lives_of(store_port& store, int table, const local_id& id) {
    std::vector<removed_row> lives;
    store.scan_removed_of(table, id, [&](const removed_row& record) { lives.push_back(record); });
    return lives;
}

/// The records of what a removal took.
[[nodiscard]] inline std::vector<removed_row> removed_by(store_port& store, sequence root) {
    std::vector<removed_row> records;
    store.scan_removed_by(root, [&](const removed_row& record) { records.push_back(record); });
    return records;
}

/// Loads the life that an entry is the oldest edit of. A history that is neither visible nor removed stands for an entry whose row went
/// without it: only the entry is left.
inline void load_life_of(store_port& store, const outbox_entry& entry, loaded_row& out) {
    if (load_visible(store, entry.table, entry.id, out, &entry) && !out.edits.empty() && out.edits.front().seq == entry.seq) return;
    if (store.count_removed() != 0) {
        for (const removed_row& record : removed_lives_of(store, entry.table, entry.id)) {
            if (record.state.pending != entry.seq) continue;
            load_removed(store, record, out);
            return;
        }
    }
    detail::begin_history(store, entry.table, entry.id, out);
    out.stored = loaded_row::place::nowhere;
    out.history.visible = false;
    out.history.edits.assign(1, entry);
    out.edits = out.history.edits;
    detail::forget_base(out);
}

namespace detail {

/// The base of a visible row as its oldest edit keeps it: in the columns that edits may change, and wherever the row differs.
[[nodiscard]] inline std::string base_image_of(const row_history& next) {
    if (!next.visible || !next.has_base()) return {};
    column_mask columns = differing(next.base, next.shown);
    for (const outbox_entry& entry : next.edits) columns |= entry.mask;
    return make_image(next.base, columns);
}

inline void store_edits(store_port& store, const loaded_row& before, row_history& next, std::span<const outbox_entry> voids) {
    for (const outbox_entry& former : before.edits) {
        const auto is_it = [&](const outbox_entry& entry) { return entry.seq == former.seq; };
        if (std::any_of(voids.begin(), voids.end(), is_it)) continue;
        if (!next.exists || std::none_of(next.edits.begin(), next.edits.end(), is_it)) store.erase_entry(former.seq);
    }
    for (const outbox_entry& entry : voids) store.put_entry(entry);
    if (!next.exists || next.edits.empty()) return;
    std::string base = base_image_of(next);
    for (outbox_entry& entry : next.edits) {
        const bool is_oldest = &entry == &next.edits.front();
        const std::string_view former_base = entry.seq != 0 && entry.seq == before.base_holder ? before.base_image : std::string_view();
        const auto is_same = [&](const outbox_entry& former) { return former == entry; };
        const bool is_stored = entry.seq != 0 && former_base == (is_oldest ? std::string_view(base) : std::string_view()) &&
                               std::any_of(before.edits.begin(), before.edits.end(), is_same);
        if (is_stored) continue;
        if (is_oldest) entry.base = std::move(base);
        if (entry.seq != 0) store.put_entry(entry);
        // What a removal replaced has no sequence as long as the row is hidden.
        else if (next.visible) store.append_entry(entry);
    }
}

inline void store_visible(store_port& store, const loaded_row& before, const row_history& next) {
    const bool was_visible = before.stored == loaded_row::place::visible;
    const row_state state = next.state();
    if (!was_visible || (next.shown.data() != before.row.cells().data() && differing(next.shown, before.row.cells()) != 0))
        store.put_row(next.table_index, next.id, next.shown, state);
    else if (state != before.row.state) store.put_state(next.table_index, next.id, state);
}

[[nodiscard]] inline removed_row record_of(const row_history& life) {
    removed_row record;
    record.table = life.table_index;
    record.id = life.id;
    record.root = life.removed_by;
    record.state = {life.remote, life.version, life.incarnation, 0};
    record.image = make_image(life.shown, life.table->all_columns());
    if (life.has_base()) record.base = make_image(life.base, life.table->all_columns());
    for (const outbox_entry& entry : life.edits) {
        if (entry.seq != 0) record.state.pending = entry.seq;
        else if (entry.kind == operation_kind::create) record.unsent_create = true;
        else record.unsent |= entry.mask;
    }
    return record;
}

}  // namespace detail

/// Stores what a transition made of a loaded row: what differs, and nothing else. New edits get their sequences; `voids` live on without the
/// row.
inline void store_history(store_port& store, const loaded_row& before, row_history& next, std::span<const outbox_entry> voids = {}) {
    using place = loaded_row::place;
    detail::store_edits(store, before, next, voids);
    const place now = !next.exists ? place::nowhere : next.visible ? place::visible : next.removed_by != 0 ? place::removed : place::nowhere;
    if (before.stored == place::removed && (now != place::removed || before.record.root != next.removed_by))
        store.erase_removed(before.record.table, before.record.id, before.record.root);
    if (before.stored == place::visible && now != place::visible) store.erase_row(next.table_index, next.id);
    if (now == place::visible) detail::store_visible(store, before, next);
    if (now != place::removed) return;
    const removed_row record = detail::record_of(next);
    if (before.stored != place::removed || !(record == before.record)) store.put_removed(record);
}

/// Stores the history, the conflicts and the voids of a transition. Returns how many conflicts there are.
inline std::size_t store_transition(store_port& store, const loaded_row& before, row_transition& made) {
    for (conflict_record& record : made.effects.conflicts) store.add_conflict(record);
    store_history(store, before, made.next, made.effects.voids);
    if (made.effects.fetch) store.put_meta("refetch_wanted", "1");
    return made.effects.conflicts.size();
}

/// True when every key of the row points at a visible row.
[[nodiscard]] inline bool keys_are_visible(store_port& store, int table, cells values) {
    const table_view& description = store.schema()[table];
    row_state target;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i].kind() == cell_kind::server_key) return false;
        if (values[i].kind() != cell_kind::local_key) continue;
        if (!store.find_state(description.columns[i].target, local_id::trusted(values[i].view()), target)) return false;
    }
    return true;
}

}  // namespace syncline
