/// The only place where two edits of a field become one value; called by the server and by the client alike.
#pragma once

#include <cstdint>

#include <syncline/model/operation.hpp>

namespace syncline {

/// One field's outcome.
struct merged_field {
    cell value;
    bool conflict = false;  ///< both sides changed the field, to different values
    bool taken = true;      ///< false: the edit cannot be laid over this value, which stays
};

namespace detail {
/// `theirs` with what an edit added to a counter. The sum is not taken if the column cannot hold it.
[[nodiscard]] constexpr merged_field add_change(const column_view& column, std::int64_t before, std::int64_t mine, std::int64_t theirs) noexcept {
    // Each difference fits an unsigned word, and the sum is compared before it is made.
    const bool grows = mine >= before;
    const std::uint64_t by = grows ? static_cast<std::uint64_t>(mine) - static_cast<std::uint64_t>(before)
                                   : static_cast<std::uint64_t>(before) - static_cast<std::uint64_t>(mine);
    const std::int64_t bound = grows ? column.greatest : column.least;
    const bool inside = grows ? theirs <= bound : theirs >= bound;
    const std::uint64_t room = grows ? static_cast<std::uint64_t>(bound) - static_cast<std::uint64_t>(theirs)
                                     : static_cast<std::uint64_t>(theirs) - static_cast<std::uint64_t>(bound);
    if (!inside || by > room) return {cell::integer(theirs), true, false};
    const std::uint64_t sum = grows ? static_cast<std::uint64_t>(theirs) + by : static_cast<std::uint64_t>(theirs) - by;
    return {cell::integer(static_cast<std::int64_t>(sum)), false, true};
}
}  // namespace detail

/// Merges an edit (`before` to `mine`) into the value the other side holds now. A null `before` of a counter counts from 0.
[[nodiscard]] constexpr merged_field merge_field(const column_view& column, const cell& before, const cell& mine, const cell& theirs) noexcept {
    switch (column.policy) {
        case merge_policy::last_write: break;
        case merge_policy::counter:
            if (mine.kind() != cell_kind::integer || theirs.kind() != cell_kind::integer) break;
            return detail::add_change(column, before.kind() == cell_kind::integer ? before.as_integer() : 0, mine.as_integer(), theirs.as_integer());
    }
    return {mine, !(theirs == before) && !(theirs == mine), true};
}

/// What laying an edit over a row met.
struct merge_result {
    column_mask conflicts = 0;  ///< columns in which both sides had changed the value differently
    column_mask not_taken = 0;  ///< columns in which the row kept its value, because it has no room for the edit
};

/// Applies an edit to `row` in place, the new cells pointing where the edit's cells point. A field whose value before is not known
/// conflicts with nothing.
inline merge_result merge_into(std::span<cell> row, const table_view& table, const operation_values& edit) noexcept {
    merge_result result;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (!has_column(edit.mask, i)) continue;
        const column_view& column = table.columns[i];
        const cell unknown = column.policy == merge_policy::counter ? cell() : row[i];
        const merged_field merged = merge_field(column, has_column(edit.before_mask, i) ? edit.before[i] : unknown, edit.after[i], row[i]);
        if (merged.conflict) result.conflicts |= only_column(i);
        if (!merged.taken) result.not_taken |= only_column(i);
        row[i] = merged.value;
    }
    return result;
}

}  // namespace syncline
