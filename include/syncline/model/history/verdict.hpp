/// Transition: the server's verdict meets the oldest edit of a row: folded into the base, refused, or left open.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <syncline/model/history/page_removal.hpp>
#include <syncline/model/history/requeue.hpp>
#include <syncline/model/verdict.hpp>

namespace syncline {

/// A verdict as the device understands it.
struct edit_verdict {
    verdict outcome = verdict::rejected;
    server_id remote;                    ///< empty if the server did not tell it
    row_version version;                 ///< of the row after the operation
    incarnation_number incarnation = 1;  ///< of the row after the operation
    bool permanent = true;               ///< of a refusal
    bool is_remembered = true;           ///< of a permanent refusal; false: a status said it, and a request that arrives late may be taken yet
    error_code code = error_code::none;
    std::string message;
    bool tells_row = false;              ///< the answer has the server's row
    std::optional<remote_row> row;       ///< that row, if each of its keys is a row of this device
    cells row_as_told;                   ///< its values with the server's ids, empty if it was removed or not told
    column_mask overwritten = 0;         ///< columns in which the operation replaced another device's edit
    cells lost;                          ///< the replaced values
    column_mask refused = 0;             ///< columns that were not taken
    column_mask kept = 0;                ///< columns in which a create met another value
    bool waits_for_unsettled = false;    ///< a row that the operation points at has no verdict itself
    bool waits_for_vanished = false;     ///< this device has given up a row that the operation points at
};

namespace detail {

/// What the server holds after an accepted edit, as far as this device can know it.
struct settled_row {
    std::vector<cell> values;
    row_version version;  ///< low if the server's row moved on and cannot be shown: the pull will bring it
};

/// The life that took the oldest edit has ended, and the server tells of another. A create is told the life that it has now.
[[nodiscard]] inline bool is_of_later_life(const edit_verdict& told, const outbox_entry& first) noexcept {
    return !makes_row(first) && told.incarnation > first.incarnation;
}

/// The values point into `edits` too.
[[nodiscard]] inline settled_row settled_by(const row_history& history, const edit_verdict& told, const edit_content& content, const edit_stack& edits) {
    const outbox_entry& entry = history.edits.front();
    if (told.row && !is_of_later_life(told, entry)) return {{told.row->values.begin(), told.row->values.end()}, told.row->version};
    const bool has_base = history.has_base();
    settled_row after{{history.base.begin(), history.base.end()}, has_base ? history.version : row_version()};
    after.values.resize(history.table->columns.size());
    // A create that was applied as it was sent met no other row, whatever a page brought before.
    if (has_base && !entry.contained && !(makes_row(entry) && told.outcome == verdict::applied)) {
        pending_edit taken = edits.all().front();
        taken.values.mask &= ~told.refused;
        rebase(after.values, *history.table, {&taken, 1});
    } else if (!entry.contained || !has_base) {
        // Without a base nothing better is known of what was not taken: the pull brings it.
        const column_mask taken = entry.mask & (has_base ? ~told.refused : ~column_mask{0});
        for (std::size_t i = 0; i < after.values.size(); ++i)
            if (has_column(taken, i)) after.values[i] = content.after[i];
    }
    if (told.outcome == verdict::applied && !told.tells_row) after.version = told.version;
    return after;
}

/// True if a page brought what the verdict tells, or something newer.
[[nodiscard]] inline bool is_overtaken(const row_history& history, const edit_verdict& told) noexcept {
    return history.has_base() && history.version >= told.version && (!told.row || history.version >= told.row->version);
}

/// The keys that a create left null for a patch, seen at the row, which has them. A key that the row has from the server was made null.
[[nodiscard]] inline column_mask keys_for_patch(const row_history& history, const edit_content& content) {
    if (!makes_row(history.edits.front())) return 0;
    const column_mask hidden = hidden_keys(*history.table, history.table_index, content.after, history.shown);
    return history.has_base() ? hidden & differing(history.base, history.shown) : hidden;
}

inline void record_losses(const row_history& history, const edit_verdict& told, const edit_content& content, row_effects& effects) {
    const outbox_entry& entry = history.edits.front();
    const auto record = [&](conflict_kind kind, column_mask columns, cells theirs, bool mine_won) {
        if (columns == 0) return;
        effects.conflicts.push_back(
            field_conflict(kind, history.table_index, history.id, columns, content.after, theirs, mine_won, told.version));
    };
    // A key that the create left null for a patch has lost nothing yet.
    const column_mask kept = told.kept & entry.mask & ~(history.visible ? keys_for_patch(history, content) : column_mask{0});
    record(conflict_kind::field_overwritten, kept, told.row_as_told, false);
    record(conflict_kind::field_overwritten, told.overwritten & entry.mask, told.lost, true);
    record(conflict_kind::edit_refused, told.refused & entry.mask, told.row_as_told, false);
}

/// The server kept the row at something that was removed here, because it could not move it to where it was moved here. The move stays
/// with the row, set aside, so that the removal waits until the application has repaired or given up the move.
/// False, and nothing is done, if that row could not be shown either.
[[nodiscard]] inline bool keep_refused_keys(row_history& history, const edit_verdict& told, const settled_row& after, row_is_showable showable,
                                            row_effects& effects) {
    outbox_entry move;
    move.table = history.table_index;
    move.id = history.id;
    move.kind = operation_kind::update;
    move.state = entry_state::quarantined;
    move.mask = told.refused & history.table->keys;
    move.incarnation = told.incarnation;
    move.group = history.edits.front().group;
    move.reason = error_code::reference_gone;
    move.reason_text = "what the row was made to point at is gone";
    std::vector<cell> shown = after.values;
    for (std::size_t i = 0; i < shown.size(); ++i)
        if (has_column(move.mask, i)) shown[i] = history.shown[i];
    if (!showable(shown)) return false;
    history.edits.assign(1, std::move(move));
    history.shown = history.keep_copy(shown);
    history.base = history.keep_copy(after.values);
    history.version = after.version;
    effects.refused = true;
    return true;
}

/// The operation whose sequence was closed had been applied: the edit behind it carries what differs from it.
inline void narrow(row_history& history, column_mask differs) {
    outbox_entry& edit = history.edits.front();
    edit.mask &= differs;
    if (edit.mask == 0) history.edits.erase(history.edits.begin());
}

/// The life of the row that took the oldest edit has ended, and the server has another: what stands behind the edit was of the former one.
/// False, and nothing is done, if that cannot be shown.
[[nodiscard]] inline bool outlive(row_history& history, const edit_verdict& told, row_is_showable showable, row_effects& effects) {
    if (!history.visible || !is_of_later_life(told, history.edits.front()) || !told.row || !showable(told.row->values)) return false;
    history.edits.erase(history.edits.begin());
    abandon_edits(history, conflict_kind::edit_of_removed, told.version, {}, effects);
    become_clean(history, *told.row);
    return true;
}

/// Folds an accepted edit into the base and shows what remains on top of it.
inline void fold(row_history& history, const edit_verdict& told, row_is_showable showable, row_effects& effects) {
    edit_content content;
    read_content(history.edits.front(), *history.table, history.shown, history.base, history.version, content);
    if ((told.overwritten | told.refused | told.kept) != 0) record_losses(history, told, content, effects);
    if (outlive(history, told, showable, effects)) return;
    // Only a create follows the row into another life; an edit, and a removal behind it, are of the one that they name.
    const bool overtaken = is_overtaken(history, told);
    const incarnation_number told_now = overtaken ? history.incarnation : told.incarnation;
    const incarnation_number incarnation = makes_row(history.edits.front()) ? told_now : history.edits.front().incarnation;
    const edit_stack edits(history);
    const settled_row after =
        overtaken ? settled_row{{history.base.begin(), history.base.end()}, history.version} : settled_by(history, told, content, edits);
    std::vector<cell> shown = after.values;
    rebase(shown, *history.table, edits.behind_first());
    const column_mask unsent = keys_for_patch(history, content);
    const bool closes = history.edits.front().kind == operation_kind::close;
    const std::int64_t group = history.edits.front().group;
    row_version version = after.version;
    if (!told.remote.empty()) history.remote = told.remote;
    history.incarnation = incarnation;
    if (history.visible && differing(shown, history.shown) != 0 && !showable(shown)) {
        const bool is_last = history.edits.size() == 1;
        if (is_last && (told.refused & history.table->keys) != 0 && keep_refused_keys(history, told, after, showable, effects)) return;
        // The pull of this sync brings the row again, together with what it points at.
        shown.assign(history.shown.begin(), history.shown.end());
        version = history.has_base() ? history.version : row_version();
    }
    const cells base = history.keep_copy(after.values);
    history.shown = history.keep_copy(shown);
    history.base = base;
    history.version = version;
    history.edits.erase(history.edits.begin());
    if (closes && !history.edits.empty()) narrow(history, differing(base, shown));
    for (outbox_entry& later : history.edits) later.incarnation = incarnation;
    if (history.edits.empty() && unsent != 0) {
        outbox_entry patch;
        patch.table = history.table_index;
        patch.id = history.id;
        patch.kind = operation_kind::update;
        patch.mask = unsent;
        patch.incarnation = incarnation;
        patch.group = group;
        history.edits.push_back(std::move(patch));
        effects.of_this_sync = true;
    } else if (!history.edits.empty() && history.edits.back().state == entry_state::queued) {
        history.edits.back().mask |= unsent;
    }
    if (history.edits.empty() && history.visible) history.base = {};
}

/// The server no longer has the row, or what the row needs.
inline void lose(row_history& history, const edit_verdict& told, row_is_showable showable, row_effects& effects) {
    effects.refused = true;
    const outbox_entry& first = history.edits.front();
    if (!history.visible) {
        effects.never_made = makes_row(first);
        // A pull may have brought another device's row of this name, unseen.
        effects.fetch = effects.never_made;
        if (history.has_base()) {
            std::vector<cell> shown(history.base.begin(), history.base.end());
            const edit_stack edits(history);
            rebase(shown, *history.table, edits.behind_first());
            history.shown = history.keep_copy(shown);
        }
        history.edits.erase(history.edits.begin());
        return;
    }
    const bool is_made_here = makes_row(first);
    const incarnation_number incarnation = first.incarnation;
    // It has its verdict: there is nothing to close.
    history.edits.front().state = entry_state::queued;
    abandon_edits(history, conflict_kind::edit_of_removed, told.version, std::string(name_of(told.code)), effects);
    if (!history.has_base()) {
        // What points at a row that never reached the server was made here too, and goes at once.
        effects.leaves = true;
        effects.leaves_at = history.version.next();
        return;
    }
    if (is_made_here) {
        // The row that the server has is another device's of this name.
        const cells theirs = std::exchange(history.base, {});
        if (showable(theirs)) {
            history.shown = theirs;
            return;
        }
        effects.leaves = effects.fetch = true;
        effects.leaves_at = history.version.next();
        return;
    }
    history.base = {};
    // The version of a later life is none of this one's removal: the pull must still bring that life.
    const row_version gone_at = told.incarnation > incarnation ? row_version() : told.version;
    effects.leaves_later = true;
    effects.leaves_at = std::max(gone_at, history.version.next());
}

/// The outcome is known to the server only: the edit goes, and the server's rows are read again.
inline void forget(row_history& history, const edit_verdict& told, row_effects& effects) {
    effects.fetch = true;
    // Whatever the server's row is, it is news.
    history.version = {};
    if (!has_content(history, history.edits.front()) || (history.visible && history.edits.size() == 1)) {
        history.edits.erase(history.edits.begin());
        if (history.visible) history.base = {};
        return;
    }
    // The edits behind it stand on what it made, until the server's row comes.
    edit_content content;
    read_content(history.edits.front(), *history.table, history.shown, history.base, history.version, content);
    const edit_stack edits(history);
    const settled_row after = settled_by(history, told, content, edits);
    history.base = history.keep_copy(after.values);
    history.edits.erase(history.edits.begin());
}

}  // namespace detail

/// The verdict is about the oldest edit, which is a create, an update or a void. What is shown of a removed life matters only if its removal
/// is refused.
[[nodiscard]] inline row_transition take_verdict(row_history history, const edit_verdict& told, const limits& bounds, row_is_showable showable) {
    row_transition result{std::move(history), {}};
    row_history& next = result.next;
    row_effects& effects = result.effects;
    const bool closes = next.edits.front().kind == operation_kind::close;
    switch (told.outcome) {
        case verdict::applied:
        case verdict::merged: detail::fold(next, told, showable, effects); break;
        case verdict::gone: detail::lose(next, told, showable, effects); break;
        case verdict::waits:
            // The row was removed here after it was sent, or what it points at will never come: the server must not take it any more.
            if (!next.visible || told.waits_for_vanished) {
                close_sequence(next, next.edits.front());
                effects.of_this_sync = true;
            } else if (!told.waits_for_unsettled)
                detail::postpone(next, bounds, error_code::not_found, "the server does not know a row it points at", effects);
            break;
        case verdict::rejected:
            if (!told.permanent) {
                detail::postpone(next, bounds, told.code, told.message, effects);
            } else if (closes) {
                // A server that does not know voids has not applied the operation either, as far as it says.
                detail::end_void(next, effects);
            } else {
                next.edits.front().reason_text = told.message;
                if (told.is_remembered) detail::set_aside(next, told.code, effects);
                else detail::close_before_set_aside(next, told.code, effects);
            }
            break;
        case verdict::settled: detail::forget(next, told, effects); break;
        case verdict::closed: closes ? detail::end_void(next, effects) : detail::queue_again(next, effects); break;
    }
    return result;
}

}  // namespace syncline
