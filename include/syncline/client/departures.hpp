/// Removals that arrive from the server: a row goes when nothing visible needs it any more, at the end of a pull in any case.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <syncline/client/incoming.hpp>
#include <syncline/client/vanishing.hpp>
#include <syncline/model/history/page_removal.hpp>

namespace syncline {

/// True when any visible row other than itself points at this row.
[[nodiscard]] inline bool is_pointed_at(store_port& store, int table, const local_id& id) {
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

/// Stores what takes a row away.
inline void count_departed(store_port& store, const loaded_row& before, row_transition& gone, departure_counts& counts) {
    counts.conflicts += store_transition(store, before, gone);
    if (!gone.next.exists) ++counts.removed[static_cast<std::size_t>(gone.next.table_index)];
}

/// The row was removed here too: there is nothing left that a refusal of that removal could bring back.
inline void forget_removed_lives(store_port& store, const parked_row& removal) {
    std::vector<removed_row> lives;
    store.scan_removed_of(removal.table, removal.id, [&](const removed_row& record) {
        if (record.state.incarnation <= removal.incarnation) lives.push_back(record);
    });
    for (const removed_row& record : lives) store.erase_removed(record.table, record.id, record.root);
}

/// Applies a removal unless visible rows still point at the row. `includes`: which of this device's operations the page contains. `row` is
/// what was loaded of the row.
[[nodiscard]] inline departure depart(store_port& store, const parked_row& removal, const wire::included_operations& includes, loaded_row& row,
                                      departure_counts& counts) {
    forget_removed_lives(store, removal);
    if (!load_visible(store, removal.table, removal.id, row)) return departure::nothing;
    const bool is_marked = note_contained(row.history.edits, [&](sequence seq) { return includes.contains(seq); });
    const server_removal told{removal.version, removal.incarnation};
    const removal_effect effect = effect_of(told, row.history);
    const bool blocked = effect == removal_effect::takes && is_pointed_at(store, removal.table, removal.id);
    if (blocked || effect == removal_effect::nothing) {
        if (is_marked) store_history(store, row, row.history);
        return blocked ? departure::blocked : departure::nothing;
    }
    row_transition made = page_removal(std::move(row.history), told, [&](cells values) { return keys_are_visible(store, removal.table, values); });
    count_departed(store, row, made, counts);
    return effect == removal_effect::takes ? departure::gone : departure::nothing;
}

/// Sets a key to null because the server does so with it, in the row and in its base alike. `in_doubt`: the row that it points at may live on
/// at the server, so that this row must be taken again from there, whatever its version.
inline void clear_key(store_port& store, const outside_key& key, bool in_doubt) {
    loaded_row row;
    if (!load_visible(store, key.holder.table, key.holder.id, row)) return;
    row_history& next = row.history;
    for (outbox_entry& entry : next.edits) freeze(next, entry);
    const auto without_key = [&](cells values) {
        std::vector<cell> changed(values.begin(), values.end());
        changed[static_cast<std::size_t>(key.column)] = cell();
        return next.keep(std::move(changed));
    };
    if (next.has_base()) next.base = without_key(next.base);
    next.shown = without_key(next.shown);
    if (in_doubt) next.version = {};
    store_history(store, row, next);
}

/// What the server is known to hold of a row: its base, or the row itself if it is clean. False if the server has none of it.
[[nodiscard]] inline bool find_server_values(store_port& store, const row_name& name, std::vector<cell>& out, arena& bytes) {
    loaded_row row;
    if (!load_visible(store, name.table, name.id, row)) return false;
    const row_history& history = row.history;
    if (!history.has_base() && !history.is_clean()) return false;
    const cells values = history.has_base() ? history.base : history.shown;
    out.assign(values.begin(), values.end());
    for (cell& value : out) value = bytes.keep(value);
    return true;
}

/// Tells whether a newer row of the server waits unseen under this name.
using row_is_parked = function_ref<bool(const row_name&)>;

/// True if a row that vanishes lives on at the server: its newer row is parked, or it is under an owner that was removed here or that
/// vanishes for another reason than the server's. The server's rows have to be read again then.
[[nodiscard]] inline bool hides_living_row(store_port& store, const vanishing& plan, row_is_parked is_parked) {
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
        if (!gone.contains(name) && is_parked(name)) return true;
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
inline void depart_with_referrers(store_port& store, const parked_row& removal, row_is_parked is_parked, departure_counts& counts) {
    forget_removed_lives(store, removal);
    loaded_row row;
    if (!load_visible(store, removal.table, removal.id, row)) return;
    const server_removal told{removal.version, removal.incarnation};
    const removal_effect effect = effect_of(told, row.history);
    if (effect != removal_effect::takes) {
        row_transition made = page_removal(std::move(row.history), told, [&](cells values) { return keys_are_visible(store, removal.table, values); });
        if (effect == removal_effect::uncovers) store_history(store, row, made.next);
        return;
    }
    const vanishing plan(store, {removal.table, removal.id}, root_fate::vanishes);
    const bool in_doubt = hides_living_row(store, plan, is_parked);
    if (in_doubt) store.put_meta("refetch_wanted", "1");
    for (const outside_key& key : plan.cleared()) clear_key(store, key, in_doubt);
    for (auto name = plan.order().rbegin(); name != plan.order().rend(); ++name) {
        if (!load_visible(store, name->table, name->id, row)) continue;
        const bool restores = plan.fate(*name) == row_fate::restored;
        row_transition made = restores ? give_back(std::move(row.history)) : take_away(std::move(row.history), removal.version);
        count_departed(store, row, made, counts);
    }
}

}  // namespace syncline
