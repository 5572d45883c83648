/// Both halves with sockets between them: what holds in process holds over loopback HTTP, for two owners at once.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include <integration/support/listing.hpp>
#include <syncline/client/live_sync.hpp>
#include <syncline/stores/sqlite.hpp>
#include <syncline/syncline.hpp>
#include <syncline/transports/http.hpp>
#include <syncline/transports/http_gzip.hpp>
#include <syncline/transports/httplib_client.hpp>
#include <workout/schema.hpp>

#include <support/catch.hpp>
#include <syncline/testing/loopback_server.hpp>
#include <syncline/testing/served.hpp>

using namespace syncline;
using namespace syncline::tests;
using workout_tracker::exercise;
using tracker = workout_tracker::schema;
using workout_tracker::workout;
using workout_tracker::workout_exercise;

namespace {

/// "token-of-X" stands for owner X until it is withdrawn.
struct tokens {
    std::atomic<bool>* withdrawn;
    std::optional<std::string> operator()(const std::string& token) const {
        const bool renewed = token.ends_with("-renewed");
        if (!token.starts_with("token-of-") || (*withdrawn && !renewed)) return std::nullopt;
        return token.substr(9, token.size() - 9 - (renewed ? 8 : 0));
    }
};

using server_service = service<memory_backend>;
using server_router = router<server_service, tokens>;

struct server_side {
    std::atomic<bool> withdrawn = false;
    memory_backend database{tracker::view()};
    server_service answers{database};
    server_router routes{answers, tokens{&withdrawn}};
};

/// A device with a connection of its own.
struct device {
    device(const std::string& url, const std::string& owner, wire::encoding form = wire::encoding::cbor, http_transport_options options = {}, token_source token = {})
        : client(url), link(client, token ? std::move(token) : [owner] { return "token-of-" + owner; }, std::move(options)),
          store(":memory:", tracker::view(), {.owner = owner}), rows(store), sync_engine(store, link, options_for(form)) {}

    static engine_options options_for(wire::encoding form) {
        engine_options options;
        options.form = form;
        return options;
    }

    sync_report sync() {
        sync_report report = sync_engine.sync();
        INFO(name_of(report.outcome) << ": " << to_string(report.problem));
        CHECK(report.outcome == sync_outcome::complete);
        return report;
    }
    [[nodiscard]] listing list() { return rows_of_store(store); }

    httplib_client client;
    http_transport<httplib_client> link;
    sqlite_store store;
    repository<tracker, sqlite_store> rows;
    engine<sqlite_store, http_transport<httplib_client>> sync_engine;
};

void write_a_workout(device& one, const std::string& name) {
    one.rows.transaction([&] {
        const auto lift = one.rows.create(exercise{.name = "lift of " + name});
        const auto session = one.rows.create(workout{.name = name});
        one.rows.create(workout_exercise{.workout_id = session, .exercise_id = lift, .position = 1});
    });
}

}  // namespace

TEST_CASE("devices of two owners converge over HTTP, each with its own owner's rows") {
    server_side home;
    const testing::served here(home.routes);
    device phone(here.url(), "alice"), tablet(here.url(), "alice", wire::encoding::json), other(here.url(), "bob");
    write_a_workout(phone, "monday");
    write_a_workout(tablet, "tuesday");
    write_a_workout(other, "wednesday");
    phone.sync(), tablet.sync(), other.sync(), phone.sync();
    CHECK(phone.list().size() == 6);
    CHECK(differences(phone.list(), tablet.list()).empty());
    CHECK(differences(phone.list(), rows_of_backend(home.database, "alice")).empty());
    CHECK(other.list().size() == 3);
    CHECK(differences(other.list(), rows_of_backend(home.database, "bob")).empty());
    CHECK(phone.sync().total() == table_report{});
}

TEST_CASE("a server that was away is found again by the connection that knew it") {
    server_side home;
    auto here = std::make_unique<testing::served<server_router>>(home.routes);
    const int port = here->port();
    device phone(here->url(), "alice"), other(here->url(), "bob");
    write_a_workout(other, "hers");
    other.sync();
    write_a_workout(phone, "monday");
    phone.sync();
    here.reset();

    write_a_workout(phone, "tuesday");
    CHECK(phone.sync_engine.sync().outcome == sync_outcome::offline);
    CHECK(phone.rows.pending().size() == 3);

    // A router whose waits were ended does not wait again.
    server_router again(home.answers, tokens{&home.withdrawn});
    http_server_options same;
    same.port = port;
    const testing::served back(again, same);
    // The old connection may be noticed to be gone by the first request only, which is then an exchange without an answer.
    if (phone.sync_engine.sync().outcome != sync_outcome::complete) phone.sync();
    CHECK(phone.rows.pending().empty());
    CHECK(differences(phone.list(), rows_of_backend(home.database, "alice")).empty());
    CHECK(rows_of_backend(home.database, "bob").size() == 3);
}

TEST_CASE("a withdrawn token is renewed once, and without a new one the sync says so and keeps everything") {
    server_side home;
    const testing::served here(home.routes);
    std::string token = "token-of-alice";
    int renewals = 0;
    http_transport_options options;
    options.refresh_token = [&] {
        ++renewals;
        return token = "token-of-alice-renewed";
    };
    device phone(here.url(), "alice", wire::encoding::cbor, options, [&] { return token; }), tablet(here.url(), "alice"), other(here.url(), "bob");
    write_a_workout(phone, "monday");
    write_a_workout(other, "hers");
    home.withdrawn = true;
    phone.sync();
    CHECK(renewals == 1);
    CHECK(rows_of_backend(home.database, "alice").size() == 3);

    CHECK(other.sync_engine.sync().outcome == sync_outcome::unauthorized);
    CHECK(other.rows.pending().size() == 3);
    CHECK(rows_of_backend(home.database, "bob").empty());
}

TEST_CASE("another owner's token never sends this owner's rows") {
    server_side home;
    const testing::served here(home.routes);
    device phone(here.url(), "alice", wire::encoding::cbor, {}, [] { return std::string("token-of-bob"); });
    write_a_workout(phone, "monday");
    const sync_report report = phone.sync_engine.sync();
    CHECK(report.outcome == sync_outcome::refused);
    CHECK(report.problem.code == error_code::wrong_owner);
    CHECK(phone.rows.pending().size() == 3);
    CHECK(rows_of_backend(home.database, "alice").empty());
    CHECK(rows_of_backend(home.database, "bob").empty());
}

TEST_CASE("packed answers pass where both sides want them, and only there") {
    server_side home;
    http_server_options packs;
    packs.compresses = GENERATE(false, true);
    const testing::served here(home.routes, packs);
    http_transport_options unpacks;
    if (GENERATE(false, true)) unpacks.unpack_gzip = unpack_gzip;
    device phone(here.url(), "alice", wire::encoding::json, unpacks), other(here.url(), "bob", wire::encoding::json, unpacks);
    for (int i = 0; i < 50; ++i) write_a_workout(phone, "monday, and more of it");
    write_a_workout(other, "hers");
    phone.sync(), other.sync();
    device tablet(here.url(), "alice", wire::encoding::json, unpacks);
    tablet.sync();
    CHECK(differences(phone.list(), tablet.list()).empty());
    CHECK(tablet.list().size() == 150);
}

TEST_CASE("a sync with a server that drips its answers is offline when the time of an exchange is over, and everything stays to be sent") {
    testing::loopback_server drips;
    drips.answer_next({{{testing::script_step::kind::drip, testing::whole_answer(200, std::string(2'000, ' '), "Content-Type: application/json\r\n")}}});
    http_transport_options quick;
    quick.exchange_timeout = std::chrono::milliseconds(100);
    device phone(drips.url(), "alice", wire::encoding::cbor, quick);
    write_a_workout(phone, "monday");
    CHECK(phone.sync_engine.sync().outcome == sync_outcome::offline);
    CHECK(phone.rows.pending().size() == 3);
}

TEST_CASE("a stop ends a sync that waits for the server's answer, and everything stays to be sent") {
    testing::loopback_server silent;
    silent.answer_next({{{testing::script_step::kind::hang}}});
    device phone(silent.url(), "alice");
    write_a_workout(phone, "monday");
    std::stop_source source;
    auto running = std::async(std::launch::async, [&] { return phone.sync_engine.sync(source.get_token()); });
    silent.wait_for_requests(1);
    source.request_stop();
    CHECK(running.get().outcome == sync_outcome::stopped);
    CHECK(silent.requests().size() == 1);
    CHECK(phone.rows.pending().size() == 3);
}

TEST_CASE("an edit reaches another device over HTTP without a call to sync") {
    server_side home;
    const testing::served here(home.routes);
    device phone(here.url(), "alice"), tablet(here.url(), "alice"), other(here.url(), "bob");
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t pulled = 0, others_pulled = 0;
    const auto count = [&](std::size_t& into) {
        return live_options{.reported = [&](const sync_report& report) {
            const std::lock_guard lock(mutex);
            into += report.total().pulled;
            changed.notify_all();
        }};
    };
    live_sync sends(phone.store, phone.link), receives(tablet.store, tablet.link, count(pulled)), listens(other.store, other.link, count(others_pulled));
    repository<tracker, sqlite_store> edits(phone.store, {.written = [&] { sends.wake(); }});
    std::thread first([&] { sends.run(); }), second([&] { receives.run(); }), third([&] { listens.run(); });
    for (std::size_t i = 1; i <= 20; ++i) {
        edits.create(exercise{.name = "squat"});
        std::unique_lock lock(mutex);
        REQUIRE(changed.wait_for(lock, std::chrono::minutes(2), [&] { return pulled >= i; }));
    }
    sends.stop(), receives.stop(), listens.stop();
    first.join(), second.join(), third.join();
    // The loop may have been stopped between the server's answer and the phone's settling of it.
    phone.sync(), tablet.sync();
    CHECK(differences(phone.list(), tablet.list()).empty());
    CHECK(others_pulled == 0);
    CHECK(other.list().empty());
}
