/// A row of the server meets the row on this device: a clean one is replaced, any other takes it into its history.
#pragma once

#include <vector>

#include <syncline/client/histories.hpp>
#include <syncline/model/history/page_row.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline {

/// A server row whose keys are local ids of this device.
struct incoming_row {
    int table = -1;
    local_id id;
    remote_row row;
};

/// Takes a row into one loaded life. Adds to `conflicts_written`.
inline arrival arrive_at(store_port& store, loaded_row& life, const remote_row& fresh, const wire::included_operations& includes,
                         std::size_t& conflicts_written) {
    const int table = life.history.table_index;
    page_row_transition made =
        page_row(std::move(life.history), fresh, [&](sequence seq) { return includes.contains(seq); }, [&](cells values) { return keys_are_visible(store, table, values); });
    if (made.result != arrival::taken) return made.result;
    row_transition stored{std::move(made.next), std::move(made.effects)};
    conflicts_written += store_transition(store, life, stored);
    return made.result;
}

/// A row of the server arrives, its keys already local ids of visible rows.
[[nodiscard]] inline arrival arrive(store_port& store, const incoming_row& fresh, const wire::included_operations& includes, bool any_removed,
                                    std::size_t& conflicts_written) {
    const remote_row& row = fresh.row;
    loaded_row life;
    bool still_removed = false;
    if (any_removed) {
        for (const removed_row& record : removed_lives_of(store, fresh.table, fresh.id)) {
            if (is_never_sent(record)) continue;
            load_removed(store, record, life);
            const auto included = [&](sequence seq) { return includes.contains(seq); };
            still_removed = still_removed || row.incarnation <= record.state.incarnation || is_same_life(life.history, row.incarnation, included);
            arrive_at(store, life, row, includes, conflicts_written);
        }
        row_state visible;
        if (still_removed && !store.find_state(fresh.table, fresh.id, visible)) return arrival::known;
    }
    if (store.put_clean_row(fresh.table, fresh.id, row.values, {row.remote, row.version, row.incarnation, 0})) return arrival::taken;
    if (!load_visible(store, fresh.table, fresh.id, life) || life.history.is_clean()) return arrival::known;
    // What was made here after the removal is not what the removal is about.
    if (still_removed && makes_row(life.history.edits.front())) return arrival::known;
    return arrive_at(store, life, row, includes, conflicts_written);
}

}  // namespace syncline
