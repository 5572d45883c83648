/// What a flush of a SQLite store is for: no loss of power undoes what was committed before it.
#include <syncline/stores/sqlite.hpp>
#include <syncline/testing/store_suite.hpp>

#include <string>

#include <stores/forgetful_disk.hpp>
#include <stores/scratch_folder.hpp>
#include <support/catch.hpp>

using namespace syncline;
using syncline::tests::forgetful_disk;
using syncline::tests::scratch_folder;
namespace suite = syncline::testing::store_suite;

namespace {
const sqlite_options loose{.durability = sqlite_durability::normal};

void add_label(sqlite_store& store, int number) {
    auto tx = store.begin_write();
    suite::put_label(store, suite::id_of('l', number), "label");
    tx.commit();
}

/// How many labels a loss of power would leave.
std::size_t labels_that_survive(const forgetful_disk& disk, const scratch_folder& folder, const std::string& path) {
    static int copies = 0;
    const std::string copy = folder.file("copy-" + std::to_string(++copies));
    disk.copy_what_survives(path, copy);
    sqlite_store store(copy, suite::schema);
    const auto tx = store.begin_read();
    return store.count_rows(suite::labels);
}
}  // namespace

TEST_CASE("a flush makes commits last that a loss of power would have undone") {
    const scratch_folder folder;
    forgetful_disk disk;
    const std::string path = folder.file("store");
    sqlite_store store(path, suite::schema, loose);
    add_label(store, 1);
    store.flush();
    add_label(store, 2);
    add_label(store, 3);
    CHECK(disk.unsynced(path) == "log ");
    CHECK(labels_that_survive(disk, folder, path) == 1);
    store.flush();
    CHECK(disk.unsynced(path).empty());
    CHECK(labels_that_survive(disk, folder, path) == 3);
}

TEST_CASE("many commits need one flush, and a flush that has nothing to do leaves the disk alone") {
    const scratch_folder folder;
    forgetful_disk disk;
    sqlite_store store(folder.file("store"), suite::schema, loose);
    add_label(store, 1);
    store.flush();
    for (int number = 2; number < 8; ++number) add_label(store, number);
    std::size_t before = disk.syncs;
    store.flush();
    CHECK(disk.syncs == before + 1);
    before = disk.syncs;
    {
        const auto tx = store.begin_read();
        CHECK(store.count_rows(suite::labels) == 7);
    }
    store.flush();
    store.flush();
    CHECK(disk.syncs == before);
}

TEST_CASE("a flush covers what another connection committed") {
    const scratch_folder folder;
    forgetful_disk disk;
    const std::string path = folder.file("store");
    sqlite_store first(path, suite::schema, loose);
    sqlite_store second(path, suite::schema);
    second.flush();
    add_label(first, 1);
    CHECK(labels_that_survive(disk, folder, path) == 0);
    second.flush();
    CHECK(labels_that_survive(disk, folder, path) == 1);
}

TEST_CASE("a flush covers what was committed before the store was opened") {
    const scratch_folder folder;
    forgetful_disk disk;
    const std::string path = folder.file("store");
    sqlite_store first(path, suite::schema, loose);
    first.flush();
    add_label(first, 1);
    sqlite_store second(path, suite::schema);
    second.flush();
    CHECK(labels_that_survive(disk, folder, path) == 1);
}

TEST_CASE("a store whose every commit is on the disk does not sync a second time") {
    const scratch_folder folder;
    forgetful_disk disk;
    const std::string path = folder.file("store");
    sqlite_store store(path, suite::schema);
    store.flush();
    add_label(store, 1);
    CHECK(disk.unsynced(path).empty());
    const std::size_t before = disk.syncs;
    store.flush();
    CHECK(disk.syncs == before);
}

TEST_CASE("an application that lowers the durability of the store's own connection changes nothing for a flush") {
    const scratch_folder folder;
    forgetful_disk disk;
    const std::string path = folder.file("store");
    sqlite_store store(path, suite::schema);
    store.flush();
    REQUIRE(sqlite3_exec(store.handle(), "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr) == SQLITE_OK);
    add_label(store, 1);
    store.flush();
    CHECK(labels_that_survive(disk, folder, path) == 1);
    add_label(store, 2);
    REQUIRE(sqlite3_wal_checkpoint_v2(store.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) == SQLITE_OK);
    store.flush();
    CHECK(disk.unsynced(path).empty());
    CHECK(labels_that_survive(disk, folder, path) == 2);
}

TEST_CASE("a flush covers an application's handle in every journal mode and leaves its settings alone") {
    for (const char* const mode : {"DELETE", "TRUNCATE", "PERSIST", "MEMORY", "OFF", "WAL"}) {
        for (const char* const level : {"0", "1", "2", "3"}) {
            INFO("journal mode " << mode << ", synchronous " << level);
            const scratch_folder folder;
            forgetful_disk disk;
            const std::string path = folder.file("store");
            const auto application = sqlite::connection::open(path);
            application.execute("PRAGMA user_version = 77");
            sqlite_store store(application.handle(), suite::schema);
            // A mode without a journal could not end the journal of another mode for good.
            store.flush();
            application.execute(std::string("PRAGMA journal_mode = ") + mode);
            application.execute(std::string("PRAGMA synchronous = ") + level);
            store.flush();
            add_label(store, 1);
            const int changes = sqlite3_total_changes(store.handle());
            store.flush();
            CHECK(disk.unsynced(path).empty());
            CHECK(labels_that_survive(disk, folder, path) == 1);
            CHECK(sqlite3_total_changes(store.handle()) == changes);
            const std::size_t before = disk.syncs;
            store.flush();
            CHECK(disk.syncs == before);
            sqlite::statement asked(application, "PRAGMA synchronous");
            CHECK((asked.step() && asked.view(0) == level));
            sqlite::statement number(application, "PRAGMA user_version");
            CHECK((number.step() && number.integer(0) == 77));
        }
    }
}

TEST_CASE("a flush that the disk refuses says so and can be tried again") {
    const scratch_folder folder;
    forgetful_disk disk;
    const std::string path = folder.file("store");
    sqlite_store store(path, suite::schema, loose);
    add_label(store, 1);
    store.flush();
    add_label(store, 2);
    disk.refuses_syncs = true;
    CHECK_THROWS_AS(store.flush(), store_error);
    CHECK_THROWS_AS(store.flush(), store_error);
    disk.refuses_syncs = false;
    store.flush();
    CHECK(labels_that_survive(disk, folder, path) == 2);
}

TEST_CASE("a refused flush leaves an application's handle as it was") {
    const scratch_folder folder;
    forgetful_disk disk;
    const auto application = sqlite::connection::open(folder.file("store"));
    sqlite_store store(application.handle(), suite::schema);
    application.execute("PRAGMA synchronous = NORMAL");
    add_label(store, 1);
    disk.refuses_syncs = true;
    CHECK_THROWS_AS(store.flush(), store_error);
    disk.refuses_syncs = false;
    CHECK_FALSE(application.in_transaction());
    sqlite::statement asked(application, "PRAGMA synchronous");
    CHECK((asked.step() && asked.integer(0) == 1));
    store.flush();
}

TEST_CASE("a flush is no part of an application's transaction") {
    const auto application = sqlite::connection::open(":memory:");
    sqlite_store store(application.handle(), suite::schema);
    CHECK_NOTHROW(store.flush());
    for (const char* const begin : {"BEGIN", "SAVEPOINT here"}) {
        application.execute(begin);
        CHECK(store.in_transaction());
        CHECK_THROWS_AS(store.flush(), store_error);
        CHECK(application.in_transaction());
        application.execute("COMMIT");
        CHECK_FALSE(store.in_transaction());
        CHECK_NOTHROW(store.flush());
    }
}
