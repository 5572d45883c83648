/// Mistakes that the properties find which are no worlds: one push for many edits, one world for one seed.
#include <cstddef>
#include <cstdint>

#include <properties/support/worlds.hpp>
#include <support/catch.hpp>

using namespace syncline;
using namespace syncline::tests;

TEST_CASE("a device that sends its edits one by one needs more than one push", "[mutants]") {
    constexpr std::uint64_t seed = 1;
    constexpr std::size_t edits = 20;
    const lone_sync together = sync_alone(storage::memory, seed, edits, 2'000);
    const lone_sync one_by_one = sync_alone(storage::memory, seed, edits, 1);
    CHECK(together.entries > 1);
    CHECK(together.pushes == 1);
    CHECK(one_by_one.pushes == one_by_one.entries);
}

TEST_CASE("INV22 finds a world that depends on more than its seed", "[mutants]") {
    testing::script plan;
    plan.seed = 7;
    int worlds = 0;
    // What the seed did not decide: how many worlds there were before.
    const auto count_worlds = [&worlds](testing::swarm& world) { world.edits = 20 + static_cast<std::uint64_t>(++worlds); };
    const testing::world_result once = run(storage::memory, plan, count_worlds);
    const testing::world_result again = run(storage::memory, plan, count_worlds);
    CHECK(once.hash != again.hash);
}
