#include <syncline/client/lease.hpp>

#include <optional>
#include <string>

#include <client/support/device.hpp>
#include <support/catch.hpp>

using namespace client_tests;

namespace {

constexpr std::int64_t duration = 10'000, now = 1'000'000;

}  // namespace

TEST_CASE("one process at a time holds the sync of a store") {
    device phone;
    sync_lease mine("mine", duration), theirs("theirs", duration);
    CHECK(mine.is_free(*phone, now));
    CHECK_FALSE(mine.is_held());
    CHECK(mine.hold(*phone, now));
    CHECK(mine.is_held());
    CHECK(mine.is_free(*phone, now));
    CHECK_FALSE(theirs.is_free(*phone, now));
    CHECK_FALSE(theirs.hold(*phone, now));
    CHECK_FALSE(theirs.is_held());
    CHECK(mine.hold(*phone, now + 1));
}

TEST_CASE("whoever asks changes nothing") {
    device phone;
    const sync_lease mine("mine", duration);
    CHECK(mine.is_free(*phone, now));
    CHECK_FALSE(phone->find_meta("lease").has_value());
}

TEST_CASE("a claim that was given back is anyone's") {
    device phone;
    sync_lease mine("mine", duration), theirs("theirs", duration);
    REQUIRE(mine.hold(*phone, now));
    mine.release(*phone);
    CHECK_FALSE(mine.is_held());
    CHECK(theirs.is_free(*phone, now));
    CHECK(theirs.hold(*phone, now));
    CHECK_FALSE(mine.hold(*phone, now));
}

TEST_CASE("a claim runs out when its time is over, and not before") {
    device phone;
    sync_lease mine("mine", duration), theirs("theirs", duration);
    REQUIRE(mine.hold(*phone, now));
    CHECK_FALSE(theirs.is_free(*phone, now + duration - 1));
    CHECK_FALSE(theirs.hold(*phone, now + duration - 1));
    CHECK(theirs.is_free(*phone, now + duration));
    CHECK(theirs.hold(*phone, now + duration));
}

TEST_CASE("a process that lost its claim notices, and cannot give back the one of the process that took it") {
    device phone;
    sync_lease mine("mine", duration), theirs("theirs", duration);
    REQUIRE(mine.hold(*phone, now));
    REQUIRE(theirs.hold(*phone, now + duration));
    CHECK_FALSE(mine.is_free(*phone, now + duration));
    CHECK_FALSE(mine.hold(*phone, now + duration));
    mine.release(*phone);
    CHECK_FALSE(mine.is_held());
    CHECK(theirs.hold(*phone, now + duration + 1));
    // Even after the other one has ended: what was read before may be stale.
    sync_lease late("late", duration), thief("thief", duration);
    device tablet;
    REQUIRE(late.hold(*tablet, now));
    REQUIRE(thief.hold(*tablet, now + duration));
    thief.release(*tablet);
    CHECK_FALSE(late.is_free(*tablet, now + duration));
    CHECK_FALSE(late.hold(*tablet, now + duration));
}

TEST_CASE("the number of a claim only grows, so that an answer under an old one is told apart") {
    device phone;
    sync_lease first("one", duration);
    REQUIRE(first.hold(*phone, now));
    // The same program, started again after it was killed.
    sync_lease second("one", duration);
    CHECK(second.is_free(*phone, now));
    REQUIRE(second.hold(*phone, now));
    CHECK_FALSE(first.hold(*phone, now));
    CHECK_FALSE(first.is_free(*phone, now));
    second.release(*phone);
    sync_lease third("one", duration);
    REQUIRE(third.hold(*phone, now));
    CHECK_FALSE(first.hold(*phone, now));
    CHECK_FALSE(second.is_held());
}

TEST_CASE("a claim is renewed once half of its time is over, and not written before") {
    device phone;
    sync_lease mine("mine", duration), theirs("theirs", duration);
    REQUIRE(mine.hold(*phone, now));
    const auto taken = phone->find_meta("lease");
    REQUIRE(mine.hold(*phone, now + duration / 2));
    CHECK(phone->find_meta("lease") == taken);
    REQUIRE(mine.hold(*phone, now + duration / 2 + 1));
    CHECK(phone->find_meta("lease") != taken);
    CHECK_FALSE(theirs.is_free(*phone, now + duration));
    CHECK_FALSE(theirs.is_free(*phone, now + duration + duration / 2));
    CHECK(theirs.is_free(*phone, now + duration + duration / 2 + 1));
}

TEST_CASE("a clock that jumps stops the sync of a store for no longer than a claim lasts") {
    device phone;
    sync_lease mine("mine", duration), theirs("theirs", duration);
    // The clock was far ahead when the claim was taken.
    REQUIRE(mine.hold(*phone, now + 100 * duration));
    CHECK(theirs.is_free(*phone, now));
    CHECK(theirs.hold(*phone, now));
    CHECK_FALSE(mine.hold(*phone, now));
    // It was a little ahead: the claim is one that may be alive, and its time passes.
    device tablet;
    sync_lease early("early", duration), late("late", duration);
    REQUIRE(early.hold(*tablet, now));
    CHECK(late.is_free(*tablet, now - 1));
    CHECK_FALSE(late.is_free(*tablet, now));
    // A holder whose clock was set back goes on.
    CHECK(early.hold(*tablet, now - 100 * duration));
}

TEST_CASE("a claim that cannot be read is none") {
    for (const char* text : {"", " ", "x", "7", "7 ", "7 99999999", "7 99999999 "}) {
        INFO('"' << text << '"');
        device phone;
        phone->put_meta("lease", text);
        sync_lease mine("mine", duration), theirs("theirs", duration);
        CHECK(mine.hold(*phone, now));
        CHECK_FALSE(theirs.is_free(*phone, now));
    }
}

TEST_CASE("a holder's name may have spaces") {
    device phone;
    sync_lease mine("my own name", duration), theirs("theirs", duration);
    REQUIRE(mine.hold(*phone, now));
    CHECK(mine.is_free(*phone, now + 1));
    CHECK_FALSE(theirs.is_free(*phone, now + 1));
}
