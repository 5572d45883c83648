/// What an edit sends: read from the row while the row still holds it, from a frozen copy afterwards.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/model/history/row_history.hpp>

namespace syncline {

/// The content of one edit, with the buffers its cells point into. Reused from edit to edit by whoever reads many.
struct edit_content {
    std::vector<cell> after;
    std::vector<cell> before;
    column_mask before_mask = 0;
    row_version base_version;

    std::string frozen;
    std::string created;
};

/// Reads what a create or update sends. `shown` and `base` are the row and its base as they are now, `base` empty if there is none; an
/// edit that is not frozen is the newest of its row, and is read from them.
inline void read_content(const outbox_entry& entry, const table_view& table, cells shown, cells base, row_version base_version, edit_content& out) {
    out.before_mask = 0;
    out.base_version = {};
    if (!entry.frozen.empty()) {
        out.frozen = entry.frozen;
        std::string_view image = out.frozen;
        out.after.assign(table.columns.size(), cell());
        out.before.assign(table.columns.size(), cell());
        take_image(image, out.after);
        out.before_mask = take_image(image, out.before);
        out.base_version = entry.base_version;
        return;
    }
    out.after.assign(shown.begin(), shown.end());
    if (entry.kind == operation_kind::create) {
        out.before.clear();
        if (!entry.created.empty()) {
            out.before.assign(table.columns.size(), cell());
            out.created = entry.created;
            std::string_view image = out.created;
            out.before_mask = take_image(image, out.before) & ~table.deferred_keys;
        }
        if (table.deferred_keys != 0) hide_deferred_keys(out.after, table);
        return;
    }
    out.before.assign(table.columns.size(), cell());
    if (base.empty()) return;
    out.before.assign(base.begin(), base.end());
    out.before_mask = entry.mask;
    out.base_version = base_version;
}

/// The operation an edit stands for; its cells point into `content`.
[[nodiscard]] inline operation operation_of(const outbox_entry& entry, const edit_content& content) {
    operation op;
    op.seq = entry.seq;
    op.kind = entry.kind;
    op.table = entry.table;
    op.id = entry.id;
    op.incarnation = entry.incarnation;
    op.group = entry.group;
    if (entry.kind == operation_kind::remove) op.base_version = entry.base_version;
    else if (entry.kind != operation_kind::close) op.base_version = content.base_version;
    if (entry.kind == operation_kind::create || entry.kind == operation_kind::update)
        op.values = {entry.mask, content.after, content.before_mask & entry.mask, content.before};
    return op;
}

/// True if what the edit sends is known: it is frozen, or the row still holds it.
[[nodiscard]] inline bool has_content(const row_history& history, const outbox_entry& entry) noexcept {
    return !entry.frozen.empty() || history.visible;
}

/// Keeps what an edit in flight has sent, before its row or base changes. Does nothing for edits that were never sent.
inline void freeze(const row_history& history, outbox_entry& entry) {
    if (entry.state != entry_state::in_flight || !has_content(history, entry) || !entry.frozen.empty()) return;
    if (entry.kind != operation_kind::create && entry.kind != operation_kind::update) return;
    edit_content content;
    read_content(entry, *history.table, history.shown, history.base, history.version, content);
    append_image(entry.frozen, content.after, entry.mask);
    append_image(entry.frozen, content.before, content.before_mask);
    entry.base_version = content.base_version;
}

/// Makes a void of an edit or removal that was sent, which closes its sequence: the server answers what it made of the operation, if it made
/// anything of it, and otherwise never will. The void names what it closes by its digest, and keeps what was sent, so that a verdict of the
/// operation can still be folded into the base if the row has an edit behind it.
inline void close_sequence(const row_history& history, outbox_entry& entry) {
    freeze(history, entry);
    if (entry.kind != operation_kind::close) {
        edit_content content;
        const bool removes = entry.kind == operation_kind::remove;
        if (!removes && has_content(history, entry)) read_content(entry, *history.table, history.shown, history.base, history.version, content);
        if (removes || !content.after.empty()) entry.digest = digest_of(operation_of(entry, content), *history.table);
        entry.closes = entry.kind;
    }
    entry.kind = operation_kind::close;
    entry.state = entry_state::in_flight;
    forget_refusals(entry);
}

/// Gives up an edit: what the server may have taken of it, or may still take when a request arrives late, is closed by a void, which lives on
/// without the row.
inline void give_up(const row_history& history, outbox_entry entry, row_effects& effects) {
    // What was refused for good has its verdict, and its content moves with the row, so that a void would name another.
    if (is_unsent(entry)) return;
    close_sequence(history, entry);
    entry.mask = 0;
    entry.behind = 0;
    entry.frozen.clear();
    effects.voids.push_back(std::move(entry));
}

}  // namespace syncline
