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

template <store S>
struct device {
    device(std::string device_name, std::size_t owner_index, std::unique_ptr<S> kept, const std::int64_t& world_clock, random_source source)
        : name(std::move(device_name)), owner(owner_index), rows(std::move(kept)), clock_ms(world_clock), random(source), ledger(name, rows->schema()) {}

    std::string name;         ///< "A1"
    std::size_t owner = 0;    ///< index of its owner
    std::unique_ptr<S> rows;
    const std::int64_t& clock_ms;
    random_source random;     ///< for its sessions
    std::int64_t skew_ms = 0; ///< its clock is wrong by that much
    int runs = 0;             ///< of the program: each holds the store under another name
    int failures = 0;         ///< syncs in a row that failed
    bool offline = false;

    device_stage stage = device_stage::idle;
    std::unique_ptr<session<S>> running;
    wire::http_request request;
    exchange_result result;
    sync_report report;       ///< of the last sync that ended

    seen_rows seen;           ///< what the application saw after the last event
    kept_conflicts conflicts;
    spent_attempts attempts;
    edit_ledger ledger;
    departed_rows departed;
    removal_watch removals;

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
        running = std::make_unique<session<S>>(*rows, std::move(options), seed);
    }

    /// The program ends in the middle of everything; what is stored stays.
    void crash() {
        running.reset();
        stage = device_stage::idle;
        ++runs;
    }
};

}  // namespace syncline::testing
