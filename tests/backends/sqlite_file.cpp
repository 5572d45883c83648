#include <syncline/backends/sqlite.hpp>
#include <syncline/testing/backend_suite.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <backends/scratch_folder.hpp>
#include <support/catch.hpp>
#include <support/releases.hpp>

using namespace syncline;
namespace suite = syncline::testing::backend_suite;

namespace {
std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void execute(const std::string& path, const std::string& sql) { sqlite::connection::open(path).execute(sql); }

/// The first column of every row.
std::vector<std::string> select(const std::string& path, const std::string& sql, int column = 0) {
    const sqlite::connection database = sqlite::connection::open(path);
    sqlite::statement query(database, sql);
    std::vector<std::string> texts;
    while (query.step()) texts.emplace_back(query.view(column));
    return texts;
}

/// Two folders, a label and three notes, the last of them removed.
void write_some_rows(sqlite_backend& database) {
    {
        auto tx = database.begin_write("ada");
        suite::insert(tx, suite::folders, suite::folder(1));
        suite::insert(tx, suite::folders, suite::folder(2, 1));
        suite::insert(tx, suite::labels, suite::label(1));
        for (const int number : {1, 2, 3}) suite::insert(tx, suite::notes, suite::note(number, 1, 1));
        tx.commit();
    }
    auto tx = database.begin_write("ada");
    suite::remove(tx, suite::notes, 3);
    tx.commit();
}
}  // namespace

TEST_CASE("the columns of a SQLite backend have the names of the fields, and only own ones whose names are taken others") {
    const tests::scratch_folder folder;
    const std::string path = folder.file("server.db");
    static_cast<void>(tests::open_backend(path, releases::schema::view()));
    const auto columns = [&](const std::string& table) {
        return select(path, "SELECT name FROM pragma_table_info('" + table + "') WHERE name NOT LIKE 'syncline%' ORDER BY cid");
    };
    CHECK(columns("App Releases") ==
          std::vector<std::string>{"localId", "$id", "$version", "incarnation", "isDeleted", "$updatedAt", "Id", "version", "updatedAt", "the notes"});
    CHECK(columns("CHANGES") ==
          std::vector<std::string>{"$localId", "id", "version", "incarnation", "$isDeleted", "updatedAt", "release", "localId", "ISDELETED"});
}

TEST_CASE("a SQLite backend refuses a file of another schema and leaves it untouched") {
    const tests::scratch_folder folder;
    const std::string path = folder.file("server.db");
    write_some_rows(*tests::open_backend(path, suite::schema));
    const std::string before = bytes_of(path);
    schema_view other = suite::schema;
    other.fingerprint += 1;
    CHECK_THROWS_WITH(tests::open_backend(path, other), tests::contains("another schema"));
    CHECK(bytes_of(path) == before);
}

TEST_CASE("a SQLite backend refuses a file that is not a server's and leaves it untouched") {
    const tests::scratch_folder folder;
    const std::string path = folder.file("application.db");
    execute(path, "CREATE TABLE folders (name TEXT); INSERT INTO folders VALUES ('mine')");
    std::string before = bytes_of(path);
    CHECK_THROWS_WITH(tests::open_backend(path, suite::schema), tests::contains("no syncline server's"));
    CHECK(bytes_of(path) == before);

    const std::string text = folder.file("letter.txt");
    before = std::string(5'000, 'x');
    std::ofstream(text, std::ios::binary) << before;
    CHECK_THROWS_AS(tests::open_backend(text, suite::schema), store_error);
    CHECK(bytes_of(text) == before);
}

TEST_CASE("a SQLite backend refuses a file of another format with both numbers and what to do, and leaves it untouched") {
    const tests::scratch_folder folder;
    const std::string path = folder.file("server.db");
    const std::string what_to_do = "; it was left as it is: open it with the release of syncline that made it";
    tests::open_backend(path, suite::schema).reset();
    for (const auto& [change, reason] : {std::pair("UPDATE syncline_server SET value = '7' WHERE name = 'recordFormat'",
                                                   "the server's file has verdicts of format 7, this syncline reads format 2"),
                                         std::pair("UPDATE syncline_server SET value = '3' WHERE name = 'format'",
                                                   "the server's file has format 3, this syncline reads format 4"),
                                         std::pair("DELETE FROM syncline_server WHERE name = 'format'",
                                                   "the server's file has an unknown format, this syncline reads format 4")}) {
        execute(path, change);
        const std::string before = bytes_of(path);
        CHECK_THROWS_WITH(tests::open_backend(path, suite::schema), tests::contains(reason + what_to_do));
        CHECK(bytes_of(path) == before);
    }
}

TEST_CASE("a SQLite backend's file is read with plain SELECTs and joins") {
    const tests::scratch_folder folder;
    const std::string path = folder.file("server.db");
    write_some_rows(*tests::open_backend(path, suite::schema));
    CHECK(select(path,
                 "SELECT folders.name || ': ' || notes.stars || ', ' || notes.weight FROM notes JOIN folders ON folders.id = "
                 "notes.folderId "
                 "WHERE NOT notes.isDeleted ORDER BY notes.localId") ==
          std::vector<std::string>{"folder 1: 1, 0.125", "folder 1: 2, 0.25"});
    CHECK(select(path, "SELECT labels.\"order\" FROM labels") == std::vector<std::string>{"label 1"});
}

TEST_CASE("a tombstone in a SQLite backend's file points nowhere where it need not") {
    const tests::scratch_folder folder;
    const std::string path = folder.file("server.db");
    write_some_rows(*tests::open_backend(path, suite::schema));
    CHECK(select(path, "SELECT labelId IS NULL AND folderId IS NOT NULL FROM notes WHERE isDeleted") ==
          std::vector<std::string>{"1"});
}

TEST_CASE("a SQLite backend stores the verdicts of a push as one record and forgets it as the floor rises") {
    const tests::scratch_folder folder;
    const std::string path = folder.file("server.db");
    const auto database = tests::open_backend(path, suite::schema);
    const auto save = [&](sequence floor, const std::vector<stored_verdict>& verdicts, sequence forgotten = 0) {
        auto tx = database->begin_write("ada");
        tx.save_device("phone", floor, forgotten, verdicts);
        tx.commit();
    };
    const auto records = [&] { return select(path, "SELECT first || '-' || last FROM syncline_verdicts ORDER BY last"); };
    std::vector<stored_verdict> verdicts;
    for (sequence seq = 1; seq <= 500; ++seq) verdicts.push_back(suite::verdict_of(seq));
    save(0, verdicts);
    CHECK(records() == std::vector<std::string>{"1-500"});
    save(0, {suite::verdict_of(501), suite::verdict_of(600)});
    CHECK(records() == std::vector<std::string>{"1-500", "501-600"});
    const auto size = [&] { return std::stoi(select(path, "SELECT sum(length(verdicts)) FROM syncline_verdicts WHERE last = 500").at(0)); };
    const int whole = size();
    save(499, {}, 100);
    CHECK(records() == std::vector<std::string>{"1-500", "501-600"});
    CHECK(size() == whole);
    save(510, {}, 499);
    CHECK(records() == std::vector<std::string>{"1-500", "501-600"});
    CHECK(size() < whole);
    save(600, {}, 500);
    CHECK(records() == std::vector<std::string>{"501-600"});
}

TEST_CASE("transactions of a SQLite backend that change nothing write nothing") {
    const tests::scratch_folder folder;
    const std::string path = folder.file("server.db");
    const auto database = tests::open_backend(path, suite::schema);
    write_some_rows(*database);
    {
        auto tx = database->begin_write("ada");
        tx.save_device("phone", 5, 0, {});
        tx.commit();
    }
    const std::string file = bytes_of(path), log = bytes_of(path + "-wal");
    for (const std::string owner : {"ada", "nobody"}) {
        auto tx = database->begin_write(owner);
        CHECK(tx.load_device("tablet").floor == 0);
        CHECK(suite::changes(tx, {tx.version().next(), -1, {}}, 10).empty());
        if (owner == "ada") tx.save_device("phone", 5, 0, {});
        tx.commit();
    }
    CHECK(bytes_of(path) == file);
    CHECK(bytes_of(path + "-wal") == log);
}

TEST_CASE("no statement of a SQLite backend walks a whole table or sorts the feed") {
    using sqlite_backend_parts::row_statement;
    const tests::scratch_folder folder;
    const std::string path = folder.file("server.db");
    write_some_rows(*tests::open_backend(path, suite::schema));
    const auto expect_steps = [&](const std::string& sql, const std::string& step, std::size_t steps) {
        const std::vector<std::string> plan = select(path, "EXPLAIN QUERY PLAN " + sql, 3);
        INFO(sql);
        CHECK_THAT(plan.at(0), tests::contains("SEARCH") && tests::contains(step));
        CHECK(plan.size() == steps);
    };
    for (const table_view& table : suite::schema.tables) {
        using sqlite_backend_parts::sql_of;
        for (const auto which : {row_statement::find_by_local, row_statement::identify_by_local})
            expect_steps(sql_of(which, table), "(syncline_owner=? AND localId=?)", 1);
        for (const auto which : {row_statement::find_by_id, row_statement::identify_by_id, row_statement::update,
                                 row_statement::update_values, row_statement::remove})
            expect_steps(sql_of(which, table), "(syncline_owner=? AND id=?)", 1);
        expect_steps(sql_of(row_statement::changes, table), "(syncline_owner=? AND (syncline_generation,version,localId)>(?,?,?))", 1);
        expect_steps(sql_of(row_statement::snapshot, table), "(syncline_owner=? AND localId>?)", 1);
        for (std::size_t i = 0; i < table.columns.size(); ++i)
            if (table.columns[i].kind == column_kind::key)
                expect_steps(sql_of(row_statement::referrers, table, static_cast<int>(i)),
                             "(syncline_owner=? AND " + std::string(table.columns[i].name) + "=?)", 2);
    }
}

TEST_CASE("a SQLite backend gives up on a file that another process does not let go") {
    const tests::scratch_folder folder;
    const std::string path = folder.file("server.db");
    const auto first = tests::open_backend(path, suite::schema);
    const auto second = tests::open_backend(path, suite::schema, 20);
    {
        auto tx = first->begin_write("ada");
        CHECK_THROWS_WITH(second->begin_write("bert"), tests::contains("busy timeout"));
    }
    auto tx = second->begin_write("bert");
    suite::insert(tx, suite::labels, suite::label(1));
    CHECK_NOTHROW(tx.commit());
}

TEST_CASE("processes that create a SQLite backend's file at once agree on it") {
    const tests::scratch_folder folder;
    const std::string path = folder.file("server.db");
    std::array<std::string, 4> identities;
    std::vector<std::thread> threads;
    for (std::string& identity : identities)
        threads.emplace_back([&path, &identity] {
            try {
                identity = tests::open_backend(path, suite::schema)->identity().id;
            } catch (const store_error& failure) {
                identity = failure.what();
            }
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(identities == std::array{identities[0], identities[0], identities[0], identities[0]});
    CHECK(identities[0].size() == 16);
}

TEST_CASE("two SQLite backends' files have different identities and secrets") {
    const sqlite_backend one(":memory:", suite::schema), other(":memory:", suite::schema);
    CHECK(one.identity().id != other.identity().id);
    CHECK(one.identity().secret != other.identity().secret);
}

TEST_CASE("a copy of a SQLite backend's file is the same server, and what is written from then on differs") {
    const tests::scratch_folder folder;
    const std::string path = folder.file("server.db"), copy = folder.file("copy.db");
    server_identity identity;
    std::optional<version_nonce> before;
    {
        const auto database = tests::open_backend(path, suite::schema);
        write_some_rows(*database);
        identity = database->identity();
        auto tx = database->begin_read("ada");
        before = tx.nonce_of(tx.version());
    }
    std::filesystem::copy_file(path, copy);
    const auto take_next = [](sqlite_backend& database) {
        auto tx = database.begin_write("ada");
        const row_version version = tx.take_version();
        const auto nonce = tx.nonce_of(version);
        tx.commit();
        return std::pair(version, nonce);
    };
    const auto original = tests::open_backend(path, suite::schema), restored = tests::open_backend(copy, suite::schema);
    CHECK(original->identity() == identity);
    CHECK(restored->identity() == identity);
    const auto [version, nonce] = take_next(*original);
    const auto [same_version, other_nonce] = take_next(*restored);
    CHECK(version == same_version);
    CHECK(nonce != other_nonce);
    CHECK(restored->begin_read("ada").nonce_of(row_version(version.generation(), version.number() - 1)) == before);
}

TEST_CASE("a SQLite backend's file without its secret is refused") {
    const tests::scratch_folder folder;
    const std::string path = folder.file("server.db");
    write_some_rows(*tests::open_backend(path, suite::schema));
    execute(path, "UPDATE syncline_server SET value = 'x' WHERE name = 'secret'");
    CHECK_THROWS_WITH(tests::open_backend(path, suite::schema), tests::contains("secret"));
}

TEST_CASE("a value of the wrong type in a SQLite backend's file is an error and no value") {
    const tests::scratch_folder folder;
    const std::string path = folder.file("server.db");
    write_some_rows(*tests::open_backend(path, suite::schema));
    execute(path, "UPDATE notes SET stars = 'many' WHERE localId = 'notes-0001'");
    const auto database = tests::open_backend(path, suite::schema);
    auto tx = database->begin_read("ada");
    server_row row;
    CHECK_THROWS_WITH(tx.find_by_local(suite::notes, suite::local_of(suite::notes, 1), row), tests::contains("notes.stars"));
    CHECK(tx.find_by_local(suite::notes, suite::local_of(suite::notes, 2), row));
}
