/// INV22: a seed is the same world wherever and whenever it runs.
#include <cstdint>

#include <properties/support/worlds.hpp>
#include <support/catch.hpp>

using namespace syncline;
using namespace syncline::tests;

TEST_CASE("INV22: the same seed twice is the same world, event by event", "[properties]") {
    testing::script plan;
    for (plan.seed = 100; plan.seed < 110; ++plan.seed) {
        const testing::world_result once = run(storage::memory, plan);
        const testing::world_result again = run(storage::memory, plan);
        CHECK(once.hash == again.hash);
        CHECK(once.story == again.story);
    }
}

TEST_CASE("INV22: a world in memory and the same world on SQLite are one, event by event", "[properties]") {
    testing::script plan;
    for (plan.seed = 100; plan.seed < 106; ++plan.seed)
        CHECK(run(storage::memory, plan).hash == run(storage::sqlite, plan, without_copies).hash);
}

TEST_CASE("INV22: a world whose stores are put back from copies is one, event by event", "[properties]") {
    testing::script plan;
    for (plan.seed = 100; plan.seed < 106; ++plan.seed)
        CHECK(run(storage::sqlite, plan, rich_in_copies).hash == run(storage::sqlite, plan, rich_in_copies).hash);
}

TEST_CASE("INV22: every compiler and every optimisation makes the same world of a seed", "[properties]") {
    testing::script plan;
    plan.seed = 2;
    // Changes with every change of what the client says, the server answers or the world draws; the failure shows the new one.
    CHECK(run(storage::memory, plan).hash == 0x256b1e2512d2abc6u);
}
