/// What the server needs of a database: rows of one owner, the owner's version counter and each device's verdicts.
///
/// A transaction belongs to one owner and never sees another's rows; it sees its own writes. A call that cannot be done throws
/// store_error; a key that points at no row of the owner may do so at commit. A thread has one transaction at a time.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/model/row.hpp>
#include <syncline/schema/schema_view.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline {

/// A row as a backend holds it; keys are server ids.
struct server_row {
    local_id local;
    server_id id;
    row_version version = 0;
    incarnation_number incarnation = 1;
    bool removed = false;             ///< a tombstone: its cells are meaningless
    std::int64_t updated_at_ms = 0;
    std::string origin_device;        ///< device whose operation, applied exactly as sent, made this version; else empty
    sequence origin_seq = 0;          ///< sequence of that operation
    row_buffer values;                ///< `values.state` is not used
};

/// What a key needs to know of the row it points at.
struct row_identity {
    local_id local;
    server_id id;
    bool removed = false;
};

/// A final verdict, remembered until the device says it has settled it.
struct stored_verdict {
    sequence seq = 0;
    std::uint64_t digest = 0;
    wire::verdict outcome = wire::verdict::applied;
    int table = -1;                   ///< -1 for a void of an unknown row
    local_id local;
    error_code reason = error_code::none;
    std::string reason_text;
    column_mask refused = 0;          ///< fields of the operation that were not taken
    column_mask overwritten = 0;      ///< fields in which it replaced another device's edit
    std::string lost;                 ///< image of the replaced values
};

/// A device's settled floor, and its verdicts above the floor in the order of sequences.
struct device_record {
    sequence floor = 0;
    std::vector<stored_verdict> verdicts;
};

/// A place in the feed: rows are ordered by (version, table, local id).
struct feed_position {
    row_version version = 0;
    int table = -1;
    local_id local;
};

namespace detail {
struct server_row_visitor {
    /// False ends the scan.
    bool operator()(int, const server_row&) const { return true; }
};
}  // namespace detail

/// One owner's transaction. Destroyed without commit() it leaves nothing behind. Visitors call the transaction only after the scan.
template <class T>
concept backend_transaction = requires(T& tx, int table, const local_id& local, const server_id& id, server_row& out, const server_row& row,
                                       std::string_view device, sequence floor, std::span<const stored_verdict> verdicts,
                                       const feed_position& after, std::size_t limit, detail::server_row_visitor visit) {
    /// The owner's newest version as this transaction sees it; 0 before the first write.
    { tx.version() } -> std::same_as<row_version>;
    /// The version this writing transaction gives its rows: greater than that of every transaction of the owner that committed or
    /// will commit before it. Asked again it is the same.
    { tx.take_version() } -> std::same_as<row_version>;
    { tx.find_by_local(table, local, out) } -> std::same_as<bool>;
    { tx.find_by_id(table, id, out) } -> std::same_as<bool>;
    { tx.identify(table, local) } -> std::same_as<std::optional<row_identity>>;
    { tx.identify(table, id) } -> std::same_as<std::optional<row_identity>>;
    /// The row's local id and server id must be new to the owner.
    { tx.insert_row(table, row) };
    /// Replaces the row with this local id, which must be there and keep its server id.
    { tx.update_row(table, row) };
    /// Live rows of `table` whose key `column` (an int) points at `id`, in the order of local ids.
    { tx.scan_referrers(table, table, id, visit) };
    /// Rows and tombstones behind `after`, in feed order, at most `limit`.
    { tx.scan_changes(after, limit, visit) };
    /// Live rows behind (`after.table`, `after.local`), by table and local id, at most `limit`; table -1 starts.
    { tx.scan_snapshot(after, limit, visit) };
    { tx.load_device(device) } -> std::same_as<device_record>;
    /// Raises the floor, forgets verdicts at or below it, and adds new ones.
    { tx.save_device(device, floor, verdicts) };
    { tx.commit() };
};

/// A database for the server. Safe to use from several threads.
template <class B>
concept backend = requires(B& database, std::string_view owner) {
    { database.schema() } -> std::convertible_to<const schema_view&>;
    /// Changes when the database was replaced by an older copy of itself; part of every cursor.
    { database.epoch() } -> std::convertible_to<std::string>;
    { database.begin_write(owner) } -> backend_transaction;
    { database.begin_read(owner) } -> backend_transaction;
};

}  // namespace syncline
