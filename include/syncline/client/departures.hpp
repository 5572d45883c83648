/// Removals that arrive from the server: a row goes when nothing visible needs it any more, at the end of a pull in any case.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <syncline/client/incoming.hpp>
#include <syncline/client/vanishing.hpp>

namespace syncline {

/// True when any visible row other than itself points at this row.
template <store S>
[[nodiscard]] bool is_pointed_at(S& store, int table, const local_id& id) {
    for (const referrer_view& key : store.schema()[table].referrers)
        if (store.has_referrer(key.table, key.column, id, key.table == table ? id : local_id())) return true;
    return false;
}

/// What an arriving removal does.
enum class departure : std::uint8_t {
    gone,     ///< the row went
    nothing,  ///< the row was never here, or lives on
    blocked   ///< visible rows still point at it; their own fate has not arrived yet
};

struct departure_counts {
    explicit departure_counts(const schema_view& schema) : removed(static_cast<std::size_t>(schema.size())) {}

    std::vector<std::size_t> removed;  ///< rows by table index
    std::size_t conflicts = 0;
};

/// A row other than the one the server removed may have an operation in flight that the server took all the same.
template <store S>
void refetch_if_in_flight(S& store, int table, const local_id& id, const row_buffer& row) {
    for (const outbox_entry& entry : entries_of_row(store, table, id, row.state.pending))
        if (entry.state == entry_state::in_flight) store.put_meta("refetch_wanted", "1");
}

/// Takes a visible row away; what it had unsent goes into a conflict record.
template <store S>
void take_away(S& store, int table, const local_id& id, const row_buffer& row, row_version version, departure_counts& counts) {
    if (row.state.pending != 0) {
        const removal_action action = decide_removal(true, true);
        if (action == removal_action::remove_and_keep_edit && abandon_edits(store, table, id, row, version, {})) ++counts.conflicts;
        store.erase_base(table, id);
    }
    store.erase_row(table, id);
    ++counts.removed[static_cast<std::size_t>(table)];
}

/// A row that the server removed had only its name in common with one that was made here and that the server has not taken yet: the
/// row made here stays, without the other one under it. False if the removal is of this row.
template <store S>
[[nodiscard]] bool is_of_namesake(S& store, const parked_row& removal, const row_buffer& row) {
    std::vector<outbox_entry> chain = entries_of_row(store, removal.table, removal.id, row.state.pending);
    if (chain.empty() || !makes_row(chain.front()) || chain.front().contained) return false;
    base_record base;
    if (!store.find_base(removal.table, removal.id, base) || base.version >= removal.version) return true;
    const table_view& table = store.schema()[removal.table];
    std::vector<cell> ground = read_image(base.image, table.columns.size());
    for (outbox_entry& entry : chain) freeze(store, entry);
    const edit_stack edits(table, removal.table, chain, row.cells(), ground);
    std::vector<cell> shown(edits.all().front().values.after.begin(), edits.all().front().values.after.end());
    rebase(shown, table, edits.behind_first());
    if (keys_are_visible(store, removal.table, shown)) {
        row_buffer copy;
        copy.assign(shown);
        store.put_row(removal.table, removal.id, copy.cells(), row.state);
    }
    store.erase_base(removal.table, removal.id);
    return true;
}

/// True when this removal says something new about the visible row.
template <store S>
[[nodiscard]] bool concerns(S& store, const parked_row& removal, const row_buffer& row) {
    if (removal.incarnation < row.state.incarnation) return false;
    if (row.state.pending == 0) return removal.version > row.state.version || removal.incarnation > row.state.incarnation;
    if (is_of_namesake(store, removal, row)) return false;
    base_record base;
    return !store.find_base(removal.table, removal.id, base) || removal.version > base.version;
}

/// The row was removed here too: there is nothing left that a refusal of that removal could bring back.
template <store S>
void forget_removed_lives(S& store, const parked_row& removal) {
    std::vector<removed_row> lives;
    store.scan_removed_of(removal.table, removal.id, [&](const removed_row& record) {
        if (record.state.incarnation <= removal.incarnation) lives.push_back(record);
    });
    for (const removed_row& record : lives) store.erase_removed(record.table, record.id, record.root);
}

/// Applies a removal unless visible rows still point at the row.
template <store S>
[[nodiscard]] departure depart(S& store, const parked_row& removal, departure_counts& counts) {
    forget_removed_lives(store, removal);
    row_buffer row;
    if (!store.find_row(removal.table, removal.id, row) || !concerns(store, removal, row)) return departure::nothing;
    if (is_pointed_at(store, removal.table, removal.id)) return departure::blocked;
    take_away(store, removal.table, removal.id, row, removal.version, counts);
    return departure::gone;
}

/// Gives up this device's edits of a row and shows the server's row again.
template <store S>
void revert_to_base(S& store, int table, const local_id& id, const row_buffer& row, departure_counts& counts) {
    base_record base;
    if (!store.find_base(table, id, base)) return;
    refetch_if_in_flight(store, table, id, row);
    if (abandon_edits(store, table, id, row, base.version, {})) ++counts.conflicts;
    std::vector<cell> values = read_image(base.image, store.schema()[table].columns.size());
    row_state state = row.state;
    state.version = base.version;
    state.pending = 0;
    store.put_row(table, id, values, state);
    store.erase_base(table, id);
}

/// Sets a key to null because the server does so with it, in the row and in its base alike.
template <store S>
void clear_key(S& store, const outside_key& key) {
    const table_view& table = store.schema()[key.holder.table];
    const auto column = static_cast<std::size_t>(key.column);
    row_buffer row;
    if (!store.find_row(key.holder.table, key.holder.id, row)) return;
    for (outbox_entry& entry : entries_of_row(store, key.holder.table, key.holder.id, row.state.pending)) freeze(store, entry);
    if (base_record base; row.state.pending != 0 && store.find_base(key.holder.table, key.holder.id, base)) {
        std::vector<cell> ground = read_image(base.image, table.columns.size());
        ground[column] = cell();
        store.put_base(key.holder.table, key.holder.id, {base.version, make_image(ground, table.all_columns())});
    }
    std::vector<cell> values(row.cells().begin(), row.cells().end());
    values[column] = cell();
    row_buffer copy;
    copy.assign(values);
    store.put_row(key.holder.table, key.holder.id, copy.cells(), row.state);
}

/// What the server is known to hold of a row: its base, or the row itself if it is clean. False if the server has none of it.
template <store S>
[[nodiscard]] bool find_server_values(S& store, const row_name& name, std::vector<cell>& out, arena& bytes) {
    row_buffer row;
    base_record base;
    if (!store.find_row(name.table, name.id, row)) return false;
    const bool has_base = store.find_base(name.table, name.id, base);
    if (!has_base && row.state.pending != 0) return false;
    out = has_base ? read_image(base.image, row.cells().size()) : std::vector<cell>(row.cells().begin(), row.cells().end());
    for (cell& value : out) value = bytes.keep(value);
    return true;
}

/// True if a row that vanishes lives on at the server, under an owner that was removed here or that vanishes for another reason than the
/// server's: should that owner come back, the server's rows have to be read again.
template <store S>
[[nodiscard]] bool hides_living_row(S& store, const vanishing<S>& plan) {
    std::set<row_name> gone{plan.order().front()};
    std::vector<row_name> living;
    std::vector<cell> values;
    arena bytes;
    const auto goes_along = [&](const row_name& name) {
        const table_view& table = store.schema()[name.table];
        for (std::size_t i = 0; i < values.size(); ++i)
            if (values[i].kind() == cell_kind::local_key && table.columns[i].on_remove != removal_policy::set_null &&
                gone.contains({table.columns[i].target, local_id::trusted(values[i].view())}))
                return true;
        return false;
    };
    for (const row_name& name : plan.order()) {
        bytes.clear();
        if (gone.contains(name) || plan.fate(name) != row_fate::vanishes || !find_server_values(store, name, values, bytes)) continue;
        if (goes_along(name)) gone.insert(name);
        else living.push_back(name);
    }
    // A row may stand before its owner, so that one pass does not tell of each.
    for (std::size_t before = living.size() + 1; living.size() < before;) {
        before = living.size();
        std::erase_if(living, [&](const row_name& name) {
            bytes.clear();
            return find_server_values(store, name, values, bytes) && goes_along(name) && gone.insert(name).second;
        });
    }
    return !living.empty();
}

/// Applies a removal at the end of a pull, when every row that lives on elsewhere has arrived: what still points at the row was made or
/// moved here, or goes with it.
template <store S>
void depart_with_referrers(S& store, const parked_row& removal, departure_counts& counts) {
    row_buffer row;
    forget_removed_lives(store, removal);
    if (!store.find_row(removal.table, removal.id, row) || !concerns(store, removal, row)) return;
    const vanishing<S> plan(store, {removal.table, removal.id}, root_fate::vanishes);
    if (hides_living_row(store, plan)) store.put_meta("refetch_wanted", "1");
    for (const outside_key& key : plan.cleared()) clear_key(store, key);
    for (auto name = plan.order().rbegin(); name != plan.order().rend(); ++name) {
        if (!store.find_row(name->table, name->id, row)) continue;
        if (plan.fate(*name) == row_fate::restored) {
            revert_to_base(store, name->table, name->id, row, counts);
            continue;
        }
        if (*name != plan.order().front()) refetch_if_in_flight(store, name->table, name->id, row);
        take_away(store, name->table, name->id, row, removal.version, counts);
    }
}

}  // namespace syncline
