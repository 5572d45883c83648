#include <syncline/stores/memory.hpp>
#include <syncline/testing/store_suite.hpp>

#include <memory>

#include <support/catch.hpp>

using namespace syncline;
namespace suite = syncline::testing::store_suite;

namespace {
struct make_memory_store {
    auto operator()(const schema_view& schema) const { return std::make_unique<memory_store>(schema); }
};
}  // namespace

TEST_CASE("the memory store keeps every promise of the store suite") {
    for (const auto& check : testing::store_checks<memory_store>()) {
        INFO(check.promise);
        CHECK_NOTHROW(testing::run_store_check(check, make_memory_store()));
    }
}

TEST_CASE("a memory store keeps its owner in meta") {
    memory_store owned(suite::schema, {.owner = "ada"});
    memory_store unowned(suite::schema);
    const auto tx = owned.begin_read();
    CHECK(owned.find_meta("owner") == "ada");
    const auto other = unowned.begin_read();
    CHECK_FALSE(unowned.find_meta("owner").has_value());
}

TEST_CASE("a memory store refuses to begin a write inside a read, and goes on working") {
    memory_store store(suite::schema);
    {
        const auto reading = store.begin_read();
        CHECK_THROWS_AS(store.begin_write(), store_error);
    }
    auto tx = store.begin_write();
    suite::put_label(store, suite::id_of('l', 1), "label");
    tx.commit();
}

TEST_CASE("keys are checked at commit when rows of many transactions point at one row") {
    memory_store store(suite::schema);
    {
        auto tx = store.begin_write();
        suite::put_folder(store, suite::id_of('f', 1), "folder");
        for (int i = 0; i < 1'000; ++i) store.put_row(suite::notes, suite::id_of('n', i), suite::note(suite::id_of('f', 1), "note"), {});
        tx.commit();
    }
    {
        auto tx = store.begin_write();
        for (int i = 0; i < 999; ++i) store.erase_row(suite::notes, suite::id_of('n', (i * 7) % 1'000));
        store.erase_row(suite::folders, suite::id_of('f', 1));
        CHECK_THROWS_AS(tx.commit(), store_error);
    }
    auto tx = store.begin_write();
    for (int i = 0; i < 1'000; ++i) store.erase_row(suite::notes, suite::id_of('n', i));
    store.erase_row(suite::folders, suite::id_of('f', 1));
    CHECK_NOTHROW(tx.commit());
}

TEST_CASE("a roll-back gives the numbers of entries and conflict records back") {
    memory_store store(suite::schema);
    for (int round = 0; round < 2; ++round) {
        auto tx = store.begin_write();
        CHECK(suite::append(store, 1) == 1);
        store.erase_entry(1);
        CHECK(store.first_open_sequence() == 2);
        conflict_record record = suite::conflict_of(suite::id_of('n', 1));
        CHECK(store.add_conflict(record) == 1);
    }
}
