#include <syncline/stores/memory.hpp>
#include <syncline/stores/sqlite.hpp>
#include <syncline/testing/failing_store.hpp>
#include <syncline/testing/store_suite.hpp>

#include <string>

#include <support/catch.hpp>

using namespace syncline;
using syncline::testing::failing_store;
using syncline::testing::failure_duration;
namespace suite = syncline::testing::store_suite;

static_assert(store<failing_store<memory_store>>);

namespace {
/// All kinds of writes in one transaction, some of them in an inner one.
template <class S>
void write_everything(S& store) {
    auto tx = store.begin_write();
    bool nested = false;
    for (const auto& kind : suite::write_kinds<S>()) {
        nested = !nested;
        if (nested) {
            auto inner = store.begin_write();
            kind.run(store);
            inner.commit();
        } else {
            kind.run(store);
        }
    }
    tx.commit();
}

template <class S>
void fail_at_every_call(S& store) {
    suite::fill(store);
    const std::string before = suite::content_of(store);
    failing_store<S> failing(store);
    for (std::size_t call = 1;; ++call) {
        failing.fail_at(call, call % 2 == 0 ? failure_duration::for_ever : failure_duration::once);
        bool failed = false;
        try {
            write_everything(failing);
        } catch (const store_error&) {
            failed = true;
        }
        REQUIRE(failed == failing.has_failed());
        if (!failed) break;
        REQUIRE(suite::content_of(store) == before);
    }
    CHECK(suite::content_of(store) != before);
}
}  // namespace

TEST_CASE("a memory store that fails at any call leaves the state before the transaction") {
    memory_store store(suite::schema);
    fail_at_every_call(store);
}

TEST_CASE("a SQLite store that fails at any call leaves the state before the transaction") {
    sqlite_store store(":memory:", suite::schema);
    fail_at_every_call(store);
}

TEST_CASE("a failing store counts calls and fails once or for ever") {
    memory_store inner(suite::schema);
    failing_store failing(inner);
    failing.fail_at(2);
    const auto tx = failing.begin_read();
    CHECK_THROWS_AS(failing.count_entries(), store_error);
    CHECK(failing.has_failed());
    CHECK(failing.count_entries() == 0);
    failing.fail_at(2, failure_duration::for_ever);
    CHECK(failing.count_entries() == 0);
    CHECK_THROWS_AS(failing.count_entries(), store_error);
    CHECK_THROWS_AS(failing.begin_write(), store_error);
    CHECK(failing.calls() == 3);
}
