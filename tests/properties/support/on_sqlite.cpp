/// The world over SQLite stores and a SQLite backend, each a private database.
#include <syncline/backends/sqlite.hpp>
#include <syncline/stores/sqlite.hpp>

#include <properties/support/on_sqlite.hpp>
#include <properties/support/world_on.hpp>

namespace syncline::tests::on_sqlite {

namespace {
struct kind {
    using store_type = sqlite_store;
    using backend_type = sqlite_backend;
    static std::unique_ptr<sqlite_store> make_store(const schema_view& schema, const std::string& owner) {
        sqlite_options options;
        options.owner = owner;
        return std::make_unique<sqlite_store>(":memory:", schema, options);
    }
    static std::unique_ptr<sqlite_backend> make_backend(const schema_view& schema, random_source random) {
        sqlite_backend_options options;
        options.random = random;
        return std::make_unique<sqlite_backend>(":memory:", schema, options);
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

}  // namespace syncline::tests::on_sqlite
