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
    std::string text;
    std::string (*refusal)(std::string_view);
};

std::string any_error_refusal(std::string_view text) {
    error out;
    return summary(wire::read_error(text, {}, out));
}

/// One message of each kind with most of what it can hold.
std::vector<sample> samples() {
    const std::string push = push_of(
        R"({"seq":1,"digest":"00000000000000ff","op":"create","entity":"note","localId":"n1","id":"N1","incarnation":2,"baseVersion":3,"group":4,"fields":{)" +
        note_fields +
        R"(}},{"fields":{"folderId":{"localId":"f1"},"body":"\u00e9\ud83d\ude00"},"before":{"folderId":null},"op":"update","entity":"note","localId":"n2","seq":2})");
    const std::string row =
        R"({"id":"N1","localId":"n1","version":9,"updatedAt":1,"isDeleted":false,"incarnation":1,)" + note_fields + '}';
    return {{push, [](std::string_view text) { return push_refusal(text); }},
            {page_of_note(R"("body":"b")", R"("later":[{"a":1,"b":[2]}],"body":null)"),
             [](std::string_view text) { return page_refusal(text); }},
            {answer_of(R"(,"row":)" + row +
                       R"(,"conflicts":{"body":"x"},"refused":["tags"],"error":{"code":"rejected"},"entity":"note")"),
             [](std::string_view text) { return answer_refusal(text); }},
            {wire::write_error({error_code::reset, "why", "note", "n1", "body"}), any_error_refusal}};
}

}  // namespace

TEST_CASE("a message cut short anywhere is refused") {
    for (const sample& one : samples())
        for (std::size_t size = 0; size < one.text.size(); ++size) {
            INFO(one.text.substr(0, size));
            REQUIRE(one.refusal(std::string_view(one.text).substr(0, size)) != "none");
        }
}

TEST_CASE("a message with any byte changed is an error or a value") {
    constexpr std::array<int, 4> flips{0x01, 0x04, 0x20, 0x80};
    constexpr std::string_view replacements = "\"{}[],:0-\\";
    std::size_t refused = 0;
    for (const sample& one : samples())
        for (std::size_t at = 0; at < one.text.size(); ++at) {
            std::string text = one.text;
            for (const int flip : flips) {
                text[at] = static_cast<char>(one.text[at] ^ flip);
                refused += one.refusal(text) != "none";
            }
            for (const char replacement : replacements) {
                text[at] = replacement;
                refused += one.refusal(text) != "none";
            }
        }
    CHECK(refused > 10'000);
}

TEST_CASE("a message with a piece left out or doubled is an error or a value") {
    std::size_t refused = 0;
    for (const sample& one : samples())
        for (std::size_t at = 0; at < one.text.size(); ++at)
            for (const std::size_t size : {1u, 2u, 7u, 30u}) {
                std::string text = one.text;
                refused += one.refusal(text.erase(at, size)) != "none";
                text = one.text;
                refused += one.refusal(text.insert(at, one.text.substr(at, size))) != "none";
            }
    CHECK(refused > 5'000);
}
