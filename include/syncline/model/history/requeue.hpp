/// Transitions of an operation that the server did not take: handed on to the edit behind it, queued anew, closed, or set aside.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <syncline/base/limits.hpp>
#include <syncline/model/history/page_row.hpp>

namespace syncline::detail {

/// The edit behind an operation that was not taken carries that one's fields as well.
inline void hand_on(const outbox_entry& entry, const edit_content& content, const table_view& table, outbox_entry& next) {
    const operation_kind kind = entry.kind == operation_kind::close ? entry.closes : entry.kind;
    if (kind == operation_kind::create) {
        // What the edit changed was made with another value.
        std::vector<cell> created(table.columns.size());
        std::string_view image = entry.created;
        const column_mask known = image.empty() ? 0 : take_image(image, created);
        for (std::size_t i = 0; i < created.size(); ++i)
            if (has_column(next.mask & ~known, i) && i < content.after.size()) created[i] = content.after[i];
        next.created = make_image(created, known | next.mask);
    }
    next.kind = kind;
    next.mask |= entry.mask;
    next.incarnation = entry.incarnation;
}

/// The oldest edit of a removed life was not taken. What was never made at the server needs no removal either; anything else is what a refusal
/// of the removal would have to bring back.
inline void take_back(row_history& history, row_effects& effects) {
    effects.never_made = makes_row(history.edits.front());
    // A pull may have brought another device's row of this name, unseen.
    effects.fetch = effects.fetch || effects.never_made;
    outbox_entry replaced;
    replaced.table = history.table_index;
    replaced.id = history.id;
    replaced.kind = effects.never_made ? operation_kind::create : operation_kind::update;
    for (const outbox_entry& entry : history.edits) replaced.mask |= entry.mask;
    history.edits.assign(1, std::move(replaced));
}

/// A create was not taken, while a pull has brought another device's row of its name: it is an edit of that row. False if there is none.
[[nodiscard]] inline bool yield_to_namesake(row_history& history, row_effects& effects) {
    const bool may_meet = history.table->create_policy != create_conflict_policy::refuse;
    if (!history.visible || !history.has_base() || !may_meet || !makes_row(history.edits.front())) return false;
    const remote_row theirs{history.remote, history.version, history.incarnation, history.base};
    return meet_namesake(history, theirs, [](cells) { return true; }, effects);
}

/// The oldest edit was never applied and never will be under its sequence: it goes out anew, or with the edit behind it.
inline void queue_again(row_history& history, row_effects& effects) {
    if (!history.visible) return take_back(history, effects);
    if (yield_to_namesake(history, effects)) {
        effects.of_this_sync = !history.edits.empty();
        return;
    }
    outbox_entry& entry = history.edits.front();
    if (history.edits.size() > 1) {
        edit_content content;
        read_content(entry, *history.table, history.shown, history.base, history.version, content);
        hand_on(entry, content, *history.table, history.edits[1]);
        history.edits[1].behind = 0;
        history.edits.erase(history.edits.begin());
    } else {
        // A sequence is answered once.
        entry.seq = 0;
        if (entry.kind == operation_kind::close) entry.kind = std::exchange(entry.closes, operation_kind::close);
        entry.digest = 0;
        entry.state = entry_state::queued;
        entry.frozen.clear();
        entry.behind = 0;
        entry.contained = false;
        forget_refusals(entry);
    }
    effects.of_this_sync = true;
}

/// The server has no verdict that it remembers about the oldest edit, which is not to be sent any more: a void asks what became of it, and
/// keeps why. The edit is set aside once the server has said that it did not take it.
inline void close_before_set_aside(row_history& history, error_code reason, row_effects& effects) {
    outbox_entry& entry = history.edits.front();
    std::string text = std::exchange(entry.reason_text, {});
    const int attempts = entry.attempts;
    close_sequence(history, entry);
    entry.attempts = attempts;
    entry.reason = reason;
    entry.reason_text = std::move(text);
    effects.of_this_sync = true;
}

/// Sets the oldest edit aside, which the server refused for good; an edit that waits behind it is its repair and takes its content along.
inline void set_aside(row_history& history, error_code reason, row_effects& effects) {
    outbox_entry& entry = history.edits.front();
    const bool is_repaired = history.visible && history.edits.size() > 1;
    const std::string text = entry.reason_text;
    if (!history.visible) {
        effects.refused = true;
        return take_back(history, effects);
    }
    const bool yields = yield_to_namesake(history, effects);
    if (!yields && !is_repaired && !entry.created.empty()) {
        // Perhaps the server only cannot take a value that was there before the last edit: once more without those.
        entry.created.clear();
        return queue_again(history, effects);
    }
    effects.refused = true;
    if (is_repaired) {
        if (yields) return;
        outbox_entry& repair = history.edits[1];
        edit_content content;
        read_content(entry, *history.table, history.shown, history.base, history.version, content);
        hand_on(entry, content, *history.table, repair);
        // What was refused for good never was on the server, so that nothing is an edit of it.
        repair.created.clear();
        repair.behind = 0;
        history.edits.erase(history.edits.begin());
        return;
    }
    if (history.edits.empty()) return;
    outbox_entry& kept = history.edits.front();
    kept.frozen.clear();
    kept.state = entry_state::quarantined;
    kept.reason = reason;
    kept.reason_text = text;
}

/// The server never applied the operation that a void has closed, and never will: it is set aside if the void tells why, and else goes out anew.
inline void end_void(row_history& history, row_effects& effects) {
    outbox_entry& entry = history.edits.front();
    if (entry.reason == error_code::none) return queue_again(history, effects);
    entry.kind = std::exchange(entry.closes, operation_kind::close);
    entry.digest = 0;
    set_aside(history, entry.reason, effects);
}

/// Spends an attempt. Returns true if it was the last. A void is asked for without end, and keeps why it was sent.
[[nodiscard]] inline bool spend_attempt(outbox_entry& entry, const limits& bounds, error_code reason, const std::string& text) {
    ++entry.attempts;
    if (entry.kind == operation_kind::close) return false;
    entry.reason = reason;
    entry.reason_text = text;
    if (entry.attempts < bounds.attempts_max) return false;
    entry.reason_text = std::string(name_of(reason)) + (text.empty() ? "" : ": " + text);
    return true;
}

/// The oldest edit is sent again later, or closed to be set aside when its attempts are spent.
inline void postpone(row_history& history, const limits& bounds, error_code reason, const std::string& text, row_effects& effects) {
    if (spend_attempt(history.edits.front(), bounds, reason, text)) close_before_set_aside(history, error_code::attempts_spent, effects);
    else effects.put_off = true;
}

}  // namespace syncline::detail
