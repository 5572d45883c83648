/// Pulls as path and query.
#include <string>

#include <support/catch.hpp>
#include <wire/fixture.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {
std::string target_refusal(std::string_view query) {
    wire::pull_request out;
    return summary(wire::read_pull_target("/api/sync?" + std::string(query), {}, out));
}
}  // namespace

TEST_CASE("a pull survives its way through a target") {
    wire::pull_request sent;
    sent.schema = 0xfedcba9876543210u;
    sent.owner = "anna & bob";
    sent.device = "pho\xC3\xB6ne+1%";
    sent.acknowledged = int64_greatest;
    sent.since = "a+b/c=d?e#f";
    sent.limit = 100;
    const std::string target = wire::pull_target(sent);
    CHECK(target ==
          "/api/sync?since=a%2Bb%2Fc%3Dd%3Fe%23f&limit=100&device=pho%C3%B6ne%2B1%25&acknowledged=9223372036854775807"
          "&owner=anna%20%26%20bob&schema=fedcba9876543210&protocol=1");
    wire::pull_request out;
    REQUIRE(summary(wire::read_pull_target(target, {}, out)) == "none");
    CHECK(out.schema == sent.schema);
    CHECK(out.owner == sent.owner);
    CHECK(out.device == sent.device);
    CHECK(out.acknowledged == sent.acknowledged);
    CHECK(out.since == sent.since);
    CHECK(out.limit == 100);
}

TEST_CASE("every parameter of a pull may be missing, and unknown ones are passed over") {
    wire::pull_request out;
    out.since = "old";
    REQUIRE(summary(wire::read_pull_target("/api/sync", {}, out)) == "none");
    CHECK(out.since.empty());
    CHECK(out.limit == 0);
    REQUIRE(summary(wire::read_pull_target("/api/sync?&since=a+b&&colour=1&colour=2&x", {}, out)) == "none");
    CHECK(out.since == "a b");
    CHECK(summary(wire::read_pull_target("", {}, out)) == "none");
}

TEST_CASE("a wrong parameter of a pull is refused") {
    CHECK(target_refusal("since=1&since=1") == "duplicate_key - - since");
    CHECK(target_refusal("since=1&%73ince=1") == "duplicate_key - - since");
    CHECK(target_refusal("limit=-1") == "wrong_type - - limit");
    CHECK(target_refusal("limit=ten") == "wrong_type - - limit");
    CHECK(target_refusal("limit=1.0") == "wrong_type - - limit");
    CHECK(target_refusal("limit=") == "wrong_type - - limit");
    CHECK(target_refusal("acknowledged") == "wrong_type - - acknowledged");
    CHECK(target_refusal("acknowledged=9223372036854775808") == "out_of_range - - acknowledged");
    CHECK(target_refusal("schema=12") == "malformed - - schema");
    CHECK(target_refusal("protocol=2") == "unsupported_protocol - - protocol");
    CHECK(target_refusal("since=%") == "malformed - - -");
    CHECK(target_refusal("since=%4") == "malformed - - -");
    CHECK(target_refusal("since=%4g") == "malformed - - -");
    CHECK(target_refusal("%zz=1") == "malformed - - -");
    CHECK(target_refusal("since=%00") == "invalid_text - - since");
    CHECK(target_refusal("device=%FF") == "invalid_text - - device");
    CHECK(target_refusal("owner=" + std::string(2'000, 'a')) == "too_large - - owner");
    CHECK(target_refusal("x=" + std::string(10'000, 'a')) == "too_large - - -");
}
