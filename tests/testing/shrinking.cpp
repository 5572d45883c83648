/// A failing world becomes a short scenario that breaks the same promise and that people can read.
#include <algorithm>
#include <sstream>
#include <string>

#include <properties/support/worlds.hpp>
#include <support/catch.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

/// A world that fails: its syncs may make too few requests.
void allow_two_requests(testing::swarm& world) {
    world.bounds.batch_operations = 1;
    world.bounds.requests_per_sync = 2;
}

testing::script failing_script() {
    testing::script plan;
    plan.seed = 5;
    return plan;
}

std::size_t events_of(const testing::script& plan) {
    std::size_t count = 0;
    for (std::size_t event = 0; event < plan.events; ++event) count += plan.runs(event) ? 1 : 0;
    return count;
}

}  // namespace

TEST_CASE("a failing script is shortened and still breaks the same promise", "[testing]") {
    const testing::script plan = failing_script();
    const testing::world_result failure = run(storage::memory, plan, allow_two_requests);
    REQUIRE(failure.failed);
    const testing::script small = shortened(plan, failure, allow_two_requests, 300);
    const testing::world_result again = run(storage::memory, small, allow_two_requests);
    CHECK(again.failed);
    CHECK(again.invariant == failure.invariant);
    CHECK(small.seed == plan.seed);
    CHECK(events_of(small) <= 20);
}

TEST_CASE("shrinking ends at its bound of runs, with a script that still fails", "[testing]") {
    const testing::script plan = failing_script();
    const testing::world_result failure = run(storage::memory, plan, allow_two_requests);
    for (const std::size_t runs_max : {std::size_t{0}, std::size_t{1}, std::size_t{5}}) {
        const testing::script small = shortened(plan, failure, allow_two_requests, runs_max);
        CHECK(run(storage::memory, small, allow_two_requests).failed);
    }
}

TEST_CASE("a scenario names its seed, the broken promise, the world, and what happened in order", "[testing]") {
    const testing::script plan = failing_script();
    const testing::world_result failure = run(storage::memory, plan, allow_two_requests);
    const std::string text = scenario(storage::memory, plan, failure, allow_two_requests);
    CHECK(text.starts_with("seed 5 breaks " + failure.invariant + ": "));
    CHECK_THAT(text, contains("schema: "));
    CHECK_THAT(text, contains("faults/1000:"));
    CHECK_THAT(text, contains(" edits: +"));
    CHECK_THAT(text, contains(" pushes (settled "));
    CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
    std::istringstream lines(text);
    std::size_t longest = 0;
    for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
    CHECK(longest < 600);
}

TEST_CASE("events that are left out change nothing in the others", "[testing]") {
    testing::script plan;
    plan.seed = 9;
    plan.events = 40;
    plan.lines_kept = 1'000;
    testing::script without_last = plan;
    without_last.skipped.assign(plan.events, false);
    without_last.skipped.back() = true;
    const std::string whole = run(storage::memory, plan).story;
    const std::string part = run(storage::memory, without_last).story;
    const std::size_t same = static_cast<std::size_t>(std::mismatch(whole.begin(), whole.end(), part.begin(), part.end()).first - whole.begin());
    CHECK(same > whole.find("edits:"));
    CHECK(whole != part);
}
