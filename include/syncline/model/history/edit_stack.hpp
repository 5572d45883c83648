/// The edits of a row that is not clean, as rebase wants them.
#pragma once

#include <deque>
#include <span>
#include <vector>

#include <syncline/model/history/row_history.hpp>
#include <syncline/model/rebase.hpp>

namespace syncline {

/// Edits, oldest first, with the values before and after each. Its cells point into itself and into what the history shows and has as base.
class edit_stack {
public:
    /// An edit that is not frozen is what makes the row shown of all that is below it.
    explicit edit_stack(const row_history& history) {
        const table_view& table = *history.table;
        std::vector<cell>& running = keep(history.base);
        running.resize(table.columns.size());
        bool has_row = history.has_base();
        column_mask hidden = 0;
        for (const outbox_entry& entry : history.edits) {
            pending_edit edit = read(table, entry, history.shown, running);
            if (edit.creates && !is_unsent(entry)) {
                column_mask keys = hidden_keys(table, history.table_index, edit.values.after, history.shown);
                // A key that the row has from the server was made null.
                if (history.has_base()) keys &= differing(history.base, history.shown);
                hidden |= keys;
            }
            if (!entry.contained) {
                // The next edit was made on top of what this one made, so that is its value before.
                std::vector<cell>& next = keep(running);
                if (edit.creates && !has_row) next.assign(edit.values.after.begin(), edit.values.after.end());
                else rebase(next, table, {&edit, 1});
                running = next;
                has_row = true;
            }
            edits_.push_back(edit);
        }
        if (hidden == 0) return;
        // The patch that will carry these keys is not written yet; until then the row keeps them.
        pending_edit patch;
        patch.values.mask = hidden;
        patch.values.after = history.shown;
        edits_.push_back(patch);
    }

    edit_stack(const edit_stack&) = delete;
    edit_stack& operator=(const edit_stack&) = delete;

    /// The server's row that arrives now contains what is marked so in the history this was made of.
    void note_contained(std::span<const outbox_entry> edits) noexcept {
        for (std::size_t i = 0; i < edits.size(); ++i) edits_[i].contained = edits[i].contained;
    }

    [[nodiscard]] std::span<const pending_edit> all() const noexcept { return edits_; }
    /// The edits behind the oldest one, which has its verdict.
    [[nodiscard]] std::span<const pending_edit> behind_first() const noexcept { return all().subspan(1); }

private:
    pending_edit read(const table_view& table, const outbox_entry& entry, cells shown, cells running) {
        pending_edit edit;
        edit.creates = makes_row(entry);
        edit.contained = entry.contained;
        edit.unsent = entry.state != entry_state::in_flight;
        edit.values.mask = entry.mask;
        std::vector<cell>& before = keep({});
        before.resize(table.columns.size());
        if (!entry.frozen.empty()) {
            std::vector<cell>& after = keep({});
            after.resize(table.columns.size());
            std::string_view image = text_.keep(entry.frozen);
            take_image(image, after);
            edit.values.before_mask = take_image(image, before);
            edit.values.after = after;
        } else {
            edit.values.after = shown;
            if (edit.creates && !is_unsent(entry) && table.deferred_keys != 0) {
                std::vector<cell>& sent = keep(shown);
                hide_deferred_keys(sent, table);
                edit.values.after = sent;
            }
            if (!edit.creates) {
                before.assign(running.begin(), running.end());
                edit.values.before_mask = entry.mask;
            } else if (!entry.created.empty()) {
                std::string_view image = text_.keep(entry.created);
                edit.values.before_mask = take_image(image, before);
            }
        }
        edit.values.before = before;
        return edit;
    }

    std::vector<cell>& keep(cells values) { return buffers_.emplace_back(values.begin(), values.end()); }

    std::vector<pending_edit> edits_;
    std::deque<std::vector<cell>> buffers_;  ///< what the edits point into stays where it is
    arena text_;
};

}  // namespace syncline
