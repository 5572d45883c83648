/// What is malformed, foreign or impossible, from either side and from the store: a typed error, nothing applied, nothing lost.
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

#include <integration/support/workout.hpp>
#include <syncline/testing/failing_store.hpp>

using namespace syncline;
using namespace syncline::tests;
using nlohmann::json;
using testing::fault;

namespace {

struct bad_push {
    const char* what;
    std::string body;
    const char* code;
    const char* entity = nullptr;
    const char* local = nullptr;
    const char* field = nullptr;
};

std::string pushing(const std::string& operation) {
    return R"({"device":"curl","operations":[{"seq":1,"op":"create","entity":"exercise","localId":"ok","fields":{"name":"n","muscles":0,"notes":""}},)" +
           operation + "]}";
}

const std::vector<bad_push>& bad_pushes() {
    static const std::vector<bad_push> all{
        {"no body", "", "malformed"},
        {"no JSON", "hello", "malformed"},
        {"a list", "[]", "malformed"},
        {"half of a message", R"({"device":"curl","operations":[{"seq":1,)", "malformed"},
        {"no device", R"({"operations":[]})", "missing_field"},
        {"a device of the wrong type", R"({"device":7,"operations":[]})", "wrong_type"},
        {"operations of the wrong type", R"({"device":"curl","operations":{}})", "wrong_type"},
        {"a negative sequence", R"({"device":"curl","operations":[{"seq":-1,"op":"remove","entity":"exercise","localId":"e9"}]})", "out_of_range"},
        {"two devices", R"({"device":"curl","device":"wget","operations":[]})", "duplicate_key"},
        {"the unknown entity", pushing(R"({"seq":2,"op":"create","entity":"planet","localId":"p","fields":{}})"), "unknown_entity", nullptr, "p"},
        {"an unknown field",
         pushing(R"({"seq":2,"op":"create","entity":"exercise","localId":"e9","fields":{"name":"x","muscles":0,"notes":"","mass":1}})"), "unknown_field",
         "exercise", "e9", "mass"},
        {"a reserved field", pushing(R"({"seq":2,"op":"update","entity":"exercise","localId":"e9","fields":{"version":9}})"), "reserved_field", "exercise",
         "e9", "version"},
        {"a number as text", pushing(R"({"seq":2,"op":"create","entity":"exercise","localId":"e9","fields":{"name":7,"muscles":0,"notes":""}})"),
         "wrong_type", "exercise", "e9", "name"},
        {"a fraction as integer", pushing(R"({"seq":2,"op":"update","entity":"workout_set","localId":"s9","fields":{"reps":3.9}})"), "wrong_type",
         "workout_set", "s9", "reps"},
        {"a boolean as integer", pushing(R"({"seq":2,"op":"update","entity":"workout_set","localId":"s9","fields":{"reps":true}})"), "wrong_type",
         "workout_set", "s9", "reps"},
        {"null where none is allowed", pushing(R"({"seq":2,"op":"update","entity":"workout_set","localId":"s9","fields":{"reps":null}})"), "wrong_type",
         "workout_set", "s9", "reps"},
        {"a number too large for its field", pushing(R"({"seq":2,"op":"update","entity":"workout_set","localId":"s9","fields":{"reps":2147483648}})"),
         "out_of_range", "workout_set", "s9", "reps"},
        {"a number too large for anything",
         pushing(R"({"seq":2,"op":"update","entity":"workout_set","localId":"s9","fields":{"reps":99999999999999999999}})"), "out_of_range",
         "workout_set", "s9", "reps"},
        {"a real that is infinite", pushing(R"({"seq":2,"op":"update","entity":"workout_set","localId":"s9","fields":{"weightKg":1e999}})"),
         "out_of_range", "workout_set", "s9"},
        {"a field twice", pushing(R"({"seq":2,"op":"update","entity":"workout_set","localId":"s9","fields":{"reps":1,"reps":2}})"), "duplicate_key",
         "workout_set", "s9", "reps"},
        {"text that is no UTF-8",
         pushing(std::string(R"({"seq":2,"op":"update","entity":"exercise","localId":"e9","fields":{"name":")") + "\xC3\x28" + R"("}})"), "invalid_text"},
        {"text with a NUL", pushing(R"({"seq":2,"op":"update","entity":"exercise","localId":"e9","fields":{"name":"a\u0000b"}})"), "invalid_text",
         "exercise", "e9", "name"},
        {"an id with a space", pushing(R"({"seq":2,"op":"remove","entity":"exercise","localId":"e 9"})"), "invalid_id", "exercise"},
        {"two operations of one sequence", pushing(R"({"seq":1,"op":"remove","entity":"exercise","localId":"e9"})"), "malformed"},
        {"an unknown verb", pushing(R"({"seq":2,"op":"explode","entity":"exercise","localId":"e9"})"), "malformed", "exercise", "e9"},
        {"a depth bomb in a field",
         pushing(R"({"seq":2,"op":"update","entity":"exercise","localId":"e9","fields":{"name":)" + std::string(100'000, '[') +
                 std::string(100'000, ']') + "}}"),
         "wrong_type", "exercise", "e9", "name"},
        {"a depth bomb in what nobody reads", R"({"future":)" + std::string(100'000, '[') + std::string(100'000, ']') + R"(,"device":"curl","operations":[]})",
         "unknown_field"},
        {"another protocol", R"({"protocol":99,"device":"curl","operations":[]})", "unsupported_protocol"},
        {"another schema", R"({"schema":"0000000000000001","device":"curl","operations":[]})", "schema_mismatch"},
        {"another owner", R"({"owner":"bob","device":"curl","operations":[]})", "wrong_owner"},
    };
    return all;
}

/// A device with one unsent edit of each kind, on a world where the other device's edits wait to be pulled.
template <class Device>
void write_everything(Device& phone, Device& tablet) {
    share_one_of_each(phone, tablet);
    REQUIRE(tablet->update(id<workout>("w1"), [](workout& row) { row.notes = "tablet's"; }));
    tablet->create(an_exercise("e2"));
    REQUIRE(tablet->remove(id<template_exercise>("te1")) != 0);
    tablet.sync();
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "phone's"; }));
    phone->create(a_set("s2"));
    REQUIRE(phone->remove(id<workout_set>("s1")) != 0);
}

/// The state at the end of write_everything, as every device has to have it.
template <class World, class Device>
void require_everything(World& home, Device& phone, Device& tablet) {
    home.converge();
    REQUIRE(home.server_rows().size() == 6);
    REQUIRE(get<workout>(phone, "w1").name == "phone's");
    REQUIRE(get<workout>(phone, "w1").notes == "tablet's");
    REQUIRE(has<workout_set>(phone, "s2"));
    REQUIRE_FALSE(has<workout_set>(tablet, "s1"));
    REQUIRE_FALSE(has<template_exercise>(phone, "te1"));
    REQUIRE(phone->conflicts().empty());
    REQUIRE(tablet->conflicts().empty());
}

}  // namespace

TEMPLATE_TEST_CASE("a bad push is a typed error that names what it is about, and applies nothing", "[bad input]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    const listing before = home.server_rows();
    for (const bad_push& bad : bad_pushes()) {
        INFO(bad.what);
        const wire::http_response answer = home.send("POST", "/api/sync/push", bad.body);
        INFO(answer.body.substr(0, 500));
        CHECK((answer.status == 400 || answer.status == 409 || answer.status == 413));
        const json problem = json::parse(answer.body).at("error");
        CHECK(problem.at("code") == bad.code);
        if (bad.entity != nullptr) CHECK(problem.value("entity", "") == bad.entity);
        if (bad.local != nullptr) CHECK(problem.value("localId", "") == bad.local);
        if (bad.field != nullptr) CHECK(problem.value("field", "") == bad.field);
        CHECK(differences(home.server_rows(), before) == "");
    }
    home.converge();
}

TEMPLATE_TEST_CASE("a cursor that is not ours is a typed error and shows nothing", "[bad input]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    write_in_worst_order(phone);
    phone.sync();
    const json own = json::parse(home.send("GET", "/api/sync").body);
    const std::string good = own.at("lastSync").template get<std::string>();
    std::vector<std::string> cursors{"x", "0", "-1", "99999999999999999999", good + "x", good.substr(1), good.substr(0, good.size() - 1), std::string(5'000, 'a'),
                                     "%00", "AAAA"};
    cursors.push_back(json::parse(home.send("GET", "/api/sync", {}, "bob").body).at("lastSync").template get<std::string>());
    for (const std::string& cursor : cursors) {
        INFO("cursor " << cursor.substr(0, 80));
        const wire::http_response answer = home.send("GET", "/api/sync?since=" + cursor);
        INFO(answer.body.substr(0, 300));
        CHECK((answer.status == 400 || answer.status == 410 || answer.status == 413));
        CHECK_FALSE(json::parse(answer.body).at("error").at("code").template get<std::string>().empty());
        CHECK_FALSE(json::parse(answer.body).contains("changes"));
    }
    CHECK(home.send("GET", "/api/sync?since=" + good).status == 200);
    CHECK(home.send("GET", "/api/sync?limit=-1").status == 400);
    CHECK(home.send("GET", "/api/sync?limit=x").status == 400);
    CHECK(home.send("GET", "/api/elsewhere").status == 404);
    home.converge();
}

TEMPLATE_TEST_CASE("an answer cut anywhere changes nothing the next sync does not mend", "[bad input]", in_memory, on_sqlite) {
    const bool of_push = GENERATE(true, false);
    INFO((of_push ? "the push's answer" : "the pull's answer"));
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    std::size_t length = 0;
    bool was_cut = true;
    for (; was_cut && length < 2'000; ++length) {
        INFO("cut to " << length);
        was_cut = false;
        REQUIRE(phone->update(id<exercise>("e1"), [&](exercise& row) { row.name = "n" + std::to_string(length % 7); }));
        REQUIRE(tablet->update(id<exercise>("e1"), [&](exercise& row) { row.notes = "n" + std::to_string(length % 5); }));
        tablet.sync();
        const listing before = phone.list();
        phone.link.rewrite_answer = [&](const wire::http_request& request, wire::http_response& response) {
            if (is_push(request) != of_push || response.body.size() <= length) return;
            response.body.resize(length);
            was_cut = true;
        };
        const sync_report report = phone.try_sync();
        phone.link.heal();
        if (!was_cut) break;
        REQUIRE(report.outcome == sync_outcome::server_failed);
        REQUIRE(report.problem.code == error_code::bad_answer);
        if (of_push) REQUIRE(differences(phone.list(), before) == "");
        REQUIRE(phone->quarantine().empty());
        for (const pending_operation& one : phone->pending()) REQUIRE(one.attempts == 0);
        phone.sync();
        REQUIRE(phone->pending().empty());
        REQUIRE(phone.list() == home.server_rows());
    }
    CHECK(length > 100);
    home.converge();
}

TEMPLATE_TEST_CASE("a malformed page changes nothing and the next sync works", "[bad input]", in_memory, on_sqlite) {
    const std::string row = R"({"id":"X1","localId":"x1","version":"1.99","updatedAt":1,"isDeleted":false,"incarnation":1,"name":"n","muscles":0,"notes":""})";
    const auto page = [](const std::string& changes) {
        return R"({"changes":{)" + changes + R"(},"lastSync":"c","more":false,"includes":{"floor":0,"above":[]}})";
    };
    const auto with = [&](std::string from, const std::string& to) {
        std::string changed = row;
        changed.replace(changed.find(from), from.size(), to);
        return page(R"("exercises":[)" + row + "," + changed + "]");
    };
    const std::vector<std::pair<std::string, std::string>> pages{
        {"empty", ""},
        {"a page for people", "<html></html>"},
        {"null", "null"},
        {"an empty object", "{}"},
        {"no cursor", R"({"changes":{},"more":false,"includes":{"floor":0,"above":[]}})"},
        {"changes of the wrong type", R"({"changes":[],"lastSync":"c","more":false,"includes":{"floor":0,"above":[]}})"},
        {"a table that is no list", page(R"("exercises":{})")},
        {"a row that is no object", page(R"("exercises":[1])")},
        {"a row without id", with(R"("id":"X1",)", "")},
        {"a row without local id", with(R"("localId":"x1",)", "")},
        {"a row without version", with(R"("version":"1.99",)", "")},
        {"a text that is a number", with(R"("name":"n")", R"("name":5)")},
        {"a number that is a text", with(R"("muscles":0)", R"("muscles":"0")")},
        {"a number out of range", with(R"("muscles":0)", R"("muscles":256)")},
        {"a fraction", with(R"("muscles":0)", R"("muscles":0.5)")},
        {"a version that is a number", with(R"("version":"1.99")", R"("version":99)")},
        {"a version beyond all numbers", with(R"("version":"1.99")", R"("version":"1.99999999999999999999")")},
        {"a key twice", with(R"("notes":"")", R"("notes":"","notes":"")")},
        {"text that is no UTF-8", with(R"("name":"n")", "\"name\":\"\xFF\"")},
        {"text with a NUL", with(R"("name":"n")", R"("name":"a\u0000")")},
        {"a field that is missing", with(R"("name":"n",)", "")},
        {"a null that is not allowed", with(R"("name":"n")", R"("name":null)")},
        {"a depth bomb", page(R"("exercises":)" + std::string(50'000, '[') + std::string(50'000, ']'))},
        {"more without moving on", R"({"changes":{},"lastSync":"","more":true,"includes":{"floor":0,"above":[]}})"},
    };
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    write_everything(phone, tablet);
    phone.sync();
    REQUIRE(tablet->update(id<exercise>("e1"), [](exercise& one) { one.notes = "waits to be pulled"; }));
    tablet.sync();
    const listing before = phone.list();
    const std::string marks = phone.marks();
    for (const auto& [what, body] : pages) {
        INFO(what);
        // A cursor that stands still is the one the request had.
        phone.link.rewrite_answer = [&](const wire::http_request& request, wire::http_response& response) {
            if (is_push(request)) return;
            if (body.find(R"("more":true)") == std::string::npos) {
                response.body = body;
                return;
            }
            json still = json::parse(body);
            still["lastSync"] = phone.store().find_meta("cursor").value_or("");
            response.body = still.dump();
        };
        if (what == "more without moving on") {
            auto reading = phone.store().begin_read();
            const std::string cursor = phone.store().find_meta("cursor").value_or("");
            reading.commit();
            phone.link.rewrite_answer = [&, cursor](const wire::http_request& request, wire::http_response& response) {
                if (is_push(request)) return;
                json still = json::parse(body);
                still["lastSync"] = cursor;
                response.body = still.dump();
            };
        }
        const sync_report report = phone.try_sync();
        phone.link.heal();
        CHECK(report.outcome == sync_outcome::server_failed);
        CHECK(report.problem.code == error_code::bad_answer);
        CHECK(report.requests == 1);
        CHECK(differences(phone.list(), before) == "");
        CHECK(phone.marks() == marks);
    }
    require_everything(home, phone, tablet);
}

TEMPLATE_TEST_CASE("tables and fields a page has and this schema has not are left out", "[bad input]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    write_in_worst_order(phone);
    phone.sync();
    tablet.link.rewrite_answer = [](const wire::http_request& request, wire::http_response& response) {
        if (is_push(request)) return;
        json page = json::parse(response.body);
        for (json& list : page["changes"])
            for (json& row : list) row["colour"] = "red";
        page["changes"]["planets"] = json::array({{{"id", "P"}, {"localId", "p"}, {"version", "1.1"}, {"mass", {1, 2, 3}}}});
        response.body = page.dump();
    };
    CHECK(tablet.sync().total().pulled == 6);
    tablet.link.heal();
    home.converge();
}

TEMPLATE_TEST_CASE("a malformed push answer changes nothing and the next sync works", "[bad input]", in_memory, on_sqlite) {
    const std::vector<std::pair<std::string, std::string>> answers{
        {"empty", ""},
        {"null", "null"},
        {"no results", R"({"version":"1.1"})"},
        {"results of the wrong type", R"({"results":{},"version":"1.1"})"},
        {"a result that is no object", R"({"results":[1],"version":"1.1"})"},
        {"a verdict that is none", R"({"results":[{"seq":1,"digest":"00","verdict":"maybe","localId":"e1","version":"1.1"}],"version":"1.1"})"},
        {"a result without sequence", R"({"results":[{"digest":"00","verdict":"applied","localId":"e1","version":"1.1"}],"version":"1.1"})"},
        {"a key twice", R"({"results":[],"results":[],"version":"1.1"})"},
        {"a version that is a number", R"({"results":[],"version":1})"},
        {"bytes that are no UTF-8", "{\"results\":[\"\xFF\"],\"version\":\"1.1\"}"},
        {"a depth bomb", R"({"results":)" + std::string(50'000, '[') + std::string(50'000, ']') + "}"},
    };
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    write_everything(phone, tablet);
    const listing before = phone.list();
    for (const auto& [what, body] : answers) {
        INFO(what);
        phone.link.rewrite_answer = [&](const wire::http_request& request, wire::http_response& response) {
            if (is_push(request)) response.body = body;
        };
        const sync_report report = phone.try_sync();
        phone.link.heal();
        CHECK(report.outcome == sync_outcome::server_failed);
        CHECK(report.problem.code == error_code::bad_answer);
        CHECK(differences(phone.list(), before) == "");
        CHECK(phone->quarantine().empty());
        CHECK(phone->pending().size() == 3);
    }
    require_everything(home, phone, tablet);
}

TEMPLATE_TEST_CASE("a request that was cut on its way is sent again and nothing is set aside", "[bad input]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    phone.sync();
    phone->create(an_exercise("only"));
    phone.link.next_fault(fault::cut_request);
    static_cast<void>(phone.try_sync());
    CHECK(phone->quarantine().empty());
    phone.sync();
    CHECK(phone->pending().empty());
    tablet.sync();
    CHECK(has<exercise>(tablet, "only"));
    home.converge();
}

TEMPLATE_TEST_CASE("random damage to requests and answers never loses or doubles an operation", "[bad input]", in_memory, on_sqlite) {
    const fault instead = GENERATE(fault::cut_answer, fault::lose_answer, fault::lose_request, fault::repeat, fault::hold, fault::fail_after);
    INFO(testing::name_of(instead));
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    write_everything(phone, tablet);
    phone.link.set_rates(testing::fault_rates().set(instead, 500));
    for (int i = 0; i < 30; ++i) {
        home.now_ms += 3'600'000;
        REQUIRE(phone->update(id<exercise>("e1"), [&](exercise& row) { row.notes = "edit " + std::to_string(i); }));
        static_cast<void>(phone.try_sync());
        REQUIRE(phone->quarantine().empty());
    }
    phone.link.heal();
    phone.link.deliver_held();
    require_everything(home, phone, tablet);
    CHECK(get<exercise>(tablet, "e1").notes == "edit 29");
}

TEMPLATE_TEST_CASE("text that is not valid is refused when it is written, with the field's name", "[bad input]", in_memory, on_sqlite) {
    const std::string bad = GENERATE(std::string("\xC3\x28"), std::string("a\0b", 3), std::string("\xED\xA0\x80"), std::string("\xF5\x80\x80\x80"),
                                     std::string("cut \xE2\x82"));
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    const listing before = phone.list();
    const std::string marks = phone.marks();
    const auto require_refusal = [&](auto&& write, std::string_view local) {
        try {
            write();
            FAIL("the write was not refused");
        } catch (const write_refused& refused) {
            CHECK(refused.reason().code == error_code::invalid_text);
            CHECK(refused.reason().entity == "exercise");
            CHECK(refused.reason().field == "notes");
            CHECK(refused.reason().local_id == local);
            CHECK_THAT(refused.what(), !contains("secret"));
        }
        CHECK(differences(phone.list(), before) == "");
        CHECK(phone.marks() == marks);
    };
    require_refusal([&] { phone->create(exercise{.id = id<exercise>("e9"), .name = "x", .notes = "secret" + bad}); }, "e9");
    require_refusal([&] { static_cast<void>(phone->update(id<exercise>("e1"), [&](exercise& row) { row.name = "new", row.notes = bad; })); }, "e1");
    require_refusal(
        [&] {
            const exercise was = get<exercise>(phone, "e1");
            exercise after = was;
            after.notes = bad;
            static_cast<void>(phone->update(was, after));
        },
        "e1");
    require_refusal(
        [&] {
            phone->transaction([&] {
                phone->create(an_exercise("e8"));
                phone->create(exercise{.id = id<exercise>("e9"), .notes = bad});
            });
        },
        "e9");
    phone.sync();
    home.converge();
}

TEMPLATE_TEST_CASE("a write that fails in the store at any step leaves the state before it", "[bad input]", in_memory, on_sqlite) {
    const int which = GENERATE(range(0, 5));
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    write_everything(phone, tablet);
    using failing = testing::failing_store<typename TestType::store_type>;
    failing store(phone.store());
    repository<workout_tracker::schema, failing> rows(store, phone.writing_options());
    const auto write = [&] {
        switch (which) {
            case 0: rows.create(a_set("s9")); break;
            case 1: static_cast<void>(rows.update(id<exercise>("e1"), [](exercise& row) { row.name = "x"; })); break;
            case 2: static_cast<void>(rows.update(id<workout>("w1"), [](workout& row) { row.notes = "x"; })); break;
            case 3: static_cast<void>(rows.remove(id<workout>("w1"))); break;
            default:
                rows.transaction([&] {
                    static_cast<void>(rows.remove(id<workout_template>("t1")));
                    rows.create(a_template("t1"));
                    rows.create(a_workout("w9"));
                });
        }
    };
    const listing before = phone.list();
    const std::string marks = phone.marks();
    std::size_t step = 1;
    for (bool failed = true; failed && step < 500; ++step) {
        INFO("step " << step);
        store.fail_at(step);
        try {
            write();
            failed = false;
        } catch (const store_error&) {
            REQUIRE(differences(phone.list(), before) == "");
            REQUIRE(phone.marks() == marks);
        }
    }
    CHECK(step > 4);
    CHECK(phone.list() != before);
    home.converge();
}

TEMPLATE_TEST_CASE("a sync whose store fails at any step loses nothing", "[bad input]", in_memory, on_sqlite) {
    const bool for_ever = GENERATE(false, true);
    INFO((for_ever ? "it fails from then on" : "it fails once"));
    using failing = testing::failing_store<typename TestType::store_type>;
    using link_type = typename device<TestType, workout_tracker::schema>::link_type;
    bool failed = true;
    for (std::size_t step = 1; failed && step < 2'000; step += TestType::has_files ? 5 : 1) {
        INFO("step " << step);
        world<TestType> home;
        auto& phone = home.add("phone");
        auto& tablet = home.add("tablet");
        write_everything(phone, tablet);
        failing store(phone.store());
        {
            engine<failing, link_type> syncing(store, phone.link, phone.options());
            store.fail_at(step, for_ever ? testing::failure_duration::for_ever : testing::failure_duration::once);
            try {
                static_cast<void>(syncing.sync());
            } catch (const store_error&) {
            }
            failed = store.has_failed();
        }
        if (for_ever) phone.restart();
        require_everything(home, phone, tablet);
    }
    CHECK_FALSE(failed);
}

TEST_CASE("a program that ends at any step of a sync finds everything when it opens the file again", "[bad input]") {
    using failing = testing::failing_store<sqlite_store>;
    using link_type = device<on_sqlite, workout_tracker::schema>::link_type;
    bool failed = true;
    for (std::size_t step = 1; failed && step < 2'000; step += 3) {
        INFO("step " << step);
        world<on_sqlite> home;
        auto& phone = home.add("phone");
        auto& tablet = home.add("tablet");
        write_everything(phone, tablet);
        {
            failing store(phone.store());
            engine<failing, link_type> syncing(store, phone.link, phone.options());
            store.fail_at(step, testing::failure_duration::for_ever);
            try {
                static_cast<void>(syncing.sync());
            } catch (const store_error&) {
            }
            failed = store.has_failed();
        }
        phone.restart();
        // The server has the operations, and the program does not remember having sent them.
        REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "phone's"; }));
        require_everything(home, phone, tablet);
    }
    CHECK_FALSE(failed);
}

TEMPLATE_TEST_CASE("a store of another owner's rows is not synced with this token", "[bad input]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    write_in_worst_order(phone);
    // The same store with Bob's token: nothing of it may reach him.
    phone.link.intercept = [&](const wire::http_request& request) -> std::optional<exchange_result> {
        return home.send(request.method, request.target, request.body, "bob");
    };
    const sync_report report = phone.try_sync();
    CHECK(report.outcome == sync_outcome::refused);
    CHECK(report.problem.code == error_code::wrong_owner);
    CHECK(phone->pending().size() == 6);
    CHECK(phone->quarantine().empty());
    phone.link.heal();
    phone.sync();
    home.converge();
}
