/// Columns of the schema in SQLite: their SQL types, and their values read back with the type checked.
#pragma once

#include <string>
#include <string_view>

#include <syncline/base/version.hpp>
#include <syncline/model/cell.hpp>
#include <syncline/schema/schema_view.hpp>
#include <syncline/sqlite/connection.hpp>
#include <syncline/sqlite/statement.hpp>

namespace syncline::sqlite {

/// INTEGER, REAL, TEXT or BLOB. Booleans are 0 or 1, time points microseconds since the epoch, sets their canonical text.
[[nodiscard]] constexpr std::string_view sql_type_of(column_kind kind) noexcept {
    switch (kind) {
        case column_kind::boolean:
        case column_kind::integer:
        case column_kind::timestamp: return "INTEGER";
        case column_kind::real: return "REAL";
        case column_kind::bytes: return "BLOB";
        case column_kind::text:
        case column_kind::set:
        case column_kind::key: break;
    }
    return "TEXT";
}

/// The quoted name of an index that serves a table, or one of its columns. A backslash stands before a dot within their names, which
/// have no backslash of their own, so that no two indexes share a name.
[[nodiscard]] inline std::string index_name(std::string_view kind, std::string_view table, std::string_view column = {}) {
    std::string text = "syncline_" + std::string(kind);
    for (const std::string_view name : {table, column}) {
        if (name.empty()) continue;
        text += '.';
        for (const char c : name) {
            if (c == '.') text += '\\';
            text += c;
        }
    }
    return sqlite::quoted(text);
}

/// A version takes two parameters or columns, from `at` on: the generation, then the number.
inline void bind_version(statement& target, int at, row_version version) {
    target.bind_integer(at, version.generation());
    target.bind_integer(at + 1, version.number());
}

[[nodiscard]] inline row_version read_version(const statement& row, int at) {
    return row_version(static_cast<generation_number>(row.integer(at)), row.integer(at + 1));
}

[[noreturn]] inline void fail_wrong_type(const table_view& table, const column_view& column) {
    throw store_error("SQLite: a stored value of " + std::string(table.name) + "." + std::string(column.name) +
                      " is not of the column's type");
}

/// The value in result column `at` of the current row, its text valid until the next step; keys are cells of kind `key`.
/// Throws store_error when something else than a value of the column's type is stored there.
[[nodiscard]] inline cell read_cell(const statement& row, int at, const table_view& table, const column_view& column,
                                    cell_kind key = cell_kind::local_key) {
    const int type = row.type(at);
    if (type == SQLITE_NULL) {
        if (!column.nullable) fail_wrong_type(table, column);
        return cell::null();
    }
    switch (column.kind) {
        case column_kind::boolean:
            if (type == SQLITE_INTEGER && (row.integer(at) & ~std::int64_t{1}) == 0) return cell::boolean(row.integer(at) != 0);
            break;
        case column_kind::integer:
        case column_kind::timestamp:
            if (type == SQLITE_INTEGER) return cell::integer(row.integer(at));
            break;
        case column_kind::real:
            if (type == SQLITE_FLOAT) return cell::real(row.real(at));
            break;
        case column_kind::text:
        case column_kind::set:
            if (type == SQLITE_TEXT) return cell::text(row.view(at));
            break;
        case column_kind::bytes:
            if (type == SQLITE_BLOB) return cell::bytes(row.view(at));
            break;
        case column_kind::key:
            if (type == SQLITE_TEXT) return cell::with_text(key, row.view(at));
            break;
    }
    fail_wrong_type(table, column);
}

}  // namespace syncline::sqlite
