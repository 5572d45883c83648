/// Entities and rows by what people type: a name, and an id or the beginning of one.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <shell/errors.hpp>
#include <syncline/stores/sqlite.hpp>

namespace shell {

/// Fewest characters that may stand for a whole id.
inline constexpr std::size_t prefix_size_min = 4;

[[nodiscard]] inline std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

/// "exercise (name, muscles, notes)"
[[nodiscard]] inline std::string description_of(const syncline::table_view& table) {
    std::vector<std::string> fields;
    for (const syncline::column_view& column : table.columns) fields.emplace_back(column.name);
    return std::string(table.entity) + " (" + joined(fields) + ")";
}

/// Index of the table whose entity, or which itself, has this name. Throws usage_error, with the names there are.
[[nodiscard]] inline int table_named(const syncline::schema_view& schema, std::string_view name) {
    int table = schema.find_entity(name);
    if (table < 0) table = schema.find_table(name);
    if (table >= 0) return table;
    std::vector<std::string> known;
    for (const syncline::table_view& one : schema.tables) known.emplace_back(one.entity);
    throw usage_error("there is no entity '" + std::string(name) + "'; there are " + joined(known));
}

/// Index of the column of this name. Throws usage_error, with the names there are.
[[nodiscard]] inline std::size_t column_named(const syncline::table_view& table, std::string_view name) {
    const int column = table.find_column(name);
    if (column < 0) throw usage_error("no field '" + std::string(name) + "' in " + description_of(table));
    return static_cast<std::size_t>(column);
}

/// The whole id among `candidates` that begins with `text`. Throws command_failed when there is none, or more than one.
[[nodiscard]] inline syncline::local_id only_match(const std::vector<syncline::local_id>& candidates, std::string_view entity, std::string_view text) {
    if (candidates.size() == 1) return candidates.front();
    const std::string what = std::string(entity) + " '" + std::string(text) + "'";
    if (candidates.empty()) {
        const bool short_text = text.size() < prefix_size_min;
        throw command_failed("there is no " + what + (short_text ? "; the beginning of an id needs " + std::to_string(prefix_size_min) + " characters" : ""));
    }
    throw command_failed(what + " is ambiguous: " + candidates[0].str() + " and " + candidates[1].str() +
                         (candidates.size() > 2 ? " and " + std::to_string(candidates.size() - 2) + " more begin with it" : " begin with it"));
}

/// Id of the row of `table` that `text` is the id of, or the beginning of the id.
[[nodiscard]] inline syncline::local_id row_named(syncline::sqlite_store& store, int table, std::string_view text) {
    auto reading = store.begin_read();
    syncline::row_state state;
    if (const auto whole = syncline::local_id::parse(text); whole && store.find_state(table, *whole, state)) return *whole;
    std::vector<syncline::local_id> candidates;
    if (text.size() >= prefix_size_min)
        store.scan_rows(table, [&](const syncline::local_id& id, const syncline::row_buffer&) {
            if (id.view().starts_with(text)) candidates.push_back(id);
        });
    return only_match(candidates, store.schema()[table].entity, text);
}

/// Opens the store, or makes it where `makes_it`; a mistyped name then does not make a database by being looked at.
/// Throws command_failed, with the file's name, when it cannot be opened.
[[nodiscard]] inline syncline::sqlite_store open_store(const std::string& path, const syncline::schema_view& schema, const std::string& owner,
                                                       bool makes_it) {
    std::error_code ignored;
    if (!makes_it && !std::filesystem::exists(path, ignored)) throw command_failed("there is no file " + path + "; add, import and sync make one");
    syncline::sqlite_options options;
    options.owner = owner;
    try {
        return syncline::sqlite_store(path, schema, options);
    } catch (const syncline::store_error& problem) {
        throw command_failed(path + ": " + problem.what());
    }
}

}  // namespace shell
