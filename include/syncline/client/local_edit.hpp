/// Local creates and updates of one row: the row and its outbox entry, in the caller's transaction.
#pragma once

#include <syncline/base/limits.hpp>
#include <syncline/client/closed_sequence.hpp>

namespace syncline {

namespace detail {
inline error refusal(error_code code, std::string message, const table_view& table, const local_id& id, std::string field = {}) {
    return {code, std::move(message), std::string(table.entity), id.str(), std::move(field)};
}

template <store S>
void require_room(S& store, const limits& bounds, const table_view& table, const local_id& id) {
    if (store.count_entries() >= bounds.outbox_entries)
        throw write_refused(refusal(error_code::outbox_full, "too many edits wait to be sent; sync first", table, id));
}
}  // namespace detail

/// Stores a new row and its create. A row that was removed here before starts its next incarnation behind the removal.
/// Throws write_refused when the row exists or the outbox is full; then nothing has changed.
template <store S>
void record_create(S& store, const limits& bounds, int table, const local_id& id, cells values, std::int64_t group) {
    const table_view& description = store.schema()[table];
    detail::require_room(store, bounds, description, id);

    outbox_entry entry;
    entry.table = table;
    entry.id = id;
    entry.kind = operation_kind::create;
    entry.mask = description.all_columns();
    entry.group = group;
    row_state state;
    store.scan_removed_of(table, id, [&](const removed_row& former) {
        // A life that nobody knows of is no life before this one.
        const incarnation_number next = former.state.incarnation + (is_never_sent(former) ? 0 : 1);
        if (next > entry.incarnation) entry.incarnation = next;
        if (former.root < undecided_mark) entry.behind = former.root;
        state.id = former.state.id;
    });
    state.incarnation = entry.incarnation;
    if (!store.create_row(table, id, values, state, entry))
        throw write_refused(detail::refusal(error_code::already_exists, "there is already a row with this id", description, id));
}

/// Remembers the values that `changed` replaces in a row whose create is not sent yet: the server may have a row of that name already,
/// and then an edit of it has to be told from what was made.
inline void note_edited(outbox_entry& create, const table_view& table, cells former, column_mask changed) {
    std::vector<cell> created(table.columns.size());
    std::string kept = std::move(create.created);
    std::string_view image = kept;
    const column_mask known = image.empty() ? 0 : take_image(image, created);
    for (std::size_t i = 0; i < created.size(); ++i)
        if (has_column(changed & ~known, i)) created[i] = former[i];
    create.created = make_image(created, known | changed);
}

/// Stores the new values of a row and adds `changed` to what waits to be sent.
/// `row` holds the row as it was; `values` must not point into it.
template <store S>
void record_update(S& store, const limits& bounds, int table, const local_id& id, const row_buffer& row, cells values, column_mask changed,
                   std::int64_t group) {
    if (changed == 0) return;
    const table_view& description = store.schema()[table];
    row_state state = row.state;
    outbox_entry newest;
    const bool dirty = state.pending != 0 && store.find_entry(state.pending, newest);

    if (dirty && newest.state == entry_state::queued) {
        if (newest.kind == operation_kind::create) {
            note_edited(newest, description, row.cells(), changed);
            store.put_entry(newest);
        } else if ((newest.mask | changed) != newest.mask) {
            newest.mask |= changed;
            store.put_entry(newest);
        }
        store.put_row(table, id, values, state);
        return;
    }
    detail::require_room(store, bounds, description, id);
    outbox_entry entry;
    entry.table = table;
    entry.id = id;
    entry.kind = operation_kind::update;
    entry.mask = changed;
    entry.incarnation = state.incarnation;
    entry.group = group;
    if (!dirty) {
        store.put_base(table, id, {state.version, make_image(row.cells(), description.all_columns())});
    } else if (newest.state == entry_state::in_flight) {
        freeze(store, newest);
        entry.behind = newest.seq;
    } else {
        // The edit repairs what was refused: the refused content goes out again with it, under a sequence of its own.
        entry.kind = newest.kind;
        entry.mask |= newest.mask;
        if (is_undecided(newest)) {
            entry.created = newest.created;
            if (entry.kind == operation_kind::create) note_edited(entry, description, row.cells(), changed);
            close_sequence(store, newest);
            entry.behind = newest.seq;
        } else {
            entry.behind = newest.behind;
            store.erase_entry(newest.seq);
        }
    }
    state.pending = store.append_entry(entry);
    store.put_row(table, id, values, state);
}

}  // namespace syncline
