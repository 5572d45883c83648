#include <syncline/server/pull.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <server/support/world.hpp>

using namespace server_tests;

namespace {

/// "table/local" of each row of a page, with a minus for a tombstone.
std::vector<std::string> names_of(const syncline::wire::page& page) {
    std::vector<std::string> names;
    for (const auto& row : page.rows)
        names.push_back((row.removed ? "-" : "") + std::string(schema::view()[row.table].name) + "/" + row.local.str());
    return names;
}

using names = std::vector<std::string>;

/// Thirty workouts with a note each, in pushes of different sizes, and some removals.
void fill(world& here) {
    for (int i = 0; i < 30; ++i) {
        const std::string row = std::to_string(i);
        batch sent("tablet", 1 + 10 * i);
        sent.create(workouts, "w" + row).create(notes, "n" + row, {{"workoutId", local("w" + row)}});
        if (i % 3 == 0) sent.create(folders, "f" + row).create(folders, "g" + row, {{"parentId", local("f" + row)}});
        if (i % 5 == 4) sent.remove(workouts, "w" + std::to_string(i - 2));
        here.push(sent);
    }
}

/// What a device knows that applies pages as they come.
struct replica {
    std::map<std::string, syncline::row_version> rows;
    std::string cursor;

    void take(const syncline::wire::page& page) {
        for (const auto& row : page.rows) {
            const std::string name = std::string(schema::view()[row.table].name) + "/" + row.local.str();
            if (row.removed) rows.erase(name);
            else rows[name] = row.version;
        }
        cursor = page.cursor;
    }
    int pull_all(world& here, std::size_t limit) {
        for (int pages = 1;; ++pages) {
            const auto page = here.pull(cursor, limit);
            CHECK((limit == 0 || page.rows.size() <= limit));
            REQUIRE((!page.more || page.cursor != cursor));
            take(page);
            if (!page.more) return pages;
        }
    }
};

}  // namespace

TEST_CASE("a pull without cursor is a snapshot of the live rows, owners first") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "w").create(notes, "n", {{"workoutId", local("w")}}).create(folders, "f").remove(folders, "f"));
    const auto page = here.pull();
    CHECK(page.snapshot);
    CHECK_FALSE(page.more);
    CHECK(names_of(page) == names{"workouts/w", "notes/n"});
    CHECK(page.rows[1].cells[0] == remote(page.rows[0].id.view()));
}

TEST_CASE("an owner without rows has an empty snapshot, and everything made later follows it") {
    SERVER_TESTS_WORLD(here);
    const auto page = here.pull();
    CHECK(page.rows.empty());
    CHECK_FALSE(page.more);
    here.push(batch("tablet").create(workouts, "w"));
    CHECK(names_of(here.pull(page.cursor)) == names{"workouts/w"});
}

TEST_CASE("increments bring what changed, tombstones too, and nothing else") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "a").create(workouts, "b").create(workouts, "c"));
    const std::string since = here.cursor();
    here.push(batch("tablet", 4).update(workouts, "b", {{"rating", number(2)}}, nth_version(1)).remove(workouts, "c").create(exercises, "e"));
    const auto page = here.pull(since);
    CHECK_FALSE(page.snapshot);
    CHECK_FALSE(page.more);
    auto found = names_of(page);
    std::ranges::sort(found);
    CHECK(found == names{"-workouts/c", "exercises/e", "workouts/b"});
    CHECK(here.pull(page.cursor).rows.empty());
    for (const auto& row : page.rows) CHECK(row.cells.empty() == row.removed);
}

TEST_CASE("pages of any size bring every row, in a snapshot and in increments") {
    SERVER_TESTS_WORLD(here);
    const std::size_t limit = GENERATE(1u, 2u, 7u, 100u);
    replica before;
    before.pull_all(here, limit);
    fill(here);
    replica after;
    const int pages = after.pull_all(here, limit);
    before.pull_all(here, limit);
    std::map<std::string, syncline::row_version> expected;
    const auto all = here.pull();
    for (const auto& row : all.rows) expected[std::string(schema::view()[row.table].name) + "/" + row.local.str()] = row.version;
    CHECK(after.rows == expected);
    CHECK(before.rows == expected);
    CHECK(before.cursor == after.cursor);
    CHECK(pages == static_cast<int>((expected.size() + limit - 1) / limit));
}

TEST_CASE("rows that change while a snapshot is paged are not missed") {
    SERVER_TESTS_WORLD(here);
    const std::size_t limit = GENERATE(1u, 2u, 7u);
    fill(here);
    replica device;
    device.take(here.pull({}, limit));
    int step = 0;
    for (bool more = true; more; ++step) {
        if (step < 12) {
            const std::string row = std::to_string(step);
            batch sent("watch", 1 + 10 * step);
            sent.create(workouts, "a" + row).update(workouts, "w" + std::to_string(29 - step), {{"rating", number(step)}}).remove(notes, "n" + row);
            here.push(sent);
        }
        const auto page = here.pull(device.cursor, limit);
        device.take(page);
        more = page.more;
    }
    std::map<std::string, syncline::row_version> expected;
    const auto all = here.pull();
    for (const auto& row : all.rows) expected[std::string(schema::view()[row.table].name) + "/" + row.local.str()] = row.version;
    CHECK(device.rows == expected);
}

TEST_CASE("a snapshot says that more follows when its rows have moved on") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "a").create(workouts, "b"));
    const auto first = here.pull({}, 1);
    CHECK(first.more);
    here.push(batch("tablet", 3).remove(workouts, "a"));
    const auto second = here.pull(first.cursor, 1);
    CHECK(second.snapshot);
    CHECK(second.more);
    const auto third = here.pull(second.cursor, 1);
    CHECK_FALSE(third.snapshot);
    CHECK(names_of(third) == names{"-workouts/a"});
    CHECK_FALSE(third.more);
}

TEST_CASE("a limit above the server's own is cut to it") {
    syncline::limits bounds;
    bounds.page_rows = 6;
    world here(backend_kind::memory, bounds);
    fill(here);
    CHECK(here.pull({}, 1'000).rows.size() == 6);
    CHECK(here.pull().rows.size() == 6);
}

TEST_CASE("a page ends before its text grows past the bound") {
    syncline::limits bounds;
    bounds.body_bytes = 4'000;
    world here(backend_kind::memory, bounds);
    const std::string long_text(900, 'x');
    for (int i = 0; i < 8; ++i) here.push(batch("tablet", 1 + i).create(exercises, "e" + std::to_string(i), {{"name", text(long_text)}}));
    replica device;
    CHECK(device.pull_all(here, 0) == 3);
    CHECK(device.rows.size() == 8);
}

TEST_CASE("an acknowledged row of one's own does not come back, and the cursor moves over it") {
    SERVER_TESTS_WORLD(here);
    const std::string since = here.cursor();
    here.push(batch("phone").create(workouts, "mine"));
    here.push(batch("tablet").create(workouts, "theirs"));
    CHECK(names_of(here.pull(since, 0, "phone", 1)) == names{"workouts/theirs"});
    CHECK(names_of(here.pull(since, 0, "phone", 0)) == names{"workouts/mine", "workouts/theirs"});
    CHECK(names_of(here.pull(since, 0, "tablet", 0)) == names{"workouts/mine", "workouts/theirs"});
    CHECK(names_of(here.pull(since)) == names{"workouts/mine", "workouts/theirs"});
    CHECK(here.pull(since, 0, "phone", 1).cursor == here.cursor());
}

TEST_CASE("a row of one's own that was merged comes back") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "w"));
    const std::string since = here.cursor();
    here.push(batch("phone").update(workouts, "w", {{"rating", number(1)}}));
    CHECK(names_of(here.pull(since, 0, "phone", 1)) == names{"workouts/w"});
}

TEST_CASE("what a removal of one's own did to other rows comes back, the removed row itself does not") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("phone").create(workouts, "w").create(notes, "n", {{"workoutId", local("w")}}).create(exercises, "e")
                  .create(exercise_sets, "s", {{"workoutId", local("w")}, {"exerciseId", local("e")}}));
    const std::string since = here.cursor();
    here.push(batch("phone", 5).remove(workouts, "w"));
    auto found = names_of(here.pull(since, 0, "phone", 5));
    std::ranges::sort(found);
    CHECK(found == names{"-exercise_sets/s", "notes/n"});
}

TEST_CASE("a snapshot leaves out what the device has settled, and holds everything for a device that acknowledges nothing") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("phone").create(workouts, "mine").create(exercises, "also-mine"));
    CHECK(names_of(here.pull({}, 0, "phone", 1)) == names{"exercises/also-mine"});
    CHECK(names_of(here.pull({}, 0, "phone", 0)).size() == 2);
    CHECK(names_of(here.pull({}, 0, "tablet", 2)).size() == 2);
}

TEST_CASE("a snapshot of echoes alone is one empty page") {
    SERVER_TESTS_WORLD(here);
    batch sent;
    for (int i = 0; i < 100; ++i) sent.create(workouts, "w" + std::to_string(i));
    here.push(sent);
    const auto page = here.pull({}, 2, "phone", 100);
    CHECK(page.rows.empty());
    CHECK_FALSE(page.more);
    CHECK(page.cursor == here.cursor());
}

TEST_CASE("an idle device behind many echoes gets one empty page that is the last") {
    SERVER_TESTS_WORLD(here);
    const std::string since = here.cursor();
    batch sent;
    for (int i = 0; i < 300; ++i) sent.create(workouts, "w" + std::to_string(i));
    here.push(sent);
    const auto page = here.pull(since, 2, "phone", 300);
    CHECK(page.rows.empty());
    CHECK_FALSE(page.more);
    CHECK(page.cursor == here.cursor());
}

TEST_CASE("passing over echoes is bounded, and goes on where it stopped") {
    syncline::limits bounds;
    bounds.page_rows = 2;
    world here(backend_kind::memory, bounds);
    const std::string since = here.cursor();
    batch sent;
    for (int i = 0; i < 300; ++i) sent.create(workouts, "w" + std::to_string(i));
    here.push(sent);
    here.push(batch("tablet").create(exercises, "last"));
    std::string cursor = since;
    names found;
    int requests = 0;
    for (bool more = true; more; ++requests) {
        const auto page = here.pull(cursor, 0, "phone", 300);
        for (const auto& name : names_of(page)) found.push_back(name);
        more = page.more;
        cursor = page.cursor;
    }
    CHECK(found == names{"exercises/last"});
    CHECK(requests > 1);
    CHECK(requests < 10);
}

TEST_CASE("a page says which of the device's operations its rows contain") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "w").create(workouts, "x").remove(workouts, "x"));
    batch sent;
    sent.create(workouts, "mine");                                      // 1: applied
    sent.update(workouts, "w", {{"rating", number(1)}});                // 2: merged
    sent.update(workouts, "x", {{"rating", number(1)}});                // 3: gone
    sent.update(workouts, "unknown", {{"rating", number(1)}});          // 4: rejected
    sent.create(notes, "n", {{"workoutId", local("later")}});           // 5: waits
    sent.close(notes, "y", 6);                                          // 6: closed
    here.push(sent);
    auto includes = here.pull({}, 0, "phone", 0).includes;
    CHECK(includes.floor == 0);
    CHECK(includes.above == std::vector<syncline::sequence>{1, 2, 3});
    includes = here.pull({}, 0, "phone", 2).includes;
    CHECK(includes.floor == 2);
    CHECK(includes.above == std::vector<syncline::sequence>{3});
    CHECK(here.pull({}, 0, "tablet", 0).includes.above == std::vector<syncline::sequence>{1, 2, 3});
    CHECK(here.pull().includes.above.empty());
}

TEST_CASE("a pull writes only when it lets verdicts be forgotten") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("phone").create(workouts, "a").create(workouts, "b"));
    const std::string cursor = here.cursor();
    const int before = here.server->writes();
    here.pull(cursor, 0, "phone", 0);
    here.pull(cursor, 0, "stranger", 7);
    CHECK(here.server->writes() == before);
    here.pull(cursor, 0, "phone", 1);
    CHECK(here.server->writes() == before + 1);
    here.pull(cursor, 0, "phone", 1);
    here.pull(cursor, 0, "phone", 0);
    CHECK(here.server->writes() == before + 1);
    CHECK(here.pull(cursor, 0, "phone", 0).includes.floor == 1);
    here.pull(cursor, 0, "phone", 2);
    here.pull(cursor, 0, "phone", 5);
    CHECK(here.server->writes() == before + 2);
    CHECK(here.push_one(batch("phone", 2).create(workouts, "b")).outcome == verdict::settled);
}

TEST_CASE("an idle pull is answered with the cursor it asked with") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("phone").create(workouts, "a"));
    const std::string cursor = here.cursor();
    CHECK(here.pull(cursor, 0, "phone", 1).cursor == cursor);
}

TEST_CASE("a cursor with any bit changed is reset: nothing is skipped or leaked") {
    SERVER_TESTS_WORLD(here);
    fill(here);
    const std::string in_snapshot = here.pull({}, 3).cursor;
    const std::string at_end = here.cursor();
    here.push(batch("watch").create(workouts, "x").create(workouts, "y"));
    const std::string in_feed = here.pull(at_end, 1).cursor;
    for (const std::string& good : {in_snapshot, at_end, in_feed}) {
        CHECK(here.refuse_pull(good) == error_code::none);
        CHECK(here.refuse_pull(good, "bob") == error_code::reset);
        for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
            std::string bad = good;
            bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
            if (here.refuse_pull(bad) != error_code::reset) FAIL_CHECK("accepted " << bad << " for " << good);
        }
    }
    for (const char* bad : {"0", "f0", "null", "../../etc", "99999999999999999999", "%00"}) CHECK(here.refuse_pull(bad) == error_code::reset);
}

TEST_CASE("a cursor of a version that the server has never been at is reset") {
    syncline::limits bounds;
    world here(backend_kind::memory, bounds);
    world there(backend_kind::sqlite, bounds);
    CHECK(here.refuse_pull(there.cursor()) == error_code::none);
    here.push(batch("tablet").create(workouts, "w"));
    // The same identity and secret by construction.
    CHECK(there.refuse_pull(here.cursor()) == error_code::reset);
}

TEST_CASE("a pull of another protocol, schema or owner is refused") {
    SERVER_TESTS_WORLD(here);
    const auto refuse = [&](auto change, error_code code) {
        syncline::wire::pull_request request;
        change(request);
        const auto outcome = here.server->pull("alice", request);
        REQUIRE(std::holds_alternative<syncline::refusal>(outcome));
        CHECK(std::get<syncline::refusal>(outcome).reason.code == code);
    };
    refuse([](auto& request) { request.protocol = 0; }, error_code::unsupported_protocol);
    refuse([](auto& request) { request.schema = 1; }, error_code::schema_mismatch);
    refuse([](auto& request) { request.owner = "bob"; }, error_code::wrong_owner);
    refuse([](auto& request) { request.acknowledged = -1; }, error_code::malformed);
}
