#include <syncline/server/removal.hpp>

#include <map>
#include <string>

#include <server/support/world.hpp>

using namespace server_tests;

namespace {

/// Workout "w" with the sets "s0" and "s1", a note "n" that mentions it, exercise "e"; all made by the tablet.
void fill(world& here) {
    batch sent("tablet");
    sent.create(exercises, "e").create(workouts, "w");
    for (const char* row : {"s0", "s1"}) sent.create(exercise_sets, row, {{"workoutId", local("w")}, {"exerciseId", local("e")}});
    sent.create(notes, "n", {{"workoutId", local("w")}, {"text", text("kept")}});
    here.push(sent);
}

}  // namespace

TEST_CASE("a removal takes the rows it owns along, frees the rows that mention it, and all share its version") {
    SERVER_TESTS_WORLD(here);
    fill(here);
    const std::string since = here.cursor();
    const auto result = here.push_one(batch().remove(workouts, "w"));
    CHECK(result.outcome == verdict::applied);
    CHECK(result.version == nth_version(2));
    CHECK(result.incarnation == 1);
    CHECK(here.rows() == listing{{"exercises/e", "''"}, {"notes/n", "null 'kept'"}});
    const auto page = here.pull(since);
    REQUIRE(page.rows.size() == 4);
    for (const auto& row : page.rows) {
        CHECK(row.version == nth_version(2));
        CHECK(row.removed == (row.table != notes));
        CHECK(row.incarnation == 1);
    }
}

TEST_CASE("a removal is refused while rows that are not removed with it need the row") {
    SERVER_TESTS_WORLD(here);
    fill(here);
    const listing before = here.rows();
    const auto result = here.push_one(batch().remove(exercises, "e"));
    CHECK(result.outcome == verdict::rejected);
    CHECK(result.permanent);
    CHECK(result.problem.code == error_code::restricted);
    CHECK_THAT(result.problem.message, syncline::tests::contains("2 of exercise_set"));
    CHECK(here.rows() == before);
}

TEST_CASE("what needs a removed row does not refuse the removal that takes it along too") {
    SERVER_TESTS_WORLD(here);
    batch sent("tablet");
    sent.create(folders, "root").create(topics, "a").create(topics, "b", {{"aboveId", local("a")}});
    here.push(sent);
    batch both;
    both.remove(topics, "a").remove(topics, "b");
    for (const auto& result : here.push(both).results) CHECK(result.outcome == verdict::applied);
}

TEST_CASE("rows that need each other in a chain are removed in one push in any order") {
    SERVER_TESTS_WORLD(here);
    batch sent("tablet"), removal;
    for (int i = 0; i < 50; ++i) {
        const std::string row = "t" + std::to_string(i);
        if (i == 0) sent.create(topics, row);
        else sent.create(topics, row, {{"aboveId", local("t" + std::to_string(i - 1))}});
        removal.remove(topics, row);
    }
    here.push(sent);
    for (const auto& result : here.push(removal).results) CHECK(result.outcome == verdict::applied);
    CHECK(here.rows().empty());
}

TEST_CASE("a removal of the owner and of what it owns in one push is applied twice, whoever comes first") {
    SERVER_TESTS_WORLD(here);
    fill(here);
    batch sent;
    sent.remove(workouts, "w").remove(exercise_sets, "s0").remove(exercise_sets, "s1").remove(exercises, "e");
    for (const auto& result : here.push(sent).results) CHECK(result.outcome == verdict::applied);
    CHECK(here.rows() == listing{{"notes/n", "null 'kept'"}});
}

TEST_CASE("a tree is removed from its root, however deep") {
    SERVER_TESTS_WORLD(here);
    batch sent("tablet");
    sent.create(folders, "f0").create(folders, "other");
    for (int i = 1; i < 1'000; ++i) sent.create(folders, "f" + std::to_string(i), {{"parentId", local("f" + std::to_string(i - 1))}});
    here.push(sent);
    CHECK(here.push_one(batch().remove(folders, "f0")).outcome == verdict::applied);
    CHECK(here.rows() == listing{{"folders/other", "null ''"}});
}

TEST_CASE("a row in the middle of a tree is removed with what is below it and nothing above") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(folders, "a").create(folders, "b", {{"parentId", local("a")}}).create(folders, "c", {{"parentId", local("b")}})
                  .create(folders, "d", {{"parentId", local("a")}}));
    here.push(batch().remove(folders, "b"));
    CHECK(here.rows() == listing{{"folders/a", "null ''"}, {"folders/d", "->a ''"}});
}

TEST_CASE("a row that mentions itself can be removed") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(topics, "t", {{"aboveId", local("t")}}));
    CHECK(here.push_one(batch().remove(topics, "t")).outcome == verdict::applied);
    CHECK(here.rows().empty());
}

TEST_CASE("rows that mention each other are freed when one is removed") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(people, "p").create(teams, "t", {{"captainId", local("p")}}).update(people, "p", {{"teamId", local("t")}}));
    here.push(batch().remove(people, "p"));
    CHECK(here.rows() == listing{{"teams/t", "null ''"}});
}

TEST_CASE("a removal takes along rows that the remover has never seen") {
    SERVER_TESTS_WORLD(here);
    fill(here);
    here.push(batch("watch").create(exercise_sets, "unseen", {{"workoutId", local("w")}, {"exerciseId", local("e")}}));
    here.push(batch().remove(workouts, "w"));
    CHECK(here.row(exercise_sets, "unseen").empty());
}

TEST_CASE("a removal of an unknown row is gone without a version") {
    SERVER_TESTS_WORLD(here);
    const auto result = here.push_one(batch().remove(workouts, "w1"));
    CHECK(result.outcome == verdict::gone);
    CHECK(result.version.is_none());
    CHECK(result.id.empty());
}

TEST_CASE("a second removal is gone with the version of the first") {
    SERVER_TESTS_WORLD(here);
    fill(here);
    const auto first = here.push_one(batch().remove(workouts, "w"));
    const auto second = here.push_one(batch("tablet", 9).remove(workouts, "w"));
    CHECK(second.outcome == verdict::gone);
    CHECK(second.version == first.version);
    CHECK(second.id == first.id);
}

TEST_CASE("a removal of an earlier life does not touch the later one") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "w").remove(workouts, "w").create(workouts, "w", {{"title", text("second")}}).life(2));
    const auto result = here.push_one(batch().remove(workouts, "w"));
    CHECK(result.outcome == verdict::gone);
    CHECK(result.incarnation == 2);
    CHECK(here.row(workouts, "w").starts_with("'second'"));
    CHECK(here.push_one(batch("phone", 2).remove(workouts, "w").life(2)).outcome == verdict::applied);
    CHECK(here.row(workouts, "w").empty());
}

TEST_CASE("a removal wins over an edit it has not seen") {
    SERVER_TESTS_WORLD(here);
    fill(here);
    here.push(batch("tablet", 20).update(workouts, "w", {{"rating", number(5)}}, nth_version(1)));
    CHECK(here.push_one(batch().remove(workouts, "w")).outcome == verdict::applied);
    CHECK(here.row(workouts, "w").empty());
}

TEST_CASE("a tombstone tells the base of its removal and what had written the row last, taken as sent or merged") {
    SERVER_TESTS_WORLD(here);
    fill(here);
    const auto known = here.version_of(workouts, "w");
    here.push(batch("watch", 7).update(exercise_sets, "s0", {{"position", number(2)}}, known));
    here.push(batch("laptop", 9).update(exercise_sets, "s1", {{"position", number(3)}}));
    const std::string since = here.cursor();
    here.push(batch("phone", 4).remove(workouts, "w", known));
    const auto page = here.pull(since);
    std::map<std::string, std::string> told;
    for (const auto& row : page.rows)
        told[row.local.str()] = row.base_version.str() + " " + std::string(row.last_writer) + " " + std::to_string(row.last_seq);
    CHECK(told == std::map<std::string, std::string>{{"w", known.str() + " tablet 2"},
                                                     {"s0", known.str() + " watch 7"},
                                                     {"s1", known.str() + " laptop 9"},
                                                     {"n", "0.0  0"}});
}

TEST_CASE("a verdict that carries a tombstone tells the same of its removal") {
    SERVER_TESTS_WORLD(here);
    fill(here);
    const auto known = here.version_of(workouts, "w");
    here.push(batch("phone", 1).update(workouts, "w", {{"title", text("mine")}}, known));
    here.push(batch("watch", 3).remove(workouts, "w", known));
    // The repeat of what is applied long since, whose row has moved on.
    const auto answer = here.push(batch("phone", 1).update(workouts, "w", {{"title", text("mine")}}, known));
    const auto& row = answer.results.front().row;
    REQUIRE(row.has_value());
    CHECK(row->removed);
    CHECK(row->base_version == known);
    CHECK(row->last_writer == "phone");
    CHECK(row->last_seq == 1);
}

TEST_CASE("a row that comes back tells nothing of its former removal") {
    SERVER_TESTS_WORLD(here);
    fill(here);
    here.push(batch("phone", 1).remove(notes, "n", here.version_of(notes, "n")));
    const std::string since = here.cursor();
    here.push(batch("phone", 2).create(notes, "n"));
    const auto page = here.pull(since);
    REQUIRE(page.rows.size() == 1);
    CHECK_FALSE(page.rows[0].removed);
    CHECK(page.rows[0].base_version.is_none());
    CHECK(page.rows[0].last_writer.empty());
}
