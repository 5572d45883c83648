#include <transports/rest/support/rest_world.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

using strings = std::vector<std::string>;

/// One workout with one set, children first in the code.
void write_one_of_each(rest_device& device) {
    device->transaction([&] {
        device->create(a_set());
        device->create(a_workout_exercise());
        device->create(a_workout());
        device->create(an_exercise());
    });
}

http_reply status(int code) { return {code, {}, {}}; }

/// A device that has one workout learns of its removal: its listing is empty then, which wants consent.
void sync_with_consent(rest_device& device) {
    device.sync();
    device.link().allow_removals();
    device.sync();
}

/// Result of the n-th call that begins with `prefix`, counted from 1.
auto on_call(std::string prefix, int n, http_result result, bool done = false) {
    return [prefix = std::move(prefix), n, result = std::move(result), done, seen = 0](const http_call& call, bool is_done) mutable -> std::optional<http_result> {
        if (is_done != done || !(call.method + " " + call.target).starts_with(prefix) || ++seen != n) return std::nullopt;
        return result;
    };
}

}  // namespace

TEST_CASE("creates go to their routes parents first, with local ids and with foreign keys as the backend's ids") {
    rest_world world;
    write_one_of_each(world.phone);
    world.phone.sync();
    CHECK(world.backend.take_calls("POST") == strings{"POST /v1/exercises", "POST /v1/workouts", "POST /v1/workout_exercises", "POST /v1/workout_sets"});
    const auto made = world.backend.rows("alice", "workout_exercises").at(0);
    CHECK(made["client_id"] == "we1");
    CHECK(made["workout_id"] == world.backend.rows("alice", "workouts").at(0)["id"]);
    CHECK(made["exercise_id"] == world.backend.rows("alice", "exercises").at(0)["id"]);
    CHECK(world.backend.rows("alice", "workouts").at(0)["started_at"] == "1970-01-01T00:00:00.000Z");
    world.laptop.sync();
    CHECK(world.laptop.list() == world.phone.list());
    CHECK(world.laptop.list().size() == 4);
    world.require_bob_untouched();
}

TEST_CASE("an update is a PUT of what changed to the backend's id, and a moved key is the backend's id") {
    rest_world world;
    write_one_of_each(world.phone);
    world.phone->create(a_workout("w2", "tuesday"));
    world.phone.sync();
    world.laptop.sync();
    world.backend.take_calls();
    world.backend.now_ms += 60'000;
    REQUIRE(world.phone->update(id<workout_exercise>("we1"), [](workout_exercise& one) { one.workout_id = id<workout>("w2"); }));
    REQUIRE(world.phone->update(id<exercise>("e1"), [](exercise& one) { one.notes = "deep"; }));
    REQUIRE(world.laptop->update(id<exercise>("e1"), [](exercise& one) { one.name = "front squat"; }));
    world.phone.sync();
    world.laptop.sync();
    world.phone.sync();
    const auto key = world.backend.rows("alice", "workout_exercises").at(0)["id"].dump();
    CHECK(world.backend.take_calls("PUT /v1/workout_exercises") == strings{"PUT /v1/workout_exercises/" + key});
    CHECK(world.backend.rows("alice", "workout_exercises").at(0)["workout_id"] == world.backend.rows("alice", "workouts").at(1)["id"]);
    CHECK(world.phone->find(id<exercise>("e1"))->name == "front squat");
    CHECK(world.phone->find(id<exercise>("e1"))->notes == "deep");
    CHECK(world.laptop.list() == world.phone.list());
    world.require_bob_untouched();
}

TEST_CASE("one local removal becomes removals of all rows it took, children first") {
    for (const bool tombstones : {false, true}) {
        rest_world world(backend_habits{.keeps_tombstones = tombstones});
        write_one_of_each(world.phone);
        world.phone.sync();
        world.laptop.sync();
        world.backend.take_calls();
        REQUIRE(world.phone->remove(id<workout>("w1")) != 0);
        world.phone.sync();
        const strings removals = world.backend.take_calls("DELETE");
        REQUIRE(removals.size() == 3);
        CHECK(removals[0].starts_with("DELETE /v1/workout_sets/"));
        CHECK(removals[1].starts_with("DELETE /v1/workout_exercises/"));
        CHECK(removals[2].starts_with("DELETE /v1/workouts/"));
        CHECK(world.phone.list().size() == 1);
        CHECK(world.phone.removed() == 0);
        CHECK(world.phone.marks().find("parked") == std::string::npos);
        sync_with_consent(world.laptop);
        CHECK(world.laptop.list() == world.phone.list());
        world.require_bob_untouched();
    }
}

TEST_CASE("a child that another device made below a removed row is removed before it") {
    rest_world world;
    write_one_of_each(world.phone);
    world.phone.sync();
    world.laptop.sync();
    world.laptop->create(a_set("s2"));
    world.laptop.sync();
    REQUIRE(world.phone->remove(id<workout>("w1")) != 0);
    world.phone.sync();
    CHECK(world.backend.rows("alice", "workouts").size() == 1);
    world.phone.now_ms += 60'000;
    world.phone.sync();
    CHECK(world.backend.rows("alice", "workouts").empty());
    CHECK(world.backend.rows("alice", "workout_sets").empty());
    world.phone.sync();
    sync_with_consent(world.laptop);
    CHECK(world.phone.list().size() == 1);
    CHECK(world.laptop.list() == world.phone.list());
    CHECK(world.phone.removed() == 0);
    world.require_bob_untouched();
}

TEST_CASE("a removal that ends in the middle goes on where it was") {
    rest_world world;
    write_one_of_each(world.phone);
    world.phone.sync();
    REQUIRE(world.phone->remove(id<workout>("w1")) != 0);
    world.backend.fault = on_call("DELETE", 2, exchange_failure{});
    CHECK(world.phone.try_sync().outcome == sync_outcome::offline);
    world.backend.fault = {};
    CHECK(world.backend.rows("alice", "workout_sets").empty());
    CHECK(world.backend.rows("alice", "workouts").size() == 1);
    world.phone.restart();
    world.phone.sync();
    CHECK(world.backend.rows("alice", "workouts").empty());
    CHECK(world.phone.list().size() == 1);
    CHECK(world.phone.removed() == 0);
    world.require_bob_untouched();
}

TEST_CASE("a create whose answer was lost, or that was sent before a crash, makes one row") {
    for (const bool crash : {false, true}) {
        rest_world world;
        world.phone.sync();
        write_one_of_each(world.phone);
        world.backend.fault = on_call("POST", 2, exchange_failure{}, true);
        CHECK(world.phone.try_sync().outcome != sync_outcome::server_failed);
        world.backend.fault = {};
        if (crash) world.phone.restart();
        world.phone.sync();
        CHECK(world.backend.rows("alice", "workouts").size() == 1);
        CHECK(world.backend.rows("alice", "workout_sets").size() == 1);
        CHECK(world.phone->pending().empty());
        world.require_bob_untouched();
    }
}

TEST_CASE("what was done before a failure is settled, and only the rest is sent again") {
    for (const http_result& failure : {http_result(exchange_failure{exchange_failure_kind::unreachable, {}}), http_result(status(503)), http_result(status(429)),
                                       http_result(status(401)), http_result(http_reply{200, {}, "<html>portal</html>"})}) {
        rest_world world;
        world.phone.sync();
        write_one_of_each(world.phone);
        world.backend.fault = on_call("POST", 3, failure);
        world.phone.try_sync();
        CHECK(world.phone->pending().size() == 2);
        world.backend.take_calls();
        world.backend.fault = {};
        world.phone.sync();
        CHECK(world.backend.take_calls("POST") == strings{"POST /v1/workout_exercises", "POST /v1/workout_sets"});
        CHECK(world.phone->pending().empty());
        world.require_bob_untouched();
    }
}

TEST_CASE("a stop ends the call that is out and sends no other, what was answered is settled, and only the rest is sent again") {
    const bool while_out = GENERATE(false, true);
    rest_world world;
    world.phone.sync();
    write_one_of_each(world.phone);
    std::stop_source source;
    int posts = 0;
    world.backend.fault = [&](const http_call& call, bool done) -> std::optional<http_result> {
        CHECK(call.time_max.count() == limits{}.exchange_ms);
        posts += call.method == "POST" && !done ? 1 : 0;
        if (posts == 2 && done && !while_out) source.request_stop();
        if (posts != 3 || done) return std::nullopt;
        source.request_stop();
        CHECK(call.stop.stop_requested());
        return exchange_failure{exchange_failure_kind::lost, "stopped"};
    };
    world.backend.take_calls();
    CHECK(world.phone.try_sync(source.get_token()).outcome == sync_outcome::stopped);
    CHECK(posts == (while_out ? 3 : 2));
    CHECK(world.backend.take_calls().size() == static_cast<std::size_t>(posts));
    CHECK(world.phone->pending().size() == 2);
    world.backend.fault = {};
    world.phone.sync();
    CHECK(world.backend.take_calls("POST") == strings{"POST /v1/workout_exercises", "POST /v1/workout_sets"});
    CHECK(world.phone->pending().empty());
    world.laptop.sync();
    CHECK(world.laptop.list() == world.phone.list());
    world.require_bob_untouched();
}

TEST_CASE("a row at which the backend fails delays no other row, and is set aside once its attempts are spent") {
    rest_world world;
    world.phone.sync();
    world.phone->create(an_exercise("e1"));
    world.phone->create(an_exercise("e2", "bench"));
    world.phone->create(an_exercise("e3", "row"));
    world.backend.fault = [](const http_call& call, bool) -> std::optional<http_result> {
        if (call.method == "POST" && call.body.find("\"e2\"") != std::string::npos) return status(500);
        return std::nullopt;
    };
    world.phone.sync();
    CHECK(world.backend.rows("alice", "exercises").size() == 2);
    REQUIRE(world.phone->pending().size() == 1);
    for (int i = 0; i < 10; ++i) {
        world.phone.now_ms += 3'600'000;
        world.phone.sync();
    }
    CHECK(world.phone->quarantine().size() == 1);
    world.require_bob_untouched();
}

TEST_CASE("a backend that fails at everything for days sets nothing aside") {
    rest_world world;
    world.phone.sync();
    write_one_of_each(world.phone);
    for (const int code : {500, 403, 404, 302}) {
        world.backend.fault = [code](const http_call&, bool) { return http_result(status(code)); };
        for (int i = 0; i < 20; ++i) {
            world.phone.now_ms += 3'600'000;
            CHECK(world.phone.try_sync().outcome != sync_outcome::complete);
        }
        CHECK(world.phone->quarantine().empty());
    }
    CHECK(world.phone.list().size() == 4);
    world.backend.fault = {};
    world.phone.now_ms += 3'600'000;
    world.phone.sync();
    CHECK(world.backend.rows("alice", "workout_sets").size() == 1);
    world.require_bob_untouched();
}

TEST_CASE("what the backend refuses is set aside with its reason, and what needs it waits") {
    rest_world world;
    write_one_of_each(world.phone);
    REQUIRE(world.phone->update(id<workout>("w1"), [](workout& one) { one.name = "forbidden name"; }));
    world.phone.sync();
    REQUIRE(world.phone->quarantine().size() == 1);
    CHECK(world.phone->quarantine()[0].id == id<workout>("w1").local());
    CHECK(world.phone->pending().size() == 2);
    REQUIRE(world.phone->update(id<workout>("w1"), [](workout& one) { one.name = "monday"; }));
    world.phone.sync();
    CHECK(world.phone->quarantine().empty());
    CHECK(world.phone->pending().empty());
    CHECK(world.backend.rows("alice", "workout_sets").size() == 1);
    world.require_bob_untouched();
}

TEST_CASE("an edit of a row that was removed elsewhere ends in a conflict record, unless the route itself is unknown") {
    rest_world world;
    write_one_of_each(world.phone);
    world.phone.sync();
    const auto gone = world.backend.rows("alice", "exercises").at(0)["id"].get<std::int64_t>();
    world.phone->create(an_exercise("e2", "bench"));
    world.phone.sync();
    const auto other = world.backend.rows("alice", "exercises").at(1)["id"].get<std::int64_t>();
    REQUIRE(world.phone->update(id<exercise>("e2"), [](exercise& one) { one.notes = "flat"; }));
    SECTION("the row is gone") {
        world.backend.erase("alice", "exercises", other);
        world.phone.sync();
        CHECK_FALSE(world.phone->find(id<exercise>("e2")));
        CHECK(world.phone->conflicts().size() == 1);
    }
    SECTION("the route is gone") {
        world.phone.restart();
        world.backend.fault = [](const http_call& call, bool) -> std::optional<http_result> {
            if (call.target.starts_with("/v1/exercises")) return status(404);
            return std::nullopt;
        };
        world.phone.try_sync();
        CHECK(world.phone->find(id<exercise>("e2"))->notes == "flat");
        CHECK(world.phone->conflicts().empty());
    }
    CHECK(gone != other);
    world.backend.fault = {};
    world.require_bob_untouched();
}

TEST_CASE("a backend that keeps no local ids is asked for the row first where a lookup is set") {
    const backend_habits habits{.keeps_local_ids = false};
    rest_mapping mapping = listings_of(habits);
    mapping["exercises"].lookup = {"name"};
    rest_world world(mapping, habits);
    world.phone.sync();
    world.phone->create(an_exercise());
    SECTION("in the same process") {
        world.backend.fault = on_call("POST", 1, exchange_failure{}, true);
        world.phone.try_sync();
        CHECK(world.phone.list().size() == 1);
    }
    SECTION("after a crash") {
        world.backend.fault = on_call("POST", 1, exchange_failure{}, true);
        world.phone.try_sync();
        world.phone.restart();
    }
    world.backend.fault = {};
    world.phone.sync();
    CHECK(world.backend.rows("alice", "exercises").size() == 1);
    CHECK(world.phone.list().size() == 1);
    CHECK(world.phone->pending().empty());
    world.require_bob_untouched();
}

TEST_CASE("nothing is pulled while it is not known whether the backend made a row that it would not recognise") {
    const backend_habits habits{.keeps_local_ids = false};
    rest_mapping mapping = listings_of(habits);
    mapping["exercises"].lookup = {"name"};
    rest_world world(mapping, habits);
    world.phone.sync();
    world.phone->create(an_exercise("e1", "squat"));
    world.phone->create(an_exercise("e2", "bench"));
    world.backend.fault = on_call("POST", 2, exchange_failure{}, true);
    CHECK(world.phone.try_sync().outcome == sync_outcome::offline);
    CHECK(world.phone.list().size() == 2);
    CHECK(world.phone->pending().size() == 1);
    world.backend.fault = {};
    world.phone.sync();
    CHECK(world.phone.list().size() == 2);
    CHECK(world.backend.rows("alice", "exercises").size() == 2);
    CHECK(world.phone->pending().empty());
    world.require_bob_untouched();
}

TEST_CASE("answers without the row are enough, and values that the backend changed are taken over") {
    rest_world world(backend_habits{.echoes_rows = false});
    write_one_of_each(world.phone);
    world.phone.sync();
    CHECK(world.phone->pending().empty());
    world.laptop.sync();
    CHECK(world.laptop.list() == world.phone.list());
    const listing before = world.phone.list();
    world.backend.change("alice", "exercises", world.backend.rows("alice", "exercises").at(0)["id"].get<std::int64_t>(), {{"name", "SQUAT"}});
    world.phone.sync();
    CHECK(world.phone->find(id<exercise>("e1"))->name == "SQUAT");
    world.require_bob_untouched();
}

TEST_CASE("a long outbox goes out in exchanges that are short enough") {
    rest_world world;
    world.phone.sync();
    world.phone->transaction([&] {
        for (int i = 0; i < 200; ++i) world.phone->create(an_exercise("e" + std::to_string(i), "number " + std::to_string(i)));
    });
    const sync_report report = world.phone.sync();
    CHECK(report.total().pushed == 200);
    CHECK(world.backend.rows("alice", "exercises").size() == 200);
    CHECK(world.backend.take_calls("POST").size() == 200);
    world.laptop.sync();
    CHECK(world.laptop.list() == world.phone.list());
    world.require_bob_untouched();
}

TEST_CASE("a backend that answers a create with the row's place, or wants a key with each request, is served") {
    rest_mapping mapping = listings_of({});
    mapping.idempotency_header = "Idempotency-Key";
    rest_world world(mapping, {});
    std::vector<std::string> keys;
    world.backend.fault = [&](const http_call& call, bool done) -> std::optional<http_result> {
        if (call.method == "GET" || call.method == "DELETE") return std::nullopt;
        if (!done) {
            keys.emplace_back(find_header(call.headers, "idempotency-key").value_or("none"));
            return std::nullopt;
        }
        if (call.method == "PUT") return http_reply{204, {}, {}};
        const auto row = world.backend.rows("alice", "exercises").back();
        return http_reply{201, {{"Location", "https://backend.example/v1/exercises/" + row["id"].dump()}}, {}};
    };
    world.phone->create(an_exercise());
    world.phone.sync();
    REQUIRE(world.phone->update(id<exercise>("e1"), [](exercise& one) { one.notes = "deep"; }));
    world.phone.sync();
    CHECK(world.backend.rows("alice", "exercises").at(0)["notes"] == "deep");
    CHECK(world.phone->pending().empty());
    REQUIRE(keys.size() == 2);
    CHECK(keys[0] != keys[1]);
    CHECK(keys[0] != "none");
}

TEST_CASE("an update of the whole row holds what the device knows of the other fields") {
    rest_mapping mapping = listings_of({});
    mapping.updates = rest_update::whole_row;
    mapping.update_method = "PATCH";
    rest_world world(mapping, {});
    write_one_of_each(world.phone);
    world.phone.sync();
    std::string body;
    world.backend.fault = [&](const http_call& call, bool) -> std::optional<http_result> {
        if (call.method == "PATCH") {
            body = call.body;
            return status(204);
        }
        return std::nullopt;
    };
    REQUIRE(world.phone->update(id<workout_exercise>("we1"), [](workout_exercise& one) { one.position = 7; }));
    world.phone.try_sync();
    const auto sent = nlohmann::json::parse(body);
    CHECK(sent["position"] == 7);
    CHECK(sent["workout_id"] == world.backend.rows("alice", "workouts").at(0)["id"]);
    CHECK(sent["exercise_id"] == world.backend.rows("alice", "exercises").at(0)["id"]);
    CHECK_FALSE(world.phone.link().capabilities().keeps_other_fields);
}

TEST_CASE("a create that spent its attempts without an answer and was removed here is found by its local id and removed") {
    rest_mapping mapping = listings_of({});
    mapping["exercises"].lookup = {"localId"};
    rest_world world(mapping, {});
    world.phone.sync();
    world.phone->create(an_exercise());
    const auto is_closing = [&world] {
        const std::vector<pending_operation> pending = world.phone->pending();
        return !pending.empty() && pending.front().reason == error_code::attempts_spent;
    };
    world.backend.fault = [&](const http_call& call, bool done) -> std::optional<http_result> {
        if (call.method == "POST" && done) return status(500);
        if (call.method == "GET" && call.target.find("client_id") != std::string::npos)
            return is_closing() ? status(500) : http_result(http_reply{200, {}, R"({"data":[]})"});
        if (call.method == "GET" && call.target.starts_with("/v1/exercises")) return http_reply{200, {}, R"({"data":[]})"};
        return std::nullopt;
    };
    for (int i = 0; i < 10; ++i) {
        world.phone.now_ms += 3'600'000;
        world.phone.try_sync();
    }
    // Whether the row was made has no answer yet.
    CHECK(world.phone->quarantine().empty());
    REQUIRE(is_closing());
    REQUIRE(world.phone->remove(id<exercise>("e1")) != 0);
    world.backend.fault = {};
    world.phone.now_ms += 3'600'000;
    world.phone.sync();
    world.phone.sync();
    CHECK(world.backend.rows("alice", "exercises").empty());
    CHECK(world.phone.list().empty());
    world.require_bob_untouched();
}

TEST_CASE("an update or a removal that a portal answers with a page of its own is not done") {
    for (const std::string method : {"PATCH", "DELETE"}) {
        rest_mapping mapping = listings_of({});
        mapping.update_method = "PATCH";
        rest_world world(mapping, {});
        world.phone->create(an_exercise());
        world.phone.sync();
        if (method == "PATCH") REQUIRE(world.phone->update(id<exercise>("e1"), [](exercise& one) { one.notes = "deep"; }));
        else REQUIRE(world.phone->remove(id<exercise>("e1")) != 0);
        world.backend.fault = on_call(method, 1, http_reply{200, {}, "<html>portal</html>"});
        CHECK(world.phone.try_sync().outcome == sync_outcome::server_failed);
        CHECK(world.phone->pending().size() == 1);
        world.require_bob_untouched();
    }
}

TEST_CASE("a removal at which the backend fails comes back once its attempts are spent, without the rows that are gone") {
    rest_world world;
    write_one_of_each(world.phone);
    world.phone.sync();
    REQUIRE(world.phone->remove(id<workout>("w1")) != 0);
    world.backend.fault = [](const http_call& call, bool) -> std::optional<http_result> {
        if (call.method == "DELETE" && call.target.starts_with("/v1/workout_exercises")) return status(500);
        return std::nullopt;
    };
    for (int i = 0; i < 10; ++i) {
        world.phone.now_ms += 3'600'000;
        world.phone.sync();
    }
    CHECK(world.phone->pending().empty());
    CHECK(world.phone.removed() == 0);
    REQUIRE(world.phone->conflicts().size() == 1);
    CHECK(world.phone->conflicts().front().kind == conflict_kind::removal_refused);
    CHECK_FALSE(world.phone->find(id<workout_set>("s1")));
    world.laptop.sync();
    CHECK(world.laptop.list() == world.phone.list());
    CHECK(world.phone.list().size() == 3);
    world.require_bob_untouched();
}

TEST_CASE("a removal that was closed is not taken for done because its row is found") {
    rest_mapping mapping = listings_of({});
    mapping["exercises"].lookup = {"localId"};
    rest_world world(mapping, {});
    world.phone.bounds.attempts_max = 1;
    world.phone.restart();
    world.phone->create(an_exercise());
    world.phone.sync();
    REQUIRE(world.phone->remove(id<exercise>("e1")) != 0);
    world.phone->create(an_exercise("e1", "anew"));
    world.backend.fault = [](const http_call& call, bool) -> std::optional<http_result> {
        if (call.method == "DELETE") return status(500);
        return std::nullopt;
    };
    world.phone.sync();
    REQUIRE(world.phone->conflicts().size() == 1);
    CHECK(world.phone->conflicts().front().kind == conflict_kind::removal_refused);
    world.phone.sync();
    CHECK(world.phone->pending().empty());
    REQUIRE(world.backend.rows("alice", "exercises").size() == 1);
    CHECK(world.backend.rows("alice", "exercises").at(0)["name"] == "anew");
    CHECK(world.phone->find(id<exercise>("e1"))->name == "anew");
    world.laptop.sync();
    CHECK(world.laptop.list() == world.phone.list());
    world.require_bob_untouched();
}
