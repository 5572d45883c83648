/// A row's outbox entries: which there are, what each changes, and freezing what was sent before the row moves on.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include <syncline/client/store.hpp>
#include <syncline/model/image.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline {

/// Entries of one visible row, oldest first: creates and updates without a final verdict. A removal ends the walk back.
template <store S>
[[nodiscard]] std::vector<outbox_entry> entries_of_row(S& store, int table, const local_id& id, sequence newest) {
    std::vector<outbox_entry> chain;
    outbox_entry entry;
    while (newest != 0 && store.find_entry(newest, entry)) {
        if (entry.table != table || entry.id != id || entry.kind == operation_kind::remove) break;
        newest = entry.behind;
        chain.push_back(std::move(entry));
        entry = {};
    }
    std::reverse(chain.begin(), chain.end());
    return chain;
}

/// The content of one entry, with the buffers its cells point into.
struct entry_content {
    std::vector<cell> after;
    std::vector<cell> before;
    column_mask before_mask = 0;
    row_version base_version;
    row_state state;  ///< of the row, where it is visible

    row_buffer row;
    base_record base;
    std::string frozen;
    std::string created;
};

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

/// Reads what was frozen when the entry was sent.
inline void thaw(const outbox_entry& entry, const table_view& table, entry_content& out) {
    out.frozen = entry.frozen;
    std::string_view image = out.frozen;
    out.after.assign(table.columns.size(), cell());
    out.before.assign(table.columns.size(), cell());
    take_image(image, out.after);
    out.before_mask = take_image(image, out.before);
    out.base_version = entry.base_version;
}

/// Reads what a create or update sends: from the frozen content, or from the row and its base as they are now.
/// False when the row is not there, which a sound store never shows.
template <store S>
[[nodiscard]] bool load_content(S& store, const outbox_entry& entry, entry_content& out) {
    const table_view& table = store.schema()[entry.table];
    if (!entry.frozen.empty()) {
        thaw(entry, table, out);
        return true;
    }
    if (!store.find_row(entry.table, entry.id, out.row)) return false;
    out.state = out.row.state;
    out.after.assign(out.row.cells().begin(), out.row.cells().end());
    out.before_mask = 0;
    out.base_version = {};
    if (entry.kind == operation_kind::create) {
        out.before.clear();
        if (!entry.created.empty()) {
            out.before.assign(table.columns.size(), cell());
            out.created = entry.created;
            std::string_view image = out.created;
            out.before_mask = take_image(image, out.before) & ~table.deferred_keys;
        }
        if (table.deferred_keys != 0) hide_deferred_keys(out.after, table);
        return true;
    }
    out.before.assign(table.columns.size(), cell());
    if (store.find_base(entry.table, entry.id, out.base)) {
        std::string_view image = out.base.image;
        take_image(image, out.before);
        out.before_mask = entry.mask;
        out.base_version = out.base.version;
    }
    return true;
}

/// Keeps what an entry in flight has sent, before its row or base changes. Does nothing for entries that were never sent.
template <store S>
void freeze(S& store, outbox_entry& entry) {
    if (entry.state != entry_state::in_flight || !entry.frozen.empty()) return;
    if (entry.kind != operation_kind::create && entry.kind != operation_kind::update) return;
    entry_content content;
    if (!load_content(store, entry, content)) return;
    append_image(entry.frozen, content.after, entry.mask);
    append_image(entry.frozen, content.before, content.before_mask);
    entry.base_version = content.base_version;
    store.put_entry(entry);
}

/// True if the server has nothing of the entry, and never will have under its sequence: it was never sent, or it was refused for good.
[[nodiscard]] inline bool is_unsent(const outbox_entry& entry) noexcept {
    return entry.state == entry_state::queued || (entry.state == entry_state::quarantined && entry.frozen.empty());
}

/// Marks the entries whose operations the server's rows contain.
template <store S>
void note_contained(S& store, std::vector<outbox_entry>& chain, const wire::included_operations* includes) {
    for (outbox_entry& entry : chain) {
        if (entry.contained || is_unsent(entry) || includes == nullptr || !includes->contains(entry.seq)) continue;
        entry.contained = true;
        store.put_entry(entry);
    }
}

/// The operation an entry stands for; its cells point into `content`.
[[nodiscard]] inline operation operation_of(const outbox_entry& entry, const entry_content& content) {
    operation op;
    op.seq = entry.seq;
    op.kind = entry.kind;
    op.table = entry.table;
    op.id = entry.id;
    op.incarnation = entry.incarnation;
    op.group = entry.group;
    op.base_version = entry.kind == operation_kind::remove ? entry.base_version : content.base_version;
    if (entry.kind == operation_kind::create || entry.kind == operation_kind::update)
        op.values = {entry.mask, content.after, content.before_mask & entry.mask, content.before};
    return op;
}

}  // namespace syncline
