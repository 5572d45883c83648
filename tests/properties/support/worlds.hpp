/// Simulated worlds on the project's own stores and backends, compiled once for all tests that run them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include <syncline/testing/world_script.hpp>

namespace syncline::tests {

/// Changes what a seed drew, for worlds of a kind; empty for the world as it was drawn.
using swarm_change = std::function<void(testing::swarm&)>;

/// Worlds that put one promise to the test harder than a drawn one does.
void rich_in_edits(testing::swarm& world);
void rich_in_revivals(testing::swarm& world);
/// A device soon meets more removals than it may take without consent.
void bound_removals(testing::swarm& world);
/// Devices of one owner make, edit and remove rows of the same few names.
void rich_in_equal_ids(testing::swarm& world);
/// Rows get other owners, which are removed soon, here or elsewhere.
void rich_in_moves(testing::swarm& world);
/// A removal that the server fails at once is not sent again, while an earlier request of it may still be on its way.
void rich_in_spent_attempts(testing::swarm& world);
/// Stores are put back from copies, and devices go on from copies; on SQLite, whose stores can be copied.
void rich_in_copies(testing::swarm& world);
void without_copies(testing::swarm& world);
/// A seed's world as it was when lost requests were the only faults that were drawn.
void only_losing_requests(testing::swarm& world);
/// A seed's world as it was before there were moves, copies and a preference for equal names.
void as_drawn_before_moves(testing::swarm& world);

/// Where the devices and the server of a world keep their rows.
enum class storage { memory, sqlite };

/// Every shape of a dependency graph, and the workout tracker.
[[nodiscard]] std::span<const testing::named_schema> world_schemas();

[[nodiscard]] testing::world_result run(storage where, const testing::script& plan, const swarm_change& change = {});

/// The failure as a scenario for people: the part of the script that is needed to break the same promise, and what happened.
/// Makes it short with at most `runs_max` further worlds.
[[nodiscard]] std::string scenario(storage where, const testing::script& failing, const testing::world_result& failure,
                                   const swarm_change& change = {}, std::size_t runs_max = 200);

/// The shortened script itself; on memory.
[[nodiscard]] testing::script shortened(const testing::script& failing, const testing::world_result& failure, const swarm_change& change,
                                        std::size_t runs_max);

/// How the sync of a device went that had the server for itself.
struct lone_sync {
    std::size_t entries = 0;  ///< in the outbox before the sync
    std::size_t pushes = 0;
    std::size_t waiting = 0;  ///< in the outbox after the sync
};

/// Edits `edits` times while offline, in a schema without deferred keys, then syncs once.
[[nodiscard]] lone_sync sync_alone(storage where, std::uint64_t seed, std::size_t edits, std::size_t batch_operations);

}  // namespace syncline::tests
