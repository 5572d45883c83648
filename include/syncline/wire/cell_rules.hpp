/// One value as the cell of one column: where types, ranges and bounds of row values are checked, whatever the encoding.
#pragma once

#include <cstdint>
#include <string_view>

#include <syncline/base/ids.hpp>
#include <syncline/base/limits.hpp>
#include <syncline/model/row.hpp>
#include <syncline/schema/names.hpp>
#include <syncline/schema/row_member.hpp>
#include <syncline/wire/members.hpp>

namespace syncline::wire {

/// Whether a foreign key may be a local id.
enum class key_form : std::uint8_t { server_only, server_or_local };

/// What to do with a field that the table does not have.
enum class unknown_fields : std::uint8_t { refused, ignored };

/// What values of columns must be.
class cell_rules {
public:
    cell_rules(const limits& bounds, key_form keys) noexcept : bounds_(bounds), keys_(keys) {}

    [[nodiscard]] key_form keys() const noexcept { return keys_; }

    /// Sets `out`, its text where that of `value` is, or notes in `problem` why the value is none of this column.
    [[gnu::always_inline]] void check(const column_view& column, const wire_value& value, cell& out, error& problem) const {
        if (value.kind == value_kind::null) {
            if (!column.nullable) note(problem, error_code::wrong_type, "the field cannot be null", column.name);
            out = cell::null();
            return;
        }
        switch (column.kind) {
            case column_kind::boolean:
                if (value.kind == value_kind::boolean) out = cell::boolean(value.integer != 0);
                else wrong(column, "the field takes true or false", problem);
                break;
            case column_kind::integer:
            case column_kind::timestamp: check_integer(column, value, out, problem); break;
            case column_kind::real:
                if (value.kind == value_kind::integer) out = cell::real(static_cast<double>(value.integer));
                else if (value.kind == value_kind::real || value.kind == value_kind::huge_integer) out = cell::real(value.real);
                else wrong(column, "the field takes a number", problem);
                break;
            case column_kind::text:
            case column_kind::set: check_text(column, value, out, problem); break;
            case column_kind::bytes:
                if (value.kind != value_kind::bytes) wrong(column, "the field takes bytes", problem);
                else if (is_short_enough(column, value.text, "the bytes are too many", problem)) out = cell::bytes(value.text);
                break;
            case column_kind::key: check_key(column, value, out, problem); break;
        }
    }

private:
    static void wrong(const column_view& column, std::string_view text, error& problem) {
        note(problem, error_code::wrong_type, text, column.name);
    }

    [[nodiscard]] bool is_short_enough(const column_view& column, std::string_view text, std::string_view said,
                                       error& problem) const {
        if (text.size() <= bounds_.string_bytes) return true;
        note(problem, error_code::too_large, said, column.name);
        return false;
    }

    static void check_integer(const column_view& column, const wire_value& value, cell& out, error& problem) {
        const bool huge = value.kind == value_kind::huge_integer;
        if (value.kind != value_kind::integer && !huge) return wrong(column, "the field takes an integer", problem);
        const bool bounded = column.kind == column_kind::integer;
        if (huge || (bounded && (value.integer < column.least || value.integer > column.greatest)))
            return note(problem, error_code::out_of_range, "the field cannot hold the number", column.name);
        out = cell::integer(value.integer);
    }

    void check_text(const column_view& column, const wire_value& value, cell& out, error& problem) const {
        if (value.kind != value_kind::text) return wrong(column, "the field takes a text", problem);
        if (!is_short_enough(column, value.text, "the text is too long", problem)) return;
        // Both encodings have checked the UTF-8, but a NUL is legal in their texts.
        if (value.text.find('\0') != std::string_view::npos)
            return note(problem, error_code::invalid_text, "the text has a NUL", column.name);
        out = cell::text(value.text);
    }

    void check_key(const column_view& column, const wire_value& value, cell& out, error& problem) const {
        if (value.kind == value_kind::id) {
            out = cell::server_key(value.text);
        } else if (value.kind == value_kind::text) {
            if (!server_id::is_valid(value.text)) return note(problem, error_code::invalid_id, "not a server id", column.name);
            out = cell::server_key(value.text);
        } else if (value.kind == value_kind::local_reference && keys_ == key_form::server_or_local) {
            if (value.text.empty()) return note(problem, error_code::invalid_id, "not a local id", column.name);
            out = cell::local_key(value.text);
        } else {
            wrong(column, keys_ == key_form::server_only ? "the field takes a server id" : "the field takes a server id or a local id",
                  problem);
        }
    }

    const limits& bounds_;
    key_form keys_;
};

/// Place of the column `name`, added to `seen`; -1 where there is none, which is noted unless it is `ignored`, and where it was
/// there before, which is always noted.
[[nodiscard]] inline int take_column(const table_view& table, std::string_view name, unknown_fields unknown, column_mask& seen,
                                     error& problem) {
    const int column = table.find_column(name);
    if (column < 0) {
        if (unknown == unknown_fields::ignored) return -1;
        const bool reserved = is_reserved_field(name) || find_row_member(name) >= 0;
        note(problem, reserved ? error_code::reserved_field : error_code::unknown_field,
             reserved ? "the name is reserved" : "the entity has no such field", presentable(name));
        return -1;
    }
    const column_mask bit = only_column(static_cast<std::size_t>(column));
    if ((seen & bit) != 0) {
        note(problem, error_code::duplicate_key, "the field is there twice", name);
        return -1;
    }
    seen |= bit;
    return column;
}

/// The first column that is not in `seen` and cannot be null; empty if there is none.
[[nodiscard]] inline std::string_view missing_column(const table_view& table, column_mask seen) noexcept {
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        if (!has_column(seen, i) && !table.columns[i].nullable) return table.columns[i].name;
    return {};
}

}  // namespace syncline::wire
