/// A device in one object does what its parts do, and says whose it is.
#include <string>
#include <type_traits>

#include <integration/support/workout.hpp>
#include <syncline/client/replica.hpp>
#include <syncline/server/server.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

using network = in_process_transport<syncline::server<memory_backend>>;
template <class S>
using replica_on = syncline::replica<workout_tracker::schema, S, network>;

// Its parts refer to one another.
static_assert(!std::is_copy_constructible_v<replica_on<memory_store>> && !std::is_move_constructible_v<replica_on<memory_store>>);
static_assert(thread_safe<replica_on<memory_store>> && thread_safe<replica_on<sqlite_store>>);
// Whose a store is has to be said.
static_assert(std::is_constructible_v<replica_on<memory_store>, const char*, network&>);
static_assert(std::is_constructible_v<replica_on<memory_store>, unclaimed_store, network&>);
static_assert(!std::is_constructible_v<replica_on<memory_store>, network&>);
static_assert(std::is_constructible_v<replica_on<sqlite_store>, const char*, const char*, network&>);
static_assert(!std::is_constructible_v<replica_on<sqlite_store>, const char*, network&>);

struct home {
    syncline::server<memory_backend> there{workout_tracker::schema::view(), tokens{}};
    network alices{there, "token of alice"};
    network bobs{there, "token of bob"};
};

/// A store that knows nothing of owners when it is opened, as one of an application's own.
struct plain_store : memory_store {
    explicit plain_store(const schema_view& schema) : memory_store(schema) {}
    struct opening_options {};
};

}  // namespace

TEST_CASE("what is written in one replica arrives in another") {
    home at;
    replica_on<memory_store> phone("alice", at.alices), tablet("alice", at.alices);
    phone.rows().create(an_exercise("e1", "squat"));
    CHECK_FALSE(phone.in_sync());
    CHECK_FALSE(phone.last_report());
    CHECK(phone.sync().of<exercise>().pushed == 1);
    CHECK(phone.in_sync());
    CHECK(phone.last_report()->of<exercise>().pushed == 1);
    CHECK(tablet.sync().of<exercise>().pulled == 1);
    const auto& read_only = tablet;
    CHECK(read_only.rows().find(id<exercise>("e1"))->name == "squat");
    CHECK(read_only.in_sync());
}

TEST_CASE("a replica in a file is there again when the file is opened again") {
    home at;
    const tests::scratch_folder folder;
    const std::string path = folder.file("phone.db");
    {
        replica_on<sqlite_store> phone(path, "alice", at.alices, {.store = {.durability = sqlite_durability::normal}});
        phone.rows().create(an_exercise("e1"));
    }
    replica_on<sqlite_store> again(path, unclaimed, at.alices);
    CHECK(again.rows().owner() == "alice");
    CHECK(again.rows().count<exercise>() == 1);
    CHECK(again.sync().of<exercise>().pushed == 1);
    CHECK_THROWS_AS(replica_on<sqlite_store>(path, "bob", at.bobs), store_error);
}

TEST_CASE("an unclaimed replica keeps its edits to itself until it is claimed") {
    home at;
    replica_on<memory_store> phone(unclaimed, at.alices);
    phone.rows().create(an_exercise("e1"));
    CHECK(phone.sync().problem.code == error_code::owner_unknown);
    CHECK(phone.ask_owner().owner == "alice");
    phone.claim("alice");
    CHECK(phone.sync().of<exercise>().pushed == 1);
}

TEST_CASE("a text that names no owner is refused, and does not leave a replica unclaimed") {
    home at;
    CHECK_THROWS_AS(replica_on<memory_store>("", at.alices), store_error);
    CHECK_THROWS_AS(replica_on<plain_store>("", at.alices), store_error);
}

TEST_CASE("a replica claims a store that takes no owner when it is opened, and tells nobody of a write") {
    home at;
    int told = 0;
    replica_on<plain_store> phone("alice", at.alices, {.rows = {.written = [&] { ++told; }}});
    CHECK(phone.rows().owner() == "alice");
    CHECK(told == 0);
    phone.rows().create(an_exercise("e1"));
    CHECK(told == 1);
    CHECK(replica_on<plain_store>(unclaimed, at.alices).rows().owner().empty());
}

TEST_CASE("the owner is the one that the constructor names, also if the store's options name another") {
    home at;
    CHECK(replica_on<memory_store>("alice", at.alices, {.store = {.owner = "bob"}}).rows().owner() == "alice");
    CHECK(replica_on<memory_store>(unclaimed, at.alices, {.store = {.owner = "bob"}}).rows().owner().empty());
}

TEST_CASE("a replica consents to removals, and its parts are within reach") {
    home at;
    replica_on<memory_store> phone("alice", at.alices), tablet("alice", at.alices);
    for (int i = 0; i < 200; ++i) phone.rows().create(an_exercise("e" + std::to_string(i)));
    phone.sync(), tablet.sync();
    for (int i = 0; i < 200; ++i) REQUIRE(phone.rows().remove(id<exercise>("e" + std::to_string(i))) == 1);
    phone.sync();
    REQUIRE(tablet.sync().outcome == sync_outcome::awaiting_consent);
    tablet.allow_removals();
    CHECK(tablet.engine().sync().outcome == sync_outcome::complete);
    auto reading = tablet.store().begin_read();
    CHECK(tablet.store().count_rows(workout_tracker::schema::index_of<exercise>) == 0);
}
