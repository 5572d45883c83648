/// What a sync did: counts by table, an outcome, and what to do next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/base/assert.hpp>
#include <syncline/base/errors.hpp>
#include <syncline/schema/schema_view.hpp>
#include <syncline/schema/traits.hpp>

namespace syncline {

enum class sync_outcome : std::uint8_t {
    complete,      ///< everything that could be exchanged was
    offline,       ///< no answer; nothing is lost, ask again later
    server_failed, ///< the server answers with errors; nothing is lost, ask again later
    unauthorized,  ///< the token was not accepted
    refused,       ///< the server does not accept this store: see `problem`
    interrupted,   ///< the bound of requests was reached
    awaiting_consent,  ///< the server removed more rows than a pull may take unasked: see `held_back`, `removal_consent`
    busy,          ///< the store could not be used: another process syncs or holds it, or its disk is full; nothing is lost, ask again later
    stopped        ///< the caller asked for the end before everything was exchanged; nothing is lost, and the next sync goes on from there
};

[[nodiscard]] constexpr std::string_view name_of(sync_outcome outcome) noexcept {
    constexpr std::string_view names[] = {"complete", "offline", "server failed", "unauthorized", "refused", "interrupted",
                                          "awaiting consent", "busy", "stopped"};
    static_assert(sizeof names / sizeof names[0] == static_cast<std::size_t>(sync_outcome::stopped) + 1);
    return names[static_cast<std::size_t>(outcome)];
}

/// The problem of a report whose outcome is `stopped`.
[[nodiscard]] inline error stopped_by_application() { return {error_code::stopped, "the application asked for the end", {}, {}, {}}; }

/// Rows of one table in one sync.
struct table_report {
    std::size_t pushed = 0;   ///< operations the server took
    std::size_t pulled = 0;   ///< rows inserted, changed or removed here because of the server
    std::size_t merged = 0;   ///< of the pushed: merged with another device's edit
    std::size_t refused = 0;  ///< operations set aside or undone
    std::size_t waiting = 0;  ///< operations that stay pending
    std::size_t held_back = 0;  ///< rows that stay here until the application consents to their removal; later pages may name more

    friend bool operator==(const table_report&, const table_report&) = default;
};

struct sync_report {
    sync_outcome outcome = sync_outcome::complete;
    error problem;                       ///< why the outcome is not `complete`
    std::vector<table_report> tables;    ///< by table index
    schema_view schema;                  ///< of the store that was synced, which says what the indexes are
    std::size_t conflicts = 0;           ///< conflict records written
    std::size_t requests = 0;
    std::int64_t retry_in_ms = 0;        ///< when to ask again; 0 = whenever there is something to do
    bool is_retry_binding = false;       ///< the server asked for that pause: an edit does not make it shorter

    /// What happened to the rows of one entity, which has to be one of the store's schema.
    template <class E>
    [[nodiscard]] const table_report& of() const {
        const auto table = static_cast<std::size_t>(schema.find_table(entity_traits<E>::table));
        SYNCLINE_ASSERT(table < tables.size());
        return tables[table];
    }

    [[nodiscard]] table_report total() const noexcept {
        table_report sum;
        for (const table_report& one : tables) {
            sum.pushed += one.pushed;
            sum.pulled += one.pulled;
            sum.merged += one.merged;
            sum.refused += one.refused;
            sum.waiting += one.waiting;
            sum.held_back += one.held_back;
        }
        return sum;
    }

    /// Adds a later sync's counts; outcome, problem and delay become the later one's.
    void absorb(const sync_report& later) {
        if (tables.size() < later.tables.size()) tables.resize(later.tables.size());
        if (schema.tables.empty()) schema = later.schema;
        for (std::size_t i = 0; i < later.tables.size(); ++i) {
            tables[i].pushed += later.tables[i].pushed;
            tables[i].pulled += later.tables[i].pulled;
            tables[i].merged += later.tables[i].merged;
            tables[i].refused += later.tables[i].refused;
            tables[i].waiting = later.tables[i].waiting;
            tables[i].held_back = later.tables[i].held_back;
        }
        conflicts += later.conflicts;
        requests += later.requests;
        outcome = later.outcome;
        problem = later.problem;
        retry_in_ms = later.retry_in_ms;
        is_retry_binding = later.is_retry_binding;
    }
};

/// Where a running sync is.
struct sync_progress {
    enum class phase : std::uint8_t { pushing, pulling } now = phase::pushing;
    std::size_t done = 0;   ///< operations settled, or rows pulled
    std::size_t total = 0;  ///< operations planned; 0 while pulling, because the server does not count ahead
};

/// Called between requests, on the thread that syncs, outside of any transaction.
using sync_observer = std::function<void(const sync_progress&)>;

}  // namespace syncline
