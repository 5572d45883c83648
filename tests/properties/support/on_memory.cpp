/// The world over the memory store and the memory backend.
#include <syncline/backends/memory.hpp>
#include <syncline/stores/memory.hpp>

#include <properties/support/on_memory.hpp>
#include <properties/support/world_on.hpp>

namespace syncline::tests::on_memory {

namespace {
struct kind {
    using store_type = memory_store;
    using backend_type = memory_backend;
    static std::unique_ptr<memory_store> make_store(const schema_view& schema, const std::string& owner) {
        return std::make_unique<memory_store>(schema, memory_options{owner});
    }
    static std::unique_ptr<memory_backend> make_backend(const schema_view& schema, random_source random) {
        return std::make_unique<memory_backend>(schema, random);
    }
};
}  // namespace

testing::world_result run(const testing::script& plan, const swarm_change& change) { return world_on<kind>::run(plan, change); }
testing::script shortened(const testing::script& failing, const testing::world_result& failure, const swarm_change& change, std::size_t runs_max) {
    return world_on<kind>::shortened(failing, failure, change, runs_max);
}
lone_sync sync_alone(std::uint64_t seed, std::size_t edits, std::size_t batch_operations) {
    return world_on<kind>::sync_alone(seed, edits, batch_operations);
}

}  // namespace syncline::tests::on_memory
