#include <syncline/transports/http.hpp>

#include <stop_token>
#include <string>
#include <string_view>
#include <variant>

#include <support/catch.hpp>
#include <transports/support/fake_http_client.hpp>

using namespace syncline;

namespace {

using tests::fake_http_client;
using tests::header_of;

const wire::http_request news{"GET", "/api/sync/events", "", ""};

token_source as_somebody() {
    return [] { return std::string("secret"); };
}
http_transport_options with_everything() {
    http_transport_options options;
    options.unpack_gzip = [](std::string_view, std::size_t) { return std::string("unpacked"); };
    return options;
}

/// Streams two events and ends as a client does.
http_result stream(const http_call& call, const std::string& type) {
    http_reply reply{200, {{"Content-Type", type}}, ""};
    for (const std::string_view piece : {"data: 1\n\n", "data: 2\n\n"})
        if (!call.receive(piece)) break;
    return reply;
}

}  // namespace

TEST_CASE("a stream is asked for as one, unpacked, and handed over in pieces") {
    fake_http_client client{[](const http_call& call) { return stream(call, "text/event-stream; charset=utf-8"); }};
    http_transport carrier(client, as_somebody(), with_everything());
    std::string seen;
    const exchange_result result = carrier.listen(news, {}, [&](std::string_view piece) {
        seen += piece;
        return true;
    });
    REQUIRE(std::holds_alternative<wire::http_response>(result));
    CHECK(std::get<wire::http_response>(result).status == 200);
    CHECK(std::get<wire::http_response>(result).body.empty());
    CHECK(seen == "data: 1\n\ndata: 2\n\n");
    CHECK(header_of(client.calls().at(0), "Accept") == "text/event-stream");
    CHECK(header_of(client.calls().at(0), "Accept-Encoding") == "identity");
    CHECK(client.calls().at(0).time_max.count() == 0);
    CHECK(header_of(client.calls().at(0), "Authorization") == "Bearer secret");
}

TEST_CASE("a stream of another type is a page that the network puts in the way") {
    const std::string type = GENERATE(as<std::string>{}, "text/html", "application/json", "", "text/event-streams");
    fake_http_client client{[&](const http_call& call) { return stream(call, type); }};
    http_transport carrier(client, as_somebody(), with_everything());
    const exchange_result result = carrier.listen(news, {}, [](std::string_view) { return true; });
    REQUIRE(std::holds_alternative<exchange_failure>(result));
    CHECK_THAT(std::get<exchange_failure>(result).text, tests::contains("sign-in page"));
}

TEST_CASE("a packed stream is a failure") {
    fake_http_client client{[](const http_call&) { return http_reply{200, {{"Content-Type", "text/event-stream"}, {"Content-Encoding", "gzip"}}, ""}; }};
    http_transport carrier(client, as_somebody(), with_everything());
    CHECK(std::holds_alternative<exchange_failure>(carrier.listen(news, {}, [](std::string_view) { return true; })));
}

TEST_CASE("a refused stream comes up with its status and body") {
    fake_http_client client{[](const http_call&) { return fake_http_client::json_reply(503, "{\"busy\":true}", {{"Retry-After", "4"}}); }};
    http_transport carrier(client, as_somebody(), with_everything());
    const exchange_result result = carrier.listen(news, {}, [](std::string_view) { return true; });
    REQUIRE(std::holds_alternative<wire::http_response>(result));
    CHECK(std::get<wire::http_response>(result).status == 503);
    CHECK(std::get<wire::http_response>(result).body == "{\"busy\":true}");
    CHECK(std::get<wire::http_response>(result).retry_after_ms == 4'000);
}

TEST_CASE("a server that has nothing to stream says so with 204") {
    fake_http_client client{[](const http_call&) { return http_reply{204, {}, ""}; }};
    http_transport carrier(client, as_somebody(), with_everything());
    const exchange_result result = carrier.listen(news, {}, [](std::string_view) { return true; });
    REQUIRE(std::holds_alternative<wire::http_response>(result));
    CHECK(std::get<wire::http_response>(result).status == 204);
}

TEST_CASE("a cancel ends a stream") {
    http_transport<fake_http_client>* carrier = nullptr;
    fake_http_client client{[&](const http_call& call) -> http_result {
        carrier->cancel();
        return exchange_failure{exchange_failure_kind::lost, call.stop.stop_requested() ? "stopped" : "not stopped"};
    }};
    http_transport made(client, as_somebody(), with_everything());
    carrier = &made;
    const exchange_result result = made.listen(news, {}, [](std::string_view) { return true; });
    REQUIRE(std::holds_alternative<exchange_failure>(result));
    CHECK(std::get<exchange_failure>(result).text == "stopped");
}
