/// The SQL of the limit programs' SQLite store: with all features the tables, keys and indexes of syncline's own store.
#pragma once

#include <string>

#include "../shared/sqlite.hpp"
#include "features.hpp"

namespace benchmarks::limit {

/// The column of what waits to be sent: a mask of fields in the bare limit, the row's outbox entry otherwise; 0 is clean.
inline constexpr const char* pending_column = "sync_pending";

/// What stands between the id and the fields in every list of columns.
[[nodiscard]] inline std::string state_list(const features& what) {
    return std::string(", ") + pending_column + (what.records ? ", sync_server_id, sync_version, sync_incarnation" : "");
}

template <class Row>
[[nodiscard]] std::string all_columns(const features& what) {
    return "id" + state_list(what) + field_list<Row>();
}

/// Parameters of the next two: the id, server id, version and incarnation where there are records, the fields.
[[nodiscard]] inline int first_field_parameter(const features& what) noexcept { return what.records ? 5 : 2; }

template <class Row>
[[nodiscard]] std::string insert_clean_sql(const features& what) {
    const int count = first_field_parameter(what) - 2 + static_cast<int>(field_count<Row>);
    return "INSERT INTO " + identifier(table<Row>::name) + "(" + all_columns<Row>(what) + ") VALUES (?1, 0" +
           parameter_list(2, count) + ") ON CONFLICT(id) DO NOTHING";
}

/// Without `keys`, only where the foreign keys are what they were: a statement that does not set them spares their checks and
/// indexes. A clean row's server id never changes.
template <class Row>
[[nodiscard]] std::string replace_clean_sql(const features& what, bool keys) {
    int parameter = first_field_parameter(what);
    std::string set = what.records ? "sync_version = ?3, sync_incarnation = ?4" : "";
    std::string where =
        std::string(" WHERE id = ?1 AND ") + pending_column + " = 0" + (what.records ? " AND sync_version <= ?3" : "");
    const bool keys_cost = what.foreign_keys || what.key_indexes;
    for_each_field<Row>([&](auto, const auto& one) {
        const std::string assignment = identifier(one.name) + " = ?" + std::to_string(parameter++);
        if (one.target != no_table && keys_cost && !keys)
            where += " AND " + assignment;
        else
            set += (set.empty() ? "" : ", ") + assignment;
    });
    return "UPDATE " + identifier(table<Row>::name) + " SET " + set + where;
}

template <class Row>
void create_table(const database& into, const features& what) {
    const std::string name = identifier(table<Row>::name);
    std::string columns = "id TEXT PRIMARY KEY NOT NULL";
    for_each_field<Row>([&](auto, const auto& one) {
        columns += ", " + identifier(one.name) + " " + std::string(sql_type(Row().*one.member)) + " NOT NULL";
        if (one.target != no_table && what.foreign_keys)
            columns += " REFERENCES " + identifier(table_names[static_cast<std::size_t>(one.target)]) +
                       "(id) DEFERRABLE INITIALLY DEFERRED";
    });
    if (what.records)
        columns += ", sync_server_id TEXT, sync_version INTEGER NOT NULL DEFAULT 0, sync_incarnation INTEGER NOT NULL DEFAULT 1";
    columns += std::string(", ") + pending_column + " INTEGER NOT NULL DEFAULT 0";
    into.execute("CREATE TABLE " + name + "(" + columns + ")");
    if (what.server_ids)
        into.execute("CREATE UNIQUE INDEX " + identifier("server_" + std::string(table<Row>::name)) + " ON " + name +
                     "(sync_server_id) WHERE sync_server_id IS NOT NULL");
    if (!what.key_indexes) return;
    for_each_field<Row>([&](auto, const auto& one) {
        if (one.target != no_table)
            into.execute("CREATE INDEX " + identifier("key_" + std::string(table<Row>::name) + "_" + std::string(one.name)) +
                         " ON " + name + "(" + identifier(one.name) + ")");
    });
}

inline void create_tables(const database& into, const features& what) {
    if (what.foreign_keys) into.execute("PRAGMA foreign_keys = ON");
    into.execute("CREATE TABLE sync_meta(name TEXT PRIMARY KEY NOT NULL, value NOT NULL) WITHOUT ROWID");
    if (what.records) {
        into.execute(
            "CREATE TABLE sync_outbox(seq INTEGER PRIMARY KEY, table_number INTEGER NOT NULL, row_id TEXT NOT NULL, kind INTEGER "
            "NOT NULL, "
            "state INTEGER NOT NULL, columns INTEGER NOT NULL, incarnation INTEGER NOT NULL, base_version INTEGER NOT NULL, "
            "behind INTEGER NOT NULL, group_number INTEGER NOT NULL, attempts INTEGER NOT NULL, not_before_ms INTEGER NOT NULL, "
            "reason TEXT, reason_text TEXT, frozen BLOB)");
        into.execute(
            "CREATE TABLE sync_base(table_number INTEGER NOT NULL, row_id TEXT NOT NULL, version INTEGER NOT NULL, image BLOB NOT "
            "NULL, "
            "PRIMARY KEY (table_number, row_id)) WITHOUT ROWID");
    }
    create_table<exercise>(into, what);
    create_table<workout>(into, what);
    create_table<workout_exercise>(into, what);
    create_table<workout_set>(into, what);
}

}  // namespace benchmarks::limit
