#include <syncline/transports/http.hpp>
#include <syncline/transports/http_gzip.hpp>
#include <syncline/transports/http_server.hpp>
#include <syncline/transports/httplib_client.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <http_clients/libcurl_client.hpp>

#include <support/catch.hpp>
#include <syncline/testing/served.hpp>
#include <transports/support/exchanges.hpp>

using namespace syncline;

namespace {

using tests::response_of;
using tests::with_token;

/// Lets in who has the token "valid", as a router does before it reads a body, and answers as the test says.
struct guarded_handler {
    static constexpr bool is_thread_safe = true;
    std::function<wire::http_response(const wire::http_request&)> answer = [](const wire::http_request&) { return wire::http_response{200, "{}", {}}; };

    [[nodiscard]] std::optional<wire::http_response> refuse_head(const wire::http_request& head) const {
        if (head.token == "valid") return std::nullopt;
        return wire::http_response{401, "{}", {}};
    }
    [[nodiscard]] wire::http_response handle(const wire::http_request& request) const {
        if (std::optional<wire::http_response> refused = refuse_head(request)) return *std::move(refused);
        return answer(request);
    }
};

}  // namespace

TEMPLATE_TEST_CASE("what the server says arrives, headers and all", "", httplib_client, libcurl_client) {
    guarded_handler handler;
    wire::http_request seen;
    handler.answer = [&](const wire::http_request& request) {
        seen = request;
        wire::http_response response{503, "\xA1\x01\x02", 2'500};
        response.content_type = "application/cbor";
        response.etag = "\"4\"";
        return response;
    };
    testing::served server(handler);
    TestType client(server.url());
    http_transport carrier(client, with_token("valid"));
    const exchange_result result = carrier.exchange({"PUT", "/api/notes/1", "{\"title\":\"a\"}", "", "", "application/cbor", "key", "\"3\""});
    CHECK(response_of(result).status == 503);
    CHECK(response_of(result).body == "\xA1\x01\x02");
    CHECK(response_of(result).retry_after_ms == 3'000);
    CHECK(response_of(result).content_type == "application/cbor");
    CHECK(response_of(result).etag == "\"4\"");
    CHECK(seen.method + " " + seen.target == "PUT /api/notes/1");
    CHECK(seen.body == "{\"title\":\"a\"}");
    CHECK(seen.content_type == "application/json");
    CHECK(seen.accept == "application/cbor");
    CHECK(seen.idempotency_key == "key");
    CHECK(seen.if_match == "\"3\"");
}

TEMPLATE_TEST_CASE("an answer is packed where both sides want it", "", httplib_client, libcurl_client) {
    guarded_handler handler;
    const std::string content(200'000, ' ');
    handler.answer = [&](const wire::http_request&) { return wire::http_response{200, content, {}}; };
    http_server_options server_options;
    server_options.compresses = GENERATE(false, true);
    testing::served server(handler, server_options);
    TestType client(server.url());
    std::size_t packed_bytes = 0;
    http_transport_options options;
    if (GENERATE(false, true))
        options.unpack_gzip = [&](std::string_view packed, std::size_t bytes_max) {
            packed_bytes = packed.size();
            return unpack_gzip(packed, bytes_max);
        };
    http_transport carrier(client, with_token("valid"), options);
    CHECK(response_of(carrier.exchange({"GET", "/api/sync", "", ""})).body == content);
    if (server_options.compresses && options.unpack_gzip) CHECK(packed_bytes > 0);
    CHECK(packed_bytes < 10'000);
}

TEMPLATE_TEST_CASE("a token that ran out is refreshed, however large the refused body", "", httplib_client, libcurl_client) {
    guarded_handler handler;
    testing::served server(handler);
    TestType client(server.url());
    const std::size_t size = GENERATE(as<std::size_t>{}, 10, 50'000, 8'000'000);
    http_transport_options options;
    options.refresh_token = [] { return std::string("valid"); };
    http_transport carrier(client, with_token("stale"), options);
    CHECK(response_of(carrier.exchange({"POST", "/api/sync/push", std::string(size, ' '), ""})).status == 200);
}
