/// What one more row costs in calls of the store: the difference between a sync of many rows and one of twice as many.
#include <string>

#include <integration/support/workout.hpp>
#include <syncline/testing/failing_store.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

using counted = testing::failing_store<memory_store>;
using link_type = device<in_memory, workout_tracker::schema>::link_type;
constexpr int few = 20;

std::string name_of_row(int number) { return "e" + std::to_string(number); }

/// Calls that each further row costs: `run(rows)` prepares that many, and returns the calls of the step to be measured.
template <class Run>
std::size_t calls_for_each(Run&& run) {
    const std::size_t once = run(few);
    const std::size_t twice = run(2 * few);
    REQUIRE((twice - once) % few == 0);
    return (twice - once) / few;
}

/// A phone whose store is counted, and a tablet.
struct counted_home {
    world<in_memory> home;
    device<in_memory, workout_tracker::schema>& phone = home.add("phone");
    device<in_memory, workout_tracker::schema>& tablet = home.add("tablet");
    counted store{phone.store()};
    repository<workout_tracker::schema, counted> rows{store, phone.writing_options()};
    engine<counted, link_type> syncing{store, phone.link, phone.options()};

    counted_home() {
        phone.sync();
        tablet.sync();
    }
    void create(int rows_wanted) {
        for (int i = 0; i < rows_wanted; ++i) phone->create(an_exercise(name_of_row(i)));
    }
    void edit(device<in_memory, workout_tracker::schema>& where, int rows_wanted, const std::string& text) {
        for (int i = 0; i < rows_wanted; ++i)
            REQUIRE(where->update(id<exercise>(name_of_row(i)), [&](exercise& row) { row.name = text; }));
    }
    std::size_t calls_of_sync() {
        store.fail_at(0);
        require_complete(syncing.sync());
        return store.calls();
    }
};

}  // namespace

TEST_CASE("a row that is created costs three calls of the store and a nested transaction", "[store calls]") {
    const std::size_t calls = calls_for_each([](int rows) {
        counted_home at;
        at.store.fail_at(0);
        at.rows.transaction([&] {
            for (int i = 0; i < rows; ++i) at.rows.create(an_exercise(name_of_row(i)));
        });
        return at.store.calls();
    });
    CHECK(calls == 3 + 2);
}

TEST_CASE("a clean row that is edited costs four calls of the store and a nested transaction", "[store calls]") {
    const std::size_t calls = calls_for_each([](int rows) {
        counted_home at;
        at.create(rows);
        at.phone.sync();
        at.store.fail_at(0);
        at.rows.transaction([&] {
            for (int i = 0; i < rows; ++i) REQUIRE(at.rows.update(id<exercise>(name_of_row(i)), [](exercise& row) { row.notes = "mine"; }));
        });
        return at.store.calls();
    });
    CHECK(calls == 4 + 2);
}

TEST_CASE("a clean row that is pulled costs one call of the store", "[store calls]") {
    const std::size_t calls = calls_for_each([](int rows) {
        counted_home at;
        for (int i = 0; i < rows; ++i) at.tablet->create(an_exercise(name_of_row(i)));
        at.tablet.sync();
        return at.calls_of_sync();
    });
    CHECK(calls == 1);
}

TEST_CASE("a row that is pushed and settled costs three calls of the store", "[store calls]") {
    const std::size_t calls = calls_for_each([](int rows) {
        counted_home at;
        at.create(rows);
        return at.calls_of_sync();
    });
    CHECK(calls == 3);
}

TEST_CASE("a row that is edited while its edit is in flight costs six calls of the store when that is settled", "[store calls]") {
    const std::size_t calls = calls_for_each([](int rows) {
        counted_home at;
        at.create(rows);
        at.phone.sync();
        at.edit(at.phone, rows, "sent");
        std::size_t before = 0;
        std::size_t settled = 0;
        at.phone.link.intercept = [&](const wire::http_request& request) {
            if (is_push(request) && before == 0) {
                at.edit(at.phone, rows, "later");
                before = at.store.calls();
            } else if (settled == 0) {
                settled = at.store.calls() - before;
            }
            return std::optional<exchange_result>();
        };
        at.store.fail_at(0);
        require_complete(at.syncing.sync());
        return settled;
    });
    CHECK(calls == 6);
}

TEST_CASE("a row that the server merged costs no more than five calls of the store in its sync", "[store calls]") {
    const std::size_t calls = calls_for_each([](int rows) {
        counted_home at;
        at.create(rows);
        at.phone.sync();
        at.tablet.sync();
        at.edit(at.tablet, rows, "theirs");
        at.tablet.sync();
        for (int i = 0; i < rows; ++i) REQUIRE(at.phone->update(id<exercise>(name_of_row(i)), [](exercise& row) { row.notes = "mine"; }));
        return at.calls_of_sync();
    });
    CHECK(calls <= 5);
}
