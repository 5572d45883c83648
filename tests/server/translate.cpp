#include <syncline/server/translate.hpp>

#include <server/support/world.hpp>

using namespace server_tests;

namespace {
syncline::column_mask column(int table, std::string_view name) {
    return syncline::only_column(static_cast<std::size_t>(schema::view()[table].find_column(name)));
}
}  // namespace

TEST_CASE("a key may be a local id of the batch, a local id known before, or a server id") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "w").create(exercises, "e"));
    batch sent;
    sent.create(exercise_sets, "s", {{"workoutId", remote(here.id_of(workouts, "w"))}, {"exerciseId", local("e")}});
    sent.create(notes, "n", {{"workoutId", local("new")}}).create(workouts, "new");
    for (const auto& result : here.push(sent).results) CHECK(result.outcome == verdict::applied);
    CHECK(here.row(exercise_sets, "s") == "->w ->e 0");
    CHECK(here.row(notes, "n") == "->new ''");
}

TEST_CASE("a local id that nobody has sent makes the operation wait, and names the field") {
    SERVER_TESTS_WORLD(here);
    const auto result = here.push_one(batch().create(notes, "n", {{"workoutId", local("w")}}));
    CHECK(result.outcome == verdict::waits);
    CHECK(result.problem.entity == "note");
    CHECK(result.problem.local_id == "n");
    CHECK(result.problem.field == "workoutId");
    CHECK(here.rows().empty());
}

TEST_CASE("a local id that only another owner has makes the operation wait like one that nobody has") {
    SERVER_TESTS_WORLD(here);
    const auto known = here.push_one(batch().create(notes, "n", {{"workoutId", local("w1")}}));
    const auto unknown = here.push_one(batch().create(notes, "n", {{"workoutId", local("none")}}));
    CHECK(known.outcome == verdict::waits);
    CHECK(known.problem == unknown.problem);
}

TEST_CASE("server ids that are unknown and that are another owner's are refused with the same answer") {
    SERVER_TESTS_WORLD(here);
    const auto foreign = here.push_one(batch().create(notes, "n", {{"workoutId", remote(here.id_of(workouts, "w1", "bob"))}}));
    const auto unknown = here.push_one(batch("phone", 2).create(notes, "n", {{"workoutId", remote("NONE")}}));
    CHECK(foreign.outcome == verdict::rejected);
    CHECK(foreign.permanent);
    CHECK(foreign.problem.code == error_code::not_found);
    CHECK(foreign.problem.field == "workoutId");
    CHECK(foreign.problem == unknown.problem);
    CHECK(foreign.id == unknown.id);
    CHECK(foreign.version == unknown.version);
    CHECK(here.rows().empty());
}

TEST_CASE("a server id of another table is unknown") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(exercises, "e"));
    CHECK(here.push_one(batch().create(notes, "n", {{"workoutId", remote(here.id_of(exercises, "e"))}})).problem.code == error_code::not_found);
}

TEST_CASE("an edit with a key to nowhere changes none of its fields") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(notes, "n", {{"text", text("old")}}));
    CHECK(here.push_one(batch().update(notes, "n", {{"text", text("new")}, {"workoutId", local("w")}}, nth_version(1))).outcome == verdict::waits);
    CHECK(here.push_one(batch("phone", 2).update(notes, "n", {{"text", text("new")}, {"workoutId", remote("W")}}, nth_version(1))).outcome == verdict::rejected);
    CHECK(here.row(notes, "n") == "null 'old'");
}

TEST_CASE("a new row that mentions a removed row is created without the mention") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "w"));
    const std::string id = here.id_of(workouts, "w");
    here.push(batch("tablet", 2).remove(workouts, "w"));
    const auto answer = here.push(batch().create(notes, "a", {{"workoutId", local("w")}}).create(notes, "b", {{"workoutId", remote(id)}}));
    for (const auto& result : answer.results) {
        CHECK(result.outcome == verdict::merged);
        CHECK(result.refused == column(notes, "workoutId"));
        REQUIRE(result.row.has_value());
        CHECK(result.row->cells[0].is_null());
    }
    CHECK(here.row(notes, "a") == "null ''");
}

TEST_CASE("a new row whose owner was removed is gone, and so is one that needs a removed row") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "w").create(workouts, "kept").create(exercises, "e").create(exercises, "kept").create(topics, "t"));
    here.push(batch("tablet", 10).remove(workouts, "w").remove(exercises, "e").remove(topics, "t"));
    batch sent;
    sent.create(exercise_sets, "a", {{"workoutId", local("w")}, {"exerciseId", local("kept")}});
    sent.create(exercise_sets, "b", {{"workoutId", local("kept")}, {"exerciseId", local("e")}});
    sent.create(topics, "c", {{"aboveId", local("t")}});
    for (const auto& result : here.push(sent).results) {
        CHECK(result.outcome == verdict::gone);
        CHECK(result.id.empty());
        CHECK(result.version.is_none());
    }
    for (const auto& result : here.push(sent).results) CHECK(result.outcome == verdict::gone);
    CHECK(here.row(exercise_sets, "a").empty());
    CHECK(here.row(exercise_sets, "b").empty());
    CHECK(here.row(topics, "c").empty());
}

TEST_CASE("an edit keeps a key that would point at a removed row as it was, and the other fields apply") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "w").create(workouts, "kept").create(exercises, "e")
                  .create(exercise_sets, "s", {{"workoutId", local("kept")}, {"exerciseId", local("e")}}));
    here.push(batch("tablet", 10).remove(workouts, "w"));
    const auto result = here.push_one(batch().update(exercise_sets, "s", {{"workoutId", local("w")}, {"position", number(7)}}, nth_version(1)));
    CHECK(result.outcome == verdict::merged);
    CHECK(result.refused == column(exercise_sets, "workoutId"));
    CHECK(here.row(exercise_sets, "s") == "->kept ->e 7");
}

TEST_CASE("an edit of which nothing can be taken takes no version") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "w").create(notes, "n"));
    here.push(batch("tablet", 3).remove(workouts, "w"));
    const auto result = here.push_one(batch().update(notes, "n", {{"workoutId", local("w")}}, nth_version(1)));
    CHECK(result.outcome == verdict::merged);
    CHECK(result.refused == column(notes, "workoutId"));
    CHECK(here.version_of(notes, "n") == nth_version(1));
}

TEST_CASE("a row that was removed and lives again can be pointed at") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "w"));
    here.push(batch("tablet", 2).remove(workouts, "w"));
    batch sent;
    sent.create(notes, "n", {{"workoutId", local("w")}}).create(workouts, "w").life(2);
    for (const auto& result : here.push(sent).results) CHECK(result.outcome == verdict::applied);
    CHECK(here.row(notes, "n") == "->w ''");
}

TEST_CASE("a row that a removal of its own push takes along is answered with the removed row") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(folders, "p"));
    batch sent;
    sent.remove(folders, "p").create(folders, "c", {{"parentId", local("p")}});
    const auto answer = here.push(sent);
    CHECK(answer.results[0].outcome == verdict::applied);
    CHECK(answer.results[1].outcome == verdict::applied);
    REQUIRE(answer.results[1].row.has_value());
    CHECK(answer.results[1].row->removed);
    CHECK(here.rows().empty());
}

TEST_CASE("a row may mention itself, and may not own itself") {
    SERVER_TESTS_WORLD(here);
    const auto mention = here.push_one(batch().create(topics, "t", {{"aboveId", local("t")}}));
    CHECK(mention.outcome == verdict::applied);
    CHECK(here.row(topics, "t") == "->t ''");
    const auto own = here.push_one(batch("phone", 2).create(folders, "f", {{"parentId", local("f")}}));
    CHECK(own.outcome == verdict::merged);
    CHECK(own.refused == column(folders, "parentId"));
    CHECK(here.row(folders, "f") == "null ''");
}

TEST_CASE("two rows that mention each other arrive by an edit behind the creates") {
    SERVER_TESTS_WORLD(here);
    batch sent;
    sent.update(people, "p", {{"teamId", local("t")}}).create(teams, "t", {{"captainId", local("p")}}).create(people, "p");
    const auto answer = here.push(sent);
    for (const auto& result : answer.results) CHECK(result.outcome == verdict::applied);
    CHECK(here.row(people, "p") == "->t ''");
    CHECK(here.row(teams, "t") == "->p ''");
}
