#include <syncline/server/push.hpp>

#include <set>

#include <server/support/world.hpp>
#include <syncline/base/random.hpp>

using namespace server_tests;

namespace {

void shuffle(batch& sent, std::uint64_t seed) {
    syncline::random_source random(seed);
    auto& operations = sent.request.operations;
    for (std::size_t i = operations.size(); i > 1; --i) {
        const auto other = static_cast<std::size_t>(random.below(i));
        std::swap(operations[i - 1], operations[other]);
        std::swap(operations[i - 1].op.seq, operations[other].op.seq);
    }
}

}  // namespace

TEST_CASE("a stranger's push in the worst order arrives whole") {
    SERVER_TESTS_WORLD(here);
    const auto seed = GENERATE(1u, 2u, 3u);
    batch sent;
    for (int i = 0; i < 20; ++i) {
        const std::string row = std::to_string(i);
        sent.create(notes, "n" + row, {{"workoutId", local("w" + row)}});
        sent.create(exercise_sets, "s" + row, {{"workoutId", local("w" + row)}, {"exerciseId", local("e" + std::to_string(19 - i))}});
        sent.create(workouts, "w" + row).create(exercises, "e" + row).update(workouts, "w" + row, {{"rating", number(i)}});
    }
    shuffle(sent, seed);
    const auto answer = here.push(sent);
    for (std::size_t i = 0; i < answer.results.size(); ++i) {
        CHECK(answer.results[i].outcome == verdict::applied);
        CHECK(answer.results[i].local == sent.request.operations[i].op.id);
    }
    CHECK(here.row(exercise_sets, "s3") == "->w3 ->e16 0");
    CHECK(here.row(workouts, "w3") == "'' null 3 0.000000 false ''");
}

TEST_CASE("a tree of 1,000 rows that owns itself arrives whole in any order") {
    SERVER_TESTS_WORLD(here);
    batch sent;
    for (int i = 0; i < 1'000; ++i) {
        if (i == 0) sent.create(folders, "f0");
        else sent.create(folders, "f" + std::to_string(i), {{"parentId", local("f" + std::to_string(i % 3 == 0 ? i / 3 : i - 1))}});
    }
    shuffle(sent, 5);
    for (const auto& result : here.push(sent).results) REQUIRE(result.outcome == verdict::applied);
    const listing rows = here.rows();
    CHECK(rows.size() == 1'000);
    CHECK(rows.at("folders/f999") == "->f333 ''");
    CHECK(rows.at("folders/f998") == "->f997 ''");
}

TEST_CASE("one bad operation does not hold up the others") {
    SERVER_TESTS_WORLD(here);
    batch sent;
    sent.create(workouts, "w").update(workouts, "unknown", {{"rating", number(1)}}).create(folders, "f", {{"parentId", local("later")}}).remove(notes, "none");
    const auto answer = here.push(sent);
    CHECK(answer.results[0].outcome == verdict::applied);
    CHECK(answer.results[1].outcome == verdict::rejected);
    CHECK(answer.results[2].outcome == verdict::waits);
    CHECK(answer.results[3].outcome == verdict::gone);
    CHECK(here.rows() == listing{{"workouts/w", "'' null 0 0.000000 false ''"}});
}

TEST_CASE("an atomic push is applied whole when nothing is refused") {
    SERVER_TESTS_WORLD(here);
    for (const auto& result : here.push(batch().atomic().create(workouts, "w").create(notes, "n", {{"workoutId", local("w")}})).results)
        CHECK(result.outcome == verdict::applied);
}

TEST_CASE("an atomic push is refused whole, and names what it was refused for") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "w").create(workouts, "dead"));
    here.push(batch("tablet", 3).remove(workouts, "dead"));
    const listing before = here.rows();
    const auto refuse = [&](batch& sent, error_code code, std::string_view row, std::string_view field) {
        sent.request.atomic = true;
        sent.create(exercises, "innocent");
        const syncline::error reason = here.refuse_push(sent);
        CHECK(reason.code == code);
        CHECK(reason.local_id == row);
        CHECK(reason.field == field);
        CHECK(here.rows() == before);
    };
    refuse(batch().update(workouts, "unknown", {{"rating", number(1)}}), error_code::not_found, "unknown", "");
    refuse(batch().create(notes, "n", {{"workoutId", local("later")}}), error_code::not_found, "n", "workoutId");
    refuse(batch().create(notes, "n", {{"workoutId", local("dead")}}), error_code::reference_gone, "n", "workoutId");
    refuse(batch().update(workouts, "dead", {{"rating", number(1)}}), error_code::reference_gone, "dead", "");
    refuse(batch().update(workouts, "w", {{"rating", number(1)}}).life(4), error_code::incarnation_behind, "w", "");
    batch retry;
    retry.create(exercises, "innocent").seq(2);
    CHECK(here.push_one(retry).outcome == verdict::applied);
}

TEST_CASE("a push without operations changes nothing") {
    SERVER_TESTS_WORLD(here);
    const auto answer = here.push(batch());
    CHECK(answer.results.empty());
    CHECK(answer.version == nth_version(0));
    here.push(batch().create(workouts, "w"));
    CHECK(here.push(batch()).version == nth_version(1));
}

TEST_CASE("a push of another protocol, schema or owner is refused before anything") {
    SERVER_TESTS_WORLD(here);
    const auto refuse = [&](auto change, error_code code) {
        batch sent;
        sent.create(workouts, "w");
        change(sent.request);
        CHECK(here.refuse_push(sent).code == code);
        CHECK(here.rows().empty());
    };
    refuse([](auto& request) { request.protocol = 2; }, error_code::unsupported_protocol);
    refuse([](auto& request) { request.schema = schema::view().fingerprint ^ 1u; }, error_code::schema_mismatch);
    refuse([](auto& request) { request.owner = "bob"; }, error_code::wrong_owner);
    refuse([](auto& request) { request.acknowledged = -1; }, error_code::malformed);
    refuse([](auto& request) { request.device.clear(); }, error_code::missing_field);
    refuse([](auto& request) { request.operations.front().op.seq = 0; }, error_code::malformed);
    refuse([](auto& request) { request.operations.front().op.table = 99; }, error_code::unknown_entity);
    refuse([](auto& request) { request.operations.front().op.table = -1; }, error_code::unknown_entity);
    refuse([](auto& request) { request.operations.push_back(request.operations.front()); }, error_code::malformed);
    batch good;
    good.create(workouts, "w");
    good.request.schema = schema::view().fingerprint;
    good.request.owner = "alice";
    CHECK(here.push_one(good).outcome == verdict::applied);
}

TEST_CASE("a push with more operations than the bound is refused") {
    syncline::limits bounds;
    bounds.batch_operations = 6;
    world here(backend_kind::memory, bounds);
    batch sent;
    for (int i = 0; i < 7; ++i) sent.create(workouts, "w" + std::to_string(i));
    CHECK(here.refuse_push(sent).code == error_code::too_large);
    sent.request.operations.pop_back();
    CHECK(here.push(sent).results.size() == 6);
}

TEST_CASE("a push with a cursor that cannot be continued is refused before anything") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "w"));
    batch sent;
    sent.create(exercises, "e");
    sent.request.cursor = "nonsense";
    CHECK(here.refuse_push(sent).code == error_code::reset);
    sent.request.cursor = std::get<syncline::wire::page>(here.server->pull("bob", {})).cursor;
    CHECK(here.refuse_push(sent).code == error_code::reset);
    CHECK(here.row(exercises, "e").empty());
    sent.request.cursor = here.cursor();
    CHECK(here.push_one(sent).outcome == verdict::applied);
}

TEST_CASE("server ids are all different and none is the local id") {
    SERVER_TESTS_WORLD(here);
    batch sent;
    for (int i = 0; i < 500; ++i) sent.create(workouts, "w" + std::to_string(i));
    std::set<std::string> ids;
    for (const auto& result : here.push(sent).results) {
        ids.insert(result.id.str());
        CHECK(result.id.view() != result.local.view());
    }
    CHECK(ids.size() == 500);
}

