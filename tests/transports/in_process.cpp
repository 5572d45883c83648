#include <syncline/transports/in_process.hpp>

#include <support/catch.hpp>

using namespace syncline;

namespace {
struct recording_handler {
    wire::http_response handle(const wire::http_request& request) {
        seen = request;
        return {204, "body", 7};
    }
    wire::http_request seen;
};
static_assert(transport<in_process_transport<recording_handler>>);
}  // namespace

TEST_CASE("the in-process transport hands on the request with its token, and the answer as it is") {
    recording_handler handler;
    in_process_transport carrier(handler, "secret");
    const exchange_result result = carrier.exchange({"POST", "/api/sync/push", "content", "another"});
    CHECK(handler.seen.method == "POST");
    CHECK(handler.seen.target == "/api/sync/push");
    CHECK(handler.seen.body == "content");
    CHECK(handler.seen.token == "secret");
    REQUIRE(std::holds_alternative<wire::http_response>(result));
    CHECK(std::get<wire::http_response>(result).status == 204);
    CHECK(std::get<wire::http_response>(result).body == "body");
    CHECK(std::get<wire::http_response>(result).retry_after_ms == 7);
}
