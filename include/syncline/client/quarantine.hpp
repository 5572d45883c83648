/// What the application can do about an operation that was set aside: send it again, or give it up with all that cannot be without it.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/client/local_removal.hpp>
#include <syncline/client/vanishing.hpp>
#include <syncline/model/history/discard.hpp>

namespace syncline {

/// One row that giving up an operation touches.
struct discarded_row {
    int table = -1;
    local_id id;
    row_fate fate = row_fate::vanishes;
    std::string entity;

    friend bool operator==(const discarded_row&, const discarded_row&) = default;
};

namespace detail {

/// Loads a row whose newest edit was set aside; false if there is none such.
[[nodiscard]] inline bool load_set_aside(store_port& store, int table, const local_id& id, loaded_row& out) {
    return load_visible(store, table, id, out) && is_set_aside(out.history);
}

[[nodiscard]] inline std::vector<discarded_row> list_of(store_port& store, const vanishing& plan) {
    std::vector<discarded_row> rows;
    const auto add = [&](const row_name& name, row_fate fate) {
        rows.push_back({name.table, name.id, fate, std::string(store.schema()[name.table].entity)});
    };
    for (const row_name& name : plan.order()) add(name, plan.fate(name));
    std::set<row_name> cleared;
    for (const outside_key& key : plan.cleared())
        if (cleared.insert(key.holder).second) add(key.holder, row_fate::key_cleared);
    return rows;
}

}  // namespace detail

/// Sends an operation that was set aside again, with fresh attempts; rows that wait for it follow. False when the row has no such operation.
inline bool retry_set_aside(store_port& store, int table, const local_id& id) {
    auto writing = store.begin_write();
    loaded_row row;
    if (!detail::load_set_aside(store, table, id, row)) return false;
    retry(row.history);
    store_history(store, row, row.history);
    writing.commit();
    return true;
}

/// What discard() would do now: the row itself first. Empty when the row has no operation that was set aside.
[[nodiscard]] inline std::vector<discarded_row> preview_discard(store_port& store, int table, const local_id& id) {
    auto reading = store.begin_read();
    std::vector<discarded_row> rows;
    loaded_row row;
    if (detail::load_set_aside(store, table, id, row)) rows = detail::list_of(store, vanishing(store, {table, id}, root_fate::restored_if_possible));
    reading.commit();
    return rows;
}

/// Gives up an operation that was set aside: its row shows the server's values again, or vanishes where the server has none, together with
/// rows that cannot be without it. Every edit that goes is kept whole in a conflict record. What was sent of them is closed by voids;
/// should the server have taken it all the same, the next sync brings its rows. Returns what it did, as preview_discard() tells.
/// Throws write_refused when the outbox is full and a key would have to be cleared; then nothing has changed.
inline std::vector<discarded_row> discard_set_aside(store_port& store, const limits& bounds, int table, const local_id& id) {
    auto writing = store.begin_write();
    loaded_row row;
    if (!detail::load_set_aside(store, table, id, row)) return {};
    const outbox_entry& entry = row.history.edits.back();
    const std::string root_reason = std::string(name_of(entry.reason)) + (entry.reason_text.empty() ? "" : ": " + entry.reason_text);
    const std::string other_reason = "needs " + std::string(store.schema()[table].entity) + " " + id.str() + ", which was discarded";
    const vanishing plan(store, {table, id}, root_fate::restored_if_possible);
    std::vector<discarded_row> rows = detail::list_of(store, plan);

    std::vector<cell> values;
    row_buffer holder;
    for (const outside_key& key : plan.cleared()) {
        if (!store.find_row(key.holder.table, key.holder.id, holder)) continue;
        values.assign(holder.cells().begin(), holder.cells().end());
        values[static_cast<std::size_t>(key.column)] = cell();
        row_buffer copy;
        copy.assign(values);
        record_update(store, bounds, key.holder.table, key.holder.id, holder, copy.cells(), only_column(static_cast<std::size_t>(key.column)), 0);
    }
    for (auto name = plan.order().rbegin(); name != plan.order().rend(); ++name) {
        if (!load_visible(store, name->table, name->id, row)) continue;
        const bool restores = plan.fate(*name) == row_fate::restored;
        row_transition made = discard(std::move(row.history), restores, *name == row_name{table, id} ? root_reason : other_reason);
        store_transition(store, row, made);
    }
    writing.commit();
    return rows;
}

}  // namespace syncline
