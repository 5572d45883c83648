/// The bodies of answers about a single row.
#pragma once

#include <string>

#include <syncline/wire/json/write_row.hpp>

namespace syncline::wire {

/// The row with all its fields, as a page has it.
[[nodiscard]] inline std::string write_row(const table_view& table, const server_row_view& row) {
    std::string body;
    json::sink out(body);
    json::write_row(out, table, row);
    out.finish();
    return body;
}

/// {id, localId, version, updatedAt, incarnation}, as the table's rows call them.
[[nodiscard]] inline std::string write_row_name(const table_view& table, const server_row_view& row) {
    std::string body;
    json::sink out(body);
    json::write_row_name(out, table, row);
    out.finish();
    return body;
}

}  // namespace syncline::wire
