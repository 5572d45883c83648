/// Rows as text, to compare devices with each other and with the server byte for byte.
#pragma once

#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/client/store.hpp>
#include <syncline/server/backend.hpp>

namespace syncline::tests {

/// Everything sync keeps of each row, by "table/local id"; keys as local ids.
using listing = std::map<std::string, std::string>;

inline std::string text_of(const cell& value) {
    switch (value.kind()) {
        case cell_kind::null: return "null";
        case cell_kind::boolean: return value.as_boolean() ? "true" : "false";
        case cell_kind::integer: return std::to_string(value.as_integer());
        case cell_kind::real: {
            char text[64];
            std::snprintf(text, sizeof text, "%a", value.as_real());
            return text;
        }
        default: return "'" + std::string(value.view()) + "'";
    }
}

inline std::string text_of(const table_view& table, cells values, std::string_view server_name, row_version version, incarnation_number life) {
    std::string text = "id " + std::string(server_name) + " version " + version.str() + " life " + std::to_string(life);
    for (std::size_t i = 0; i < values.size(); ++i) text += " " + std::string(table.columns[i].name) + "=" + text_of(values[i]);
    return text;
}

template <store S>
listing rows_of_store(S& store) {
    listing rows;
    auto reading = store.begin_read();
    for (int table = 0; table < store.schema().size(); ++table) {
        const table_view& view = store.schema()[table];
        store.scan_rows(table, [&](const local_id& id, const row_buffer& row) {
            rows[std::string(view.name) + "/" + id.str()] = text_of(view, row.cells(), row.state.id.view(), row.state.version, row.state.incarnation);
        });
    }
    reading.commit();
    return rows;
}

template <backend B>
listing rows_of_backend(B& database, std::string_view owner) {
    listing rows;
    auto reading = database.begin_read(owner);
    struct found_row {
        int table;
        local_id local;
        server_id id;
        row_version version;
        incarnation_number incarnation;
        row_buffer values;
    };
    std::vector<found_row> found;
    reading.scan_snapshot({}, 1'000'000, [&](int table, const server_row& row) {
        found.push_back({table, row.local, row.id, row.version, row.incarnation, {}});
        found.back().values.assign(row.values.cells());
        return true;
    });
    for (found_row& row : found) {
        const table_view& view = database.schema()[row.table];
        row_buffer& local = row.values;
        for (std::size_t i = 0; i < view.columns.size(); ++i) {
            if (local[i].kind() != cell_kind::server_key) continue;
            const auto target = reading.identify(view.columns[i].target, server_id::trusted(local[i].view()));
            const std::string name = !target ? "missing" : target->removed ? "removed" : target->local.str();
            local.set(i, cell::local_key(name));
        }
        rows[std::string(view.name) + "/" + row.local.str()] = text_of(view, local.cells(), row.id.view(), row.version, row.incarnation);
    }
    reading.commit();
    return rows;
}

/// The rows in which two listings differ, one a line; empty when they are equal.
inline std::string differences(const listing& here, const listing& there) {
    std::string text;
    for (const auto& [name, row] : here)
        if (const auto other = there.find(name); other == there.end()) text += "only here: " + name + " " + row + "\n";
        else if (other->second != row) text += "here: " + name + " " + row + "\nthere: " + name + " " + other->second + "\n";
    for (const auto& [name, row] : there)
        if (!here.contains(name)) text += "only there: " + name + " " + row + "\n";
    return text;
}

}  // namespace syncline::tests
