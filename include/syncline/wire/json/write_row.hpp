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

/// What a removed row tells of its removal, as far as it is known.
inline void write_removal(sink& out, const server_row_view& row) {
    if (!row.base_version.is_none()) out.raw(R"(,"baseVersion":)").version(row.base_version);
    if (!row.last_writer.empty()) out.raw(R"(,"lastWriter":)").text(row.last_writer).raw(R"(,"lastSeq":)").integer(row.last_seq);
}

/// The row as one flat object; a removed row has no fields.
inline void write_row(sink& out, const table_view& table, const server_row_view& row) {
    out.raw(R"({"id":)").text(row.id.view());
    out.raw(R"(,"localId":)").text(row.local.view());
    out.raw(R"(,"version":)").version(row.version);
    out.raw(R"(,"updatedAt":)").integer(row.updated_at_ms);
    out.raw(R"(,"isDeleted":)").boolean(row.removed);
    out.raw(R"(,"incarnation":)").integer(row.incarnation);
    if (!row.removed) write_fields(out, table, row.cells, table.all_columns(), false);
    else write_removal(out, row);
    out.raw('}');
}

/// What a request to a single row is answered when it changed the row.
inline void write_row_name(sink& out, const server_row_view& row) {
    out.raw(R"({"id":)").text(row.id.view());
    out.raw(R"(,"localId":)").text(row.local.view());
    out.raw(R"(,"version":)").version(row.version);
    out.raw(R"(,"updatedAt":)").integer(row.updated_at_ms);
    out.raw(R"(,"incarnation":)").integer(row.incarnation).raw('}');
}

}  // namespace syncline::wire::json
