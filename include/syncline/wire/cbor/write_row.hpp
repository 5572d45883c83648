/// Cells, names of fields and rows as CBOR.
#pragma once

#include <bit>
#include <cstddef>

#include <syncline/model/row.hpp>
#include <syncline/wire/cbor/running.hpp>
#include <syncline/wire/cbor/sink.hpp>
#include <syncline/wire/row_members.hpp>

namespace syncline::wire::cbor {

/// The cell's value. A local key is a list of its one id, which no other value of a cell is.
inline void write_cell(sink& out, const cell& value) {
    switch (value.kind()) {
        case cell_kind::null: out.null(); break;
        case cell_kind::boolean: out.boolean(value.as_boolean()); break;
        case cell_kind::integer: out.integer(value.as_integer()); break;
        case cell_kind::real: out.real(value.as_real()); break;
        case cell_kind::text: out.text(value.view()); break;
        case cell_kind::bytes: out.bytes(value.view()); break;
        case cell_kind::local_key: out.array(1).id(value.view()); break;
        case cell_kind::server_key: out.id(value.view()); break;
    }
}

[[nodiscard]] constexpr std::size_t count_columns(column_mask mask) noexcept { return static_cast<std::size_t>(std::popcount(mask)); }

/// The names of the columns in `mask`, as the header of a run lists them.
inline void write_names(sink& out, const table_view& table, column_mask mask) {
    out.array(count_columns(mask));
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        if (has_column(mask, i)) out.text(table.columns[i].name);
}

/// The values of the columns in `mask`, in the order of write_names.
inline void write_cells(sink& out, cells values, column_mask mask) {
    out.array(count_columns(mask));
    for (std::size_t i = 0; i < values.size(); ++i)
        if (has_column(mask, i)) write_cell(out, values[i]);
}

/// Both numbers of the version, as differences from `before`, which becomes this version.
inline void write_version(sink& out, row_version version, running_version& before) {
    out.array(2).integer(before.generation.difference(version.generation())).integer(before.number.difference(version.number()));
}

/// The row without the names of its fields; a removed row has no fields.
inline void write_row(sink& out, const table_view& table, const server_row_view& row, row_history& before) {
    const bool same_time = row.updated_at_ms == before.updated_at_ms.previous();
    const bool has_life = row.incarnation != 1;
    const bool has_base = row.removed && !row.base_version.is_none();
    const bool has_writer = row.removed && !row.last_writer.empty();
    out.map(3u + (same_time ? 0u : 1u) + (has_life ? 1u : 0u) + 1u + (has_base ? 1u : 0u) + (has_writer ? 2u : 0u));
    out.key(row_member::id).id(row.id.view());
    out.key(row_member::local).id(row.local.view());
    write_version(out.key(row_member::version), row.version, before.version);
    if (!same_time) out.key(row_member::updated_at).integer(before.updated_at_ms.difference(row.updated_at_ms));
    if (row.removed) out.key(row_member::is_deleted).boolean(true);
    if (has_life) out.key(row_member::incarnation).integer(row.incarnation);
    if (has_base) out.key(row_member::base_version).version(row.base_version);
    if (has_writer) out.key(row_member::last_writer).text(row.last_writer).key(row_member::last_seq).integer(row.last_seq);
    if (row.removed) return;
    out.key(row_fields);
    write_cells(out, row.cells, table.all_columns());
}

}  // namespace syncline::wire::cbor
