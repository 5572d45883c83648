/// The SQLite backend's tables: what is created from the schema, and the statements on one entity's table.
///
/// Columns that every row has carry the names of the wire, which no field of the table has, or begin with `syncline_`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <syncline/backends/verdict_record.hpp>
#include <syncline/schema/schema_view.hpp>
#include <syncline/server/identity.hpp>
#include <syncline/sqlite/columns.hpp>
#include <syncline/sqlite/format.hpp>
#include <syncline/sqlite/transaction.hpp>

namespace syncline::sqlite_backend_parts {

/// Number of the layout of the tables below; a file with another number, or with records of another form, is refused.
inline constexpr int file_format = 4;

/// Columns before those of the fields, in the order of every SELECT and INSERT.
namespace fixed {
enum column : int { owner, local, id, generation, version, incarnation, removed, updated_at, writer, writer_seq, as_sent, removal, count };

/// The column in SQL, in a table whose rows call their members as `table` says.
[[nodiscard]] inline std::string name_of(const table_view& table, column which) {
    switch (which) {
        case owner: return "syncline_owner";
        case local: return sqlite::quoted(table.name_of(row_member::local));
        case id: return sqlite::quoted(table.name_of(row_member::id));
        case generation: return "syncline_generation";
        case version: return sqlite::quoted(table.name_of(row_member::version));
        case incarnation: return sqlite::quoted(table.name_of(row_member::incarnation));
        case removed: return sqlite::quoted(table.name_of(row_member::is_deleted));
        case updated_at: return sqlite::quoted(table.name_of(row_member::updated_at));
        case writer: return "syncline_writer";
        case writer_seq: return "syncline_writer_seq";
        case as_sent: return "syncline_as_sent";
        case removal: return "syncline_removal";
        case count: break;
    }
    return {};
}

inline constexpr std::array<std::string_view, count> types{
    "INTEGER NOT NULL", "TEXT NOT NULL",    "TEXT NOT NULL", "INTEGER NOT NULL", "INTEGER NOT NULL", "INTEGER NOT NULL",
    "INTEGER NOT NULL", "INTEGER NOT NULL", "INTEGER",       "INTEGER NOT NULL", "INTEGER NOT NULL", "BLOB"};
}  // namespace fixed

[[nodiscard]] inline std::string create_table_sql(const schema_view& schema, const table_view& table) {
    const auto own = [&](fixed::column which) { return fixed::name_of(table, which); };
    const std::string name = sqlite::quoted(table.name);
    std::string sql = "CREATE TABLE " + name + " (";
    for (std::size_t i = 0; i < fixed::count; ++i) sql += own(static_cast<fixed::column>(i)) + " " + std::string(fixed::types[i]) + ", ";
    for (const column_view& column : table.columns)
        sql += sqlite::quoted(column.name) + " " + std::string(sqlite::sql_type_of(column.kind)) +
               (column.nullable ? ", " : " NOT NULL, ");
    sql += "PRIMARY KEY (syncline_owner, " + own(fixed::local) + "), UNIQUE (syncline_owner, " + own(fixed::id) + ")";
    for (const column_view& column : table.columns)
        if (column.kind == column_kind::key)
            sql += ", FOREIGN KEY (syncline_owner, " + sqlite::quoted(column.name) + ") REFERENCES " +
                   sqlite::quoted(schema[column.target].name) + " (syncline_owner, " + fixed::name_of(schema[column.target], fixed::id) +
                   ") DEFERRABLE INITIALLY DEFERRED";
    sql += "); CREATE INDEX " + sqlite::index_name("feed", table.name) + " ON " + name + " (syncline_owner, " + own(fixed::generation) +
           ", " + own(fixed::version) + ", " + own(fixed::local) + ");";
    for (const column_view& column : table.columns)
        if (column.kind == column_kind::key)
            sql += " CREATE INDEX " + sqlite::index_name("key", table.name, column.name) + " ON " + name + " (syncline_owner, " +
                   sqlite::quoted(column.name) + ") WHERE " + own(fixed::removed) + " = 0;";
    return sql;
}

[[nodiscard]] inline std::string create_own_tables_sql() {
    return "CREATE TABLE syncline_server (name TEXT PRIMARY KEY, value TEXT NOT NULL);"
           "CREATE TABLE syncline_owners (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, generation INTEGER NOT NULL, "
           "version INTEGER NOT NULL, nonce INTEGER NOT NULL);"
           "CREATE TABLE syncline_versions (owner INTEGER NOT NULL, generation INTEGER NOT NULL, version INTEGER NOT NULL, "
           "nonce INTEGER NOT NULL, PRIMARY KEY (owner, generation, version)) WITHOUT ROWID;"
           "CREATE TABLE syncline_devices (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL, name TEXT NOT NULL, "
           "floor INTEGER NOT NULL, answered BLOB NOT NULL, included BLOB NOT NULL, UNIQUE (owner, name));"
           "CREATE TABLE syncline_verdicts (owner INTEGER NOT NULL, device INTEGER NOT NULL, last INTEGER NOT NULL, "
           "first INTEGER NOT NULL, texts INTEGER NOT NULL, verdicts BLOB NOT NULL, PRIMARY KEY (owner, device, last));";
}

[[nodiscard]] inline std::string hexadecimal(const siphash_key& secret) {
    std::string text;
    for (const unsigned char byte : secret) text.append(1, "0123456789abcdef"[byte >> 4]).append(1, "0123456789abcdef"[byte & 0xFu]);
    return text;
}

/// Throws store_error for a text that hexadecimal did not make.
[[nodiscard]] inline siphash_key read_secret(std::string_view text) {
    siphash_key secret{};
    for (std::size_t half = 0; half < 2; ++half) {
        const auto word = text.size() == 32 ? wire::parse_hexadecimal(text.substr(half * 16, 16)) : std::nullopt;
        if (!word) throw store_error("the server's file has lost its secret");
        for (std::size_t i = 0; i < 8; ++i) secret[half * 8 + i] = static_cast<unsigned char>(*word >> (56 - 8 * i));
    }
    return secret;
}

/// Creates everything in an empty file, or checks that the file is a server's and of this schema. Returns the file's identity.
/// Throws store_error, and the file is as it was, when it is anything else.
inline server_identity create_or_check_tables(const sqlite::connection& database, const schema_view& schema,
                                              const server_identity& fresh) {
    sqlite::transaction_statements transaction(database);
    const bool outermost = transaction.begin(sqlite::transaction_mode::write);
    try {
        const auto count = [&](std::string_view where) {
            sqlite::statement query(database, "SELECT count(*) FROM sqlite_master " + std::string(where));
            return query.step() ? query.integer(0) : 0;
        };
        const std::string fingerprint = std::to_string(schema.fingerprint);
        if (count("") == 0) {
            database.execute(create_own_tables_sql());
            for (const table_view& table : schema.tables) database.execute(create_table_sql(schema, table));
            sqlite::statement keep(database, "INSERT INTO syncline_server VALUES ('format', ?), ('recordFormat', ?), ('schema', ?), ('identity', ?), ('secret', ?)");
            const std::string secret = hexadecimal(fresh.secret);
            keep.bind_integer(1, file_format);
            keep.bind_integer(2, backend_parts::verdict_record_format);
            keep.bind_text(3, fingerprint);
            keep.bind_text(4, fresh.id);
            keep.bind_text(5, secret);
            keep.run();
        } else if (count("WHERE type = 'table' AND name = 'syncline_server'") == 0) {
            throw store_error("the file is no syncline server's: it has tables, but not those of a server");
        }
        const auto value = [&](std::string_view name) {
            sqlite::statement query(database, "SELECT value FROM syncline_server WHERE name = ?");
            query.bind_text(1, name);
            return query.step() ? std::string(query.view(0)) : std::string();
        };
        sqlite::require_format("the server's file has", value("format"), file_format);
        sqlite::require_format("the server's file has verdicts of", value("recordFormat"), backend_parts::verdict_record_format);
        if (value("schema") != fingerprint) throw store_error("the server's file was made with another schema");
        server_identity identity{value("identity"), read_secret(value("secret"))};
        transaction.commit(outermost);
        return identity;
    } catch (...) {
        transaction.roll_back(outermost);
        throw;
    }
}

/// Statements on one table; the number of an entity's statement in a statement_cache follows from it.
enum class row_statement : std::size_t {
    find_by_local,
    find_by_id,
    identify_by_local,
    identify_by_id,
    insert,
    update,
    update_values,
    remove,
    changes,
    snapshot,
    referrers
};

/// Whole rows of one owner; `index` names the index that must serve, where the planner has a choice.
[[nodiscard]] inline std::string select_sql(const table_view& table, std::string_view where, const std::string& index = {}) {
    std::string sql = "SELECT ";
    for (int i = 0; i < fixed::count; ++i) sql += (i == 0 ? "" : ", ") + fixed::name_of(table, static_cast<fixed::column>(i));
    for (const column_view& column : table.columns) sql += ", " + sqlite::quoted(column.name);
    sql += " FROM " + sqlite::quoted(table.name);
    if (!index.empty()) sql += " INDEXED BY " + index;
    return sql + " WHERE syncline_owner = ?1 AND " + std::string(where);
}

[[nodiscard]] inline std::string insert_sql(const table_view& table) {
    std::string sql = "INSERT INTO " + sqlite::quoted(table.name) + " VALUES (?";
    for (std::size_t i = 1; i < std::size_t{fixed::count} + table.columns.size(); ++i) sql += ", ?";
    return sql + ") ON CONFLICT (syncline_owner, " + fixed::name_of(table, fixed::local) + ") DO NOTHING";
}

/// Parameters are numbered as in an INSERT. A removal lets keys that may be null point nowhere and keeps all other values.
[[nodiscard]] inline std::string update_sql(row_statement which, const table_view& table) {
    const auto is_parameter = [&](fixed::column column) {
        return fixed::name_of(table, column) + " = ?" + std::to_string(static_cast<int>(column) + 1);
    };
    std::string sql = "UPDATE " + sqlite::quoted(table.name) + " SET " + is_parameter(fixed::generation);
    for (int i = fixed::generation + 1; i < fixed::count; ++i) sql += ", " + is_parameter(static_cast<fixed::column>(i));
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const column_view& column = table.columns[i];
        const bool key = column.kind == column_kind::key;
        if (which == row_statement::remove ? !key || !column.nullable : key && which == row_statement::update_values) continue;
        sql += ", " + sqlite::quoted(column.name) + " = ";
        sql += which == row_statement::remove ? "NULL" : "?" + std::to_string(std::size_t{fixed::count} + i + 1);
    }
    return sql + " WHERE syncline_owner = ?1 AND " + is_parameter(fixed::local) + " AND " + is_parameter(fixed::id);
}

/// `column` counts for `referrers` only.
[[nodiscard]] inline std::string sql_of(row_statement which, const table_view& table, int column = 0) {
    const std::string local = fixed::name_of(table, fixed::local), id = fixed::name_of(table, fixed::id),
                      version = fixed::name_of(table, fixed::version), removed = fixed::name_of(table, fixed::removed);
    const std::string identify =
        "SELECT " + local + ", " + id + ", " + removed + " FROM " + sqlite::quoted(table.name) + " WHERE syncline_owner = ?1 AND ";
    switch (which) {
        case row_statement::find_by_local:
            return select_sql(table, local + " = ?2");
        case row_statement::find_by_id:
            return select_sql(table, id + " = ?2");
        case row_statement::identify_by_local:
            return identify + local + " = ?2";
        case row_statement::identify_by_id:
            return identify + id + " = ?2";
        case row_statement::insert:
            return insert_sql(table);
        case row_statement::update:
        case row_statement::update_values:
        case row_statement::remove:
            return update_sql(which, table);
        case row_statement::changes:
            return select_sql(table, "(syncline_generation, " + version + ", " + local + ") > (?2, ?3, ?4) ORDER BY syncline_generation, " + version + ", " + local,
                              sqlite::index_name("feed", table.name));
        case row_statement::snapshot:
            return select_sql(table, local + " > ?2 AND " + removed + " = 0 ORDER BY " + local);
        case row_statement::referrers:
            break;
    }
    const std::string_view key = table.columns[static_cast<std::size_t>(column)].name;
    return select_sql(table, sqlite::quoted(key) + " = ?2 AND " + removed + " = 0 ORDER BY " + local,
                      sqlite::index_name("key", table.name, key));
}

}  // namespace syncline::sqlite_backend_parts
