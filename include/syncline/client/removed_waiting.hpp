/// A row that was removed here while an operation on it was in flight: its record waits for that operation's verdict.
#pragma once

#include <string_view>
#include <vector>

#include <syncline/client/new_base.hpp>

namespace syncline {

/// The row's removal record that waits for this entry. False where there is none.
template <store S>
[[nodiscard]] bool find_removed_waiting(S& store, const outbox_entry& entry, removed_row& out) {
    bool found = false;
    store.scan_removed_of(entry.table, entry.id, [&](const removed_row& record) {
        if (record.state.pending != entry.seq) return;
        out = record;
        found = true;
    });
    return found;
}

/// The entry has its verdict, or has none to come, and the server's row is not changed by it.
template <store S>
void detach_from_removed(S& store, const outbox_entry& entry) {
    removed_row record;
    if (!find_removed_waiting(store, entry, record)) return;
    record.state.pending = 0;
    store.put_removed(record);
}

/// The operation was accepted: what the server holds is what a refusal of the removal must bring back.
template <store S>
void fold_removed(S& store, const outbox_entry& entry, const wire::operation_result& result, const entry_content& content, removed_row& record) {
    const table_view& table = store.schema()[entry.table];
    base_record base{record.state.version, record.base};
    const new_base after = base_after(store, entry, result, content, record.base.empty() ? nullptr : &base);
    record.state.pending = 0;
    record.state.id = result.id.empty() ? record.state.id : result.id;
    if (after.version > record.state.version) record.state.version = after.version;
    record.base = make_image(after.values, table.all_columns());
    // What comes back is the server's row, with what was not sent on top of it.
    std::vector<cell> former(table.columns.size());
    std::vector<cell> shown = after.values;
    std::string_view image = record.image;
    take_image(image, former);
    if (entry.kind == operation_kind::create)
        for (std::size_t i = 0; i < shown.size(); ++i)
            if (has_column(hideable_keys(table, entry.table), i) && content.after[i].is_null() && !former[i].is_null()) record.unsent |= only_column(i);
    const column_mask own = record.unsent_create ? table.all_columns() : record.unsent;
    for (std::size_t i = 0; i < shown.size(); ++i)
        if (has_column(own, i)) shown[i] = former[i];
    if (record.unsent_create) record.unsent = differing(after.values, shown);
    record.unsent_create = false;
    record.image = make_image(shown, table.all_columns());
    store.put_removed(record);
}

}  // namespace syncline
