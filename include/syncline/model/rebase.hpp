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

/// Lays a create over a visible row of the same name: the row's values stay, and what was edited after the create is an edit of them.
/// `result.conflicts` are the edited columns in which both sides differ.
/// Returns the columns in which the row kept another value than the create had.
inline column_mask meet(std::span<cell> row, const table_view& table, const operation_values& create, merge_result& result) noexcept {
    column_mask kept = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (!has_column(create.mask, i)) continue;
        const cell& made = has_column(create.before_mask, i) ? create.before[i] : create.after[i];
        if (!(made == row[i])) kept |= only_column(i);
    }
    result = merge_into(row, table, {create.before_mask & create.mask, create.after, create.before_mask, create.before});
    return kept & ~create.before_mask;
}

/// Lays the edits, oldest first, over `row`, which holds the server's row and becomes what the application sees.
/// Returns the columns in which an unsent edit and the server's row disagree: the server will not see those conflicts.
inline column_mask rebase(std::span<cell> row, const table_view& table, std::span<const pending_edit> edits) noexcept {
    column_mask conflicts = 0;
    for (const pending_edit& edit : edits) {
        if (edit.contained) continue;
        merge_result met;
        if (edit.creates) meet(row, table, edit.values, met);
        else met = merge_into(row, table, edit.values);
        if (edit.unsent) conflicts |= met.conflicts;
    }
    return conflicts;
}

}  // namespace syncline
