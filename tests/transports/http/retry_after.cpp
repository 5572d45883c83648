#include <syncline/transports/http.hpp>
#include <syncline/transports/http_retry_after.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <support/catch.hpp>
#include <transports/support/fake_http_client.hpp>

using namespace syncline;

namespace {

using tests::fake_http_client;

constexpr std::int64_t then = 784'111'777;
static_assert(read_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == then);
static_assert(read_http_date("Sunday, 06-Nov-94 08:49:37 GMT") == then);
static_assert(read_http_date("Sun Nov  6 08:49:37 1994") == then);
static_assert(read_http_date("Thu, 29 Feb 2024 00:00:00 GMT") == 1'709'164'800);
static_assert(read_http_date("Tue, 19-Jan-38 03:14:08 GMT") == 2'147'483'648);
static_assert(!read_http_date("Wed, 29 Feb 2023 00:00:00 GMT"));
static_assert(!read_http_date("Sun, 06 Nov 1994 08:49:37 CET"));
static_assert(!read_http_date("Sun, 06 Nov 1994 24:49:37 GMT"));
static_assert(!read_http_date("Sun, 06 Now 1994 08:49:37 GMT"));
static_assert(!read_http_date("Sun, 06 Nov 99999 08:49:37 GMT"));
static_assert(!read_http_date("Sun, 06 Nov 1994 8:49:37 GMT"));
static_assert(!read_http_date("Sun, 06 Nov 1994 08:49:37 GMT and more"));
static_assert(!read_http_date("a b c d e f g h i j k"));
static_assert(!read_http_date(""));

static_assert(read_retry_after("120", 0) == 120'000);
static_assert(read_retry_after(" 1\t", 0) == 1'000);
static_assert(read_retry_after("99999", 0) == retry_after_ms_max);
static_assert(read_retry_after("99999999999999999999999999", 0) == retry_after_ms_max);
static_assert(read_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", then - 30) == 30'000);
static_assert(read_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", then) == retry_after_ms_max);
static_assert(!read_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", then + 1));
static_assert(!read_retry_after("0", 0));
static_assert(!read_retry_after("-5", 0));
static_assert(!read_retry_after("1.5", 0));
static_assert(!read_retry_after("0x10", 0));
static_assert(!read_retry_after("soon", 0));
static_assert(!read_retry_after("", 0));

std::optional<std::int64_t> pause_of(std::vector<http_header> headers, std::int64_t now_ms) {
    fake_http_client client{[&](const http_call&) { return fake_http_client::json_reply(503, "{}", headers); }};
    http_transport_options options;
    options.clock = [now_ms] { return now_ms; };
    http_transport carrier(client, [] { return std::string("secret"); }, options);
    const exchange_result result = carrier.exchange({"GET", "/", "", ""});
    REQUIRE(std::holds_alternative<wire::http_response>(result));
    return std::get<wire::http_response>(result).retry_after_ms;
}

}  // namespace

TEST_CASE("a pause in seconds comes up in milliseconds") {
    CHECK(pause_of({{"Retry-After", "7"}}, 0) == 7'000);
    CHECK(pause_of({{"retry-after", "7"}}, 0) == 7'000);
    CHECK_FALSE(pause_of({}, 0).has_value());
}

TEST_CASE("a pause until a date is measured by the server's clock, and by ours where the server does not say its time") {
    const http_header until{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"};
    CHECK(pause_of({until, {"Date", "Sun, 06 Nov 1994 08:49:07 GMT"}}, 0) == 30'000);
    CHECK(pause_of({until, {"Date", "yesterday"}}, (then - 10) * 1'000) == 10'000);
    CHECK(pause_of({until}, (then - 20) * 1'000) == 20'000);
}
