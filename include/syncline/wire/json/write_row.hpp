/// Cells, fields and rows as JSON.
#pragma once

#include <string_view>

#include <syncline/model/row.hpp>
#include <syncline/wire/json/sink.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline::wire::json {

/// The cell's value. A real is finite, a text is UTF-8 without NUL: both are checked when the application writes.
inline void write_cell(sink& out, const cell& value) {
    switch (value.kind()) {
        case cell_kind::null: out.raw("null"); break;
        case cell_kind::boolean: out.boolean(value.as_boolean()); break;
        case cell_kind::integer: out.integer(value.as_integer()); break;
        case cell_kind::real: out.real(value.as_real()); break;
        case cell_kind::text:
        case cell_kind::server_key: out.text(value.view()); break;
        case cell_kind::bytes: out.base64(value.view()); break;
        case cell_kind::local_key: out.raw(R"({"localId":)").text(value.view()).raw('}'); break;
    }
}

/// The columns in `mask` as `"name":value` with a comma before each but, where `first`, the first one.
inline void write_fields(sink& out, const table_view& table, cells values, column_mask mask, bool first) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (!has_column(mask, i)) continue;
        out.raw(first ? std::string_view("\"") : std::string_view(",\"")).raw(table.columns[i].name).raw("\":");
        write_cell(out, values[i]);
        first = false;
    }
}

/// The start of a row's object: its members, under the names that they have in this table, with or without `isDeleted`.
[[gnu::cold]] inline void write_members(sink& out, const table_view& table, const server_row_view& row, bool with_deleted) {
    const auto key = [&](char before, row_member::place member) -> sink& {
        return out.raw(before).raw('"').raw(table.name_of(member)).raw("\":");
    };
    key('{', row_member::id).text(row.id.view());
    key(',', row_member::local).text(row.local.view());
    key(',', row_member::version).version(row.version);
    key(',', row_member::updated_at).integer(row.updated_at_ms);
    if (with_deleted) key(',', row_member::is_deleted).boolean(row.removed);
    key(',', row_member::incarnation).integer(row.incarnation);
}

/// What a removed row tells of its removal, as far as it is known.
inline void write_removal(sink& out, const table_view& table, const server_row_view& row) {
    const auto key = [&](row_member::place member) -> sink& { return out.raw(",\"").raw(table.name_of(member)).raw("\":"); };
    if (!row.base_version.is_none()) key(row_member::base_version).version(row.base_version);
    if (row.last_writer.empty()) return;
    key(row_member::last_writer).text(row.last_writer);
    key(row_member::last_seq).integer(row.last_seq);
}

/// The row as one flat object; a removed row has no fields.
inline void write_row(sink& out, const table_view& table, const server_row_view& row) {
    if (table.has_plain_members) {
        // The same as write_members, with constants.
        out.raw(R"({"id":)").text(row.id.view());
        out.raw(R"(,"localId":)").text(row.local.view());
        out.raw(R"(,"version":)").version(row.version);
        out.raw(R"(,"updatedAt":)").integer(row.updated_at_ms);
        out.raw(R"(,"isDeleted":)").boolean(row.removed);
        out.raw(R"(,"incarnation":)").integer(row.incarnation);
    } else {
        write_members(out, table, row, true);
    }
    if (!row.removed) write_fields(out, table, row.cells, table.all_columns(), false);
    else write_removal(out, table, row);
    out.raw('}');
}

/// What a request to a single row is answered when it changed the row.
inline void write_row_name(sink& out, const table_view& table, const server_row_view& row) {
    write_members(out, table, row, false);
    out.raw('}');
}

}  // namespace syncline::wire::json
