/// Worlds by the kind of storage.
#include <properties/support/on_memory.hpp>
#include <properties/support/on_sqlite.hpp>
#include <workout/schema.hpp>

namespace syncline::tests {

std::span<const testing::named_schema> world_schemas() {
    static const std::vector<testing::named_schema> schemas = [] {
        const auto shapes = testing::all_schemas();
        std::vector<testing::named_schema> list(shapes.begin(), shapes.end());
        list.push_back({"workout tracker", workout_tracker::schema::view()});
        return list;
    }();
    return schemas;
}

namespace {
void set_rate(testing::swarm& world, testing::fate what, std::uint64_t per_mille) {
    world.rates[static_cast<std::size_t>(what)] = per_mille;
}
}  // namespace

void rich_in_edits(testing::swarm& world) {
    world.edits = 60;
    world.removals = 10;
    set_rate(world, testing::fate::answer_lost, 100);
}

void rich_in_revivals(testing::swarm& world) {
    world.removals = 35;
    world.shared_ids = 15;
    world.revivals = 15;
    set_rate(world, testing::fate::held_back, 100);
}

void bound_removals(testing::swarm& world) {
    world.bounds.removal_rows = 4;
    world.bounds.removal_share = 0.25;
    world.removals = 30;
}

void rich_in_equal_ids(testing::swarm& world) {
    world.edits = 50;
    world.removals = 20;
    world.shared_ids = 50;
    world.shared_rows = 60;
    set_rate(world, testing::fate::answer_lost, 50);
    set_rate(world, testing::fate::held_back, 50);
}

void rich_in_moves(testing::swarm& world) {
    world.edits = 50;
    world.removals = 20;
    world.moves = 40;
    set_rate(world, testing::fate::answer_lost, 50);
    set_rate(world, testing::fate::held_back, 50);
}

void rich_in_spent_attempts(testing::swarm& world) {
    without_copies(world);
    world.edits = 30;
    world.removals = 35;
    world.late_deliveries = 2;
    world.bounds.attempts_max = 1;
    world.bounds.batch_operations = 1;
    world.rates = {};
    set_rate(world, testing::fate::failed_before, 200);
    set_rate(world, testing::fate::failed_after, 100);
    set_rate(world, testing::fate::held_back, 200);
}

void rich_in_copies(testing::swarm& world) {
    world.restores = 30;
    world.twins = 15;
    set_rate(world, testing::fate::answer_lost, 50);
    set_rate(world, testing::fate::held_back, 50);
}

void only_losing_requests(testing::swarm& world) {
    const std::uint64_t lost = world.rates[static_cast<std::size_t>(testing::fate::request_lost)];
    world.rates = {};
    set_rate(world, testing::fate::request_lost, lost);
}

void as_drawn_before_moves(testing::swarm& world) {
    world.shared_rows = 0;
    world.moves = 0;
    without_copies(world);
}

void without_copies(testing::swarm& world) {
    world.restores = 0;
    world.twins = 0;
}

testing::world_result run(storage where, const testing::script& plan, const swarm_change& change) {
    return where == storage::memory ? on_memory::run(plan, change) : on_sqlite::run(plan, change);
}

testing::script shortened(const testing::script& failing, const testing::world_result& failure, const swarm_change& change, std::size_t runs_max) {
    return on_memory::shortened(failing, failure, change, runs_max);
}

std::string scenario(storage where, const testing::script& failing, const testing::world_result& failure, const swarm_change& change,
                     std::size_t runs_max) {
    testing::script small = where == storage::memory ? on_memory::shortened(failing, failure, change, runs_max)
                                                     : on_sqlite::shortened(failing, failure, change, runs_max / 10);
    small.lines_kept = 200;
    return run(where, small, change).text(small);
}

lone_sync sync_alone(storage where, std::uint64_t seed, std::size_t edits, std::size_t batch_operations) {
    return where == storage::memory ? on_memory::sync_alone(seed, edits, batch_operations) : on_sqlite::sync_alone(seed, edits, batch_operations);
}

}  // namespace syncline::tests
