/// Turns and transactions of a SQLite store: one thread at a time, nested by savepoints, inside the application's own if it has one.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include <syncline/base/assert.hpp>
#include <syncline/schema/schema_view.hpp>
#include <syncline/sqlite/connection.hpp>
#include <syncline/sqlite/transaction.hpp>

namespace syncline::detail {

/// What all parts of the store share. Not movable.
class sqlite_levels {
public:
    sqlite_levels(sqlite::connection database, const schema_view& schema)
        : database_(std::move(database)), schema_(schema), statements_(database_) {}
    sqlite_levels(const sqlite_levels&) = delete;
    sqlite_levels& operator=(const sqlite_levels&) = delete;

    [[nodiscard]] const sqlite::connection& database() const noexcept { return database_; }
    [[nodiscard]] const schema_view& view() const noexcept { return schema_; }
    [[nodiscard]] std::recursive_mutex& mutex() noexcept { return mutex_; }

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
        if (writes || !inside) {
            const auto mode = writes ? sqlite::transaction_mode::write : sqlite::transaction_mode::read;
            kind = statements_.begin(mode) ? level_kind::outermost : level_kind::savepoint;
        }
        if (levels_.empty()) {
            ++turn_;
            // The application may have undone what was remembered from its transaction before.
            shared_ = inside;
            if (shared_) ++undone_;
        }
        levels_.push_back({kind, writes});
        lock.release();
    }

    void commit() {
        const level_kind kind = levels_.back().kind;
        if (kind != level_kind::none) {
            try {
                statements_.commit(kind == level_kind::outermost);
            } catch (...) {
                roll_back();
                throw;
            }
        }
        end_level();
    }

    void roll_back() noexcept {
        const level_kind kind = levels_.back().kind;
        if (kind != level_kind::none) statements_.roll_back(kind == level_kind::outermost);
        if (levels_.back().writes) ++undone_;
        end_level();
    }

    /// Number of the outermost transaction: what was read in the same turn is still so, unless we changed it.
    [[nodiscard]] std::uint64_t turn() const noexcept { return turn_; }
    /// Changes whenever something that we wrote may have been undone.
    [[nodiscard]] std::uint64_t undone() const noexcept { return undone_; }

    void check_reading() const { SYNCLINE_ASSERT(!levels_.empty() && !scanning_); }
    void check_writing() const {
        SYNCLINE_ASSERT(!levels_.empty() && levels_.back().writes && !scanning_);
        if (!database_.in_transaction()) throw_rolled_back();
    }

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
    enum class level_kind : std::uint8_t { outermost, savepoint, none };
    struct level {
        level_kind kind;
        bool writes;
    };

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
    std::uint64_t turn_ = 0;
    std::uint64_t undone_ = 0;
    bool shared_ = false;
    bool scanning_ = false;
};

}  // namespace syncline::detail
