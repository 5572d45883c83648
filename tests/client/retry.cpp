#include <syncline/client/retry.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>

#include <support/catch.hpp>

using namespace syncline;

namespace {

struct range {
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    std::int64_t greatest = 0;
};

/// The smallest and the greatest of many delays after this many failures.
range delays_after(int failures, const limits& bounds) {
    random_source random(7);
    range found;
    for (int i = 0; i < 2'000; ++i) {
        const std::int64_t delay = backoff_delay_ms(failures, bounds, random);
        found.least = std::min(found.least, delay);
        found.greatest = std::max(found.greatest, delay);
    }
    return found;
}

limits with(std::int64_t base_ms, std::int64_t cap_ms) {
    limits bounds;
    bounds.backoff_base_ms = base_ms;
    bounds.backoff_cap_ms = cap_ms;
    return bounds;
}

}  // namespace

TEST_CASE("a delay is anything from one millisecond to a bound that doubles with each failure") {
    const limits bounds = with(8, 1'000);
    std::int64_t bound = 8;
    for (int failures = 1; failures <= 7; ++failures, bound *= 2) {
        INFO("after " << failures << " failures");
        const range found = delays_after(failures, bounds);
        CHECK(found.least >= 1);
        CHECK(found.least <= 1 + bound / 8);
        CHECK(found.greatest <= bound);
        CHECK(found.greatest >= bound - bound / 8);
    }
}

TEST_CASE("no delay passes the cap, after however many failures") {
    const limits bounds = with(8, 100);
    for (const int failures : {5, 6, 63, 64, 65, 1'000, std::numeric_limits<int>::max()}) {
        INFO("after " << failures << " failures");
        const range found = delays_after(failures, bounds);
        CHECK(found.greatest <= 100);
        CHECK(found.greatest >= 90);
    }
}

TEST_CASE("the first delay is bounded by the cap as well") { CHECK(delays_after(1, with(1'000, 10)).greatest == 10); }

TEST_CASE("what counts no failure waits no longer than after the first") {
    CHECK(delays_after(0, with(8, 1'000)).greatest == 8);
    CHECK(delays_after(-1, with(8, 1'000)).greatest == 8);
}

TEST_CASE("there is a delay even if the bounds allow none") {
    for (const limits& bounds : {with(0, 0), with(0, 1'000), with(8, 0), with(-5, -5)}) {
        const range found = delays_after(3, bounds);
        CHECK(found.least == 1);
        CHECK(found.greatest == 1);
    }
}

TEST_CASE("the default bounds start with a second and end with a quarter of an hour") {
    CHECK(delays_after(1, {}).greatest <= 1'000);
    CHECK(delays_after(11, {}).greatest <= 15 * 60 * 1'000);
    CHECK(delays_after(11, {}).greatest > 14 * 60 * 1'000);
}

TEST_CASE("one seed gives the same delays on every machine") {
    random_source one(3), other(3);
    for (int failures = 1; failures < 20; ++failures) CHECK(backoff_delay_ms(failures, {}, one) == backoff_delay_ms(failures, {}, other));
}
