/// Local removal of a row with everything it owns, and its undoing when the server refuses it.
#pragma once

#include <syncline/client/closure.hpp>
#include <syncline/client/local_edit.hpp>

namespace syncline {

/// Removes a row and what it owns. Rows the server knows get one removal for the root, plus one for each row that the server
/// still has under another owner; rows that were never sent just vanish. Returns how many rows were removed, 0 when there is no such row.
/// Throws write_refused when other rows still need one of them; then nothing has changed.
inline std::size_t record_removal(store_port& store, const limits& bounds, int table, const local_id& id, std::int64_t group) {
    const schema_view& schema = store.schema();
    row_buffer row;
    if (!store.find_row(table, id, row)) return 0;
    const removal_closure closure = closure_of(store, {table, id});
    if (!closure.forbids.empty()) {
        const table_view& holder = schema[closure.forbids.front().holder.table];
        throw write_refused(detail::refusal(error_code::restricted,
                                            std::to_string(closure.forbids.size()) + " row(s) of " + std::string(holder.entity) +
                                                " and perhaps others still point at it",
                                            schema[table], id));
    }
    detail::require_room(store, bounds, schema[table], id);

    std::vector<cell> values;
    for (const outside_key& key : closure.becomes_null) {
        store.find_row(key.holder.table, key.holder.id, row);
        values.assign(row.cells().begin(), row.cells().end());
        values[static_cast<std::size_t>(key.column)] = cell();
        row_buffer copy;
        copy.assign(values);
        record_update(store, bounds, key.holder.table, key.holder.id, row, copy.cells(), only_column(static_cast<std::size_t>(key.column)), group);
    }

    std::vector<sequence> covered_by(closure.rows.size(), 0);
    loaded_row before;
    for (std::size_t i = 0; i < closure.rows.size(); ++i) {
        const row_name& name = closure.rows[i].name;
        if (!load_visible(store, name.table, name.id, before)) continue;
        auto [removed, facts] = remove_here(std::move(before.history));
        covered_by[i] = i == 0 ? 0 : covered_by[closure.rows[i].reached_from];
        if (facts.known && (i == 0 || facts.elsewhere || covered_by[i] == 0)) {
            outbox_entry entry;
            entry.table = name.table;
            entry.id = name.id;
            entry.kind = operation_kind::remove;
            entry.incarnation = removed.incarnation;
            entry.base_version = removed.version;
            entry.behind = facts.in_flight;
            entry.group = group;
            covered_by[i] = store.append_entry(entry);
        }
        // A second life behind a removal that was not sent yet goes back to that removal.
        removed.removed_by = covered_by[i];
        store_history(store, before, removed);
    }
    return closure.rows.size();
}

/// Brings back what a refused removal took, as it was, with its unsent edits. The removal's entry is the caller's to erase.
/// False when a row could not come back because something it points at is gone meanwhile: the server's rows must be fetched again.
[[nodiscard]] inline bool restore_removed(store_port& store, sequence root) {
    std::vector<row_name> restored;
    loaded_row life, visible;
    for (const removed_row& record : removed_by(store, root)) {
        load_removed(store, record, life);
        const bool is_made_anew = load_visible(store, record.table, record.id, visible);
        bool outlived = is_made_anew && is_outlived(life.history, visible.history);
        for (const removed_row& other : removed_lives_of(store, record.table, record.id))
            outlived = outlived || (other.state.incarnation > record.state.incarnation && !is_never_sent(other));
        if (outlived) {
            store.erase_removed(record.table, record.id, record.root);
            continue;
        }
        if (is_made_anew) {
            for (const outbox_entry& entry : visible.edits) store.erase_entry(entry.seq);
        }
        row_history back = restore(std::move(life.history), is_made_anew ? &visible.history : nullptr);
        store_history(store, life, back);
        if (!is_made_anew) restored.push_back({record.table, record.id});
    }
    bool whole = true;
    for (bool again = true; again;) {
        again = false;
        for (const row_name& name : restored) {
            if (!load_visible(store, name.table, name.id, visible) || keys_are_visible(store, name.table, visible.history.shown)) continue;
            // What is in flight has its verdict to come.
            std::erase_if(visible.edits, [](const outbox_entry& entry) { return entry.state == entry_state::in_flight; });
            visible.history.exists = false;
            store_history(store, visible, visible.history);
            whole = false;
            again = true;
        }
    }
    return whole;
}

}  // namespace syncline
