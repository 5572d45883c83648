/// The form of CBOR: what a strict reader takes and what it refuses, whatever the message says.
#include <limits>
#include <string>

#include <support/catch.hpp>
#include <wire/fixture.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

std::string push_refusal_in_cbor(const std::string& body, const limits& bounds = {}) {
    return refusal(message::push, body, wire::encoding::cbor, bounds);
}
std::string page_refusal_in_cbor(const std::string& body, const limits& bounds = {}) {
    return refusal(message::page, body, wire::encoding::cbor, bounds);
}

/// An empty page with one more member that nobody knows, whose value is `item`.
std::string page_with(const std::string& item) {
    using namespace cbor;
    return head(5, 5) + number(0) + array({}) + number(1) + text("c1") + number(2) + boolean(false) + number(3) + map({}) + number(9) + item;
}

/// A push that creates the note n1 with this weight, or this body.
std::string note_with(const std::string& body, const std::string& weight) {
    using namespace cbor;
    const std::vector<std::string> names{text("folderId"), text("body"), text("done"),    text("stars"), text("size"),
                                         text("weight"),   text("tags"), text("takenAt")};
    const std::vector<std::string> values{text("F1"), body, boolean(true), number(3), number(4), weight, text("[]"), number(5)};
    const std::string item = map({{number(0), number(1)}, {number(4), text("n1")}, {number(9), array(values)}});
    const std::string run = map({{number(2), text("create")}, {number(3), text("note")}, {number(9), array(names)}, {number(12), array({item})}});
    return map({{number(3), text("phone")}, {number(7), array({run})}});
}

}  // namespace

TEST_CASE("lists and maps may be of known length or open") {
    using namespace cbor;
    CHECK(push_refusal_in_cbor(map({{number(3), text("d")}, {number(7), array({})}})) == "none");
    CHECK(push_refusal_in_cbor("\xBF" + number(3) + text("d") + number(7) + "\x9F\xFF\xFF") == "none");
    CHECK(page_refusal_in_cbor(page_with("\x9F\x01\xBF\x01\x9F\xFF\xFF\xFF")) == "none");
    CHECK(page_refusal_in_cbor(page_with("\xFF")) == "malformed - - -");
    CHECK(page_refusal_in_cbor(page_with("\xBF\x01\xFF")) == "malformed - - -");
    CHECK(page_refusal_in_cbor(page_with("\x82\x01\xFF")) == "malformed - - -");
    CHECK(page_refusal_in_cbor(page_with("\x9F\x01")) == "malformed - - -");
}

TEST_CASE("texts and bytes in pieces are refused") {
    CHECK(page_refusal_in_cbor(page_with("\x7F\x61x\xFF")) == "malformed - - -");
    CHECK(page_refusal_in_cbor(page_with("\x5F\x41x\xFF")) == "malformed - - -");
}

TEST_CASE("numbers and lengths are in their shortest form") {
    for (const char* good : {"\x17", "\x18\x18", "\x19\x01\x00", "\x1A\x00\x01\x00\x00", "\x61x", "\x81\x01", "\x20", "\x38\x18"}) {
        const std::size_t size = good[0] == '\x19' ? 3 : good[0] == '\x1A' ? 5 : std::string(good).size();
        CHECK(page_refusal_in_cbor(page_with(std::string(good, size))) == "none");
    }
    const auto wide = [](int major, std::uint64_t argument, int power) {
        std::string out(1, static_cast<char>(major << 5 | (24 + power)));
        return out + cbor::big_endian(argument).substr(static_cast<std::size_t>(8 - (1 << power)));
    };
    for (const int major : {0, 1}) {
        CHECK(page_refusal_in_cbor(page_with(wide(major, 23, 0))) == "malformed - - -");
        CHECK(page_refusal_in_cbor(page_with(wide(major, 255, 1))) == "malformed - - -");
        CHECK(page_refusal_in_cbor(page_with(wide(major, 65'535, 2))) == "malformed - - -");
        CHECK(page_refusal_in_cbor(page_with(wide(major, 4'294'967'295, 3))) == "malformed - - -");
        CHECK(page_refusal_in_cbor(page_with(wide(major, 4'294'967'296, 3))) == "none");
    }
    for (const int major : {2, 3, 4, 5}) CHECK(page_refusal_in_cbor(page_with(wide(major, 0, 0))) == "malformed - - -");
    for (const int lower : {28, 29, 30})
        for (int major = 0; major < 8; ++major) {
            std::string item(17, '\0');
            item[0] = static_cast<char>(major << 5 | lower);
            CHECK(page_refusal_in_cbor(page_with(item)) == "malformed - - -");
        }
}

TEST_CASE("lengths are believed only as far as the message goes") {
    using namespace cbor;
    for (const int major : {2, 3, 4, 5})
        for (const std::uint64_t length : {std::uint64_t{1}, std::uint64_t{1'000}, std::uint64_t{1} << 32, std::uint64_t{1} << 63, UINT64_MAX})
            CHECK(page_refusal_in_cbor(page_with(head(major, length))) == "malformed - - -");
    CHECK(push_refusal_in_cbor(map({{number(3), text("d")}}) + number(7) + head(4, UINT64_MAX)) == "malformed - - -");
    CHECK(push_refusal_in_cbor(head(5, 2) + number(3) + text("d") + number(7) + head(4, UINT64_MAX)) == "malformed - - -");
}

TEST_CASE("tags, undefined and unassigned values are refused") {
    for (const std::string item : {"\xC1\x01", "\xC6\x61x", "\xD8\x25\x41x", "\xF7", "\xE0", "\xF3", "\xF8\xFF", "\xF8\x20", "\xFC"})
        CHECK(page_refusal_in_cbor(page_with(item)) == "malformed - - -");
}

TEST_CASE("a number is finite, and of any width") {
    using namespace cbor;
    for (const double number : {0.5, -0.0, 5e-324, 1.7976931348623157e308}) CHECK(push_refusal_in_cbor(note_with(text("b"), real(number))) == "none");
    for (const std::string& item : {std::string("\xF9\x38\x00", 3), std::string("\xFA\x3F\x00\x00\x00", 5), std::string("\x05"), std::string("\x24")})
        CHECK(push_refusal_in_cbor(note_with(text("b"), item)) == "none");
    for (const std::string& item : {std::string("\xF9\x7C\x00", 3), std::string("\xF9\xFC\x00", 3), std::string("\xF9\x7E\x00", 3), std::string("\xFA\x7F\x80\x00\x00", 5),
                                    std::string("\xFA\x7F\xC0\x00\x00", 5), real(std::numeric_limits<double>::infinity()),
                                    real(-std::numeric_limits<double>::infinity()), real(std::numeric_limits<double>::quiet_NaN())}) {
        CHECK(push_refusal_in_cbor(note_with(text("b"), item)) == "out_of_range note n1 -");
        CHECK(page_refusal_in_cbor(page_with(item)) == "out_of_range - - -");
    }
}

TEST_CASE("a text that is not UTF-8 is refused, wherever it is") {
    using namespace cbor;
    for (const std::string bad : {"\xFF", "\x80", "\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82"})
        for (const std::string before : {"", "seven..", "eight...", "not only eight but more "}) {
            CHECK(push_refusal_in_cbor(note_with(text(before + bad), real(1))) == "invalid_text note n1 -");
            CHECK(page_refusal_in_cbor(page_with(text(before + bad))) == "invalid_text - - -");
            CHECK(page_refusal_in_cbor(page_with(text(before + '\0' + bad))) == "invalid_text - - -");
            CHECK(page_refusal_in_cbor(page_with(map({{text(before + bad), number(1)}}))) == "invalid_text - - -");
        }
    CHECK(page_refusal_in_cbor(page_with(text(std::string("a\0b", 3)))) == "none");
    CHECK(push_refusal_in_cbor(note_with(text("\xF0\x9F\x98\x80 \xEF\xBF\xBF and more of that"), real(1))) == "none");
    CHECK(push_refusal_in_cbor(note_with(bytes("b"), real(1))) == "wrong_type note n1 body");
}

TEST_CASE("the keys of a map ascend, so that none is there twice") {
    using namespace cbor;
    const auto refused = [](const pairs& all) { return page_refusal_in_cbor(page_with(map(all))); };
    CHECK(refused({{number(1), null()}, {number(23), null()}, {number(24), null()}, {number(300), null()}, {text("b"), null()}, {text("aa"), null()}}) == "none");
    CHECK(refused({{number(1), null()}, {number(1), null()}}) == "duplicate_key - - -");
    CHECK(refused({{number(300), null()}, {number(300), null()}}) == "duplicate_key - - -");
    CHECK(refused({{text("x"), null()}, {text("x"), null()}}) == "duplicate_key - - -");
    CHECK(refused({{number(2), null()}, {number(1), null()}}) == "malformed - - -");
    CHECK(refused({{number(300), null()}, {number(1), null()}}) == "malformed - - -");
    CHECK(refused({{text("b"), null()}, {text("a"), null()}}) == "malformed - - -");
    CHECK(refused({{text("b"), null()}, {number(1), null()}}) == "malformed - - -");
    CHECK(push_refusal_in_cbor(map({{number(7), array({})}, {number(3), text("d")}})) == "malformed - - -");
}

TEST_CASE("a key is a number or a text of some length") {
    using namespace cbor;
    for (const std::string& key : {number(-1), bytes("x"), real(1), null(), array({}), map({})})
        CHECK(page_refusal_in_cbor(page_with(map({{key, null()}}))) == "malformed - - -");
    CHECK(page_refusal_in_cbor(page_with(map({{text(std::string(1'024, 'k')), null()}}))) == "none");
    CHECK(page_refusal_in_cbor(page_with(map({{text(std::string(1'025, 'k')), null()}}))) == "too_large - - -");
    CHECK(push_refusal_in_cbor(map({{number(3), text("d")}, {number(7), array({})}, {number(8), null()}})) == "unknown_field - - -");
    CHECK(push_refusal_in_cbor(map({{number(3), text("d")}, {number(7), array({})}, {text("device"), null()}})) == "unknown_field - - device");
}

TEST_CASE("nesting is bounded") {
    limits bounds;
    bounds.json_depth = 10;
    const auto nested = [](std::size_t depth) { return std::string(depth, '\x81') + '\1'; };
    CHECK(page_refusal_in_cbor(page_with(nested(9)), bounds) == "none");
    CHECK(page_refusal_in_cbor(page_with(nested(10)), bounds) == "too_large - - -");
    CHECK(page_refusal_in_cbor(page_with("\x82" + nested(8) + nested(8)), bounds) == "none");
    for (const char open : {'\x81', '\x9F', '\xBF'}) {
        CHECK(page_refusal_in_cbor(std::string(100'000, open)) != "none");
        CHECK(page_refusal_in_cbor(page_with(std::string(100'000, open))) != "none");
        CHECK(push_refusal_in_cbor(note_with(std::string(100'000, open), cbor::real(1))) != "none");
    }
    CHECK(page_refusal_in_cbor(page_with(std::string(100'000, '\x9F'))) == "too_large - - -");
    CHECK(push_refusal_in_cbor(note_with(std::string(100'000, '\x9F'), cbor::real(1))) == "too_large note n1 -");
}

TEST_CASE("a message is one map") {
    for (const message kind : {message::push, message::page, message::push_answer, message::error_answer}) {
        for (const std::string body : {"", "\x01", "\x80", "\x61x", "\xF6", "\xC1\xA0", "<html>", "{\"device\":\"d\"}"})
            CHECK(refusal(kind, body, wire::encoding::cbor) == "malformed - - -");
        limits bounds;
        bounds.body_bytes = 3;
        CHECK(refusal(kind, "\xA0\xA0\xA0\xA0", wire::encoding::cbor, bounds) == "too_large - - -");
    }
}
