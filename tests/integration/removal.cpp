/// Removals: what goes with a row, what keeps it, and what wins against edits made elsewhere meanwhile.
#include <nlohmann/json.hpp>

#include <string>

#include <integration/support/workout.hpp>

using namespace syncline;
using namespace syncline::tests;
using nlohmann::json;
using testing::fault;

namespace {

/// The device's last push.
template <class Device>
json last_push(Device& one) {
    for (std::size_t i = one.link.captured().size(); i-- > 0;)
        if (is_push(one.link.captured()[i])) return json::parse(one.link.captured()[i].body);
    return json();
}

/// Two workouts with an exercise in the first.
template <class Device>
void share_two_workouts(Device& first, Device& second) {
    share_one_of_each(first, second);
    first->create(a_workout("w2", "tuesday"));
    first.sync();
    second.sync();
}

template <class Device>
void move_to_second_workout(Device& one) {
    REQUIRE(one->update(id<workout_exercise>("we1"), [](workout_exercise& row) { row.workout_id = id<workout>("w2"); }));
}

}  // namespace

TEMPLATE_TEST_CASE("a removal takes three levels along, here, on the server and elsewhere, as one operation", "[removal]", in_memory, on_sqlite) {
    const std::size_t page = GENERATE(std::size_t{1}, std::size_t{100});
    world_options options;
    options.client.page_rows = page;
    world<TestType> home(options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    phone->create(a_workout_exercise("we2"));
    phone->create(a_set("s2"));
    phone->create(a_set("s3", "we2"));
    phone.sync();
    tablet.sync();
    CHECK(phone->remove(id<workout>("w1")) == 6);
    CHECK(count<workout_set>(phone) == 0);
    CHECK(count<workout_exercise>(phone) == 0);
    CHECK(phone->pending().size() == 1);
    phone.sync();
    CHECK(last_push(phone).at("operations").size() == 1);
    CHECK(phone->pending().empty());
    tablet.sync();
    CHECK(tablet.list().size() == 3);
    home.converge();
    CHECK(home.server_rows().size() == 3);
    CHECK(tablet->conflicts().empty());
}

TEMPLATE_TEST_CASE("a removed parent takes children that another device made meanwhile", "[removal]", in_memory, on_sqlite) {
    const bool removal_first = GENERATE(true, false);
    INFO((removal_first ? "the removal is synced first" : "the children are synced first"));
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->remove(id<workout>("w1")) != 0);
    tablet->create(a_workout_exercise("we-new"));
    tablet->create(a_set("s-new", "we-new", 11));
    tablet->create(a_set("s-old", "we1", 12));
    if (removal_first) phone.sync();
    tablet.sync();
    phone.sync();
    home.converge();
    CHECK(home.server_rows().size() == 3);
    CHECK(count<workout_set>(tablet) == 0);
    if (!removal_first) return;
    // What the tablet had written and nobody else ever saw is kept for the application.
    CHECK(tablet->conflicts().size() == 3);
    bool whole = false;
    for (const conflict& one : tablet->conflicts()) {
        CHECK(one.kind == conflict_kind::edit_of_removed);
        if (one.id.view() != "s-new") continue;
        for (const conflict_field& field : one.fields) whole = whole || (field.name == "reps" && field.mine == "11");
        CHECK(one.fields.size() == 6);
    }
    CHECK(whole);
}

TEMPLATE_TEST_CASE("a removal wins against an edit made elsewhere, and the edit is kept whole", "[removal]", in_memory, on_sqlite) {
    const bool by_pull = GENERATE(true, false);
    INFO((by_pull ? "the editor learns it by a pull" : "the editor learns it by a verdict"));
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->remove(id<workout_set>("s1")) != 0);
    phone.sync();
    REQUIRE(tablet->update(id<workout_set>("s1"), [](workout_set& row) { row.reps = 42, row.notes = "my best"; }));
    if (by_pull) {
        tablet.link.intercept = [](const wire::http_request& request) -> std::optional<exchange_result> {
            if (is_push(request)) return wire::http_response{200, R"({"results":[],"version":"1.1"})", {}};
            return std::nullopt;
        };
        tablet.sync();
        tablet.link.heal();
    }
    tablet.sync();
    CHECK_FALSE(has<workout_set>(tablet, "s1"));
    REQUIRE(tablet->conflicts().size() == 1);
    const conflict lost = tablet->conflicts().front();
    CHECK(lost.kind == conflict_kind::edit_of_removed);
    CHECK(lost.entity == "workout_set");
    CHECK(lost.id.view() == "s1");
    CHECK_FALSE(lost.mine_won);
    std::string mine;
    for (const conflict_field& field : lost.fields) mine += field.name + "=" + field.mine + ";";
    CHECK_THAT(mine, contains("reps=42;"));
    CHECK_THAT(mine, contains("notes=my best;"));
    home.converge();
    CHECK(home.server_rows().size() == 5);
    CHECK(phone->conflicts().empty());
    CHECK(tablet->conflicts().size() == 1);
}

TEMPLATE_TEST_CASE("a removal wins against an edit that reached the server before it", "[removal]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->remove(id<workout_set>("s1")) != 0);
    REQUIRE(tablet->update(id<workout_set>("s1"), [](workout_set& row) { row.reps = 42; }));
    tablet.sync();
    phone.sync();
    CHECK_FALSE(has<workout_set>(phone, "s1"));
    home.converge();
    CHECK(home.server_rows().size() == 5);
}

TEMPLATE_TEST_CASE("a row removed on two devices is removed once and no conflict", "[removal]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->remove(id<workout>("w1")) != 0);
    REQUIRE(tablet->remove(id<workout_exercise>("we1")) != 0);
    phone.sync();
    tablet.sync();
    home.converge();
    CHECK(home.server_rows().size() == 3);
    CHECK(phone->conflicts().empty());
    CHECK(tablet->conflicts().empty());
}

TEMPLATE_TEST_CASE("a row that others mention cannot be removed here", "[removal]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    const listing before = phone.list();
    const std::string marks = phone.marks();
    try {
        static_cast<void>(phone->remove(id<exercise>("e1")));
        FAIL("the removal was not refused");
    } catch (const write_refused& refused) {
        CHECK(refused.reason().code == error_code::restricted);
        CHECK(refused.reason().entity == "exercise");
        CHECK(refused.reason().local_id == "e1");
        CHECK_THAT(refused.what(), contains("template_exercise") || contains("workout_exercise"));
    }
    CHECK(differences(phone.list(), before) == "");
    CHECK(phone.marks() == marks);
    home.converge();
    CHECK(home.server_rows().size() == 6);
}

TEMPLATE_TEST_CASE("a removal that another device's row forbids is refused by the server and undone", "[removal]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    phone->create(an_exercise());
    phone->create(a_template());
    phone.sync();
    tablet.sync();
    tablet->create(a_template_exercise());
    tablet.sync();
    CHECK(phone->remove(id<exercise>("e1")) == 1);
    CHECK_FALSE(has<exercise>(phone, "e1"));
    const sync_report report = phone.sync();
    CHECK(report.total().refused == 1);
    CHECK(has<exercise>(phone, "e1"));
    CHECK(has<template_exercise>(phone, "te1"));
    CHECK(phone->pending().empty());
    CHECK(phone->quarantine().empty());
    REQUIRE(phone->conflicts().size() == 1);
    CHECK(phone->conflicts().front().kind == conflict_kind::removal_refused);
    CHECK(phone->conflicts().front().id.view() == "e1");
    CHECK_THAT(phone->conflicts().front().reason, contains("restricted"));
    home.converge();
    CHECK(home.server_rows().size() == 3);
    CHECK(tablet->conflicts().empty());
}

TEMPLATE_TEST_CASE("an edit made before a removal that is refused is not lost", "[removal]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    phone->create(an_exercise());
    phone->create(a_template());
    phone.sync();
    tablet.sync();
    tablet->create(a_template_exercise());
    tablet.sync();
    REQUIRE(phone->update(id<exercise>("e1"), [](exercise& row) { row.name = "renamed"; }));
    REQUIRE(phone->remove(id<exercise>("e1")) != 0);
    phone.sync();
    home.converge();
    CHECK(get<exercise>(phone, "e1").name == "renamed");
    CHECK(get<exercise>(tablet, "e1").name == "renamed");
}

TEMPLATE_TEST_CASE("a nullable reference becomes null when its target is removed", "[removal]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(get<workout>(tablet, "w1").template_id.has_value());
    CHECK(phone->remove(id<workout_template>("t1")) == 2);
    CHECK_FALSE(get<workout>(phone, "w1").template_id.has_value());
    phone.sync();
    CHECK(phone->pending().empty());
    tablet.sync();
    CHECK_FALSE(get<workout>(tablet, "w1").template_id.has_value());
    CHECK_FALSE(has<template_exercise>(tablet, "te1"));
    home.converge();
    CHECK(home.server_rows().size() == 4);
    CHECK(get<workout>(tablet, "w1").name == "monday");
}

TEMPLATE_TEST_CASE("a reference made elsewhere to a removed row ends null and every device agrees", "[removal]", in_memory, on_sqlite) {
    const bool removal_first = GENERATE(true, false);
    const bool by_create = GENERATE(true, false);
    INFO((removal_first ? "removal first" : "reference first") << (by_create ? ", new row" : ", edited row"));
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    phone->create(a_template());
    phone->create(a_workout());
    phone.sync();
    tablet.sync();
    REQUIRE(phone->remove(id<workout_template>("t1")) != 0);
    if (by_create) {
        workout made = a_workout("w2", "planned");
        made.template_id = id<workout_template>("t1");
        tablet->create(made);
    } else {
        REQUIRE(tablet->update(id<workout>("w1"), [](workout& row) { row.template_id = id<workout_template>("t1"), row.notes = "planned"; }));
    }
    if (removal_first) phone.sync();
    tablet.sync();
    phone.sync();
    home.converge();
    CHECK_FALSE(has<workout_template>(tablet, "t1"));
    const workout end = get<workout>(phone, by_create ? "w2" : "w1");
    CHECK_FALSE(end.template_id.has_value());
    CHECK((by_create ? end.name : end.notes) == "planned");
}

TEMPLATE_TEST_CASE("a row made again before its removal was synced is a new life of it everywhere", "[removal]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->remove(id<workout_set>("s1")) != 0);
    phone->create(a_set("s1", "we1", 77));
    phone.sync();
    phone.sync();
    CHECK(phone->pending().empty());
    tablet.sync();
    const workout_set end = get<workout_set>(tablet, "s1");
    CHECK(end.reps == 77);
    home.converge();
    CHECK(home.server_rows().size() == 6);
    CHECK_THAT(home.server_rows().at("workout_sets/s1"), contains("life 2"));
}

TEMPLATE_TEST_CASE("a row made again after its removal was synced is a new life of it everywhere", "[removal]", in_memory, on_sqlite) {
    const bool elsewhere = GENERATE(false, true);
    INFO((elsewhere ? "made again on the other device" : "made again on the same device"));
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->remove(id<workout_set>("s1")) != 0);
    phone.sync();
    tablet.sync();
    auto& maker = elsewhere ? tablet : phone;
    maker->create(a_set("s1", "we1", 77));
    maker.sync();
    CHECK(maker->pending().empty());
    CHECK(maker->quarantine().empty());
    home.converge();
    CHECK(get<workout_set>(phone, "s1").reps == 77);
    CHECK(get<workout_set>(tablet, "s1").reps == 77);
    CHECK_THAT(home.server_rows().at("workout_sets/s1"), contains("life 2"));
}

TEMPLATE_TEST_CASE("a row made under a removed row's name by a device that never saw it is its new life", "[removal]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    auto& watch = home.add("watch");
    phone->create(an_exercise("e1", "first life"));
    phone.sync();
    REQUIRE(phone->remove(id<exercise>("e1")) != 0);
    phone.sync();
    watch->create(an_exercise("e1", "second life"));
    watch.sync();
    watch.sync();
    tablet.sync();
    home.converge();
    CHECK(get<exercise>(tablet, "e1").name == "second life");
    CHECK(watch->quarantine().empty());
}

TEMPLATE_TEST_CASE("an edit of a former life does not touch the new one and is kept", "[removal]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->remove(id<workout_set>("s1")) != 0);
    phone.sync();
    phone->create(a_set("s1", "we1", 77));
    phone.sync();
    REQUIRE(tablet->update(id<workout_set>("s1"), [](workout_set& row) { row.reps = 6, row.notes = "to the first"; }));
    tablet.sync();
    home.converge();
    CHECK(get<workout_set>(tablet, "s1").reps == 77);
    CHECK(get<workout_set>(tablet, "s1").notes.empty());
    REQUIRE(tablet->conflicts().size() == 1);
    CHECK(tablet->conflicts().front().kind == conflict_kind::edit_of_removed);
}

TEMPLATE_TEST_CASE("a removal of a former life does not kill the new one", "[removal]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(tablet->remove(id<workout_set>("s1")) != 0);
    REQUIRE(phone->remove(id<workout_set>("s1")) != 0);
    phone.sync();
    phone->create(a_set("s1", "we1", 77));
    phone.sync();
    tablet.sync();
    home.converge();
    CHECK(get<workout_set>(tablet, "s1").reps == 77);
    CHECK(get<workout_set>(phone, "s1").reps == 77);
}

TEMPLATE_TEST_CASE("moved children survive the removal of their old parent on another device", "[removal]", in_memory, on_sqlite) {
    const std::size_t page = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{100});
    INFO("rows of a page " << page);
    world_options options;
    options.client.page_rows = page;
    world<TestType> home(options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    auto& watch = home.add("watch");
    share_two_workouts(phone, tablet);
    watch.sync();
    move_to_second_workout(phone);
    CHECK(tablet->remove(id<workout>("w1")) == 3);
    phone.sync();
    tablet.sync();
    phone.sync();
    CHECK_FALSE(has<workout>(phone, "w1"));
    CHECK(has<workout_exercise>(phone, "we1"));
    CHECK(has<workout_set>(phone, "s1"));
    CHECK(has<workout_exercise>(tablet, "we1"));
    CHECK(has<workout_set>(tablet, "s1"));
    home.converge();
    CHECK(has<workout_set>(watch, "s1"));
    CHECK(get<workout_exercise>(watch, "we1").workout_id == id<workout>("w2"));
    CHECK(home.server_rows().size() == 6);
}

TEMPLATE_TEST_CASE("children moved after the removal of their old parent go with it, and the move is kept", "[removal]", in_memory, on_sqlite) {
    const std::size_t page = GENERATE(std::size_t{1}, std::size_t{100});
    world_options options;
    options.client.page_rows = page;
    world<TestType> home(options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_two_workouts(phone, tablet);
    move_to_second_workout(phone);
    REQUIRE(tablet->remove(id<workout>("w1")) != 0);
    tablet.sync();
    phone.sync();
    home.converge();
    CHECK_FALSE(has<workout_exercise>(phone, "we1"));
    CHECK_FALSE(has<workout_set>(phone, "s1"));
    CHECK(phone->conflicts().size() == 1);
}

TEMPLATE_TEST_CASE("children moved and their old parent removed on one device stay everywhere", "[removal]", in_memory, on_sqlite) {
    const std::size_t page = GENERATE(std::size_t{1}, std::size_t{100});
    world_options options;
    options.client.page_rows = page;
    world<TestType> home(options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_two_workouts(phone, tablet);
    move_to_second_workout(phone);
    CHECK(phone->remove(id<workout>("w1")) == 1);
    phone.sync();
    tablet.sync();
    home.converge();
    CHECK(has<workout_set>(tablet, "s1"));
    CHECK_FALSE(has<workout>(tablet, "w1"));
}

TEMPLATE_TEST_CASE("a child moved into a workout that was removed elsewhere keeps its old place or goes, the same everywhere", "[removal]", in_memory, on_sqlite) {
    const bool removal_first = GENERATE(true, false);
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_two_workouts(phone, tablet);
    move_to_second_workout(phone);
    REQUIRE(phone->update(id<workout_set>("s1"), [](workout_set& row) { row.reps = 21; }));
    REQUIRE(tablet->remove(id<workout>("w2")) != 0);
    if (removal_first) tablet.sync();
    phone.sync();
    tablet.sync();
    home.converge();
    if (!removal_first) return;
    CHECK(get<workout_exercise>(phone, "we1").workout_id == id<workout>("w1"));
    CHECK(get<workout_set>(tablet, "s1").reps == 21);
    CHECK(phone->conflicts().size() == 1);
}
