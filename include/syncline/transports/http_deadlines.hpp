/// Deadlines of calls that block: when one passes, a function is called on a thread that the deadlines share.
#pragma once

#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include <syncline/base/clock.hpp>

namespace syncline::detail {

/// The thread is made with the first deadline, and sleeps while none passes: one that is met costs no switch of threads.
class http_deadlines {
public:
    http_deadlines() = default;
    http_deadlines(const http_deadlines&) = delete;
    http_deadlines& operator=(const http_deadlines&) = delete;
    ~http_deadlines() {
        {
            const std::lock_guard lock(mutex_);
            is_ending_ = true;
        }
        changed_.notify_all();
        if (thread_.joinable()) thread_.join();
    }

    /// Calls `late` at `moment`, unless it is destroyed before; its destructor waits for a call of `late` that runs.
    /// `late` must not make or destroy a deadline.
    class deadline {
    public:
        deadline(http_deadlines& all, monotonic_clock::time_point moment, std::function<void()> late) : all_(all), key_(all.add(moment, std::move(late))) {}
        deadline(const deadline&) = delete;
        deadline& operator=(const deadline&) = delete;
        ~deadline() { all_.remove(key_); }

    private:
        http_deadlines& all_;
        std::pair<monotonic_clock::time_point, std::uint64_t> key_;
    };

private:
    using key = std::pair<monotonic_clock::time_point, std::uint64_t>;

    key add(monotonic_clock::time_point moment, std::function<void()> late) {
        const std::lock_guard lock(mutex_);
        if (!thread_.joinable()) start();
        const key place(moment, ++made_);
        waiting_.emplace(place, std::move(late));
        if (moment < wakes_) {
            wakes_ = moment;
            changed_.notify_all();
        }
        return place;
    }

    void remove(const key& place) {
        const std::lock_guard lock(mutex_);
        waiting_.erase(place);
    }

    /// Signals to the process are for the application's own threads.
    void start() {
        sigset_t every, before;
        sigfillset(&every);
        pthread_sigmask(SIG_SETMASK, &every, &before);
        try {
            thread_ = std::thread([this] { watch(); });
        } catch (...) {
            pthread_sigmask(SIG_SETMASK, &before, nullptr);
            throw;
        }
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    void watch() {
        std::unique_lock lock(mutex_);
        while (!is_ending_) {
            while (!waiting_.empty() && waiting_.begin()->first.first <= monotonic_now()) waiting_.extract(waiting_.begin()).mapped()();
            const auto wakes = wakes_ = waiting_.empty() ? monotonic_clock::time_point::max() : waiting_.begin()->first.first;
            if (waiting_.empty()) changed_.wait(lock);
            else changed_.wait_until(lock, wakes);
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<key, std::function<void()>> waiting_;
    std::uint64_t made_ = 0;
    monotonic_clock::time_point wakes_ = monotonic_clock::time_point::min();  ///< when the thread looks again by itself
    bool is_ending_ = false;
    std::thread thread_;
};

}  // namespace syncline::detail
