/// Creates that meet a row of their name, and what follows them: exercises refuse such a create, in people it wins, teams merge, and
/// everywhere else the row keeps its values.
#include <syncline/server/apply.hpp>

#include <server/support/world.hpp>

using namespace server_tests;

namespace {

/// A workout "w" that the tablet made, and its version.
syncline::row_version with_workout(world& here) {
    return here.push_one(batch("tablet").create(workouts, "w", {{"title", text("theirs")}, {"rating", number(1)}})).version;
}

/// A workout "w" that was made and removed this many times by the tablet.
void with_tombstone(world& here, int lives) {
    for (int i = 0; i < lives; ++i) here.push(batch("tablet", 2 * i + 1).create(workouts, "w").life(i + 1).remove(workouts, "w").life(i + 1));
}

syncline::column_mask column(int table, std::string_view name) {
    return syncline::only_column(static_cast<std::size_t>(schema::view()[table].find_column(name)));
}

}  // namespace

TEST_CASE("a create that meets a row leaves it its values and is told which ones it kept") {
    SERVER_TESTS_WORLD(here);
    const auto version = with_workout(here);
    const auto answer = here.push(batch().create(workouts, "w", {{"title", text("mine")}, {"rating", number(1)}, {"done", cell::boolean(true)}}));
    const auto& result = answer.results.front();
    CHECK(result.outcome == verdict::merged);
    CHECK(result.kept == (column(workouts, "title") | column(workouts, "done")));
    CHECK(result.overwritten == 0);
    CHECK(result.refused == 0);
    REQUIRE(result.row.has_value());
    CHECK(result.row->cells[0] == text("theirs"));
    CHECK(result.version == version);
    CHECK(here.version_of(workouts, "w") == version);
    CHECK(here.row(workouts, "w") == "'theirs' null 1 0.000000 false ''");
}

TEST_CASE("a create that meets an equal row agrees with it, whatever the policy") {
    SERVER_TESTS_WORLD(here);
    for (const int table : {workouts, exercises, people, teams}) {
        const char* const name = table == workouts ? "title" : "name";
        const auto version = here.push_one(batch("tablet", table + 1).create(table, "x", {{name, text("same")}})).version;
        const auto result = here.push_one(batch("phone", table + 1).create(table, "x", {{name, text("same")}}));
        CHECK(result.outcome == verdict::merged);
        CHECK((result.kept | result.overwritten | result.refused) == 0);
        CHECK(result.row.has_value());
        CHECK(result.version == version);
        CHECK(here.version_of(table, "x") == version);
    }
}

TEST_CASE("keys of creates that meet are compared by the rows they point at") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "a").create(workouts, "b").create(notes, "n", {{"workoutId", local("a")}}));
    CHECK(here.push_one(batch().create(notes, "n", {{"workoutId", local("a")}})).kept == 0);
    CHECK(here.push_one(batch("watch").create(notes, "n", {{"workoutId", local("b")}})).kept == column(notes, "workoutId"));
    CHECK(here.row(notes, "n") == "->a ''");
}

TEST_CASE("a create that meets a row and points at a removed one leaves the row its key") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "a").create(notes, "n", {{"workoutId", local("a")}}).create(workouts, "b"));
    here.push(batch("tablet", 4).remove(workouts, "b"));
    const auto result = here.push_one(batch().create(notes, "n", {{"workoutId", local("b")}}));
    CHECK(result.outcome == verdict::merged);
    CHECK(result.kept == column(notes, "workoutId"));
    CHECK(result.refused == 0);
    CHECK(here.row(notes, "n") == "->a ''");
}

TEST_CASE("a create that meets a row whose own it does not know waits for what it points at") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(notes, "n"));
    batch sent;
    sent.create(notes, "n", {{"workoutId", local("late")}});
    CHECK(here.push_one(sent).outcome == verdict::waits);
    here.push(batch("tablet", 2).create(workouts, "late"));
    CHECK(here.push_one(sent).kept == column(notes, "workoutId"));
}

TEST_CASE("a create that wins replaces the row's values and is told them") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(teams, "t").create(people, "p", {{"name", text("theirs")}}));
    const auto answer = here.push(batch().create(people, "p", {{"name", text("mine")}, {"teamId", local("t")}}));
    const auto& result = answer.results.front();
    CHECK(result.outcome == verdict::merged);
    CHECK(result.kept == 0);
    CHECK(result.overwritten == (column(people, "name") | column(people, "teamId")));
    CHECK(result.lost[1] == text("theirs"));
    CHECK(result.lost[0].is_null());
    CHECK(here.row(people, "p") == "->t 'mine'");
}

TEST_CASE("a create that merges follows the fields' policies without knowing a value before") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(teams, "t", {{"name", text("theirs")}}));
    const auto result = here.push_one(batch().create(teams, "t", {{"name", text("mine")}}));
    CHECK(result.outcome == verdict::merged);
    CHECK((result.kept | result.overwritten) == 0);
    CHECK(here.row(teams, "t") == "null 'mine'");
}

TEST_CASE("a create that its entity refuses names the first field that differs and changes nothing") {
    SERVER_TESTS_WORLD(here);
    const auto version = here.push_one(batch("tablet").create(exercises, "e", {{"name", text("theirs")}})).version;
    batch sent;
    sent.create(exercises, "e", {{"name", text("mine")}});
    for (int i = 0; i < 2; ++i) {
        const auto result = here.push_one(sent);
        CHECK(result.outcome == verdict::rejected);
        CHECK(result.permanent);
        CHECK(result.problem.code == error_code::already_exists);
        CHECK(result.problem.entity == "exercise");
        CHECK(result.problem.local_id == "e");
        if (i == 0) CHECK(result.problem.field == "name");
    }
    CHECK(here.version_of(exercises, "e") == version);
    CHECK(here.row(exercises, "e") == "'theirs'");
}

TEST_CASE("what follows a create that was refused does not touch the row it met") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(exercises, "e", {{"name", text("theirs")}}));
    batch sent;
    sent.create(exercises, "e", {{"name", text("mine")}}).update(exercises, "e", {{"name", text("edited")}}).remove(exercises, "e");
    for (int i = 0; i < 2; ++i)
        for (const auto& result : here.push(sent).results) CHECK(result.outcome == verdict::rejected);
    CHECK(here.push_one(batch("phone", 4).create(workouts, "w")).outcome == verdict::applied);
    CHECK(here.row(exercises, "e") == "'theirs'");
}

TEST_CASE("a repeat of a create that met a row is told the same fields") {
    SERVER_TESTS_WORLD(here);
    with_workout(here);
    batch sent;
    sent.create(workouts, "w", {{"title", text("mine")}});
    const auto first = here.push_one(sent);
    const auto again = here.push_one(sent);
    CHECK(again.outcome == verdict::merged);
    CHECK(again.kept == first.kept);
    CHECK(again.kept == (column(workouts, "title") | column(workouts, "rating")));
    CHECK(again.row.has_value());
}

TEST_CASE("an atomic push does not put up with a create that met another row") {
    SERVER_TESTS_WORLD(here);
    with_workout(here);
    const syncline::error reason = here.refuse_push(batch().create(workouts, "v").create(workouts, "w", {{"title", text("mine")}, {"rating", number(1)}}).atomic());
    CHECK(reason.code == error_code::already_exists);
    CHECK(reason.local_id == "w");
    CHECK(reason.field == "title");
    CHECK(here.row(workouts, "v").empty());
    CHECK(here.push_one(batch().create(workouts, "w", {{"title", text("theirs")}, {"rating", number(1)}}).atomic()).outcome == verdict::merged);
}

TEST_CASE("what was edited since a create is an edit of what it made") {
    SERVER_TESTS_WORLD(here);
    with_workout(here);
    const auto answer = here.push(batch().create(workouts, "w", {{"title", text("edited")}, {"rating", number(2)}, {"load", cell::real(5)}})
                                      .edited({{"title", text("made")}, {"load", cell::real(0)}}));
    const auto& result = answer.results.front();
    CHECK(result.outcome == verdict::merged);
    CHECK(result.kept == column(workouts, "rating"));
    CHECK(result.overwritten == column(workouts, "title"));
    CHECK(result.lost[0] == text("theirs"));
    CHECK(here.row(workouts, "w") == "'edited' null 1 5.000000 false ''");
}

TEST_CASE("an edited create that meets a row leaves what its create and its edit leave one after the other") {
    SERVER_TESTS_WORLD(here);
    for (const int table : {workouts, people, teams}) {
        const char* const name = table == workouts ? "title" : "name";
        for (const char* theirs : {"theirs", "made", "edited"})
            for (const char* made : {"made", "theirs"}) {
                const std::string of = theirs + std::string(made) + std::to_string(table), one = "one-" + of, two = "two-" + of;
                for (const std::string& row : {one, two}) here.push(batch("tablet " + row).create(table, row, {{name, text(theirs)}}));
                here.push(batch("phone " + one).create(table, one, {{name, text("edited")}}).edited({{name, text(made)}}));
                batch apart("phone " + two);
                apart.create(table, two, {{name, text(made)}}).update(table, two, {{name, text("edited")}}, {}, {{name, text(made)}});
                here.push(apart);
                CHECK(here.row(table, one) == here.row(table, two));
                CHECK(here.row(table, one).find("'edited'") != std::string::npos);
            }
    }
}

TEST_CASE("a key edited since a create is compared by the rows it pointed at") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "a").create(workouts, "b").create(notes, "n", {{"workoutId", local("a")}}));
    const auto result = here.push_one(batch().create(notes, "n", {{"workoutId", local("b")}}).edited({{"workoutId", local("a")}}));
    CHECK(result.overwritten == 0);
    CHECK(result.kept == 0);
    CHECK(here.row(notes, "n") == "->b ''");
    const auto unknown = here.push_one(batch("watch").create(notes, "n", {{"workoutId", local("a")}}).edited({{"workoutId", local("nowhere")}}));
    CHECK(unknown.kept == 0);
    CHECK(here.row(notes, "n") == "->a ''");
}

TEST_CASE("an entity that refuses compares what was made, and takes the edit of an equal row") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(exercises, "e", {{"name", text("made")}}));
    CHECK(here.push_one(batch().create(exercises, "e", {{"name", text("edited")}}).edited({{"name", text("made")}})).outcome == verdict::merged);
    CHECK(here.row(exercises, "e") == "'edited'");
    CHECK(here.push_one(batch("watch").create(exercises, "e", {{"name", text("edited")}}).edited({{"name", text("other")}})).outcome == verdict::rejected);
}

TEST_CASE("a value that a create was made with has to fit its field") {
    SERVER_TESTS_WORLD(here);
    const auto result = here.push_one(batch().create(people, "p").edited({{"name", number(3)}}));
    CHECK(result.outcome == verdict::rejected);
    CHECK(result.problem.code == error_code::wrong_type);
    CHECK(result.problem.field == "name");
}

TEST_CASE("a create that meets no row takes the edited values") {
    SERVER_TESTS_WORLD(here);
    const auto result = here.push_one(batch().create(workouts, "w", {{"title", text("edited")}}).edited({{"title", text("made")}}));
    CHECK(result.outcome == verdict::applied);
    CHECK(here.row(workouts, "w").starts_with("'edited'"));
}

TEST_CASE("a create is an edit of the living row, whichever lives both name") {
    SERVER_TESTS_WORLD(here);
    with_tombstone(here, 2);
    here.push(batch("tablet", 5).create(people, "x").create(people, "p", {{"name", text("theirs")}}));
    here.push(batch("tablet", 7).remove(people, "p").create(people, "p", {{"name", text("second life")}}).life(2));
    for (const syncline::incarnation_number life : {1, 2, 3, 9}) {
        const auto answer = here.push(batch("phone", life).create(people, "p", {{"name", text("mine " + std::to_string(life))}}).life(life));
        const auto& result = answer.results.front();
        CHECK(result.outcome == verdict::merged);
        CHECK(result.incarnation == 2);
        REQUIRE(result.row.has_value());
        CHECK(result.row->incarnation == 2);
        CHECK(here.row(people, "p") == "null 'mine " + std::to_string(life) + "'");
    }
}

TEST_CASE("a create that meets a removed row starts its next life, whichever life it names") {
    SERVER_TESTS_WORLD(here);
    with_tombstone(here, 3);
    syncline::incarnation_number current = 3;
    for (const syncline::incarnation_number named : {1, 3, 4, 9, 2}) {
        const std::string device = "phone " + std::to_string(named);
        const auto result = here.push_one(batch(device).create(workouts, "w", {{"title", text(device)}}).life(named));
        CHECK(result.outcome == verdict::applied);
        CHECK(result.incarnation == ++current);
        CHECK(here.row(workouts, "w").starts_with("'" + device));
        here.push(batch(device, 2).remove(workouts, "w").life(current));
        CHECK(here.row(workouts, "w").empty());
    }
}

TEST_CASE("a create of an unknown row starts its first life, whichever life it names") {
    SERVER_TESTS_WORLD(here);
    const auto result = here.push_one(batch().create(workouts, "w").life(5));
    CHECK(result.outcome == verdict::applied);
    CHECK(result.incarnation == 1);
}

TEST_CASE("a repeat of a create does not start a life again") {
    SERVER_TESTS_WORLD(here);
    with_tombstone(here, 1);
    batch sent;
    sent.create(workouts, "w");
    CHECK(here.push_one(sent).incarnation == 2);
    here.push(batch("tablet", 9).remove(workouts, "w").life(2));
    const auto again = here.push_one(sent);
    CHECK(again.outcome == verdict::applied);
    REQUIRE(again.row.has_value());
    CHECK(again.row->removed);
    CHECK(here.row(workouts, "w").empty());
}

TEST_CASE("what follows a create in its push is about the life that it got") {
    SERVER_TESTS_WORLD(here);
    with_tombstone(here, 3);
    batch sent;
    sent.create(workouts, "w").update(workouts, "w", {{"rating", number(5)}}).update(workouts, "w", {{"title", text("named")}});
    for (const auto& result : here.push(sent).results) {
        CHECK(result.outcome == verdict::applied);
        CHECK(result.incarnation == 4);
    }
    CHECK(here.row(workouts, "w").starts_with("'named' null 5"));
}

TEST_CASE("a removal that follows a create in its push takes the life that the create got") {
    SERVER_TESTS_WORLD(here);
    with_tombstone(here, 3);
    for (const auto& result : here.push(batch().create(workouts, "w").remove(workouts, "w")).results) CHECK(result.outcome == verdict::applied);
    CHECK(here.row(workouts, "w").empty());
}

TEST_CASE("what follows a create that met a living row is about that row") {
    SERVER_TESTS_WORLD(here);
    with_tombstone(here, 2);
    here.push(batch("tablet", 9).create(workouts, "w", {{"title", text("third life")}}).life(3));
    const auto answer = here.push(batch().create(workouts, "w").update(workouts, "w", {{"rating", number(5)}}));
    CHECK(answer.results[1].outcome == verdict::merged);
    CHECK(here.row(workouts, "w").starts_with("'third life' null 5"));
}

TEST_CASE("what follows a repeated create is about the life that the create got") {
    SERVER_TESTS_WORLD(here);
    with_tombstone(here, 3);
    here.push(batch().create(workouts, "w"));
    const auto answer = here.push(batch().create(workouts, "w").update(workouts, "w", {{"rating", number(5)}}));
    CHECK(answer.results[0].outcome == verdict::applied);
    CHECK(answer.results[1].outcome == verdict::merged);
    CHECK(answer.results[1].incarnation == 4);
    CHECK(here.row(workouts, "w").starts_with("'' null 5"));
}

TEST_CASE("what a device did before a create is not about the life that the create got") {
    SERVER_TESTS_WORLD(here);
    with_tombstone(here, 3);
    batch sent;
    sent.update(workouts, "w", {{"rating", number(5)}}).remove(workouts, "w").create(workouts, "w", {{"title", text("new")}}).life(2);
    const auto answer = here.push(sent);
    CHECK(answer.results[0].outcome == verdict::gone);
    CHECK(answer.results[1].outcome == verdict::gone);
    CHECK(answer.results[2].outcome == verdict::applied);
    CHECK(here.row(workouts, "w").starts_with("'new' null 0"));
}

TEST_CASE("lives that one push ends and begins follow each other") {
    SERVER_TESTS_WORLD(here);
    with_tombstone(here, 3);
    batch sent;
    sent.create(workouts, "w").update(workouts, "w", {{"rating", number(1)}}).remove(workouts, "w");
    sent.create(workouts, "w").life(2).update(workouts, "w", {{"rating", number(2)}}).life(2);
    const auto answer = here.push(sent);
    for (const auto& result : answer.results) CHECK(result.outcome == verdict::applied);
    CHECK(answer.results[4].incarnation == 5);
    CHECK(here.row(workouts, "w").starts_with("'' null 2"));
}

TEST_CASE("what follows a create that waits at a removed row waits with it") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(folders, "c").remove(folders, "c"));
    batch sent;
    sent.create(folders, "c", {{"parentId", local("p")}}).update(folders, "c", {{"name", text("named")}}).remove(folders, "c");
    for (const auto& result : here.push(sent).results) CHECK(result.outcome == verdict::waits);
    here.push(batch("tablet", 3).create(folders, "p"));
    for (const auto& result : here.push(sent).results) CHECK(result.outcome == verdict::applied);
    CHECK(here.row(folders, "c").empty());
}

TEST_CASE("an edit or a removal of another life never touches the row") {
    SERVER_TESTS_WORLD(here);
    with_tombstone(here, 1);
    here.push(batch("tablet", 9).create(workouts, "w", {{"title", text("second")}}).life(2));
    CHECK(here.push_one(batch("phone", 1).update(workouts, "w", {{"rating", number(5)}})).outcome == verdict::gone);
    CHECK(here.push_one(batch("phone", 2).remove(workouts, "w")).outcome == verdict::gone);
    CHECK(here.push_one(batch("phone", 3).update(workouts, "w", {{"rating", number(5)}}).life(3)).problem.code == error_code::incarnation_behind);
    CHECK(here.push_one(batch("phone", 4).remove(workouts, "w").life(3)).problem.code == error_code::incarnation_behind);
    CHECK(here.row(workouts, "w").starts_with("'second' null 0"));
}
