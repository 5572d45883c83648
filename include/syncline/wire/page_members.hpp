/// The members of a page, and what must hold of it as a whole.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/wire/members.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline::wire {

/// The members of a page by their places in `names`.
struct page_member {
    enum place : int { changes, last_sync, more, includes, snapshot, owner };
    static constexpr std::array<std::string_view, 6> names{"changes", "lastSync", "more", "includes", "snapshot", "owner"};
    static constexpr std::uint32_t required = 1u << changes | 1u << last_sync | 1u << more | 1u << includes;
};

/// The members of `includes` by their places in `names`.
struct includes_member {
    enum place : int { floor, above };
    static constexpr std::array<std::string_view, 2> names{"floor", "above"};
};

inline void take_page_member(int member, const wire_value& value, page& out, error& problem) {
    const std::string_view name = page_member::names[static_cast<std::size_t>(member)];
    const member_value read(value, name, problem);
    switch (static_cast<page_member::place>(member)) {
        case page_member::last_sync: out.cursor = read.text(tag_bytes_max).value_or(""); break;
        case page_member::more: out.more = read.boolean().value_or(false); break;
        case page_member::owner: out.owner = read.text(tag_bytes_max).value_or(""); break;
        case page_member::snapshot: out.snapshot = read.boolean().value_or(false); break;
        case page_member::changes:
        case page_member::includes: note(problem, error_code::wrong_type, "an object was expected", name);
    }
}

inline void take_includes_member(int member, const wire_value& value, included_operations& out, error& problem) {
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    const std::string_view name = includes_member::names[static_cast<std::size_t>(member)];
    if (member == includes_member::floor) out.floor = member_value(value, name, problem).integer(0, largest).value_or(0);
    else note(problem, error_code::wrong_type, "a list of sequences was expected", name);
}

inline void take_included_sequence(const wire_value& value, included_operations& out, error& problem) {
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    const std::string_view name = includes_member::names[includes_member::above];
    if (const auto seq = member_value(value, name, problem).integer(1, largest)) out.above.push_back(*seq);
}

/// Puts the rows in push order of their tables; rows of one table keep their order.
inline void group_by_table(std::vector<server_row_view>& rows, const schema_view& schema) {
    const auto by_table = [](const server_row_view& a, const server_row_view& b) { return a.table < b.table; };
    if (std::is_sorted(rows.begin(), rows.end(), by_table)) return;
    std::vector<server_row_view> grouped;
    grouped.reserve(rows.size());
    for (int table = 0; table < schema.size(); ++table)
        for (const server_row_view& row : rows)
            if (row.table == table) grouped.push_back(row);
    rows = std::move(grouped);
}

/// What must hold of a page that has been read whole; `seen` are the places of its members that were there.
inline void check_page(const page& read, std::uint32_t seen, error& problem) {
    if (const std::string_view name = first_missing(page_member::names, page_member::required, seen); !name.empty())
        note(problem, error_code::missing_field, "a page needs this key", name);
    else if (read.cursor.empty()) note(problem, error_code::malformed, "a cursor is not empty", "lastSync");
}

}  // namespace syncline::wire
