/// Each message as it stands on the wire: a change of these files is a change of the protocol.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <support/catch.hpp>
#include <wire/fixture.hpp>

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

}  // namespace

TEST_CASE("a push is what the golden file says") {
    wire::push_request read;
    REQUIRE(summary(wire::read_push(golden("push.json"), notes_schema, {}, read)) == "none");
    std::string written;
    wire::push_writer writer(written, notes_schema, read);
    for (const wire::sent_operation& one : read.operations) writer.add(one);
    writer.finish();
    CHECK(written == squeezed(golden("push.json")));
}

TEST_CASE("the answer to a push is what the golden file says") {
    wire::push_answer read;
    REQUIRE(summary(wire::read_push_answer(golden("push_answer.json"), notes_schema, {}, read)) == "none");
    std::string written;
    wire::push_answer_writer writer(written, notes_schema);
    for (const wire::operation_result& one : read.results) writer.add(one);
    writer.finish(read.version);
    CHECK(written == squeezed(golden("push_answer.json")));
}

TEST_CASE("a page is what the golden file says") {
    wire::page read;
    REQUIRE(summary(wire::read_page(golden("page.json"), notes_schema, {}, read)) == "none");
    std::string written;
    wire::page_writer writer(written, notes_schema);
    for (const wire::server_row_view& one : read.rows) writer.add(one);
    writer.finish(read.cursor, read.more, read.snapshot, read.includes);
    CHECK(written == squeezed(golden("page.json")));
}

TEST_CASE("an error answer is what the golden file says") {
    error read;
    REQUIRE(summary(wire::read_error(golden("error.json"), {}, read)) == "none");
    CHECK(read == error{error_code::wrong_type, "the field takes an integer", "note", "n1", "stars"});
    CHECK(wire::write_error(read) == squeezed(golden("error.json")));
}
