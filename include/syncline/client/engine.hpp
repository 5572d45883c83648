/// The blocking loop: a session over a transport, one at a time, whoever calls.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <utility>
#include <variant>

#include <syncline/base/thread_safe.hpp>
#include <syncline/client/ask_owner.hpp>
#include <syncline/client/session.hpp>
#include <syncline/client/transport.hpp>

namespace syncline {

/// Blocks for that many milliseconds, or until `stop` is requested.
inline void pause_for(std::int64_t ms, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, std::chrono::milliseconds(ms), [] { return false; });
}

struct engine_options {
    limits bounds;
    clock_source clock = system_clock_source();
    random_source random = seeded_by_system();
    sync_observer observer;
    wire::encoding form = wire::encoding::cbor;  ///< preferred; a server that does not speak it gets JSON
    /// Waits while another process syncs the same store, as pause_for does; a simulation puts its own here.
    std::function<void(std::int64_t ms, const std::stop_token& stop)> pause = pause_for;
};

/// sync() was called by what a running sync of the same engine calls, such as its observer, and would wait for itself.
class sync_is_running : public std::logic_error {
public:
    sync_is_running() : std::logic_error("a sync cannot be started by the observer of a sync that runs: start it after that one") {}
};

/// Syncs a store. As thread_safe as the store, whatever the transport is, which carries one request at a time. A call during a running sync
/// waits for it and gets its report; edits made meanwhile go out with one follow-up, which is part of that report.
template <store S, transport T>
class engine {
public:
    static constexpr bool is_thread_safe = thread_safe<S>;

    engine(S& store, T& link, engine_options options = {})
        : store_(store), link_(link), options_(std::move(options)), holder_(new_local_id(options_.clock(), options_.random).str()) {}

    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    /// Pushes what waits and pulls what is new. What can be expected to happen is in the report, also that the store cannot be used now, see
    /// sync_outcome::busy. Throws store_error when the store fails for good, which leaves it as it was before the failing step,
    /// transaction_is_open inside a transaction, and sync_is_running when it is called from inside a sync of this engine, on its thread.
    ///
    /// A request of `stop` ends the call, from any thread: no other request is sent, one that is out is given up if the transport takes a
    /// stop_token and else awaited, and a wait for another process ends. The report is then `stopped`, unless that request was the last;
    /// its counts are true, the claim on the store is given back, and no failure is counted. A wait of the store for its lock goes on.
    /// A caller whose call joined that sync, and who did not ask for its end, gets a sync of its own; one who stops waiting for the sync
    /// of another thread does not stop it.
    sync_report sync(std::stop_token stop = {}) {
        // A sync of another thread that is to be waited for would wait for the caller's transaction.
        outside_transactions(store_);
        std::unique_lock lock(mutex_);
        if (running_ && runner_ == std::this_thread::get_id()) throw sync_is_running();
        while (running_)
            if (std::optional<sync_report> report = join(lock, stop)) return *std::move(report);
        running_ = true;
        runner_ = std::this_thread::get_id();
        joined_ = 0;
        lock.unlock();

        sync_report report;
        std::exception_ptr failure;
        try {
            report = run_until_free(stop);
            if (report.outcome == sync_outcome::complete && has_joined() && has_newer_entries()) report.absorb(run_until_free(stop));
        } catch (...) {
            failure = std::current_exception();
        }

        lock.lock();
        running_ = false;
        ++finished_runs_;
        last_report_ = report;
        last_failure_ = failure;
        ended_.notify_all();
        if (failure) std::rethrow_exception(failure);
        return report;
    }

    /// Asks the server whose rows the transport's token stands for, whatever the store holds: no row leaves, nothing is stored, and
    /// the store stays as unbound as it was. Waits for the request of a running sync. A request of `stop` ends it as it ends a sync.
    [[nodiscard]] owner_answer ask_owner(std::stop_token stop = {}) {
        const exchange_result result = exchange(owner_question(store_.schema()), stop);
        if (std::holds_alternative<exchange_failure>(result) && stop.stop_requested()) return {{}, sync_outcome::stopped, stopped_by_application()};
        return read_owner(result, store_.schema(), options_.bounds);
    }

    /// The application agrees to the removals that a sync reported as `awaiting_consent`: the next pull that reaches the server's newest
    /// version takes them, however many they are. Asked anew afterwards.
    void allow_removals() {
        const std::lock_guard lock(mutex_);
        consent_ = removal_consent::given;
    }

    /// The report of the last sync that ended, whoever called it; nothing before the first one has, and after one that threw.
    [[nodiscard]] std::optional<sync_report> last_report() const {
        const std::lock_guard lock(mutex_);
        if (finished_runs_ == 0 || last_failure_) return std::nullopt;
        return last_report_;
    }

    /// True if the last sync that ended was complete, and no operation waits now to be sent or for its verdict; operations that were
    /// set aside wait for the application and do not count. What the server has got since that sync is not known here.
    /// False while the store cannot be read. Waits for transactions of other threads, not for a sync. Throws store_error as reads do.
    [[nodiscard]] bool in_sync() const {
        {
            const std::lock_guard lock(mutex_);
            if (finished_runs_ == 0 || last_failure_ || last_report_.outcome != sync_outcome::complete) return false;
        }
        return !has_entry([](const outbox_entry& entry) { return entry.state != entry_state::quarantined; });
    }

private:
    /// The report of the sync that runs; nothing if that was stopped, for which this caller did not ask.
    std::optional<sync_report> join(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
        ++joined_;
        const std::uint64_t awaited = finished_runs_ + 1;
        if (!ended_.wait(lock, stop, [&] { return finished_runs_ >= awaited; })) {
            --joined_;
            return report_of(sync_outcome::stopped, stopped_by_application());
        }
        if (last_failure_) std::rethrow_exception(last_failure_);
        if (last_report_.outcome == sync_outcome::stopped) return std::nullopt;
        return last_report_;
    }

    /// Of a sync that did not come to its first request.
    sync_report report_of(sync_outcome outcome, error problem) {
        sync_report report;
        report.outcome = outcome;
        report.problem = std::move(problem);
        report.schema = store_.schema();
        report.tables.resize(static_cast<std::size_t>(store_.schema().size()));
        return report;
    }

    bool has_joined() {
        const std::lock_guard lock(mutex_);
        return joined_ != 0;
    }

    bool has_newer_entries() {
        return has_entry([this](const outbox_entry& entry) { return entry.seq > horizon_ && entry.state == entry_state::queued; });
    }

    /// True also if the store cannot be read now: a follow-up then reports that.
    template <class Predicate>
    bool has_entry(Predicate is_meant) const {
        try {
            auto reading = store_.begin_read();
            bool found = false;
            store_.scan_entries([&](const outbox_entry& entry) { found = found || is_meant(entry); });
            reading.commit();
            return found;
        } catch (const store_unavailable&) {
            return true;
        }
    }

    /// Runs one session; while another process has the store, waits until its claim is given back or has expired.
    sync_report run_until_free(const std::stop_token& stop) {
        // Each try reads the store, so the pauses grow.
        constexpr std::int64_t pause_ms_max = 500;
        std::int64_t pause_ms = 10;
        std::int64_t waited_ms = 0;
        for (;;) {
            if (stop.stop_requested()) return report_of(sync_outcome::stopped, stopped_by_application());
            sync_report report = run_if_usable(stop);
            const bool busy = report.outcome == sync_outcome::busy && report.problem.code == error_code::lease_lost;
            if (!busy || waited_ms > 2 * options_.bounds.lease_ms) return report;
            options_.pause(pause_ms, stop);
            waited_ms += pause_ms;
            pause_ms = std::min(2 * pause_ms, pause_ms_max);
        }
    }

    sync_report run_if_usable(const std::stop_token& stop) {
        try {
            return run_once(stop);
        } catch (const store_unavailable& failure) {
            sync_report report = report_of(sync_outcome::busy, {error_code::storage, failure.what(), {}, {}, {}});
            report.retry_in_ms = backoff_delay_ms(++failures_, options_.bounds, options_.random);
            return report;
        }
    }

    sync_report run_once(const std::stop_token& stop) {
        const random_source seed(options_.random.next());
        const removal_consent consent = read_consent();
        session conversation(store_, {options_.bounds, options_.clock, failures_, holder_, options_.form, consent}, seed);
        horizon_ = conversation.horizon();
        for (;;) {
            if (stop.stop_requested()) conversation.stop();
            auto step = conversation.next();
            if (auto* const report = std::get_if<sync_report>(&step)) {
                const bool failed = report->outcome == sync_outcome::offline || report->outcome == sync_outcome::server_failed;
                if (report->outcome != sync_outcome::stopped) failures_ = failed ? failures_ + 1 : 0;
                if (consent == removal_consent::given && report->outcome == sync_outcome::complete) withdraw_consent();
                return std::move(*report);
            }
            if (options_.observer) options_.observer(conversation.progress());
            const exchange_result result = exchange(std::get<wire::http_request>(step), stop);
            const auto* const failure = std::get_if<exchange_failure>(&result);
            if (failure == nullptr) conversation.answer(std::get<wire::http_response>(result));
            else if (stop.stop_requested()) conversation.stop();
            else conversation.fail(failure->text);
            if (options_.observer) options_.observer(conversation.progress());
        }
    }

    /// One request at a time, as a transport may expect.
    exchange_result exchange(const wire::http_request& request, const std::stop_token& stop) {
        {
            std::unique_lock lock(mutex_);
            link_free_.wait(lock, stop, [this] { return !link_in_use_; });
            if (stop.stop_requested()) return exchange_failure{exchange_failure_kind::unreachable, "stopped before the request was sent"};
            link_in_use_ = true;
        }
        struct turn {
            engine& owner;
            ~turn() {
                const std::lock_guard lock(owner.mutex_);
                owner.link_in_use_ = false;
                // Whoever is woken may have been stopped, and leaves the link to another.
                owner.link_free_.notify_all();
            }
        };
        const turn until_the_end{*this};
        if constexpr (stoppable_transport<T>) return link_.exchange(request, stop);
        else return link_.exchange(request);
    }

    removal_consent read_consent() {
        const std::lock_guard lock(mutex_);
        return consent_;
    }

    void withdraw_consent() {
        const std::lock_guard lock(mutex_);
        consent_ = removal_consent::withheld;
    }

    mutable store_adapter<S> store_;  // reads are const, calls of a store are not
    T& link_;
    engine_options options_;
    std::string holder_;  ///< the same for all of this engine's sessions, so that one that failed does not block the next
    int failures_ = 0;
    sequence horizon_ = 0;

    mutable std::mutex mutex_;
    std::condition_variable_any link_free_;
    bool link_in_use_ = false;  ///< a request is out
    std::condition_variable_any ended_;
    bool running_ = false;
    std::thread::id runner_;
    removal_consent consent_ = removal_consent::withheld;
    std::size_t joined_ = 0;
    std::uint64_t finished_runs_ = 0;
    sync_report last_report_;
    std::exception_ptr last_failure_;
};

}  // namespace syncline
