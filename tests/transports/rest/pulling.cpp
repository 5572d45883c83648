#include <transports/rest/support/rest_world.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

using json = nlohmann::json;
using strings = std::vector<std::string>;

json exercise_row(const std::string& name) { return {{"name", name}, {"muscles", 0}, {"notes", ""}}; }
json workout_row(const std::string& name) { return {{"name", name}, {"template_id", nullptr}, {"started_at", "2024-02-29T10:00:00Z"}, {"notes", ""}}; }

std::int64_t id_of_row(fake_backend& backend, const std::string& table, std::size_t at) { return backend.rows("alice", table).at(at)["id"].get<std::int64_t>(); }

/// What each kind of pull wants of the backend.
rest_world make_world(int kind) {
    const backend_habits habits{.keeps_local_ids = kind != 3, .keeps_tombstones = kind == 1 || kind == 2, .has_moments = kind != 3};
    if (kind == 1) return rest_world(feed_of(habits), habits);
    return rest_world(listings_of(habits, kind == 2), habits);
}

/// Syncs until it has nothing to do, and then once more, which must bring and write nothing.
void require_idle(rest_device& device) {
    device.sync();
    const std::string before = device.marks();
    const sync_report report = device.sync();
    CHECK(report.total().pulled == 0);
    CHECK(report.total().pushed == 0);
    CHECK(report.requests == 1);
    CHECK(device.marks() == before);
}

}  // namespace

TEST_CASE("devices converge over whole listings, a feed, listings since a moment, and a backend without moments or local ids") {
    for (int kind = 0; kind < 4; ++kind) {
        CAPTURE(kind);
        rest_world world = make_world(kind);
        world.phone->create(an_exercise());
        world.phone->create(a_workout());
        world.phone->create(a_workout_exercise());
        world.phone->create(a_set());
        world.phone->create(a_workout_exercise("we2"));
        world.phone->create(a_set("s2", "we2", 3));
        world.phone.sync();
        world.laptop.sync();
        REQUIRE(world.laptop->all<workout_set>().size() == 2);
        CHECK(world.laptop->all<workout_set>()[0].weight_kg == 62.5);
        for (const auto& one : world.laptop->all<workout_exercise>()) CHECK(one.workout_id == world.laptop->all<workout>()[0].id);
        world.backend.now_ms += 10;
        const auto set = world.laptop->all<workout_set>()[world.laptop->all<workout_set>()[0].reps == 5 ? 0 : 1].id;
        REQUIRE(world.laptop->update(set, [](workout_set& one) { one.reps = 12; }));
        REQUIRE(world.phone->update(id<workout_set>("s1"), [](workout_set& one) { one.rpe = 8.5; }));
        world.laptop.sync();
        world.phone.sync();
        world.laptop.sync();
        CHECK(world.phone->find(id<workout_set>("s1"))->reps == 12);
        CHECK(world.laptop->find(set)->rpe == 8.5);
        world.backend.now_ms += 10'000;
        REQUIRE(world.laptop->remove(world.laptop->all<workout_exercise>()[0].id) != 0);
        world.laptop.sync();
        world.phone.sync();
        CHECK(world.phone.list().size() == 4);
        CHECK(world.laptop.list().size() == 4);
        require_idle(world.phone);
        require_idle(world.laptop);
        world.require_bob_untouched();
    }
}

TEST_CASE("an idle sync brings no row and writes nothing, whatever the backend sends again") {
    for (int kind = 0; kind < 4; ++kind) {
        CAPTURE(kind);
        rest_world world = make_world(kind);
        for (int i = 0; i < 5; ++i) world.backend.insert("alice", "exercises", exercise_row("number " + std::to_string(i)));
        require_idle(world.phone);
        CHECK(world.phone.list().size() == 5);
        world.phone.restart();
        require_idle(world.phone);
        world.require_bob_untouched();
    }
}

TEST_CASE("a row with the moment of one that was seen, or committed late within the overlap, is not lost") {
    for (const int kind : {1, 2}) {
        CAPTURE(kind);
        rest_world world = make_world(kind);
        world.backend.insert("alice", "exercises", exercise_row("first"));
        world.phone.sync();
        world.backend.insert("alice", "exercises", exercise_row("at the same moment"));
        world.phone.sync();
        CHECK(world.phone.list().size() == 2);
        world.backend.now_ms -= 4'900;
        world.backend.insert("alice", "exercises", exercise_row("late"));
        world.backend.now_ms += 4'900;
        world.phone.sync();
        CHECK(world.phone.list().size() == 3);
        world.backend.rows_sent = 0;
        require_idle(world.phone);
        world.require_bob_untouched();
    }
}

TEST_CASE("rows older than the overlap are not read again") {
    for (const int kind : {1, 2}) {
        rest_world world = make_world(kind);
        for (int i = 0; i < 50; ++i) world.backend.insert("alice", "exercises", exercise_row("old " + std::to_string(i)));
        world.backend.now_ms += 3'600'000;
        world.backend.insert("alice", "exercises", exercise_row("new"));
        world.phone.sync();
        world.backend.rows_sent = 0;
        world.phone.sync();
        CHECK(world.backend.rows_sent == 1);
    }
}

TEST_CASE("two edits of a row within one moment both arrive") {
    for (const int kind : {1, 2}) {
        rest_world world = make_world(kind);
        world.backend.insert("alice", "exercises", exercise_row("one"));
        world.phone.sync();
        const auto row = id_of_row(world.backend, "exercises", 0);
        for (const char* name : {"two", "three", "four"}) {
            world.backend.change("alice", "exercises", row, {{"name", name}});
            world.phone.sync();
            CHECK(world.phone->all<exercise>().at(0).name == name);
        }
        world.backend.now_ms += 1;
        world.backend.change("alice", "exercises", row, {{"name", "five"}});
        world.phone.sync();
        CHECK(world.phone->all<exercise>().at(0).name == "five");
    }
}

TEST_CASE("an edit of another device below an update that the backend merged without saying so arrives with the pull") {
    rest_world world(backend_habits{.echoes_rows = false});
    world.phone->create(an_exercise());
    world.phone.sync();
    world.backend.change("alice", "exercises", id_of_row(world.backend, "exercises", 0), {{"notes", "from the web"}});
    REQUIRE(world.phone->update(id<exercise>("e1"), [](exercise& one) { one.name = "front squat"; }));
    world.phone.sync();
    CHECK(world.phone->find(id<exercise>("e1"))->notes == "from the web");
    CHECK(world.phone->find(id<exercise>("e1"))->name == "front squat");
    require_idle(world.phone);
}

TEST_CASE("a row without a local id gets the same one on every device, whose edits reach it") {
    for (const bool keeps : {false, true}) {
        const backend_habits habits{.keeps_local_ids = keeps};
        rest_world world(listings_of(habits), habits);
        const auto made = world.backend.insert("alice", "exercises", exercise_row("from the web"));
        const auto monday = world.backend.insert("alice", "workouts", workout_row("monday"));
        world.backend.insert("alice", "workout_exercises", {{"workout_id", monday}, {"exercise_id", made}, {"position", 1}});
        world.phone.sync();
        world.laptop.sync();
        CHECK(world.phone.list() == world.laptop.list());
        REQUIRE(world.phone->find(id<exercise>("r-" + std::to_string(made))));
        CHECK(world.phone->all<workout_exercise>().at(0).exercise_id == id<exercise>("r-" + std::to_string(made)));
        REQUIRE(world.laptop->update(id<exercise>("r-" + std::to_string(made)), [](exercise& one) { one.notes = "edited"; }));
        world.laptop.sync();
        world.phone.sync();
        CHECK(world.backend.rows("alice", "exercises").at(0)["notes"] == "edited");
        CHECK(world.backend.rows("alice", "exercises").size() == 1);
        CHECK(world.phone.list() == world.laptop.list());
        REQUIRE(world.phone->remove(id<workout>("r-" + std::to_string(monday))) != 0);
        world.phone.sync();
        CHECK(world.phone.list().size() == 1);
        require_idle(world.phone);
        world.require_bob_untouched();
    }
}

TEST_CASE("a row that is removed here does not come back while the backend still lists it") {
    const backend_habits habits{.keeps_local_ids = false};
    rest_world world(listings_of(habits), habits);
    world.phone->create(an_exercise());
    world.phone.sync();
    REQUIRE(world.phone->remove(id<exercise>("e1")) != 0);
    world.backend.fault = [](const http_call& call, bool) -> std::optional<http_result> {
        if (call.method == "DELETE") return http_reply{409, {}, {}};
        return std::nullopt;
    };
    world.phone.sync();
    CHECK(world.phone.list().empty());
    world.backend.fault = {};
    world.phone.now_ms += 60'000;
    world.phone.sync();
    CHECK(world.backend.rows("alice", "exercises").empty());
    require_idle(world.phone);
    world.require_bob_untouched();
}

TEST_CASE("rows that a whole listing lacks are removed only up to the guard, and beyond it with consent") {
    rest_world world;
    for (int i = 0; i < 60; ++i) world.backend.insert("alice", "exercises", exercise_row("number " + std::to_string(i)));
    world.phone.sync();
    world.laptop.sync();
    for (int i = 0; i < 20; ++i) world.backend.erase("alice", "exercises", id_of_row(world.backend, "exercises", 0));
    world.phone.sync();
    CHECK(world.phone.list().size() == 40);
    CHECK(world.phone.link().awaiting_consent().empty());

    world.backend.erase("alice", "exercises", id_of_row(world.backend, "exercises", 0));
    world.laptop->create(a_workout());
    world.laptop.sync();
    CHECK(world.laptop->count<exercise>() == 60);
    REQUIRE(world.laptop.link().awaiting_consent().size() == 1);
    CHECK(world.laptop.link().awaiting_consent()[0].table == "exercises");
    CHECK(world.laptop.link().awaiting_consent()[0].absent == 21);
    CHECK(world.laptop.link().awaiting_consent()[0].of == 60);
    CHECK(world.backend.rows("alice", "workouts").size() == 1);
    world.laptop.link().allow_removals();
    world.laptop.sync();
    CHECK(world.laptop->count<exercise>() == 39);
    CHECK(world.laptop.link().awaiting_consent().empty());
    world.require_bob_untouched();
}

TEST_CASE("an empty listing takes no row without consent, and consent is for what was shown") {
    rest_world world;
    world.backend.insert("alice", "exercises", exercise_row("one"));
    world.backend.insert("alice", "exercises", exercise_row("two"));
    world.phone.sync();
    world.backend.wipe("alice", "exercises");
    world.phone.sync();
    CHECK(world.phone.list().size() == 2);
    CHECK(world.phone.link().awaiting_consent().size() == 1);
    world.backend.insert("alice", "exercises", exercise_row("three"));
    world.phone.sync();
    CHECK(world.phone.list().size() == 1);
    CHECK(world.phone.link().awaiting_consent().empty());
    world.require_bob_untouched();
}

TEST_CASE("a listing in pages is read to its end, from a backend that knows the parameter and from one that does not") {
    for (const bool knows : {true, false}) {
        rest_mapping mapping = listings_of({});
        auto& listings = std::get<rest_listings>(mapping.pull);
        listings.page = knows ? "page" : "unknown";
        listings.size = "per_page";
        listings.page_rows = 7;
        rest_world world(mapping, {});
        for (int i = 0; i < 30; ++i) world.backend.insert("alice", "exercises", exercise_row("number " + std::to_string(i)));
        world.phone.sync();
        CHECK(world.phone.list().size() == (knows ? 30 : 7));
        if (knows) CHECK(world.backend.take_calls("GET /v1/exercises").size() >= 5);
        require_idle(world.phone);
    }
}

TEST_CASE("a pull of many pages goes on after a failure and after a crash, and loses nothing") {
    for (int kind = 0; kind < 3; ++kind) {
        rest_world world = make_world(kind);
        world.phone.bounds.page_rows = 4;
        world.phone.restart();
        for (int i = 0; i < 30; ++i) {
            world.backend.insert("alice", "exercises", exercise_row("number " + std::to_string(i)));
            world.backend.insert("alice", "workouts", workout_row("day " + std::to_string(i)));
            world.backend.now_ms += 60'000;
        }
        int calls = 0;
        world.backend.fault = [&](const http_call& call, bool done) -> std::optional<http_result> {
            if (done || !call.target.starts_with("/v1/workouts") || ++calls != 1) return std::nullopt;
            return exchange_failure{};
        };
        static_cast<void>(world.phone.try_sync());
        world.phone.restart();
        world.backend.fault = {};
        world.phone.sync();
        CHECK(world.phone.list().size() == 60);
        require_idle(world.phone);
        world.require_bob_untouched();
    }
}

TEST_CASE("an answer that is no listing changes nothing and is no success") {
    rest_world world;
    world.backend.insert("alice", "exercises", exercise_row("one"));
    world.phone.sync();
    for (const char* body : {"<html>", "", "{}", "[]", R"({"data":{}})", R"({"data":[{"id":1}]})", R"({"data":[5]})", R"({"data":null})"}) {
        CAPTURE(body);
        world.backend.fault = [body](const http_call&, bool) { return http_result(http_reply{200, {}, body}); };
        const sync_report report = world.phone.try_sync();
        CHECK(report.outcome == sync_outcome::server_failed);
        CHECK(report.problem.message.find("one") == std::string::npos);
        CHECK(world.phone.list().size() == 1);
    }
}

TEST_CASE("children that arrive before their parents wait unseen") {
    rest_world world;
    const auto squat = world.backend.insert("alice", "exercises", exercise_row("squat"));
    const auto monday = world.backend.insert("alice", "workouts", workout_row("monday"));
    world.backend.insert("alice", "workout_exercises", {{"workout_id", monday}, {"exercise_id", squat}, {"position", 1}});
    bool cut = true;
    world.backend.fault = [&](const http_call& call, bool done) -> std::optional<http_result> {
        if (done || !cut || !call.target.starts_with("/v1/workouts")) return std::nullopt;
        return http_reply{200, {}, R"({"data":[]})"};
    };
    world.phone.sync();
    CHECK(world.phone.list().size() == 1);
    const std::string parked = world.phone.marks();
    world.phone.sync();
    CHECK(world.phone.marks() == parked);
    cut = false;
    world.phone.sync();
    CHECK(world.phone.list().size() == 3);
    require_idle(world.phone);
}

TEST_CASE("the transport says what such a backend cannot give") {
    rest_world whole;
    rest_world bare(listings_of({.keeps_local_ids = false}), {.keeps_local_ids = false});
    CHECK(bare.phone.link().limitations().size() == whole.phone.link().limitations().size() + 2);
    CHECK(whole.phone.link().capabilities().sees_removals);
    const backend_habits habits{};
    CHECK_FALSE(rest_world(listings_of(habits, true), habits).phone.link().capabilities().sees_removals);
}

TEST_CASE("a row from the future hides nothing that is changed before its moment comes") {
    for (const int kind : {1, 2}) {
        rest_world world = make_world(kind);
        world.backend.fault = [&](const http_call& call, bool done) -> std::optional<http_result> {
            static thread_local bool inside = false;
            if (done || inside || call.method != "GET") return std::nullopt;
            inside = true;
            http_result result = world.backend.send(call);
            inside = false;
            std::get<http_reply>(result).headers.push_back({"Date", "Tue, 14 Nov 2023 22:13:20 GMT"});
            return result;
        };
        world.backend.now_ms += 40LL * 365 * 24 * 3'600'000;
        world.backend.insert("alice", "exercises", exercise_row("from the future"));
        world.backend.now_ms -= 40LL * 365 * 24 * 3'600'000;
        world.phone.sync();
        world.backend.insert("alice", "exercises", exercise_row("now"));
        world.phone.sync();
        CHECK(world.phone.list().size() == 2);
        require_idle(world.phone);
    }
}

TEST_CASE("an answer that is older than what the device knows of a row is passed over") {
    for (const int kind : {0, 2}) {
        rest_world world = make_world(kind);
        world.phone->create(an_exercise());
        world.phone.sync();
        const json before = world.backend.rows("alice", "exercises");
        world.backend.now_ms += 1'000;
        REQUIRE(world.phone->update(id<exercise>("e1"), [](exercise& one) { one.name = "front squat"; }));
        world.backend.fault = [&](const http_call& call, bool done) -> std::optional<http_result> {
            if (done || !call.target.starts_with("/v1/exercises") || call.method != "GET") return std::nullopt;
            return http_reply{200, {}, json{{"data", before}}.dump()};
        };
        world.phone.sync();
        CHECK(world.phone->find(id<exercise>("e1"))->name == "front squat");
        world.backend.fault = {};
        require_idle(world.phone);
        CHECK(world.phone->find(id<exercise>("e1"))->name == "front squat");
        world.require_bob_untouched();
    }
}
