/// Transition: a row of the server arrives at a row that has edits, or that was removed here.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <syncline/model/history/content.hpp>
#include <syncline/model/history/edit_stack.hpp>

namespace syncline {

/// A row as the server holds it, its keys local ids of this device.
struct remote_row {
    server_id remote;
    row_version version;
    incarnation_number incarnation = 1;
    cells values;
};

enum class arrival : std::uint8_t {
    taken,      ///< row or base changed
    known,      ///< nothing new
    unshowable  ///< the row would point at a row that is not visible; nothing has changed
};

struct page_row_transition {
    row_history next;
    row_effects effects;
    arrival result = arrival::known;
};

/// Tells which of this device's operations the arriving rows contain.
using is_included = function_ref<bool(sequence)>;

/// Marks the edits whose operations the server's rows contain. Returns true if that is new of any.
inline bool note_contained(std::vector<outbox_entry>& edits, is_included included) {
    bool any = false;
    for (outbox_entry& entry : edits) {
        if (entry.contained || is_unsent(entry) || entry.seq == 0 || !included(entry.seq)) continue;
        entry.contained = any = true;
    }
    return any;
}

/// True if the server's row is this life: it has its incarnation, or contains the create, which the server may have given another one.
[[nodiscard]] inline bool is_same_life(const row_history& life, incarnation_number incarnation, is_included included) {
    if (incarnation == life.incarnation) return true;
    if (life.edits.empty()) return false;
    const outbox_entry& first = life.edits.front();
    return makes_row(first) && !is_unsent(first) && first.seq != 0 && included(first.seq);
}

namespace detail {

/// Image of what was wanted of a row: as it is shown, and as it was made here where a create has met another device's row, whose value is shown
/// instead.
[[nodiscard]] inline std::string image_of_wanted(const row_history& history) {
    const table_view& table = *history.table;
    if (!history.has_base() || history.edits.empty() || !makes_row(history.edits.front())) return make_image(history.shown, table.all_columns());
    const edit_stack edits(history);
    const pending_edit& made = edits.all().front();
    // Such a key may have been left to a patch.
    column_mask hidden = made.values.mask & ~table.deferred_keys & ~differing(history.base, history.shown);
    for (const pending_edit& later : edits.behind_first()) hidden &= ~later.values.mask;
    std::vector<cell> wanted(history.shown.begin(), history.shown.end());
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (has_column(hidden, i)) wanted[i] = made.values.after[i];
    return make_image(wanted, table.all_columns());
}

/// The row with its edits goes whole into one record; the edits end, and what was sent of them is closed.
inline void abandon_edits(row_history& history, conflict_kind kind, row_version version, std::string reason, row_effects& effects) {
    std::string wanted = image_of_wanted(history);
    column_mask edited = 0;
    for (outbox_entry& entry : history.edits) {
        edited |= entry.mask;
        give_up(history, std::move(entry), effects);
    }
    history.edits.clear();
    if (edited == 0) return;
    conflict_record record;
    record.kind = kind;
    record.table = history.table_index;
    record.id = history.id;
    record.mask = edited;
    record.version = version;
    record.mine = std::move(wanted);
    record.reason = std::move(reason);
    effects.conflicts.push_back(std::move(record));
}

/// The row is as the server has it.
inline void become_clean(row_history& history, const remote_row& fresh) {
    history.edits.clear();
    history.base = {};
    history.remote = fresh.remote;
    history.version = fresh.version;
    history.incarnation = fresh.incarnation;
    history.shown = history.keep_copy(fresh.values);
}

/// The server has another row under a create that it does not have, and never will have as it was sent: what was made here is an edit of that
/// row from now on. Fields in which the row keeps another value go into a record. False, and nothing is done, if the row cannot be shown.
[[nodiscard]] inline bool meet_namesake(row_history& history, const remote_row& fresh, row_is_showable showable, row_effects& effects) {
    const table_view& table = *history.table;
    const edit_stack made(history);
    const operation_values& values = made.all().front().values;
    std::vector<cell> shown(fresh.values.begin(), fresh.values.end());
    const meeting met = meet(shown, table, values, columns_wanted(table, values));
    rebase(shown, table, made.behind_first());
    if (!showable(shown)) return false;
    const auto record = [&](column_mask columns, cells mine, bool mine_won) {
        if (columns == 0) return;
        effects.conflicts.push_back(
            field_conflict(conflict_kind::field_overwritten, history.table_index, history.id, columns, mine, fresh.values, mine_won, fresh.version));
    };
    column_mask edited_since = 0;
    for (const pending_edit& edit : made.behind_first()) edited_since |= edit.values.mask;
    record(met.kept & ~edited_since, values.after, false);
    record(met.replaced & differing(shown, fresh.values), shown, true);

    outbox_entry edit;
    edit.table = history.table_index;
    edit.id = history.id;
    edit.kind = operation_kind::update;
    edit.mask = differing(shown, fresh.values);
    edit.incarnation = fresh.incarnation;
    edit.group = history.edits.front().group;
    const cells merged = history.keep_copy(shown);
    become_clean(history, fresh);
    if (edit.mask == 0) return true;
    history.base = std::exchange(history.shown, merged);
    history.edits.push_back(std::move(edit));
    return true;
}

}  // namespace detail

/// Moves the base forward to `fresh` and lays the edits over it again; an unsent edit that disagrees with it leaves a record.
[[nodiscard]] inline page_row_transition page_row(row_history history, const remote_row& fresh, is_included included, row_is_showable showable) {
    page_row_transition result{std::move(history), {}, arrival::known};
    row_history& next = result.next;
    const table_view& table = *next.table;
    if (!next.visible && !is_same_life(next, fresh.incarnation, included)) return result;
    const bool made_here = !next.edits.empty() && makes_row(next.edits.front());
    if (next.visible) {
        // Until a removal that was made here has its verdict, the server's row is the life that it removes.
        const bool is_former = fresh.incarnation < next.incarnation && !is_same_life(next, fresh.incarnation, included);
        if (is_former && (!made_here || next.edits.front().behind != 0)) return result;
        const bool may_meet = table.create_policy != create_conflict_policy::refuse;
        if (made_here && is_unsent(next.edits.front()) && may_meet && !next.has_base()) {
            result.result = detail::meet_namesake(next, fresh, showable, result.effects) ? arrival::taken : arrival::unshowable;
            return result;
        }
        if (fresh.incarnation > next.incarnation && !made_here) {
            // The row died and lives again: the edits were of its former life.
            result.result = arrival::unshowable;
            if (!showable(fresh.values)) return result;
            detail::abandon_edits(next, conflict_kind::edit_of_removed, fresh.version, {}, result.effects);
            detail::become_clean(next, fresh);
            result.result = arrival::taken;
            return result;
        }
    }
    if ((next.has_base() || !next.visible) && next.version >= fresh.version) return result;
    for (outbox_entry& entry : next.edits) freeze(next, entry);
    edit_stack edits(next);
    note_contained(next.edits, included);
    edits.note_contained(next.edits);

    std::vector<cell> shown(fresh.values.begin(), fresh.values.end());
    const column_mask conflicts = rebase(shown, table, edits.all());
    if (next.visible && !showable(shown)) {
        result.result = arrival::unshowable;
        return result;
    }
    if (next.visible && conflicts != 0)
        result.effects.conflicts.push_back(
            field_conflict(conflict_kind::field_overwritten, next.table_index, next.id, conflicts, shown, fresh.values, true, fresh.version));
    if (made_here) {
        next.incarnation = fresh.incarnation;
        for (std::size_t i = 1; i < next.edits.size(); ++i) next.edits[i].incarnation = fresh.incarnation;
    }
    next.remote = fresh.remote;
    next.version = fresh.version;
    next.shown = next.keep_copy(shown);
    next.base = next.keep_copy(fresh.values);
    result.result = arrival::taken;
    return result;
}

}  // namespace syncline
