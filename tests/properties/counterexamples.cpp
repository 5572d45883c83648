/// Seeds whose worlds once broke a promise, tried before any new ones.
#include <cstddef>
#include <cstdint>

#include <properties/support/worlds.hpp>
#include <support/catch.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {
/// The worlds of a kind as they were when their seeds were noted.
swarm_change before_faults(const swarm_change& kind) {
    return [kind](testing::swarm& world) {
        kind(world);
        only_losing_requests(world);
    };
}

/// The same of seeds that were noted before there were moves.
swarm_change before_moves(const swarm_change& kind) {
    return before_faults([kind](testing::swarm& world) {
        as_drawn_before_moves(world);
        kind(world);
    });
}
}  // namespace

TEST_CASE("worlds that once broke a promise keep all of them", "[properties]") {
    constexpr std::uint64_t seeds[] = {1,   6,   10,  11,  12,  13,  20,  21,  23,  27,  30,  31,  38,  39,   41,   44,   46,   56,   57,   58,
                                       123, 129, 132, 191, 210, 272, 486, 493, 604, 658, 1130, 1210, 1349, 1952};
    for (const std::uint64_t seed : seeds) {
        testing::script plan;
        plan.seed = seed;
        const swarm_change change = before_faults(as_drawn_before_moves);
        const testing::world_result result = run(storage::memory, plan, change);
        if (result.failed) FAIL_CHECK(scenario(storage::memory, plan, result, change));
    }
}

TEST_CASE("rich worlds that once broke a promise keep all of them", "[properties]") {
    struct counterexample {
        std::uint64_t seed;
        swarm_change change;
        std::size_t events = 150;
    };
    const counterexample all[] = {{320, before_faults(as_drawn_before_moves)},
                                  {276, before_moves(rich_in_edits)},
                                  {427, before_moves(rich_in_edits)},
                                  {445, before_moves(rich_in_edits)},
                                  {248, before_moves(rich_in_revivals)},
                                  {277, before_moves(rich_in_revivals)},
                                  {282, before_moves(rich_in_revivals)},
                                  {321, before_moves(rich_in_revivals)},
                                  {324, before_moves(rich_in_revivals)},
                                  {1698, before_faults(rich_in_equal_ids)},
                                  {1772, before_faults(rich_in_equal_ids)},
                                  {1798, before_faults(rich_in_equal_ids)},
                                  {592, before_faults(rich_in_moves)},
                                  {30, rich_in_spent_attempts},
                                  {317, rich_in_spent_attempts},
                                  {602, rich_in_spent_attempts},
                                  {39, rich_in_equal_ids, 200},
                                  {621, rich_in_equal_ids, 200},
                                  {1637, rich_in_equal_ids, 200},
                                  {554, rich_in_edits, 200},
                                  {4591, rich_in_spent_attempts, 200}};
    for (const auto& [seed, change, events] : all) {
        testing::script plan;
        plan.seed = seed;
        plan.events = events;
        const testing::world_result result = run(storage::memory, plan, change);
        if (result.failed) FAIL_CHECK(scenario(storage::memory, plan, result, change));
    }
}
