/// Puts what was committed to a SQLite database on the disk, whatever the connections' durability settings are.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <mutex>
#include <string>

#include <syncline/stores/sqlite_levels.hpp>

namespace syncline::detail {

class sqlite_flush {
public:
    explicit sqlite_flush(sqlite_levels& levels) noexcept : levels_(levels) {}

    /// Does nothing when nothing was committed since the last run. `own_are_durable`: every commit of this connection was on the
    /// disk when it returned, so that only those of other connections count.
    void run(bool own_are_durable) {
        const std::lock_guard lock(levels_.mutex());
        if (levels_.in_transaction()) throw store_error("a flush cannot be a part of a transaction");
        const char* const path = sqlite3_db_filename(handle(), "main");
        if (path == nullptr || *path == '\0') return;  // a database in memory
        // Asked before the flush: what is committed meanwhile counts for the next one.
        const std::int64_t of_others = levels_.data_version();
        const int own = sqlite3_total_changes(handle());
        if (has_run_ && of_others == flushed_of_others_ && (own_are_durable || own == flushed_own_)) return;
        if (text_of("PRAGMA journal_mode") == "wal") sync_files();
        else commit_durably();
        has_run_ = true;
        flushed_of_others_ = of_others;
        flushed_own_ = own;
    }

private:
    [[nodiscard]] sqlite3* handle() const noexcept { return levels_.database().handle(); }

    [[nodiscard]] std::string text_of(const char* pragma) const {
        sqlite::statement ask(levels_.database(), pragma);
        return ask.step() ? std::string(ask.view(0)) : std::string();
    }

    // Every commit is in the log, or was moved from it to the database: by a checkpoint that syncs both, unless it is told not to.
    void sync_files() const {
        sync(SQLITE_FCNTL_JOURNAL_POINTER);
        if (text_of("PRAGMA synchronous") == "0") sync(SQLITE_FCNTL_FILE_POINTER);
    }

    void sync(int which) const {
        sqlite3_file* file = nullptr;
        const int code = sqlite3_file_control(handle(), "main", which, &file);
        if (code != SQLITE_OK) sqlite::fail(nullptr, code, "cannot reach a file of the database");
        if (file == nullptr || file->pMethods == nullptr) throw store_error("SQLite: a file of the database is not open");
        if (const int failed = file->pMethods->xSync(file, SQLITE_SYNC_FULL); failed != SQLITE_OK)
            sqlite::fail(nullptr, failed, "cannot put the database's commits on the disk");
    }

    // A rollback journal that a loss of power brings back undoes its commit, so its end has to be on the disk too, and SQLite waits
    // for that only in its strictest mode: one more commit in that mode, of a number that stays as it is, covers all before it.
    void commit_durably() const {
        const std::string before = text_of("PRAGMA synchronous");
        const sqlite::connection& database = levels_.database();
        database.execute("PRAGMA synchronous = EXTRA");
        try {
            database.execute("BEGIN IMMEDIATE");
            database.execute("PRAGMA user_version = " + text_of("PRAGMA user_version"));
            database.execute("COMMIT");
        } catch (...) {
            if (database.in_transaction()) sqlite3_exec(handle(), "ROLLBACK", nullptr, nullptr, nullptr);
            database.execute("PRAGMA synchronous = " + before);
            throw;
        }
        database.execute("PRAGMA synchronous = " + before);
    }

    sqlite_levels& levels_;
    bool has_run_ = false;
    std::int64_t flushed_of_others_ = 0;
    int flushed_own_ = 0;
};

}  // namespace syncline::detail
