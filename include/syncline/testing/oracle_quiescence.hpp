/// What must hold when nothing is left to do: every replica equals the server, nothing waits without a reason.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <syncline/client/held_removals.hpp>
#include <syncline/client/inspection.hpp>
#include <syncline/testing/oracle_device.hpp>

namespace syncline::testing {

/// Rows that are parked because they point at one of `hidden`, directly or through other parked rows.
template <store S>
void excuse_parked_behind(S& store, std::set<std::pair<int, server_id>>& hidden, std::set<row_name>& excused) {
    if (hidden.empty()) return;
    const schema_view& schema = store.schema();
    for (std::size_t before = hidden.size() + 1; before != hidden.size();) {
        before = hidden.size();
        store.scan_parked([&](const parked_row& row) {
            if (row.removed) return;
            const table_view& table = schema[row.table];
            const std::vector<cell> values = read_image(row.image, table.columns.size());
            for (std::size_t i = 0; i < values.size(); ++i) {
                if (!values[i].is_key() || !hidden.contains({table.columns[i].target, server_id::trusted(values[i].view())})) continue;
                excused.insert({row.table, row.id});
                hidden.insert({row.table, row.remote});
            }
        });
    }
}

/// Rows that were set aside on this device, or wait for such a row.
template <store S>
void collect_excused(S& store, std::set<row_name>& excused) {
    std::vector<row_name> waiting;
    store_adapter port(store);
    auto reading = store.begin_read();
    store.scan_entries([&](const outbox_entry& entry) {
        if (entry.state == entry_state::quarantined) excused.insert({entry.table, entry.id});
        else waiting.push_back({entry.table, entry.id});
    });
    for (const row_name& name : waiting)
        if (!find_blocker(port, name).id.empty()) excused.insert(name);
    // A removal waits for a move that was set aside, and what it takes along is hidden here meanwhile, with what others made below it.
    std::set<std::pair<int, server_id>> hidden;
    const removal_holds holds(port);
    for (const held_removal& held : holds.all()) {
        if (!excused.contains(held.moved)) continue;
        if (outbox_entry removal; store.find_entry(held.removal, removal)) excused.insert({removal.table, removal.id});
        store.scan_removed_by(held.removal, [&](const removed_row& row) {
            excused.insert({row.table, row.id});
            hidden.insert({row.table, row.state.id});
        });
    }
    excuse_parked_behind(store, hidden, excused);
    reading.commit();
}

/// Nothing is pending, parked or held back for a removal's verdict, but what `excused` names.
template <store S>
void check_nothing_waits(S& store, const std::set<row_name>& excused, const std::string& device) {
    const schema_view& schema = store.schema();
    auto reading = store.begin_read();
    store.scan_entries([&](const outbox_entry& entry) {
        if (!excused.contains({entry.table, entry.id}))
            throw invariant_broken("INV13", device + " still has a pending " + std::string(name_of(entry.kind)) + " of " + text_of(schema, {entry.table, entry.id}));
    });
    if (excused.empty() && store.count_removed() != 0) throw invariant_broken("INV13", device + " still keeps removed rows");
    store.scan_parked([&](const parked_row& row) {
        if (excused.empty()) throw invariant_broken("INV8", device + " still has " + text_of(schema, {row.table, row.id}) + " parked");
    });
    reading.commit();
}

/// A device shows exactly the server's live rows, with the same values, ids, versions and incarnations.
inline void check_converged(const schema_view& schema, const seen_rows& rows, const server_mirror& server, const std::set<row_name>& excused,
                            const std::string& device) {
    for (const auto& [name, held] : server.rows()) {
        if (held.removed || excused.contains(name)) continue;
        const auto row = rows.find(name);
        if (row == rows.end()) throw invariant_broken("INV10", device + " lacks " + text_of(schema, name));
        for (std::size_t i = 0; i < held.fields.size(); ++i)
            if (row->second.fields[i] != held.fields[i])
                throw invariant_broken("INV10", text_of(schema, name, i) + " is " + row->second.fields[i] + " on " + device + " and " + held.fields[i] + " on the server");
        const row_state& state = row->second.state;
        if (state.id != held.id) throw invariant_broken("INV10", text_of(schema, name) + " has another server id on " + device);
        if (state.incarnation != held.incarnation) throw invariant_broken("INV10", text_of(schema, name) + " has another incarnation on " + device);
        if (state.pending == 0 && state.version != held.version)
            throw invariant_broken("INV10", text_of(schema, name) + " has version " + state.version.str() + " on " + device + " and " +
                                                held.version.str() + " on the server");
    }
    for (const auto& [name, row] : rows)
        if (server.find_live(name) == nullptr && !excused.contains(name))
            throw invariant_broken("INV10", device + " shows " + text_of(schema, name) + ", which the server does not have");
}

/// What a store keeps of rows and edits, as text.
template <store S>
[[nodiscard]] std::string dump_content(S& store) {
    std::string text;
    auto reading = store.begin_read();
    for (const auto& [name, row] : look_at(store)) {
        text += text_of(store.schema(), name) + " " + row.state.id.str() + " " + row.state.version.str() + " " +
                std::to_string(row.state.incarnation) + " " + std::to_string(row.state.pending);
        for (const std::string& field : row.fields) text += " " + field;
        text += '\n';
    }
    store.scan_entries([&](const outbox_entry& entry) { text += std::to_string(entry.seq) + " " + std::to_string(entry.attempts) + " " + entry.frozen + '\n'; });
    store.scan_parked([&](const parked_row& row) { text += row.id.str() + " " + row.version.str() + '\n'; });
    store.scan_conflicts([&](const conflict_record& record) { text += std::to_string(record.number) + '\n'; });
    text += std::to_string(store.count_removed());
    reading.commit();
    return text;
}

/// Everything that a store keeps, as text: two dumps differ where anything was written.
template <store S>
[[nodiscard]] std::string dump(S& store) {
    std::string text = dump_content(store);
    auto reading = store.begin_read();
    for (const char* const name : {"cursor", "device", "owner", "lease", "refetch", "refetch_wanted"})
        text += "\n" + store.find_meta(name).value_or("-");
    reading.commit();
    return text;
}

/// Write transactions that a store counted, for stores that count them; 0 for others.
template <store S>
[[nodiscard]] std::size_t writes_of(const S& store) {
    if constexpr (requires { { store.writes() } -> std::convertible_to<std::size_t>; }) return store.writes();
    else return 0;
}

}  // namespace syncline::testing
