/// Pure step: what a row looks like when the server's newest row arrives under edits of this device.
#pragma once

#include <span>

#include <syncline/model/merge.hpp>

namespace syncline {

/// One edit of a row that has no final verdict yet, oldest first.
struct pending_edit {
    operation_values values;
    bool included = false;  ///< the server's row already contains it
    bool unsent = false;    ///< the server will see it only on top of the row that arrives now
};

/// Lays the edits over `row`, which holds the server's row and becomes what the application sees.
/// Returns the columns in which an unsent edit and the server's row disagree: the server will not see those conflicts.
inline column_mask rebase(std::span<cell> row, const table_view& table, std::span<const pending_edit> edits) noexcept {
    column_mask conflicts = 0;
    for (const pending_edit& edit : edits) {
        if (edit.included) continue;
        const column_mask differing_fields = merge_into(row, table, edit.values);
        if (edit.unsent) conflicts |= differing_fields;
    }
    return conflicts;
}

}  // namespace syncline
