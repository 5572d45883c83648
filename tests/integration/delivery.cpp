/// What is written offline arrives once and whole, and what is done ends clean.
#include <nlohmann/json.hpp>

#include <set>
#include <string>

#include <integration/support/workout.hpp>

using namespace syncline;
using namespace syncline::tests;
using nlohmann::json;

TEMPLATE_TEST_CASE("a row of every entity reaches the server and another device", "[delivery]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    write_in_worst_order(phone);
    const sync_report sent = phone.sync();
    CHECK(sent.total().pushed == 6);
    for (const table_report& table : sent.tables) CHECK(table.pushed == 1);
    CHECK(home.server_rows().size() == 6);
    const sync_report got = tablet.sync();
    CHECK(got.total().pulled == 6);
    for (const table_report& table : got.tables) CHECK(table.pulled == 1);
    home.require_agreement();
    home.require_quiet();
}

TEMPLATE_TEST_CASE("a row created offline gets its server id once the device is online", "[delivery]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    phone.link.next_fault(testing::fault::lose_request);
    const id_of<exercise> name = phone->create(exercise{.name = "squat"});
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    CHECK(phone->why(name).remote.empty());
    CHECK(home.server_rows().empty());
    CHECK(phone->find(name)->name == "squat");

    phone.sync();
    const row_status status = phone->why(name);
    CHECK(status.standing == row_standing::synced);
    CHECK_FALSE(status.remote.empty());
    CHECK(status.remote.view() != name.view());
    CHECK(home.server_rows().size() == 1);
    home.require_agreement();
}

TEMPLATE_TEST_CASE("rows created offline in the worst order arrive parents first in one push", "[delivery]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    phone.sync();
    write_in_worst_order(phone);
    phone.link.forget_captured();
    phone.sync();
    REQUIRE(phone.pushes() == 1);

    std::set<std::string> sent;
    std::size_t translated = 0;
    const json push = json::parse(phone.link.captured().front().body);
    for (const json& operation : push.at("operations")) {
        CHECK(operation.at("op") == "create");
        for (const auto& [field, value] : operation.at("fields").items()) {
            if (!value.is_object()) continue;
            INFO(operation.at("entity") << "." << field);
            CHECK(sent.contains(value.at("localId").template get<std::string>()));
            ++translated;
        }
        sent.insert(operation.at("localId").template get<std::string>());
    }
    CHECK(sent.size() == 6);
    CHECK(translated == 6);

    // On the server every key is a server id: none of them is a name a device made.
    auto reading = home.database->begin_read("alice");
    std::vector<std::string> keys;
    reading.scan_snapshot({}, 1'000, [&](int table, const server_row& row) {
        for (const cell& value : row.values.cells())
            if (value.is_key()) keys.push_back(std::string(value.kind() == cell_kind::server_key ? "" : "local ") + std::string(value.view()));
        return table >= 0;
    });
    reading.commit();
    CHECK(keys.size() == 6);
    for (const std::string& key : keys) {
        CHECK_FALSE(sent.contains(key));
        CHECK_FALSE(key.starts_with("local "));
    }
    home.require_agreement();
}

TEMPLATE_TEST_CASE("a stranger's push in the worst order arrives whole", "[delivery]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    const std::string body = R"({"device":"curl","operations":[
        {"seq":1,"op":"create","entity":"workout_set","localId":"s1","fields":{"workoutExerciseId":{"localId":"we1"},"position":0,"reps":5,"weightKg":60.5,"rpe":null,"notes":""}},
        {"seq":2,"op":"create","entity":"workout_exercise","localId":"we1","fields":{"workoutId":{"localId":"w1"},"exerciseId":{"localId":"e1"},"position":0}},
        {"seq":3,"op":"create","entity":"template_exercise","localId":"te1","fields":{"templateId":{"localId":"t1"},"exerciseId":{"localId":"e1"},"position":0,"targetSets":3}},
        {"seq":4,"op":"create","entity":"workout","localId":"w1","fields":{"templateId":{"localId":"t1"},"name":"monday","startedAt":0,"notes":""}},
        {"seq":5,"op":"create","entity":"template","localId":"t1","fields":{"name":"plan"}},
        {"seq":6,"op":"create","entity":"exercise","localId":"e1","fields":{"name":"squat","muscles":0,"notes":""}}]})";
    const wire::http_response answer = home.send("POST", "/api/sync/push", body);
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    const json results = json::parse(answer.body).at("results");
    CHECK(results.size() == 6);
    for (const json& result : results) CHECK(result.at("verdict") == "applied");
    CHECK(home.server_rows().size() == 6);

    // The same push again changes nothing.
    const listing once = home.server_rows();
    CHECK(home.send("POST", "/api/sync/push", body).status == 200);
    CHECK(differences(home.server_rows(), once) == "");

    phone.sync();
    CHECK(get<workout_set>(phone, "s1").weight_kg == 60.5);
    CHECK(get<workout>(phone, "w1").template_id == id<workout_template>("t1"));
    home.require_agreement();
    home.require_quiet();
}

TEMPLATE_TEST_CASE("after an update the row is synced and nothing stays pending", "[delivery]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->update(id<exercise>("e1"), [](exercise& row) { row.name = "front squat"; }));
    CHECK(phone->why(id<exercise>("e1")).standing == row_standing::waiting);
    CHECK(phone->pending().size() == 1);

    const sync_report report = phone.sync();
    CHECK(report.total().pushed == 1);
    CHECK(report.total().merged == 0);
    CHECK(report.total().refused == 0);
    CHECK(report.total().waiting == 0);
    CHECK(report.total().pulled == 0);
    CHECK(report.conflicts == 0);
    CHECK(phone->why(id<exercise>("e1")).standing == row_standing::synced);
    CHECK(phone->pending().empty());
    CHECK(home.server_rows().size() == 6);
    home.converge();
    CHECK(get<exercise>(tablet, "e1").name == "front squat");
}

TEMPLATE_TEST_CASE("after a removal the row is gone here and everywhere and nothing stays pending", "[delivery]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    CHECK(phone->remove(id<workout_set>("s1")) == 1);
    CHECK_FALSE(has<workout_set>(phone, "s1"));
    CHECK(phone->why(id<workout_set>("s1")).standing == row_standing::removed);

    const sync_report report = phone.sync();
    CHECK(report.total().pushed == 1);
    CHECK(report.total().pulled == 0);
    CHECK(phone->pending().empty());
    CHECK(phone->why(id<workout_set>("s1")).standing == row_standing::unknown);
    CHECK(home.server_rows().size() == 5);
    CHECK(has<workout_set>(tablet, "s1"));
    CHECK(tablet.sync().total().pulled == 1);
    CHECK_FALSE(has<workout_set>(tablet, "s1"));
    home.converge();
    CHECK(phone->conflicts().empty());
    CHECK(tablet->conflicts().empty());
}

TEMPLATE_TEST_CASE("a new device that signs in pulls everything, at any page size", "[delivery]", in_memory, on_sqlite) {
    const std::size_t page = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{100});
    INFO("rows of a page " << page);
    world_options options;
    options.client.page_rows = page;
    world<TestType> home(options);
    auto& phone = home.add("phone");
    write_in_worst_order(phone);
    phone->transaction([&] {
        for (int i = 0; i < 40; ++i) phone->create(a_set("set-" + std::to_string(i), "we1", i));
    });
    phone.sync();
    auto& tablet = home.add("tablet");
    const sync_report report = tablet.sync();
    CHECK(report.total().pulled == 46);
    CHECK(report.total().pushed == 0);
    CHECK(tablet.pushes() == 0);
    CHECK(tablet->template children<workout_set>(id<workout_exercise>("we1")).size() == 41);
    home.require_agreement();
    home.require_quiet();
}

TEMPLATE_TEST_CASE("a pull inserts what is missing, updates what is newer and removes what was removed", "[delivery]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    phone->create(an_exercise("e2", "deadlift"));
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.notes = "heavy"; }));
    REQUIRE(phone->remove(id<workout_set>("s1")) != 0);
    phone.sync();

    const sync_report report = tablet.sync();
    CHECK(report.total().pulled == 3);
    CHECK(report.total().pushed == 0);
    CHECK(get<exercise>(tablet, "e2").name == "deadlift");
    CHECK(get<workout>(tablet, "w1").notes == "heavy");
    CHECK(get<workout>(tablet, "w1").name == "monday");
    CHECK_FALSE(has<workout_set>(tablet, "s1"));
    home.require_agreement();
    home.require_quiet();
}

TEMPLATE_TEST_CASE("a pull leaves a row with unsent edits its edits", "[delivery]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "phone's", row.notes = "phone's"; }));
    phone.sync();
    // The tablet's push does not get through, its pull does.
    REQUIRE(tablet->update(id<workout>("w1"), [](workout& row) { row.name = "tablet's"; }));
    tablet.link.intercept = [](const wire::http_request& request) -> std::optional<exchange_result> {
        if (is_push(request)) return wire::http_response{200, R"({"results":[],"version":"1.1"})", {}};
        return std::nullopt;
    };
    tablet.sync();
    CHECK(get<workout>(tablet, "w1").name == "tablet's");
    CHECK(get<workout>(tablet, "w1").notes == "phone's");
    CHECK(tablet->pending().size() == 1);

    tablet.link.heal();
    home.converge();
    CHECK(get<workout>(phone, "w1").name == "tablet's");
    CHECK(get<workout>(phone, "w1").notes == "phone's");
}

TEMPLATE_TEST_CASE("a pull since the last one brings only what changed", "[delivery]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    REQUIRE(phone->update(id<exercise>("e1"), [](exercise& row) { row.notes = "deep"; }));
    phone.sync();
    std::size_t rows = 0;
    tablet.link.rewrite_answer = [&](const wire::http_request&, wire::http_response& response) {
        const json page = json::parse(response.body);
        for (const json& list : page.at("changes")) rows += list.size();
    };
    const sync_report report = tablet.sync();
    CHECK(rows == 1);
    CHECK(report.total().pulled == 1);
    CHECK(report.requests == 1);
    home.require_agreement();
}

TEMPLATE_TEST_CASE("own writes do not come back", "[delivery]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    std::size_t rows = 0;
    phone.link.rewrite_answer = [&](const wire::http_request& request, wire::http_response& response) {
        if (is_push(request)) return;
        const json page = json::parse(response.body);
        for (const json& list : page.at("changes")) rows += list.size();
    };
    phone->create(an_exercise("e0"));
    phone.sync();
    rows = 0;  // The first pull of a device is a snapshot, which has everything.

    write_in_worst_order(phone);
    CHECK(phone.sync().total().pulled == 0);
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "tuesday"; }));
    CHECK(phone.sync().total().pulled == 0);
    REQUIRE(phone->remove(id<workout_set>("s1")) != 0);
    CHECK(phone.sync().total().pulled == 0);
    CHECK(rows == 0);
    home.require_agreement();
    home.require_quiet();
}

TEMPLATE_TEST_CASE("own writes are not counted as pulled in a device's first snapshot", "[delivery]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    write_in_worst_order(phone);
    const sync_report report = phone.sync();
    CHECK(report.total().pushed == 6);
    CHECK(report.total().pulled == 0);
    home.require_agreement();
}

TEMPLATE_TEST_CASE("an idle sync is one request that writes nothing and reports nothing", "[delivery]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    home.converge();
    const listing server_before = home.server_rows();
    for (auto* one : {&phone, &tablet}) {
        const std::size_t requests = one->link.requests();
        const std::size_t pushes = one->pushes();
        const int writes = one->writes();
        const std::string bytes = one->file_bytes();
        const std::string marks = one->marks();
        const listing rows = one->list();
        const sync_report report = one->sync();
        CHECK(report.requests == 1);
        CHECK(report.conflicts == 0);
        CHECK(report.retry_in_ms == 0);
        for (const table_report& table : report.tables) CHECK(table == table_report{});
        CHECK(one->link.requests() == requests + 1);
        CHECK(one->pushes() == pushes);
        CHECK(one->writes() == writes);
        CHECK((one->file_bytes() == bytes));
        CHECK(one->marks() == marks);
        CHECK(differences(one->list(), rows) == "");
    }
    CHECK(differences(home.server_rows(), server_before) == "");
}

TEMPLATE_TEST_CASE("the edits of days offline cost one push", "[delivery]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    phone.link.forget_captured();
    for (int i = 0; i < 50; ++i) phone->create(a_set("n" + std::to_string(i), "we1", i));
    for (int i = 0; i < 50; ++i)
        REQUIRE(phone->update(id<workout_set>("n" + std::to_string(i)), [&](workout_set& row) { row.reps = 100 + i; }));
    for (int i = 0; i < 20; ++i) REQUIRE(phone->update(id<workout>("w1"), [&](workout& row) { row.notes += "x"; }));
    REQUIRE(phone->remove(id<workout_set>("s1")) != 0);
    for (int i = 0; i < 10; ++i) REQUIRE(phone->remove(id<workout_set>("n" + std::to_string(i))) != 0);
    const sync_report report = phone.sync();
    CHECK(phone.pushes() == 1);
    CHECK(report.total().pushed == 42);
    home.converge();
    CHECK(count<workout_set>(tablet) == 40);
}
