/// One row as pages and verdicts write it: what sync knows of it beside its fields, flat in one object.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

#include <syncline/wire/field_reader.hpp>
#include <syncline/wire/members.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline::wire {

/// Names beside the fields, in the order they are written.
inline constexpr std::array<std::string_view, 6> row_member_names{"id",        "localId",   "version",
                                                                  "updatedAt", "isDeleted", "incarnation"};

/// Reads one row object at a time: start, then keys and values, then finish.
class row_reader {
public:
    row_reader(cell_decoder& decoder, cell_pool& pool, error& problem) noexcept
        : fields_(decoder, pool, unknown_fields::ignored, problem), problem_(problem) {}

    /// Begins an object; without a table its fields are kept until finish.
    void start(const table_view* table) {
        members_.start();
        fields_.start(table);
        row_ = {};
    }

    [[nodiscard]] key_use key(std::string_view name) {
        constexpr std::uint32_t all_members = (1u << row_member_names.size()) - 1;
        member_ = member_finder::unknown;
        if (members_.seen() == all_members && fields_.predicts(name)) return fields_.key(name);
        member_ = members_.find(row_member_names, name);
        if (member_ == member_finder::unknown) return fields_.key(name);
        if (member_ != member_finder::repeated) return key_use::take;
        note(problem_, error_code::duplicate_key, "the key is there twice", name);
        return key_use::ignore;
    }

    void value(const json_value& value) {
        if (member_ < 0) return fields_.value(value);
        constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
        const member_value read(value, row_member_names[static_cast<std::size_t>(member_)], problem_);
        switch (static_cast<in_row::member>(member_)) {
            case in_row::id: row_.id = read.id<server_id>().value_or(server_id()); break;
            case in_row::local: row_.local = read.id<local_id>().value_or(local_id()); break;
            case in_row::version: row_.version = read.integer(1, largest).value_or(0); break;
            case in_row::updated_at:
                row_.updated_at_ms = read.integer(std::numeric_limits<std::int64_t>::min(), largest).value_or(0);
                break;
            case in_row::is_deleted: row_.removed = read.boolean().value_or(false); break;
            case in_row::incarnation:
                row_.incarnation =
                    static_cast<incarnation_number>(read.integer(1, std::numeric_limits<incarnation_number>::max()).value_or(1));
        }
    }

    /// Every object or array within a row is no value of it: noted, or ignored where the field is unknown.
    void nested_value() { value({json_kind::nested, 0, 0, {}}); }

    /// The row, checked against its table; table indices are the caller's.
    [[nodiscard]] const server_row_view& finish(const table_view& table) {
        constexpr std::uint32_t required = 1u << in_row::id | 1u << in_row::local | 1u << in_row::version;
        if (const std::string_view name = members_.missing(row_member_names, required); !name.empty())
            note(problem_, error_code::missing_field, "a row needs this key", name);
        if (row_.removed) return row_;
        fields_.finish(table);
        row_.cells = fields_.cells();
        for (std::size_t i = 0; i < table.columns.size(); ++i)
            if (!has_column(fields_.mask(), i) && !table.columns[i].nullable)
                note(problem_, error_code::missing_field, "a row needs this field", table.columns[i].name);
        return row_;
    }

    [[nodiscard]] const local_id& local_so_far() const noexcept { return row_.local; }

private:
    struct in_row {
        enum member : int { id, local, version, updated_at, is_deleted, incarnation };
    };

    field_reader fields_;
    error& problem_;
    member_finder members_;
    int member_ = 0;
    server_row_view row_;
};

}  // namespace syncline::wire
