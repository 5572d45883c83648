#include <syncline/server/ownership.hpp>

#include <server/support/world.hpp>

using namespace server_tests;

namespace {
void with_chain(world& here, int length) {
    batch sent("tablet");
    sent.create(folders, "f0");
    for (int i = 1; i < length; ++i) sent.create(folders, "f" + std::to_string(i), {{"parentId", local("f" + std::to_string(i - 1))}});
    here.push(sent);
}
}  // namespace

TEST_CASE("a row can be moved to another owner") {
    SERVER_TESTS_WORLD(here);
    with_chain(here, 4);
    CHECK(here.push_one(batch().update(folders, "f3", {{"parentId", local("f0")}}, nth_version(1))).outcome == verdict::applied);
    CHECK(here.row(folders, "f3") == "->f0 ''");
}

TEST_CASE("a move below the own children is not taken, the other fields are") {
    SERVER_TESTS_WORLD(here);
    with_chain(here, 4);
    for (const char* target : {"f0", "f1", "f3"}) {
        const auto result = here.push_one(batch(std::string("phone-") + target).update(folders, "f0", {{"parentId", local(target)}, {"name", text(target)}}, nth_version(1)));
        CHECK(result.outcome == verdict::merged);
        CHECK(result.refused == syncline::only_column(0));
        CHECK(here.row(folders, "f0") == "null '" + std::string(target) + "'");
    }
}

TEST_CASE("two moves that close a circle together: the later is not taken") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(folders, "a").create(folders, "b"));
    CHECK(here.push_one(batch("phone").update(folders, "a", {{"parentId", local("b")}}, nth_version(1))).outcome == verdict::applied);
    const auto result = here.push_one(batch("tablet", 3).update(folders, "b", {{"parentId", local("a")}}, nth_version(1)));
    CHECK(result.outcome == verdict::merged);
    CHECK(result.refused == syncline::only_column(0));
    CHECK(here.rows() == listing{{"folders/a", "->b ''"}, {"folders/b", "null ''"}});
}

TEST_CASE("an edited create that meets its living row cannot close a circle either") {
    SERVER_TESTS_WORLD(here);
    with_chain(here, 3);
    const auto result = here.push_one(batch().create(folders, "f0", {{"parentId", local("f2")}, {"name", text("again")}}).edited({{"parentId", null()}, {"name", text("")}}));
    CHECK(result.outcome == verdict::merged);
    CHECK(result.refused == syncline::only_column(0));
    CHECK(here.row(folders, "f0") == "null 'again'");
}

TEST_CASE("rows that only mention each other may do so in a circle") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(topics, "a").create(topics, "b", {{"aboveId", local("a")}}));
    CHECK(here.push_one(batch().update(topics, "a", {{"aboveId", local("b")}}, nth_version(1))).outcome == verdict::applied);
    CHECK(here.row(topics, "a") == "->b ''");
}

TEST_CASE("the walk over owners does not mind depth") {
    SERVER_TESTS_WORLD(here);
    with_chain(here, 2'000);
    CHECK(here.push_one(batch().update(folders, "f0", {{"parentId", local("f1999")}}, nth_version(1))).refused == syncline::only_column(0));
}
