/// After the server has taken a removal: what went along with it here stays hidden until the server's own closure is known.
///
/// The server decides which rows a removal takes: one that had moved to another owner elsewhere lives on. The records of the
/// rows hidden here are therefore kept under a marked sequence until the pull of the same sync has ended:
/// a removal that arrives ends them, and what is left then was not removed.
#pragma once

#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include <syncline/client/local_removal.hpp>

namespace syncline {

namespace detail {

template <store S>
[[nodiscard]] std::vector<removed_row> removed_by(S& store, sequence root) {
    std::vector<removed_row> records;
    store.scan_removed_by(root, [&](const removed_row& record) { records.push_back(record); });
    return records;
}

template <store S>
[[nodiscard]] server_id remote_of(S& store, int table, const local_id& id) {
    row_buffer row;
    if (store.find_row(table, id, row)) return row.state.id;
    server_id remote;
    store.scan_removed_of(table, id, [&](const removed_row& record) { remote = record.state.id; });
    return remote;
}

/// The server's row of a record, as a pull would bring it; false when a key has no server id.
template <store S>
[[nodiscard]] bool as_pulled(S& store, const removed_row& record, parked_row& out) {
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

/// Roots under which rows wait that went here with a removal the server has taken, until a pull has told which of them it took.
template <store S>
[[nodiscard]] std::vector<sequence> undecided_removals(S& store) {
    std::vector<sequence> roots;
    const std::string text = store.find_meta("undecided").value_or("");
    for (const char* at = text.data(); at < text.data() + text.size(); ++at) {
        sequence root = 0;
        at = std::from_chars(at, text.data() + text.size(), root).ptr;
        roots.push_back(root);
    }
    return roots;
}

/// Ends a removal that the server has taken, or found done.
template <store S>
void end_removal(S& store, const outbox_entry& entry) {
    bool undecided = false;
    for (removed_row record : detail::removed_by(store, entry.seq)) {
        store.erase_removed(record.table, record.id, record.root);
        const bool is_root = record.table == entry.table && record.id == entry.id;
        if (is_root || is_never_sent(record)) continue;
        record.root = undecided_mark + entry.seq;
        store.put_removed(record);
        undecided = true;
    }
    // A former life of the row itself ended with it: of this removal, which is the device's own, no page will tell.
    std::vector<removed_row> former;
    store.scan_removed_of(entry.table, entry.id, [&](const removed_row& record) {
        if (record.root >= undecided_mark && record.state.incarnation <= entry.incarnation) former.push_back(record);
    });
    for (const removed_row& record : former) store.erase_removed(record.table, record.id, record.root);
    // A version of the row itself that was parked, unseen, must not come back.
    bool outlived = false;
    store.scan_parked([&](const parked_row& row) {
        outlived = outlived || (row.table == entry.table && row.id == entry.id && row.incarnation <= entry.incarnation);
    });
    if (outlived) store.erase_parked(entry.table, entry.id);
    if (undecided) store.put_meta("undecided", store.find_meta("undecided").value_or("") + std::to_string(undecided_mark + entry.seq) + " ");
    store.erase_entry(entry.seq);
}

/// At the end of a pull: the rows of settled removals whose own removal did not come, as the server has them.
/// Rows with an operation in flight wait for its verdict.
template <store S>
[[nodiscard]] std::vector<parked_row> take_undecided(S& store) {
    std::vector<parked_row> rows;
    const std::vector<sequence> roots = undecided_removals(store);
    if (roots.empty()) return rows;
    std::string still;
    std::vector<removed_row> decided;
    for (const sequence root : roots) {
        bool waits = false;
        for (removed_row& record : detail::removed_by(store, root)) {
            waits = waits || record.state.pending != 0;
            if (record.state.pending == 0) decided.push_back(std::move(record));
        }
        if (waits) still += std::to_string(root) + " ";
    }
    for (const removed_row& record : decided) {
        parked_row row;
        if (detail::as_pulled(store, record, row)) rows.push_back(std::move(row));
        else store.put_meta("refetch_wanted", "1");
    }
    for (const removed_row& record : decided) store.erase_removed(record.table, record.id, record.root);
    store.put_meta("undecided", still);
    return rows;
}

}  // namespace syncline
