/// What the application can do about an operation that was set aside: send it again, or give it up with all that cannot be without it.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/client/closed_sequence.hpp>
#include <syncline/client/local_removal.hpp>
#include <syncline/client/vanishing.hpp>

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

/// The entry of a row that was set aside; false where there is none.
template <store S>
[[nodiscard]] bool find_set_aside(S& store, int table, const local_id& id, row_buffer& row, outbox_entry& out) {
    if (!store.find_row(table, id, row)) return false;
    const std::vector<outbox_entry> chain = entries_of_row(store, table, id, row.state.pending);
    if (chain.empty() || chain.back().state != entry_state::quarantined) return false;
    out = chain.back();
    return true;
}

template <store S>
[[nodiscard]] std::vector<discarded_row> list_of(S& store, const vanishing<S>& plan) {
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

/// Ends all edits of a row: what they were goes whole into a conflict record, and what was sent of them is closed.
template <store S>
void discard_edits(S& store, const row_name& name, const row_buffer& row, row_fate fate, std::string reason) {
    column_mask edited = 0;
    bool is_new = false;
    for (outbox_entry& entry : entries_of_row(store, name.table, name.id, row.state.pending)) {
        edited |= entry.mask;
        is_new = is_new || makes_row(entry);
        give_up(store, entry);
    }
    // The server has the row, but this device cannot show it.
    if (fate == row_fate::vanishes && !is_new) store.put_meta("refetch_wanted", "1");
    conflict_record record;
    record.kind = conflict_kind::edit_discarded;
    record.table = name.table;
    record.id = name.id;
    record.mask = edited;
    record.version = row.state.version;
    record.mine = make_image(row.cells(), store.schema()[name.table].all_columns());
    if (base_record base; store.find_base(name.table, name.id, base)) {
        record.version = base.version;
        record.theirs = base.image;
    }
    record.reason = std::move(reason);
    store.add_conflict(record);
}

/// Gives the row back to the server's values.
template <store S>
void restore_base(S& store, const row_name& name, row_state state) {
    base_record base;
    store.find_base(name.table, name.id, base);
    std::vector<cell> values = read_image(base.image, store.schema()[name.table].columns.size());
    state.version = base.version;
    state.pending = 0;
    store.erase_base(name.table, name.id);
    store.put_row(name.table, name.id, values, state);
}

}  // namespace detail

/// Sends an operation that was set aside again, with fresh attempts; rows that wait for it follow. Under its old sequence where the server
/// may have taken it, under a new one where it was refused for good, because a sequence is answered once.
/// False when the row has no such operation.
template <store S>
bool retry_set_aside(S& store, int table, const local_id& id) {
    auto writing = store.begin_write();
    row_buffer row;
    outbox_entry entry;
    if (!detail::find_set_aside(store, table, id, row, entry)) return false;
    const bool same = is_undecided(entry);
    entry.state = same ? entry_state::in_flight : entry_state::queued;
    forget_refusals(entry);
    if (same) {
        store.put_entry(entry);
    } else {
        store.erase_entry(entry.seq);
        row.state.pending = store.append_entry(entry);
        store.put_state(table, id, row.state);
    }
    writing.commit();
    return true;
}

/// What discard() would do now: the row itself first. Empty when the row has no operation that was set aside.
template <store S>
[[nodiscard]] std::vector<discarded_row> preview_discard(S& store, int table, const local_id& id) {
    auto reading = store.begin_read();
    std::vector<discarded_row> rows;
    row_buffer row;
    outbox_entry entry;
    if (detail::find_set_aside(store, table, id, row, entry)) rows = detail::list_of(store, vanishing<S>(store, {table, id}, root_fate::restored_if_possible));
    reading.commit();
    return rows;
}

/// Gives up an operation that was set aside: its row shows the server's values again, or vanishes where the server has none, together with
/// rows that cannot be without it. Every edit that goes is kept whole in a conflict record. What was sent of them is closed by voids;
/// should the server have taken it all the same, the next sync brings its rows. Returns what it did, as preview_discard() tells.
/// Throws write_refused when the outbox is full and a key would have to be cleared; then nothing has changed.
template <store S>
std::vector<discarded_row> discard_set_aside(S& store, const limits& bounds, int table, const local_id& id) {
    auto writing = store.begin_write();
    row_buffer row;
    outbox_entry entry;
    if (!detail::find_set_aside(store, table, id, row, entry)) return {};
    const vanishing<S> plan(store, {table, id}, root_fate::restored_if_possible);
    std::vector<discarded_row> rows = detail::list_of(store, plan);

    std::vector<cell> values;
    for (const outside_key& key : plan.cleared()) {
        if (!store.find_row(key.holder.table, key.holder.id, row)) continue;
        values.assign(row.cells().begin(), row.cells().end());
        values[static_cast<std::size_t>(key.column)] = cell();
        row_buffer copy;
        copy.assign(values);
        record_update(store, bounds, key.holder.table, key.holder.id, row, copy.cells(), only_column(static_cast<std::size_t>(key.column)), 0);
    }
    const std::string root_reason = std::string(name_of(entry.reason)) + (entry.reason_text.empty() ? "" : ": " + entry.reason_text);
    const std::string other_reason = "needs " + std::string(store.schema()[table].entity) + " " + id.str() + ", which was discarded";
    for (auto name = plan.order().rbegin(); name != plan.order().rend(); ++name) {
        if (!store.find_row(name->table, name->id, row)) continue;
        const row_fate fate = plan.fate(*name);
        detail::discard_edits(store, *name, row, fate, *name == row_name{table, id} ? root_reason : other_reason);
        if (fate == row_fate::restored) detail::restore_base(store, *name, row.state);
    }
    for (auto name = plan.order().rbegin(); name != plan.order().rend(); ++name) {
        if (plan.fate(*name) != row_fate::vanishes) continue;
        store.erase_base(name->table, name->id);
        store.erase_row(name->table, name->id);
    }
    writing.commit();
    return rows;
}

}  // namespace syncline
