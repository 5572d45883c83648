/// Keeps a store in sync on one thread: wakes on local edits, on news from the server and on reconnect, and backs off while offline.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include <syncline/base/clock.hpp>
#include <syncline/base/thread_safe.hpp>
#include <syncline/client/engine.hpp>
#include <syncline/client/news_stream.hpp>
#include <syncline/wire/wait_target.hpp>

namespace syncline {

struct live_options {
    engine_options syncs = {};
    /// How often the store is looked at for edits of other processes, and the server sends a sign of life for it. Rounded up to seconds;
    /// 15 s or more is kinder to batteries where no other process writes.
    std::chrono::seconds look_every{1};
    /// Between two syncs with a server that cannot hold a request.
    std::chrono::milliseconds poll_every{30'000};
    /// No pause after a failure is longer, because nobody may tell that the network is back.
    std::chrono::milliseconds pause_max{30'000};
    /// Called after each sync, on the thread of run(), outside of any transaction.
    std::function<void(const sync_report&)> reported = {};
};

/// A background sync. `run` is the only call that blocks; all others may come from any thread. Store and link must outlive it.
template <store S, listening_transport T>
    requires thread_safe<S> && thread_safe<T>
class live_sync {
public:
    static constexpr bool is_thread_safe = true;

    live_sync(S& store, T& link, live_options options = {})
        : store_(store), link_(link), options_(std::move(options)), engine_(store, link, options_.syncs) {}

    live_sync(const live_sync&) = delete;
    live_sync& operator=(const live_sync&) = delete;

    /// Syncs until stop() or a request of `stopping`; an exchange in progress is then cut off, which loses nothing.
    /// A store that cannot be used now is a report like any other, and tried again. Throws store_error when the store fails for good, and
    /// transaction_is_open when it is called inside a transaction; one that is open on its thread later, left by a callback, is waited for.
    void run(std::stop_token stopping = {}) {
        outside_transactions(store_);
        const std::stop_callback on_stop(std::move(stopping), [this] { stop(); });
        while (!is_stopped()) {
            begin_round();
            const std::optional<sync_report> report = sync_if_it_may();
            if (is_stopped()) return;
            if (report && options_.reported) options_.reported(*report);
            if (!report) pause(std::min(transaction_pause, options_.pause_max), false);
            else if (report->outcome == sync_outcome::complete) rest_until_news(*report);
            else if (report->outcome == sync_outcome::unauthorized) rest_until_other_token();
            else pause_after(*report);
        }
    }

    /// There is something to send. An edit through a repository whose option `written` calls this needs no further word.
    void wake() { interrupt(&signals::woken); }
    /// The network is back, there is another token, or the reason of a failure is mended: the pause after the failure ends.
    void reconnect() { interrupt(&signals::reconnected); }
    /// Ends run() and every sync(), now and later.
    void stop() {
        stop_.request_stop();
        interrupt(&signals::woken);
    }

    /// Syncs now, on the calling thread, or waits for the sync that is running.
    sync_report sync() { return engine_.sync(stop_.get_token()); }
    /// The report of the last sync that ended, see engine::last_report.
    [[nodiscard]] std::optional<sync_report> last_report() const { return engine_.last_report(); }
    /// True if nothing waits to be sent and the last sync was complete, see engine::in_sync.
    [[nodiscard]] bool in_sync() const { return engine_.in_sync(); }
    /// Whom the transport's token stands for, see engine::ask_owner.
    [[nodiscard]] owner_answer ask_owner() { return engine_.ask_owner(stop_.get_token()); }
    /// Agrees to the removals that were reported as `awaiting_consent`.
    void allow_removals() {
        engine_.allow_removals();
        reconnect();
    }

private:
    struct signals {
        bool woken = false;
        bool reconnected = false;
    };

    [[nodiscard]] bool is_stopped() const noexcept { return stop_.stop_requested(); }

    void interrupt(bool signals::* which) {
        std::stop_source listening;
        {
            const std::lock_guard lock(mutex_);
            signals_.*which = true;
            listening = listening_;
        }
        changed_.notify_all();
        listening.request_stop();
    }

    /// What is signalled from here on is not part of the sync that begins now.
    void begin_round() {
        {
            const std::lock_guard lock(mutex_);
            signals_ = {};
        }
        newest_seen_ = newest_entry().value_or(newest_seen_);
    }

    /// Nothing inside a transaction.
    [[nodiscard]] std::optional<sync_report> sync_if_it_may() {
        try {
            return engine_.sync(stop_.get_token());
        } catch (const transaction_is_open&) {
            return std::nullopt;
        }
    }

    /// Nothing while the store cannot be used.
    [[nodiscard]] std::optional<sequence> newest_entry() {
        try {
            auto reading = store_.begin_read();
            const sequence newest = store_.newest_sequence();
            reading.commit();
            return newest;
        } catch (const store_unavailable&) {
            return std::nullopt;
        }
    }

    [[nodiscard]] bool has_new_entries() { return newest_entry().value_or(newest_seen_) > newest_seen_; }

    void rest_until_news(const sync_report& report) {
        const std::optional<std::stop_token> interrupted = begin_listening();
        if (!interrupted || has_new_entries()) return;
        const auto began = monotonic_now();
        news_stream stream([this] { return has_new_entries(); });
        const std::optional<wire::http_request> request = listening_request(report);
        if (!request) return rest(options_.look_every);
        const exchange_result result = link_.listen(*request, *interrupted, [&](std::string_view piece) { return stream.take(piece); });
        if (interrupted->stop_requested()) return;
        if (stream.has_news()) {
            // Once may be an echo of what was sent; a server that has news again and again and nothing to pull must not be asked without pause.
            const bool in_vain = report.total() == table_report{};
            news_in_vain_ = in_vain ? news_in_vain_ + 1 : 0;
            if (news_in_vain_ > news_in_vain_max) rest(std::chrono::seconds(1));
            return;
        }
        const auto* const response = std::get_if<wire::http_response>(&result);
        const bool held = response == nullptr || response->status == 200;
        // Who ends streams at once, as some proxies do, must not be asked without pause.
        if (held && monotonic_now() - began >= std::chrono::seconds(1)) return;
        const bool is_busy = response != nullptr && (response->status == 429 || response->status == 503);
        rest(is_busy ? std::chrono::milliseconds(response->retry_after_ms.value_or(1'000)) : options_.poll_every);
    }

    /// Waits until there is something to send, at most so long.
    void rest(std::chrono::milliseconds longest) {
        const auto ends = monotonic_now() + std::min(longest, options_.poll_every);
        while (monotonic_now() < ends) {
            const auto next_look = std::min(ends, monotonic_now() + std::chrono::milliseconds(options_.look_every));
            {
                std::unique_lock lock(mutex_);
                if (changed_.wait_until(lock, next_look, [this] { return is_stopped() || signals_.reconnected || signals_.woken; })) return;
            }
            if (has_new_entries()) return;
        }
    }

    /// A token for the request that is held open; nothing where there is a signal already.
    [[nodiscard]] std::optional<std::stop_token> begin_listening() {
        const std::lock_guard lock(mutex_);
        if (signals_.woken || signals_.reconnected || is_stopped()) return std::nullopt;
        listening_ = std::stop_source();
        return listening_.get_token();
    }

    /// Nothing while the store cannot be used.
    [[nodiscard]] std::optional<wire::http_request> listening_request(const sync_report& report) {
        wire::wait_request wanted;
        try {
            auto reading = store_.begin_read();
            wanted.pull.since = store_.find_meta("cursor").value_or("");
            wanted.pull.owner = owner_of(store_);
            wanted.pull.device = store_.find_meta("device").value_or("");
            reading.commit();
        } catch (const store_unavailable&) {
            return std::nullopt;
        }
        wanted.pull.schema = store_.schema().fingerprint;
        wanted.heartbeat_s = std::max<std::int64_t>(1, options_.look_every.count());
        wanted.timeout_s = stream_s_max;
        // What was put off until later has to be tried then.
        if (report.retry_in_ms > 0) wanted.timeout_s = std::clamp<std::int64_t>(report.retry_in_ms / 1'000, 1, stream_s_max);
        return wire::http_request{"GET", wire::wait_target(wanted), {}, {}, {}, "text/event-stream"};
    }

    void pause_after(const sync_report& report) {
        const std::chrono::milliseconds told(std::max<std::int64_t>(report.retry_in_ms, 1));
        if (report.is_retry_binding) return pause(told, true);
        const bool passes = report.outcome == sync_outcome::offline || report.outcome == sync_outcome::server_failed ||
                            report.outcome == sync_outcome::interrupted || report.outcome == sync_outcome::busy;
        pause(passes ? std::min(told, options_.pause_max) : options_.pause_max, false);
    }

    /// Nothing but another token makes the next try worth while. A link that cannot tell of one leaves that to reconnect().
    void rest_until_other_token() {
        const auto may_go = [this] { return is_stopped() || signals_.reconnected; };
        std::unique_lock lock(mutex_);
        if constexpr (requires(T& carrier) { static_cast<bool>(carrier.has_other_token()); }) {
            while (!changed_.wait_for(lock, options_.look_every, may_go)) {
                lock.unlock();
                if (link_.has_other_token()) return;
                lock.lock();
            }
        } else {
            changed_.wait(lock, may_go);
        }
    }

    /// Waits after a failure. An edit may make a long pause short, unless that is `binding`, but not so short that edits made offline
    /// hammer the network.
    void pause(std::chrono::milliseconds wanted, bool binding) {
        const auto began = monotonic_now();
        auto ends = began + wanted;
        const auto after_edit = began + std::chrono::milliseconds(options_.syncs.bounds.backoff_base_ms);
        std::unique_lock lock(mutex_);
        while (!is_stopped() && !signals_.reconnected && monotonic_now() < ends) {
            if (signals_.woken && !binding) ends = std::min(ends, std::max(after_edit, monotonic_now()));
            if (signals_.woken || binding) changed_.wait_until(lock, ends, [this] { return is_stopped() || signals_.reconnected; });
            else changed_.wait_until(lock, ends, [this] { return is_stopped() || signals_.reconnected || signals_.woken; });
        }
    }

    static constexpr std::int64_t stream_s_max = 300;
    static constexpr std::chrono::milliseconds transaction_pause{1'000};
    static constexpr int news_in_vain_max = 3;

    store_adapter<S> store_;
    T& link_;
    live_options options_;
    std::stop_source stop_;
    std::mutex mutex_;
    std::condition_variable changed_;
    signals signals_;
    std::stop_source listening_;  ///< of the request that is held open
    sequence newest_seen_ = 0;    ///< newest entry before the last sync began
    int news_in_vain_ = 0;        ///< in a row
    engine<S, T> engine_;
};

}  // namespace syncline
