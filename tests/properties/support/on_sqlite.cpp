/// The world over SQLite stores and a SQLite backend, each a private database.
#include <syncline/backends/sqlite.hpp>
#include <syncline/stores/sqlite.hpp>

#include <properties/support/on_sqlite.hpp>
#include <properties/support/world_on.hpp>

namespace syncline::tests::on_sqlite {

namespace {

/// A private database whose pages can be copied.
class private_database {
public:
    private_database() {
        if (sqlite3_open(":memory:", &handle_) != SQLITE_OK) throw store_error("no memory for a database");
    }
    private_database(const private_database& other) : private_database() {
        sqlite3_backup* const backup = sqlite3_backup_init(handle_, "main", other.handle_, "main");
        if (backup == nullptr) throw store_error("a database cannot be copied");
        sqlite3_backup_step(backup, -1);
        if (sqlite3_backup_finish(backup) != SQLITE_OK) throw store_error("a database was not copied");
    }
    private_database& operator=(const private_database&) = delete;
    ~private_database() { sqlite3_close_v2(handle_); }

    [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }

private:
    sqlite3* handle_ = nullptr;
};

/// A store that can be copied, pages and all, as a backup of a file does.
class copyable_store : private private_database, public sqlite_store {
public:
    copyable_store(const schema_view& schema, const sqlite_options& options) : sqlite_store(private_database::handle(), schema, options) {}
    copyable_store(const copyable_store& other) : private_database(other), sqlite_store(private_database::handle(), other.schema()) {}
};

struct kind {
    using store_type = copyable_store;
    using backend_type = sqlite_backend;
    static std::unique_ptr<copyable_store> make_store(const schema_view& schema, const std::string& owner) {
        sqlite_options options;
        options.owner = owner;
        return std::make_unique<copyable_store>(schema, options);
    }
    static std::unique_ptr<copyable_store> copy_store(copyable_store& store) { return std::make_unique<copyable_store>(store); }
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
