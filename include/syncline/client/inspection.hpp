/// What waits, what was set aside, what was lost, and why: the store's records in words for the application.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <syncline/client/closure.hpp>
#include <syncline/client/entries.hpp>
#include <syncline/client/held_removals.hpp>

namespace syncline {

/// An operation without a final verdict, or one that was set aside.
struct pending_operation {
    sequence seq = 0;
    std::string entity;
    local_id id;
    operation_kind kind = operation_kind::create;
    entry_state state = entry_state::queued;
    int attempts = 0;
    std::int64_t not_before_ms = 0;
    error_code reason = error_code::none;
    std::string reason_text;
};

/// One field of a conflict, values as text for people; a key as the local id of its row, or as the server's if this device has no such row.
struct conflict_field {
    std::string name;
    std::string mine;
    std::string theirs;
};

struct conflict {
    std::int64_t number = 0;
    conflict_kind kind = conflict_kind::field_overwritten;
    std::string entity;
    local_id id;
    bool mine_won = false;
    row_version version;
    std::vector<conflict_field> fields;
    std::string reason;
};

enum class row_standing : std::uint8_t {
    synced,     ///< the server has it as it is here
    waiting,    ///< has edits that will be sent
    in_flight,  ///< sent, no verdict yet
    set_aside,  ///< refused; an edit repairs it
    blocked,    ///< needs another row that was set aside, or is a removal that waits for a row to move out of it
    removed,    ///< removed here, the server does not know yet
    unknown     ///< no such row
};

[[nodiscard]] constexpr std::string_view name_of(row_standing standing) noexcept {
    constexpr std::string_view names[] = {"synced", "waiting", "in flight", "set aside", "blocked", "removed", "unknown"};
    return names[static_cast<std::size_t>(standing)];
}

struct row_status {
    row_standing standing = row_standing::unknown;
    error_code reason = error_code::none;
    std::string text;
    server_id remote;
};

/// A value as text for people: null, numbers, text as it is, bytes by their count.
[[nodiscard]] inline std::string display(const cell& value) {
    switch (value.kind()) {
        case cell_kind::null: return "null";
        case cell_kind::boolean: return value.as_boolean() ? "true" : "false";
        case cell_kind::integer: return std::to_string(value.as_integer());
        case cell_kind::real: {
            std::string text = std::to_string(value.as_real());
            while (text.back() == '0') text.pop_back();
            if (text.back() == '.') text.pop_back();
            return text;
        }
        case cell_kind::bytes: return std::to_string(value.view().size()) + " bytes";
        default: return std::string(value.view());
    }
}

[[nodiscard]] inline std::vector<pending_operation> list_pending(store_port& store, bool set_aside) {
    auto reading = store.begin_read();
    std::vector<pending_operation> list;
    store.scan_entries([&](const outbox_entry& entry) {
        if ((entry.state == entry_state::quarantined) != set_aside) return;
        list.push_back({entry.seq, std::string(store.schema()[entry.table].entity), entry.id, entry.kind, entry.state, entry.attempts,
                        entry.not_before_ms, entry.reason, entry.reason_text});
    });
    reading.commit();
    return list;
}

[[nodiscard]] inline std::vector<conflict> list_conflicts(store_port& store) {
    auto reading = store.begin_read();
    const auto shown = [&](const column_view& column, const cell& value) {
        if (value.kind() != cell_kind::server_key) return display(value);
        const local_id known = store.local_of(column.target, server_id::trusted(value.view()));
        return known.empty() ? "server id " + display(value) : known.str();
    };
    std::vector<conflict_record> records;
    store.scan_conflicts([&](const conflict_record& record) { records.push_back(record); });
    std::vector<conflict> list;
    for (const conflict_record& record : records) {
        const table_view& table = store.schema()[record.table];
        conflict one{record.number, record.kind, std::string(table.entity), record.id, record.mine_won, record.version, {}, record.reason};
        std::vector<cell> mine(table.columns.size()), theirs(table.columns.size());
        column_mask mine_mask = 0, theirs_mask = 0;
        std::string_view mine_image = record.mine, theirs_image = record.theirs;
        if (!mine_image.empty()) mine_mask = take_image(mine_image, mine);
        if (!theirs_image.empty()) theirs_mask = take_image(theirs_image, theirs);
        for (std::size_t i = 0; i < table.columns.size(); ++i)
            if (has_column(mine_mask | theirs_mask, i))
                one.fields.push_back({std::string(table.columns[i].name), has_column(mine_mask, i) ? shown(table.columns[i], mine[i]) : "",
                                      has_column(theirs_mask, i) ? shown(table.columns[i], theirs[i]) : ""});
        list.push_back(std::move(one));
    }
    reading.commit();
    return list;
}

/// The row set aside that `name`, directly or through other unsent rows, cannot be sent without; an empty id for none.
[[nodiscard]] inline row_name find_blocker(store_port& store, const row_name& name) {
    std::vector<row_name> work{name};
    std::set<row_name> seen{name};
    row_buffer row;
    while (!work.empty()) {
        const row_name current = work.back();
        work.pop_back();
        if (!store.find_row(current.table, current.id, row)) continue;
        const table_view& table = store.schema()[current.table];
        bool unsent_create = false;
        for (const outbox_entry& entry : entries_of_row(store, current.table, current.id, row.state.pending)) {
            unsent_create = unsent_create || entry.kind == operation_kind::create;
            if (entry.state == entry_state::quarantined && current != name) return current;
        }
        if (!unsent_create && current != name) continue;
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (row[i].kind() != cell_kind::local_key) continue;
            const row_name target{table.columns[i].target, local_id::trusted(row[i].view())};
            if (seen.insert(target).second) work.push_back(target);
        }
    }
    return {};
}

/// Tells which row's move a removal waits for, if it waits for one.
inline void explain_hold(store_port& store, sequence removal, row_status& status) {
    const removal_holds holds(store);
    for (const held_removal& held : holds.all()) {
        if (held.removal != removal) continue;
        status.standing = row_standing::blocked;
        status.text = "waits until the move of " + std::string(store.schema()[held.moved.table].entity) + " " + held.moved.id.str() +
                      " was taken by the server";
        return;
    }
}

[[nodiscard]] inline row_status explain(store_port& store, int table, const local_id& id) {
    auto reading = store.begin_read();
    row_status status;
    row_buffer row;
    if (store.find_row(table, id, row)) {
        status.remote = row.state.id;
        status.standing = row_standing::synced;
        const auto chain = entries_of_row(store, table, id, row.state.pending);
        if (!chain.empty()) {
            const outbox_entry& oldest = chain.front();
            status.reason = oldest.reason;
            status.text = oldest.reason_text;
            status.standing = oldest.state == entry_state::quarantined ? row_standing::set_aside
                              : oldest.state == entry_state::in_flight ? row_standing::in_flight
                                                                       : row_standing::waiting;
            if (oldest.state != entry_state::quarantined) {
                const row_name blocker = find_blocker(store, {table, id});
                if (!blocker.id.empty()) {
                    status.standing = row_standing::blocked;
                    status.text = "needs " + std::string(store.schema()[blocker.table].entity) + " " + blocker.id.str() + ", which was set aside";
                }
            }
        }
    } else {
        sequence root = 0;
        store.scan_removed_of(table, id, [&](const removed_row& record) {
            status.standing = row_standing::removed;
            status.remote = record.state.id;
            root = record.root;
        });
        if (status.standing == row_standing::removed) explain_hold(store, root, status);
    }
    reading.commit();
    return status;
}

}  // namespace syncline
