#include <syncline/server/history.hpp>

#include <server/support/world.hpp>

using namespace server_tests;

namespace {
std::uint64_t digest_of(const batch& sent) {
    const syncline::operation& op = sent.request.operations.front().op;
    return syncline::digest_of(op, schema::view()[op.table]);
}
}  // namespace

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
    CHECK(again.version == version.next());
    REQUIRE(again.row.has_value());
    CHECK(again.row->version == version.next());
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
    edit.update(workouts, "w", {{"rating", number(3)}}, {});
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

TEST_CASE("changed content at or below the floor is a fork and changes nothing") {
    SERVER_TESTS_WORLD(here);
    here.push(batch().create(workouts, "w"));
    here.push(batch("phone", 2).acknowledge(1).create(exercises, "e"));
    const listing before = here.rows();
    CHECK(here.refuse_push(batch().create(workouts, "w", {{"title", text("changed")}})).code == error_code::device_forked);
    CHECK(here.refuse_push(batch("phone", 2).acknowledge(2).create(exercises, "e", {{"name", text("changed")}})).code == error_code::device_forked);
    CHECK(here.refuse_push(batch().remove(workouts, "w")).code == error_code::device_forked);
    CHECK(here.rows() == before);
}

TEST_CASE("a refusal for a fork takes no floor over") {
    SERVER_TESTS_WORLD(here);
    here.push(batch().create(workouts, "w"));
    CHECK(here.refuse_push(batch().acknowledge(1).create(exercises, "e")).code == error_code::device_forked);
    CHECK(here.push_one(batch().create(workouts, "w")).outcome == verdict::applied);
}

TEST_CASE("an operation at or below the floor that the server never saw is a fork, whatever it is") {
    SERVER_TESTS_WORLD(here);
    CHECK(here.refuse_push(batch("phone", 3).acknowledge(3).create(workouts, "w")).code == error_code::device_forked);
    CHECK(here.row(workouts, "w").empty());
    here.push(batch("phone", 4).acknowledge(3).create(workouts, "w"));
    CHECK(here.refuse_push(batch("phone", 2).remove(workouts, "w")).code == error_code::device_forked);
    CHECK(here.refuse_push(batch("phone", 5).update(workouts, "w", {{"rating", number(1)}}).create(exercises, "e").seq(3)).code == error_code::device_forked);
    CHECK(here.row(workouts, "w") == "'' null 0 0.000000 false ''");
}

TEST_CASE("the newest sequences at or below the floor are known as long as a device could repeat them, older ones are not") {
    const auto backend = GENERATE(backend_kind::memory, backend_kind::sqlite);
    syncline::limits bounds;
    bounds.batch_operations = 10;
    world here(backend, bounds);
    const auto create = [](syncline::sequence seq) { return std::move(batch("phone", seq).create(workouts, "w" + std::to_string(seq))); };
    for (syncline::sequence seq = 1; seq <= 25; ++seq) here.push(create(seq).acknowledge(seq - 1));
    here.pull({}, 0, "phone", 25);
    for (syncline::sequence seq = 6; seq <= 25; ++seq) {
        CHECK(here.push_one(create(seq)).outcome == verdict::settled);
        CHECK(here.refuse_push(batch("phone", seq).create(workouts, "other")).code == error_code::device_forked);
    }
    CHECK(here.refuse_push(create(1)).code == error_code::device_forked);
    CHECK(here.rows().size() == 25);
}

TEST_CASE("a settled permanent refusal is known by its digest") {
    SERVER_TESTS_WORLD(here);
    const auto edit = [](std::int64_t rating) { return std::move(batch().update(workouts, "unknown", {{"rating", number(rating)}})); };
    CHECK(here.push_one(edit(1)).outcome == verdict::rejected);
    here.push(batch("phone", 2).acknowledge(1).create(exercises, "e"));
    CHECK(here.push_one(edit(1)).outcome == verdict::settled);
    CHECK(here.refuse_push(edit(2)).code == error_code::device_forked);
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
    here.push(batch("tablet").create(workouts, "w"));
    here.push(batch("tablet", 2).acknowledge(1).create(exercises, "e"));
    CHECK(here.push_one(batch("tablet").close(workouts, "w", 1)).outcome == verdict::settled);
    CHECK(here.push_one(batch("tablet").close(workouts, "w", 1).digest(digest_of(batch().create(workouts, "w")))).outcome == verdict::settled);
}

TEST_CASE("a void of another operation than the device sent under its sequence is a fork") {
    SERVER_TESTS_WORLD(here);
    here.push(batch().create(workouts, "w"));
    const auto other = digest_of(batch().create(workouts, "w", {{"title", text("other")}}));
    CHECK(here.refuse_push(batch().close(workouts, "w", 1).digest(other)).code == error_code::device_forked);
    here.push(batch("phone", 2).acknowledge(1).create(exercises, "e"));
    CHECK(here.refuse_push(batch().close(workouts, "w", 1).digest(other)).code == error_code::device_forked);
    CHECK(here.refuse_push(batch().close(workouts, "w", 1).digest(other).acknowledge(1)).code == error_code::device_forked);
    CHECK(here.row(workouts, "w") == "'' null 0 0.000000 false ''");
}

TEST_CASE("a void with the digest of what was applied is answered with its verdict") {
    SERVER_TESTS_WORLD(here);
    here.push(batch().create(workouts, "w"));
    const auto digest = digest_of(batch().create(workouts, "w"));
    const auto closed = here.push_one(batch().close(workouts, "w", 1).digest(digest));
    CHECK(closed.outcome == verdict::applied);
    CHECK(closed.digest == digest);
}

TEST_CASE("content with the digest that a void closed is void, any other is a fork") {
    SERVER_TESTS_WORLD(here);
    const auto content = [](std::string_view title) { return std::move(batch().create(workouts, "w", {{"title", text(title)}})); };
    const auto closed = here.push_one(batch().close(workouts, "w", 1).digest(digest_of(content("a"))));
    CHECK(closed.outcome == verdict::closed);
    CHECK(closed.digest == digest_of(content("a")));
    CHECK(here.push_one(content("a")).outcome == verdict::closed);
    CHECK(here.refuse_push(content("b")).code == error_code::device_forked);
    CHECK(here.refuse_push(batch().close(workouts, "w", 1).digest(digest_of(content("b")))).code == error_code::device_forked);
    CHECK(here.row(workouts, "w").empty());
}

TEST_CASE("a void that does not say what it closes contradicts nothing and nothing contradicts it") {
    SERVER_TESTS_WORLD(here);
    here.push(batch().close(workouts, "w", 1));
    CHECK(here.push_one(batch().close(workouts, "w", 1).digest(7)).outcome == verdict::closed);
    CHECK(here.push_one(batch().create(workouts, "w")).outcome == verdict::closed);
    CHECK(here.push_one(batch().create(workouts, "w", {{"title", text("other")}})).outcome == verdict::closed);
    CHECK(here.row(workouts, "w").empty());
}

TEST_CASE("a void of an unknown row that contradicts is refused without naming an entity") {
    SERVER_TESTS_WORLD(here);
    here.push(batch().close(-1, "w", 1).digest(7));
    const syncline::error reason = here.refuse_push(batch().close(-1, "w", 1).digest(8));
    CHECK(reason.code == error_code::device_forked);
    CHECK(reason.entity.empty());
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
    requests.push_back(std::move(batch("tablet", 1).update(workouts, "w", {{"rating", number(2)}}, nth_version(1))));
    requests.push_back(std::move(batch("phone", 3).update(workouts, "w", {{"rating", number(3)}}, nth_version(1))));
    requests.push_back(std::move(batch("phone", 4).remove(folders, "f").close(notes, "x", 9)));
    requests.push_back(std::move(batch("tablet", 2).create(folders, "f").life(2)));
    requests.push_back(std::move(batch("phone", 6).acknowledge(4).update(workouts, "w", {{"title", text("end")}}, nth_version(3))));
    for (const batch& one : requests) here.push(one);
    const listing before = here.rows();
    const std::string cursor = here.cursor();
    for (const std::size_t i : {5u, 0u, 3u, 1u, 4u, 2u, 0u, 5u}) here.push(requests[i]);
    CHECK(here.rows() == before);
    CHECK(here.cursor() == cursor);
}
