/// Pure step: whether an operation names a row and values that its table can hold, whoever made the operation.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include <syncline/base/errors.hpp>
#include <syncline/base/limits.hpp>
#include <syncline/base/text.hpp>
#include <syncline/model/operation.hpp>

namespace syncline {

/// A refusal that names the row of `op`, and the field at `column` unless that is negative.
[[nodiscard]] inline error problem_of(error_code code, std::string message, const table_view& table, const operation& op, int column = -1) {
    error problem{code, std::move(message), std::string(table.entity), op.id.str(), {}};
    if (column >= 0) problem.field = table.columns[static_cast<std::size_t>(column)].name;
    return problem;
}

/// Index of the first column of a set that is not empty.
[[nodiscard]] constexpr int first_column(column_mask columns) noexcept { return std::countr_zero(columns); }

/// Why the column cannot hold the value; `none` when it can.
[[nodiscard]] inline error_code check_value(const column_view& column, const cell& value, const limits& bounds) noexcept {
    if (value.is_null()) return column.nullable ? error_code::none : error_code::wrong_type;
    const auto expect = [&](bool right_type) { return right_type ? error_code::none : error_code::wrong_type; };
    switch (column.kind) {
        case column_kind::boolean: return expect(value.kind() == cell_kind::boolean);
        case column_kind::timestamp: return expect(value.kind() == cell_kind::integer);
        case column_kind::integer:
            if (value.kind() != cell_kind::integer) return error_code::wrong_type;
            return value.as_integer() < column.least || value.as_integer() > column.greatest ? error_code::out_of_range : error_code::none;
        case column_kind::real:
            if (value.kind() != cell_kind::real) return error_code::wrong_type;
            return std::isfinite(value.as_real()) ? error_code::none : error_code::out_of_range;
        case column_kind::text:
        case column_kind::set:
            if (value.kind() != cell_kind::text) return error_code::wrong_type;
            if (value.view().size() > bounds.string_bytes) return error_code::too_large;
            return is_clean_utf8(value.view()) ? error_code::none : error_code::invalid_text;
        case column_kind::bytes:
            if (value.kind() != cell_kind::bytes) return error_code::wrong_type;
            return value.view().size() > bounds.string_bytes ? error_code::too_large : error_code::none;
        case column_kind::key:
            if (value.kind() == cell_kind::local_key) return local_id::is_valid(value.view()) ? error_code::none : error_code::invalid_id;
            if (value.kind() == cell_kind::server_key) return server_id::is_valid(value.view()) ? error_code::none : error_code::invalid_id;
            return error_code::wrong_type;
    }
    return error_code::wrong_type;
}

/// The first thing in `op` that its table cannot hold; an error of code `none` when there is nothing.
[[nodiscard]] inline error check_values(const table_view& table, const operation& op, const limits& bounds) {
    if (!local_id::is_valid(op.id.view())) return problem_of(error_code::invalid_id, "not a local id", table, op);
    if (op.incarnation < 1) return problem_of(error_code::out_of_range, "incarnations count from 1", table, op);
    if (op.kind != operation_kind::create && op.kind != operation_kind::update) return {};
    const operation_values& values = op.values;
    const std::size_t width = table.columns.size();
    if ((values.mask != 0 && values.after.size() != width) || (values.before_mask != 0 && values.before.size() != width))
        return problem_of(error_code::malformed, "values of another width than the table's", table, op);
    for (std::size_t i = 0; i < width; ++i) {
        const auto column = static_cast<int>(i);
        if (has_column(values.mask, i)) {
            const error_code code = check_value(table.columns[i], values.after[i], bounds);
            if (code != error_code::none) return problem_of(code, "a value that the field cannot hold", table, op, column);
            // What a create was made with can become the row's value, other values before an edit cannot.
            if (op.kind != operation_kind::create || !has_column(values.before_mask, i)) continue;
            const error_code made = check_value(table.columns[i], values.before[i], bounds);
            if (made != error_code::none) return problem_of(made, "a value that the field cannot hold", table, op, column);
        } else if (op.kind == operation_kind::create && !table.columns[i].nullable) {
            return problem_of(error_code::missing_field, "a new row needs this field", table, op, column);
        }
    }
    return {};
}

}  // namespace syncline
