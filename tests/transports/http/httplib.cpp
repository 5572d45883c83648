#include <syncline/transports/http.hpp>
#include <syncline/transports/httplib_client.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <syncline/testing/http_client_suite.hpp>
#include <syncline/testing/loopback_server.hpp>

#include <support/catch.hpp>

using namespace syncline;

namespace {

using testing::http_client_suite::call_to;
using testing::http_client_suite::expect_lost;
using testing::http_client_suite::reply_of;
using testing::loopback_server;
using kind = testing::script_step::kind;

/// A listening socket whose queue is full, so that connecting to it takes for ever.
class deaf_server {
public:
    deaf_server() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in here{};
        here.sin_family = AF_INET;
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof here;
        auto* const address = reinterpret_cast<sockaddr*>(&here);
        REQUIRE(::bind(listener_, address, size) == 0);
        REQUIRE(::listen(listener_, 0) == 0);
        REQUIRE(::getsockname(listener_, address, &size) == 0);
        port_ = ntohs(here.sin_port);
        for (int i = 0; i < 8; ++i) {
            fillers_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
            static_cast<void>(::connect(fillers_.back(), address, size));
        }
    }
    deaf_server(const deaf_server&) = delete;
    deaf_server& operator=(const deaf_server&) = delete;
    ~deaf_server() {
        for (const int filler : fillers_) ::close(filler);
        ::close(listener_);
    }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

private:
    int listener_;
    int port_ = 0;
    std::vector<int> fillers_;
};

const exchange_failure& failure_of(const http_result& result) {
    if (std::holds_alternative<http_reply>(result)) FAIL("there is a reply");
    return std::get<exchange_failure>(result);
}

}  // namespace

TEST_CASE("calls one after the other share a connection") {
    loopback_server server;
    httplib_client client(server.url());
    for (int i = 0; i < 5; ++i) reply_of(client.send(call_to("POST", "/", "{}")));
    CHECK(server.requests().size() == 5);
    CHECK(server.connections() == 1);
}

TEST_CASE("a connection that was idle for too long is not used again") {
    loopback_server server;
    std::int64_t now_ms = 1'000;
    httplib_client client(server.url(), {}, [&now_ms] { return now_ms; });
    reply_of(client.send(call_to("POST", "/", "{}")));
    now_ms += httplib_client_options{}.idle_max.count();
    reply_of(client.send(call_to("POST", "/", "{}")));
    CHECK(server.connections() == 1);
    now_ms += httplib_client_options{}.idle_max.count() + 1;
    reply_of(client.send(call_to("POST", "/", "{}")));
    CHECK(server.connections() == 2);
    now_ms -= 1'000'000;
    reply_of(client.send(call_to("POST", "/", "{}")));
    CHECK(server.connections() == 3);
}

TEST_CASE("an idle connection that the server has closed is not used again") {
    loopback_server server;
    httplib_client client(server.url());
    server.answer_next({{{kind::send, testing::whole_answer(200, "{}")}, {kind::await}, {kind::close}}});
    reply_of(client.send(call_to("POST", "/", "{}")));
    server.proceed();
    server.wait_for_answers(1);
    reply_of(client.send(call_to("POST", "/", "{}")));
    CHECK(server.requests().size() == 2);
    CHECK(server.connections() == 2);
}

TEST_CASE("the next address of a name is tried when nobody listens at the first") {
    loopback_server server;
    httplib_client_options options;
    options.addresses_of = [](const std::string&) { return std::vector<std::string>{"127.0.0.2", "127.0.0.1", "127.0.0.3"}; };
    httplib_client client("http://localhost:" + std::to_string(server.port()), options);
    reply_of(client.send(call_to("POST", "/", "{}")));
    CHECK(server.requests().size() == 1);
    CHECK_THAT(server.requests().at(0), tests::contains("\r\nHost: localhost:" + std::to_string(server.port()) + "\r\n"));
}

TEST_CASE("the addresses of a name are the system's, where the application does not know better") {
    loopback_server server;
    httplib_client client("http://localhost:" + std::to_string(server.port()));
    reply_of(client.send(call_to("POST", "/", "{}")));
    httplib_client_options options;
    options.addresses_of = [](const std::string&) { return std::vector<std::string>(); };
    httplib_client lost_client(server.url(), options);
    CHECK(failure_of(lost_client.send(call_to("POST", "/", "{}"))).kind == exchange_failure_kind::unreachable);
}

TEST_CASE("an answer that breaks off is not asked for at another address") {
    loopback_server server;
    httplib_client_options options;
    options.addresses_of = [](const std::string&) { return std::vector<std::string>(3, "127.0.0.1"); };
    httplib_client client(server.url(), options);
    server.answer_next({{{kind::close}}});
    expect_lost(client.send(call_to("POST", "/", "{}")));
    CHECK(server.requests().size() == 1);
}

TEST_CASE("the prefix of the server's address comes before every target") {
    loopback_server server;
    httplib_client client(server.url() + "/base/");
    reply_of(client.send(call_to("GET", "/api/sync?x=%2F+y")));
    CHECK_THAT(server.requests().at(0), tests::contains("GET /base/api/sync?x=%2F+y HTTP/1.1\r\n"));
}

TEST_CASE("a bad address is refused when the client is made") {
    CHECK_THROWS_AS(httplib_client("example.org"), std::invalid_argument);
    CHECK_THROWS_AS(httplib_client("https://example.org:0"), std::invalid_argument);
}

TEST_CASE("a token does not travel in the clear, unless somebody says so") {
    CHECK_THROWS_WITH(httplib_client("http://example.org"), tests::contains("use https://"));
    CHECK_NOTHROW(httplib_client("https://example.org"));
    CHECK_NOTHROW(httplib_client("http://[::1]:8080"));
    httplib_client_options options;
    options.dangerously_send_tokens_in_the_clear = true;
    CHECK_NOTHROW(httplib_client("http://example.org", options));
}

TEST_CASE("a name that nobody knows is unreachable") {
    httplib_client client("https://nowhere.invalid");
    const http_result result = client.send(call_to("POST", "/", "{}"));
    CHECK(failure_of(result).kind == exchange_failure_kind::unreachable);
    CHECK_THAT(failure_of(result).text, tests::contains("nowhere.invalid"));
}

TEST_CASE("a server that says nothing for longer than the time-out is lost") {
    loopback_server server;
    httplib_client_options options;
    options.read_timeout = std::chrono::milliseconds(20);
    httplib_client client(server.url(), options);
    server.answer_next({{{kind::hang}}});
    expect_lost(client.send(call_to("POST", "/", "{}")));
    server.answer_next({{{kind::send, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"}, {kind::hang}}});
    expect_lost(client.send(call_to("POST", "/", "{}")));
    CHECK(server.requests().size() <= 2);
}

TEST_CASE("a server that takes no connection within the time-out is unreachable") {
    deaf_server server;
    httplib_client_options options;
    options.connect_timeout = std::chrono::milliseconds(20);
    httplib_client client(server.url(), options);
    CHECK(failure_of(client.send(call_to("POST", "/", "{}"))).kind == exchange_failure_kind::unreachable);
}

TEST_CASE("a call whose time is over before there is a connection is unreachable, whatever addresses are left") {
    deaf_server server;
    httplib_client_options options;
    options.connect_timeout = std::chrono::minutes(10);
    options.addresses_of = [](const std::string&) { return std::vector<std::string>(3, "127.0.0.1"); };
    httplib_client client(server.url(), options);
    http_call call = call_to("POST", "/", "{}");
    call.time_max = std::chrono::milliseconds(20);
    const http_result result = client.send(call);
    CHECK(failure_of(result).kind == exchange_failure_kind::unreachable);
    CHECK_THAT(failure_of(result).text, tests::contains("took longer than 20 ms"));
}

TEST_CASE("a dripping server ends an exchange by its time, but no stream") {
    loopback_server server;
    httplib_client client(server.url());
    http_transport_options options;
    options.exchange_timeout = std::chrono::milliseconds(100);
    http_transport carrier(client, [] { return std::string(); }, options);
    const auto answer = [](std::string_view type, std::size_t size) {
        return testing::answer_script{{{kind::send, "HTTP/1.1 200 OK\r\nContent-Type: " + std::string(type) + "\r\n\r\n"},
                                       {kind::drip, std::string(size, ' ')},
                                       {kind::close}}};
    };
    server.answer_next(answer("application/json", 2'000));
    CHECK(std::holds_alternative<exchange_failure>(carrier.exchange({"GET", "/api/sync", {}, {}})));

    server.answer_next(answer("text/event-stream", 50));
    std::size_t seen = 0;
    const exchange_result result = carrier.listen({"GET", "/api/sync/wait", {}, {}}, {}, [&seen](std::string_view piece) {
        seen += piece.size();
        return true;
    });
    CHECK(std::holds_alternative<wire::http_response>(result));
    CHECK(seen == 50);
}

TEST_CASE("a stop ends a call that is still connecting") {
    deaf_server server;
    httplib_client_options options;
    options.connect_timeout = std::chrono::minutes(10);
    httplib_client client(server.url(), options);
    for (int i = 0; i < 30; ++i) {
        const http_result result = testing::http_client_suite::send_and_stop(client, call_to("POST", "/", "{}"), [i] {
            for (int turn = 0; turn < i * i * 5; ++turn) std::this_thread::yield();
        });
        CHECK(failure_of(result).kind == exchange_failure_kind::lost);
    }
}

TEST_CASE("what a receiver throws leaves the call, and the client goes on") {
    loopback_server server;
    httplib_client client(server.url());
    server.answer_next({{{kind::send, testing::whole_answer(200, "{}")}, {kind::hang}}});
    http_call call = call_to("GET", "/");
    call.receive = [](std::string_view) -> bool { throw std::runtime_error("the application's own"); };
    CHECK_THROWS_WITH(client.send(call), "the application's own");
    reply_of(client.send(call_to("GET", "/")));
}

TEST_CASE("many threads share a client") {
    loopback_server server;
    httplib_client client(server.url());
    std::vector<std::thread> threads;
    std::vector<std::size_t> answers(4);
    for (std::size_t& count : answers)
        threads.emplace_back([&client, &count] {
            for (int i = 0; i < 25; ++i) count += std::holds_alternative<http_reply>(client.send(call_to("POST", "/", "{}"))) ? 1 : 0;
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(answers == std::vector<std::size_t>(4, 25));
    CHECK(server.requests().size() == 100);
    CHECK(server.connections() <= 4);
}
