/// What a seed decides, and what it is called.
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include <properties/support/worlds.hpp>
#include <support/catch.hpp>
#include <syncline/testing/world_network.hpp>

using namespace syncline;
using namespace syncline::tests;

TEST_CASE("every schema, every fault and every size of pages and batches is drawn by some seed", "[testing]") {
    std::set<std::size_t> schemas, pages, batches, faults;
    std::set<std::string> more;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const testing::swarm drawn = testing::draw_swarm(random_source(seed), world_schemas().size());
        schemas.insert(drawn.schema);
        pages.insert(drawn.bounds.page_rows);
        batches.insert(drawn.bounds.batch_operations);
        for (std::size_t i = 1; i < testing::fates; ++i)
            if (drawn.rates[i] != 0) faults.insert(i);
        more.insert(drawn.shared_rows != 0 ? "equal ids" : "no equal ids");
        more.insert(drawn.moves != 0 ? "moves" : "no moves");
        more.insert(drawn.restores != 0 ? "copies" : "no copies");
        more.insert(drawn.twins != 0 ? "twins" : "no twins");
        CHECK(drawn.device_count() >= 3);
        CHECK(drawn.devices[1] >= 1);
    }
    CHECK(schemas.size() == world_schemas().size());
    CHECK(pages == std::set<std::size_t>{1, 2, 7, 100});
    CHECK(batches.size() == 3);
    CHECK(faults.size() == testing::fates - 1);
    CHECK(more.size() == 8);
}

TEST_CASE("every fault happens as often as a world says, and leaves one request in four alone", "[testing]") {
    random_source random(1);
    const auto draw = [&](std::uint64_t rate) {
        testing::swarm world;
        world.rates.fill(rate);
        std::array<int, testing::fates> drawn{};
        for (int i = 0; i < 100'000; ++i) ++drawn[static_cast<std::size_t>(draw_fate(world, random))];
        return drawn;
    };
    const auto rare = draw(50);
    for (std::size_t i = 1; i < testing::fates; ++i) {
        INFO(name_of(static_cast<testing::fate>(i)));
        CHECK(rare[i] > 4'500);
        CHECK(rare[i] < 5'500);
    }
    const auto too_many = draw(200);
    CHECK(too_many[0] > 24'000);
    CHECK(too_many[0] < 26'000);
}

TEST_CASE("every fault has a name of its own", "[testing]") {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < testing::fates; ++i) names.insert(name_of(static_cast<testing::fate>(i)));
    CHECK(names.size() == testing::fates);
    CHECK_FALSE(names.contains(""));
}

TEST_CASE("a world without faults in which nothing happens is at rest from the first round", "[testing]") {
    testing::script plan;
    plan.seed = 3;
    plan.events = 0;
    for (const storage where : {storage::memory, storage::sqlite}) {
        const testing::world_result result = run(where, plan);
        INFO(result.message);
        CHECK_FALSE(result.failed);
        CHECK(result.drain_rounds == 1);
    }
}
