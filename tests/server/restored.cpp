/// A server whose database was put back from a copy: devices that know what it has forgotten are told.
#include <filesystem>
#include <string>

#include <backends/scratch_folder.hpp>
#include <server/support/world.hpp>
#include <syncline/server/router.hpp>

using namespace server_tests;

namespace {

/// A server on a file; Alice's rows are lost with it, unless they were there when the copy was made.
class restorable_server {
public:
    [[nodiscard]] world& operator*() { return *here_; }
    [[nodiscard]] world* operator->() { return here_.get(); }

    void copy() {
        here_.reset();
        std::filesystem::copy_file(file_, file_ + ".copy");
        open(file_);
    }
    void put_back() {
        here_.reset();
        for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(file_ + end);
        std::filesystem::copy_file(file_ + ".copy", file_);
        open(file_);
    }

private:
    void open(const std::string& file) { here_ = std::make_unique<world>(backend_kind::sqlite, syncline::limits{}, syncline::router_options{}, file); }

    syncline::tests::scratch_folder folder_;
    std::string file_ = folder_.file("server.db");
    std::unique_ptr<world> here_ = std::make_unique<world>(backend_kind::sqlite, syncline::limits{}, syncline::router_options{}, file_);
};

}  // namespace

TEST_CASE("a cursor of the time before still leads on after a restart and on a restored server") {
    restorable_server here;
    here->push(batch("tablet").create(workouts, "old"));
    const std::string before = here->cursor();
    here.copy();
    here->push(batch("tablet", 2).create(workouts, "lost"));
    here.put_back();
    CHECK(here->refuse_pull(before) == error_code::none);
    here->push(batch("phone").create(workouts, "new"));
    const auto page = here->pull(before);
    REQUIRE(page.rows.size() == 1);
    CHECK(page.rows.front().local.view() == "new");
}

TEST_CASE("a cursor of what a restored server has lost is reset, also when its versions have come again") {
    restorable_server here;
    here->push(batch("tablet").create(workouts, "old"));
    here.copy();
    here->push(batch("tablet", 2).create(workouts, "lost"));
    here->push(batch("tablet", 3).create(workouts, "a").create(workouts, "b"));
    const std::string lost = here->cursor();
    here.put_back();
    CHECK(here->refuse_pull(lost) == error_code::reset);
    for (syncline::sequence seq = 1; seq <= 4; ++seq) {
        here->push(batch("phone", seq).create(workouts, "new" + std::to_string(seq)));
        CHECK(here->refuse_pull(lost) == error_code::reset);
    }
    const std::string now = here->cursor();
    CHECK(here->refuse_pull(now) == error_code::none);
}

TEST_CASE("a push that names a cursor which a restored server has lost is refused and changes nothing") {
    restorable_server here;
    here->push(batch("tablet").create(workouts, "old"));
    here.copy();
    here->push(batch("tablet", 2).create(workouts, "lost"));
    const std::string lost = here->cursor();
    here.put_back();
    here->push(batch("phone").create(workouts, "a"));
    here->push(batch("phone", 2).create(workouts, "b"));
    const listing before = here->rows();
    batch sent("tablet", 3);
    sent.create(workouts, "next");
    sent.request.cursor = lost;
    CHECK(here->refuse_push(sent).code == error_code::reset);
    CHECK(here->rows() == before);
    sent.request.cursor = here->cursor();
    CHECK(here->push_one(sent).outcome == verdict::applied);
}

TEST_CASE("a place inside a version or a snapshot that a restored server has lost is reset") {
    restorable_server here;
    here->push(batch("tablet").create(workouts, "old"));
    here.copy();
    const std::string before = here->cursor();
    here->push(batch("tablet", 2).create(workouts, "x").create(workouts, "y").create(workouts, "z"));
    const std::string in_feed = here->pull(before, 1).cursor, in_snapshot = here->pull({}, 1).cursor;
    CHECK(here->refuse_pull(in_feed) == error_code::none);
    CHECK(here->refuse_pull(in_snapshot) == error_code::none);
    here.put_back();
    here->push(batch("phone").create(workouts, "x").create(workouts, "y").create(workouts, "z"));
    here->push(batch("phone", 4).create(workouts, "w"));
    CHECK(here->refuse_pull(in_feed) == error_code::reset);
    CHECK(here->refuse_pull(in_snapshot) == error_code::reset);
}

TEST_CASE("a cursor with the nonce of another history is reset by every backend") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "a"));
    const std::string good = here.cursor();
    // What a restored server would have written under the same version: everything is right but the nonce.
    const syncline::server_identity identity = here.server->identity();
    const syncline::cursor_codec cursors("alice", identity, schema::view());
    auto place = cursors.decode(good, nth_version(1));
    REQUIRE(place.has_value());
    CHECK(here.refuse_pull(cursors.encode(*place)) == error_code::none);
    place->nonce ^= 1;
    CHECK(here.refuse_pull(cursors.encode(*place)) == error_code::reset);
    batch sent;
    sent.create(workouts, "b");
    sent.request.cursor = cursors.encode(*place);
    CHECK(here.refuse_push(sent).code == error_code::reset);
    CHECK(here.row(workouts, "b").empty());
    place->version = nth_version(0);
    CHECK(here.refuse_pull(cursors.encode(*place)) == error_code::reset);
    place->nonce = 0;
    CHECK(here.refuse_pull(cursors.encode(*place)) == error_code::none);
    // Another generation's beginning is none of this one.
    for (const syncline::row_version other : {syncline::row_version(), syncline::row_version(2, 0), syncline::row_version(2, 1)}) {
        place->version = other;
        CHECK(here.refuse_pull(cursors.encode(*place)) == error_code::reset);
    }
}
