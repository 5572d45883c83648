#include <syncline/transports/http.hpp>

#include <atomic>
#include <cstddef>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <variant>
#include <vector>

#include <support/catch.hpp>
#include <transports/support/fake_http_client.hpp>
#include <transports/support/exchanges.hpp>

using namespace syncline;

namespace {

using tests::response_of;
using tests::with_token;
using tests::fake_http_client;
using tests::header_of;
static_assert(transport<http_transport<fake_http_client>>);
// Whose requests they are has to be said.
static_assert(!std::is_constructible_v<http_transport<fake_http_client>, fake_http_client&>);
static_assert(std::is_constructible_v<http_transport<fake_http_client>, fake_http_client&, token_source>);

const wire::http_request push{"POST", "/api/sync/push", "{\"text\":\"private\"}", ""};

const exchange_failure& failure_of(const exchange_result& result) {
    if (const auto* const response = std::get_if<wire::http_response>(&result)) FAIL("there is an answer, with status " << response->status);
    return std::get<exchange_failure>(result);
}

/// A server that knows one token and can be asked for it.
struct token_server {
    std::string valid = "new";
    std::string held = "old";
    int refreshes = 0;

    token_source token() {
        return [this] { return held; };
    }
    http_transport_options options() {
        http_transport_options made;
        made.refresh_token = [this] {
            ++refreshes;
            return held = valid;
        };
        return made;
    }
    http_result answer(const http_call& call) const {
        return fake_http_client::json_reply(header_of(call, "Authorization") == "Bearer " + valid ? 200 : 401, "{}");
    }
};

}  // namespace

TEST_CASE("a request goes out with the token and what the request says") {
    fake_http_client client;
    http_transport carrier(client, with_token("secret"));
    wire::http_request request{"PUT", "/api/notes/1?x=y", "\xA1", "another token"};
    request.content_type = "application/cbor";
    request.accept = "application/cbor, application/json";
    request.idempotency_key = "key-1";
    request.if_match = "\"7\"";
    CHECK(response_of(carrier.exchange(request)).status == 200);
    REQUIRE(client.calls().size() == 1);
    const http_call call = client.calls()[0];
    CHECK(call.method == "PUT");
    CHECK(call.target == "/api/notes/1?x=y");
    CHECK(call.body == "\xA1");
    CHECK(header_of(call, "Authorization") == "Bearer secret");
    CHECK(header_of(call, "Content-Type") == "application/cbor");
    CHECK(header_of(call, "Accept") == "application/cbor, application/json");
    CHECK(header_of(call, "Accept-Encoding") == "identity");
    CHECK(header_of(call, "Idempotency-Key") == "key-1");
    CHECK(header_of(call, "If-Match") == "\"7\"");
    CHECK(call.headers.size() == 6);
    CHECK(call.answer_bytes_max == limits{}.body_bytes);
    CHECK(call.time_max.count() == limits{}.exchange_ms);
}

TEST_CASE("a request that says nothing of itself is JSON, and has no type where it has no body") {
    fake_http_client client;
    http_transport carrier(client, with_token("secret"));
    REQUIRE(response_of(carrier.exchange(push)).status == 200);
    REQUIRE(response_of(carrier.exchange({"GET", "/api/sync", "", ""})).status == 200);
    CHECK(header_of(client.calls().at(0), "Content-Type") == "application/json");
    CHECK(header_of(client.calls().at(0), "Accept") == "application/json");
    CHECK(header_of(client.calls().at(1), "Content-Type") == "(none)");
    CHECK(header_of(client.calls().at(1), "Idempotency-Key") == "(none)");
}

TEST_CASE("a token that could say more than a token is not sent, and not shown") {
    const std::string bad = GENERATE(as<std::string>{}, "stolen\r\nX-Admin: yes", "stolen\nx", "stolen\rx", "stolen token", "stolen\tx", "stolen\x7f",
                                     "stolen\xC3\xB6");
    fake_http_client client;
    http_transport carrier(client, with_token(bad));
    const exchange_result result = carrier.exchange(push);
    CHECK(failure_of(result).kind == exchange_failure_kind::unreachable);
    CHECK_THAT(failure_of(result).text, !tests::contains("stolen"));
    CHECK(client.calls().empty());
}

TEST_CASE("a request that could say more than one request is not sent") {
    wire::http_request request = push;
    SECTION("in its method") { request.method = "POST / HTTP/1.1\r\nX:"; }
    SECTION("in its target") { request.target = "/a b"; }
    SECTION("in the end of its target") { request.target = "/a\r\nX-Admin: yes"; }
    SECTION("in a target that leads elsewhere") { request.target = "@elsewhere.example/"; }
    SECTION("in its type") { request.content_type = "application/json\r\nX-Admin: yes"; }
    SECTION("in the types it accepts") { request.accept = "application/json\nX-Admin: yes"; }
    SECTION("in its key") { request.idempotency_key = std::string("a\0b", 3); }
    SECTION("in the version it depends on") { request.if_match = "\"1\"\r\n\r\nGET /"; }
    fake_http_client client;
    http_transport carrier(client, with_token("secret"));
    CHECK(failure_of(carrier.exchange(request)).kind == exchange_failure_kind::unreachable);
    CHECK(client.calls().empty());
}

TEST_CASE("without a token a request has no Authorization") {
    fake_http_client client;
    http_transport carrier(client, with_token(""));
    REQUIRE(response_of(carrier.exchange(push)).status == 200);
    CHECK(header_of(client.calls().at(0), "Authorization") == "(none)");
}

TEST_CASE("after a 401 the token is refreshed and the same request sent once more") {
    token_server server;
    fake_http_client client{[&](const http_call& call) { return server.answer(call); }};
    http_transport carrier(client, server.token(), server.options());
    wire::http_request request = push;
    request.idempotency_key = "key-1";
    CHECK(response_of(carrier.exchange(request)).status == 200);
    CHECK(server.refreshes == 1);
    REQUIRE(client.calls().size() == 2);
    const http_call first = client.calls()[0], second = client.calls()[1];
    CHECK(header_of(first, "Authorization") == "Bearer old");
    CHECK(header_of(second, "Authorization") == "Bearer new");
    CHECK(first.headers.size() == second.headers.size());
    CHECK(first.method + first.target + first.body == second.method + second.target + second.body);
    CHECK(header_of(second, "Idempotency-Key") == "key-1");
}

TEST_CASE("a 401 stands when the refreshed token is refused too") {
    token_server server;
    fake_http_client client{[](const http_call&) { return fake_http_client::json_reply(401, "{}"); }};
    http_transport carrier(client, server.token(), server.options());
    CHECK(response_of(carrier.exchange(push)).status == 401);
    CHECK(server.refreshes == 1);
    CHECK(client.calls().size() == 2);
}

TEST_CASE("a 401 stands at once when there is no other token") {
    fake_http_client client{[](const http_call&) { return fake_http_client::json_reply(401, "{}"); }};
    http_transport_options options;
    SECTION("because nobody can ask for one") {}
    SECTION("because none is given") { options.refresh_token = [] { return std::string(); }; }
    http_transport carrier(client, with_token("old"), options);
    CHECK(response_of(carrier.exchange(push)).status == 401);
    CHECK(client.calls().size() == 1);
}

TEST_CASE("a transport tells whether there is another token than the one that was refused") {
    std::string held = "old";
    fake_http_client client{[](const http_call& call) {
        return fake_http_client::json_reply(header_of(call, "Authorization") == "Bearer new" ? 200 : 401, "{}");
    }};
    http_transport carrier(client, [&held] { return held; });
    CHECK(carrier.has_other_token());
    CHECK(response_of(carrier.exchange(push)).status == 401);
    CHECK_FALSE(carrier.has_other_token());
    held = "new";
    CHECK(carrier.has_other_token());
    CHECK(response_of(carrier.exchange(push)).status == 200);
    CHECK(carrier.has_other_token());
}

TEST_CASE("a refreshed token with a line break in it is not sent") {
    fake_http_client client{[](const http_call&) { return fake_http_client::json_reply(401, "{}"); }};
    http_transport_options options;
    options.refresh_token = [] { return std::string("new\r\nX-Admin: yes"); };
    http_transport carrier(client, with_token("old"), options);
    CHECK_THAT(failure_of(carrier.exchange(push)).text, !tests::contains("X-Admin"));
    CHECK(client.calls().size() == 1);
}

TEST_CASE("threads whose token ran out at the same time refresh it once") {
    token_server server;
    std::atomic<int> refused = 0;
    fake_http_client client{[&](const http_call& call) {
        if (header_of(call, "Authorization") == "Bearer new") return server.answer(call);
        // Both have been refused before either of them can refresh.
        ++refused;
        refused.notify_all();
        for (int seen = refused; seen < 2; seen = refused) refused.wait(seen);
        return http_result(fake_http_client::json_reply(401, "{}"));
    }};
    std::mutex token_mutex;
    const auto token = [&] {
        const std::lock_guard lock(token_mutex);
        return server.held;
    };
    http_transport_options options;
    options.refresh_token = [&] {
        const std::lock_guard lock(token_mutex);
        ++server.refreshes;
        return server.held = server.valid;
    };
    http_transport carrier(client, token, options);
    exchange_result other;
    std::thread thread([&] { other = carrier.exchange(push); });
    const exchange_result mine = carrier.exchange(push);
    thread.join();
    CHECK(response_of(mine).status == 200);
    CHECK(response_of(other).status == 200);
    CHECK(server.refreshes == 1);
}

TEST_CASE("an answer comes up with its status, type, version and methods") {
    fake_http_client client{[](const http_call&) {
        return http_reply{405, {{"content-type", "application/cbor"}, {"ETAG", "\"9\""}, {"allow", "GET, PUT"}}, "\xA0"};
    }};
    http_transport carrier(client, with_token("secret"));
    const exchange_result result = carrier.exchange(push);
    CHECK(response_of(result).status == 405);
    CHECK(response_of(result).content_type == "application/cbor");
    CHECK(response_of(result).etag == "\"9\"");
    CHECK(response_of(result).allow == "GET, PUT");
    CHECK(response_of(result).body == "\xA0");
    CHECK_FALSE(response_of(result).retry_after_ms.has_value());
}

TEST_CASE("what the client says of a failure comes up unchanged, without a second request") {
    const auto kind = GENERATE(exchange_failure_kind::unreachable, exchange_failure_kind::lost);
    fake_http_client client{[&](const http_call&) { return exchange_failure{kind, "as it was"}; }};
    token_server server;
    http_transport carrier(client, server.token(), server.options());
    const exchange_result result = carrier.exchange(push);
    CHECK(failure_of(result).kind == kind);
    CHECK(failure_of(result).text == "as it was");
    CHECK(client.calls().size() == 1);
    CHECK(server.refreshes == 0);
}

TEST_CASE("a page that the network puts in the way is a failure that says so, and shows nothing of it") {
    http_reply page{200, {{"Content-Type", "text/html; charset=utf-8"}}, "<html>Please sign in, secret</html>"};
    SECTION("as a page") {}
    SECTION("as a page with status 201") { page.status = 201; }
    SECTION("as a redirect") { page.status = GENERATE(301, 302, 303, 307, 308); }
    SECTION("as status 511, whatever its type") { page = fake_http_client::json_reply(511, "{}"); }
    SECTION("as a packed page") { page.headers.push_back({"Content-Encoding", "gzip"}); }
    fake_http_client client{[&](const http_call&) { return page; }};
    http_transport carrier(client, with_token("secret"));
    const exchange_result result = carrier.exchange(push);
    CHECK(failure_of(result).kind == exchange_failure_kind::lost);
    CHECK_THAT(failure_of(result).text, tests::contains("sign-in page"));
    CHECK_THAT(failure_of(result).text, !tests::contains("secret"));
}

TEST_CASE("errors may be pages, and an answer without a body may have any type") {
    http_reply reply{200, {{"Content-Type", "text/html"}}, ""};
    SECTION("without a body") {}
    SECTION("status 502") { reply = {502, {{"Content-Type", "text/html"}}, "<html>Bad gateway</html>"}; }
    SECTION("status 204") { reply = {204, {}, ""}; }
    SECTION("JSON with a parameter") { reply = {200, {{"Content-Type", "Application/JSON; charset=utf-8"}}, "{}"}; }
    SECTION("JSON without a type") { reply = {200, {}, "{}"}; }
    fake_http_client client{[&](const http_call&) { return reply; }};
    http_transport carrier(client, with_token("secret"));
    const exchange_result result = carrier.exchange(push);
    CHECK(response_of(result).status == reply.status);
    CHECK(response_of(result).body == reply.body);
}

TEST_CASE("an answer longer than the bound is a failure even if the client lets it through") {
    fake_http_client client{[](const http_call& call) { return fake_http_client::json_reply(200, std::string(call.answer_bytes_max + 1, ' ')); }};
    http_transport_options options;
    options.answer_bytes_max = 100;
    http_transport carrier(client, with_token("secret"), options);
    CHECK(failure_of(carrier.exchange(push)).kind == exchange_failure_kind::lost);
    CHECK(client.calls().at(0).answer_bytes_max == 100);
}

TEST_CASE("the prefix of the path comes before every target") {
    fake_http_client client;
    http_transport_options options;
    options.path_prefix = "/v2/base/";
    http_transport carrier(client, with_token("secret"), options);
    REQUIRE(response_of(carrier.exchange(push)).status == 200);
    CHECK(client.calls().at(0).target == "/v2/base/api/sync/push");
    options.path_prefix = GENERATE(as<std::string>{}, "v2", "/v 2", "/v2?x=", "/v2#", "/v2\r\n");
    CHECK_THROWS_AS(http_transport(client, with_token("secret"), options), std::invalid_argument);
}

TEST_CASE("a cancelled exchange ends, and later ones fail until they may begin again") {
    std::atomic_flag has_begun;
    fake_http_client client{[&](const http_call& call) -> http_result {
        has_begun.test_and_set();
        has_begun.notify_all();
        std::atomic_flag is_stopped;
        const std::stop_callback on_stop(call.stop, [&] {
            is_stopped.test_and_set();
            is_stopped.notify_all();
        });
        is_stopped.wait(false);
        return exchange_failure{exchange_failure_kind::lost, "stopped"};
    }};
    http_transport carrier(client, with_token("secret"));
    exchange_result result;
    std::thread thread([&] { result = carrier.exchange(push); });
    has_begun.wait(false);
    // Says nothing new, and must not let go of what is in progress.
    carrier.resume();
    carrier.cancel();
    thread.join();
    CHECK(failure_of(result).text == "stopped");

    CHECK(failure_of(carrier.exchange(push)).kind == exchange_failure_kind::unreachable);
    carrier.cancel();
    CHECK(failure_of(carrier.exchange(push)).kind == exchange_failure_kind::unreachable);
    CHECK(client.calls().size() == 1);

    carrier.resume();
    client.answer = [](const http_call&) { return fake_http_client::json_reply(200, "{}"); };
    CHECK(response_of(carrier.exchange(push)).status == 200);
    carrier.resume();
    CHECK(response_of(carrier.exchange(push)).status == 200);
}

TEST_CASE("an exchange that is cancelled while it gets its token sends nothing") {
    fake_http_client client{[](const http_call&) { return fake_http_client::json_reply(401, "{}"); }};
    token_source token = with_token("old");
    http_transport_options options;
    http_transport<fake_http_client>* carrier = nullptr;
    std::size_t sent = 0;
    SECTION("before the request") {
        token = [&] {
            carrier->cancel();
            return std::string("old");
        };
    }
    SECTION("between the request and its repetition") {
        options.refresh_token = [&] {
            carrier->cancel();
            return std::string("new");
        };
        sent = 1;
    }
    http_transport made(client, token, options);
    carrier = &made;
    CHECK(failure_of(made.exchange(push)).kind == exchange_failure_kind::unreachable);
    CHECK(client.calls().size() == sent);
}

TEST_CASE("the caller's own stop ends its exchange and no other") {
    fake_http_client client;
    http_transport carrier(client, with_token("secret"));
    std::stop_source source;
    CHECK(response_of(carrier.exchange(push, source.get_token())).status == 200);
    client.answer = [&](const http_call& call) -> http_result {
        source.request_stop();
        return exchange_failure{exchange_failure_kind::lost, call.stop.stop_requested() ? "stopped" : "not stopped"};
    };
    CHECK(failure_of(carrier.exchange(push, source.get_token())).text == "stopped");
    client.answer = [](const http_call&) { return fake_http_client::json_reply(200, "{}"); };
    CHECK(failure_of(carrier.exchange(push, source.get_token())).kind == exchange_failure_kind::unreachable);
    CHECK(response_of(carrier.exchange(push)).status == 200);
}
