/// What sync knows of a row beside its fields, as pages and verdicts write it.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include <syncline/wire/cell_rules.hpp>
#include <syncline/wire/members.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline::wire {

using syncline::row_member;

inline constexpr version_range row_versions = version_range::of_row;

/// The text of the last writer stays where it is.
inline void take_row_member(int member, const wire_value& value, const table_view& table, server_row_view& row, error& problem) {
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t last_life = std::numeric_limits<incarnation_number>::max();
    const member_value read(value, table.members[static_cast<std::size_t>(member)], problem);
    switch (static_cast<row_member::place>(member)) {
        case row_member::id: read.id(row.id); break;
        case row_member::local: read.id(row.local); break;
        case row_member::version: row.version = read.version(row_versions); break;
        case row_member::updated_at:
            row.updated_at_ms = read.integer(std::numeric_limits<std::int64_t>::min(), largest).value_or(0);
            break;
        case row_member::is_deleted: row.removed = read.boolean().value_or(false); break;
        case row_member::incarnation:
            row.incarnation = static_cast<incarnation_number>(read.integer(1, last_life).value_or(1));
            break;
        case row_member::base_version: row.base_version = read.version(row_versions); break;
        case row_member::last_writer:
            row.last_writer = read.text(tag_bytes_max).value_or("");
            if (row.last_writer.empty()) note(problem, error_code::malformed, "a device has a name", "lastWriter");
            break;
        case row_member::last_seq: row.last_seq = read.integer(1, largest).value_or(0); break;
    }
}

namespace detail {

inline void note_what_is_wrong(const server_row_view& row, const table_view& table, std::uint32_t seen, column_mask fields, error& problem) {
    if (const std::string_view name = first_missing(table.members, row_member::required, seen); !name.empty())
        note(problem, error_code::missing_field, "a row needs this key", name);
    if (const std::uint32_t told = seen & row_member::of_last_writer; told != 0 && told != row_member::of_last_writer)
        note(problem, error_code::missing_field, "a last writer is a device and a sequence",
             first_missing(table.members, row_member::of_last_writer, seen));
    if (row.removed) return;
    if (const std::uint32_t wrong = seen & ~row_member::of_every_row; wrong != 0)
        note(problem, error_code::malformed, "only a removed row has this key", first_missing(table.members, wrong, 0));
    if (const std::string_view name = missing_column(table, fields); !name.empty())
        note(problem, error_code::missing_field, "a row needs this field", name);
}

}  // namespace detail

/// Whether the row is whole; `seen` are the places of its members, `fields` the columns that were there.
inline void check_row(const server_row_view& row, const table_view& table, std::uint32_t seen, column_mask fields, error& problem) {
    const bool has_all_fields = row.removed || (table.all_columns() & ~fields) == 0;
    if (has_all_fields && (row_member::required & ~seen) == 0 && (seen & ~row_member::of_every_row) == 0) return;
    detail::note_what_is_wrong(row, table, seen, fields, problem);
}

}  // namespace syncline::wire
