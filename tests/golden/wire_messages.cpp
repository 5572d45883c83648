/// Each message as it stands on the wire: a change of these files is a change of the protocol.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <support/catch.hpp>
#include <wire/fixture.hpp>
#include <wire/support/whole_messages.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

std::string golden(const std::string& name) {
    std::ifstream file(std::filesystem::path(__FILE__).parent_path() / name, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The JSON text without the spaces and line ends that make the file readable.
std::string squeezed(const std::string& text) {
    std::string out;
    bool in_text = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') in_text = !in_text;
        if (in_text || (text[i] != ' ' && text[i] != '\n')) out += text[i];
        if (in_text && text[i] == '\\') out += text[++i];
    }
    return out;
}

/// Both files of this name say the same, and are what the writers write.
template <class Message>
void check_golden(const std::string& name) {
    const std::string in_json = squeezed(golden(name + ".json"));
    const std::string in_cbor = golden(name + ".cbor");
    Message from_json, from_cbor;
    REQUIRE(summary(read(in_json, notes_schema, from_json, wire::encoding::json)) == "none");
    CHECK(written(from_json, notes_schema, wire::encoding::json) == in_json);
    CHECK(written(from_json, notes_schema, wire::encoding::cbor) == in_cbor);
    REQUIRE(summary(read(in_cbor, notes_schema, from_cbor, wire::encoding::cbor)) == "none");
    CHECK(same(from_json, from_cbor));
}

}  // namespace

TEST_CASE("a push is what the golden files say") { check_golden<wire::push_request>("push"); }
TEST_CASE("the answer to a push is what the golden files say") { check_golden<wire::push_answer>("push_answer"); }
TEST_CASE("a page is what the golden files say") { check_golden<wire::page>("page"); }

TEST_CASE("an error answer is what the golden files say") {
    for (const wire::encoding form : encodings) {
        const std::string body = form == wire::encoding::json ? squeezed(golden("error.json")) : golden("error.cbor");
        error read;
        REQUIRE(summary(wire::read_error(body, {}, read, form)) == "none");
        CHECK(read == error{error_code::wrong_type, "the field takes an integer", "note", "n1", "stars"});
        CHECK(wire::write_error(read, form) == body);
    }
}
