/// Who waits for an owner's next version, and who is told.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <syncline/base/clock.hpp>
#include <syncline/base/ids.hpp>

namespace syncline {

/// Wakes those who wait for an owner when that owner's rows have changed. Other processes may write to the same database, so one
/// of an owner's waiters asks it now and then.
class news_board {
public:
    static constexpr bool is_thread_safe = true;

    news_board(std::chrono::milliseconds ask_every, std::size_t waiters_max, std::size_t waiters_per_owner_max)
        : ask_every_(ask_every), waiters_max_(waiters_max), waiters_per_owner_max_(waiters_per_owner_max) {}

    enum class outcome : std::uint8_t { news, nothing, closed, crowded };

    /// Tells the waiters of `owner` that a transaction with this version is committed.
    void publish(std::string_view owner, row_version version) {
        const std::lock_guard lock(mutex_);
        const auto found = channels_.find(owner);
        if (found == channels_.end() || found->second.newest >= version) return;
        found->second.newest = version;
        found->second.woken.notify_all();
    }

    /// Waits at most until `deadline` for a version above `known`. `ask()` says what the database has.
    template <class Ask>
    [[nodiscard]] outcome wait(std::string_view owner, row_version known, monotonic_clock::time_point deadline, Ask ask) {
        std::unique_lock lock(mutex_);
        if (closed_) return outcome::closed;
        if (waiters_ >= waiters_max_ || waiters_of(owner) >= waiters_per_owner_max_) return outcome::crowded;
        const auto place = channels_.try_emplace(std::string(owner)).first;
        const entrance counted(*this, place);
        channel& here = place->second;
        for (;;) {
            if (closed_) return outcome::closed;
            if (here.newest > known) return outcome::news;
            const monotonic_clock::time_point now = monotonic_now();
            // Who does not wait at all gets an answer too that is true.
            if (here.asked && now >= deadline) return outcome::nothing;
            if (here.asked && now < *here.asked + ask_every_) {
                here.woken.wait_until(lock, std::min(deadline, *here.asked + ask_every_));
                continue;
            }
            here.asked = now;
            lock.unlock();
            row_version version;
            try {
                version = ask();
            } catch (...) {
                lock.lock();
                // Those who relied on this answer ask for themselves.
                here.asked.reset();
                here.woken.notify_all();
                throw;
            }
            lock.lock();
            if (version <= here.newest) continue;
            here.newest = version;
            here.woken.notify_all();
        }
    }

    /// Ends all waits, now and later.
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        for (auto& [owner, one] : channels_) one.woken.notify_all();
    }

    [[nodiscard]] std::size_t waiters() const {
        const std::lock_guard lock(mutex_);
        return waiters_;
    }

private:
    struct channel {
        std::condition_variable woken;
        row_version newest;
        std::optional<monotonic_clock::time_point> asked;  ///< the first waiter asks at once
        std::size_t waiters = 0;
    };
    using channels = std::map<std::string, channel, std::less<>>;

    /// Counts a waiter in and out, with the mutex held.
    class entrance {
    public:
        entrance(news_board& board, channels::iterator place) : board_(board), place_(place) {
            ++board_.waiters_;
            ++place_->second.waiters;
        }
        ~entrance() {
            --board_.waiters_;
            if (--place_->second.waiters == 0) board_.channels_.erase(place_);
        }
        entrance(const entrance&) = delete;
        entrance& operator=(const entrance&) = delete;

    private:
        news_board& board_;
        channels::iterator place_;
    };

    [[nodiscard]] std::size_t waiters_of(std::string_view owner) const {
        const auto found = channels_.find(owner);
        return found == channels_.end() ? 0 : found->second.waiters;
    }

    const std::chrono::milliseconds ask_every_;
    const std::size_t waiters_max_;
    const std::size_t waiters_per_owner_max_;
    mutable std::mutex mutex_;
    channels channels_;
    std::size_t waiters_ = 0;
    bool closed_ = false;
};

}  // namespace syncline
