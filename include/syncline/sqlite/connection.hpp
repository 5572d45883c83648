/// A connection to a SQLite database through sqlite3's C interface: opened and closed by us, or adopted from the application.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <syncline/base/errors.hpp>

namespace syncline::sqlite {

/// True for what passes without anybody mending the file: another connection's lock, a full disk, a failing device, no memory.
[[nodiscard]] constexpr bool may_pass(int code) noexcept {
    const int primary = code & 0xFF;
    return primary == SQLITE_BUSY || primary == SQLITE_LOCKED || primary == SQLITE_FULL || primary == SQLITE_IOERR || primary == SQLITE_NOMEM;
}

/// Throws store_error with SQLite's own message for `code`, as a store_unavailable if it may pass. Messages of SQLite name tables and columns, never values that were bound.
[[noreturn]] inline void fail(sqlite3* database, int code, std::string_view doing) {
    const char* const message = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
    std::string text = "SQLite: " + std::string(doing) + ": " + message;
    if ((code & 0xFF) == SQLITE_BUSY) text += " (another connection held the database for longer than the busy timeout)";
    if (may_pass(code)) throw store_unavailable(text);
    throw store_error(text);
}

/// A name as an SQL identifier.
[[nodiscard]] inline std::string quoted(std::string_view name) {
    std::string text = "\"";
    for (const char c : name) {
        text += c;
        if (c == '"') text += c;
    }
    return text += '"';
}

/// Who keeps two threads from using a connection at the same time.
enum class connection_threads : std::uint8_t {
    any,    ///< SQLite, with a lock around each of its calls
    locked  ///< the caller, with a lock of its own
};

/// Move-only. Statements made from a connection must be gone, or unused, before it goes.
class connection {
public:
    connection() noexcept = default;

    /// Opens or creates the file. A path of ":memory:" is a database of its own.
    /// Throws store_error when it cannot be opened; whether it is a database shows at the first read.
    [[nodiscard]] static connection open(const std::string& path, connection_threads threads = connection_threads::any) {
        connection opened;
        opened.owned_ = true;
        const int locks = threads == connection_threads::any ? SQLITE_OPEN_FULLMUTEX : SQLITE_OPEN_NOMUTEX;
        const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | locks;
        const int code = sqlite3_open_v2(path.c_str(), &opened.handle_, flags, nullptr);
        if (code != SQLITE_OK) fail(opened.handle_, code, "cannot open the database");
        sqlite3_extended_result_codes(opened.handle_, 1);
        return opened;
    }

    /// Uses a handle that the application opened and will close, after this connection and its statements are gone.
    [[nodiscard]] static connection adopt(sqlite3* handle) noexcept {
        connection adopted;
        adopted.handle_ = handle;
        return adopted;
    }

    connection(connection&& other) noexcept
        : handle_(std::exchange(other.handle_, nullptr)), owned_(std::exchange(other.owned_, false)) {}
    connection& operator=(connection&& other) noexcept {
        std::swap(handle_, other.handle_);
        std::swap(owned_, other.owned_);
        return *this;
    }
    // close_v2 waits for statements that are still there, so that the order of members decides nothing.
    ~connection() {
        if (owned_) sqlite3_close_v2(handle_);
    }

    [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }
    [[nodiscard]] bool is_adopted() const noexcept { return handle_ != nullptr && !owned_; }

    /// True between BEGIN and COMMIT; false again when SQLite rolled back by itself, as it does when a disk is full.
    [[nodiscard]] bool in_transaction() const noexcept { return sqlite3_get_autocommit(handle_) == 0; }
    /// Rows that the last INSERT, UPDATE or DELETE changed.
    [[nodiscard]] std::int64_t changes() const noexcept { return sqlite3_changes(handle_); }
    [[nodiscard]] std::int64_t last_rowid() const noexcept { return sqlite3_last_insert_rowid(handle_); }

    /// Milliseconds that a statement waits for a lock of another connection.
    void set_busy_timeout(int milliseconds) const noexcept { sqlite3_busy_timeout(handle_, milliseconds); }

    /// Runs statements that have no parameters and whose rows do not matter.
    void execute(const std::string& sql) const {
        const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) fail(handle_, code, "cannot execute a statement");
    }

    /// Switches the file to a write-ahead log. SQLite does not wait by itself for the lock that this needs while others open the file too.
    /// Throws store_error once the lock was not to be had for `busy_timeout_ms`.
    void use_write_ahead_log(int busy_timeout_ms) const {
        for (int waited_ms = 0;; waited_ms += 5) {
            try {
                return execute("PRAGMA journal_mode = WAL");
            } catch (const store_error&) {
                if ((sqlite3_errcode(handle_) & 0xFF) != SQLITE_BUSY || waited_ms >= busy_timeout_ms) throw;
            }
            sqlite3_sleep(5);
        }
    }

private:
    sqlite3* handle_ = nullptr;
    bool owned_ = false;
};

}  // namespace syncline::sqlite
