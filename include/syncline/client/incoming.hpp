/// A row of the server meets the row on this device: base moves forward, unsent edits are laid over it again.
#pragma once

#include <vector>

#include <syncline/client/conflicts.hpp>
#include <syncline/client/local_removal.hpp>
#include <syncline/client/rebase.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline {

/// A server row whose keys are local ids of this device.
struct incoming_row {
    int table = -1;
    local_id id;
    server_id remote;
    row_version version = 0;
    incarnation_number incarnation = 1;
    cells values;
};

enum class arrival : std::uint8_t {
    taken,    ///< row or base changed
    known,    ///< nothing new
    unshowable  ///< the row would point at a row that is not visible; nothing has changed
};

namespace detail {

/// The edits of a row as rebase wants them, with the buffers they point into.
struct edit_stack {
    std::vector<pending_edit> edits;
    std::vector<entry_content> contents;
    std::vector<std::vector<cell>> befores;
};

/// Collects the row's edits, oldest first; freezes what is in flight, because row and base are about to change.
template <store S>
void collect_edits(S& store, const table_view& table, std::vector<outbox_entry>& chain, const row_buffer& row, cells base,
                   const wire::included_operations* includes, edit_stack& stack) {
    stack.contents.resize(chain.size());
    stack.befores.resize(chain.size() + 1);
    std::vector<cell> running(base.begin(), base.end());
    running.resize(table.columns.size());
    column_mask hidden = 0;
    for (std::size_t i = 0; i < chain.size(); ++i) {
        outbox_entry& entry = chain[i];
        freeze(store, entry);
        pending_edit edit;
        edit.included = entry.state != entry_state::queued && includes != nullptr && includes->contains(entry.seq);
        edit.unsent = entry.state != entry_state::in_flight;
        edit.values.mask = entry.mask;
        if (entry.frozen.empty()) {
            edit.values.after = row.cells();
            stack.befores[i] = running;
            edit.values.before = stack.befores[i];
            edit.values.before_mask = entry.kind == operation_kind::create && i == 0 ? 0 : entry.mask;
        } else {
            thaw(entry, table, stack.contents[i]);
            edit.values.after = stack.contents[i].after;
            edit.values.before = stack.contents[i].before;
            edit.values.before_mask = stack.contents[i].before_mask;
        }
        if (entry.kind == operation_kind::create && !entry.frozen.empty())
            for (std::size_t c = 0; c < running.size(); ++c)
                if (has_column(hideable_keys(table, entry.table), c) && edit.values.after[c].is_null() && !row[c].is_null()) hidden |= only_column(c);
        for (std::size_t c = 0; c < running.size(); ++c)
            if (has_column(entry.mask, c)) running[c] = edit.values.after[c];
        stack.edits.push_back(edit);
    }
    if (hidden != 0) {
        // The patch that will carry these keys is not written yet; until then the row keeps them.
        pending_edit keep;
        keep.values.mask = hidden;
        keep.values.after = row.cells();
        stack.edits.push_back(keep);
    }
}

}  // namespace detail

/// Moves the base of a dirty row forward to `fresh` and shows the row's edits on top of it. Writes conflict records for unsent edits.
template <store S>
[[nodiscard]] arrival advance_base(S& store, const incoming_row& fresh, const row_buffer& row, const wire::included_operations* includes,
                                   std::size_t& conflicts_written) {
    const table_view& table = store.schema()[fresh.table];
    std::vector<outbox_entry> chain = entries_of_row(store, fresh.table, fresh.id, row.state.pending);
    base_record base;
    std::vector<cell> base_cells(table.columns.size());
    if (store.find_base(fresh.table, fresh.id, base)) {
        if (base.version >= fresh.version) return arrival::known;
        std::string_view image = base.image;
        take_image(image, base_cells);
    }
    detail::edit_stack stack;
    detail::collect_edits(store, table, chain, row, base_cells, includes, stack);

    std::vector<cell> shown(fresh.values.begin(), fresh.values.end());
    column_mask conflicts = rebase(shown, table, stack.edits);
    if (!keys_are_visible(store, fresh.table, shown)) return arrival::unshowable;
    if (chain.empty()) conflicts = 0;
    if (conflicts != 0) {
        record_field_conflict(store, conflict_kind::field_overwritten, fresh.table, fresh.id, conflicts, shown, fresh.values, true, fresh.version);
        ++conflicts_written;
    }
    row_state state = row.state;
    state.id = fresh.remote;
    row_buffer copy;
    copy.assign(shown);
    if (chain.empty()) {
        state.version = fresh.version;
        state.incarnation = fresh.incarnation;
        state.pending = 0;
        store.erase_base(fresh.table, fresh.id);
    } else {
        store.put_base(fresh.table, fresh.id, {fresh.version, make_image(fresh.values, table.all_columns())});
    }
    store.put_row(fresh.table, fresh.id, copy.cells(), state);
    return arrival::taken;
}

/// A row removed here, whose removal is not settled yet, was changed elsewhere: remembers the newer row for a refusal of the removal.
template <store S>
void advance_removed(S& store, const incoming_row& fresh, removed_row record) {
    if (fresh.version <= record.state.version || fresh.incarnation != record.state.incarnation) return;
    const table_view& table = store.schema()[fresh.table];
    std::vector<cell> shown(fresh.values.begin(), fresh.values.end());
    std::vector<cell> former(table.columns.size());
    std::string_view image = record.image;
    take_image(image, former);
    for (std::size_t i = 0; i < shown.size(); ++i)
        if (has_column(record.unsent, i)) shown[i] = former[i];
    record.state.version = fresh.version;
    record.state.id = fresh.remote;
    record.base = make_image(fresh.values, table.all_columns());
    record.image = make_image(shown, table.all_columns());
    store.put_removed(record);
}

/// A row of the server arrives, its keys already local ids of visible rows.
template <store S>
[[nodiscard]] arrival arrive(S& store, const incoming_row& fresh, const wire::included_operations* includes, bool any_removed,
                             std::size_t& conflicts_written) {
    if (any_removed) {
        bool still_removed = false;
        std::vector<removed_row> lives;
        store.scan_removed_of(fresh.table, fresh.id, [&](const removed_row& record) {
            if (!is_never_sent(record)) lives.push_back(record);
        });
        for (removed_row& record : lives) {
            still_removed = still_removed || fresh.incarnation <= record.state.incarnation;
            advance_removed(store, fresh, std::move(record));
        }
        row_state visible;
        if (still_removed && !store.find_state(fresh.table, fresh.id, visible)) return arrival::known;
    }
    const row_state clean{fresh.remote, fresh.version, fresh.incarnation, 0};
    if (store.put_clean_row(fresh.table, fresh.id, fresh.values, clean)) return arrival::taken;
    row_state visible;
    if (!store.find_state(fresh.table, fresh.id, visible) || visible.pending == 0 || fresh.incarnation < visible.incarnation) return arrival::known;
    row_buffer row;
    if (!store.find_row(fresh.table, fresh.id, row)) return arrival::known;
    if (fresh.incarnation > row.state.incarnation) {
        // The row died and lives again: the edits were of its former life.
        if (!keys_are_visible(store, fresh.table, fresh.values)) return arrival::unshowable;
        if (abandon_edits(store, fresh.table, fresh.id, row, fresh.version, {})) ++conflicts_written;
        store.erase_base(fresh.table, fresh.id);
        store.put_row(fresh.table, fresh.id, fresh.values, clean);
        return arrival::taken;
    }
    return advance_base(store, fresh, row, includes, conflicts_written);
}

}  // namespace syncline
