/// Cells, fields and rows as JSON.
#pragma once

#include <string>
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

/// The row as one flat object whose keys `key(plain, member)` makes; a removed row has no fields.
template <class Key>
void write_row(sink& out, const table_view& table, const server_row_view& row, Key key) {
    out.raw(key(R"({"id":)", row_member::id)).text(row.id.view());
    out.raw(key(R"(,"localId":)", row_member::local)).text(row.local.view());
    out.raw(key(R"(,"version":)", row_member::version)).integer(row.version);
    out.raw(key(R"(,"updatedAt":)", row_member::updated_at)).integer(row.updated_at_ms);
    out.raw(key(R"(,"isDeleted":)", row_member::is_deleted)).boolean(row.removed);
    out.raw(key(R"(,"incarnation":)", row_member::incarnation)).integer(row.incarnation);
    if (!row.removed) write_fields(out, table, row.cells, table.all_columns(), false);
    out.raw('}');
}

/// What a request to a single row is answered when it changed the row; `key` as above.
template <class Key>
void write_row_name(sink& out, const server_row_view& row, Key key) {
    out.raw(key(R"({"id":)", row_member::id)).text(row.id.view());
    out.raw(key(R"(,"localId":)", row_member::local)).text(row.local.view());
    out.raw(key(R"(,"version":)", row_member::version)).integer(row.version);
    out.raw(key(R"(,"updatedAt":)", row_member::updated_at)).integer(row.updated_at_ms);
    out.raw(key(R"(,"incarnation":)", row_member::incarnation)).integer(row.incarnation).raw('}');
}

/// Keys of an entity none of whose fields has a member's name: the same for all, so that they are copied as constants.
inline constexpr auto plain_keys = [](std::string_view plain, row_member::place) { return plain; };

/// Keys with the names that the table's members have.
[[nodiscard]] inline auto keys_of(const table_view& table) {
    return [&table, text = std::string()](std::string_view plain, row_member::place member) mutable -> std::string_view {
        text.assign(plain.substr(0, 2)).append(table.name_of(member)).append("\":");
        return text;
    };
}

inline void write_row(sink& out, const table_view& table, const server_row_view& row) {
    if (table.has_plain_members) write_row(out, table, row, plain_keys);
    else write_row(out, table, row, keys_of(table));
}

inline void write_row_name(sink& out, const table_view& table, const server_row_view& row) {
    if (table.has_plain_members) write_row_name(out, row, plain_keys);
    else write_row_name(out, row, keys_of(table));
}

}  // namespace syncline::wire::json
