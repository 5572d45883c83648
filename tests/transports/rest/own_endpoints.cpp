#include <syncline/server/router.hpp>
#include <syncline/server/service.hpp>
#include <syncline/syncline.hpp>
#include <syncline/transports/rest.hpp>

#include <support/catch.hpp>
#include <support/releases.hpp>
#include <workout/schema.hpp>

using namespace syncline;
using namespace workout_tracker;

namespace {

struct tokens {
    std::optional<std::string> operator()(const std::string& token) const { return token; }
};

using own_router = router<service<memory_backend>, tokens>;

/// Hands calls to a router of syncline, as an HTTP library would over the network.
class own_client {
public:
    explicit own_client(own_router& server) : server_(server) {}

    int calls_left = 1'000'000;  ///< until the network fails

    http_result send(const http_call& call) {
        if (--calls_left < 0) return exchange_failure{};
        wire::http_request request;
        request.method = call.method;
        request.target = call.target;
        request.body = call.body;
        request.token = std::string(find_header(call.headers, "Authorization").value_or("")).substr(7);
        request.idempotency_key = find_header(call.headers, "Idempotency-Key").value_or("");
        const wire::http_response response = server_.handle(request);
        return http_reply{response.status, {}, response.body};
    }

private:
    own_router& server_;
};

template <any_schema Schema>
struct device_on {
    device_on(own_router& server, const std::string& owner, limits bounds = {})
        : store(Schema::view(), memory_options{owner}), client(server), link(store, client, rest_mapping_of<Schema>(), rest_options{.bounds = bounds, .token = [owner] { return owner; }}), rows(store), syncing(store, link) {}

    void sync() {
        const sync_report report = syncing.sync();
        INFO(name_of(report.outcome) << ": " << to_string(report.problem));
        REQUIRE(report.outcome == sync_outcome::complete);
    }

    memory_store store;
    own_client client;
    rest_transport<memory_store, own_client> link;
    repository<Schema, memory_store> rows;
    engine<memory_store, rest_transport<memory_store, own_client>> syncing;
};
using own_device = device_on<workout_tracker::schema>;

}  // namespace

TEST_CASE("a mapping that nobody changed speaks syncline's own endpoints") {
    memory_backend database(workout_tracker::schema::view(), random_source(1));
    service<memory_backend> answers(database);
    own_router server(answers, tokens{});
    own_device phone(server, "alice"), laptop(server, "alice"), bobs(server, "bob");
    bobs.rows.create(exercise{.name = "of bob"});
    bobs.sync();
    id_of<workout> monday;
    phone.rows.transaction([&] {
        const auto squat = phone.rows.create(exercise{.name = "squat"});
        monday = phone.rows.create(workout{.name = "monday", .started_at = moment(std::chrono::seconds(1'700'000'000))});
        const auto part = phone.rows.create(workout_exercise{.workout_id = monday, .exercise_id = squat});
        for (int i = 0; i < 40; ++i) phone.rows.create(workout_set{.workout_exercise_id = part, .position = i, .reps = 5});
    });
    phone.sync();
    laptop.sync();
    CHECK(laptop.rows.all<workout_set>().size() == 40);
    REQUIRE(laptop.rows.update(monday, [](workout& one) { one.notes = "heavy"; }));
    REQUIRE(phone.rows.update(monday, [](workout& one) { one.name = "Monday"; }));
    laptop.sync();
    phone.sync();
    laptop.sync();
    CHECK(laptop.rows.find(monday)->name == "Monday");
    CHECK(phone.rows.find(monday)->notes == "heavy");
    const sync_report idle = laptop.syncing.sync();
    CHECK(idle.total().pulled == 0);
    CHECK(idle.requests == 1);
    REQUIRE(laptop.rows.remove(monday) != 0);
    laptop.sync();
    phone.sync();
    CHECK(phone.rows.count<workout_set>() == 0);
    CHECK(phone.rows.count<workout>() == 0);
    CHECK(phone.rows.count<exercise>() == 1);
    bobs.sync();
    CHECK(bobs.rows.count<exercise>() == 1);
    CHECK(bobs.rows.count<workout>() == 0);
}

TEST_CASE("a mapping that nobody changed speaks them of rows whose fields are called as the members of every row") {
    using releases::change, releases::release;
    memory_backend database(releases::schema::view(), random_source(1));
    service<memory_backend> answers(database);
    own_router server(answers, tokens{});
    device_on<releases::schema> phone(server, "alice"), laptop(server, "alice");
    const auto two = phone.rows.create(release{.store_id = "com.example", .version = "2.0", .updated_at = 5, .notes = "none"});
    const auto fix = phone.rows.create(change{.release_id = two, .local_id = "c-7", .is_deleted = true});
    phone.sync();
    laptop.sync();
    CHECK(laptop.rows.find(two)->store_id == "com.example");
    CHECK(laptop.rows.find(fix)->local_id == "c-7");
    CHECK(laptop.rows.find(fix)->is_deleted);
    REQUIRE(laptop.rows.update(two, [](release& row) { row.version = "2.1"; }));
    laptop.sync();
    REQUIRE(phone.rows.update(two, [](release& row) { row.updated_at = 6; }));
    phone.sync();
    laptop.sync();
    CHECK(laptop.rows.find(two)->updated_at == 6);
    CHECK(phone.rows.find(two)->version == "2.1");
    REQUIRE(phone.rows.remove(two) != 0);
    phone.sync();
    laptop.sync();
    CHECK(laptop.rows.count<release>() + laptop.rows.count<change>() == 0);
}

TEST_CASE("a feed with a cursor of its own is read in pages, and goes on where it was after a failure in any of them") {
    memory_backend database(workout_tracker::schema::view(), random_source(1));
    service<memory_backend> answers(database);
    own_router server(answers, tokens{});
    own_device phone(server, "alice"), bobs(server, "bob");
    bobs.rows.create(exercise{.name = "of bob"});
    bobs.sync();
    phone.rows.transaction([&] {
        for (int i = 0; i < 25; ++i) phone.rows.create(exercise{.name = "number " + std::to_string(i)});
    });
    phone.sync();
    limits small;
    small.page_rows = 4;
    for (int fails_at = 0; fails_at < 8; ++fails_at) {
        own_device laptop(server, "alice", small);
        laptop.client.calls_left = fails_at;
        static_cast<void>(laptop.syncing.sync());
        laptop.client.calls_left = 1'000'000;
        rest_transport fresh(laptop.store, laptop.client, rest_mapping_of<workout_tracker::schema>(),
                             rest_options{.bounds = small, .token = [] { return std::string("alice"); }});
        engine after_crash(laptop.store, fresh);
        const sync_report report = after_crash.sync();
        CHECK(report.outcome == sync_outcome::complete);
        CHECK(laptop.rows.count<exercise>() == 25);
    }
}
