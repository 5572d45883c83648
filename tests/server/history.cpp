#include <syncline/server/history.hpp>

#include <server/support/world.hpp>

using namespace server_tests;

TEST_CASE("a repeated push is answered the same and changes nothing") {
    SERVER_TESTS_WORLD(here);
    batch sent;
    sent.create(exercises, "e").create(workouts, "w").create(exercise_sets, "s", {{"workoutId", local("w")}, {"exerciseId", local("e")}});
    const auto first = here.push(sent);
    const listing before = here.rows();
    const auto again = here.push(sent);
    CHECK(here.rows() == before);
    CHECK(again.version == first.version);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(again.results[i].outcome == verdict::applied);
        CHECK(again.results[i].id == first.results[i].id);
        CHECK(again.results[i].version == first.results[i].version);
        CHECK(again.results[i].digest == first.results[i].digest);
        CHECK_FALSE(again.results[i].row.has_value());
    }
}

TEST_CASE("a repeat is answered with the row as it is now when the row has moved on") {
    SERVER_TESTS_WORLD(here);
    batch create;
    create.create(workouts, "w", {{"title", text("mine")}});
    const auto version = here.push_one(create).version;
    here.push(batch("tablet").update(workouts, "w", {{"title", text("theirs")}}, version));
    const auto again = here.push(create).results.front();
    CHECK(again.outcome == verdict::applied);
    CHECK(again.version == version + 1);
    REQUIRE(again.row.has_value());
    CHECK(again.row->version == version + 1);
    CHECK_FALSE(again.row->removed);
    CHECK(here.row(workouts, "w") == "'theirs' null 0 0.000000 false ''");
}

TEST_CASE("a repeated push of a row that is now removed does not bring it back") {
    SERVER_TESTS_WORLD(here);
    batch create;
    create.create(workouts, "w");
    here.push(create);
    here.push(batch("tablet").remove(workouts, "w"));
    const auto again = here.push(create).results.front();
    CHECK(again.outcome == verdict::applied);
    REQUIRE(again.row.has_value());
    CHECK(again.row->removed);
    CHECK(here.row(workouts, "w").empty());
}

TEST_CASE("a repeat of a merged edit comes with the whole row") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "w", {{"title", text("a")}}));
    batch edit;
    edit.update(workouts, "w", {{"rating", number(3)}}, 0);
    CHECK(here.push_one(edit).outcome == verdict::merged);
    const auto again = here.push_one(edit);
    CHECK(again.outcome == verdict::merged);
    CHECK(again.row.has_value());
}

TEST_CASE("another content under a used sequence refuses the whole push") {
    SERVER_TESTS_WORLD(here);
    here.push(batch().create(workouts, "w", {{"title", text("first")}}));
    batch forked;
    forked.create(exercises, "e").seq(2).create(workouts, "w", {{"title", text("second")}}).seq(1);
    const syncline::error reason = here.refuse_push(forked);
    CHECK(reason.code == error_code::device_forked);
    CHECK(reason.local_id == "w");
    CHECK(here.row(exercises, "e").empty());
    CHECK(here.row(workouts, "w").starts_with("'first'"));
}

TEST_CASE("a digest that the sender gives is the one that counts") {
    SERVER_TESTS_WORLD(here);
    batch sent, other;
    sent.create(workouts, "w");
    sent.request.operations.front().digest = 77;
    CHECK(here.push_one(sent).digest == 77);
    CHECK(here.push_one(sent).outcome == verdict::applied);
    other.create(workouts, "w");
    other.request.operations.front().digest = 78;
    CHECK(here.refuse_push(other).code == error_code::device_forked);
}

TEST_CASE("the encoding of a key may differ between a push and its repeat") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "w"));
    batch sent, again;
    sent.create(notes, "n", {{"workoutId", local("w")}});
    again.create(notes, "n", {{"workoutId", remote(here.id_of(workouts, "w"))}});
    sent.request.operations.front().digest = again.request.operations.front().digest = 5;
    here.push(sent);
    CHECK(here.push_one(again).outcome == verdict::applied);
}

TEST_CASE("at or below the settled floor every repeat is settled") {
    SERVER_TESTS_WORLD(here);
    batch old;
    old.create(workouts, "w");
    here.push(old);
    here.push(batch("phone", 2).acknowledge(1).create(exercises, "e"));
    here.push(batch("tablet").remove(workouts, "w"));
    const auto again = here.push_one(old);
    CHECK(again.outcome == verdict::settled);
    CHECK_FALSE(again.row.has_value());
    CHECK(here.row(workouts, "w").empty());
    CHECK(here.push_one(old).outcome == verdict::settled);
}

TEST_CASE("changed content at or below the floor is settled and not a fork") {
    SERVER_TESTS_WORLD(here);
    here.push(batch().create(workouts, "w"));
    here.push(batch("phone", 2).acknowledge(1).create(exercises, "e"));
    CHECK(here.push_one(batch().create(workouts, "w", {{"title", text("changed")}})).outcome == verdict::settled);
}

TEST_CASE("an operation at or below the floor of its own push does nothing") {
    SERVER_TESTS_WORLD(here);
    CHECK(here.push_one(batch("phone", 3).acknowledge(3).create(workouts, "w")).outcome == verdict::settled);
    CHECK(here.row(workouts, "w").empty());
}

TEST_CASE("a lower floor in a late request does not lower the server's") {
    SERVER_TESTS_WORLD(here);
    here.push(batch().create(workouts, "w"));
    here.push(batch("phone", 2).acknowledge(1).create(exercises, "e"));
    CHECK(here.push_one(batch().acknowledge(0).create(workouts, "w")).outcome == verdict::settled);
}

TEST_CASE("sequences of two devices have nothing to do with each other") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("phone").create(workouts, "w"));
    CHECK(here.push_one(batch("tablet").create(exercises, "e")).outcome == verdict::applied);
}

TEST_CASE("the same device name of two owners is two devices") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("seed").create(folders, "only-alice"));
    CHECK(here.row(folders, "only-alice") == "null ''");
}

TEST_CASE("an operation that waits leaves its sequence open") {
    SERVER_TESTS_WORLD(here);
    batch child;
    child.create(folders, "c", {{"parentId", local("p")}});
    CHECK(here.push_one(child).outcome == verdict::waits);
    CHECK(here.push_one(child).outcome == verdict::waits);
    here.push(batch("tablet").create(folders, "p"));
    CHECK(here.push_one(child).outcome == verdict::applied);
    CHECK(here.row(folders, "c") == "->p ''");
}

TEST_CASE("a sequence that waited may come back with another digest") {
    SERVER_TESTS_WORLD(here);
    CHECK(here.push_one(batch().create(folders, "c", {{"parentId", local("p")}})).outcome == verdict::waits);
    CHECK(here.push_one(batch().create(folders, "c")).outcome == verdict::applied);
}

TEST_CASE("a permanent refusal is answered again with its reason") {
    SERVER_TESTS_WORLD(here);
    batch edit;
    edit.update(workouts, "unknown", {{"rating", number(1)}});
    here.push(edit);
    here.push(batch("tablet").create(workouts, "unknown"));
    const auto again = here.push_one(edit);
    CHECK(again.outcome == verdict::rejected);
    CHECK(again.permanent);
    CHECK(again.problem.code == error_code::not_found);
    CHECK(again.problem.entity == "workout");
    CHECK(again.problem.local_id == "unknown");
    CHECK_FALSE(again.row.has_value());
}

TEST_CASE("a void of an operation that arrived is answered with that operation's verdict") {
    SERVER_TESTS_WORLD(here);
    const auto version = here.push_one(batch().create(workouts, "w")).version;
    const auto closed = here.push_one(batch().close(workouts, "w", 1));
    CHECK(closed.outcome == verdict::applied);
    CHECK(closed.version == version);
    CHECK_FALSE(here.row(workouts, "w").empty());
}

TEST_CASE("a void makes sure that the operation is never applied") {
    SERVER_TESTS_WORLD(here);
    CHECK(here.push_one(batch().close(workouts, "w", 1)).outcome == verdict::closed);
    CHECK(here.push_one(batch().close(workouts, "w", 1)).outcome == verdict::closed);
    CHECK(here.push_one(batch().create(workouts, "w")).outcome == verdict::closed);
    CHECK(here.row(workouts, "w").empty());
}

TEST_CASE("a void at or below the floor is settled") {
    SERVER_TESTS_WORLD(here);
    CHECK(here.push_one(batch().acknowledge(4).close(workouts, "w", 4)).outcome == verdict::settled);
}

TEST_CASE("a void writes no row and takes no version") {
    SERVER_TESTS_WORLD(here);
    const std::string before = here.cursor();
    here.push(batch().close(workouts, "w", 1));
    CHECK(here.cursor() == before);
}

TEST_CASE("every request of a conversation delivered again, in any order, changes nothing") {
    SERVER_TESTS_WORLD(here);
    std::vector<batch> requests;
    requests.push_back(std::move(batch("phone", 1).create(workouts, "w").create(folders, "f")));
    requests.push_back(std::move(batch("tablet", 1).update(workouts, "w", {{"rating", number(2)}}, 1)));
    requests.push_back(std::move(batch("phone", 3).update(workouts, "w", {{"rating", number(3)}}, 1)));
    requests.push_back(std::move(batch("phone", 4).remove(folders, "f").close(notes, "x", 9)));
    requests.push_back(std::move(batch("tablet", 2).create(folders, "f").life(2)));
    requests.push_back(std::move(batch("phone", 6).acknowledge(4).update(workouts, "w", {{"title", text("end")}}, 3)));
    for (const batch& one : requests) here.push(one);
    const listing before = here.rows();
    const std::string cursor = here.cursor();
    for (const std::size_t i : {5u, 0u, 3u, 1u, 4u, 2u, 0u, 5u}) here.push(requests[i]);
    CHECK(here.rows() == before);
    CHECK(here.cursor() == cursor);
}
