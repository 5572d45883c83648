/// One row of a REST backend: its members by adjusted names, into cells.
#pragma once

#include <charconv>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/wire/json/cell_decoder.hpp>
#include <syncline/wire/rest_rows.hpp>

namespace syncline::wire::json {

/// Reads one row object at a time: start, then keys and values, then finish. Members of unknown names are ignored.
class rest_row_reader {
public:
    rest_row_reader(const schema_view& schema, const rest_row_names& names, std::span<const rest_table_names> tables, const limits& bounds,
                    rest_rows& out, error& problem)
        : schema_(schema), names_(names), tables_(tables), out_(out), decoder_(bounds, out.bytes, key_form::server_only), problem_(problem) {}

    /// `table` is -1 where the member `kind` of the row says it.
    void start(int table, std::string_view kind) {
        table_ = table;
        kind_ = kind;
        members_.clear();
        next_ = 0;
    }

    /// True when the value is wanted.
    [[nodiscard]] bool key(std::string_view name) {
        if (table_ >= 0 && !is_known(name)) return false;
        if (members_.size() >= members_max) {
            note(problem_, error_code::too_large, "a row has too many members");
            return false;
        }
        members_.push_back({out_.bytes.keep(name), {}});
        return true;
    }

    void value(const wire_value& value) {
        members_.back().value = value;
        members_.back().value.text = out_.bytes.keep(value.text);
    }

    /// The row. Nothing for a row of an unknown table.
    [[nodiscard]] std::optional<rest_row> finish(bool whole) {
        rest_row row;
        row.table = table_ >= 0 ? table_ : find_kind();
        if (row.table < 0) return std::nullopt;
        const table_view& table = schema_[row.table];
        const rest_row_names& names = names_of(row.table);
        for (const member& one : members_) take_name(one, names, row);
        const std::span<cell> values = out_.cells.take(table.columns.size());
        if (!row.removed)
            for (const member& one : members_) take_field(one, table, values, row.present);
        row.values = values;
        if (whole && row.id.empty()) note(problem_, error_code::missing_field, "a row needs this member", presentable(names.id));
        if (whole && !row.removed)
            if (const std::string_view name = missing_column(table, row.present); !name.empty())
                note(problem_, error_code::missing_field, "a row needs this field", name);
        return row;
    }

private:
    struct member {
        std::string_view name;
        wire_value value;
    };
    static constexpr std::size_t members_max = 4 * columns_max;

    [[nodiscard]] const rest_row_names& names_of(int table) const noexcept {
        return tables_[static_cast<std::size_t>(table)].names_of_rows(names_);
    }

    [[nodiscard]] bool is_known(std::string_view name) {
        const rest_row_names& names = names_of(table_);
        for (const std::string* one : {&names.id, &names.local_id, &names.version, &names.updated_at, &names.deleted})
            if (!name.empty() && name == *one) return true;
        return find_column(table_, name) >= 0;
    }

    /// Tries first the column that follows the one found last.
    [[nodiscard]] int find_column(int table, std::string_view name) noexcept {
        const std::vector<std::string>& columns = tables_[static_cast<std::size_t>(table)].columns;
        for (std::size_t step = 0; step < columns.size(); ++step) {
            const std::size_t i = (next_ + step) % columns.size();
            if (columns[i] != name) continue;
            next_ = i + 1;
            return static_cast<int>(i);
        }
        return -1;
    }

    [[nodiscard]] int find_kind() const noexcept {
        for (const member& one : members_)
            if (one.name == kind_ && one.value.kind == value_kind::text)
                for (std::size_t i = 0; i < tables_.size(); ++i)
                    if (tables_[i].feed == one.value.text) return static_cast<int>(i);
        return -1;
    }

    void take_name(const member& one, const rest_row_names& names, rest_row& row) {
        const wire_value& value = one.value;
        if (one.name == names.id) {
            if (const auto id = server_id::parse(id_text(value))) row.id = *id;
            else note(problem_, error_code::invalid_id, "not a server id", presentable(names.id));
        } else if (one.name.empty() || value.kind == value_kind::null) {
            return;
        } else if (one.name == names.local_id) {
            // A local id of another form was made by another program: the row gets one of its own.
            if (value.kind == value_kind::text) row.local = local_id::parse(value.text).value_or(local_id());
        } else if (one.name == names.version) {
            take_version(value, row.version);
        } else if (one.name == names.updated_at) {
            row.updated_at = moment_of(value, names.updated_at_form);
            if (!row.updated_at) note(problem_, error_code::wrong_type, "not a moment of the form that was agreed on", presentable(names.updated_at));
        } else if (one.name == names.deleted) {
            row.removed = value.kind == value_kind::text ? !value.text.empty() : value.integer != 0 || value.real != 0;
        }
    }

    /// A backend's own integers count in the first generation; a text is a version of ours.
    void take_version(const wire_value& value, row_version& out) {
        const auto read = value.kind == value_kind::text ? row_version::parse(value.text) : std::nullopt;
        if (read) out = *read;
        else if (value.kind == value_kind::integer) out = value.integer > 0 ? row_version(first_generation, value.integer) : row_version();
        else note(problem_, error_code::wrong_type, "an integer or a version was expected", presentable(names_.version));
    }

    void take_field(const member& one, const table_view& table, std::span<cell> values, column_mask& present) {
        const int found = find_column(static_cast<int>(&table - schema_.tables.data()), one.name);
        if (found < 0) return;
        const auto at = static_cast<std::size_t>(found);
        const column_view& column = table.columns[at];
        wire_value value = one.value;
        if (column.kind == column_kind::key && value.kind != value_kind::null) {
            if (const std::string_view text = id_text(value); !text.empty()) value = {value_kind::text, 0, 0, text};
        } else if (column.kind == column_kind::boolean && value.kind == value_kind::integer && (value.integer == 0 || value.integer == 1)) {
            value.kind = value_kind::boolean;
        } else if (column.kind == column_kind::timestamp && value.kind != value_kind::null) {
            const auto moment = moment_of(value, names_.moments);
            if (!moment) return note(problem_, error_code::wrong_type, "not a moment of the form that was agreed on", column.name);
            value = {value_kind::integer, *moment, 0, {}};
        }
        decoder_.decode(column, value, values[at], problem_);
        present |= column_mask{1} << at;
    }

    /// A text, or the digits of an integer, kept in `digits_`.
    [[nodiscard]] std::string_view id_text(const wire_value& value) {
        if (value.kind == value_kind::text) return value.text;
        if (value.kind != value_kind::integer) return {};
        digits_ = std::to_string(value.integer);
        return digits_;
    }

    [[nodiscard]] static std::optional<std::int64_t> moment_of(const wire_value& value, moment_form form) {
        if (form == moment_form::iso8601) return value.kind == value_kind::text ? parse_iso8601(value.text) : std::nullopt;
        if (value.kind == value_kind::integer) return microseconds_of(value.integer, form);
        constexpr double largest = 9e18;
        const double scaled = std::floor(value.real * static_cast<double>(microseconds_in(form)));
        if (value.kind != value_kind::real || !(std::abs(scaled) < largest)) return std::nullopt;
        return static_cast<std::int64_t>(scaled);
    }

    const schema_view& schema_;
    const rest_row_names& names_;
    std::span<const rest_table_names> tables_;
    rest_rows& out_;
    cell_decoder decoder_;
    error& problem_;
    int table_ = -1;
    std::string_view kind_;
    std::vector<member> members_;
    std::size_t next_ = 0;
    std::string digits_;
};

}  // namespace syncline::wire::json
