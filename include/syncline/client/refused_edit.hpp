/// An operation that the server did not take: handed on to the edit behind it, or queued anew under a sequence of its own.
#pragma once

#include <algorithm>
#include <vector>

#include <syncline/client/closed_sequence.hpp>
#include <syncline/client/removed_edits.hpp>
#include <syncline/client/settled_removal.hpp>

namespace syncline {

/// The edits of the visible row of an entry that is the oldest of them; empty if the row was removed here meanwhile, or the edit given up.
template <store S>
[[nodiscard]] std::vector<outbox_entry> edits_from(S& store, const outbox_entry& entry, row_buffer& row) {
    std::vector<outbox_entry> chain;
    if (store.find_row(entry.table, entry.id, row)) chain = entries_of_row(store, entry.table, entry.id, row.state.pending);
    if (!chain.empty() && chain.front().seq != entry.seq) chain.clear();
    return chain;
}

/// The edit behind an operation that was not taken carries that one's fields as well.
inline void hand_on(const outbox_entry& entry, const entry_content& content, const table_view& table, outbox_entry& next) {
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

/// The server never made the row of this create: a removal behind it has nothing to remove, and must not meet a row of that name that
/// another device made.
template <store S>
void end_unmade(S& store, const outbox_entry& create) {
    removed_row record;
    outbox_entry removal;
    if (!find_removed_waiting(store, create, record)) return;
    detach_from_removed(store, create);
    if (makes_row(create) && find_own_removal(store, record, removal)) end_removal(store, removal);
}

/// The removal goes out under another sequence: what it took, and a later life behind it, follow.
template <store S>
sequence queue_removal_again(S& store, const outbox_entry& removal) {
    outbox_entry again = removal;
    again.state = entry_state::queued;
    forget_refusals(again);
    store.erase_entry(removal.seq);
    store.append_entry(again);
    for (removed_row record : detail::removed_by(store, removal.seq)) {
        store.erase_removed(record.table, record.id, record.root);
        record.root = again.seq;
        store.put_removed(record);
    }
    row_state later;
    if (!store.find_state(removal.table, removal.id, later)) return again.seq;
    for (outbox_entry& entry : entries_of_row(store, removal.table, removal.id, later.pending)) {
        if (entry.behind != removal.seq) continue;
        entry.behind = again.seq;
        store.put_entry(entry);
    }
    return again.seq;
}

/// A sequence was closed before its operation came, so that the operation was never applied: it goes out anew, or with the edit behind it.
/// Returns the new sequence, 0 if there is none.
template <store S>
sequence queue_again(S& store, const outbox_entry& entry, const entry_content& content) {
    if (entry.kind == operation_kind::remove) return queue_removal_again(store, entry);
    row_buffer row;
    std::vector<outbox_entry> chain = edits_from(store, entry, row);
    sequence next = 0;
    if (chain.size() > 1) {
        hand_on(entry, content, store.schema()[entry.table], chain[1]);
        chain[1].behind = 0;
        next = chain[1].seq;
        store.put_entry(chain[1]);
    } else if (chain.size() == 1) {
        outbox_entry again = entry;
        again.state = entry_state::queued;
        again.frozen.clear();
        again.behind = 0;
        forget_refusals(again);
        next = row.state.pending = store.append_entry(again);
        store.put_state(entry.table, entry.id, row.state);
    } else {
        end_unmade(store, entry);
    }
    store.erase_entry(entry.seq);
    return next;
}

}  // namespace syncline
