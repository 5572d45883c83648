/// What a device knows of one row that is not clean: the one record that every transition takes and returns.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/base/function_ref.hpp>
#include <syncline/model/conflict_record.hpp>
#include <syncline/model/outbox_entry.hpp>

namespace syncline {

/// One life of a row: from a create, or from the server's first row, to its removal. A name can have a life that was removed here and
/// whose removal has no verdict yet, and behind it a new one.
struct row_history {
    const table_view* table = nullptr;
    int table_index = -1;
    local_id id;
    bool visible = true;        ///< false: removed here
    bool exists = true;         ///< false: nothing of it is to be kept
    sequence removed_by = 0;    ///< the removal that took the row, 0 if it is visible
    server_id remote;           ///< empty until the server has told it
    incarnation_number incarnation = 1;
    row_version version;    ///< of `base` if there is one, else of the row when it was last clean
    cells shown;                ///< what the application sees, or saw last
    cells base;                 ///< the server's row as last known, keys as local ids; empty if there is none or the row is clean
    /// Not yet settled, oldest first; only the first can be in flight. Of a removed life the last one may stand for what the removal
    /// replaced: it is queued, and has no sequence because it will never be sent unless the removal is refused.
    std::vector<outbox_entry> edits;

    [[nodiscard]] bool is_clean() const noexcept { return edits.empty(); }
    [[nodiscard]] bool has_base() const noexcept { return !base.empty(); }
    [[nodiscard]] row_state state() const noexcept { return {remote, version, incarnation, edits.empty() ? 0 : edits.back().seq}; }

    /// Keeps values as long as the history lives, without the text they point to.
    cells keep(std::vector<cell> values) { return owned_.emplace_back(std::move(values)); }
    /// A copy of the values with their text.
    cells keep_copy(cells values) {
        std::vector<cell>& copy = owned_.emplace_back(values.begin(), values.end());
        for (cell& value : copy) value = text_.keep(value);
        return copy;
    }
    /// The values of an image of a whole row, with a copy of the image.
    cells keep_image(std::string_view image) { return keep(read_image(text_.keep(image), table->columns.size())); }

    /// The values of `row` with those of an image in their place, with a copy of the image.
    cells keep_image_over(std::string_view image, cells row) { return keep(read_image_over(text_.keep(image), row)); }

private:
    std::vector<std::vector<cell>> owned_;
    arena text_;
};

/// What a transition wants besides the next history; written by the glue in the same transaction.
struct row_effects {
    std::vector<conflict_record> conflicts;
    std::vector<outbox_entry> voids;  ///< close what was sent of a row that this device no longer has edits of
    bool fetch = false;         ///< the server's rows must be read again: what it holds of this one is not known here
    bool of_this_sync = false;  ///< the oldest edit was made by a verdict and goes out in the same sync
    bool refused = false;       ///< an edit was set aside or lost
    bool put_off = false;       ///< the oldest edit is to be sent again later: the caller sets the time
    bool never_made = false;    ///< the row was never made at the server, so that its own removal has nothing to remove
    bool leaves = false;        ///< the visible row goes now, with what cannot be without it
    bool leaves_later = false;  ///< the visible row goes at the end of the pull, unless the server's rows say otherwise
    row_version leaves_at;  ///< version of that removal
};

/// The next history, which is also the row to show, and the effects.
struct row_transition {
    row_history next;
    row_effects effects;
};

/// True if every key of the values points at a visible row: what a transition asks about other rows.
using row_is_showable = function_ref<bool(cells)>;

/// The keys that a create may leave null and send in a patch once the rows they point at exist: keys that were deferred to cut a
/// cycle of tables, and nullable keys to rows of the same table, which may point at one another.
[[nodiscard]] inline column_mask hideable_keys(const table_view& table, int index) noexcept {
    column_mask mask = table.deferred_keys;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        if (table.columns[i].target == index && table.columns[i].nullable) mask |= only_column(i);
    return mask;
}

/// The keys that a create left null and that the row has.
[[nodiscard]] inline column_mask hidden_keys(const table_view& table, int index, cells sent, cells shown) noexcept {
    column_mask hidden = 0;
    const column_mask hideable = hideable_keys(table, index);
    for (std::size_t i = 0; i < sent.size(); ++i)
        if (has_column(hideable, i) && sent[i].is_null() && !shown[i].is_null()) hidden |= only_column(i);
    return hidden;
}

/// Sets the deferred keys of a create to null: they travel in a patch, once every row exists.
inline void hide_deferred_keys(std::vector<cell>& row, const table_view& table) {
    for (std::size_t i = 0; i < row.size(); ++i)
        if (has_column(table.deferred_keys, i)) row[i] = cell();
}

}  // namespace syncline
