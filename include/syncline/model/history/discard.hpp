/// Transitions of an edit that was set aside: sent again as it is, or given up.
#pragma once

#include <string>
#include <utility>

#include <syncline/model/history/page_row.hpp>

namespace syncline {

/// True if the newest edit was set aside.
[[nodiscard]] inline bool is_set_aside(const row_history& history) noexcept {
    return !history.edits.empty() && history.edits.back().state == entry_state::quarantined;
}

/// The edit that was set aside goes out again, with fresh attempts, and under a new sequence, because a sequence is answered once.
inline void retry(row_history& history) {
    outbox_entry& entry = history.edits.back();
    entry.state = entry_state::queued;
    entry.seq = 0;
    forget_refusals(entry);
}

/// The edits of the row are given up: what they were goes whole into a record, and what was sent of them is closed. The row shows the
/// server's values again, or goes.
[[nodiscard]] inline row_transition discard(row_history history, bool restores, std::string reason) {
    row_transition result{std::move(history), {}};
    row_history& next = result.next;
    conflict_record record;
    record.kind = conflict_kind::edit_discarded;
    record.table = next.table_index;
    record.id = next.id;
    record.version = next.version;
    record.mine = detail::image_of_wanted(next);
    if (next.has_base()) record.theirs = make_image(next.base, next.table->all_columns());
    record.reason = std::move(reason);
    bool is_new = false;
    for (outbox_entry& entry : next.edits) {
        record.mask |= entry.mask;
        is_new = is_new || makes_row(entry);
        give_up(next, std::move(entry), result.effects);
    }
    next.edits.clear();
    result.effects.conflicts.push_back(std::move(record));
    if (restores) {
        next.shown = std::exchange(next.base, {});
    } else {
        next.exists = false;
        // The server has the row, but this device cannot show it.
        result.effects.fetch = !is_new;
    }
    return result;
}

}  // namespace syncline
