#include <syncline/stores/sqlite.hpp>
#include <syncline/testing/store_suite.hpp>

#include <array>
#include <memory>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include <stores/scratch_folder.hpp>
#include <support/catch.hpp>

using namespace syncline;
using syncline::tests::scratch_folder;
namespace suite = syncline::testing::store_suite;

namespace {
/// A store on a handle of the application, which closes it afterwards.
struct adopted_store {
    explicit adopted_store(const schema_view& schema) : application(sqlite::connection::open(":memory:")), store(application.handle(), schema) {}
    sqlite::connection application;
    sqlite_store store;
};

struct make_adopted_store {
    std::shared_ptr<sqlite_store> operator()(const schema_view& schema) const {
        const auto made = std::make_shared<adopted_store>(schema);
        return {made, &made->store};
    }
};

std::size_t count_labels(sqlite_store& store) {
    const auto tx = store.begin_read();
    return store.count_rows(suite::labels);
}
}  // namespace

TEST_CASE("a SQLite store on the application's handle keeps every promise of the store suite") {
    for (const auto& check : testing::store_checks<sqlite_store>()) {
        INFO(check.promise);
        CHECK_NOTHROW(testing::run_store_check(check, make_adopted_store()));
    }
}

TEST_CASE("a store's transactions are part of the application's own") {
    adopted_store made(suite::schema);
    sqlite_store& store = made.store;
    made.application.execute("CREATE TABLE settings(value)");
    suite::fill(store);
    const std::string before = suite::content_of(store);

    made.application.execute("BEGIN; INSERT INTO settings VALUES ('lost')");
    for (const bool commits : {false, true}) {
        auto tx = store.begin_write();
        suite::put_label(store, suite::id_of('l', 2), "with the setting");
        suite::append(store, 2);
        store.mark_in_flight(std::array<sequence, 1>{5});
        store.erase_entry(5);
        suite::append(store, 3);
        CHECK(store.count_entries() == 5);
        CHECK(store.count_rows(suite::labels) == 2);
        if (commits) tx.commit();
    }
    CHECK(store.handle() == made.application.handle());
    CHECK(made.application.in_transaction());
    made.application.execute("ROLLBACK");
    CHECK(suite::content_of(store) == before);

    made.application.execute("BEGIN; INSERT INTO settings VALUES ('kept')");
    {
        auto tx = store.begin_write();
        suite::put_label(store, suite::id_of('l', 2), "with the setting");
        CHECK(suite::append(store, 2) == 5);
        store.mark_in_flight(std::array<sequence, 1>{5});
        store.erase_entry(5);
        tx.commit();
    }
    made.application.execute("COMMIT");
    CHECK(count_labels(store) == 2);
    auto tx = store.begin_write();
    CHECK(suite::append(store, 3) == 6);
    tx.commit();
}

TEST_CASE("what the application writes in an inner transaction is undone with it") {
    sqlite_store store(":memory:", suite::schema);
    sqlite3* const handle = store.handle();
    const auto execute = [&](const char* sql) { REQUIRE(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK); };
    execute("CREATE TABLE settings(value)");
    auto outer = store.begin_write();
    execute("INSERT INTO settings VALUES ('kept')");
    {
        const auto inner = store.begin_write();
        CHECK(suite::create_label(store, 1, "undone"));
        execute("INSERT INTO settings VALUES ('undone')");
    }
    outer.commit();
    CHECK(count_labels(store) == 0);
    execute("UPDATE settings SET value = 'only one'");
    CHECK(sqlite3_changes(handle) == 1);
}

TEST_CASE("a key that points nowhere fails the application's commit when the store shares its transaction") {
    adopted_store made(suite::schema);
    made.application.execute("BEGIN");
    {
        auto tx = made.store.begin_write();
        made.store.put_row(suite::notes, suite::id_of('n', 1), suite::note(suite::id_of('f', 1), "orphan"), {});
        tx.commit();
    }
    CHECK_THROWS_AS(made.application.execute("COMMIT"), store_error);
    made.application.execute("ROLLBACK");
}

TEST_CASE("a store cannot be opened inside a transaction of an application that has foreign keys switched off") {
    const auto application = sqlite::connection::open(":memory:");
    application.execute("BEGIN");
    CHECK_THROWS_AS(sqlite_store(application.handle(), suite::schema), store_error);
    application.execute("ROLLBACK; PRAGMA foreign_keys = ON; BEGIN");
    CHECK_NOTHROW(sqlite_store(application.handle(), suite::schema));
    CHECK(application.in_transaction());
}

TEST_CASE("the application's handle stays open when the store is gone") {
    const auto application = sqlite::connection::open(":memory:");
    {
        sqlite_store store(application.handle(), suite::schema);
        suite::fill(store);
    }
    sqlite_store again(application.handle(), suite::schema);
    const auto tx = again.begin_read();
    CHECK(again.count_entries() == 4);
}

TEST_CASE("two stores on one file see each other's commits and take turns") {
    const scratch_folder folder;
    sqlite_store first(folder.file("store"), suite::schema, {.durability = sqlite_durability::normal});
    sqlite_store second(folder.file("store"), suite::schema, {.durability = sqlite_durability::normal});
    CHECK_NOTHROW(suite::move_stars(first, [&](std::size_t which) -> sqlite_store& { return which == 0 ? first : second; }));

    sequence sent = 0;
    {
        auto tx = first.begin_write();
        sent = suite::append(first, 1);
        first.mark_in_flight(std::array{sent});
        first.erase_entry(sent);
        tx.commit();
    }
    auto tx = second.begin_write();
    CHECK(suite::append(second, 1) == sent + 1);
    tx.commit();
}

TEST_CASE("a reader keeps its state while another store commits") {
    const scratch_folder folder;
    sqlite_store first(folder.file("store"), suite::schema);
    sqlite_store second(folder.file("store"), suite::schema);
    const auto reading = first.begin_read();
    CHECK(first.count_rows(suite::labels) == 0);
    {
        auto tx = second.begin_write();
        suite::put_label(second, suite::id_of('l', 1), "label");
        suite::append(second, 1);
        tx.commit();
    }
    CHECK(first.count_rows(suite::labels) == 0);
    CHECK(first.count_entries() == 0);
}

TEST_CASE("a store that waits longer than its busy timeout says so") {
    const scratch_folder folder;
    sqlite_store first(folder.file("store"), suite::schema);
    sqlite_store second(folder.file("store"), suite::schema, {.busy_timeout_ms = 50});
    {
        const auto held = first.begin_write();
        try {
            const auto tx = second.begin_write();
            FAIL("two stores write at once");
        } catch (const store_error& failure) {
            CHECK_THAT(failure.what(), tests::contains("busy timeout"));
        }
    }
    auto tx = second.begin_write();
    CHECK_NOTHROW(tx.commit());
}

TEST_CASE("two processes make and use one file at once") {
    const scratch_folder folder;
    const auto write = [&](char letter) {
        sqlite_store store(folder.file("store"), suite::schema, {.durability = sqlite_durability::normal});
        for (int i = 0; i < 200; ++i) {
            auto tx = store.begin_write();
            suite::put_label(store, suite::id_of(letter, i), "label");
            suite::append(store, i);
            tx.commit();
        }
    };
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        int status = 0;
        try {
            write('b');
        } catch (...) {
            status = 1;
        }
        _exit(status);
    }
    CHECK_NOTHROW(write('a'));
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    sqlite_store store(folder.file("store"), suite::schema);
    CHECK(count_labels(store) == 400);
    const auto tx = store.begin_read();
    CHECK(store.count_entries() == 400);
}
