#include <syncline/backends/sqlite.hpp>
#include <syncline/testing/backend_suite.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <backends/scratch_folder.hpp>
#include <support/catch.hpp>

using namespace syncline;

namespace {
struct make_private_backend {
    auto operator()(const schema_view& schema) const { return std::make_unique<sqlite_backend>(":memory:", schema); }
};

/// Makes backends of a file each.
class make_file_backend {
public:
    auto operator()(const schema_view& schema) { return tests::open_backend(folder_.file(std::to_string(++count_)), schema); }
    std::unique_ptr<sqlite_backend> reopen(std::unique_ptr<sqlite_backend> database) {
        const schema_view schema = database->schema();
        database.reset();
        return tests::open_backend(folder_.file(std::to_string(count_)), schema);
    }

private:
    tests::scratch_folder folder_;
    int count_ = 0;
};

/// Two backends on one file, as two processes have them; each transaction begins on the other one.
class pair_of_backends {
public:
    pair_of_backends(const std::string& path, const schema_view& schema)
        : first_(tests::open_backend(path, schema)), second_(tests::open_backend(path, schema)) {}

    [[nodiscard]] const schema_view& schema() const { return first_->schema(); }
    [[nodiscard]] server_identity identity() { return next().identity(); }
    [[nodiscard]] sqlite_backend_transaction begin_write(std::string_view owner) { return next().begin_write(owner); }
    [[nodiscard]] sqlite_backend_transaction begin_read(std::string_view owner) { return next().begin_read(owner); }

private:
    sqlite_backend& next() { return turn_++ % 2 == 0 ? *first_ : *second_; }

    std::unique_ptr<sqlite_backend> first_;
    std::unique_ptr<sqlite_backend> second_;
    std::atomic<unsigned> turn_{0};
};

class make_pair_of_backends {
public:
    auto operator()(const schema_view& schema) {
        return std::make_unique<pair_of_backends>(folder_.file(std::to_string(++count_)), schema);
    }

private:
    tests::scratch_folder folder_;
    int count_ = 0;
};

template <class Factory>
void run_all_checks(Factory&& factory) {
    for (const auto& check : testing::backend_checks<testing::backend_made_by<Factory>>()) {
        INFO(check.promise);
        CHECK_NOTHROW(testing::run_backend_check(check, factory));
    }
}
}  // namespace

TEST_CASE("the SQLite backend keeps every promise of the backend suite on a file") { run_all_checks(make_file_backend()); }

TEST_CASE("the SQLite backend keeps every promise of the backend suite in memory") { run_all_checks(make_private_backend()); }

TEST_CASE("two SQLite backends on one file keep every promise of the backend suite") { run_all_checks(make_pair_of_backends()); }

TEST_CASE("everything in a SQLite backend's file is there after a restart") {
    make_file_backend factory;
    CHECK_NOTHROW(testing::run_backend_reopen_check(factory));
}
