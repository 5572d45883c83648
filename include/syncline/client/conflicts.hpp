/// Writing conflict records: what lost is kept whole for the application.
#pragma once

#include <utility>
#include <vector>

#include <syncline/client/entries.hpp>

namespace syncline {

/// Records that both sides changed the columns in `mask`.
template <store S>
void record_field_conflict(S& store, conflict_kind kind, int table, const local_id& id, column_mask mask, cells mine, cells theirs, bool mine_won,
                           row_version version) {
    conflict_record record;
    record.kind = kind;
    record.table = table;
    record.id = id;
    record.mask = mask;
    record.mine_won = mine_won;
    record.version = version;
    record.mine = make_image(mine, mask);
    if (!theirs.empty()) record.theirs = make_image(theirs, mask);
    store.add_conflict(record);
}

/// Ends all edits of a visible row because the row, or what it needs, was removed elsewhere: the row with its edits goes whole into one
/// conflict record and its entries go. One that is in flight cannot be applied as sent any more, and whatever the server makes of it
/// comes with a pull. Returns false when there was no edit to keep.
template <store S>
bool abandon_edits(S& store, int table, const local_id& id, const row_buffer& row, row_version version, std::string reason) {
    column_mask edited = 0;
    for (const outbox_entry& entry : entries_of_row(store, table, id, row.state.pending)) {
        edited |= entry.mask;
        store.erase_entry(entry.seq);
    }
    if (edited == 0) return false;
    conflict_record record;
    record.kind = conflict_kind::edit_of_removed;
    record.table = table;
    record.id = id;
    record.mask = edited;
    record.version = version;
    record.mine = make_image(row.cells(), store.schema()[table].all_columns());
    record.reason = std::move(reason);
    store.add_conflict(record);
    return true;
}

}  // namespace syncline
