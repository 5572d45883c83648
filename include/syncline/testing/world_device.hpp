/// One device of a simulated world: its store, its running session, and who watches it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <syncline/client/session.hpp>
#include <syncline/client/transport.hpp>
#include <syncline/testing/oracle_conversation.hpp>
#include <syncline/testing/oracle_device.hpp>
#include <syncline/testing/oracle_ledger.hpp>
#include <syncline/testing/oracle_removals.hpp>

namespace syncline::testing {

/// Where a device's sync is.
enum class device_stage : std::uint8_t {
    idle,
    sent,      ///< its request is on the way
    answered   ///< the answer, or the news that none comes, is on the way
};

/// What is known about a store besides what is in it: it goes along when the store is copied or put back.
struct store_watch {
    explicit store_watch(edit_ledger books) : ledger(std::move(books)) {}

    int failures = 0;         ///< syncs in a row that failed
    sync_report report;       ///< of the last sync that ended
    seen_rows seen;           ///< what the application saw after the last event
    kept_conflicts conflicts;
    spent_attempts attempts;
    edit_ledger ledger;
    departed_rows departed;
    removal_watch removals;
    /// The store was put back or doubled, and since then it was edited or told of verdicts that it never got. A sequence of its other
    /// life that it steps over, or settled edits that met something, are beyond what it can know: it need not converge, nor account
    /// for its edits, until forks are seen by what pages include.
    bool uncertain = false;
    bool forked = false;      ///< its last sync ended because the server knows another operation under one of its sequences
};

template <store S>
struct store_copy {
    std::unique_ptr<S> rows;
    store_watch watch;
};

template <store S>
struct device : store_watch {
    device(std::string device_name, std::size_t owner_index, std::unique_ptr<S> kept, const std::int64_t& world_clock, random_source source)
        : store_watch(edit_ledger(device_name, kept->schema())), name(std::move(device_name)), line(name), owner(owner_index), rows(std::move(kept)),
          clock_ms(world_clock), random(source) {}

    std::string name;         ///< "A1"
    std::string line;         ///< the device whose store this one's comes from, its own name for most
    std::size_t owner = 0;    ///< index of its owner
    std::unique_ptr<S> rows;
    const std::int64_t& clock_ms;
    random_source random;     ///< for its sessions
    std::int64_t skew_ms = 0; ///< its clock is wrong by that much
    int runs = 0;             ///< of the program: each holds the store under another name
    bool offline = false;

    device_stage stage = device_stage::idle;
    std::unique_ptr<session> running;
    wire::http_request request;
    exchange_result result;
    std::optional<store_copy<S>> saved;  ///< a backup of the store
    int restores = 0;                    ///< of the store from it

    /// Asks the session what is next: a request, or the end. True when it ended.
    bool advance() {
        auto step = running->next();
        if (wire::http_request* const next = std::get_if<wire::http_request>(&step)) {
            request = std::move(*next);
            stage = device_stage::sent;
            return false;
        }
        report = std::get<sync_report>(std::move(step));
        const bool failed = report.outcome == sync_outcome::offline || report.outcome == sync_outcome::server_failed;
        failures = failed ? failures + 1 : 0;
        running.reset();
        stage = device_stage::idle;
        return true;
    }

    /// Begins a sync; the application consents to what the last one asked for.
    void start(const limits& bounds, wire::encoding form) {
        const random_source seed(random.next());
        const bool asked = report.outcome == sync_outcome::awaiting_consent;
        removals.begin(seen.size(), report.outcome);
        session_options options{bounds, [this] { return clock_ms + skew_ms; }, failures, name + "." + std::to_string(runs), form,
                                asked ? removal_consent::given : removal_consent::withheld};
        running = std::make_unique<session>(*rows, std::move(options), seed);
    }

    /// The program ends in the middle of everything; what is stored stays.
    void crash() {
        running.reset();
        stage = device_stage::idle;
        ++runs;
    }

    void save(std::unique_ptr<S> copy) { saved.emplace(store_copy<S>{std::move(copy), *this}); }

    /// The store and what is known of it are those of the backup again.
    void restore(std::unique_ptr<S> copy) {
        rows = std::move(copy);
        static_cast<store_watch&>(*this) = saved->watch;
        ++restores;
    }

    /// The store is a copy of the other device's.
    void be_twin_of(const device& other) {
        static_cast<store_watch&>(*this) = other;
        ledger.rename(name);
        line = other.line;
        skew_ms = other.skew_ms;
    }

    /// Of the store, and of its backup, whose edits may reach the server meanwhile.
    template <class Do>
    void for_each_ledger(Do&& act) {
        act(ledger);
        if (saved) act(saved->watch.ledger);
    }
};

}  // namespace syncline::testing
