/// What a client needs of a store, as small named requirements; every store is a list of these and nothing more.
///
/// All calls happen inside a transaction of the store. A call that cannot be done throws store_error; the transaction it
/// happened in is then rolled back and nothing of it remains.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <syncline/client/records.hpp>
#include <syncline/model/row.hpp>
#include <syncline/schema/schema_view.hpp>

namespace syncline {

/// Transactions: one writer at a time; a transaction that is destroyed without commit() leaves nothing behind.
/// A transaction begun by a thread that already has one is nested in it: its roll-back undoes only its own part.
/// begin_write waits for the transaction of another thread or process; begin_read sees one consistent state.
/// in_transaction is true when the calling thread has a transaction, or is part of one that the application has open beneath the
/// store; it waits for the transactions of other threads of the store.
template <class S>
concept transactional = requires(S& store) {
    typename S::transaction;
    { store.begin_write() } -> std::same_as<typename S::transaction>;
    { store.begin_read() } -> std::same_as<typename S::transaction>;
    { store.in_transaction() } -> std::same_as<bool>;
    requires requires(typename S::transaction& tx) { tx.commit(); };
    { store.schema() } -> std::convertible_to<const schema_view&>;
};

namespace detail {
struct row_visitor {
    void operator()(const local_id&, const row_buffer&) const {}
};
template <class T>
struct record_visitor {
    void operator()(const T&) const {}
};
}  // namespace detail

/// Rows by table index and local id. A visitor may write to the store only after the scan has ended.
template <class S>
concept row_storage = requires(S& store, int table, const local_id& id, const server_id& remote, cells values, const row_state& state,
                               sequence seq, row_buffer& out, row_state& state_out, detail::row_visitor visit) {
    /// False where there is no such row.
    { store.find_row(table, id, out) } -> std::same_as<bool>;
    /// What sync knows about the row, without its values. False where there is no such row.
    { store.find_state(table, id, state_out) } -> std::same_as<bool>;
    /// Inserts or replaces. A key that points nowhere is an error at commit at the latest.
    { store.put_row(table, id, values, state) };
    /// Inserts, or replaces a row that is clean and older than `state.version`; does nothing to any other row.
    { store.put_clean_row(table, id, values, state) } -> std::same_as<clean_put>;
    /// Changes only what sync knows about the row.
    { store.put_state(table, id, state) };
    /// A row whose pending entry is `seq` becomes clean: it takes `state`, whose `pending` is 0, and the values unless there are none.
    /// False, and nothing done, if there is no such row or another entry is its newest.
    { store.settle_row(table, id, seq, state, values) } -> std::same_as<bool>;
    { store.erase_row(table, id) };
    /// Local id of the row with this server id; empty where there is none.
    { store.local_of(table, remote) } -> std::same_as<local_id>;
    /// All rows of a table in the order of their local ids.
    { store.scan_rows(table, visit) };
    /// Rows of `table` whose key `column` (an int) points at `id`, in the order of their local ids.
    { store.scan_referrers(table, table, id, visit) };
    /// True if a row of `table` other than `except` has a key `column` that points at `id`; looks at two of them at most. An empty
    /// `except` is no row.
    { store.has_referrer(table, table, id, id) } -> std::same_as<bool>;
    { store.count_rows(table) } -> std::convertible_to<std::size_t>;
};

/// The outbox, in the order of sequences.
template <class S>
concept outbox_storage = requires(S& store, outbox_entry& entry, const outbox_entry& same, sequence seq, std::span<const sequence> several,
                                  detail::record_visitor<outbox_entry> visit) {
    /// Assigns the next sequence, greater than every one that was ever in the outbox and sent.
    { store.append_entry(entry) } -> std::same_as<sequence>;
    { store.find_entry(seq, entry) } -> std::same_as<bool>;
    { store.put_entry(same) };
    { store.erase_entry(seq) };
    /// Erases exactly these, in any order; a sequence that is not in the outbox is passed over.
    { store.erase_entries(several) };
    /// Makes queued entries in flight; others stay as they are.
    { store.mark_in_flight(several) };
    { store.scan_entries(visit) };
    { store.count_entries() } -> std::convertible_to<std::size_t>;
    /// Smallest sequence in the outbox of an entry that is not quarantined, or the next one to be assigned when there is none: all below it
    /// have a final verdict.
    { store.first_open_sequence() } -> std::same_as<sequence>;
    /// Greatest sequence in the outbox, or 0 when it is empty.
    { store.newest_sequence() } -> std::same_as<sequence>;
};

/// What an application's own writes need beside.
template <class S>
concept row_creation = requires(S& store, int table, const local_id& id, cells values, const row_state& state, outbox_entry& entry) {
    /// Inserts a row and appends its entry; the entry's sequence, assigned here, is the row's `pending`. False, and nothing done,
    /// where there is already such a row.
    { store.create_row(table, id, values, state, entry) } -> std::same_as<bool>;
    /// True when every key points at a row, as it must when the outermost transaction is committed.
    { store.are_keys_closed() } -> std::same_as<bool>;
};

/// Rows removed or parked.
template <class S>
concept side_storage = requires(S& store, int table, const local_id& id, const removed_row& removed, sequence root, const parked_row& parked,
                                detail::record_visitor<removed_row> visit_removed, detail::record_visitor<parked_row> visit_parked) {
    /// One record per (table, id, root).
    { store.put_removed(removed) };
    { store.count_removed() } -> std::convertible_to<std::size_t>;
    { store.erase_removed(table, id, root) };
    /// Every life of this row that was removed and has no verdict yet, oldest root first.
    { store.scan_removed_of(table, id, visit_removed) };
    /// Every row that this removal took.
    { store.scan_removed_by(root, visit_removed) };
    /// The smallest `root` above this one of any removed row, 0 if there is none.
    { store.removal_after(root) } -> std::same_as<sequence>;
    /// One record per (table, id); a newer one replaces it.
    { store.put_parked(parked) };
    { store.erase_parked(table, id) };
    { store.scan_parked(visit_parked) };
};

/// Conflict records for the application, oldest first.
template <class S>
concept conflict_storage = requires(S& store, conflict_record& record, std::int64_t number, detail::record_visitor<conflict_record> visit) {
    { store.add_conflict(record) } -> std::same_as<std::int64_t>;
    { store.scan_conflicts(visit) };
    { store.erase_conflict(number) };
};

/// Small named values: cursor, device, owner, lease.
template <class S>
concept meta_storage = requires(S& store, std::string_view name, std::string_view value) {
    { store.find_meta(name) } -> std::same_as<std::optional<std::string>>;
    { store.put_meta(name, value) };
};

/// What a device needs before it tells a server something that it could not take back.
template <class S>
concept durable_storage = requires(S& store) {
    /// When it returns, no loss of power undoes anything that was committed before the call, by any thread, connection or process.
    /// Cheap when nothing was. Throws store_error inside a transaction of the same thread.
    { store.flush() };
};

/// What engine and repository run on. One that is thread_safe says so, and a background sync requires it; transactions of several threads
/// then wait for each other.
template <class S>
concept store = transactional<S> && row_storage<S> && outbox_storage<S> && row_creation<S> && side_storage<S> && conflict_storage<S> && meta_storage<S> &&
                durable_storage<S>;

}  // namespace syncline
