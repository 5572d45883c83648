/// After the server has taken a removal: what went along with it here stays hidden until the server's own closure is known.
///
/// The server decides which rows a removal takes: one that had moved to another owner elsewhere lives on. The records of the rows hidden
/// here are therefore kept until the pull of the same sync has ended: a removal that arrives ends them, and what is left then was not
/// removed. A removal that the server has taken is one whose entry is no longer in the outbox.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <syncline/client/local_removal.hpp>

namespace syncline {

namespace detail {

[[nodiscard]] inline server_id remote_of(store_port& store, int table, const local_id& id) {
    row_state state;
    if (store.find_state(table, id, state)) return state.id;
    server_id remote;
    store.scan_removed_of(table, id, [&](const removed_row& record) { remote = record.state.id; });
    return remote;
}

/// The server's row of a record, as a pull would bring it; false when a key has no server id.
[[nodiscard]] inline bool as_pulled(store_port& store, const removed_row& record, parked_row& out) {
    const table_view& table = store.schema()[record.table];
    std::vector<cell> values = read_image(record.base.empty() ? record.image : record.base, table.columns.size());
    arena bytes;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i].kind() != cell_kind::local_key) continue;
        const server_id remote = remote_of(store, table.columns[i].target, local_id::trusted(values[i].view()));
        if (remote.empty()) return false;
        values[i] = cell::server_key(bytes.keep(remote.view()));
    }
    out = {record.table, record.id, record.state.id, record.state.version, record.state.incarnation, false, make_image(values, table.all_columns())};
    return true;
}

}  // namespace detail

/// True while the removal has no final verdict, also if its sequence is being closed.
[[nodiscard]] inline bool is_open_removal(store_port& store, sequence root) {
    outbox_entry entry;
    return store.find_entry(root, entry);
}

/// Removals that the server has taken, and whose rows wait until a pull has told which of them it took.
[[nodiscard]] inline std::vector<sequence> undecided_removals(store_port& store) {
    std::vector<sequence> roots;
    if (store.count_removed() == 0) return roots;
    for (sequence root = store.removal_after(0); root != 0; root = store.removal_after(root))
        if (!is_open_removal(store, root)) roots.push_back(root);
    return roots;
}

/// Ends a removal that the server has taken, or found done.
inline void end_removal(store_port& store, const outbox_entry& removal) {
    store.erase_entry(removal.seq);
    for (const removed_row& record : removed_by(store, removal.seq)) {
        const bool is_root = record.table == removal.table && record.id == removal.id;
        if (is_root || is_never_sent(record)) store.erase_removed(record.table, record.id, record.root);
    }
    // A former life of the row itself ended with it: of this removal, which is the device's own, no page will tell.
    for (const removed_row& record : removed_lives_of(store, removal.table, removal.id)) {
        const bool is_former = record.state.incarnation < removal.incarnation;
        if (is_former || (record.state.incarnation == removal.incarnation && !is_open_removal(store, record.root)))
            store.erase_removed(record.table, record.id, record.root);
    }
    // A version of the row itself that was parked, unseen, must not come back.
    bool outlived = false;
    store.scan_parked([&](const parked_row& row) {
        outlived = outlived || (row.table == removal.table && row.id == removal.id && row.incarnation <= removal.incarnation);
    });
    if (outlived) store.erase_parked(removal.table, removal.id);
    row_state later;
    if (!store.find_state(removal.table, removal.id, later)) return;
    for (outbox_entry& entry : entries_of_row(store, removal.table, removal.id, later.pending)) {
        if (entry.behind != removal.seq) continue;
        entry.behind = 0;
        store.put_entry(entry);
    }
    // What was made here met another device's row, which a pull had shown already: the removal took that one.
    if (later.incarnation <= removal.incarnation) store.put_meta("refetch_wanted", "1");
}

/// The removal that took a life, if it names that very row and was not sent yet. False for any other.
[[nodiscard]] inline bool find_own_removal(store_port& store, const removed_row& life, outbox_entry& out) {
    return store.find_entry(life.root, out) && out.kind == operation_kind::remove && out.table == life.table && out.id == life.id &&
           out.state == entry_state::queued;
}

/// The removal may have been taken, or may be still when a request arrives late: a void asks what became of it, and keeps why. What the removal
/// took stays removed until the answer.
inline void close_removal(store_port& store, outbox_entry removal, error_code reason, const std::string& text) {
    row_history row;
    row.table = &store.schema()[removal.table];
    close_sequence(row, removal);
    removal.reason = reason;
    removal.reason_text = text;
    store.put_entry(removal);
}

/// The removal goes out under another sequence: what it took, and a later life behind it, follow. Returns the new sequence.
inline sequence queue_removal_again(store_port& store, const outbox_entry& removal) {
    outbox_entry again = removal;
    again.state = entry_state::queued;
    forget_refusals(again);
    store.erase_entry(removal.seq);
    store.append_entry(again);
    for (removed_row record : removed_by(store, removal.seq)) {
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

/// At the end of a pull: the rows of settled removals whose own removal did not come, as the server has them.
/// Rows with an operation in flight wait for its verdict.
[[nodiscard]] inline std::vector<parked_row> take_undecided(store_port& store) {
    std::vector<parked_row> rows;
    std::vector<removed_row> decided;
    for (const sequence root : undecided_removals(store))
        for (removed_row& record : removed_by(store, root))
            if (record.state.pending == 0) decided.push_back(std::move(record));
    for (const removed_row& record : decided) {
        // What the server never made did not survive the removal there.
        if (is_never_sent(record)) continue;
        parked_row row;
        if (!record.state.id.empty() && detail::as_pulled(store, record, row)) rows.push_back(std::move(row));
        else store.put_meta("refetch_wanted", "1");
    }
    for (const removed_row& record : decided) store.erase_removed(record.table, record.id, record.root);
    return rows;
}

}  // namespace syncline
