/// Turns and transactions of a SQLite store: one thread at a time, nested by savepoints, inside the application's own if it has one.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include <syncline/base/assert.hpp>
#include <syncline/base/ids.hpp>
#include <syncline/schema/schema_view.hpp>
#include <syncline/sqlite/connection.hpp>
#include <syncline/sqlite/transaction.hpp>

namespace syncline::detail {

/// What all parts of the store share. Not movable.
class sqlite_levels {
public:
    sqlite_levels(sqlite::connection database, const schema_view& schema)
        : database_(std::move(database)), schema_(schema), statements_(database_), handed_out_(database_.is_adopted()) {}
    sqlite_levels(const sqlite_levels&) = delete;
    sqlite_levels& operator=(const sqlite_levels&) = delete;

    [[nodiscard]] const sqlite::connection& database() const noexcept { return database_; }
    [[nodiscard]] const schema_view& view() const noexcept { return schema_; }
    [[nodiscard]] std::recursive_mutex& mutex() noexcept { return mutex_; }
    /// The connection for the application, whose own writes a roll-back has to undo from now on.
    [[nodiscard]] sqlite3* hand_out() const noexcept {
        handed_out_ = true;
        return database_.handle();
    }

    /// True once the application has the connection, and may have changed its settings.
    [[nodiscard]] bool is_handed_out() const noexcept { return handed_out_; }
    /// Waits for the other threads of this store.
    [[nodiscard]] bool in_transaction() {
        const std::lock_guard lock(mutex_);
        return !levels_.empty() || database_.in_transaction();
    }
    /// Another number than before when another connection has committed since. To be called in a turn, or under the mutex.
    [[nodiscard]] std::int64_t data_version() {
        if (!ask_version_) ask_version_ = sqlite::statement(database_, "PRAGMA data_version");
        const sqlite::run_guard guard(ask_version_);
        return ask_version_.step() ? ask_version_.integer(0) : 0;
    }

    /// Waits for the other threads of this store, then, to write, for other connections.
    void begin(bool writes) {
        std::unique_lock lock(mutex_);
        SYNCLINE_ASSERT(!scanning_);
        const bool inside = database_.in_transaction();
        if (!levels_.empty()) {
            if (!inside) throw_rolled_back();
            if (writes && !levels_.back().writes) throw store_error("a transaction that writes cannot begin inside one that reads");
        }
        levels_.reserve(levels_.size() + 1);
        level_kind kind = level_kind::none;
        if (writes && !levels_.empty() && !handed_out_) {
            kind = level_kind::inserts;
        } else if (writes || !inside) {
            const auto mode = writes ? sqlite::transaction_mode::write : sqlite::transaction_mode::read;
            kind = statements_.begin(mode) ? level_kind::outermost : level_kind::savepoint;
        }
        if (levels_.empty()) {
            ++turn_;
            // The application may have undone what was remembered from its transaction before.
            shared_ = inside;
            if (shared_) ++undone_;
        }
        levels_.push_back({kind, writes, insertions_.size(), insertions_.size()});
        lock.release();
    }

    void commit() {
        const level ending = levels_.back();
        try {
            if (ending.kind == level_kind::inserts && !database_.in_transaction()) throw_rolled_back();
            if (has_statement(ending.kind)) statements_.commit(ending.kind == level_kind::outermost);
        } catch (...) {
            roll_back();
            throw;
        }
        const level* const around = levels_.size() == 1 ? nullptr : &levels_[levels_.size() - 2];
        if (around == nullptr) insertions_.clear();
        else if (around->kind != level_kind::inserts) forget_insertions(std::max(ending.first_insertion, around->undone_without));
        end_level();
    }

    void roll_back() noexcept {
        const level ending = levels_.back();
        if (has_statement(ending.kind)) statements_.roll_back(ending.kind == level_kind::outermost);
        undo_insertions(ending);
        if (ending.writes) ++undone_;
        end_level();
    }

    /// Number of the outermost transaction.
    [[nodiscard]] std::uint64_t turn() const noexcept { return turn_; }
    /// Another number whenever what was read before may no longer be so: something that we wrote was undone, or, between two
    /// turns, another connection wrote.
    [[nodiscard]] std::uint64_t epoch() {
        if (checked_turn_ != turn_) {
            const std::int64_t version = data_version();
            if (std::exchange(data_version_, version) != version) ++undone_;
            checked_turn_ = turn_;
        }
        return undone_;
    }

    void check_reading() const { SYNCLINE_ASSERT(!levels_.empty() && !scanning_); }
    void check_writing() {
        check_inserting();
        if (levels_.back().kind == level_kind::inserts) open_savepoints();
    }
    /// Instead of check_writing, before an insertion that will be told to `inserted`.
    void check_inserting() const {
        SYNCLINE_ASSERT(!levels_.empty() && levels_.back().writes && !scanning_);
        if (!database_.in_transaction()) throw_rolled_back();
    }
    /// True when an insertion is to be told to `inserted`.
    [[nodiscard]] bool notes_insertions() const noexcept { return levels_.back().kind == level_kind::inserts; }
    /// `erase`, whose first parameter is the id, or the number where there is none, undoes the insertion.
    void inserted(sqlite::statement& erase, const local_id& id, std::int64_t number = 0) { insertions_.push_back({&erase, id, number}); }

    /// Held while a visitor runs, so that a call of the store from inside a visitor is found at once.
    class scan_guard {
    public:
        explicit scan_guard(sqlite_levels& levels) : levels_(levels) {
            levels_.check_reading();
            levels_.scanning_ = true;
        }
        scan_guard(const scan_guard&) = delete;
        scan_guard& operator=(const scan_guard&) = delete;
        ~scan_guard() { levels_.scanning_ = false; }

    private:
        sqlite_levels& levels_;
    };

private:
    // `inserts` becomes a savepoint before the first write that is no insertion: a savepoint makes SQLite copy every page that
    // is written in it, which costs a small transaction inside a large one more than its insertions.
    enum class level_kind : std::uint8_t { outermost, savepoint, inserts, none };
    struct level {
        level_kind kind;
        bool writes;
        std::size_t first_insertion;
        std::size_t undone_without;  // the first insertion that came after the level's own statement, which undoes it
    };
    struct insertion {
        sqlite::statement* erase;
        local_id id;
        std::int64_t number;
    };

    [[nodiscard]] static bool has_statement(level_kind kind) noexcept {
        return kind == level_kind::outermost || kind == level_kind::savepoint;
    }
    void open_savepoints() {
        for (level& open : levels_) {
            if (open.kind != level_kind::inserts) continue;
            (void)statements_.begin(sqlite::transaction_mode::write);
            open.kind = level_kind::savepoint;
            open.undone_without = insertions_.size();
        }
    }
    void forget_insertions(std::size_t first) noexcept {
        if (first < insertions_.size()) insertions_.erase(insertions_.begin() + static_cast<std::ptrdiff_t>(first), insertions_.end());
    }
    void undo_insertions(const level& ending) noexcept {
        try {
            for (std::size_t i = insertions_.size(); i > ending.first_insertion && database_.in_transaction(); --i) {
                const insertion& last = insertions_[i - 1];
                if (last.id.empty()) last.erase->bind_integer(1, last.number);
                else last.erase->bind_text(1, last.id.view());
                last.erase->run();
            }
        } catch (const store_error&) {
            statements_.roll_back(true);
        }
        forget_insertions(ending.first_insertion);
    }
    void end_level() noexcept {
        levels_.pop_back();
        if (levels_.empty() && shared_) ++undone_;
        mutex_.unlock();
    }
    [[noreturn]] static void throw_rolled_back() {
        throw store_error("SQLite: the transaction was rolled back because a statement in it failed");
    }

    std::recursive_mutex mutex_;
    sqlite::connection database_;
    schema_view schema_;
    sqlite::transaction_statements statements_;
    std::vector<level> levels_;
    std::vector<insertion> insertions_;
    sqlite::statement ask_version_;
    std::int64_t data_version_ = 0;
    std::uint64_t turn_ = 0;
    std::uint64_t checked_turn_ = 0;
    std::uint64_t undone_ = 1;
    mutable std::atomic<bool> handed_out_;
    bool shared_ = false;
    bool scanning_ = false;
};

}  // namespace syncline::detail
