/// Edits and removals while a push is on its way, answers that get lost, and answers that do not fit the question.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <integration/support/workout.hpp>

using namespace syncline;
using namespace syncline::tests;
using nlohmann::json;
using testing::fault;

namespace {

/// Runs `act` once, while the first push from now on is on its way back.
template <class Device, class Act>
void during_next_push(Device& one, Act act) {
    one.link.before_answer = [&one, act](const wire::http_request& request) {
        if (!is_push(request)) return;
        const auto now = act;
        one.link.before_answer = {};
        now();
    };
}

/// Passes the results of push answers through `change`.
template <class Device, class Change>
void reshape_results(Device& one, Change change) {
    one.link.rewrite_answer = [change](const wire::http_request& request, wire::http_response& response) {
        if (!is_push(request) || response.status != 200) return;
        json answer = json::parse(response.body);
        std::vector<json> results = answer.at("results").template get<std::vector<json>>();
        change(results);
        answer["results"] = results;
        response.body = answer.dump();
    };
}

}  // namespace

TEMPLATE_TEST_CASE("a row edited while its create is in flight stays dirty and goes out next", "[in flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    phone->create(an_exercise("e1", "first"));
    during_next_push(phone, [&] { REQUIRE(phone->update(id<exercise>("e1"), [](exercise& row) { row.name = "second"; })); });
    CHECK(phone.sync().total().pushed == 1);
    CHECK(get<exercise>(phone, "e1").name == "second");
    REQUIRE(phone->pending().size() == 1);
    CHECK(phone->pending().front().kind == operation_kind::update);
    tablet.sync();
    CHECK(get<exercise>(tablet, "e1").name == "first");

    CHECK(phone.sync().total().pushed == 1);
    home.converge();
    CHECK(get<exercise>(tablet, "e1").name == "second");
    CHECK(phone->conflicts().empty());
    CHECK(home.server_rows().size() == 1);
}

TEMPLATE_TEST_CASE("a row edited while its update is in flight stays dirty and goes out next", "[in flight]", in_memory, on_sqlite) {
    const bool before_the_server = GENERATE(true, false);
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "first", row.notes = "kept"; }));
    const auto edit = [&] { REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "second"; })); };
    if (before_the_server)
        phone.link.before_delivery = [&, done = false](const wire::http_request& request) mutable {
            if (is_push(request) && !done) done = true, edit();
        };
    else
        during_next_push(phone, edit);
    phone.sync();
    CHECK(phone->pending().size() == 1);
    tablet.sync();
    CHECK(get<workout>(tablet, "w1").name == "first");
    CHECK(get<workout>(phone, "w1").name == "second");
    phone.sync();
    home.converge();
    CHECK(get<workout>(tablet, "w1").name == "second");
    CHECK(get<workout>(tablet, "w1").notes == "kept");
    CHECK(phone->conflicts().empty());
    CHECK(tablet->conflicts().empty());
}

TEMPLATE_TEST_CASE("a row removed while its update is in flight is removed next", "[in flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->update(id<workout_set>("s1"), [](workout_set& row) { row.reps = 9; }));
    during_next_push(phone, [&] { REQUIRE(phone->remove(id<workout_set>("s1")) != 0); });
    phone.sync();
    CHECK_FALSE(has<workout_set>(phone, "s1"));
    CHECK(phone->pending().size() == 1);
    phone.sync();
    CHECK(phone->pending().empty());
    home.converge();
    CHECK_FALSE(has<workout_set>(tablet, "s1"));
    CHECK(home.server_rows().size() == 5);
}

TEMPLATE_TEST_CASE("a row removed while its create is in flight has its removal sent", "[in flight]", in_memory, on_sqlite) {
    const fault instead = GENERATE(fault::none, fault::lose_answer, fault::lose_request, fault::fail_after);
    INFO(testing::name_of(instead));
    world<TestType> home;
    auto& phone = home.add("phone");
    phone.sync();
    auto& tablet = home.add("tablet");
    phone->create(an_exercise("e1"));
    phone->create(an_exercise("e2"));
    phone.link.next_fault(instead);
    during_next_push(phone, [&] { CHECK(phone->remove(id<exercise>("e1")) == 1); });
    static_cast<void>(phone.try_sync());
    CHECK_FALSE(has<exercise>(phone, "e1"));
    phone.sync();
    phone.sync();
    CHECK(phone->pending().empty());
    home.converge();
    CHECK_FALSE(has<exercise>(tablet, "e1"));
    CHECK(has<exercise>(tablet, "e2"));
    CHECK(home.server_rows().size() == 1);
}

TEMPLATE_TEST_CASE("a create removed before it was ever sent sends nothing", "[in flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    write_in_worst_order(phone);
    CHECK(phone->remove(id<workout>("w1")) == 3);
    CHECK(phone->remove(id<template_exercise>("te1")) == 1);
    CHECK(phone->remove(id<workout_template>("t1")) == 1);
    CHECK(phone->remove(id<exercise>("e1")) == 1);
    CHECK(phone->pending().empty());
    const sync_report report = phone.sync();
    CHECK(phone.pushes() == 0);
    CHECK(report.total().pushed == 0);
    CHECK(home.server_rows().empty());
    home.require_agreement();
    home.require_quiet();
}

TEMPLATE_TEST_CASE("a create whose answer was lost is not duplicated", "[in flight]", in_memory, on_sqlite) {
    const fault instead = GENERATE(fault::lose_answer, fault::fail_after, fault::cut_answer, fault::repeat);
    INFO(testing::name_of(instead));
    world<TestType> home;
    auto& phone = home.add("phone");
    phone.sync();
    auto& tablet = home.add("tablet");
    write_in_worst_order(phone);
    phone.link.next_fault(instead);
    static_cast<void>(phone.try_sync());
    const listing after_first = home.server_rows();
    CHECK(after_first.size() == 6);
    phone.sync();
    CHECK(differences(home.server_rows(), after_first) == "");
    CHECK(phone->pending().empty());
    tablet.sync();
    CHECK(tablet.list().size() == 6);
    home.converge();
    CHECK(phone->conflicts().empty());
    CHECK(differences(home.server_rows(), after_first) == "");
}

TEMPLATE_TEST_CASE("a create whose answer was lost and that another device edited is neither duplicated nor reverted", "[in flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    phone.sync();
    auto& tablet = home.add("tablet");
    phone->create(an_exercise("e1", "phone's"));
    phone.link.next_fault(fault::lose_answer);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    tablet.sync();
    REQUIRE(tablet->update(id<exercise>("e1"), [](exercise& row) { row.name = "tablet's"; }));
    tablet.sync();
    phone.sync();
    home.converge();
    CHECK(get<exercise>(phone, "e1").name == "tablet's");
    CHECK(home.server_rows().size() == 1);
}

TEMPLATE_TEST_CASE("an update whose answer was lost does not overwrite what came after it", "[in flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "phone's"; }));
    phone.link.next_fault(fault::lose_answer);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    tablet.sync();
    CHECK(get<workout>(tablet, "w1").name == "phone's");
    REQUIRE(tablet->update(id<workout>("w1"), [](workout& row) { row.name = "tablet's, later"; }));
    tablet.sync();
    phone.sync();
    home.converge();
    CHECK(get<workout>(phone, "w1").name == "tablet's, later");
}

TEMPLATE_TEST_CASE("a removal whose answer was lost ends clean", "[in flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->remove(id<workout>("w1")) != 0);
    phone.link.next_fault(fault::lose_answer);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    phone.sync();
    CHECK(phone->pending().empty());
    home.converge();
    CHECK(home.server_rows().size() == 3);
    CHECK(phone->conflicts().empty());
}

TEMPLATE_TEST_CASE("a push that arrives much later changes nothing", "[in flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "early"; }));
    phone->create(a_set("s2"));
    phone.link.next_fault(fault::hold);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    phone.sync();
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "late"; }));
    REQUIRE(phone->remove(id<workout_set>("s2")) != 0);
    phone.sync();
    tablet.sync();
    home.converge();
    const listing truth = home.server_rows();
    CHECK(phone.link.deliver_held() == 1);
    CHECK(differences(home.server_rows(), truth) == "");
    home.converge();
    CHECK(differences(home.server_rows(), truth) == "");
    CHECK(get<workout>(tablet, "w1").name == "late");
    CHECK_FALSE(has<workout_set>(tablet, "s2"));
}

TEMPLATE_TEST_CASE("every request delivered again, in any order, changes nothing", "[in flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "phone's"; }));
    REQUIRE(tablet->update(id<workout>("w1"), [](workout& row) { row.name = "tablet's", row.notes = "n"; }));
    phone.sync();
    tablet.sync();
    REQUIRE(phone->remove(id<workout_set>("s1")) != 0);
    phone.sync();
    phone->create(a_set("s1", "we1", 12));
    home.converge();
    const listing truth = home.server_rows();
    for (auto* one : {&phone, &tablet}) {
        for (std::size_t i = 0; i < one->link.captured().size(); ++i) one->link.replay(i);
        for (std::size_t i = one->link.captured().size(); i-- > 0;) one->link.replay(i);
    }
    CHECK(differences(home.server_rows(), truth) == "");
    home.require_quiet();
    home.require_agreement();
}

TEMPLATE_TEST_CASE("an answer without one of the results loses and doubles nothing", "[in flight]", in_memory, on_sqlite) {
    const std::size_t missing = GENERATE(range(std::size_t{0}, std::size_t{6}));
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    write_in_worst_order(phone);
    reshape_results(phone, [missing](std::vector<json>& results) { results.erase(results.begin() + static_cast<std::ptrdiff_t>(missing)); });
    phone.sync();
    CHECK(phone->pending().size() == 1);
    const listing once = home.server_rows();
    CHECK(once.size() == 6);
    phone.link.heal();
    phone.sync();
    CHECK(phone->pending().empty());
    tablet.sync();
    home.converge();
    CHECK(differences(home.server_rows(), once) == "");
}

TEMPLATE_TEST_CASE("an answer without results loses and doubles nothing", "[in flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "renamed"; }));
    phone->create(a_set("s2"));
    REQUIRE(phone->remove(id<workout_set>("s1")) != 0);
    reshape_results(phone, [](std::vector<json>& results) { results.clear(); });
    phone.sync();
    CHECK(phone->pending().size() == 3);
    for (const pending_operation& one : phone->pending()) CHECK(one.attempts == 0);
    phone.link.heal();
    phone.sync();
    CHECK(phone->pending().empty());
    home.converge();
    CHECK(get<workout>(tablet, "w1").name == "renamed");
    CHECK(home.server_rows().size() == 6);
}

TEMPLATE_TEST_CASE("an answer with shuffled results is matched by sequence", "[in flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    write_in_worst_order(phone);
    reshape_results(phone, [](std::vector<json>& results) { std::reverse(results.begin(), results.end()), std::swap(results[1], results[4]); });
    CHECK(phone.sync().total().pushed == 6);
    CHECK(phone->pending().empty());
    tablet.sync();
    home.converge();
    CHECK(home.server_rows().size() == 6);
}

TEMPLATE_TEST_CASE("an answer with results too many is taken for what was asked", "[in flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    write_in_worst_order(phone);
    reshape_results(phone, [](std::vector<json>& results) {
        std::vector<json> more = results;
        json stranger = results.front();
        stranger["seq"] = 4'711;
        more.push_back(stranger);
        more.insert(more.end(), results.begin(), results.end());
        results = more;
    });
    CHECK(phone.sync().total().pushed == 6);
    CHECK(phone->pending().empty());
    phone.link.heal();
    tablet.sync();
    home.converge();
    CHECK(home.server_rows().size() == 6);
}

TEMPLATE_TEST_CASE("a result that names another row than the one sent changes nothing", "[in flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    phone->create(an_exercise("e1"));
    phone->create(an_exercise("e2"));
    reshape_results(phone, [](std::vector<json>& results) { std::swap(results[0]["localId"], results[1]["localId"]); });
    phone.sync();
    CHECK(phone->pending().size() == 2);
    phone.link.heal();
    phone.sync();
    tablet.sync();
    home.converge();
    CHECK(home.server_rows().size() == 2);
}

TEMPLATE_TEST_CASE("a result whose digest is of something else changes nothing", "[in flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    phone->create(an_exercise("e1"));
    reshape_results(phone, [](std::vector<json>& results) { results[0]["digest"] = "0000000000000001"; });
    phone.sync();
    CHECK(phone->pending().size() == 1);
    phone.link.heal();
    phone.sync();
    tablet.sync();
    home.converge();
}
