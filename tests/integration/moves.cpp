/// Rows that were moved out before their old owner was removed: the removal must not overtake the move.
#include <nlohmann/json.hpp>

#include <string>

#include <integration/support/workout.hpp>

using namespace syncline;
using namespace syncline::tests;
using nlohmann::json;

namespace {

/// Moves the set of the first exercise to the second one, which is there already.
template <class Device>
void move_set(Device& one, const std::string& notes = {}) {
    REQUIRE(one->update(id<workout_set>("s1"), [&](workout_set& row) {
        row.workout_exercise_id = id<workout_exercise>("we2");
        row.notes = notes;
    }));
}

template <class Device>
void share_two_exercises(Device& first, Device& second) {
    share_one_of_each(first, second);
    first->create(a_workout_exercise("we2"));
    first.sync();
    second.sync();
}

/// The numbers of the pushes, from 0, that carried an operation of this kind on this row.
template <class Device>
std::vector<std::size_t> pushes_with(Device& one, const std::string& kind, const std::string& row) {
    std::vector<std::size_t> found;
    std::size_t number = 0;
    for (const wire::http_request& request : one.link.captured()) {
        if (!is_push(request)) continue;
        const json body = json::parse(request.body);
        for (const json& op : body.at("operations"))
            if (op.at("op") == kind && op.at("localId") == row) found.push_back(number);
        ++number;
    }
    return found;
}

}  // namespace

TEMPLATE_TEST_CASE("a removal waits for the verdict of the edit that moves a row out of it", "[moves]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_two_exercises(phone, tablet);
    move_set(phone);
    REQUIRE(phone->remove(id<workout_exercise>("we1")) != 0);
    phone.link.forget_captured();
    phone.sync();
    const auto moved = pushes_with(phone, "update", "s1");
    const auto removed = pushes_with(phone, "remove", "we1");
    REQUIRE(moved.size() == 1);
    REQUIRE(removed.size() == 1);
    CHECK(removed.front() > moved.front());
    CHECK(phone->pending().empty());
    home.converge();
    CHECK(get<workout_set>(tablet, "s1").workout_exercise_id.view() == "we2");
    CHECK_FALSE(has<workout_exercise>(tablet, "we1"));
    CHECK(phone->conflicts().empty());
}

TEMPLATE_TEST_CASE("a removal waits while the move is set aside, and says so, until it is repaired", "[moves]", in_memory, on_sqlite) {
    world_options options;
    options.server.string_bytes = 100;
    world<TestType> home(options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_two_exercises(phone, tablet);
    move_set(phone, std::string(200, 'n'));
    REQUIRE(phone->remove(id<workout_exercise>("we1")) != 0);
    for (int i = 0; i < 3; ++i) {
        phone.sync();
        tablet.sync();
        REQUIRE(phone->quarantine().size() == 1);
        CHECK(phone->pending().size() == 1);
        CHECK(get<workout_set>(phone, "s1").workout_exercise_id.view() == "we2");
        CHECK(get<workout_set>(tablet, "s1").workout_exercise_id.view() == "we1");
        CHECK(has<workout_exercise>(tablet, "we1"));
        const row_status why = phone->why(id<workout_exercise>("we1"));
        CHECK(why.standing == row_standing::blocked);
        CHECK_THAT(why.text, contains("workout_set s1"));
    }
    REQUIRE(phone->update(id<workout_set>("s1"), [](workout_set& row) { row.notes = "short"; }));
    phone.sync();
    home.converge();
    CHECK(get<workout_set>(tablet, "s1").notes == "short");
    CHECK(get<workout_set>(tablet, "s1").workout_exercise_id.view() == "we2");
    CHECK_FALSE(has<workout_exercise>(tablet, "we1"));
}

TEMPLATE_TEST_CASE("a removal goes on when the move that it waits for is given up, and the row goes with it, recorded", "[moves]", in_memory, on_sqlite) {
    world_options options;
    options.server.string_bytes = 100;
    world<TestType> home(options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_two_exercises(phone, tablet);
    move_set(phone, std::string(200, 'n'));
    REQUIRE(phone->remove(id<workout_exercise>("we1")) != 0);
    phone.sync();
    phone->discard(id<workout_set>("s1"));
    phone.sync();
    home.converge();
    CHECK_FALSE(has<workout_set>(phone, "s1"));
    CHECK_FALSE(has<workout_set>(tablet, "s1"));
    REQUIRE_FALSE(phone->conflicts().empty());
    CHECK(phone->conflicts().front().kind == conflict_kind::edit_discarded);
    CHECK(phone->conflicts().front().id.view() == "s1");
}

TEMPLATE_TEST_CASE("a row whose new owner is gone when it is moved there does not vanish without a record", "[moves]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_two_exercises(phone, tablet);
    REQUIRE(tablet->remove(id<workout_exercise>("we2")) != 0);
    tablet.sync();
    move_set(phone, "precious");
    REQUIRE(phone->remove(id<workout_exercise>("we1")) != 0);
    phone.sync();
    home.converge();
    CHECK_FALSE(has<workout_exercise>(phone, "we1"));
    CHECK_FALSE(has<workout_set>(tablet, "s1"));
    bool kept = false;
    for (const conflict& one : phone->conflicts()) {
        UNSCOPED_INFO(name_of(one.kind) << " " << one.id.view() << " " << one.fields.size() << " " << one.reason);
        for (const conflict_field& field : one.fields) UNSCOPED_INFO(field.name << "=" << field.mine << " / " << field.theirs);
    }
    for (const conflict& one : phone->conflicts())
        for (const conflict_field& field : one.fields) kept = kept || (one.id.view() == "s1" && field.name == "notes" && field.mine == "precious");
    CHECK(kept);
}

TEMPLATE_TEST_CASE("a removal waits for a move whose answer was lost", "[moves]", in_memory, on_sqlite) {
    const testing::fault instead = GENERATE(testing::fault::lose_answer, testing::fault::lose_request);
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_two_exercises(phone, tablet);
    move_set(phone);
    phone.link.next_fault(instead);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    REQUIRE(phone->remove(id<workout_exercise>("we1")) != 0);
    phone.sync();
    home.converge();
    CHECK(get<workout_set>(tablet, "s1").workout_exercise_id.view() == "we2");
    CHECK(phone->conflicts().empty());
}

TEMPLATE_TEST_CASE("a removal two levels up waits for a move as well", "[moves]", in_memory, on_sqlite) {
    world_options options;
    options.server.string_bytes = 100;
    world<TestType> home(options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_two_exercises(phone, tablet);
    phone->create(a_workout("w2"));
    phone->create(a_workout_exercise("we3", "w2"));
    phone.sync();
    REQUIRE(phone->update(id<workout_set>("s1"), [](workout_set& row) {
        row.workout_exercise_id = id<workout_exercise>("we3");
        row.notes = std::string(200, 'n');
    }));
    REQUIRE(phone->remove(id<workout_exercise>("we1")) != 0);
    REQUIRE(phone->remove(id<workout>("w1")) != 0);
    phone.sync();
    tablet.sync();
    CHECK(has<workout_set>(tablet, "s1"));
    CHECK(has<workout>(tablet, "w1"));
    REQUIRE(phone->update(id<workout_set>("s1"), [](workout_set& row) { row.notes = "short"; }));
    phone.sync();
    home.converge();
    CHECK(has<workout_set>(tablet, "s1"));
    CHECK_FALSE(has<workout>(tablet, "w1"));
}

TEMPLATE_TEST_CASE("rows that moved among rows that go elsewhere leave no key without its row", "[moves]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    phone->create(a_workout("w2", "tuesday"));
    phone.sync();
    tablet.sync();
    REQUIRE(tablet->remove(id<workout>("w2")) != 0);
    tablet.sync();
    REQUIRE(phone->update(id<exercise>("e1"), [](exercise& row) { row.notes = "on its way"; }));
    phone.link.before_answer = [&phone](const wire::http_request& request) {
        if (!is_push(request)) return;
        phone.link.before_answer = {};
        REQUIRE(phone->update(id<workout_exercise>("we1"), [](workout_exercise& row) { row.workout_id = id<workout>("w2"); }));
        REQUIRE(phone->remove(id<workout>("w1")) != 0);
        phone->create(a_workout_exercise("we2", "w2"));
        REQUIRE(phone->update(id<workout_set>("s1"), [](workout_set& row) { row.workout_exercise_id = id<workout_exercise>("we2"); }));
    };
    phone.sync();
    home.converge();
    CHECK_FALSE(has<workout>(phone, "w2"));
    // What was made or moved here and could not stay is in the records.
    CHECK(phone->conflicts().size() >= 3);
}
