/// The same row edited on several devices: both edits of different fields live, the server's order decides about the same field.
#include <string>

#include <integration/support/workout.hpp>

using namespace syncline;
using namespace syncline::tests;

TEMPLATE_TEST_CASE("edits of different fields both survive when the pusher had not pulled", "[conflicts]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "phone's name"; }));
    REQUIRE(tablet->update(id<workout>("w1"), [](workout& row) { row.notes = "tablet's notes"; }));
    phone.sync();
    const sync_report report = tablet.sync();
    CHECK(report.total().pushed == 1);
    CHECK(report.total().merged == 1);
    CHECK(report.conflicts == 0);
    home.converge();
    for (auto* one : {&phone, &tablet}) {
        CHECK(get<workout>(*one, "w1").name == "phone's name");
        CHECK(get<workout>(*one, "w1").notes == "tablet's notes");
        CHECK((*one)->conflicts().empty());
    }
    CHECK(home.server_rows().size() == 6);
}

TEMPLATE_TEST_CASE("edits of different fields both survive when the pusher had pulled", "[conflicts]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "phone's name"; }));
    phone.sync();
    tablet.sync();
    REQUIRE(tablet->update(id<workout>("w1"), [](workout& row) { row.notes = "tablet's notes"; }));
    const sync_report report = tablet.sync();
    CHECK(report.total().merged == 0);
    home.converge();
    CHECK(get<workout>(phone, "w1").name == "phone's name");
    CHECK(get<workout>(phone, "w1").notes == "tablet's notes");
}

TEMPLATE_TEST_CASE("an edit of the same field is decided by the order of the pushes", "[conflicts]", in_memory, on_sqlite) {
    const bool phone_first = GENERATE(true, false);
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    // Who wrote first does not matter, nor what the clocks say.
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "phone's"; }));
    home.now_ms -= 1'000'000'000;
    REQUIRE(tablet->update(id<workout>("w1"), [](workout& row) { row.name = "tablet's"; }));
    auto& first = phone_first ? phone : tablet;
    auto& second = phone_first ? tablet : phone;
    first.sync();
    second.sync();
    home.converge();
    CHECK(get<workout>(phone, "w1").name == (phone_first ? "tablet's" : "phone's"));

    // Exactly one record of the value that lost, with both values, at the device whose edit replaced it.
    REQUIRE(second->conflicts().size() == 1);
    const conflict lost = second->conflicts().front();
    CHECK(lost.kind == conflict_kind::field_overwritten);
    CHECK(lost.entity == "workout");
    CHECK(lost.id == local_id::parse("w1"));
    CHECK(lost.mine_won);
    REQUIRE(lost.fields.size() == 1);
    CHECK(lost.fields[0].name == "name");
    CHECK(lost.fields[0].mine == (phone_first ? "tablet's" : "phone's"));
    CHECK(lost.fields[0].theirs == (phone_first ? "phone's" : "tablet's"));
    CHECK(first->conflicts().empty());
}

TEMPLATE_TEST_CASE("the same edit of the same field on two devices is no conflict", "[conflicts]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    for (auto* one : {&phone, &tablet}) REQUIRE((*one)->update(id<workout>("w1"), [](workout& row) { row.name = "same"; }));
    phone.sync();
    tablet.sync();
    home.converge();
    CHECK(phone->conflicts().empty());
    CHECK(tablet->conflicts().empty());
    CHECK(get<workout>(phone, "w1").name == "same");
}

TEMPLATE_TEST_CASE("three devices that edit the same row end with the same bytes", "[conflicts]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    auto& watch = home.add("watch");
    share_one_of_each(phone, tablet);
    watch.sync();
    REQUIRE(phone->update(id<workout_set>("s1"), [](workout_set& row) { row.reps = 6, row.notes = "phone"; }));
    REQUIRE(tablet->update(id<workout_set>("s1"), [](workout_set& row) { row.weight_kg = 70.125, row.notes = "tablet"; }));
    REQUIRE(watch->update(id<workout_set>("s1"), [](workout_set& row) { row.rpe = 8.5, row.notes = "watch"; }));
    watch.sync();
    phone.sync();
    tablet.sync();
    home.converge();
    const workout_set end = get<workout_set>(phone, "s1");
    CHECK(end.reps == 6);
    CHECK(end.weight_kg == 70.125);
    CHECK(end.rpe == 8.5);
    CHECK(end.notes == "tablet");
}

TEMPLATE_TEST_CASE("a field edited and edited back is no edit that takes another device's away", "[conflicts]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "tuesday"; }));
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "monday"; }));
    REQUIRE(tablet->update(id<workout>("w1"), [](workout& row) { row.name = "friday"; }));
    tablet.sync();
    phone.sync();
    home.converge();
    // The phone pushed after the tablet, but what it says is that nothing changed.
    CHECK((get<workout>(phone, "w1").name == "friday" || !phone->conflicts().empty()));
}

TEMPLATE_TEST_CASE("a stale struct written back after a pull does not revert the other device's edit", "[conflicts]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    const workout before = get<workout>(tablet, "w1");
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "phone's name"; }));
    phone.sync();
    tablet.sync();

    workout after = before;
    after.notes = "tablet's notes";
    REQUIRE(tablet->update(before, after));
    CHECK(get<workout>(tablet, "w1").name == "phone's name");
    home.converge();
    CHECK(get<workout>(phone, "w1").name == "phone's name");
    CHECK(get<workout>(phone, "w1").notes == "tablet's notes");
    CHECK(phone->conflicts().empty());
    CHECK(tablet->conflicts().empty());
}

TEMPLATE_TEST_CASE("a struct written back unchanged sends nothing", "[conflicts]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    const workout before = get<workout>(tablet, "w1");
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "phone's name"; }));
    phone.sync();
    tablet.sync();
    REQUIRE(tablet->update(before, before));
    CHECK(tablet->pending().empty());
    const std::size_t pushes = tablet.pushes();
    tablet.sync();
    CHECK(tablet.pushes() == pushes);
    home.converge();
    CHECK(get<workout>(phone, "w1").name == "phone's name");
}

TEMPLATE_TEST_CASE("two devices that create a row of the same name share one row", "[conflicts]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    phone->create(an_exercise("e1", "phone's"));
    tablet->create(an_exercise("e1", "tablet's"));
    phone.sync();
    tablet.sync();
    home.converge();
    CHECK(home.server_rows().size() == 1);
    CHECK(count<exercise>(phone) == 1);
}
