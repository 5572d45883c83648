/// The promises of RELIABILITY.md as properties: random worlds, each rich in what puts its promise to the test.
#include <cstdint>
#include <string>

#include <properties/support/worlds.hpp>
#include <support/rapidcheck.hpp>

using namespace syncline;
using namespace syncline::tests;
using testing::fate;
using testing::swarm;

namespace {

// A share of the worlds, because a world on SQLite takes as long as many in memory.
constexpr std::uint64_t one_in_sqlite = 32;

std::uint64_t draw_seed() { return *rc::gen::noShrink(rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::uint64_t>(0, 1'000'000'000))); }

void require_sound(storage where, const testing::script& plan, const swarm_change& change) {
    const testing::world_result result = run(where, plan, change);
    if (result.failed) RC_FAIL(scenario(where, plan, result, change));
}

/// Every checker watches every world; `change` makes worlds in which the promise is likely to break if it can.
void holds_in_every_world(const std::string& promise, const swarm_change& change = {}) {
    syncline_property(promise, [&change] {
        testing::script plan;
        plan.seed = draw_seed();
        plan.events = 150;
        require_sound(storage::memory, plan, change);
        if (plan.seed % one_in_sqlite == 0) require_sound(storage::sqlite, plan, [&change](testing::swarm& world) {
            if (change) change(world);
            without_copies(world);
        });
    });
}

void set_rate(swarm& world, fate what, std::uint64_t per_mille) { world.rates[static_cast<std::size_t>(what)] = per_mille; }

}  // namespace

TEST_CASE("INV10: the replicas of an owner converge, whatever the network does", "[properties]") {
    holds_in_every_world("replicas converge");
}

TEST_CASE("INV1: no edit is lost", "[properties]") {
    holds_in_every_world("every saved edit ends on the server or whole in a conflict record", rich_in_edits);
}

TEST_CASE("INV1: no edit is lost if devices make rows of one name", "[properties]") {
    holds_in_every_world("what a create that met a row did not change is whole in a conflict record", rich_in_equal_ids);
}

TEST_CASE("INV1: no edit is lost if rows move and their owners go", "[properties]") {
    holds_in_every_world("a moved row stays, or goes with a record of what was edited", rich_in_moves);
}

TEST_CASE("INV14: what is removed stays removed", "[properties]") {
    holds_in_every_world("a removed life of a row is never seen again", rich_in_revivals);
}

TEST_CASE("INV5: every state is closed under foreign keys", "[properties]") {
    holds_in_every_world("no row points at a missing row", [](swarm& world) {
        world.removals = 30;
        world.bounds.page_rows = 1 + world.bounds.page_rows % 2;
    });
}

TEST_CASE("INV3: replaying every captured request changes nothing", "[properties]") {
    holds_in_every_world("a repeated request has no effect", [](swarm& world) {
        world.late_deliveries = 15;
        set_rate(world, fate::held_back, 100);
        set_rate(world, fate::repeated, 100);
        set_rate(world, fate::answer_lost, 50);
    });
}

TEST_CASE("INV3: a request that arrives after all that it carries was settled changes nothing", "[properties]") {
    holds_in_every_world("what a device has given up is not done later", rich_in_spent_attempts);
}

TEST_CASE("INV11: one more sync transfers nothing and writes nothing", "[properties]") {
    holds_in_every_world("after the last change there is rest", [](swarm& world) {
        world.bounds.batch_operations = 50;
        world.crashes = 20;
    });
}

TEST_CASE("INV19: what was set aside can be sent again, repaired or given up", "[properties]") {
    holds_in_every_world("giving up leaves nothing behind and loses nothing", [](swarm& world) {
        world.repairs = 15;
        world.bounds.attempts_max = 2;
        set_rate(world, fate::failed_before, 250);
        set_rate(world, fate::failed_after, 250);
    });
}

TEST_CASE("INV16: owners are isolated", "[properties]") {
    holds_in_every_world("nothing of one owner reaches another", [](swarm& world) {
        world.devices = {1, 1, 1};
        world.shared_ids = 30;
    });
}

TEST_CASE("INV17: no sync removes more than it may without consent", "[properties]") {
    holds_in_every_world("what a server removes beyond a device's bound waits for the application", bound_removals);
}

TEST_CASE("a lone device's offline edits cost one push request", "[properties]") {
    syncline_property("k edits, one push", [] {
        const std::uint64_t seed = draw_seed();
        const auto edits = *rc::gen::inRange<std::size_t>(1, 80);
        for (const storage where : {storage::memory, storage::sqlite}) {
            if (where == storage::sqlite && seed % one_in_sqlite != 0) continue;
            const lone_sync went = sync_alone(where, seed, edits, 2'000);
            RC_ASSERT(went.pushes == (went.entries == 0 ? 0u : 1u));
            RC_ASSERT(went.waiting == 0u);
        }
    });
}
