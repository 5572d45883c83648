/// Local creates and updates of one row: the row and its outbox entry, in the caller's transaction.
#pragma once

#include <string>
#include <utility>

#include <syncline/base/limits.hpp>
#include <syncline/client/histories.hpp>
#include <syncline/model/history/local_edit.hpp>

namespace syncline {

namespace detail {
inline error refusal(error_code code, std::string message, const table_view& table, const local_id& id, std::string field = {}) {
    return {code, std::move(message), std::string(table.entity), id.str(), std::move(field)};
}

inline void require_room(store_port& store, const limits& bounds, const table_view& table, const local_id& id) {
    if (store.count_entries() >= bounds.outbox_entries)
        throw write_refused(refusal(error_code::outbox_full, "too many edits wait to be sent; sync first", table, id));
}
}  // namespace detail

/// Stores a new row and its create. A row that was removed here before starts its next incarnation behind the removal of the life that the
/// server may have.
/// Throws write_refused when the row exists or the outbox is full; then nothing has changed.
inline void record_create(store_port& store, const limits& bounds, int table, const local_id& id, cells values, std::int64_t group) {
    const table_view& description = store.schema()[table];
    detail::require_room(store, bounds, description, id);

    outbox_entry entry;
    entry.table = table;
    entry.id = id;
    entry.kind = operation_kind::create;
    entry.mask = description.all_columns();
    entry.group = group;
    row_state state;
    std::vector<sequence> removals;
    store.scan_removed_of(table, id, [&](const removed_row& former) {
        // A life that nobody knows of is no life before this one.
        const incarnation_number next = former.state.incarnation + (is_never_sent(former) ? 0 : 1);
        if (next > entry.incarnation) entry.incarnation = next;
        if (!is_never_sent(former)) removals.push_back(former.root);
        state.id = former.state.id;
    });
    for (const sequence root : removals)
        if (outbox_entry removal; store.find_entry(root, removal)) entry.behind = root;
    state.incarnation = entry.incarnation;
    if (!store.create_row(table, id, values, state, entry))
        throw write_refused(detail::refusal(error_code::already_exists, "there is already a row with this id", description, id));
}

namespace detail {

/// Keeps what a row has in the columns that an edit changes with the base, which stands with the oldest of the edits from `seq` back.
inline void widen_base(store_port& store, sequence seq, cells former, column_mask changed) {
    for (outbox_entry entry; seq != 0 && store.find_entry(seq, entry); seq = entry.behind) {
        if (entry.base.empty()) continue;
        entry.base = widen_image(entry.base, former, changed);
        return store.put_entry(entry);
    }
}

}  // namespace detail

/// Stores the new values of a row and adds `changed` to what waits to be sent.
/// `row` holds the row as it was; `values` must not point into it.
inline void record_update(store_port& store, const limits& bounds, int table, const local_id& id, const row_buffer& row, cells values, column_mask changed,
                          std::int64_t group) {
    if (changed == 0) return;
    // Only the newest edit and the base matter, so that the others are not loaded.
    row_history history;
    history.table = &store.schema()[table];
    history.table_index = table;
    history.id = id;
    detail::describe(row.state, history);
    history.shown = row.cells();
    row_state state = row.state;
    const sequence former = state.pending;
    outbox_entry newest;
    if (former != 0 && store.find_entry(former, newest)) {
        if (newest.state == entry_state::queued && newest.kind == operation_kind::update && (newest.mask | changed) == newest.mask)
            return store.put_row(table, id, values, state);
        history.edits.push_back(std::move(newest));
    }
    const bool was_clean = history.edits.empty();
    std::string base = was_clean ? std::string() : std::exchange(history.edits.back().base, {});
    if (was_clean || history.edits.back().state != entry_state::queued) detail::require_room(store, bounds, *history.table, id);
    if (!base.empty()) history.base = history.keep_image_over(base, row.cells());
    const sequence older = was_clean ? 0 : history.edits.back().behind;
    edit_row(history, values, changed, group);
    if (was_clean || !base.empty()) history.edits.front().base = widen_image(base, row.cells(), changed);
    else detail::widen_base(store, older, row.cells(), changed);
    if (!was_clean && history.edits.front().seq != former) store.erase_entry(former);
    for (outbox_entry& entry : history.edits) {
        if (entry.seq == 0) state.pending = store.append_entry(entry);
        else store.put_entry(entry);
    }
    store.put_row(table, id, values, state);
}

}  // namespace syncline
