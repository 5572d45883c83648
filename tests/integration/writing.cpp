/// The application's own reads and writes: what they tell, what they refuse and how they say so.
#include <string>
#include <type_traits>

#include <integration/support/workout.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

using workout_rows = repository<workout_tracker::schema, memory_store>;
// Parts of it refer to one another, so that a copy or a move would speak of those of the former one.
static_assert(!std::is_copy_constructible_v<workout_rows> && !std::is_move_constructible_v<workout_rows>);
static_assert(!std::is_copy_constructible_v<session> && !std::is_move_constructible_v<session>);

/// A phone whose repository counts what it tells of.
template <class Kind>
struct told_phone {
    world<Kind> home;
    device<Kind, workout_tracker::schema>& phone = home.add("phone");
    int told = 0;
    bool told_inside = false;
    repository<workout_tracker::schema, typename Kind::store_type> rows{phone.store(), options()};

    repository_options options() {
        repository_options made = phone.writing_options();
        made.written = [this] {
            ++told;
            told_inside = told_inside || phone.store().in_transaction();
        };
        return made;
    }
};

}  // namespace

TEMPLATE_TEST_CASE("each write is told once, after its transaction, and a transaction of several once", "[writing]", in_memory, on_sqlite) {
    told_phone<TestType> at;
    at.rows.create(an_exercise("e1"));
    CHECK(at.told == 1);
    at.rows.transaction([&] {
        at.rows.create(an_exercise("e2"));
        at.rows.transaction([&] { REQUIRE(at.rows.update(id<exercise>("e1"), [](exercise& row) { row.name = "press"; })); });
        CHECK(at.told == 1);
    });
    CHECK(at.told == 2);
    at.rows.upsert(id<exercise>("e3"), [](exercise& row) { row.name = "dip"; });
    CHECK(at.told == 3);
    REQUIRE(at.rows.remove(id<exercise>("e3")) != 0);
    CHECK(at.told == 4);
    CHECK_FALSE(at.told_inside);
}

TEMPLATE_TEST_CASE("a write inside a transaction of the application is not told, because it may be rolled back", "[writing]", in_memory, on_sqlite) {
    told_phone<TestType> at;
    {
        const auto undone = at.phone.store().begin_write();
        at.rows.create(an_exercise("e1"));
        at.rows.transaction([&] { at.rows.create(an_exercise("e2")); });
        at.rows.upsert(id<exercise>("e3"), [](exercise& row) { row.name = "dip"; });
    }
    CHECK(at.told == 0);
    CHECK(at.rows.template count<exercise>() == 0);
}

TEMPLATE_TEST_CASE("a key that points at no row at the end of a transaction is named with its row", "[writing]", in_memory, on_sqlite) {
    told_phone<TestType> at;
    at.rows.create(an_exercise("e1"));
    const auto in_vain = [&] {
        at.rows.transaction([&] {
            at.rows.create(a_workout("w1"));
            at.rows.create(a_workout_exercise("we1", "w1", "e1"));
            at.rows.create(a_workout_exercise("we2", "w1", "e9"));
        });
    };
    try {
        in_vain();
        FAIL("the transaction was not refused");
    } catch (const write_refused& refused) {
        CHECK(refused.reason() == error{error_code::not_found, "the key points at no row", "workout_exercise", "we2", "exerciseId"});
    }
    CHECK(at.rows.template count<workout>() == 0);
    CHECK(at.rows.pending().size() == 1);
    CHECK(at.told == 1);
    // Inside another transaction the target may still come.
    at.rows.transaction([&] {
        in_vain();
        at.rows.create(an_exercise("e9"));
    });
    CHECK(at.rows.template count<workout_exercise>() == 2);
}

TEMPLATE_TEST_CASE("get_or_create leaves a row as it is, and makes one that is not there", "[writing]", in_memory, on_sqlite) {
    told_phone<TestType> at;
    CHECK(at.rows.get_or_create(an_exercise("e1", "squat")).name == "squat");
    CHECK(at.rows.get_or_create(an_exercise("e1", "another")).name == "squat");
    CHECK(at.rows.find(id<exercise>("e1"))->name == "squat");
    CHECK(at.rows.pending().size() == 1);
    exercise nameless;
    nameless.name = "press";
    const exercise made = at.rows.get_or_create(nameless);
    CHECK_FALSE(made.id.empty());
    CHECK(at.rows.find(made.id)->name == "press");
}

TEMPLATE_TEST_CASE("upsert edits the row that is there, and otherwise a new one", "[writing]", in_memory, on_sqlite) {
    told_phone<TestType> at;
    CHECK(at.rows.upsert(id<exercise>("e1"), [](exercise& row) { row.name = "squat"; }));
    CHECK_FALSE(at.rows.upsert(id<exercise>("e1"), [](exercise& row) { row.notes = "deep"; }));
    CHECK(at.rows.find(id<exercise>("e1"))->name == "squat");
    CHECK(at.rows.find(id<exercise>("e1"))->notes == "deep");
    CHECK_THROWS_AS(at.rows.upsert(id<exercise>("e2"), [](exercise& row) { row.id = id<exercise>("e3"); }), write_refused);
    CHECK(at.rows.template count<exercise>() == 1);
}

TEMPLATE_TEST_CASE("a repository that cannot be changed can be read", "[writing]", in_memory, on_sqlite) {
    told_phone<TestType> at;
    at.rows.create(an_exercise("e1"));
    const auto& rows = at.rows;
    CHECK(rows.template all<exercise>().size() == 1);
    CHECK(rows.template count<exercise>() == 1);
    CHECK(rows.find(id<exercise>("e1")).has_value());
    CHECK(rows.template children<workout_exercise>(id<exercise>("e1")).empty());
    CHECK(rows.pending().size() == 1);
    CHECK(rows.quarantine().empty());
    CHECK(rows.conflicts().empty());
    CHECK(rows.why(id<exercise>("e1")).standing == row_standing::waiting);
    CHECK(rows.owner() == "alice");
}

TEMPLATE_TEST_CASE("a conflict about a key names the rows by the ids that this device knows", "[writing]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    phone->create(an_exercise("e2"));
    phone->create(an_exercise("e3"));
    phone.sync();
    tablet.sync();
    REQUIRE(phone->update(id<workout_exercise>("we1"), [](workout_exercise& row) { row.exercise_id = id<exercise>("e2"); }));
    REQUIRE(tablet->update(id<workout_exercise>("we1"), [](workout_exercise& row) { row.exercise_id = id<exercise>("e3"); }));
    phone.sync();
    tablet.sync();
    const std::vector<conflict> seen = tablet->conflicts();
    REQUIRE(seen.size() == 1);
    REQUIRE(seen.front().fields.size() == 1);
    CHECK(seen.front().fields.front().name == "exerciseId");
    CHECK(seen.front().fields.front().mine == "e3");
    CHECK(seen.front().fields.front().theirs == "e2");
}

TEST_CASE("a sync that is started by the observer of a sync is refused instead of waiting for itself", "[writing]") {
    world<in_memory> home;
    auto& phone = home.add("phone");
    phone->create(an_exercise("e1"));
    engine_options options = phone.options();
    std::function<void()> observed;
    options.observer = [&](const sync_progress&) { observed(); };
    engine<memory_store, typename device<in_memory, workout_tracker::schema>::link_type> syncing(phone.store(), phone.link, std::move(options));
    observed = [&] { syncing.sync(); };
    CHECK_THROWS_AS(syncing.sync(), sync_is_running);
    // The engine is as usable as before.
    observed = [] {};
    require_complete(syncing.sync());
    CHECK(phone->pending().empty());
}
