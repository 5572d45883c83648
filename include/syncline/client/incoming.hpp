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

namespace detail {

/// Takes a row into the lives of it that were removed here. True if one of them is still removed, and the row is no later life of it.
[[nodiscard]] inline bool arrive_at_removed(store_port& store, const incoming_row& fresh, const wire::included_operations& includes,
                                            std::size_t& conflicts_written) {
    const remote_row& row = fresh.row;
    loaded_row life;
    bool still_removed = false;
    for (const removed_row& record : removed_lives_of(store, fresh.table, fresh.id)) {
        if (is_never_sent(record)) continue;
        load_removed(store, record, life);
        const auto included = [&](sequence seq) { return includes.contains(seq); };
        still_removed = still_removed || row.incarnation <= record.state.incarnation || is_same_life(life.history, row.incarnation, included);
        arrive_at(store, life, row, includes, conflicts_written);
    }
    return still_removed;
}

/// Takes a row into a visible one with edits.
[[nodiscard]] inline arrival arrive_at_edited(store_port& store, const incoming_row& fresh, const wire::included_operations& includes,
                                              bool still_removed, std::size_t& conflicts_written) {
    loaded_row life;
    if (!load_visible(store, fresh.table, fresh.id, life) || life.history.is_clean()) return arrival::known;
    // What was made here after the removal is not what the removal is about.
    if (still_removed && makes_row(life.history.edits.front())) return arrival::known;
    return arrive_at(store, life, fresh.row, includes, conflicts_written);
}

}  // namespace detail

/// A row of the server arrives, its keys already local ids of visible rows.
[[nodiscard]] inline arrival arrive(store_port& store, const incoming_row& fresh, const wire::included_operations& includes, bool any_removed,
                                    std::size_t& conflicts_written) {
    const remote_row& row = fresh.row;
    bool still_removed = false;
    if (any_removed) {
        still_removed = detail::arrive_at_removed(store, fresh, includes, conflicts_written);
        row_state visible;
        if (still_removed && !store.find_state(fresh.table, fresh.id, visible)) return arrival::known;
    }
    switch (store.put_clean_row(fresh.table, fresh.id, row.values, {row.remote, row.version, row.incarnation, 0})) {
        case clean_put::stored: return arrival::taken;
        case clean_put::known: return arrival::known;
        case clean_put::edited: break;
    }
    return detail::arrive_at_edited(store, fresh, includes, still_removed, conflicts_written);
}

}  // namespace syncline
