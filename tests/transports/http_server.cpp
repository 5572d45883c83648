#include <syncline/transports/http_server.hpp>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <list>
#include <mutex>
#include <thread>

#include <server/support/world.hpp>
#include <syncline/server/router.hpp>
#include <syncline/testing/served.hpp>
#include <syncline/transports/http.hpp>
#include <syncline/transports/httplib_client.hpp>
#include <transports/support/raw_client.hpp>

using namespace server_tests;
using namespace syncline;
using syncline::tests::contains;
using syncline::tests::raw_answer;
using syncline::tests::raw_client;

namespace {

/// The running server of a world, as http_server wants it.
struct served_world {
    static constexpr bool is_thread_safe = true;
    running_server& server;
    wire::http_response handle(const wire::http_request& request) { return server.handle(request); }
    std::optional<wire::http_response> refuse_head(const wire::http_request& head) { return server.refuse_head(head); }
    void end_waits() { server.end_waits(); }
};
/// One that says nothing of threads.
struct quiet_handler {
    wire::http_response handle(const wire::http_request&) { return {200, {}, {}}; }
};
template <class H>
concept servable = requires { typename http_server<H>; };
static_assert(servable<served_world> && request_handler<quiet_handler> && !servable<quiet_handler>);
static_assert(thread_safe<http_server<served_world>> && thread_safe<httplib_client> && thread_safe<http_transport<httplib_client>>);

static_assert(request_handler<served_world> && head_checker<served_world> && waiting_handler<served_world>);

/// A handler that does what a test says, and has neither heads to check nor requests that wait.
struct scripted_handler {
    static constexpr bool is_thread_safe = true;
    std::function<wire::http_response(const wire::http_request&)> answers;
    wire::http_response handle(const wire::http_request& request) { return answers(request); }
};

http_server_options quick(http_server_options options = {}) {
    options.keep_alive = std::chrono::seconds(1);
    return options;
}

/// Alice's and Bob's server behind a socket.
struct site {
    explicit site(http_server_options options = {}, const limits& bounds = {}) : here(backend_kind::memory, bounds), handler{*here.server}, web(handler, quick(std::move(options))) {}

    [[nodiscard]] int port() const { return web.port(); }
    [[nodiscard]] bool applied(const char* row) { return !here.row(workouts, row).empty(); }

    world here;
    served_world handler;
    syncline::testing::served<served_world> web;
};

std::string create(std::string row) {
    return R"({"device":"curl )" + row + R"(","operations":[{"seq":1,"op":"create","entity":"workout","localId":")" + row +
           R"(","fields":{"title":"legs","rating":3,"load":1.5,"done":false,"photo":""}}]})";
}

/// A head with the lines that every request of alice has; `more` are whole lines.
std::string head(const std::string& start, const std::string& more = {}) {
    return start + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer token of alice\r\n" + more + "\r\n";
}
std::string length_of(const std::string& body) { return "Content-Length: " + std::to_string(body.size()) + "\r\n"; }
std::string post(const std::string& body) { return head("POST /api/sync/push", length_of(body)) + body; }
std::string in_chunks(const std::string& body, std::size_t each) {
    std::string out;
    char size[24];
    for (std::size_t at = 0; at < body.size(); at += each) {
        const std::string piece = body.substr(at, each);
        std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
        out.append(size).append(piece).append("\r\n");
    }
    return out + "0\r\n\r\n";
}

/// Sends bytes of which nothing may be applied, and behind them a request that may not be executed: in one go, with so much in
/// between that no buffer of the server swallows it, and again when the first answer is there.
void attack(site& there, const std::string& bytes, int expected_status) {
    INFO(bytes.substr(0, 300));
    const std::string padding = "\r\n" + std::string(9'000, 'x') + "\r\n";
    for (const bool waits : {false, true}) {
        raw_client client(there.port());
        client.send(bytes);
        if (!waits) client.send(padding + post(create("smuggled")));
        const raw_answer answer = client.receive();
        CHECK(answer.status == expected_status);
        if (waits) client.send(post(create("smuggled")));
        CHECK(client.receive_rest().empty());
        CHECK(client.is_closed_by_server());
        CHECK_FALSE(there.applied("smuggled"));
        CHECK_FALSE(there.applied("refused"));
    }
}

}  // namespace

TEST_CASE("requests over one connection are answered in turn") {
    site there;
    raw_client client(there.port());
    for (const char* row : {"a", "b", "c"}) {
        REQUIRE(client.send(post(create(row))));
        const raw_answer answer = client.receive();
        CHECK(answer.status == 200);
        CHECK_THAT(answer.body, contains(R"("verdict":"applied")"));
        CHECK(answer.headers.at("content-type") == "application/json");
        CHECK(answer.headers.at("cache-control") == "no-store");
        CHECK(answer.headers.at("x-content-type-options") == "nosniff");
        CHECK(there.applied(row));
    }
    REQUIRE(client.send(head("GET /api/sync")));
    CHECK_THAT(client.receive().body, contains(R"("localId":"c")"));
}

TEST_CASE("a single row is created, read, changed and removed over a socket, with its headers") {
    site there;
    raw_client client(there.port());
    const std::string body = R"({"localId":"t","name":"new"})";
    const std::string once = head("POST /api/topics", "Idempotency-Key: k\r\nContent-Type: application/json\r\n" + length_of(body)) + body;
    client.send(once);
    const raw_answer created = client.receive();
    REQUIRE(created.status == 201);
    const std::string tag = created.headers.at("etag");
    client.send(once);
    CHECK(client.receive().headers.at("etag") == tag);
    const std::string path = "/api/topics/" + there.here.id_of(topics, "t");
    client.send(head("GET " + path));
    CHECK_THAT(client.receive().body, contains(R"("name":"new")"));
    const std::string changed = R"({"name":"newer"})";
    client.send(head("PUT " + path, "If-Match: \"1.1\"\r\n" + length_of(changed)) + changed);
    CHECK(client.receive().status == (tag == "\"1.1\"" ? 200 : 412));
    client.send(head("PUT " + path, "If-Match: " + tag + "\r\n" + length_of(changed)) + changed);
    CHECK(client.receive().status == (tag == "\"1.1\"" ? 412 : 200));
    client.send(head("PATCH " + path, length_of(changed)) + changed);
    const raw_answer refused = client.receive();
    CHECK(refused.status == 405);
    CHECK(refused.headers.at("allow") == "GET, PUT, DELETE");
    raw_client another(there.port());
    another.send(head("DELETE " + path));
    CHECK(another.receive().status == 204);
    CHECK(there.here.row(topics, "t").empty());
}

TEST_CASE("a body in chunks is taken whole") {
    site there;
    for (const std::size_t each : {1u, 7u, 4'096u}) {
        const std::string row = "c" + std::to_string(each);
        raw_client client(there.port());
        client.send(head("POST /api/sync/push", "Transfer-Encoding: chunked\r\n") + in_chunks(create(row), each));
        CHECK(client.receive().status == 200);
        CHECK(there.applied(row.c_str()));
    }
}

TEST_CASE("chunks that lie about their lengths let nothing behind them be executed") {
    site there;
    const std::string start = head("POST /api/sync/push", "Transfer-Encoding: chunked\r\n");
    const std::string next = std::string(9'000, 'x') + "\r\n" + post(create("smuggled"));
    const std::string body = create("refused");
    for (const std::string& chunks : {std::string("2\r\n{}x\r\n"), std::string("ffffffffffffffffff\r\n"), std::string("-5\r\nhello\r\n"), std::string("zz\r\n"), std::string("0\r\nContent-Length: 5\r\n\r\n"),
                                      "0\r\n" + next, std::string("5\r\nhel")}) {
        INFO(chunks.substr(0, 40));
        raw_client client(there.port());
        client.send(start + chunks + next);
        client.half_close();
        const raw_answer answer = client.receive();
        CHECK((answer.status == 0 || answer.status >= 400));
        CHECK(client.receive_rest().empty());
        CHECK(client.is_closed_by_server());
        CHECK_FALSE(there.applied("smuggled"));
    }
    // A DELETE in chunks, which cpp-httplib does not read.
    raw_client client(there.port());
    client.send(head("DELETE /api/topics/unknown", "Transfer-Encoding: chunked\r\n"));
    CHECK(client.receive().status == 404);
    client.send(post(create("smuggled")));
    CHECK(client.receive_rest().empty());
    CHECK_FALSE(there.applied("smuggled"));
}

TEST_CASE("a body above the bound is refused and the connection closed, whether its length is told or not") {
    http_server_options options;
    options.body_bytes = 10'000;
    site there(options);
    const std::string body = create("refused") + std::string(20'000, ' ');
    attack(there, head("POST /api/sync/push", length_of(body)), 413);
    attack(there, head("POST /api/sync/push", length_of(body)) + body, 413);
    attack(there, head("POST /api/sync/push", "Content-Length: 18446744073709551615\r\n"), 413);
    {
        raw_client client(there.port());
        client.send(head("POST /api/sync/push", "Transfer-Encoding: chunked\r\n") + in_chunks(body, 3'000) + post(create("smuggled")));
        CHECK(client.receive().status == 413);
        CHECK(client.receive_rest().empty());
        CHECK(client.is_closed_by_server());
    }
    CHECK_FALSE(there.applied("refused"));
    CHECK_FALSE(there.applied("smuggled"));
    const std::string small = create("small") + std::string(9'000, ' ');
    raw_client client(there.port());
    client.send(post(small));
    CHECK(client.receive().status == 200);
}

TEST_CASE("a body that ends before its length is not applied") {
    site there;
    const std::string body = create("refused");
    {
        raw_client client(there.port());
        client.send(head("POST /api/sync/push", "Content-Length: " + std::to_string(body.size() + 1) + "\r\n") + body);
        client.half_close();
        // cpp-httplib takes a client that sends no more for one that has left.
        const int status = client.receive().status;
        CHECK((status == 408 || status == 0));
        CHECK(client.receive_rest().empty());
    }
    {
        raw_client gone(there.port());
        gone.send(head("POST /api/sync/push", "Content-Length: " + std::to_string(body.size() + 1) + "\r\n") + body);
    }
    {
        // What stands behind the length belongs to no message.
        raw_client client(there.port());
        client.send(head("POST /api/sync/push", "Content-Length: " + std::to_string(body.size() - 1) + "\r\n") + body);
        CHECK(client.receive().status == 400);
    }
    there.web.stop();
    CHECK_FALSE(there.applied("refused"));
}

TEST_CASE("where the end of a body is not clear, neither the request nor what follows is executed") {
    site there;
    const std::string body = create("refused");
    const std::string length = length_of(body);
    for (const std::string& lines : {length + length, length + "Content-Length: 0\r\n", "Content-Length: 0\r\n" + length, length + "Transfer-Encoding: chunked\r\n",
                                     "Transfer-Encoding: chunked\r\n" + length, std::string("Transfer-Encoding: gzip, chunked\r\n"), std::string("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
                                     std::string("Transfer-Encoding: xchunked\r\n"), std::string("Content-Length: +5\r\n"), std::string("Content-Length: -5\r\n"), std::string("Content-Length: 5,5\r\n"),
                                     std::string("Content-Length: 0x5\r\n"), std::string("Content-Length: 99999999999999999999\r\n"), std::string("Content-Length: 5 5\r\n"), length + "Transfer-Encoding : chunked\r\n",
                                     "Content-Length : 4\r\n" + length, length + " Transfer-Encoding: chunked\r\n", length + "Transfer-Encoding\t: chunked\r\n"})
        attack(there, head("POST /api/sync/push", lines), 400);
    attack(there, "POST /api/sync/push HTTP/1.0\r\nAuthorization: Bearer token of alice\r\nTransfer-Encoding: chunked\r\n\r\n" + in_chunks(body, 50), 400);
}

TEST_CASE("a method without a body that comes with one is refused with what follows") {
    site there;
    for (const char* method : {"GET", "HEAD", "OPTIONS", "TRACE", "CONNECT", "PRI"}) {
        INFO(method);
        for (const char* lines : {"Content-Length: 9500\r\n", "Transfer-Encoding: chunked\r\n"}) {
            raw_client client(there.port());
            client.send(head(std::string(method) + " /api/sync", lines));
            CHECK(client.receive().status == 400);
            client.send(post(create("smuggled")));
            CHECK(client.receive_rest().empty());
            CHECK(client.is_closed_by_server());
        }
    }
    CHECK_FALSE(there.applied("smuggled"));
}

TEST_CASE("what is no request ends the connection, and what follows is not executed") {
    site there;
    const std::string body = std::string(9'000, 'x');
    attack(there, "garbage\r\n", 400);
    attack(there, std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a hello of TLS\r\n\r\n", 30), 400);
    attack(there, std::string("\0\0\0\0\r\n\r\n", 8), 400);
    attack(there, head("BREW /api/sync"), 400);
    attack(there, "GET /api/sync HTTP/2.0\r\n\r\n", 400);
    attack(there, "GET /api/sync\r\n\r\n", 400);
    attack(there, head("POST /api/sync/push", "X: " + std::string(9'000, 'y') + "\r\n" + length_of(body)), 400);
    attack(there, head("POST /api/sync/push?" + std::string(9'000, 'z'), length_of(body)), 414);
    attack(there, head("GET /" + std::string(1'500, 'z')), 414);
    attack(there, head("POST /api/sync/push", "Range: bytes=x\r\n" + length_of(body)), 416);
    attack(there, "GET /api/sync HTTP/1.1\r\nAuthorization: Bearer token of alice\r\n\r\n", 400);
    attack(there, head("GET /api/sync", "Host: another\r\n"), 400);
}

TEST_CASE("a form is refused unread") {
    site there;
    const std::string body = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n" + std::string(9'000, 'x') + "\r\n" + post(create("smuggled")) + "\r\n--b--\r\n";
    attack(there, head("POST /api/sync/push", "Content-Type: multipart/form-data; boundary=b\r\n" + length_of(body)) + body, 415);
}

TEST_CASE("without a valid token a body is read past and never executed, nor where a path or method does not exist") {
    site there;
    const auto refusal = [&](const std::string& bytes) {
        raw_client client(there.port());
        const std::string body = std::string(2'000'000, ' ') + post(create("smuggled"));
        client.send(bytes + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body + post(create("smuggled")));
        const raw_answer answer = client.receive();
        CHECK(answer.headers.at("connection") == "close");
        CHECK(client.receive_rest().empty());
        CHECK(client.is_closed_by_server());
        return answer.status;
    };
    const std::string host = " HTTP/1.1\r\nHost: localhost\r\n", alice = "Authorization: Bearer token of alice\r\n";
    CHECK(refusal("POST /api/sync/push" + host) == 401);
    CHECK(refusal("POST /api/sync/push" + host + "Authorization: Bearer wrong\r\n") == 401);
    CHECK(refusal("POST /api/sync/push" + host + "Authorization: Basic token of alice\r\n") == 401);
    CHECK(refusal("PUT /api/topics/1" + host) == 401);
    CHECK(refusal("POST /nowhere" + host) == 401);
    CHECK(refusal("POST /healthz" + host) == 405);
    CHECK(refusal("POST /nowhere" + host + alice) == 404);
    CHECK(refusal("POST /api/sync" + host + alice) == 405);
    CHECK_FALSE(there.applied("smuggled"));
    raw_client client(there.port());
    client.send("GET /api/sync HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const raw_answer answer = client.receive();
    CHECK(answer.status == 401);
    CHECK(answer.headers.at("www-authenticate") == "Bearer");
}

TEST_CASE("a compressed body is refused unread") {
    site there;
    for (const char* coding : {"gzip", "deflate", "br", "x-unknown"})
        attack(there, head("POST /api/sync/push", "Content-Encoding: " + std::string(coding) + "\r\nContent-Length: 9000\r\n"), 415);
    raw_client client(there.port());
    const std::string body = create("plain");
    client.send(head("POST /api/sync/push", "Content-Encoding: identity\r\nAccept-Encoding: gzip\r\n" + length_of(body)) + body);
    const raw_answer answer = client.receive();
    CHECK(answer.status == 200);
    CHECK(answer.headers.count("content-encoding") == 0);
}

#ifdef CPPHTTPLIB_ZLIB_SUPPORT
TEST_CASE("a server that compresses takes compressed bodies, but no more of what is in them than of others") {
    http_server_options options;
    options.compresses = true;
    options.body_bytes = 1'000'000;
    site there(options);
    httplib::Client client("127.0.0.1", there.port());
    client.set_compress(true);
    const httplib::Headers alice{{"Authorization", "Bearer token of alice"}};
    const auto taken = client.Post("/api/sync/push", alice, create("packed") + std::string(900'000, ' '), "application/json");
    REQUIRE(taken);
    CHECK(taken->status == 200);
    CHECK(there.applied("packed"));
    const auto bomb = client.Post("/api/sync/push", alice, create("bomb") + std::string(20'000'000, ' '), "application/json");
    if (bomb) CHECK(bomb->status == 413);
    CHECK_FALSE(there.applied("bomb"));
    raw_client liar(there.port());
    liar.send(head("POST /api/sync/push", "Content-Encoding: gzip\r\n" + length_of(create("liar"))) + create("liar"));
    CHECK(liar.receive().status >= 400);
    CHECK_FALSE(there.applied("liar"));
}
#endif

TEST_CASE("a body that comes too slowly is not waited for") {
    http_server_options options;
    options.body_timeout = std::chrono::milliseconds(50);
    site there(options);
    raw_client client(there.port());
    client.send(head("POST /api/sync/push", "Content-Length: 100000\r\n"));
    bool answered = false;
    for (int bytes = 0; bytes < 90'000 && !answered; ++bytes) {
        client.send(" ");
        answered = client.has_input(5);
    }
    REQUIRE(answered);
    CHECK(client.receive().status == 408);
    CHECK(client.receive_rest().empty());
}

TEST_CASE("a client that asks for ranges gets whole answers") {
    site there;
    raw_client client(there.port());
    client.send(head("GET /api/sync"));
    const raw_answer whole = client.receive();
    for (const char* ranges : {"bytes=0-3", "bytes=0-,0-,0-,0-", "bytes=999999-"}) {
        client.send(head("GET /api/sync", "Range: " + std::string(ranges) + "\r\n"));
        const raw_answer answer = client.receive();
        CHECK(answer.status == 200);
        CHECK(answer.body == whole.body);
    }
}

TEST_CASE("a client that sends requests without waiting for the answers gets them for a part in order, or for all") {
    site there;
    raw_client client(there.port());
    client.send(post(create("a")) + post(create("b")) + post(create("c")));
    int answered = 0;
    while (client.receive().status == 200) ++answered;
    CHECK(answered >= 1);
    CHECK(client.is_closed_by_server());
    CHECK(there.applied("a"));
    CHECK(there.applied("b") == (answered >= 2));
    CHECK(there.applied("c") == (answered >= 3));
}

TEST_CASE("a client of HTTP/1.0 is answered, and the connection closed") {
    site there;
    raw_client client(there.port());
    client.send("GET /healthz HTTP/1.0\r\n\r\n");
    CHECK(client.receive().status == 200);
    CHECK(client.receive_rest().empty());
    CHECK(client.is_closed_by_server());
    raw_client asks_for_head(there.port());
    asks_for_head.send("HEAD /healthz HTTP/1.0\r\n\r\n");
    CHECK(asks_for_head.receive_head().status == 200);
    CHECK(asks_for_head.receive_rest().empty());
}

TEST_CASE("a client that says it will send no more is answered, or cut off, with its request applied") {
    site there;
    raw_client client(there.port());
    client.send(post(create("a")));
    client.half_close();
    const int status = client.receive().status;
    CHECK((status == 200 || status == 0));
    CHECK(client.receive_rest().empty());
    CHECK(there.applied("a"));
}

TEST_CASE("clients that leave in the middle of everything do no harm") {
    site there;
    batch many("tablet");
    const std::string long_text(100'000, 'l');
    for (int i = 0; i < 50; ++i) many.create(topics, "t" + std::to_string(i), {{"name", text(long_text)}});
    there.here.push(many);
    for (int i = 0; i < 20; ++i) {
        raw_client asks(there.port());
        asks.send(head("GET /api/sync"));
        if (i % 2 == 0) CHECK(asks.receive_head().status == 200);
        asks.close();
        raw_client(there.port()).send("POST /api/sy");
        raw_client(there.port()).send(head("POST /api/sync/push", "Content-Length: 100\r\n") + "{");
        const raw_client silent(there.port());
    }
    raw_client client(there.port());
    client.send(head("GET /api/sync"));
    CHECK(client.receive().body.size() > 5'000'000);
}

TEST_CASE("200 connections at once are answered") {
    site there;
    std::list<raw_client> clients;
    for (int i = 0; i < 200; ++i) clients.emplace_back(there.port());
    int i = 0;
    for (raw_client& one : clients) one.send(post(create("w" + std::to_string(i++))));
    for (raw_client& one : clients) CHECK(one.receive().status == 200);
    CHECK(there.here.rows().size() == 200);
}

TEST_CASE("a server that stops answers the requests in work") {
    std::promise<void> begun, go_on;
    scripted_handler handler{[&](const wire::http_request&) -> wire::http_response {
        begun.set_value();
        go_on.get_future().wait();
        return {200, R"("done")", {}};
    }};
    syncline::testing::served web(handler, quick());
    raw_client client(web.port());
    client.send(head("POST /", length_of("x")) + "x");
    begun.get_future().wait();
    std::thread stopper([&] { web.stop(); });
    go_on.set_value();
    CHECK(client.receive().body == R"("done")");
    stopper.join();
    CHECK_FALSE(web.server().is_running());
    CHECK_FALSE(raw_client(web.port()).is_connected());
}

TEST_CASE("a server that stops answers the requests that wait") {
    site there;
    const std::string cursor = there.here.cursor();
    raw_client waits(there.port()), streams(there.port());
    waits.send(head("GET /api/sync/wait?timeout=60&since=" + cursor));
    streams.send(head("GET /api/sync/wait?timeout=60&since=" + cursor, "Accept: text/event-stream\r\n"));
    CHECK(streams.receive_head().status == 200);
    CHECK(streams.receive_chunk() == ":\n\n");
    std::thread stopper([&] { there.web.stop(); });
    CHECK(waits.receive().status == 503);
    // The last chunk, or the end.
    while (streams.receive_chunk().value_or("") != "") {}
    stopper.join();
}

TEST_CASE("a server that was stopped before it ran does not run") {
    world here;
    served_world handler{*here.server};
    http_server<served_world> server(handler);
    server.stop();
    server.run();
    CHECK_FALSE(raw_client(server.port()).is_connected());
    server.stop();
    server.run();
    for (int i = 0; i < 20; ++i) {
        http_server<served_world> raced(handler);
        std::thread runs([&] { raced.run(); });
        raced.stop();
        raced.stop();
        runs.join();
    }
}

TEST_CASE("two servers cannot share a port") {
    site there;
    http_server_options options;
    options.port = there.port();
    CHECK_THROWS_AS((http_server<served_world>(there.handler, options)), std::runtime_error);
    options.port = 0;
    options.host = "192.0.2.1";
    CHECK_THROWS_AS((http_server<served_world>(there.handler, options)), std::runtime_error);
}

TEST_CASE("a server listens on loopback alone, unless it is told otherwise") {
    site there;
    CHECK(raw_client(there.port()).is_connected());
    CHECK_FALSE(raw_client(there.port(), "127.0.0.2").is_connected());
}

TEST_CASE("a stream over a socket beats, tells news, and ends when the client leaves") {
    site there;
    const std::string cursor = there.here.cursor();
    {
        raw_client client(there.port());
        client.send(head("GET /api/sync/wait?timeout=300&heartbeat=60&since=" + cursor, "Accept: text/event-stream\r\n"));
        const raw_answer answer = client.receive_head();
        CHECK(answer.status == 200);
        CHECK(answer.headers.at("content-type") == "text/event-stream");
        CHECK(client.receive_chunk() == ":\n\n");
        there.here.push(batch("tablet").create(workouts, "w"));
        CHECK_THAT(client.receive_chunk().value_or(""), contains("event: news\ndata: {"));
    }
    // Nothing but the client's leaving ends this one.
    std::promise<void> ended;
    scripted_handler handler{[&](const wire::http_request&) {
        wire::http_response response;
        response.status = 200;
        const std::shared_ptr<void> life(nullptr, [&](void*) { ended.set_value(); });
        response.stream = [life](std::string& piece, std::chrono::milliseconds) {
            piece = ":\n\n";
            return true;
        };
        return response;
    }};
    syncline::testing::served web(handler, quick());
    {
        raw_client client(web.port());
        client.send(head("GET /"));
        CHECK(client.receive_head().status == 200);
        CHECK(client.receive_chunk() == ":\n\n");
    }
    CHECK(ended.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready);
}

TEST_CASE("a handler or stream that throws costs the client its answer, not the server its life") {
    scripted_handler handler{[&](const wire::http_request& request) -> wire::http_response {
        if (request.target == "/throws") throw std::runtime_error("secret");
        wire::http_response response;
        response.status = 200;
        if (request.target == "/streams")
            response.stream = [](std::string&, std::chrono::milliseconds) -> bool { throw std::runtime_error("secret"); };
        return response;
    }};
    syncline::testing::served web(handler, quick());
    raw_client throws(web.port());
    throws.send(head("POST /throws", length_of("x")) + "x");
    const raw_answer failed = throws.receive();
    CHECK(failed.status == 500);
    CHECK_THAT(failed.body, contains(R"("code":"server_failed")") && !contains("secret"));
    raw_client streams(web.port());
    streams.send(head("GET /streams"));
    CHECK(streams.receive_head().status == 200);
    CHECK_THAT(streams.receive_rest(), !contains("secret"));
    raw_client client(web.port());
    client.send(head("GET /"));
    CHECK(client.receive().status == 200);
}

TEST_CASE("no more bytes of a body are handed on than the handler was promised") {
    std::atomic<std::size_t> most = 0;
    scripted_handler handler{[&](const wire::http_request& request) -> wire::http_response {
        most = std::max(most.load(), request.body.size());
        return {200, {}, {}};
    }};
    http_server_options options;
    options.body_bytes = 5'000;
    syncline::testing::served web(handler, quick(options));
    for (const std::size_t size : {4'999u, 5'000u, 5'001u, 100'000u}) {
        const std::string body(size, 'b');
        raw_client told(web.port());
        told.send(post(body));
        CHECK(told.receive().status == (size <= 5'000 ? 200 : 413));
        raw_client chunked(web.port());
        chunked.send(head("POST /", "Transfer-Encoding: chunked\r\n") + in_chunks(body, 1'000));
        CHECK(chunked.receive().status == (size <= 5'000 ? 200 : 413));
    }
    CHECK(most == 5'000);
}
