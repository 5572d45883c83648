/// What must hold at the end, whoever was killed when: one function for each promise, each gives the sentences of what broke.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <kill/journal.hpp>
#include <kill/server_history.hpp>
#include <syncline/client/inspection.hpp>
#include <syncline/testing/visible_rows.hpp>

namespace kill_nine {

using complaints = std::vector<std::string>;

/// Rows of which one is the parent of the other, as all devices made them; no row ever moves here.
class family {
public:
    void add(const journal& of, const syncline::schema_view& schema) {
        for (const booked_write& write : of.writes)
            for (const booked_change& change : write.changes) {
                if (change.column.empty()) continue;
                const syncline::table_view& table = schema[schema.find_table(change.table)];
                if (table.columns[static_cast<std::size_t>(table.find_column(change.column))].owning) parents_[change.id] = change.value;
            }
    }

    /// The row or one that owns it is in `ids`.
    [[nodiscard]] bool is_within(std::string id, const std::set<std::string>& ids) const {
        for (;;) {
            if (ids.contains(id)) return true;
            const auto parent = parents_.find(id);
            if (parent == parents_.end()) return false;
            id = parent->second;
        }
    }

private:
    std::map<std::string, std::string> parents_;
};

/// What a device's conflict records hold.
struct kept_losses {
    std::set<std::pair<field_name, std::string>> values;
    std::set<std::string> refused_removals;

    template <syncline::store S>
    explicit kept_losses(S& store) {
        syncline::store_adapter port(store);
        for (const syncline::conflict& one : syncline::list_conflicts(port)) {
            const syncline::schema_view& schema = store.schema();
            const std::string table(schema[schema.find_entity(one.entity)].name);
            if (one.kind == syncline::conflict_kind::removal_refused) refused_removals.insert(one.id.str());
            for (const syncline::conflict_field& field : one.fields) values.insert({{table, one.id.str(), field.name}, field.mine});
        }
    }
};

/// INV1: of each field that the device wrote, the newest confirmed value reached the server, or a newer write of the device may have
/// replaced or removed it, or a conflict record has it. A removed row is gone at the server, or the device knows why not.
[[nodiscard]] inline complaints find_lost_writes(const std::string& device, const journal& written, const family& rows, const server_history& history,
                                                 const kept_losses& losses, const syncline::testing::visible_rows& server,
                                                 const syncline::schema_view& schema) {
    complaints found;
    std::map<field_name, std::vector<std::string>> due;  // the newest confirmed value, and newer ones that may have been written
    std::set<std::string> removed;
    for (const booked_write& write : written.writes)
        for (const booked_change& change : write.changes) {
            if (change.column.empty()) {
                removed.insert(change.id);
                if (write.confirmed && server.contains(change.table + "/" + change.id) && !losses.refused_removals.contains(change.id))
                    found.push_back("the removal of " + change.table + " " + change.id + " on " + device + " never reached the server");
                continue;
            }
            const syncline::table_view& table = schema[schema.find_table(change.table)];
            if (table.columns[static_cast<std::size_t>(table.find_column(change.column))].target >= 0) continue;
            std::vector<std::string>& values = due[{change.table, change.id, change.column}];
            if (write.confirmed) values.clear();
            if (write.confirmed || !values.empty()) values.push_back(change.value);
        }
    for (const auto& [field, values] : due) {
        const auto& [table, id, column] = field;
        if (values.empty() || rows.is_within(id, removed)) continue;
        bool answered_for = false;
        for (const std::string& value : values) answered_for = answered_for || history.times(field, value) > 0 || losses.values.contains({field, value});
        if (!answered_for) found.push_back("the write " + table + " " + id + " " + column + " = " + values.front() + " on " + device + " is lost");
    }
    return found;
}

/// INV3: no value, which are all different, became its field's value twice.
[[nodiscard]] inline complaints find_repeated_writes(const std::string& device, const journal& written, const server_history& history,
                                                     const syncline::schema_view& schema) {
    complaints found;
    for (const booked_write& write : written.writes)
        for (const booked_change& change : write.changes) {
            if (change.column.empty()) continue;
            const syncline::table_view& table = schema[schema.find_table(change.table)];
            if (table.columns[static_cast<std::size_t>(table.find_column(change.column))].target >= 0) continue;
            const int times = history.times({change.table, change.id, change.column}, change.value);
            if (times > 1)
                found.push_back("the write " + change.table + " " + change.id + " " + change.column + " = " + change.value + " of " + device + " was applied " +
                                std::to_string(times) + " times");
        }
    return found;
}

/// INV10: device and server have the same rows with the same values.
[[nodiscard]] inline complaints find_differences(const std::string& device, const syncline::testing::visible_rows& here, const syncline::testing::visible_rows& server) {
    complaints found;
    for (const auto& [name, image] : here) {
        const auto there = server.find(name);
        if (there == server.end()) found.push_back(name + " is on " + device + " and not on the server");
        else if (there->second != image) found.push_back(name + " differs between " + device + " and the server");
    }
    for (const auto& [name, image] : server)
        if (!here.contains(name)) found.push_back(name + " is on the server and not on " + device);
    return found;
}

/// INV2: no two rows that live on the server have a name in common; all names are different when they are made.
[[nodiscard]] inline complaints find_duplicates(const syncline::testing::visible_rows& server, const syncline::schema_view& schema) {
    complaints found;
    std::map<std::string, std::string> names;
    for (const auto& [row, image] : server) {
        const syncline::table_view& table = schema[schema.find_table(row.substr(0, row.find('/')))];
        const int column = table.find_column("name");
        if (column < 0) continue;
        std::vector<syncline::cell> values(table.columns.size());
        std::string_view rest = image;
        syncline::take_image(rest, values);
        const auto [first, is_new] = names.emplace(values[static_cast<std::size_t>(column)].view(), row);
        if (!is_new) found.push_back(row + " and " + first->second + " are one row twice");
    }
    return found;
}

/// Nothing waits and nothing was set aside.
template <syncline::store S>
[[nodiscard]] complaints find_unfinished(const std::string& device, S& store) {
    complaints found;
    syncline::store_adapter port(store);
    for (const bool set_aside : {false, true})
        for (const syncline::pending_operation& one : syncline::list_pending(port, set_aside))
            found.push_back(one.entity + " " + one.id.str() + (set_aside ? " is in quarantine on " : " waits on ") + device + " " + one.reason_text);
    return found;
}

}  // namespace kill_nine
