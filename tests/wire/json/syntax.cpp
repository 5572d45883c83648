/// What only JSON can get wrong: its syntax, its escapes, and what it has to say as text.
#include <string>

#include <support/catch.hpp>
#include <wire/fixture.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {
std::string push_refusal_in_json(std::string_view text, const limits& bounds = {}) {
    return refusal(message::push, text, wire::encoding::json, bounds);
}
std::string page_refusal_in_json(std::string_view text) { return refusal(message::page, text, wire::encoding::json); }
}  // namespace

TEST_CASE("what is not one JSON object is refused") {
    for (const char* text : {"", " ", "{", "[]", "1", "null", "\"x\"", "{\"device\":\"d\",\"operations\":[]}x",
                             "{\"device\":\"d\",\"operations\":[]}{}", "{\"device\":\"d\",}", "{\"device\" \"d\"}",
                             "{'device':'d'}", "{\"device\":\"d\",\"operations\":[,]}", "// x\n{}", "<html></html>"}) {
        INFO(text);
        const std::string refusal = push_refusal_in_json(text);
        CHECK(refusal.substr(0, refusal.find(' ')) == "malformed");
    }
    CHECK(push_refusal_in_json(std::string("{\"device\":\"d\",\"operations\":[]}\0x", 31)) == "malformed - - -");
}

TEST_CASE("a text that is not UTF-8 is refused, escaped or not") {
    const auto refusal = [](const std::string& value) { return push_refusal_in_json(push_of_note(R"("b")", '"' + value + '"')); };
    CHECK(refusal("\\ud800") == "invalid_text note n1 -");
    CHECK(refusal("\\udc00x") == "invalid_text note n1 -");
    CHECK(refusal("\\ud83dx") == "invalid_text note n1 -");
    for (const char* bad : {"\xFF", "\x80", "\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82"}) {
        CHECK(refusal(bad) == "invalid_text note n1 -");
        CHECK(push_refusal_in_json(push_of_note(R"("body")", std::string("\"") + bad + "\"")) == "invalid_text note n1 -");
    }
    CHECK(refusal(std::string("a\0b", 3)) == "malformed - - -");
    CHECK(refusal("a\nb") == "malformed note n1 -");
    CHECK(refusal("\\x41") == "malformed note n1 -");
}

TEST_CASE("bytes are strict base64") {
    const auto refusal = [](const std::string& value) { return push_refusal_in_json(push_of_note(R"("AAEC")", '"' + value + '"')); };
    for (const char* good : {"", "AA==", "AAE=", "AAEC", "+/+/"}) CHECK(refusal(good) == "none");
    for (const char* bad :
         {"A", "AA", "AAE", "AB==", "AAF=", "A===", "====", "AA=A", "AAEC\\n", " AAEC", "AA-_", "=AAA", "AA==AAEC"}) {
        INFO(bad);
        CHECK(refusal(bad) == "malformed note n1 picture");
    }
}

TEST_CASE("a number that is none is no JSON") {
    for (const char* value : {"NaN", "Infinity", "-Infinity", "nan", "0x10", "+1", "01", ".5", "5.", "1e"}) {
        INFO(value);
        CHECK(push_refusal_in_json(push_of_note("0.5", value)) == "malformed note n1 -");
    }
    for (const char* value : {"1e999", "-1e999"}) CHECK(push_refusal_in_json(push_of_note("0.5", value)) == "out_of_range note n1 -");
    CHECK(push_refusal_in_json(push_of_note("0.5", std::string(400, '9'))) == "out_of_range note n1 -");
    CHECK(push_refusal_in_json(push_of_note(R"("stars":3)", R"("stars":1e999)")) == "out_of_range note n1 -");
}

TEST_CASE("a list of rows is there once for a table, and no key of a row is there twice") {
    CHECK(page_refusal_in_json(R"({"changes":{"notes":[],"notes":[]}})") == "duplicate_key - - -");
    CHECK(page_refusal_in_json(R"({"changes":{"ghosts":[],"ghosts":[]}})") == "duplicate_key - - -");
    CHECK(page_refusal_in_json(R"({"changes":{"ghosts":[{"a":1,"a":1}]}})") == "duplicate_key - - -");
    CHECK(page_refusal_in_json(page_of_note(R"("body":"b")", R"("x":1,"x":1)")) == "duplicate_key note n1 -");
}

TEST_CASE("an object has only so many keys that nobody asked for") {
    std::string keys;
    for (int i = 0; i < 5'000; ++i) keys += "\"k" + std::to_string(i) + "\":0,";
    CHECK(page_refusal_in_json('{' + keys + "\"last\":0}") == "too_large - - -");
}
