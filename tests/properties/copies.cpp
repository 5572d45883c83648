/// Stores that are put back from copies, and devices that go on from one copy: what they can know, they keep.
#include <cstdint>

#include <properties/support/worlds.hpp>
#include <support/catch.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

void require_sound(std::uint64_t first, std::uint64_t last, const swarm_change& change) {
    const auto losing = [&](testing::swarm& world) {
        change(world);
        only_losing_requests(world);
    };
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        testing::script plan;
        plan.seed = seed;
        plan.events = 150;
        const testing::world_result result = run(storage::sqlite, plan, losing);
        if (result.failed) FAIL_CHECK(scenario(storage::sqlite, plan, result, losing));
    }
}

void rich_in_restores(testing::swarm& world) {
    rich_in_copies(world);
    world.twins = 0;
}

}  // namespace

TEST_CASE("a store that is put back from a copy harms no other device and keeps what waits in it", "[properties]") {
    require_sound(0, 60, rich_in_restores);
}

TEST_CASE("edits behind an operation that a lost life of the store settled stand on a row", "[properties]") {
    // The first four had updates without a base, the last one wrote a null where none may be.
    for (const std::uint64_t seed : {3u, 14u, 15u, 215u, 385u}) require_sound(seed, seed, rich_in_restores);
}

TEST_CASE("two devices that go on from one copy harm no other device and keep what waits in them", "[properties]") {
    require_sound(8, 60, rich_in_copies);
}
