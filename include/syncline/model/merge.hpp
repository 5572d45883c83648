/// The only place where two edits of a field become one value; called by the server and by the client alike.
#pragma once

#include <syncline/model/operation.hpp>

namespace syncline {

/// One field's outcome.
struct merged_field {
    cell value;
    bool conflict = false;  ///< both sides changed the field, to different values
    bool mine_won = false;
};

/// Merges an edit (`before` to `mine`) into the value the other side holds now.
[[nodiscard]] constexpr merged_field merge_field(merge_policy policy, const cell& before, const cell& mine, const cell& theirs) noexcept {
    const bool conflict = !(theirs == before) && !(theirs == mine);
    switch (policy) {
        case merge_policy::last_write: return {mine, conflict, true};
    }
    return {mine, conflict, true};
}

/// Applies an edit to `row` in place, the new cells pointing where the edit's cells point.
/// Returns the columns in which both sides had changed the value differently. Fields whose value before is not known conflict with nothing.
inline column_mask merge_into(std::span<cell> row, const table_view& table, const operation_values& edit) noexcept {
    column_mask conflicts = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (!has_column(edit.mask, i)) continue;
        const cell& before = has_column(edit.before_mask, i) ? edit.before[i] : row[i];
        const merged_field merged = merge_field(table.columns[i].policy, before, edit.after[i], row[i]);
        if (merged.conflict) conflicts |= only_column(i);
        row[i] = merged.value;
    }
    return conflicts;
}

/// What to do with a row that was removed on one side while the other side may have an edit of it that was not sent.
enum class removal_action : std::uint8_t { nothing, remove, remove_and_keep_edit };

/// Decides for a removal that arrives (`removed`) at a row: removal wins, the losing edit is kept in a conflict record.
[[nodiscard]] constexpr removal_action decide_removal(bool removed, bool has_unsent_edit) noexcept {
    if (!removed) return removal_action::nothing;
    return has_unsent_edit ? removal_action::remove_and_keep_edit : removal_action::remove;
}

static_assert(decide_removal(true, true) == removal_action::remove_and_keep_edit);
static_assert(decide_removal(true, false) == removal_action::remove);
static_assert(decide_removal(false, true) == removal_action::nothing);
static_assert(merge_field(merge_policy::last_write, cell::integer(1), cell::integer(2), cell::integer(3)).conflict);
static_assert(!merge_field(merge_policy::last_write, cell::integer(1), cell::integer(2), cell::integer(1)).conflict);
static_assert(!merge_field(merge_policy::last_write, cell::integer(1), cell::integer(2), cell::integer(2)).conflict);

}  // namespace syncline
