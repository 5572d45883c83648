/// Local removal of a row with everything it owns, and its undoing when the server refuses it.
#pragma once

#include <syncline/client/closure.hpp>
#include <syncline/client/local_edit.hpp>

namespace syncline {

namespace detail {

/// What a row about to be removed means to the server.
struct removal_facts {
    bool known = false;      ///< the server has the row, or may have it
    bool elsewhere = false;  ///< the server has it under other owners than the ones it has here
    sequence in_flight = 0;  ///< entry that must be settled before the row's removal is sent
};

/// Takes a row's unsent entries out of the outbox and fills the record that can bring the row back.
template <store S>
removal_facts withdraw_row(S& store, const row_name& name, removed_row& record) {
    const table_view& table = store.schema()[name.table];
    row_buffer row;
    removal_facts facts;
    if (!store.find_row(name.table, name.id, row)) return facts;
    record.table = name.table;
    record.id = name.id;
    record.state = row.state;
    record.image = make_image(row.cells(), table.all_columns());
    base_record base;
    if (store.find_base(name.table, name.id, base)) {
        record.base = base.image;
        record.state.version = base.version;
    }
    facts.known = !row.state.id.empty();
    sequence still_open = 0;
    for (outbox_entry& entry : entries_of_row(store, name.table, name.id, row.state.pending)) {
        // An entry that ran out of attempts may have reached the server all the same.
        if (is_undecided(entry)) close_sequence(store, entry);
        if (entry.state == entry_state::in_flight) {
            freeze(store, entry);
            still_open = entry.seq;
            facts.known = true;
            continue;
        }
        // Where a pull brought the row under its unsent create, the server has this life: the create is an edit of it.
        if (entry.kind == operation_kind::create && record.base.empty()) record.unsent_create = true;
        else record.unsent |= entry.mask;
        facts.elsewhere = facts.elsewhere || (entry.mask & owning_keys(table)) != 0;
        store.erase_entry(entry.seq);
    }
    // A life that was never sent is nothing to the server, even where it knows the row's earlier life.
    if (record.unsent_create && still_open == 0) facts.known = false;
    record.state.pending = facts.in_flight = still_open;
    return facts;
}

}  // namespace detail

/// Removes a row and what it owns. Rows the server knows get one removal for the root, plus one for each row that the server
/// still has under another owner; rows that were never sent just vanish. Returns how many rows were removed, 0 when there is no such row.
/// Throws write_refused when other rows still need one of them; then nothing has changed.
template <store S>
std::size_t record_removal(S& store, const limits& bounds, int table, const local_id& id, std::int64_t group) {
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
    for (std::size_t i = 0; i < closure.rows.size(); ++i) {
        const row_name& name = closure.rows[i].name;
        removed_row record;
        const detail::removal_facts facts = detail::withdraw_row(store, name, record);
        covered_by[i] = i == 0 ? 0 : covered_by[closure.rows[i].reached_from];
        if (facts.known && (i == 0 || facts.elsewhere || covered_by[i] == 0)) {
            outbox_entry entry;
            entry.table = name.table;
            entry.id = name.id;
            entry.kind = operation_kind::remove;
            entry.incarnation = record.state.incarnation;
            entry.base_version = record.state.version;
            entry.behind = facts.in_flight;
            entry.group = group;
            covered_by[i] = store.append_entry(entry);
        }
        // A second life behind a removal that was not sent yet goes back to that removal.
        record.root = covered_by[i];
        if (record.root != 0) store.put_removed(record);
        store.erase_base(name.table, name.id);
        store.erase_row(name.table, name.id);
    }
    return closure.rows.size();
}

/// True when every key of the row points at a visible row.
template <store S>
[[nodiscard]] bool keys_are_visible(S& store, int table, cells values) {
    const table_view& description = store.schema()[table];
    row_buffer target;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i].kind() == cell_kind::server_key) return false;
        if (values[i].kind() != cell_kind::local_key) continue;
        if (!store.find_row(description.columns[i].target, local_id::trusted(values[i].view()), target)) return false;
    }
    return true;
}

/// Brings back what a refused removal took, as it was, with its unsent edits. The removal's entry is the caller's to erase.
/// False when a row could not come back because something it points at is gone meanwhile: the server's rows must be fetched again.
template <store S>
[[nodiscard]] bool restore_removed(S& store, sequence root) {
    std::vector<removed_row> records;
    std::vector<row_name> restored;
    store.scan_removed_by(root, [&](const removed_row& record) { records.push_back(record); });
    for (const removed_row& record : records) {
        const table_view& table = store.schema()[record.table];
        store.erase_removed(record.table, record.id, root);
        std::vector<cell> former = read_image(record.image, table.columns.size());

        row_buffer row;
        row_state state = record.state;
        outbox_entry entry;
        entry.table = record.table;
        entry.id = record.id;
        entry.incarnation = state.incarnation;
        entry.behind = state.pending;
        if (store.find_row(record.table, record.id, row)) {
            // The application made the row anew meanwhile: since the first life goes on, that becomes an edit of it.
            const std::string& ground = record.base.empty() ? record.image : record.base;
            std::vector<cell> base = read_image(ground, table.columns.size());
            if (row.state.pending != 0) store.erase_entry(row.state.pending);
            state.pending = 0;
            entry.kind = operation_kind::update;
            entry.mask = differing(base, row.cells());
            store.put_base(record.table, record.id, {state.version, ground});
            if (entry.mask != 0) state.pending = store.append_entry(entry);
            else store.erase_base(record.table, record.id);
            store.put_state(record.table, record.id, state);
            continue;
        }
        const bool has_edits = record.unsent_create || record.unsent != 0 || state.pending != 0;
        if (has_edits && !record.base.empty()) store.put_base(record.table, record.id, {state.version, record.base});
        if (record.unsent_create || record.unsent != 0) {
            entry.kind = record.unsent_create ? operation_kind::create : operation_kind::update;
            entry.mask = record.unsent_create ? table.all_columns() : record.unsent;
            if (!record.unsent_create && record.base.empty()) store.put_base(record.table, record.id, {state.version, record.image});
            state.pending = store.append_entry(entry);
        }
        store.put_row(record.table, record.id, former, state);
        restored.push_back({record.table, record.id});
    }
    bool whole = true;
    row_buffer row;
    for (bool again = true; again;) {
        again = false;
        for (const row_name& name : restored) {
            if (!store.find_row(name.table, name.id, row) || keys_are_visible(store, name.table, row.cells())) continue;
            for (const outbox_entry& entry : entries_of_row(store, name.table, name.id, row.state.pending))
                if (entry.state != entry_state::in_flight) store.erase_entry(entry.seq);
            store.erase_base(name.table, name.id);
            store.erase_row(name.table, name.id);
            whole = false;
            again = true;
        }
    }
    return whole;
}

}  // namespace syncline
