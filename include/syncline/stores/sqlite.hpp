/// A store in a SQLite file, or in a database the application has open: real tables, columns, keys and indexes to query.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include <syncline/base/thread_safe.hpp>
#include <syncline/client/store.hpp>
#include <syncline/sqlite/connection.hpp>
#include <syncline/stores/sqlite_flush.hpp>
#include <syncline/stores/sqlite_levels.hpp>
#include <syncline/stores/sqlite_outbox.hpp>
#include <syncline/stores/sqlite_rows.hpp>
#include <syncline/stores/sqlite_schema.hpp>
#include <syncline/stores/sqlite_side.hpp>
#include <syncline/stores/store_transaction.hpp>

namespace syncline {

/// What is certain to be on the disk when a commit returns. Neither setting can corrupt the file.
enum class sqlite_durability : std::uint8_t {
    /// Every commit: one wait for the disk each, and a loss of power loses nothing.
    full,
    /// Every checkpoint (about 1,000 pages) and everything that a sync tells a server, before it does: many small commits are much
    /// faster, and a loss of power may undo the newest ones that no server knows of. A crash of the program alone loses nothing.
    normal
};

struct sqlite_options {
    std::string owner = {};               ///< whose rows these are, kept in meta as "owner", another one is refused; empty: whatever is stored
    int busy_timeout_ms = 10'000;         ///< how long to wait for another connection's transaction, then store_error
    sqlite_durability durability = sqlite_durability::full;
};

/// Meets `store`. Each entity is a table of its name with the columns `id` and those of its fields (booleans 0 or 1, time points
/// microseconds since the epoch), keys that SQLite itself checks at commit, and `syncline_...` columns, to be read but not written.
///
/// Several stores, in several processes, may use one file: write-ahead log, one writer at a time.
/// Every failure is a store_error with SQLite's message.
class sqlite_store : private detail::sqlite_levels, public detail::sqlite_rows, public detail::sqlite_outbox, public detail::sqlite_side {
public:
    static constexpr bool is_thread_safe = true;
    using opening_options = sqlite_options;  ///< what a replica passes on
    using transaction = store_transaction<sqlite_store>;

    /// Opens the file, or makes it. A file of another schema, of another owner, that is no database, or that has something else in
    /// the place of our tables is refused and left as it is. `schema` must outlive the store, as a declared schema's tables do.
    sqlite_store(const std::string& path, const schema_view& schema, const sqlite_options& options = {})
        : sqlite_store(sqlite::connection::open(path, sqlite::connection_threads::locked), schema) {
        database().set_busy_timeout(options.busy_timeout_ms);
        const bool unfinished = has_write_ahead_log(path);
        // Closing a refused file must not move the log of whoever wrote it.
        sqlite3* const opened = database().handle();
        if (unfinished) sqlite3_db_config(opened, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        const detail::sqlite_schema_check check(database(), schema, options.owner);
        const bool complete = check.inspect();
        if (unfinished) sqlite3_db_config(opened, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
        database().execute("PRAGMA foreign_keys = ON");
        if (!complete) check.create();
        database().use_write_ahead_log(options.busy_timeout_ms);
        is_full_ = options.durability == sqlite_durability::full;
        // fullfsync: where a disk has a cache of its own that a sync leaves alone, as on Apple's systems.
        database().execute(is_full_ ? "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON" : "PRAGMA synchronous = NORMAL");
    }

    /// Uses the application's connection, which it closes after the store is gone, and whose journal, durability and time-out stay
    /// as they are; foreign keys are switched on. While the application has a transaction open on it, the store's transactions are
    /// savepoints in that one. Only one store may use a handle, and an application that uses it from other threads than the one
    /// that runs the store holds `lock()` meanwhile.
    sqlite_store(sqlite3* adopted, const schema_view& schema, const sqlite_options& options = {})
        : sqlite_store(sqlite::connection::adopt(adopted), schema) {
        const detail::sqlite_schema_check check(database(), schema, options.owner);
        const bool complete = check.inspect();
        database().execute("PRAGMA foreign_keys = ON");
        if (!are_foreign_keys_on())
            throw store_error("foreign keys cannot be switched on inside a transaction; open the store before it, or switch them on");
        if (!complete) check.create();
    }

    [[nodiscard]] const schema_view& schema() const noexcept { return view(); }

    /// Waits for other threads and, up to the busy timeout, for other connections. Throws store_error inside a transaction of the
    /// same thread that only reads.
    [[nodiscard]] transaction begin_write() {
        begin(true);
        return transaction(*this);
    }
    /// Waits for other threads of this store, not for other connections.
    [[nodiscard]] transaction begin_read() {
        begin(false);
        return transaction(*this);
    }

    using sqlite_levels::in_transaction;
    /// One wait for the disk, or none when nothing was committed since the last one. In a rollback journal's mode it is one more
    /// commit, which changes nothing, and waits for other connections up to the busy timeout.
    void flush() { flush_.run(is_full_ && !is_handed_out()); }

    bool settle_row(int table, const local_id& id, sequence seq, const row_state& clean, cells values) {
        if (!values.empty()) {
            row_state known;
            if (!find_state(table, id, known) || known.pending != seq) return false;
            put_row(table, id, values, clean);
            return true;
        }
        return settle_state(table, id, seq, clean);
    }

    bool create_row(int table, const local_id& id, cells values, row_state state, outbox_entry& entry) {
        state.pending = next_sequence();
        if (!insert_row(table, id, values, state)) return false;
        append_entry(entry);
        return true;
    }

    /// The connection, for the application's own statements. They see what an open transaction of the store has written so far.
    /// To be used while no other thread uses the store: inside a transaction of it, or under `lock()`.
    [[nodiscard]] sqlite3* handle() const noexcept { return hand_out(); }

    /// Keeps other threads out of the store, for instance while the application has its own transaction open on the handle.
    [[nodiscard]] std::unique_lock<std::recursive_mutex> lock() { return std::unique_lock(mutex()); }

private:
    friend transaction;

    sqlite_store(sqlite::connection opened, const schema_view& schema)
        : sqlite_levels(std::move(opened), schema),
          sqlite_rows(static_cast<sqlite_levels&>(*this)),
          sqlite_outbox(static_cast<sqlite_levels&>(*this)),
          sqlite_side(static_cast<sqlite_levels&>(*this)),
          flush_(static_cast<sqlite_levels&>(*this)) {}

    void commit_level() { commit(); }
    void roll_back_level() noexcept { roll_back(); }

    [[nodiscard]] static bool has_write_ahead_log(const std::string& path) {
        std::error_code failure;
        const auto size = std::filesystem::file_size(path + "-wal", failure);
        return !failure && size != 0;
    }
    [[nodiscard]] bool are_foreign_keys_on() const {
        sqlite::statement ask(database(), "PRAGMA foreign_keys");
        return ask.step() && ask.integer(0) != 0;
    }

    detail::sqlite_flush flush_;
    bool is_full_ = false;
};

static_assert(store<sqlite_store> && thread_safe<sqlite_store>);

}  // namespace syncline
