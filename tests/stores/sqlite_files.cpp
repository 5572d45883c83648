#include <syncline/stores/sqlite.hpp>
#include <syncline/testing/store_suite.hpp>

#include <array>
#include <fstream>
#include <string>

#include <stores/scratch_folder.hpp>
#include <support/catch.hpp>

using namespace syncline;
using syncline::tests::bytes_of;
using syncline::tests::scratch_folder;
namespace suite = syncline::testing::store_suite;

namespace {
constexpr schema_view other_schema{suite::tables, suite::schema.fingerprint + 1};

void make_database(const std::string& path, const std::string& sql) { sqlite::connection::open(path).execute(sql); }

/// Opens the file, requires that it is refused with a text that has `reason` in it, and that no byte of it has changed.
void require_refused(const std::string& path, const schema_view& schema, const sqlite_options& options, const std::string& reason) {
    const std::string before = bytes_of(path);
    const std::string log_before = bytes_of(path + "-wal");
    std::string message;
    try {
        const sqlite_store store(path, schema, options);
    } catch (const store_error& failure) {
        message = failure.what();
    }
    CHECK_THAT(message, tests::contains(reason));
    CHECK((bytes_of(path) == before));
    CHECK((bytes_of(path + "-wal") == log_before));
}
}  // namespace

TEST_CASE("a SQLite file made by another schema is refused and left as it is") {
    const scratch_folder folder;
    const std::string path = folder.file("store");
    {
        sqlite_store store(path, suite::schema);
        suite::fill(store);
    }
    require_refused(path, other_schema, {}, "another schema");
    sqlite_store store(path, suite::schema);
    const auto tx = store.begin_read();
    CHECK(store.count_entries() == 4);
}

TEST_CASE("a refused SQLite file that was left by a crash keeps its log") {
    const scratch_folder folder;
    const std::string crashed = folder.file("crashed");
    {
        sqlite_store store(folder.file("store"), suite::schema);
        suite::fill(store);
        std::filesystem::copy_file(folder.file("store"), crashed);
        std::filesystem::copy_file(folder.file("store") + "-wal", crashed + "-wal");
    }
    REQUIRE_FALSE(bytes_of(crashed + "-wal").empty());
    require_refused(crashed, other_schema, {}, "another schema");
    sqlite_store store(crashed, suite::schema);
    const auto tx = store.begin_read();
    CHECK(store.count_entries() == 4);
}

TEST_CASE("a SQLite file of another owner is refused and left as it is") {
    const scratch_folder folder;
    const std::string path = folder.file("store");
    const auto owner_of = [](sqlite_store&& store) {
        const auto tx = store.begin_read();
        return store.find_meta("owner");
    };
    CHECK_FALSE(owner_of(sqlite_store(path, suite::schema)).has_value());
    CHECK(owner_of(sqlite_store(path, suite::schema, {.owner = "ada"})) == "ada");
    CHECK(owner_of(sqlite_store(path, suite::schema)) == "ada");
    CHECK(owner_of(sqlite_store(path, suite::schema, {.owner = "ada"})) == "ada");
    require_refused(path, suite::schema, {.owner = "bob"}, "another owner");
}

TEST_CASE("a SQLite database with something else in the place of a table is refused and left as it is") {
    const scratch_folder folder;
    const std::array<std::string, 4> foreign{"CREATE TABLE Notes(id INTEGER PRIMARY KEY, text)", "CREATE VIEW notes AS SELECT 1",
                                             "CREATE TABLE syncline_outbox(a)", "PRAGMA journal_mode = WAL; CREATE TABLE \"group\"(a)"};
    for (const std::string& sql : foreign) {
        const std::string path = folder.file("foreign-" + std::to_string(&sql - foreign.data()));
        make_database(path, sql);
        INFO(sql);
        require_refused(path, suite::schema, {}, "something else named");
    }
    make_database(folder.file("impostor"), "CREATE TABLE syncline_meta(a, b)");
    require_refused(folder.file("impostor"), suite::schema, {}, "no such column");
    make_database(folder.file("later"),
                  "CREATE TABLE syncline_meta(name TEXT, value); INSERT INTO syncline_meta VALUES ('store.format', '999')");
    require_refused(folder.file("later"), suite::schema, {}, "has format 999, this syncline reads format 3");
}

TEST_CASE("a SQLite file whose formats have other numbers is refused with both numbers and what to do, and left as it is") {
    const scratch_folder folder;
    const auto changed = [&](const std::string& name, const std::string& change) {
        const std::string path = folder.file(name);
        {
            sqlite_store store(path, suite::schema);
            suite::fill(store);
        }
        make_database(path, change);
        return path;
    };
    const std::string what_to_do = "; it was left as it is: open it with the release of syncline that made it";
    require_refused(changed("older", "UPDATE syncline_meta SET value = '1' WHERE name = 'store.format'"), suite::schema, {},
                    "the SQLite store has format 1, this syncline reads format 3" + what_to_do);
    require_refused(changed("none", "DELETE FROM syncline_meta WHERE name = 'store.format'"), suite::schema, {},
                    "the SQLite store has an unknown format, this syncline reads format 3" + what_to_do);
    require_refused(changed("images", "UPDATE syncline_meta SET value = '7' WHERE name = 'store.image_format'"), suite::schema, {},
                    "the SQLite store has row images of format 7, this syncline reads format 1" + what_to_do);
}

TEST_CASE("a file that is no database is refused and left as it is") {
    const scratch_folder folder;
    std::ofstream(folder.file("letter")) << std::string(5'000, 'a');
    require_refused(folder.file("letter"), suite::schema, {}, "not a database");
    CHECK_THROWS_AS(sqlite_store(folder.file("no/such/folder/store"), suite::schema), store_error);
}

TEST_CASE("a SQLite store finds room in a database of the application") {
    const scratch_folder folder;
    make_database(folder.file("app"), "CREATE TABLE settings(name, value); INSERT INTO settings VALUES ('theme', 'dark')");
    sqlite_store store(folder.file("app"), suite::schema);
    suite::fill(store);
    sqlite::statement select(sqlite::connection::adopt(store.handle()), "SELECT value FROM settings");
    REQUIRE(select.step());
    CHECK(select.view(0) == "dark");
}

TEST_CASE("a SQLite store keeps a write-ahead log and the durability it was given") {
    const scratch_folder folder;
    for (const auto& [durability, level] : {std::pair(sqlite_durability::full, 2), {sqlite_durability::normal, 1}}) {
        const sqlite_store store(folder.file("store"), suite::schema, {.durability = durability});
        const auto database = sqlite::connection::adopt(store.handle());
        sqlite::statement journal(database, "PRAGMA journal_mode");
        sqlite::statement synchronous(database, "PRAGMA synchronous");
        REQUIRE((journal.step() && synchronous.step()));
        CHECK(journal.view(0) == "wal");
        CHECK(synchronous.integer(0) == level);
    }
}
