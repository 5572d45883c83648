/// A row of the server meets the row on this device: base moves forward, unsent edits are laid over it again.
#pragma once

#include <vector>

#include <syncline/client/conflicts.hpp>
#include <syncline/client/edits.hpp>
#include <syncline/client/local_removal.hpp>
#include <syncline/client/removed_edits.hpp>

namespace syncline {

/// A server row whose keys are local ids of this device.
struct incoming_row {
    int table = -1;
    local_id id;
    server_id remote;
    row_version version;
    incarnation_number incarnation = 1;
    cells values;
};

enum class arrival : std::uint8_t {
    taken,    ///< row or base changed
    known,    ///< nothing new
    unshowable  ///< the row would point at a row that is not visible; nothing has changed
};

/// Moves the base of a dirty row forward to `fresh` and shows the row's edits on top of it. Writes conflict records for unsent edits.
template <store S>
[[nodiscard]] arrival advance_base(S& store, const incoming_row& fresh, const row_buffer& row, const wire::included_operations* includes,
                                   std::size_t& conflicts_written) {
    const table_view& table = store.schema()[fresh.table];
    std::vector<outbox_entry> chain = entries_of_row(store, fresh.table, fresh.id, row.state.pending);
    base_record base;
    std::vector<cell> base_cells;
    if (store.find_base(fresh.table, fresh.id, base)) {
        if (base.version >= fresh.version) return arrival::known;
        base_cells = read_image(base.image, table.columns.size());
    }
    for (outbox_entry& entry : chain) freeze(store, entry);
    edit_stack edits(table, fresh.table, chain, row.cells(), base_cells);
    note_contained(store, chain, includes);
    edits.note_contained(chain);

    std::vector<cell> shown(fresh.values.begin(), fresh.values.end());
    column_mask conflicts = rebase(shown, table, edits.all());
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
        if (makes_row(chain.front())) state.incarnation = fresh.incarnation;
        store.put_base(fresh.table, fresh.id, {fresh.version, make_image(fresh.values, table.all_columns())});
    }
    store.put_row(fresh.table, fresh.id, copy.cells(), state);
    return arrival::taken;
}

/// A row of the server arrives under a create that was never sent: what was made here is an edit of that row from now on. Fields in which
/// the row keeps another value go into a conflict record.
template <store S>
[[nodiscard]] arrival meet_unsent_create(S& store, const incoming_row& fresh, const row_buffer& row, const outbox_entry& create,
                                         std::size_t& conflicts_written) {
    const table_view& table = store.schema()[fresh.table];
    const edit_stack made(table, fresh.table, {&create, 1}, row.cells(), {});
    std::vector<cell> shown(fresh.values.begin(), fresh.values.end());
    const operation_values& values = made.all().front().values;
    const meeting met = meet(shown, table, values, columns_wanted(table, values));
    if (!keys_are_visible(store, fresh.table, shown)) return arrival::unshowable;
    const auto record = [&](column_mask columns, cells mine, bool mine_won) {
        if (columns == 0) return;
        record_field_conflict(store, conflict_kind::field_overwritten, fresh.table, fresh.id, columns, mine, fresh.values, mine_won, fresh.version);
        ++conflicts_written;
    };
    record(met.kept, row.cells(), false);
    record(met.replaced, shown, true);

    row_state state{fresh.remote, fresh.version, fresh.incarnation, 0};
    const column_mask changed = differing(shown, fresh.values);
    store.erase_entry(create.seq);
    if (changed != 0) {
        outbox_entry edit;
        edit.table = fresh.table;
        edit.id = fresh.id;
        edit.kind = operation_kind::update;
        edit.mask = changed;
        edit.incarnation = fresh.incarnation;
        edit.group = create.group;
        store.put_base(fresh.table, fresh.id, {fresh.version, make_image(fresh.values, table.all_columns())});
        state.pending = store.append_entry(edit);
    }
    row_buffer copy;
    copy.assign(shown);
    store.put_row(fresh.table, fresh.id, copy.cells(), state);
    return arrival::taken;
}

/// A row removed here, whose removal is not settled yet, was changed elsewhere: remembers the newer row for a refusal of the removal.
template <store S>
void advance_removed(S& store, const incoming_row& fresh, removed_row record, const wire::included_operations* includes) {
    if (fresh.version <= record.state.version || fresh.incarnation != record.state.incarnation) return;
    removed_edits edits(store, record);
    record.image = make_image(edits.shown_on(store, fresh.values, includes), store.schema()[fresh.table].all_columns());
    record.state.version = fresh.version;
    record.state.id = fresh.remote;
    record.base = make_image(fresh.values, store.schema()[fresh.table].all_columns());
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
            advance_removed(store, fresh, std::move(record), includes);
        }
        row_state visible;
        if (still_removed && !store.find_state(fresh.table, fresh.id, visible)) return arrival::known;
    }
    const row_state clean{fresh.remote, fresh.version, fresh.incarnation, 0};
    if (store.put_clean_row(fresh.table, fresh.id, fresh.values, clean)) return arrival::taken;
    row_state visible;
    if (!store.find_state(fresh.table, fresh.id, visible) || visible.pending == 0) return arrival::known;
    row_buffer row;
    if (!store.find_row(fresh.table, fresh.id, row)) return arrival::known;
    const std::vector<outbox_entry> chain = entries_of_row(store, fresh.table, fresh.id, visible.pending);
    const bool made_here = !chain.empty() && makes_row(chain.front());
    // Until a removal that was made here has its verdict, the server's row is the life that it removes.
    const bool is_former_life = fresh.incarnation < visible.incarnation && (!made_here || chain.front().behind != 0);
    if (is_former_life) return arrival::known;
    base_record base;
    const bool is_refused = store.schema()[fresh.table].create_policy == create_conflict_policy::refuse;
    if (made_here && is_unsent(chain.front()) && !is_refused && !store.find_base(fresh.table, fresh.id, base))
        return meet_unsent_create(store, fresh, row, chain.front(), conflicts_written);
    if (fresh.incarnation > row.state.incarnation && !made_here) {
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
