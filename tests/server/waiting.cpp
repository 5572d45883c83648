#include <syncline/server/wait_endpoint.hpp>

#include <atomic>
#include <barrier>
#include <chrono>
#include <stdexcept>
#include <thread>

#include <nlohmann/json.hpp>

#include <backends/scratch_folder.hpp>
#include <server/support/world.hpp>
#include <syncline/server/router.hpp>

using namespace server_tests;
using namespace std::chrono_literals;
using syncline::news_board;
using syncline::tests::contains;
using syncline::wire::http_response;

namespace {

constexpr auto never = std::chrono::hours(1);

/// Waits without an end of their own, so that a test which passes was woken. Nobody asks the database twice.
syncline::router_options patient() {
    syncline::router_options options;
    options.waits.ask_every = never;
    options.may_read_metrics = [](const std::string& token) { return token == "token of the meter"; };
    return options;
}

http_response wait(running_server& server, const std::string& query, const std::string& token = "token of alice", const std::string& accept = {}) {
    return server.handle({"GET", "/api/sync/wait?" + query, {}, token, {}, accept});
}
http_response listen(running_server& server, const std::string& query, const std::string& token = "token of alice") {
    return wait(server, query, token, "text/event-stream");
}
bool has_news(const http_response& response) { return response.status == 200 && response.body == R"({"news":true})"; }
bool has_none(const http_response& response) { return response.status == 200 && response.body == R"({"news":false})"; }

int waiting(running_server& server) {
    const std::string text = server.handle({"GET", "/metrics", {}, "token of the meter"}).body;
    return std::atoi(text.c_str() + text.rfind(' '));
}
/// Returns when so many requests wait; false where they never do.
bool reaches(running_server& server, int waiters) {
    const auto deadline = syncline::monotonic_now() + 30s;
    while (waiting(server) != waiters) {
        if (syncline::monotonic_now() > deadline) return false;
        std::this_thread::yield();
    }
    return true;
}

/// A request that waits, on a thread of its own.
class waiter {
public:
    waiter(running_server& server, std::string query, std::string token = "token of alice")
        : thread_([this, &server, query = std::move(query), token = std::move(token)] { response_ = wait(server, query, token); }) {}
    ~waiter() {
        if (thread_.joinable()) thread_.join();
    }
    const http_response& response() {
        if (thread_.joinable()) thread_.join();
        return response_;
    }

private:
    http_response response_;
    std::thread thread_;
};

struct piece {
    bool goes_on = false;
    std::string text;
};
piece next(const http_response& stream) {
    piece found;
    found.goes_on = stream.stream(found.text, 0ms);
    return found;
}

#define WAITING_WORLD(name) \
    const auto backend = GENERATE(backend_kind::memory, backend_kind::sqlite); \
    world name(backend, {}, patient())

}  // namespace

TEST_CASE("a device that lacks something is told at once") {
    WAITING_WORLD(here);
    const std::string old = here.cursor();
    here.push(batch("tablet").create(workouts, "w").create(topics, "t"));
    const std::string newest = here.cursor(), in_snapshot = here.pull({}, 1).cursor;
    const std::string in_feed = here.pull(old, 1).cursor;
    const std::string of_bob = std::get<syncline::wire::page>(here.server->pull("bob", {})).cursor;
    for (const std::string& cursor : {std::string(), std::string("stolen"), old, in_snapshot, in_feed, of_bob, newest + "0", newest.substr(1), std::string("f9223372036854775807")}) {
        INFO(cursor);
        CHECK(has_news(wait(*here.server, "timeout=60&since=" + cursor)));
        CHECK(has_news(wait(*here.server, "timeout=0&since=" + cursor)));
        CHECK(has_none(wait(*here.server, "timeout=0&since=" + newest)));
    }
    CHECK(has_news(wait(*here.server, "timeout=60")));
    CHECK(has_news(here.server->handle({"GET", "/api/sync/wait", {}, "token of alice"})));
}

TEST_CASE("an owner without rows has nothing to be told") {
    WAITING_WORLD(here);
    CHECK(has_none(wait(*here.server, "timeout=0&since=" + here.cursor())));
}

TEST_CASE("every kind of write wakes those who wait for its owner") {
    WAITING_WORLD(here);
    running_server& server = *here.server;
    const auto wakes = [&](auto write) {
        waiter one(server, "timeout=60&since=" + here.cursor()), other(server, "timeout=60&since=" + here.cursor());
        REQUIRE(reaches(server, 2));
        write();
        CHECK(has_news(one.response()));
        CHECK(has_news(other.response()));
        CHECK(waiting(server) == 0);
    };
    const auto request = [&](const char* method, const std::string& target, const char* body) {
        CHECK(server.handle({method, target, body, "token of alice"}).status < 300);
    };
    wakes([&] { request("POST", "/api/sync/push", R"({"device":"d","operations":[{"seq":1,"op":"create","entity":"topic","localId":"t","fields":{"name":"a"}}]})"); });
    wakes([&] { request("POST", "/api/topics", R"({"localId":"u","name":"a"})"); });
    const std::string target = "/api/topics/" + here.id_of(topics, "u");
    wakes([&] { request("PUT", target, R"({"name":"b"})"); });
    wakes([&] { request("DELETE", target, ""); });
}

TEST_CASE("another owner's writes wake nobody") {
    WAITING_WORLD(here);
    running_server& server = *here.server;
    waiter alice(server, "timeout=60&since=" + here.cursor());
    REQUIRE(reaches(server, 1));
    for (int i = 0; i < 20; ++i) CHECK(server.handle({"POST", "/api/topics", R"({"name":"a"})", "token of carol"}).status == 201);
    server.end_waits();
    CHECK(alice.response().status == 503);
}

TEST_CASE("a refused or repeated request is no news") {
    WAITING_WORLD(here);
    running_server& server = *here.server;
    const syncline::wire::http_request create{"POST", "/api/topics", R"({"localId":"t","name":"a"})", "token of alice", {}, {}, "key"};
    CHECK(server.handle(create).status == 201);
    waiter alice(server, "timeout=60&since=" + here.cursor());
    REQUIRE(reaches(server, 1));
    CHECK(server.handle(create).status == 201);
    CHECK(server.handle({"POST", "/api/topics", R"({"localId":"t"})", "token of alice"}).status == 422);
    CHECK(server.handle({"DELETE", "/api/topics/unknown", {}, "token of alice"}).status == 404);
    server.end_waits();
    CHECK(alice.response().status == 503);
}

TEST_CASE("what another process writes to the same file is news") {
    syncline::tests::scratch_folder folder;
    syncline::router_options options = patient();
    options.waits.ask_every = 5ms;
    world here(backend_kind::sqlite, {}, options, folder.file("server.db"));
    const auto other_process = running_server::start(backend_kind::sqlite, {}, patient(), folder.file("server.db"));
    const std::string cursor = here.cursor();
    waiter alice(*here.server, "timeout=60&since=" + cursor), later(*here.server, "timeout=60&since=" + cursor);
    const http_response stream = listen(*here.server, "timeout=60&since=" + cursor);
    CHECK(next(stream).text == ":\n\n");
    CHECK(next(stream).text.empty());
    REQUIRE(reaches(*here.server, 2));
    CHECK(other_process->handle({"POST", "/api/topics", R"({"localId":"t","name":"a"})", "token of carol"}).status == 201);
    CHECK(next(stream).text.empty());
    CHECK(other_process->handle({"POST", "/api/topics", R"({"localId":"t","name":"a"})", "token of alice"}).status == 201);
    CHECK(has_news(alice.response()));
    CHECK(has_news(later.response()));
    std::string told;
    CHECK(stream.stream(told, 60'000ms));
    CHECK_THAT(told, contains("event: news"));
}

TEST_CASE("a server that stops ends the waits there are and those to come") {
    WAITING_WORLD(here);
    running_server& server = *here.server;
    const std::string cursor = here.cursor(), of_carol = std::get<syncline::wire::page>(server.pull("carol", {})).cursor;
    const http_response stream = listen(server, "timeout=60&since=" + cursor);
    CHECK(next(stream).goes_on);
    {
        waiter alice(server, "timeout=60&since=" + cursor), carol(server, "timeout=60&since=" + of_carol, "token of carol");
        REQUIRE(reaches(server, 2));
        server.end_waits();
        for (waiter* one : {&alice, &carol}) {
            CHECK(one->response().status == 503);
            CHECK(one->response().retry_after_ms.value_or(0) > 0);
        }
    }
    const piece last = next(stream);
    CHECK_FALSE(last.goes_on);
    CHECK(last.text.empty());
    CHECK(wait(server, "timeout=60&since=" + cursor).status == 503);
    const http_response late = listen(server, "timeout=60&since=" + cursor);
    CHECK(next(late).text == ":\n\n");
    CHECK_FALSE(next(late).goes_on);
    CHECK(server.handle({"GET", "/api/sync?since=" + cursor, {}, "token of alice"}).status == 200);
}

TEST_CASE("no more requests wait than the server may hold") {
    syncline::router_options options = patient();
    options.waits.waiters_max = 2;
    world here(backend_kind::memory, {}, options);
    running_server& server = *here.server;
    const std::string cursor = here.cursor();
    {
        waiter one(server, "timeout=60&since=" + cursor), other(server, "timeout=60&since=" + cursor);
        REQUIRE(reaches(server, 2));
        const http_response refused = wait(server, "timeout=60&since=" + cursor);
        CHECK(refused.status == 503);
        CHECK(refused.retry_after_ms.value_or(0) > 0);
        const http_response stream = listen(server, "timeout=60&since=" + cursor);
        CHECK(next(stream).text == ":\n\n");
        CHECK_FALSE(next(stream).goes_on);
        CHECK(has_news(wait(server, "timeout=60")));
        here.push(batch("tablet").create(topics, "t"));
    }
    CHECK(has_none(wait(server, "timeout=0&since=" + here.cursor())));
}

TEST_CASE("one owner's requests that wait leave room for another's") {
    syncline::router_options options = patient();
    options.waits.waiters_per_owner_max = 1;
    world here(backend_kind::memory, {}, options);
    running_server& server = *here.server;
    const std::string cursor = here.cursor(), of_carol = std::get<syncline::wire::page>(server.pull("carol", {})).cursor;
    waiter alice(server, "timeout=60&since=" + cursor);
    REQUIRE(reaches(server, 1));
    CHECK(wait(server, "timeout=60&since=" + cursor).status == 503);
    CHECK(has_none(wait(server, "timeout=0&since=" + of_carol, "token of carol")));
    waiter carol(server, "timeout=60&since=" + of_carol, "token of carol");
    REQUIRE(reaches(server, 2));
    server.end_waits();
}

TEST_CASE("nobody waits longer than the server lets them") {
    syncline::router_options options = patient();
    options.waits.wait_max = 0s;
    options.waits.stream_max = 1s;
    world here(backend_kind::memory, {}, options);
    running_server& server = *here.server;
    const std::string cursor = here.cursor();
    for (const char* timeout : {"timeout=3600&", "timeout=9223372036854775807&", ""}) CHECK(has_none(wait(server, timeout + ("since=" + cursor))));
    const http_response stream = listen(server, "timeout=9223372036854775807&heartbeat=9223372036854775807&since=" + cursor);
    std::string text;
    int beats = 0;
    while (stream.stream(text, 30'000ms)) beats += text == ":\n\n" ? 1 : 0;
    CHECK(beats == 1);
}

TEST_CASE("a wait whose query is wrong is refused") {
    WAITING_WORLD(here);
    running_server& server = *here.server;
    for (const char* query : {"timeout=x", "timeout=-1", "timeout=", "timeout=1.5", "timeout=99999999999999999999", "heartbeat=x", "heartbeat=-1", "since=%zz", "since=a&since=b", "limit=x"}) {
        INFO(query);
        CHECK(wait(server, query).status == 400);
        CHECK(listen(server, query).status == 400);
    }
    CHECK(wait(server, "owner=bob").status == 409);
    CHECK(has_news(wait(server, "owner=alice")));
    CHECK(wait(server, "timeout=0", "token").status == 401);
    CHECK(listen(server, "timeout=0", "token").stream == nullptr);
    CHECK(server.handle({"POST", "/api/sync/wait", {}, "token of alice"}).status == 405);
}

TEST_CASE("a stream beats, tells each news once, and goes on") {
    WAITING_WORLD(here);
    const http_response stream = listen(*here.server, "timeout=60&heartbeat=60&since=" + here.cursor());
    CHECK(stream.status == 200);
    CHECK(stream.content_type == "text/event-stream");
    CHECK(next(stream).text == ":\n\n");
    for (int i = 1; i <= 3; ++i) {
        const piece idle = next(stream);
        CHECK(idle.goes_on);
        CHECK(idle.text.empty());
        here.push(batch("tablet", i).create(topics, "t" + std::to_string(i)));
        const piece news = next(stream);
        CHECK(news.goes_on);
        const auto version = here.version_of(topics, "t" + std::to_string(i));
        CHECK(news.text == "event: news\ndata: {\"version\":\"" + version.str() + "\"}\n\n");
    }
    CHECK(next(stream).text.empty());
}

TEST_CASE("a stream for a device that lacks something tells so and ends") {
    WAITING_WORLD(here);
    here.push(batch("tablet").create(topics, "t"));
    const http_response stream = listen(*here.server, "since=forged");
    CHECK(next(stream).goes_on);
    const piece news = next(stream);
    CHECK(news.text == "event: news\ndata: {}\n\n");
    CHECK_FALSE(news.goes_on);
}

TEST_CASE("a backend that fails ends waits and streams, and tells nothing of the machine") {
    const auto kind = GENERATE(backend_kind::memory, backend_kind::sqlite);
    const auto server = running_server::start(kind, {});
    const std::string cursor = std::get<syncline::wire::page>(server->pull("alice", {})).cursor;
    const http_response stream = listen(*server, "timeout=60&since=" + cursor);
    CHECK(next(stream).goes_on);
    server->break_backend();
    const piece last = next(stream);
    CHECK_FALSE(last.goes_on);
    CHECK(last.text.empty());
    const http_response failed = wait(*server, "timeout=60&since=" + cursor);
    CHECK(failed.status == 500);
    CHECK_THAT(failed.body, !contains("secret"));
}

TEST_CASE("whoever is woken finds what woke them, and no wake-up is lost") {
    WAITING_WORLD(here);
    running_server& server = *here.server;
    constexpr int rounds = 100;
    std::string problem;
    std::thread device([&, cursor = here.cursor()]() mutable {
        for (int seen = 0; seen < rounds && problem.empty();) {
            if (!has_news(wait(server, "timeout=60&since=" + cursor))) problem = "a wake-up was lost after row " + std::to_string(seen);
            syncline::wire::pull_request pull;
            pull.since = cursor;
            const auto page = std::get<syncline::wire::page>(server.pull("alice", pull));
            if (page.rows.empty()) problem = "woken for nothing after row " + std::to_string(seen);
            seen += static_cast<int>(page.rows.size());
            cursor = page.cursor;
        }
    });
    for (int i = 0; i < rounds; ++i) server.handle({"POST", "/api/topics", R"({"name":"a"})", "token of alice"});
    device.join();
    CHECK(problem == "");
}

TEST_CASE("news between the look at the database and the sleep is not lost") {
    news_board board(never, 10, 10);
    const auto deadline = syncline::monotonic_now() + 30s;
    const auto outcome = board.wait("alice", nth_version(4), deadline, [&] {
        board.publish("alice", nth_version(5));
        return nth_version(4);
    });
    CHECK(outcome == news_board::outcome::news);
    CHECK(board.wait("alice", nth_version(5), syncline::monotonic_now(), [] { return nth_version(5); }) == news_board::outcome::nothing);
    CHECK(board.wait("alice", nth_version(5), deadline, [] { return nth_version(6); }) == news_board::outcome::news);
    CHECK(board.wait("alice", nth_version(6), deadline, [&] {
        board.close();
        return nth_version(6);
    }) == news_board::outcome::closed);
    CHECK(board.wait("alice", nth_version(0), deadline, [] { return nth_version(9); }) == news_board::outcome::closed);
    CHECK(board.waiters() == 0);
}

TEST_CASE("threads that wait and publish in every order miss nothing") {
    constexpr int waiters = 3, rounds = 500;
    news_board board(never, 10, 10);
    std::atomic<int> committed = 0;
    std::atomic<int> lost = 0;
    std::barrier round(waiters + 1);
    std::vector<std::thread> threads;
    for (int i = 0; i < waiters; ++i)
        threads.emplace_back([&] {
            for (int r = 0; r < rounds; ++r) {
                const syncline::row_version known = nth_version(r);
                round.arrive_and_wait();
                if (board.wait("alice", known, syncline::monotonic_now() + 30s, [&] { return nth_version(committed.load()); }) != news_board::outcome::news) ++lost;
                round.arrive_and_wait();
            }
        });
    for (int r = 0; r < rounds; ++r) {
        round.arrive_and_wait();
        committed = r + 1;
        board.publish("alice", nth_version(r + 1));
        round.arrive_and_wait();
    }
    for (std::thread& one : threads) one.join();
    CHECK(lost == 0);
    CHECK(board.waiters() == 0);
}

TEST_CASE("when the one who asks fails, the others ask for themselves") {
    news_board board(never, 10, 10);
    std::atomic<int> asked = 0;
    std::thread other;
    const auto ask_of_other = [&]() -> syncline::row_version {
        ++asked;
        return nth_version(7);
    };
    CHECK_THROWS_AS(static_cast<void>(board.wait("alice", nth_version(4), syncline::monotonic_now() + 30s,
                                                 [&]() -> syncline::row_version {
                                                     other = std::thread([&] {
                                                         static_cast<void>(board.wait("alice", nth_version(4), syncline::monotonic_now() + 30s, ask_of_other));
                                                     });
                                                     while (board.waiters() != 2) std::this_thread::yield();
                                                     throw std::runtime_error("disk");
                                                 })),
                    std::runtime_error);
    other.join();
    CHECK(asked == 1);
    CHECK(board.waiters() == 0);
}

TEST_CASE("one of an owner's waiters asks the database, not all") {
    news_board board(never, 10, 10);
    std::atomic<int> asked = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            static_cast<void>(board.wait("alice", nth_version(0), syncline::monotonic_now() + 30s, [&] {
                ++asked;
                return nth_version(0);
            }));
        });
    while (board.waiters() != 4) std::this_thread::yield();
    board.publish("bob", nth_version(1));
    board.publish("alice", nth_version(1));
    for (std::thread& one : threads) one.join();
    CHECK(asked == 1);
}
