/// Transition: the application edits a row.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/model/history/content.hpp>

namespace syncline {

/// Shows `values`, which differ from what is shown in the columns of `changed`, and adds these to what waits to be sent. The values, and
/// what was shown before, have to outlive the history.
inline void edit_row(row_history& history, cells values, column_mask changed, std::int64_t group) {
    const cells former = std::exchange(history.shown, values);
    if (!history.edits.empty() && history.edits.back().state == entry_state::queued) {
        outbox_entry& newest = history.edits.back();
        // The server may have a row of that name already, and then an edit of it has to be told from what was made.
        if (newest.kind == operation_kind::create) newest.created = widen_image(newest.created, former, changed);
        else newest.mask |= changed;
        return;
    }
    outbox_entry entry;
    entry.table = history.table_index;
    entry.id = history.id;
    entry.kind = operation_kind::update;
    entry.mask = changed;
    entry.incarnation = history.incarnation;
    entry.group = group;
    if (history.edits.empty()) {
        history.base = former;
        history.edits.push_back(std::move(entry));
        return;
    }
    history.shown = former;
    outbox_entry& newest = history.edits.back();
    if (newest.state == entry_state::in_flight) {
        freeze(history, newest);
        entry.behind = newest.seq;
    } else {
        // The edit repairs what was set aside.
        entry.kind = newest.kind;
        entry.mask |= newest.mask;
        entry.behind = newest.behind;
        history.edits.pop_back();
    }
    history.shown = values;
    history.edits.push_back(std::move(entry));
}

}  // namespace syncline
