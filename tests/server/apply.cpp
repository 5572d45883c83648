#include <syncline/server/apply.hpp>

#include <server/support/world.hpp>

using namespace server_tests;

namespace {

/// A workout "w" that the tablet made, and its version.
syncline::row_version with_workout(world& here) {
    return here.push_one(batch("tablet").create(workouts, "w", {{"title", text("old")}, {"rating", number(1)}})).version;
}

syncline::column_mask column(int table, std::string_view name) {
    return syncline::only_column(static_cast<std::size_t>(schema::view()[table].find_column(name)));
}

}  // namespace

TEST_CASE("a create is applied under a new version and a server id of its own") {
    SERVER_TESTS_WORLD(here);
    const auto result = here.push_one(batch().create(workouts, "w", {{"title", text("legs")}, {"load", cell::real(2.5)}, {"photo", cell::bytes("\xff")}}));
    CHECK(result.outcome == verdict::applied);
    CHECK(result.version == nth_version(1));
    CHECK(result.incarnation == 1);
    CHECK(result.updated_at_ms > 1'700'000'000'000);
    CHECK(result.local.view() == "w");
    CHECK(result.id.size() == 26);
    CHECK(result.refused == 0);
    CHECK_FALSE(result.row.has_value());
    CHECK(here.row(workouts, "w") == "'legs' null 0 2.500000 false '\xff'");
    CHECK(here.id_of(workouts, "w") == result.id.view());
}

TEST_CASE("all rows of one push share its version, and the next push takes the next") {
    SERVER_TESTS_WORLD(here);
    const auto first = here.push(batch().create(workouts, "a").create(exercises, "b"));
    CHECK(first.version == nth_version(1));
    CHECK(first.results[0].version == nth_version(1));
    CHECK(first.results[1].version == nth_version(1));
    CHECK(here.push(batch("phone", 3).create(workouts, "c")).version == nth_version(2));
}

TEST_CASE("owners count their versions and name their rows apart") {
    SERVER_TESTS_WORLD(here);
    const auto result = here.push_one(batch().create(workouts, "w1", {{"title", text("alice's")}}));
    CHECK(result.outcome == verdict::applied);
    CHECK(result.version == nth_version(1));
    CHECK(result.id.view() != here.id_of(workouts, "w1", "bob"));
}

TEST_CASE("the next life of a row keeps its server id") {
    SERVER_TESTS_WORLD(here);
    with_workout(here);
    const std::string id = here.id_of(workouts, "w");
    here.push(batch("tablet", 2).remove(workouts, "w"));
    const auto result = here.push_one(batch().create(workouts, "w", {{"title", text("again")}}).life(2));
    CHECK(result.outcome == verdict::applied);
    CHECK(result.incarnation == 2);
    CHECK(result.id.view() == id);
    CHECK(here.row(workouts, "w").starts_with("'again' null 0"));
}

TEST_CASE("an edit of the newest version is applied") {
    SERVER_TESTS_WORLD(here);
    const auto version = with_workout(here);
    const auto result = here.push_one(batch().update(workouts, "w", {{"rating", number(5)}}, version, {{"rating", number(1)}}));
    CHECK(result.outcome == verdict::applied);
    CHECK(result.version == version.next());
    CHECK_FALSE(result.row.has_value());
    CHECK(here.row(workouts, "w") == "'old' null 5 0.000000 false ''");
}

TEST_CASE("edits of different fields both survive, and the second is told the whole row") {
    SERVER_TESTS_WORLD(here);
    const auto version = with_workout(here);
    here.push(batch("tablet", 2).update(workouts, "w", {{"title", text("theirs")}}, version, {{"title", text("old")}}));
    const auto answer = here.push(batch().update(workouts, "w", {{"rating", number(5)}}, version, {{"rating", number(1)}}));
    const auto& result = answer.results.front();
    CHECK(result.outcome == verdict::merged);
    CHECK(result.overwritten == 0);
    REQUIRE(result.row.has_value());
    CHECK(result.row->cells[0] == text("theirs"));
    CHECK(here.row(workouts, "w") == "'theirs' null 5 0.000000 false ''");
}

TEST_CASE("of two edits of one field the later wins, and what it replaced is in the verdict") {
    SERVER_TESTS_WORLD(here);
    const auto version = with_workout(here);
    here.push(batch("tablet", 2).update(workouts, "w", {{"title", text("theirs")}}, version, {{"title", text("old")}}));
    const auto answer = here.push(batch().update(workouts, "w", {{"title", text("mine")}}, version, {{"title", text("old")}}));
    const auto& result = answer.results.front();
    CHECK(result.outcome == verdict::merged);
    CHECK(result.overwritten == column(workouts, "title"));
    REQUIRE(result.lost.size() == schema::view()[workouts].columns.size());
    CHECK(result.lost[0] == text("theirs"));
    CHECK(here.row(workouts, "w").starts_with("'mine'"));
}

TEST_CASE("the same change made twice is no conflict") {
    SERVER_TESTS_WORLD(here);
    const auto version = with_workout(here);
    here.push(batch("tablet", 2).update(workouts, "w", {{"title", text("same")}}, version, {{"title", text("old")}}));
    const auto result = here.push_one(batch().update(workouts, "w", {{"title", text("same")}}, version, {{"title", text("old")}}));
    CHECK(result.outcome == verdict::merged);
    CHECK(result.overwritten == 0);
    CHECK(result.version == version.next());
    CHECK(here.version_of(workouts, "w") == version.next());
}

TEST_CASE("a key that another device changed meanwhile is compared by the row it points at") {
    SERVER_TESTS_WORLD(here);
    const auto version = here.push(batch("tablet").create(workouts, "a").create(workouts, "b").create(workouts, "c")
                                       .create(notes, "n", {{"workoutId", local("a")}})).version;
    auto result = here.push_one(batch().update(notes, "n", {{"workoutId", local("b")}}, version, {{"workoutId", local("a")}}));
    CHECK(result.outcome == verdict::applied);
    CHECK(result.overwritten == 0);
    const auto answer = here.push(batch("tablet", 9).update(notes, "n", {{"workoutId", local("c")}}, version, {{"workoutId", local("a")}}));
    CHECK(answer.results.front().overwritten == column(notes, "workoutId"));
    CHECK(answer.results.front().lost[0] == remote(here.id_of(workouts, "b")));
    CHECK(here.row(notes, "n") == "->c ''");
}

TEST_CASE("an edit without the version it was made on is merged") {
    SERVER_TESTS_WORLD(here);
    with_workout(here);
    const auto result = here.push_one(batch().update(workouts, "w", {{"rating", number(5)}}));
    CHECK(result.outcome == verdict::merged);
    CHECK(result.row.has_value());
    CHECK(here.row(workouts, "w").starts_with("'old' null 5"));
}

TEST_CASE("an edit that changes nothing takes no version") {
    SERVER_TESTS_WORLD(here);
    const auto version = with_workout(here);
    const auto result = here.push_one(batch().update(workouts, "w", {{"rating", number(1)}}, version));
    CHECK(result.outcome == verdict::applied);
    CHECK(result.version == version);
    CHECK(here.version_of(workouts, "w") == version);
}

TEST_CASE("an edit of an unknown row is refused for good") {
    SERVER_TESTS_WORLD(here);
    const auto result = here.push_one(batch().update(workouts, "w1", {{"rating", number(5)}}));
    CHECK(result.outcome == verdict::rejected);
    CHECK(result.permanent);
    CHECK(result.problem.code == error_code::not_found);
    CHECK(result.problem.local_id == "w1");
}

TEST_CASE("an edit of a removed row is gone, with the removal's version") {
    SERVER_TESTS_WORLD(here);
    const auto version = with_workout(here);
    const auto removed = here.push_one(batch("tablet", 2).remove(workouts, "w"));
    const auto result = here.push_one(batch().update(workouts, "w", {{"rating", number(5)}}, version));
    CHECK(result.outcome == verdict::gone);
    CHECK(result.version == removed.version);
    CHECK(result.incarnation == 1);
    CHECK(result.id == removed.id);
    CHECK(here.row(workouts, "w").empty());
}

TEST_CASE("an edit of an earlier life of a row does not touch the later one") {
    SERVER_TESTS_WORLD(here);
    with_workout(here);
    here.push(batch("tablet", 2).remove(workouts, "w").create(workouts, "w", {{"title", text("second life")}}).life(2));
    const auto result = here.push_one(batch().update(workouts, "w", {{"rating", number(5)}}, nth_version(1)));
    CHECK(result.outcome == verdict::gone);
    CHECK(result.incarnation == 2);
    CHECK(here.row(workouts, "w").starts_with("'second life' null 0"));
}

TEST_CASE("an edit of a life that has not begun is refused") {
    SERVER_TESTS_WORLD(here);
    with_workout(here);
    const auto result = here.push_one(batch().update(workouts, "w", {{"rating", number(5)}}, nth_version(1)).life(2));
    CHECK(result.outcome == verdict::rejected);
    CHECK(result.problem.code == error_code::incarnation_behind);
}

TEST_CASE("create and edit of one row in one push are both applied") {
    SERVER_TESTS_WORLD(here);
    const auto answer = here.push(batch().create(workouts, "w").update(workouts, "w", {{"rating", number(4)}}).update(workouts, "w", {{"done", cell::boolean(true)}}));
    for (const auto& result : answer.results) {
        CHECK(result.outcome == verdict::applied);
        CHECK(result.version == nth_version(1));
        CHECK_FALSE(result.row.has_value());
    }
    CHECK(here.row(workouts, "w") == "'' null 4 0.000000 true ''");
}

TEST_CASE("two edits of one row on the same base in one push are both applied") {
    SERVER_TESTS_WORLD(here);
    const auto version = with_workout(here);
    batch sent;
    sent.update(workouts, "w", {{"rating", number(2)}}, version).update(workouts, "w", {{"rating", number(3)}}, version);
    for (const auto& result : here.push(sent).results) CHECK(result.outcome == verdict::applied);
    CHECK(here.row(workouts, "w").starts_with("'old' null 3"));
}

TEST_CASE("an applied edit comes with the row when a later operation of the push changed it another way") {
    SERVER_TESTS_WORLD(here);
    const auto version = with_workout(here);
    here.push(batch("tablet", 2).create(notes, "n", {{"workoutId", local("w")}}));
    batch sent;
    sent.update(notes, "n", {{"text", text("edited")}}, version.next()).remove(workouts, "w");
    const auto answer = here.push(sent);
    CHECK(answer.results[0].outcome == verdict::applied);
    REQUIRE(answer.results[0].row.has_value());
    CHECK(answer.results[0].row->cells[0].is_null());
    CHECK(answer.results[1].outcome == verdict::applied);
    CHECK_FALSE(answer.results[1].row.has_value());
    CHECK(here.row(notes, "n") == "null 'edited'");
}

TEST_CASE("what follows a create that waits, waits with it") {
    SERVER_TESTS_WORLD(here);
    batch sent;
    sent.create(folders, "c", {{"parentId", local("p")}}).update(folders, "c", {{"name", text("named")}}).remove(folders, "c");
    for (const auto& result : here.push(sent).results) CHECK(result.outcome == verdict::waits);
    here.push(batch("tablet").create(folders, "p"));
    for (const auto& result : here.push(sent).results) CHECK(result.outcome == verdict::applied);
    CHECK(here.row(folders, "c").empty());
}

TEST_CASE("a removal does not wait for an edit that waits") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(folders, "c"));
    batch sent;
    sent.update(folders, "c", {{"parentId", local("p")}}).remove(folders, "c");
    const auto answer = here.push(sent);
    CHECK(answer.results[0].outcome == verdict::waits);
    CHECK(answer.results[1].outcome == verdict::applied);
    CHECK(here.push(sent).results[0].outcome == verdict::gone);
}

TEST_CASE("values that a table cannot hold are refused by the field's name") {
    SERVER_TESTS_WORLD(here);
    const auto result = here.push_one(batch().create(workouts, "w", {{"title", text("\xff")}}));
    CHECK(result.outcome == verdict::rejected);
    CHECK(result.permanent);
    CHECK(result.problem.code == error_code::invalid_text);
    CHECK(result.problem.field == "title");
    CHECK(here.rows().empty());
}
