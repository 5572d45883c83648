/// Worlds whose devices and server keep everything in private SQLite databases.
#pragma once

#include <properties/support/worlds.hpp>

namespace syncline::tests::on_sqlite {

testing::world_result run(const testing::script& plan, const swarm_change& change);
testing::script shortened(const testing::script& failing, const testing::world_result& failure, const swarm_change& change, std::size_t runs_max);
lone_sync sync_alone(std::uint64_t seed, std::size_t edits, std::size_t batch_operations);

}  // namespace syncline::tests::on_sqlite
