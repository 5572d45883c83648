/// Threads for cpp-httplib's server, which gives each connection one: made when needed, gone when idle.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <httplib.h>

namespace syncline {

/// A connection that waits for news holds its thread, so a pool of fixed size would stand still. Beyond `threads_max` connections
/// queue up.
class http_thread_pool final : public httplib::TaskQueue {
public:
    explicit http_thread_pool(std::size_t threads_max) : threads_max_(threads_max) {}

    // Its result differs between releases of cpp-httplib.
    using enqueue_result = decltype(std::declval<httplib::TaskQueue&>().enqueue(std::function<void()>()));

    enqueue_result enqueue(std::function<void()> job) override {
        std::list<std::thread> ended;
        {
            const std::lock_guard lock(mutex_);
            ended.swap(ended_);
            jobs_.push_back(std::move(job));
            if (jobs_.size() > idle_ && threads_.size() < threads_max_) {
                threads_.emplace_back();
                const auto self = std::prev(threads_.end());
                try {
                    *self = std::thread([this, self] { work(self); });
                } catch (const std::system_error&) {
                    // The system has no more threads: the job waits for one of those there are.
                    threads_.erase(self);
                }
            }
        }
        has_job_.notify_one();
        for (std::thread& one : ended) one.join();
        return enqueue_result(true);
    }

    /// Ends after the jobs in work and in the queue.
    void shutdown() override {
        std::unique_lock lock(mutex_);
        stopping_ = true;
        has_job_.notify_all();
        thread_ended_.wait(lock, [this] { return threads_.empty(); });
        for (std::thread& one : ended_) one.join();
        ended_.clear();
    }

private:
    void work(std::list<std::thread>::iterator self) {
        constexpr std::chrono::seconds idle_max(10);
        std::unique_lock lock(mutex_);
        for (;;) {
            ++idle_;
            const bool woken = has_job_.wait_for(lock, idle_max, [this] { return stopping_ || !jobs_.empty(); });
            --idle_;
            if (jobs_.empty() && (stopping_ || !woken)) break;
            const std::function<void()> job = std::move(jobs_.front());
            jobs_.pop_front();
            lock.unlock();
            job();
            lock.lock();
        }
        ended_.splice(ended_.end(), threads_, self);
        thread_ended_.notify_all();
    }

    const std::size_t threads_max_;
    std::mutex mutex_;
    std::condition_variable has_job_;
    std::condition_variable thread_ended_;
    std::deque<std::function<void()>> jobs_;
    std::list<std::thread> threads_;
    std::list<std::thread> ended_;  ///< to be joined
    std::size_t idle_ = 0;
    bool stopping_ = false;
};

}  // namespace syncline
