/// Servers that fail: what is about an operation is told from what is about the server, and nothing is retried for ever.
#include <nlohmann/json.hpp>

#include <string>

#include <integration/support/workout.hpp>

using namespace syncline;
using namespace syncline::tests;
using nlohmann::json;
using testing::fault;

namespace {

constexpr std::int64_t an_hour_ms = 3'600'000;

/// The server answers `status` to every push that carries an operation of a row of this name, unless it closes one.
template <class Device>
void poison(Device& one, const std::string& local, int status) {
    one.link.intercept = [local, status](const wire::http_request& request) -> std::optional<exchange_result> {
        if (!is_push(request) || request.body.find("\"localId\":\"" + local + "\",") == std::string::npos) return std::nullopt;
        if (request.body.find("\"op\":\"void\"") != std::string::npos) return std::nullopt;
        return wire::http_response{status, {}, {}};
    };
}

/// The server answers `status` to every push that carries a removal.
template <class Device>
void poison_removals(Device& one, int status) {
    one.link.intercept = [status](const wire::http_request& request) -> std::optional<exchange_result> {
        if (!is_push(request) || request.body.find("\"op\":\"remove\"") == std::string::npos) return std::nullopt;
        return wire::http_response{status, {}, {}};
    };
}

/// The server has a verdict of its own about the operations that `is_refused` picks, and takes the others.
template <class World, class Device, class Picks>
void refuse_operations(World& home, Device& one, Picks is_refused, bool permanent) {
    one.link.intercept = [&home, is_refused, permanent](const wire::http_request& request) -> std::optional<exchange_result> {
        if (!is_push(request)) return std::nullopt;
        json push = json::parse(request.body);
        json accepted = json::array(), results = json::array();
        for (const json& operation : push.at("operations")) {
            if (!is_refused(operation)) {
                accepted.push_back(operation);
                continue;
            }
            results.push_back({{"seq", operation.at("seq")},
                               {"digest", operation.at("digest")},
                               {"verdict", "rejected"},
                               {"localId", operation.at("localId")},
                               {"version", "0.0"},
                               {"permanent", permanent},
                               {"error", {{"code", "rejected"}, {"message", "not on a sunday"}}}});
        }
        push["operations"] = accepted;
        wire::http_response response = home.send("POST", request.target, push.dump());
        if (response.status != 200) return response;
        json answer = json::parse(response.body);
        for (const json& result : results) answer["results"].push_back(result);
        response.body = answer.dump();
        return response;
    };
}

/// The server has a verdict of its own about every operation of a row of this name, and takes the others and all voids.
template <class World, class Device>
void refuse_operation(World& home, Device& one, const std::string& local, bool permanent) {
    refuse_operations(home, one, [local](const json& operation) { return operation.at("localId") == local && operation.at("op") != "void"; }, permanent);
}

/// Syncs every hour.
template <class World, class Device>
void sync_for_hours(World& home, Device& one, int hours) {
    for (int i = 0; i < hours; ++i) {
        home.now_ms += an_hour_ms;
        static_cast<void>(one.try_sync());
    }
}

}  // namespace

TEMPLATE_TEST_CASE("temporary refusals of a row stop at the maximum of attempts and other rows still sync", "[failing server]", in_memory, on_sqlite) {
    world_options options;
    options.client.attempts_max = 3;
    world<TestType> home(options);
    auto& phone = home.add("phone");
    phone->create(an_exercise("bad"));
    phone->create(an_exercise("good"));
    refuse_operation(home, phone, "bad", false);
    CHECK(phone.sync().total().pushed == 1);
    CHECK(home.server_rows().size() == 1);
    REQUIRE(phone->pending().size() == 1);
    CHECK(phone->pending().front().attempts == 1);
    CHECK(phone->pending().front().not_before_ms > home.now_ms);

    // Before its time it is not sent again.
    const std::size_t pushes = phone.link.requests();
    phone.sync();
    CHECK(phone.link.requests() == pushes + 1);

    sync_for_hours(home, phone, 5);
    CHECK(phone->pending().empty());
    REQUIRE(phone->quarantine().size() == 1);
    const pending_operation failed = phone->quarantine().front();
    CHECK(failed.entity == "exercise");
    CHECK(failed.id.view() == "bad");
    CHECK(failed.attempts == 3);
    CHECK(failed.reason == error_code::attempts_spent);
    CHECK_THAT(failed.reason_text, contains("not on a sunday"));
    CHECK(phone->why(id<exercise>("bad")).standing == row_standing::set_aside);

    // It is not sent any more, and others are.
    phone->create(an_exercise("later"));
    const sync_report report = phone.sync();
    CHECK(report.total().pushed == 1);
    CHECK(home.server_rows().size() == 2);
    const std::size_t quiet = phone.link.requests();
    sync_for_hours(home, phone, 5);
    CHECK(phone.link.requests() == quiet + 5);
    CHECK(get<exercise>(phone, "bad").name == "squat");
}

TEMPLATE_TEST_CASE("a permanent refusal sets the row aside at once with its reason and an edit repairs it", "[failing server]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    phone->create(an_exercise("bad"));
    phone->create(an_exercise("good"));
    refuse_operation(home, phone, "bad", true);
    const sync_report report = phone.sync();
    CHECK(report.total().pushed == 1);
    CHECK(report.total().refused == 1);
    CHECK(phone->pending().empty());
    REQUIRE(phone->quarantine().size() == 1);
    CHECK(phone->quarantine().front().reason == error_code::rejected);
    CHECK_THAT(phone->quarantine().front().reason_text, contains("not on a sunday"));
    CHECK(get<exercise>(phone, "bad").name == "squat");
    // It has its answer, so that the server need not remember it for this device.
    CHECK_THAT(phone.link.captured().back().target, contains("acknowledged=2"));

    phone.link.heal();
    REQUIRE(phone->update(id<exercise>("bad"), [](exercise& row) { row.name = "repaired"; }));
    CHECK(phone->quarantine().empty());
    CHECK(phone->pending().size() == 1);
    phone.sync();
    home.converge();
    CHECK(get<exercise>(tablet, "bad").name == "repaired");
    CHECK(home.server_rows().size() == 2);
}

TEMPLATE_TEST_CASE("a refused create blocks only its children, and its repair releases them", "[failing server]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    write_in_worst_order(phone);
    phone->create(a_workout("w2", "free"));
    refuse_operation(home, phone, "w1", true);
    phone.sync();
    CHECK(home.server_rows().size() == 4);
    CHECK(phone->why(id<workout>("w1")).standing == row_standing::set_aside);
    const row_status entry = phone->why(id<workout_exercise>("we1"));
    CHECK(entry.standing == row_standing::blocked);
    CHECK_THAT(entry.text, contains("w1"));
    CHECK(phone->why(id<workout_set>("s1")).standing == row_standing::blocked);
    for (const char* name : {"w2"}) CHECK(phone->why(id<workout>(name)).standing == row_standing::synced);
    CHECK(phone->why(id<template_exercise>("te1")).standing == row_standing::synced);
    CHECK(phone->why(id<exercise>("e1")).standing == row_standing::synced);

    // However often it syncs, the children wait without being sent and without spending attempts.
    const std::size_t requests = phone.link.requests();
    sync_for_hours(home, phone, 30);
    CHECK(phone.link.requests() == requests + 30);
    CHECK(phone->quarantine().size() == 1);
    for (const pending_operation& one : phone->pending()) CHECK(one.attempts == 0);

    phone.link.heal();
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "repaired"; }));
    const sync_report report = phone.sync();
    CHECK(report.total().pushed == 3);
    home.converge();
    CHECK(get<workout>(tablet, "w1").name == "repaired");
    CHECK(has<workout_set>(tablet, "s1"));
    CHECK(home.server_rows().size() == 7);
}

TEMPLATE_TEST_CASE("three days offline spend no attempt and set nothing aside", "[failing server]", in_memory, on_sqlite) {
    const fault instead = GENERATE(fault::lose_request, fault::lose_answer);
    INFO(testing::name_of(instead));
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    write_in_worst_order(phone);
    phone.link.next_fault(instead, 72);
    for (int hour = 0; hour < 72; ++hour) {
        home.now_ms += an_hour_ms;
        const sync_report report = phone.try_sync();
        CHECK(report.outcome == sync_outcome::offline);
        CHECK(report.problem.code == error_code::unreachable);
        CHECK(report.retry_in_ms > 0);
        CHECK(report.requests == 1);
    }
    CHECK(phone->quarantine().empty());
    CHECK(phone->pending().size() == 6);
    for (const pending_operation& one : phone->pending()) {
        CHECK(one.attempts == 0);
        CHECK(one.reason == error_code::none);
    }
    CHECK(phone.sync().total().pushed == 6);
    tablet.sync();
    home.converge();
    CHECK(home.server_rows().size() == 6);
}

TEMPLATE_TEST_CASE("three days of failing servers spend no attempt and set nothing aside", "[failing server]", in_memory, on_sqlite) {
    const fault instead = GENERATE(fault::fail_before, fault::fail_after, fault::unavailable, fault::too_many_requests, fault::request_timed_out,
                                   fault::portal_page);
    const bool single = GENERATE(true, false);
    INFO(testing::name_of(instead) << (single ? ", one operation" : ", six operations"));
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    if (single) phone->create(an_exercise());
    else write_in_worst_order(phone);
    const std::size_t rows = phone.list().size();
    for (int hour = 0; hour < 72; ++hour) {
        home.now_ms += an_hour_ms;
        phone.link.heal();
        phone.link.next_fault(instead, 1'000);
        const sync_report report = phone.try_sync();
        CHECK(report.outcome == sync_outcome::server_failed);
        CHECK(report.retry_in_ms > 0);
        CHECK(report.requests <= 2);
    }
    CHECK(phone->quarantine().empty());
    CHECK(phone->pending().size() == rows);
    for (const pending_operation& one : phone->pending()) CHECK(one.attempts == 0);
    phone.link.heal();
    CHECK(phone.sync().total().pushed == rows);
    tablet.sync();
    home.converge();
    CHECK(home.server_rows().size() == rows);
}

TEMPLATE_TEST_CASE("a server's wish when to come back is handed on", "[failing server]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    phone->create(an_exercise());
    phone.link.next_fault(fault::unavailable);
    CHECK(phone.try_sync().retry_in_ms == 30'000);
    phone.link.next_fault(fault::too_many_requests);
    CHECK(phone.try_sync().retry_in_ms == 60'000);
    home.converge();
}

TEMPLATE_TEST_CASE("a token that is not accepted ends the sync and loses nothing", "[failing server]", in_memory, on_sqlite) {
    const int status = GENERATE(401, 403);
    world<TestType> home;
    auto& phone = home.add("phone");
    phone->create(an_exercise());
    phone.link.intercept = [status](const wire::http_request&) { return std::optional<exchange_result>(wire::http_response{status, {}, {}}); };
    for (int i = 0; i < 20; ++i) {
        const sync_report report = phone.try_sync();
        CHECK(report.outcome == sync_outcome::unauthorized);
        CHECK(report.requests == 1);
    }
    CHECK(phone->quarantine().empty());
    REQUIRE(phone->pending().size() == 1);
    CHECK(phone->pending().front().attempts == 0);
    phone.link.heal();
    home.converge();
}

TEMPLATE_TEST_CASE("an operation the server refuses any batch for is found by bisecting and the others sync", "[failing server]", in_memory, on_sqlite) {
    const int status = GENERATE(400, 413, 422);
    INFO("status " << status);
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    for (int i = 0; i < 40; ++i) phone->create(an_exercise("x" + std::to_string(i)));
    poison(phone, "x17", status);
    const sync_report report = phone.sync();
    CHECK(report.total().pushed == 39);
    CHECK(report.total().refused == 1);
    CHECK(phone.link.requests() < 20);
    REQUIRE(phone->quarantine().size() == 1);
    CHECK(phone->quarantine().front().id.view() == "x17");
    CHECK(phone->quarantine().front().reason != error_code::none);
    CHECK(phone->pending().empty());
    CHECK(home.server_rows().size() == 39);
    tablet.sync();
    CHECK(count<exercise>(tablet) == 39);

    phone.link.heal();
    REQUIRE(phone->update(id<exercise>("x17"), [](exercise& row) { row.notes = "repaired"; }));
    home.converge();
    CHECK(home.server_rows().size() == 40);
}

TEMPLATE_TEST_CASE("an operation the server fails at is found by bisecting and the others sync", "[failing server]", in_memory, on_sqlite) {
    world_options options;
    options.client.attempts_max = 3;
    world<TestType> home(options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    for (int i = 0; i < 40; ++i) phone->create(an_exercise("x" + std::to_string(i)));
    poison(phone, "x17", 500);
    const sync_report report = phone.try_sync();
    CHECK(report.total().pushed == 39);
    CHECK(home.server_rows().size() == 39);
    CHECK(phone.link.requests() < 30);
    CHECK(phone->quarantine().empty());
    REQUIRE(phone->pending().size() == 1);
    CHECK(phone->pending().front().id.view() == "x17");
    CHECK(phone->pending().front().attempts == 1);

    sync_for_hours(home, phone, 4);
    REQUIRE(phone->quarantine().size() == 1);
    CHECK(phone->quarantine().front().id.view() == "x17");
    CHECK(phone->quarantine().front().reason == error_code::attempts_spent);
    CHECK_FALSE(phone->quarantine().front().reason_text.empty());
    tablet.sync();
    CHECK(count<exercise>(tablet) == 39);

    phone.link.heal();
    REQUIRE(phone->update(id<exercise>("x17"), [](exercise& row) { row.notes = "repaired"; }));
    home.converge();
    CHECK(home.server_rows().size() == 40);
}

TEMPLATE_TEST_CASE("a poisoned parent sets only itself aside and its repair releases its children", "[failing server]", in_memory, on_sqlite) {
    const int status = GENERATE(400, 413);
    INFO("status " << status);
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    write_in_worst_order(phone);
    for (int i = 0; i < 10; ++i) phone->create(an_exercise("x" + std::to_string(i)));
    poison(phone, "w1", status);
    static_cast<void>(phone.try_sync());
    REQUIRE(phone->quarantine().size() == 1);
    CHECK(phone->quarantine().front().id.view() == "w1");
    CHECK(phone->why(id<workout_set>("s1")).standing == row_standing::blocked);
    CHECK(home.server_rows().size() == 13);
    phone.link.heal();
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.notes = "repaired"; }));
    phone.sync();
    tablet.sync();
    home.converge();
    CHECK(home.server_rows().size() == 16);
}

TEMPLATE_TEST_CASE("two poisoned operations are both found", "[failing server]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    for (int i = 0; i < 30; ++i) phone->create(an_exercise("x" + std::to_string(i)));
    phone.link.intercept = [](const wire::http_request& request) -> std::optional<exchange_result> {
        for (const char* local : {"\"x3\"", "\"x28\""})
            if (request.body.find(local) != std::string::npos) return wire::http_response{400, {}, {}};
        return std::nullopt;
    };
    CHECK(phone.try_sync().total().pushed == 28);
    CHECK(phone->quarantine().size() == 2);
    CHECK(phone->pending().empty());
    CHECK(home.server_rows().size() == 28);
}

TEMPLATE_TEST_CASE("a removal whose attempts are spent is closed in the same sync, and does nothing if it arrives after it was undone", "[failing server]", in_memory, on_sqlite) {
    world_options options;
    options.client.attempts_max = 2;
    world<TestType> home(options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    CHECK(phone->remove(id<workout>("w1")) == 3);
    phone.link.next_fault(fault::hold);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    refuse_operations(home, phone, [](const json& operation) { return operation.at("op") == "remove"; }, false);
    CHECK(phone.sync().total().refused == 0);
    CHECK_FALSE(has<workout>(phone, "w1"));
    REQUIRE(phone->pending().size() == 1);
    CHECK(phone->pending().front().attempts == 1);
    home.now_ms += an_hour_ms;
    const sync_report report = phone.sync();
    CHECK(report.total().refused == 1);
    CHECK(report.conflicts == 1);
    CHECK(phone->pending().empty());
    CHECK(phone->quarantine().empty());
    REQUIRE(phone->conflicts().size() == 1);
    CHECK(phone->conflicts().front().kind == conflict_kind::removal_refused);
    CHECK(phone->conflicts().front().id.view() == "w1");
    CHECK_THAT(phone->conflicts().front().reason, contains("attempts_spent") && contains("not on a sunday"));
    CHECK(phone.list() == tablet.list());
    phone.link.heal();
    CHECK(phone.link.deliver_held() == 1);
    CHECK(home.server_rows().size() == 6);
    home.converge();
    CHECK(has<workout_set>(phone, "s1"));
}

TEMPLATE_TEST_CASE("a removal that the server took while each answer was lost on the way is done once its attempts are spent", "[failing server]", in_memory, on_sqlite) {
    world_options options;
    options.client.attempts_max = 1;
    world<TestType> home(options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->remove(id<workout>("w1")) != 0);
    phone.link.next_fault(fault::fail_after);
    const sync_report report = phone.sync();
    CHECK(report.total().pushed == 1);
    CHECK(report.total().refused == 0);
    CHECK(phone->pending().empty());
    CHECK(phone->conflicts().empty());
    CHECK_FALSE(has<workout>(phone, "w1"));
    CHECK_FALSE(has<workout_set>(phone, "s1"));
    home.converge();
    CHECK(home.server_rows().size() == 3);
}

TEMPLATE_TEST_CASE("what a removal took stays removed until its void is answered, over a loss and the end of the program", "[failing server]", in_memory, on_sqlite) {
    const bool made_anew = GENERATE(false, true);
    INFO((made_anew ? "the row is made anew meanwhile" : "the row is left alone"));
    world_options options;
    options.client.attempts_max = 1;
    world<TestType> home(options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->remove(id<workout>("w1")) != 0);
    for (const fault one : {fault::fail_before, fault::none, fault::lose_request}) phone.link.next_fault(one);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    phone.restart();
    CHECK_FALSE(has<workout>(phone, "w1"));
    CHECK(phone->why(id<workout>("w1")).standing == row_standing::removed);
    CHECK(phone->why(id<workout_set>("s1")).standing == row_standing::removed);
    REQUIRE(phone->pending().size() == 1);
    CHECK(phone->pending().front().id.view() == "w1");
    CHECK(phone->pending().front().state == entry_state::in_flight);
    CHECK(phone->pending().front().reason == error_code::attempts_spent);
    CHECK_THAT(phone->pending().front().reason_text, contains("server_failed"));
    CHECK(phone->conflicts().empty());
    if (made_anew) phone->create(a_workout("w1", "anew"));
    CHECK(phone.sync().total().refused == 1);
    CHECK(phone->conflicts().size() == 1);
    CHECK(get<workout>(phone, "w1").name == (made_anew ? "anew" : "monday"));
    CHECK(has<workout_set>(phone, "s1"));
    home.converge();
    CHECK(home.server_rows().size() == 6);
    CHECK(get<workout>(tablet, "w1").name == (made_anew ? "anew" : "monday"));
}

TEMPLATE_TEST_CASE("a removal that a status speaks about alone is closed before it comes back", "[failing server]", in_memory, on_sqlite) {
    const int status = GENERATE(400, 413, 422);
    INFO("status " << status);
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->remove(id<workout>("w1")) != 0);
    phone.link.next_fault(fault::hold);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    poison_removals(phone, status);
    CHECK(phone.sync().total().refused == 1);
    CHECK(phone->conflicts().size() == 1);
    CHECK(phone.list() == tablet.list());
    phone.link.heal();
    CHECK(phone.link.deliver_held() == 1);
    home.converge();
    CHECK(home.server_rows().size() == 6);
}

TEMPLATE_TEST_CASE("an edit that a status speaks about alone does nothing if it arrives after it was repaired", "[failing server]", in_memory, on_sqlite) {
    const int status = GENERATE(400, 413, 422);
    const bool repaired_while_in_flight = GENERATE(false, true);
    INFO("status " << status << (repaired_while_in_flight ? ", repaired while it was in flight" : ", repaired when it was set aside"));
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    const auto rename = [&](const char* name) { REQUIRE(phone->update(id<exercise>("e1"), [&](exercise& row) { row.name = name; })); };
    // An older operation without a verdict keeps the server from forgetting the later one.
    REQUIRE(phone->update(id<workout_template>("t1"), [](workout_template& row) { row.name = "older"; }));
    rename("late");
    phone.link.next_fault(fault::hold);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    refuse_operation(home, phone, "t1", false);
    phone.link.intercept = [status, other = phone.link.intercept](const wire::http_request& request) -> std::optional<exchange_result> {
        if (!is_push(request) || request.body.find("\"late\"") == std::string::npos) return other(request);
        return wire::http_response{status, {}, {}};
    };
    if (repaired_while_in_flight) rename("repaired");
    CHECK(phone.sync().total().refused == 1);
    CHECK(phone->quarantine().size() == (repaired_while_in_flight ? 0u : 1u));
    if (!repaired_while_in_flight) {
        rename("repaired");
        phone.sync();
    }
    REQUIRE(phone->pending().size() == 1);
    CHECK(phone->pending().front().id.view() == "t1");
    CHECK(phone->quarantine().empty());
    phone.link.heal();
    CHECK(phone.link.deliver_held() == 1);
    home.now_ms += an_hour_ms;
    home.converge();
    CHECK(get<exercise>(tablet, "e1").name == "repaired");
}

TEMPLATE_TEST_CASE("an edit whose attempts are spent is closed in the same sync if an edit waits behind it, which then goes out", "[failing server]", in_memory, on_sqlite) {
    world_options options;
    options.client.attempts_max = 1;
    world<TestType> home(options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->update(id<exercise>("e1"), [](exercise& row) { row.name = "late"; }));
    phone.link.next_fault(fault::hold);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    REQUIRE(phone->update(id<exercise>("e1"), [](exercise& row) { row.notes = "behind"; }));
    refuse_operations(home, phone, [](const json& operation) { return operation.dump().find("late") != std::string::npos && operation.at("op") == "update" &&
                                                                      !operation.at("fields").contains("notes"); }, false);
    CHECK(phone.sync().total().refused == 1);
    CHECK(phone->pending().empty());
    phone.link.heal();
    CHECK(phone.link.deliver_held() == 1);
    home.converge();
    CHECK(get<exercise>(tablet, "e1").name == "late");
    CHECK(get<exercise>(tablet, "e1").notes == "behind");
}

TEMPLATE_TEST_CASE("a create whose row was removed here is closed if it can never be sent again, and its removal does not wait for ever", "[failing server]", in_memory,
                   on_sqlite) {
    const bool arrives = GENERATE(false, true);
    INFO((arrives ? "the first request arrives late" : "the first request was lost"));
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    phone->create(a_workout("w9", "tuesday"));
    phone->create(an_exercise("e9"));
    phone->create(a_workout_exercise("we9", "w9", "e9"));
    phone.link.next_fault(fault::hold);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    // The parent is refused for good, so that the child cannot be sent.
    poison(phone, "w9", 422);
    phone.sync();
    REQUIRE(phone->quarantine().size() == 1);
    CHECK(phone->remove(id<workout_exercise>("we9")) == 1);
    phone.sync();
    const auto pending = phone->pending();
    CHECK(pending.empty());
    CHECK(phone->why(id<workout_exercise>("we9")).standing != row_standing::removed);
    phone.link.heal();
    CHECK(phone.link.deliver_held() == 1);
    REQUIRE(phone->update(id<workout>("w9"), [](workout& row) { row.name = "wednesday"; }));
    home.converge();
    CHECK(count<workout_exercise>(tablet) == 0);
    CHECK(get<workout>(tablet, "w9").name == "wednesday");
}

TEMPLATE_TEST_CASE("a row made anew waits for the removal of the life that the server has, though a later removal took one that was never sent", "[failing server]",
                   in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    phone->create(a_workout_exercise("we2"));
    phone.link.next_fault(fault::lose_request);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    REQUIRE(phone->remove(id<workout_set>("s1")));
    phone->create(a_set("s1", "we2", 7));
    CHECK(phone->remove(id<workout_exercise>("we2")) == 2);
    phone->create(a_set("s1", "we1", 9));
    refuse_operations(home, phone, [](const json& operation) { return operation.at("op") == "remove" && operation.at("localId") == "s1"; }, false);
    phone.sync();
    CHECK(phone->pending().size() == 2);
    phone.link.heal();
    home.now_ms += an_hour_ms;
    home.converge();
    CHECK(get<workout_set>(tablet, "s1").reps == 9);
    CHECK(count<workout_exercise>(tablet) == 1);
}

TEMPLATE_TEST_CASE("a create in flight that needs a row which was given up is closed and goes out as the row is now", "[failing server]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    workout planned = a_workout("w2");
    planned.template_id = id<workout_template>("t2");
    phone->create(a_template("t2"));
    phone->create(planned);
    phone.link.next_fault(fault::hold);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    refuse_operation(home, phone, "t2", true);
    phone.sync();
    REQUIRE(phone->quarantine().size() == 1);
    CHECK(phone->pending().size() == 1);
    CHECK(phone->discard(id<workout_template>("t2")).size() == 2);
    CHECK_FALSE(get<workout>(phone, "w2").template_id.has_value());
    phone.sync();
    CHECK(phone->pending().empty());
    phone.link.heal();
    CHECK(phone.link.deliver_held() == 1);
    home.converge();
    CHECK_FALSE(get<workout>(tablet, "w2").template_id.has_value());
}
