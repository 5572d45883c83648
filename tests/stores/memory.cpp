#include <syncline/base/random.hpp>
#include <syncline/stores/memory.hpp>
#include <syncline/testing/store_suite.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <set>

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

TEST_CASE("rows and entries are found while many come and go") {
    memory_store store(suite::schema);
    random_source random(11);
    std::map<int, std::int64_t> rows;
    std::set<sequence> entries;
    for (int round = 0; round < 300; ++round) {
        auto tx = store.begin_write();
        auto rows_then = rows;
        auto entries_then = entries;
        for (int step = 0; step < 40; ++step) {
            const int number = static_cast<int>(random.below(400));
            const local_id id = suite::id_of('l', number);
            if (random.chance(1, 3)) {
                store.erase_row(suite::labels, id);
                rows_then.erase(number);
            } else {
                const auto version = static_cast<std::int64_t>(random.below(1'000'000));
                suite::put_label(store, id, "label", suite::clean(suite::remote_of('l', number), version));
                rows_then[number] = version;
            }
            if (random.chance(1, 2)) {
                entries_then.insert(suite::append(store, number));
            } else if (!entries_then.empty()) {
                auto gone = entries_then.lower_bound(static_cast<sequence>(random.below(static_cast<std::uint64_t>(*entries_then.rbegin()))));
                store.erase_entry(*gone);
                entries_then.erase(gone);
            }
        }
        if (random.chance(1, 4)) continue;
        tx.commit();
        rows.swap(rows_then);
        entries.swap(entries_then);
        const auto reading = store.begin_read();
        REQUIRE(store.count_rows(suite::labels) == rows.size());
        REQUIRE(store.count_entries() == entries.size());
        for (int number = 0; number < 400; ++number) {
            row_state state;
            const auto known = rows.find(number);
            REQUIRE(store.find_state(suite::labels, suite::id_of('l', number), state) == (known != rows.end()));
            REQUIRE(store.local_of(suite::labels, suite::remote_of('l', number)).empty() == (known == rows.end()));
            if (known != rows.end()) REQUIRE(state.version.number() == known->second);
        }
        outbox_entry entry;
        for (const sequence seq : entries) REQUIRE(store.find_entry(seq, entry));
        REQUIRE(store.newest_sequence() == (entries.empty() ? 0 : *entries.rbegin()));
        if (!entries.empty()) REQUIRE(store.first_open_sequence() == *entries.begin());
    }
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
