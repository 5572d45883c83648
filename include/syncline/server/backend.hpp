/// What the server needs of a database: rows of one owner, the owner's version counter and each device's verdicts.
///
/// A transaction belongs to one owner and never sees another's rows; it sees its own writes. A call that cannot be done throws
/// store_error; a key that points at no row of the owner may do so at commit. A thread has one transaction at a time.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include <syncline/schema/schema_view.hpp>
#include <syncline/server/device_record.hpp>
#include <syncline/server/identity.hpp>
#include <syncline/server/server_row.hpp>

namespace syncline {

/// What a key needs to know of the row it points at.
struct row_identity {
    local_id local;
    server_id id;
    bool removed = false;
};

/// A place in the feed: rows are ordered by (version, table, local id).
struct feed_position {
    row_version version;
    int table = -1;
    local_id local;
};

namespace detail {
struct server_row_visitor {
    /// False ends the scan.
    bool operator()(int, const server_row&) const { return true; }
};
struct verdict_visitor {
    void operator()(const stored_verdict&) const {}
};
}  // namespace detail

/// One owner's transaction. Destroyed without commit() it leaves nothing behind. Visitors call the transaction only after the scan.
template <class T>
concept backend_transaction = requires(T& tx, int table, const local_id& local, const server_id& id, server_row& out, const server_row& row,
                                       column_mask changed, std::string_view device, sequence floor, sequence forgotten,
                                       std::span<const sequence> sequences, std::span<const stored_verdict> verdicts,
                                       const feed_position& after, std::size_t limit, detail::server_row_visitor visit,
                                       detail::verdict_visitor tell) {
    /// The owner's newest version as this transaction sees it: its generation, and number 0 before the first write.
    { tx.version() } -> std::same_as<row_version>;
    /// The version this writing transaction gives its rows: greater than that of every transaction of the owner that committed or
    /// will commit before it. Asked again it is the same. It gets a nonce, drawn at random, which is stored with it.
    { tx.take_version() } -> std::same_as<row_version>;
    /// The nonce of a version that was handed out, 0 for the beginning of the owner's generation; nothing for any other version.
    { tx.nonce_of(tx.version()) } -> std::same_as<std::optional<version_nonce>>;
    { tx.find_by_local(table, local, out) } -> std::same_as<bool>;
    { tx.find_by_id(table, id, out) } -> std::same_as<bool>;
    { tx.identify(table, local) } -> std::same_as<std::optional<row_identity>>;
    { tx.identify(table, id) } -> std::same_as<std::optional<row_identity>>;
    /// Adds a row, whose server id must be new to the owner. False, and nothing has changed, where a row has its local id.
    { tx.insert_row(table, row) } -> std::same_as<bool>;
    /// Replaces the row with this local id, which must be there and keep its server id. The columns outside `changed` have the
    /// values already stored; for a row that is or was removed it does not count.
    { tx.update_row(table, row, changed) };
    /// Live rows of `table` whose key `column` (an int) points at `id`, in the order of local ids.
    { tx.scan_referrers(table, table, id, visit) };
    /// Rows and tombstones behind `after`, in feed order, at most `limit`.
    { tx.scan_changes(after, limit, visit) };
    /// Live rows behind (`after.table`, `after.local`), by table and local id, at most `limit`; table -1 starts.
    { tx.scan_snapshot(after, limit, visit) };
    { tx.load_device(device) } -> std::same_as<device_record>;
    /// The verdicts stored for these sequences, which are in ascending order, in any order.
    { tx.find_verdicts(device, sequences, tell) };
    /// Raises the floor and adds verdicts. Those at or below the floor may lose what follows `stored_verdict::local`, and
    /// those of sequences up to `forgotten`, which is below the floor, are forgotten sooner or later.
    { tx.save_device(device, floor, forgotten, verdicts) };
    { tx.commit() };
};

/// A database for the server. One that is thread_safe says so; a server on sockets requires it.
template <class B>
concept backend = requires(B& database, std::string_view owner) {
    { database.schema() } -> std::convertible_to<const schema_view&>;
    /// Kept with the rows for ever.
    { database.identity() } -> std::convertible_to<server_identity>;
    { database.begin_write(owner) } -> backend_transaction;
    { database.begin_read(owner) } -> backend_transaction;
};

}  // namespace syncline
