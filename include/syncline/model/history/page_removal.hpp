/// Transition: a removal by the server arrives at a visible row.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <syncline/model/history/page_row.hpp>

namespace syncline {

/// What the server says of a row that it no longer has.
struct server_removal {
    row_version version;
    incarnation_number incarnation = 1;
};

/// What the removal does to the row.
enum class removal_effect : std::uint8_t {
    nothing,   ///< it says nothing new of this life
    takes,     ///< the row goes; its edits are kept in a record
    uncovers   ///< it removed another row of this name, which this device had under a row of its own: that one stays
};

namespace detail {

/// A row that the server removed had only its name in common with one that was made here and that the server has not taken yet: the
/// row made here stays, without the other one under it.
[[nodiscard]] inline bool is_of_namesake(const row_history& history) noexcept {
    return !history.edits.empty() && makes_row(history.edits.front()) && !history.edits.front().contained;
}

/// Takes the namesake from under the row, unless what would be shown then points at rows that are not visible.
inline void uncover(row_history& history, row_is_showable showable) {
    for (outbox_entry& entry : history.edits) freeze(history, entry);
    const edit_stack edits(history);
    const cells made = edits.all().front().values.after;
    std::vector<cell> shown(made.begin(), made.end());
    rebase(shown, *history.table, edits.behind_first());
    if (showable(shown)) history.shown = history.keep_copy(shown);
    history.base = {};
    history.version = {};
}

}  // namespace detail

/// The row with its edits goes; `version` is the removal's.
[[nodiscard]] inline row_transition take_away(row_history history, row_version version, std::string reason = {}) {
    row_transition result{std::move(history), {}};
    detail::abandon_edits(result.next, conflict_kind::edit_of_removed, version, std::move(reason), result.effects);
    result.next.exists = false;
    return result;
}

/// Decides what the removal does to a visible row. Marks of note_contained() have to be set before.
[[nodiscard]] inline removal_effect effect_of(const server_removal& removal, const row_history& history) noexcept {
    // The server gives a row that was made here the incarnation that it wants.
    const bool made_and_taken = !history.edits.empty() && makes_row(history.edits.front()) && history.edits.front().contained;
    if (removal.incarnation < history.incarnation && !made_and_taken) return removal_effect::nothing;
    const bool is_newer = removal.version > history.version;
    if (history.is_clean()) return is_newer || removal.incarnation > history.incarnation ? removal_effect::takes : removal_effect::nothing;
    if (detail::is_of_namesake(history)) return history.has_base() && is_newer ? removal_effect::uncovers : removal_effect::nothing;
    return !history.has_base() || is_newer ? removal_effect::takes : removal_effect::nothing;
}

/// Does what effect_of() says.
[[nodiscard]] inline row_transition page_removal(row_history history, const server_removal& removal, row_is_showable showable) {
    switch (effect_of(removal, history)) {
        case removal_effect::takes: return take_away(std::move(history), removal.version);
        case removal_effect::uncovers: detail::uncover(history, showable); break;
        case removal_effect::nothing: break;
    }
    return {std::move(history), {}};
}

/// The device gives up its edits of a row and shows the server's row again. Nothing if the server's row is not known.
[[nodiscard]] inline row_transition give_back(row_history history) {
    row_transition result{std::move(history), {}};
    row_history& next = result.next;
    if (!next.has_base()) return result;
    detail::abandon_edits(next, conflict_kind::edit_of_removed, next.version, {}, result.effects);
    next.shown = std::exchange(next.base, {});
    return result;
}

}  // namespace syncline
