/// What one seed decides about its world before anything happens: who lives in it, its limits, and which faults it knows how often.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <syncline/base/limits.hpp>
#include <syncline/base/random.hpp>
#include <syncline/wire/encoding.hpp>

namespace syncline::testing {

/// What becomes of one request.
enum class fate : std::uint8_t {
    delivered,
    request_lost,
    answer_lost,          ///< the server applied it
    held_back,            ///< no answer; the request reaches the server much later
    repeated,             ///< reaches the server twice; the second answer counts
    failed_before,        ///< 500, the server has not seen it
    failed_after,         ///< 500, the server applied it
    unavailable,          ///< 503
    throttled,            ///< 429
    unauthorized,         ///< 401
    answer_cut,           ///< the answer ends in the middle
    portal,               ///< an HTML page with status 200
    results_missing,      ///< some results of a push do not come back
    results_shuffled,     ///< in another order, some twice, one of an unknown operation
    stale_page            ///< a cache answers a pull with what it answered to the same one before
};

[[nodiscard]] constexpr std::string_view name_of(fate what) noexcept {
    constexpr std::string_view names[] = {"delivered",     "request lost", "answer lost",      "held back",        "repeated",
                                          "500 before",    "500 after",    "503",              "429",              "401",
                                          "answer cut",    "HTML page",    "results missing",  "results shuffled", "stale page"};
    return names[static_cast<std::size_t>(what)];
}

inline constexpr std::size_t fates = static_cast<std::size_t>(fate::stale_page) + 1;

struct swarm {
    std::size_t schema = 0;                     ///< index in the list of schemas
    std::array<int, 3> devices{};               ///< by owner; 0 = the owner does not exist
    limits bounds;
    std::array<std::uint64_t, fates> rates{};   ///< of 1,000 requests; the rest is delivered
    std::uint64_t edits = 0;                    ///< of 100 events, the application's
    std::uint64_t crashes = 0;                  ///< of 1,000 events
    std::uint64_t partitions = 0;               ///< of 1,000 events
    std::uint64_t late_deliveries = 0;          ///< of 100 events
    std::uint64_t removals = 0;                 ///< of 100 acts of the application
    std::uint64_t shared_ids = 0;               ///< of 100 new rows, those with an id that others use too
    std::uint64_t repairs = 0;                  ///< of 100 acts of the application, those that retry or give up what was set aside; not drawn
    std::uint64_t revivals = 0;                 ///< of 100 new rows, those with the id of a row that was removed
    std::uint64_t shared_rows = 0;              ///< of 100 edits and removals, those that look for a row with an id that others use too
    std::uint64_t moves = 0;                    ///< of 100 acts of the application, those that give a row another owner
    std::uint64_t restores = 0;                 ///< of 1,000 events, those that copy a device's store or put it back from its copy
    std::uint64_t twins = 0;                    ///< of 1,000 events, those that let another device go on from a copy of a store
    wire::encoding form = wire::encoding::json; ///< what devices prefer

    [[nodiscard]] int device_count() const noexcept { return devices[0] + devices[1] + devices[2]; }
};

/// Draws a world. `schemas` is the number of schemas to choose from.
[[nodiscard]] inline swarm draw_swarm(random_source random, std::size_t schemas) {
    swarm drawn;
    drawn.schema = random.below(schemas);
    drawn.devices[0] = 2 + static_cast<int>(random.below(2));
    drawn.devices[1] = 1 + static_cast<int>(random.below(2));
    drawn.devices[2] = random.chance(1, 4) ? 1 : 0;
    constexpr std::array<std::size_t, 4> pages{1, 2, 7, 100};
    constexpr std::array<std::size_t, 3> batches{1, 3, 50};
    drawn.bounds.page_rows = pages[random.below(pages.size())];
    drawn.bounds.batch_operations = batches[random.below(batches.size())];
    drawn.bounds.requests_per_sync = 4'000;
    constexpr std::array<std::uint64_t, 4> rates{20, 50, 100, 200};
    const bool calm = random.chance(1, 8);
    for (std::size_t i = 1; i < fates; ++i) {
        const bool present = random.chance(1, 3);
        const std::uint64_t rate = rates[random.below(rates.size())];
        drawn.rates[i] = present && !calm ? rate : 0;
    }
    drawn.edits = 20 + random.below(50);
    drawn.crashes = random.chance(1, 3) ? 10 + random.below(30) : 0;
    drawn.partitions = random.chance(1, 3) ? 5 + random.below(25) : 0;
    drawn.late_deliveries = 2 + random.below(8);
    drawn.removals = 5 + random.below(30);
    drawn.shared_ids = random.chance(1, 3) ? 5 + random.below(20) : 0;
    drawn.revivals = random.chance(1, 2) ? 5 + random.below(20) : 0;
    drawn.form = random.chance(1, 2) ? wire::encoding::cbor : wire::encoding::json;
    drawn.shared_rows = drawn.shared_ids != 0 ? random.below(50) : 0;
    drawn.moves = random.chance(1, 2) ? 5 + random.below(20) : 0;
    drawn.restores = random.chance(1, 3) ? 10 + random.below(20) : 0;
    drawn.twins = random.chance(1, 6) ? 10 + random.below(20) : 0;
    return drawn;
}

/// One line for people.
[[nodiscard]] inline std::string describe(const swarm& drawn, std::string_view schema_name) {
    std::string text = "schema: " + std::string(schema_name) + ", devices by owner:";
    for (const int count : drawn.devices)
        if (count != 0) text += " " + std::to_string(count);
    text += ", page " + std::to_string(drawn.bounds.page_rows) + ", batch " + std::to_string(drawn.bounds.batch_operations);
    text += ", " + std::string(wire::media_type(drawn.form)) + ", edits " + std::to_string(drawn.edits) + "%, removals " + std::to_string(drawn.removals) + "%, shared ids " +
            std::to_string(drawn.shared_ids) + "% (sought by " + std::to_string(drawn.shared_rows) + "%), revivals " +
            std::to_string(drawn.revivals) + "%, moves " + std::to_string(drawn.moves) + "%, crashes " + std::to_string(drawn.crashes) +
            "/1000, partitions " + std::to_string(drawn.partitions) + "/1000, copies " + std::to_string(drawn.restores) + "/1000, twins " +
            std::to_string(drawn.twins) + "/1000; faults/1000:";
    for (std::size_t i = 1; i < fates; ++i)
        if (drawn.rates[i] != 0) text += " " + std::string(name_of(static_cast<fate>(i))) + " " + std::to_string(drawn.rates[i]) + ",";
    return text;
}

}  // namespace syncline::testing
