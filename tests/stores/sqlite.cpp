#include <syncline/stores/sqlite.hpp>
#include <syncline/testing/store_suite.hpp>

#include <memory>
#include <string>

#include <stores/scratch_folder.hpp>
#include <support/catch.hpp>
#include <support/releases.hpp>

using namespace syncline;
namespace suite = syncline::testing::store_suite;

namespace {
struct make_store_in_memory {
    auto operator()(const schema_view& schema) const { return std::make_unique<sqlite_store>(":memory:", schema); }
};

class make_store_in_file {
public:
    explicit make_store_in_file(sqlite_durability durability) { options_.durability = durability; }

    std::unique_ptr<sqlite_store> operator()(const schema_view& schema) {
        return std::make_unique<sqlite_store>(folder_.file("store-" + std::to_string(++made_)), schema, options_);
    }
    std::unique_ptr<sqlite_store> reopen(std::unique_ptr<sqlite_store> store) {
        const schema_view schema = store->schema();
        const std::string path = sqlite3_db_filename(store->handle(), "main");
        store.reset();
        return std::make_unique<sqlite_store>(path, schema, options_);
    }

private:
    tests::scratch_folder folder_;
    sqlite_options options_;
    int made_ = 0;
};

/// The first column of every row, each with a space behind it.
std::string answer(sqlite3* handle, const std::string& sql) {
    const sqlite::connection database = sqlite::connection::adopt(handle);
    sqlite::statement select(database, sql);
    std::string text;
    while (select.step()) (text += select.is_null(0) ? "null" : select.view(0)) += ' ';
    return text;
}
}  // namespace

TEST_CASE("the SQLite store in memory keeps every promise of the store suite") {
    for (const auto& check : testing::store_checks<sqlite_store>()) {
        INFO(check.promise);
        CHECK_NOTHROW(testing::run_store_check(check, make_store_in_memory()));
    }
}

TEST_CASE("the SQLite store in a file keeps every promise of the store suite") {
    make_store_in_file make(sqlite_durability::normal);
    for (const auto& check : testing::store_checks<sqlite_store>()) {
        INFO(check.promise);
        CHECK_NOTHROW(testing::run_store_check(check, make));
    }
}

TEST_CASE("a SQLite file holds after a restart what was committed before") {
    make_store_in_file make(sqlite_durability::full);
    CHECK_NOTHROW(testing::run_store_reopen_check(make));
}

TEST_CASE("an application's own statements join the store's tables") {
    sqlite_store store(":memory:", suite::schema);
    suite::fill(store);
    CHECK(answer(store.handle(),
                 "SELECT n.title || ' in ' || f.name || ' as ' || g.\"order\" FROM notes n JOIN folders f ON f.id = n.folderId "
                 "JOIN \"group\" g ON g.id = n.labelId WHERE n.stars > 0 AND n.done = 1 ORDER BY n.stars DESC") ==
          "two in top as first one in inside as first ");
    CHECK(answer(store.handle(), "SELECT typeof(stars) || typeof(weight) || typeof(title) || typeof(body) FROM notes LIMIT 1") ==
          "integerrealtextnull ");
    CHECK(answer(store.handle(), "SELECT type FROM pragma_table_info('notes') ORDER BY cid LIMIT 10") ==
          "TEXT TEXT TEXT TEXT INTEGER REAL INTEGER BLOB INTEGER TEXT ");
    CHECK(answer(store.handle(), "SELECT name FROM pragma_table_info('notes') WHERE \"notnull\" ORDER BY cid LIMIT 6") ==
          "id folderId title stars done flags ");
    CHECK(answer(store.handle(), "SELECT \"table\" || '.' || \"to\" FROM pragma_foreign_key_list('notes') ORDER BY 1") == "folders.id group.id ");
}

TEST_CASE("tables and columns of a SQLite store have the names of the schema, and only a key whose name is taken another") {
    sqlite_store store(":memory:", releases::schema::view());
    const auto columns = [&](const std::string& table) {
        return answer(store.handle(), "SELECT '<' || name || '>' FROM pragma_table_info('" + table + "') WHERE name NOT LIKE 'syncline%' ORDER BY cid");
    };
    CHECK(columns("App Releases") == "<$id> <Id> <version> <updatedAt> <the notes> ");
    CHECK(columns("CHANGES") == "<id> <release> <localId> <ISDELETED> ");
    CHECK(answer(store.handle(), "SELECT \"table\" || '.' || \"to\" FROM pragma_foreign_key_list('CHANGES')") == "App Releases.$id ");
}

TEST_CASE("no two indexes share a name, whatever dots and underscores there are in those of tables and columns") {
    CHECK(sqlite::index_name("key", "notes", "folderId") == "\"syncline_key.notes.folderId\"");
    CHECK(sqlite::index_name("key", "a", "b.c") != sqlite::index_name("key", "a.b", "c"));
    CHECK(sqlite::index_name("key", "a", ".b") != sqlite::index_name("key", "a.", "b"));
    CHECK(sqlite::index_name("key", "a", "b_c") != sqlite::index_name("key", "a_b", "c"));
    CHECK(sqlite::index_name("server", "a.b") != sqlite::index_name("server", "a", "b"));
}

TEST_CASE("a SQLite store finds referrers and server ids by an index") {
    sqlite_store store(":memory:", suite::schema);
    const auto plan = [&](const std::string& where) {
        sqlite::statement explain(sqlite::connection::adopt(store.handle()), "EXPLAIN QUERY PLAN SELECT id FROM notes WHERE " + where);
        return explain.step() ? std::string(explain.view(3)) : "";
    };
    CHECK_THAT(plan("folderId = ?1"), tests::contains("syncline_key.notes.folderId"));
    CHECK_THAT(plan("syncline_server_id = ?1"), tests::contains("syncline_server.notes"));
    CHECK_THAT(plan("id = ?1"), tests::contains("SEARCH"));
}

TEST_CASE("a SQLite store refuses a stored value of another type when it reads it") {
    sqlite_store store(":memory:", suite::schema);
    suite::fill(store);
    const auto database = sqlite::connection::adopt(store.handle());
    row_buffer row;
    for (const char* const damage : {"stars = 'many'", "done = 2", "done = 0.5", "weight = 'heavy'", "body = 'text'", "due = x'00'", "flags = x'00'"}) {
        auto tx = store.begin_write();
        database.execute("UPDATE notes SET " + std::string(damage));
        INFO(damage);
        CHECK_THROWS_AS(store.find_row(suite::notes, suite::id_of('n', 1), row), store_error);
        CHECK_THROWS_AS(store.scan_rows(suite::notes, [](const local_id&, const row_buffer&) {}), store_error);
    }
    auto tx = store.begin_write();
    database.execute("UPDATE \"group\" SET id = 'far too long for a local id, which has at most 40 characters'");
    CHECK_THROWS_AS(store.scan_rows(suite::labels, [](const local_id&, const row_buffer&) {}), store_error);
}

TEST_CASE("a SQLite store's error says what SQLite said, and no value") {
    sqlite_store store(":memory:", suite::schema);
    suite::fill(store);
    auto tx = store.begin_write();
    try {
        suite::put_label(store, suite::id_of('l', 2), "a secret", suite::clean(suite::remote_of('l', 1), 2));
        FAIL("a second row with the same server id was stored");
    } catch (const store_error& failure) {
        CHECK_THAT(failure.what(), tests::contains("UNIQUE constraint failed"));
        CHECK(std::string(failure.what()).find("secret") == std::string::npos);
        CHECK(std::string(failure.what()).find("remote") == std::string::npos);
    }
}

TEST_CASE("a SQLite store that SQLite rolled back by itself refuses to go on in that transaction") {
    sqlite_store store(":memory:", suite::schema);
    suite::fill(store);
    const std::string before = suite::content_of(store);
    {
        auto tx = store.begin_write();
        suite::put_label(store, suite::id_of('l', 2), "new");
        sqlite::connection::adopt(store.handle()).execute("ROLLBACK");
        CHECK_THROWS_AS(suite::put_label(store, suite::id_of('l', 3), "newer"), store_error);
        CHECK_THROWS_AS(store.begin_write(), store_error);
        CHECK_THROWS_AS(tx.commit(), store_error);
    }
    CHECK(suite::content_of(store) == before);
}

TEST_CASE("a full disk leaves the SQLite store as it was before the transaction") {
    sqlite_store store(":memory:", suite::schema);
    suite::fill(store);
    const std::string before = suite::content_of(store);
    const auto database = sqlite::connection::adopt(store.handle());
    const std::string pages = answer(store.handle(), "PRAGMA page_count");
    database.execute("PRAGMA max_page_count = " + pages);
    {
        auto tx = store.begin_write();
        CHECK_THROWS_AS(
            [&] {
                for (int i = 10; i < 10'000; ++i) suite::put_label(store, suite::id_of('l', i), std::string(100, 'x'));
                tx.commit();
            }(),
            store_error);
    }
    database.execute("PRAGMA max_page_count = 1000000");
    CHECK(suite::content_of(store) == before);
    auto tx = store.begin_write();
    suite::append(store, 1);
    CHECK(store.count_entries() == 5);
    tx.commit();
}

TEST_CASE("a SQLite store refuses to begin a write inside a read, and goes on working") {
    sqlite_store store(":memory:", suite::schema);
    {
        const auto reading = store.begin_read();
        CHECK_THROWS_AS(store.begin_write(), store_error);
    }
    auto tx = store.begin_write();
    suite::put_label(store, suite::id_of('l', 1), "label");
    CHECK_NOTHROW(tx.commit());
}
