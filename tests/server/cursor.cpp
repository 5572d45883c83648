#include <syncline/server/cursor.hpp>

#include <string>

#include <server/support/schema.hpp>
#include <support/catch.hpp>

using namespace server_tests;
using syncline::cursor;
using syncline::cursor_codec;

namespace {
const syncline::server_identity server{"server", {1, 2, 3}};

const cursor in_feed{cursor::kind::feed, nth_version(12), folders, syncline::local_id::trusted("f.1~x"), 0xFFFF'FFFFu};
const cursor at_end{cursor::kind::feed, nth_version(12), -1, {}, 77};
const cursor in_snapshot{cursor::kind::snapshot, nth_version(0), workouts, syncline::local_id::trusted("w1"), 0};
}  // namespace

TEST_CASE("a cursor reads back as what was written") {
    const cursor_codec codec("alice", server, schema::view());
    for (const cursor& one : {in_feed, at_end, in_snapshot}) {
        const auto read = codec.decode(codec.encode(one), nth_version(12));
        REQUIRE(read.has_value());
        CHECK(*read == one);
    }
}

TEST_CASE("a cursor needs no escape in a URL") {
    const cursor_codec codec("alice", server, schema::view());
    for (const cursor& one : {in_feed, at_end, in_snapshot})
        for (const char c : codec.encode(one)) CHECK((std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_' || c == '~'));
}

TEST_CASE("a cursor with any bit changed, cut or added to is not accepted") {
    const cursor_codec codec("alice", server, schema::view());
    for (const cursor& one : {in_feed, at_end, in_snapshot}) {
        const std::string good = codec.encode(one);
        for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
            std::string bad = good;
            bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
            CHECK_FALSE(codec.decode(bad, nth_version(1'000)).has_value());
        }
        for (std::size_t length = 0; length < good.size(); ++length) CHECK_FALSE(codec.decode(good.substr(0, length), nth_version(1'000)).has_value());
        for (const char* more : {"0", ".", ".1", " ", "f"}) {
            CHECK_FALSE(codec.decode(good + more, nth_version(1'000)).has_value());
            CHECK_FALSE(codec.decode(more + good, nth_version(1'000)).has_value());
        }
    }
}

TEST_CASE("a cursor of another owner, of another server, under another secret or from the future is not accepted") {
    const cursor_codec codec("alice", server, schema::view());
    for (const cursor& one : {in_feed, at_end}) {
        const std::string text = codec.encode(one);
        CHECK_FALSE(cursor_codec("bob", server, schema::view()).decode(text, nth_version(12)).has_value());
        CHECK_FALSE(cursor_codec("alice", {"other", server.secret}, schema::view()).decode(text, nth_version(12)).has_value());
        CHECK_FALSE(cursor_codec("alice", {server.id, {1, 2, 4}}, schema::view()).decode(text, nth_version(12)).has_value());
        // Where one part ends and the next begins counts.
        CHECK_FALSE(cursor_codec("ralice", {"serve", server.secret}, schema::view()).decode(text, nth_version(12)).has_value());
        CHECK_FALSE(codec.decode(text, nth_version(11)).has_value());
    }
}

TEST_CASE("a new schema keeps cursors at the end of a version and no others") {
    const cursor_codec codec("alice", server, schema::view());
    const cursor_codec upgraded("alice", server, syncline::schema<workout, exercise>::view());
    CHECK(upgraded.decode(codec.encode(at_end), nth_version(12)).has_value());
    CHECK_FALSE(upgraded.decode(codec.encode(in_feed), nth_version(12)).has_value());
    CHECK_FALSE(upgraded.decode(codec.encode(in_snapshot), nth_version(12)).has_value());
}

TEST_CASE("texts that are no cursors are refused") {
    const cursor_codec codec("alice", server, schema::view());
    for (const char* text : {"", "f", "0", "f12", "10123456789abcdef", "10123456789abcdeff", "10123456789abcdeff1.-1.0", "10123456789abcdefs1.99999999999999999999.0",
                             "10123456789abcdefx1.1.0", "10123456789abcdeff1.", "10123456789abcdeff1.2", "10123456789abcdeff1.2.", "10123456789abcdeff1.2.4294967296",
                             "10123456789abcdeff1.2.3.", "10123456789abcdeff1.2.3.4", "10123456789abcdeff1.2.3.4.", "10123456789abcdeff1.2.3..a", "10123456789abcdeff2.2.3"})
        CHECK_FALSE(codec.decode(text, nth_version(100)).has_value());
}

TEST_CASE("a cursor of no version is refused, whoever wrote it") {
    const cursor_codec codec("alice", server, schema::view());
    for (cursor one : {at_end, in_feed, in_snapshot}) {
        one.version = {};
        CHECK_FALSE(codec.decode(codec.encode(one), nth_version(100)).has_value());
        one.version = syncline::row_version(syncline::first_generation, 0);
        CHECK(codec.decode(codec.encode(one), nth_version(100)) == one);
    }
}

TEST_CASE("a cursor keeps what is in it apart: another version, nonce, kind or place is another check") {
    const cursor_codec codec("alice", server, schema::view());
    const auto check_of = [&](const cursor& one) { return codec.encode(one).substr(0, 17); };
    cursor other = at_end;
    other.nonce = 78;
    CHECK(check_of(other) != check_of(at_end));
    other = at_end;
    other.version = nth_version(11);
    CHECK(check_of(other) != check_of(at_end));
    other.version = syncline::row_version(2, 12);
    CHECK(check_of(other) != check_of(at_end));
    other = at_end;
    other.of = cursor::kind::snapshot;
    CHECK(check_of(other) != check_of(at_end));
    other = in_feed;
    other.local = syncline::local_id::trusted("f.1~y");
    CHECK(check_of(other) != check_of(in_feed));
}
