/// The last check before a row is stored: a cell of the right kind in every column, null only where null is allowed.
#pragma once

#include <cmath>
#include <string>

#include <syncline/base/assert.hpp>
#include <syncline/base/errors.hpp>
#include <syncline/model/cell.hpp>
#include <syncline/schema/schema_view.hpp>

namespace syncline::detail {

/// The kind of cell that a store holds for a column; keys are local ids.
[[nodiscard]] constexpr cell_kind stored_kind(column_kind kind) noexcept {
    switch (kind) {
        case column_kind::boolean: return cell_kind::boolean;
        case column_kind::integer:
        case column_kind::timestamp: return cell_kind::integer;
        case column_kind::real: return cell_kind::real;
        case column_kind::bytes: return cell_kind::bytes;
        case column_kind::key: return cell_kind::local_key;
        case column_kind::text:
        case column_kind::set: break;
    }
    return cell_kind::text;
}

/// Throws store_error, naming the column, when `values` are no row of `table`.
inline void check_row(const table_view& table, cells values) {
    SYNCLINE_ASSERT(values.size() == table.columns.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const column_view& column = table.columns[i];
        const cell_kind kind = values[i].kind();
        const bool right = kind == stored_kind(column.kind) ? kind != cell_kind::real || !std::isnan(values[i].as_real())
                                                            : kind == cell_kind::null && column.nullable;
        if (!right)
            throw store_error("a value for " + std::string(table.name) + "." + std::string(column.name) +
                              (kind == cell_kind::null ? " is null, which the column does not allow" : " is not of the column's type"));
    }
}

}  // namespace syncline::detail
