/// Operations that were set aside: sent again as they are, repaired, or given up with what cannot be without them.
#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

#include <integration/support/refusals.hpp>
#include <integration/support/workout.hpp>

using namespace syncline;
using namespace syncline::tests;
using nlohmann::json;

namespace {

using effects = std::vector<std::pair<std::string, row_fate>>;

effects of(const std::vector<discarded_row>& rows) {
    effects list;
    for (const discarded_row& row : rows) list.emplace_back(row.id.str(), row.fate);
    return list;
}

}  // namespace

TEMPLATE_TEST_CASE("what was refused goes out as it is once the server's rules have changed, and what waits for it follows", "[quarantine]", in_memory,
                   on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    phone.sync();
    refuse(phone, "w1");
    write_in_worst_order(phone);
    phone.sync();
    REQUIRE(phone->quarantine().size() == 1);
    CHECK_FALSE(phone->retry(id<exercise>("e1")));
    CHECK(phone->why(id<workout_set>("s1")).standing == row_standing::blocked);

    CHECK(phone->retry(id<workout>("w1")));
    CHECK(phone->why(id<workout_set>("s1")).standing == row_standing::in_flight);
    phone.sync();
    REQUIRE(phone->quarantine().size() == 1);

    phone.link.heal();
    CHECK(phone->retry(id<workout>("w1")));
    phone.sync();
    CHECK(phone->quarantine().empty());
    tablet.sync();
    home.converge();
    CHECK(home.server_rows().size() == 6);
    CHECK(phone->conflicts().empty());
}

TEMPLATE_TEST_CASE("a new row that is given up takes along what was made in it, and all of it stays whole in conflict records", "[quarantine]", in_memory,
                   on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    phone->transaction([&] {
        phone->create(a_workout("w2", "refused"));
        phone->create(a_workout_exercise("we2", "w2"));
        phone->create(a_set("s2", "we2", 17));
        phone->create(a_template("t2"));
        // One row moves into the new workout, and is edited.
        REQUIRE(phone->update(id<workout_exercise>("we1"), [](workout_exercise& row) { row.workout_id = id<workout>("w2"); }));
        phone->create(a_set("s3", "we1"));
    });
    refuse(phone, "w2");
    phone.sync();
    REQUIRE(phone->quarantine().size() == 1);

    const effects expected{{"w2", row_fate::vanishes}, {"we1", row_fate::restored}, {"we2", row_fate::vanishes}, {"s2", row_fate::vanishes}};
    const std::string before = phone.marks();
    CHECK(of(phone->preview_discard(id<workout>("w2"))) == expected);
    CHECK(phone.marks() == before);
    CHECK(phone->preview_discard(id<workout>("w1")).empty());
    CHECK(phone->discard(id<workout>("w1")).empty());
    CHECK(of(phone->discard(id<workout>("w2"))) == expected);

    CHECK_FALSE(has<workout>(phone, "w2"));
    CHECK_FALSE(has<workout_set>(phone, "s2"));
    CHECK(get<workout_exercise>(phone, "we1").workout_id == id<workout>("w1"));
    CHECK(has<workout_set>(phone, "s3"));
    CHECK(phone->quarantine().empty());
    std::size_t kept = 0;
    for (const conflict& one : phone->conflicts()) {
        CHECK(one.kind == conflict_kind::edit_discarded);
        for (const conflict_field& field : one.fields)
            if (field.name == "reps" && field.mine == "17") ++kept;
        if (one.id.view() == "w2") CHECK_THAT(one.reason, contains("not on sundays"));
        else CHECK_THAT(one.reason, contains("w2"));
    }
    CHECK(phone->conflicts().size() == 4);
    CHECK(kept == 1);
    phone.link.heal();
    phone.sync();
    tablet.sync();
    home.converge();
    CHECK(home.server_rows().size() == 8);
}

TEMPLATE_TEST_CASE("an edit that is given up shows the server's row again, and its values are kept", "[quarantine]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    refuse(phone, "w1");
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.notes = "refused"; }));
    phone.sync();
    REQUIRE(phone->quarantine().size() == 1);
    REQUIRE(tablet->update(id<workout>("w1"), [](workout& row) { row.name = "tablet's"; }));
    tablet.sync();
    phone.sync();
    CHECK(get<workout>(phone, "w1").name == "tablet's");
    CHECK(get<workout>(phone, "w1").notes == "refused");

    CHECK(of(phone->discard(id<workout>("w1"))) == effects{{"w1", row_fate::restored}});
    CHECK(get<workout>(phone, "w1").name == "tablet's");
    CHECK(get<workout>(phone, "w1").notes.empty());
    bool kept = false;
    for (const conflict& one : phone->conflicts())
        for (const conflict_field& field : one.fields) kept = kept || (field.name == "notes" && field.mine == "refused");
    CHECK(kept);
    phone.link.heal();
    phone.sync();
    // Its sequence was closed before it was set aside, and there is nothing left to close.
    CHECK(voids(phone.link.captured()) == 1);
    home.converge();
}

TEMPLATE_TEST_CASE("a removal that is refused needs no giving up: the rows are back, and nothing is set aside", "[quarantine]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    refuse(phone, "w1");
    REQUIRE(phone->remove(id<workout>("w1")) != 0);
    phone.sync();
    CHECK(phone->quarantine().empty());
    CHECK(phone->preview_discard(id<workout>("w1")).empty());
    CHECK(has<workout_set>(phone, "s1"));
    REQUIRE(phone->conflicts().size() == 1);
    CHECK(phone->conflicts().front().kind == conflict_kind::removal_refused);
    phone.link.heal();
    home.converge();
}

TEMPLATE_TEST_CASE("an operation that the server took while each answer was lost is done once its attempts are spent", "[quarantine]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    const bool is_create = GENERATE(true, false);
    const bool pulls = GENERATE(true, false);
    INFO((is_create ? "create" : "update") << (pulls ? ", pulled" : ""));
    const std::string name = is_create ? "e2" : "e1";
    if (is_create) phone->create(an_exercise("e2", "lost"));
    else REQUIRE(phone->update(id<exercise>("e1"), [](exercise& row) { row.name = "lost"; }));
    spend_attempts(home, phone, name, true, pulls);
    CHECK(voids(phone.link.captured()) == 1);
    CHECK(phone->conflicts().empty());
    CHECK(tablet.sync().total().pulled == 1);
    CHECK(get<exercise>(phone, name).name == "lost");
    home.converge();
}

TEMPLATE_TEST_CASE("an operation whose attempts are spent is closed, and then given up, sent again, edited or removed", "[quarantine]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    const bool is_create = GENERATE(true, false);
    const bool pulls = GENERATE(true, false);
    const bool is_closed = GENERATE(true, false);
    const std::string what = GENERATE("discard", "retry", "edit", "remove");
    INFO(what << (is_create ? " create" : " update") << (pulls ? ", pulled" : "") << (is_closed ? ", closed" : ", the void on its way"));
    const std::string name = is_create ? "e2" : "e1";
    if (is_create) phone->create(an_exercise("e2", "lost"));
    else REQUIRE(phone->update(id<exercise>("e1"), [](exercise& row) { row.name = "lost"; }));
    if (is_closed) {
        spend_attempts(home, phone, name, false, pulls);
        CHECK(voids(phone.link.captured()) == 1);
    } else {
        // No request comes through any more once the void is due.
        phone.link.intercept = [&](const wire::http_request& request) -> std::optional<exchange_result> {
            if (!is_push(request)) return std::nullopt;
            if (request.body.find("\"op\":\"void\"") != std::string::npos) return exchange_failure{exchange_failure_kind::lost, "no answer"};
            if (request.body.find("\"localId\":\"" + name + "\"") == std::string::npos) return std::nullopt;
            return wire::http_response{500, {}, {}};
        };
        for (int i = 0; i < 20 && phone.try_sync().outcome != sync_outcome::offline; ++i) home.now_ms += 3'600'000;
        phone.link.heal();
        REQUIRE(phone->pending().size() == 1);
        CHECK(phone->pending().front().reason == error_code::attempts_spent);
        CHECK(phone->quarantine().empty());
        CHECK_FALSE(phone->retry(id<exercise>(name)));
        CHECK(phone->discard(id<exercise>(name)).empty());
        if (what == "discard" || what == "retry") {
            phone.sync();
            REQUIRE(phone->quarantine().size() == 1);
        }
    }
    CHECK(tablet.sync().total().pulled == 0);
    if (is_create) phone->create(a_workout_exercise("we2", "w1", "e2"));

    if (what == "discard") {
        CHECK(phone->discard(id<exercise>(name)).size() == (is_create ? 2 : 1));
        CHECK(has<exercise>(phone, name) == !is_create);
    }
    if (what == "retry") CHECK(phone->retry(id<exercise>(name)));
    if (what == "edit") REQUIRE(phone->update(id<exercise>(name), [](exercise& row) { row.notes = "repaired"; }));
    if (what == "remove" && is_create) {
        REQUIRE(phone->remove(id<workout_exercise>("we2")) != 0);
        REQUIRE(phone->remove(id<exercise>("e2")) != 0);
    } else if (what == "remove") {
        REQUIRE(phone->remove(id<template_exercise>("te1")) != 0);
        REQUIRE(phone->remove(id<workout_exercise>("we1")) != 0);
        REQUIRE(phone->remove(id<exercise>("e1")) != 0);
    }
    phone.sync();
    CHECK(phone->pending().empty());
    CHECK(phone->quarantine().empty());
    if (what == "remove") CHECK_FALSE(has<exercise>(phone, name));
    else CHECK(has<exercise>(phone, name) == (what != "discard" || !is_create));
    if (has<exercise>(phone, name)) CHECK(get<exercise>(phone, name).name == (what == "discard" ? "squat" : "lost"));
    if (what == "edit") CHECK(get<exercise>(phone, name).notes == "repaired");
    if (what != "discard") CHECK(phone->conflicts().empty());

    // What was held back on the way arrives after all, and changes nothing.
    const listing rows = home.server_rows();
    for (std::size_t i = 0; i < phone.link.captured().size(); ++i)
        if (is_push(phone.link.captured()[i])) phone.link.replay(i);
    CHECK(differences(home.server_rows(), rows) == "");
    home.converge();
}

TEMPLATE_TEST_CASE("an operation that was given up is not applied when its request arrives late", "[quarantine]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    // An older operation that waits keeps the server from forgetting the later one by its floor.
    std::string late;
    REQUIRE(phone->update(id<exercise>("e1"), [](exercise& row) { row.name = "late"; }));
    phone.link.intercept = [&](const wire::http_request& request) -> std::optional<exchange_result> {
        if (!is_push(request)) return std::nullopt;
        if (request.body.find("\"localId\":\"e1\"") == std::string::npos || request.body.find("\"op\":\"void\"") != std::string::npos) return std::nullopt;
        late = request.body;
        return wire::http_response{500, {}, {}};
    };
    for (int i = 0; i < 20 && phone->quarantine().empty(); ++i) {
        phone.try_sync();
        home.now_ms += 3'600'000;
    }
    phone.link.heal();
    REQUIRE(phone->discard(id<exercise>("e1")).size() == 1);
    phone.sync();
    CHECK(home.send("POST", "/api/sync/push", late).status == 200);
    tablet.sync();
    CHECK(get<exercise>(tablet, "e1").name == "squat");
    home.converge();
}

TEMPLATE_TEST_CASE("a create goes out although the server could not take a value that it had before its last edit", "[quarantine]", in_memory, on_sqlite) {
    const bool was_refused = GENERATE(false, true);
    INFO((was_refused ? "refused once, then repaired" : "repaired before it was sent"));
    world_options options;
    options.server.string_bytes = 100;
    world<TestType> home(options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    phone->create(an_exercise("long", std::string(200, 'n')));
    if (was_refused) {
        phone.sync();
        REQUIRE(phone->quarantine().size() == 1);
    }
    REQUIRE(phone->update(id<exercise>("long"), [](exercise& row) { row.name = "short"; }));
    const sync_report report = phone.sync();
    CHECK(report.total().pushed == 1);
    CHECK(report.total().refused == 0);
    CHECK(phone->quarantine().empty());
    home.converge();
    CHECK(get<exercise>(tablet, "long").name == "short");
    CHECK(tablet.list().size() == 1);
}
