/// What a row looks like if edits are laid over a newer row of the server: written once, for every way in which the two can meet.
#pragma once

#include <span>

#include <syncline/model/merge.hpp>

namespace syncline {

/// One edit of a row that has no final verdict yet.
struct pending_edit {
    operation_values values;
    bool creates = false;    ///< the edit made the row
    bool contained = false;  ///< the server's row already contains it
    bool unsent = false;     ///< the server will see it only on top of the row that arrives now
};

/// What a create that met a visible row of its name made of it.
struct meeting {
    column_mask kept = 0;       ///< columns in which the row kept another value than the create had
    column_mask replaced = 0;   ///< columns in which the create, or an edit of what it made, took the place of another device's value
    column_mask not_taken = 0;  ///< columns in which the row has no room for the edit
};

/// The columns of a visible row that a create of its name may change: all by some policies, else those that were edited since it was made.
[[nodiscard]] constexpr column_mask columns_wanted(const table_view& table, const operation_values& create) noexcept {
    const bool all = table.create_policy == create_conflict_policy::mine_wins || table.create_policy == create_conflict_policy::merge;
    return all ? create.mask : create.before_mask & create.mask;
}

/// Lays a create over the visible row of its name, in the columns of `taken`: by the entity's policy what was made, and then what was
/// edited since as an edit of what was made. By the policy `refuse`, a
/// create of which anything is kept if nothing is taken is to be refused.
inline meeting meet(std::span<cell> row, const table_view& table, const operation_values& create, column_mask taken) noexcept {
    const bool replaces = table.create_policy == create_conflict_policy::mine_wins;
    meeting result;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (!has_column(create.mask, i)) continue;
        const column_view& column = table.columns[i];
        const bool edited = has_column(create.before_mask, i);
        const cell theirs = row[i];
        const cell& made = edited ? create.before[i] : create.after[i];
        const bool differs = !(made == theirs);
        if (!has_column(taken, i)) {
            if (differs) result.kept |= only_column(i);
            continue;
        }
        merged_field merged{theirs};
        if (replaces) merged = {made, differs, true};
        else if (table.create_policy == create_conflict_policy::merge)
            merged = merge_field(column, column.policy == merge_policy::counter ? cell() : theirs, made, theirs);
        // Edited, though what it was made with is not known here, such as a key to a row that never arrived.
        else if (!edited) merged.value = create.after[i];
        if (edited && merged.taken) {
            const bool replaced = merged.conflict;
            merged = merge_field(column, made, create.after[i], merged.value);
            merged.conflict = merged.conflict || replaced;
        }
        if (merged.conflict && !(merged.value == theirs)) result.replaced |= only_column(i);
        if (!merged.taken) result.not_taken |= only_column(i);
        row[i] = merged.value;
    }
    return result;
}

/// Puts the values of an edit in place of the row's.
inline void put_values(std::span<cell> row, const operation_values& edit) noexcept {
    for (std::size_t i = 0; i < row.size(); ++i)
        if (has_column(edit.mask, i)) row[i] = edit.after[i];
}

/// Lays the edits, oldest first, over `row`, which holds the server's row and becomes what the application sees.
/// Returns the columns in which an unsent edit and the server's row disagree: the server will not see those conflicts.
inline column_mask rebase(std::span<cell> row, const table_view& table, std::span<const pending_edit> edits) noexcept {
    column_mask conflicts = 0;
    for (const pending_edit& edit : edits) {
        if (edit.contained) continue;
        column_mask met = 0;
        if (!edit.creates) met = merge_into(row, table, edit.values).conflicts;
        // The server will refuse the create, so that the application goes on to see what it made.
        else if (table.create_policy == create_conflict_policy::refuse) put_values(row, edit.values);
        else met = meet(row, table, edit.values, columns_wanted(table, edit.values)).replaced;
        if (edit.unsent) conflicts |= met;
    }
    return conflicts;
}

}  // namespace syncline
