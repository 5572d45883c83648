/// The body of a create or update as a REST backend wants it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <syncline/wire/json/write_row.hpp>
#include <syncline/wire/rest_rows.hpp>

namespace syncline::wire::json {

/// An id as text, or as a number where that is the form and the id is one.
inline void write_rest_id(sink& out, std::string_view id, id_form form) {
    const bool canonical = !id.empty() && id.size() < 19 && (id.front() != '0' || id.size() == 1);
    if (form == id_form::number && canonical && std::all_of(id.begin(), id.end(), is_digit)) out.raw(id);
    else out.text(id);
}

/// {local id, fields of `mask`}. Keys are server ids; `local` is left out where it or its name is empty.
[[nodiscard]] inline std::string write_rest_body(const table_view& table, const rest_row_names& usual, const rest_table_names& columns,
                                                 std::string_view envelope, const local_id& local, cells values, column_mask mask) {
    const rest_row_names& names = columns.names_of_rows(usual);
    std::string body;
    sink out(body);
    if (!envelope.empty()) out.raw('{').text(envelope).raw(':');
    char before = '{';
    if (!local.empty() && !names.local_id.empty()) {
        out.raw(before).text(names.local_id).raw(':').text(local.view());
        before = ',';
    }
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (!has_column(mask, i)) continue;
        out.raw(before).text(columns.columns[i]).raw(':');
        before = ',';
        const cell& value = values[i];
        if (value.kind() == cell_kind::server_key) write_rest_id(out, value.view(), names.ids);
        else if (table.columns[i].kind != column_kind::timestamp || value.is_null()) write_cell(out, value);
        else if (names.moments == moment_form::iso8601) out.text(write_iso8601(value.as_integer()));
        else out.integer(units_before(value.as_integer(), names.moments));
    }
    if (before == '{') out.raw('{');
    out.raw('}');
    if (!envelope.empty()) out.raw('}');
    out.finish();
    return body;
}

}  // namespace syncline::wire::json
