/// Messages cut short or with a byte changed: an error or a value, and nothing else.
#include <array>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <wire/fixture.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

struct sample {
    message kind;
    wire::encoding form;
    std::string body;
};

std::string refusal(const sample& one, std::string_view body) { return tests::refusal(one.kind, body, one.form); }

/// One message of each kind with most of what it can hold, in both encodings.
std::vector<sample> samples() {
    const std::string push = push_of(
        R"({"seq":1,"digest":"00000000000000ff","op":"create","entity":"note","localId":"n1","id":"N1","incarnation":2,"baseVersion":"1.3","group":4,"fields":{)" +
        note_fields +
        R"(}},{"fields":{"folderId":{"localId":"018f3c5e-7a10-7000-8000-00000000000a"},"body":"\u00e9\ud83d\ude00"},"before":{"folderId":"F0"},)"
        R"("op":"update","entity":"note","localId":"n2","seq":2})");
    const std::string row =
        R"({"id":"N1","localId":"n1","version":"1.9","updatedAt":1,"isDeleted":false,"incarnation":1,)" + note_fields + '}';
    std::vector<sample> all;
    for (const wire::encoding form : encodings) {
        const auto add = [&](message kind, const std::string& text) { all.push_back({kind, form, body_in(form, kind, text)}); };
        add(message::push, push);
        add(message::page, page_of_note(R"("body":"b")", R"("later":[{"a":1,"b":[2]}],"body":null)"));
        add(message::push_answer, answer_of(R"(,"row":)" + row +
                                            R"(,"conflicts":{"body":"x"},"refused":["tags"],"error":{"code":"rejected"},"entity":"note")"));
        add(message::error_answer, wire::write_error({error_code::reset, "why", "note", "n1", "body"}));
    }
    return all;
}

}  // namespace

TEST_CASE("a message cut short anywhere is refused") {
    for (const sample& one : samples()) {
        REQUIRE(refusal(one, one.body) == "none");
        for (std::size_t size = 0; size < one.body.size(); ++size) {
            INFO(one.body.substr(0, size));
            REQUIRE(refusal(one, std::string_view(one.body).substr(0, size)) != "none");
        }
    }
}

TEST_CASE("a message with something behind it is refused") {
    for (const sample& one : samples())
        for (const char more : {'\0', '\x01', '{', '\xF6', '\xFF'}) CHECK(refusal(one, one.body + more) != "none");
}

TEST_CASE("a message with any byte changed is an error or a value") {
    constexpr std::string_view replacements = "\"{}[],:0-\\";
    std::size_t refused = 0;
    for (const sample& one : samples())
        for (std::size_t at = 0; at < one.body.size(); ++at) {
            std::string body = one.body;
            for (int bit = 0; bit < 8; ++bit) {
                body[at] = static_cast<char>(one.body[at] ^ 1 << bit);
                refused += refusal(one, body) != "none";
            }
            for (const char replacement : replacements) {
                body[at] = replacement;
                refused += refusal(one, body) != "none";
            }
        }
    CHECK(refused > 20'000);
}

TEST_CASE("a message with a piece left out or doubled is an error or a value") {
    std::size_t refused = 0;
    for (const sample& one : samples())
        for (std::size_t at = 0; at < one.body.size(); ++at)
            for (const std::size_t size : {1u, 2u, 7u, 30u}) {
                std::string body = one.body;
                refused += refusal(one, body.erase(at, size)) != "none";
                body = one.body;
                refused += refusal(one, body.insert(at, one.body.substr(at, size))) != "none";
            }
    CHECK(refused > 8'000);
}

TEST_CASE("a JSON text with a byte changed says the same in CBOR, or is refused there too") {
    for (const sample& one : samples()) {
        if (one.form != wire::encoding::json) continue;
        for (std::size_t at = 0; at < one.body.size(); ++at)
            for (const char replacement : std::string_view("\"{}[],:0-\\aZ1")) {
                std::string text = one.body;
                text[at] = replacement;
                const auto body = to_cbor(one.kind, text);
                if (!body) continue;
                INFO(text);
                CHECK((refusal(one, text) == "none") == (tests::refusal(one.kind, *body, wire::encoding::cbor) == "none"));
            }
    }
}
