/// Connections to one SQLite file, each used by one transaction at a time.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <syncline/sqlite/transaction.hpp>

namespace syncline::sqlite_backend_parts {

/// A connection with the statements prepared on it.
struct prepared_connection {
    explicit prepared_connection(sqlite::connection opened) : database(std::move(opened)), transactions(database) {}
    prepared_connection(const prepared_connection&) = delete;
    prepared_connection& operator=(const prepared_connection&) = delete;

    sqlite::connection database;
    sqlite::transaction_statements transactions;
    sqlite::statement_cache statements;
};

/// Opens more connections when they are needed, at most `connections_max`, and keeps them.
class connection_pool {
public:
    static constexpr bool is_thread_safe = true;

    connection_pool(sqlite::connection first, std::function<sqlite::connection()> open, std::size_t connections_max)
        : open_(std::move(open)), connections_max_(connections_max) {
        idle_.push_back(std::make_unique<prepared_connection>(std::move(first)));
    }

    /// Waits for a connection to come back when all are taken.
    [[nodiscard]] std::unique_ptr<prepared_connection> take() {
        std::unique_lock lock(gate_);
        came_back_.wait(lock, [this] { return !idle_.empty() || opened_ < connections_max_; });
        if (idle_.empty()) {
            auto fresh = std::make_unique<prepared_connection>(open_());
            idle_.reserve(opened_ + 1);
            ++opened_;
            return fresh;
        }
        auto taken = std::move(idle_.back());
        idle_.pop_back();
        return taken;
    }

    void give_back(std::unique_ptr<prepared_connection> connection) noexcept {
        const std::lock_guard lock(gate_);
        idle_.push_back(std::move(connection));
        came_back_.notify_one();
    }

private:
    std::function<sqlite::connection()> open_;
    std::size_t connections_max_;
    std::mutex gate_;
    std::condition_variable came_back_;
    std::vector<std::unique_ptr<prepared_connection>> idle_;
    std::size_t opened_ = 1;
};

/// A connection taken for one transaction.
class taken_connection {
public:
    explicit taken_connection(connection_pool& pool) : pool_(pool), connection_(pool.take()) {}
    taken_connection(const taken_connection&) = delete;
    taken_connection& operator=(const taken_connection&) = delete;
    ~taken_connection() { give_back(); }

    [[nodiscard]] prepared_connection& operator*() const noexcept { return *connection_; }
    [[nodiscard]] prepared_connection* operator->() const noexcept { return connection_.get(); }
    [[nodiscard]] explicit operator bool() const noexcept { return connection_ != nullptr; }

    void give_back() noexcept {
        if (connection_) pool_.give_back(std::move(connection_));
    }

private:
    connection_pool& pool_;
    std::unique_ptr<prepared_connection> connection_;
};

}  // namespace syncline::sqlite_backend_parts
