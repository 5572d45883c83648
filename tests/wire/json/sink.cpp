/// Texts, numbers and bytes as the writers write them.
#include <cmath>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include <support/catch.hpp>
#include <wire/fixture.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {
std::string text_of(std::string_view text) {
    std::string out;
    wire::json::sink(out).text(text).finish();
    return out;
}

std::string real_of(double number) {
    std::string out;
    wire::json::sink(out).real(number).finish();
    return out;
}
}  // namespace

TEST_CASE("a text is escaped at every place and length") {
    for (std::size_t size = 0; size < 20; ++size)
        for (std::size_t at = 0; at < size; ++at)
            for (int character = 0; character < 128; ++character) {
                std::string text(size, 'x');
                text[at] = static_cast<char>(character);
                REQUIRE(nlohmann::json::parse(text_of(text)).get<std::string>() == text);
            }
    CHECK(text_of("") == "\"\"");
    CHECK(text_of("\"\\\n\r\t\b\x1f\x7f") == "\"\\\"\\\\\\n\\r\\t\\u0008\\u001f\x7f\"");
}

TEST_CASE("UTF-8 passes through a text as it is") {
    const std::string text = "h\xC3\xB6ren \xE2\x82\xAC \xF0\x9F\x98\x80 \xEF\xBF\xBF";
    CHECK(text_of(text) == '"' + text + '"');
}

TEST_CASE("a real is short, reads back the same, and looks like a real") {
    CHECK(real_of(0) == "0.0");
    CHECK(real_of(5) == "5.0");
    CHECK(real_of(-5) == "-5.0");
    CHECK(real_of(0.1) == "0.1");
    CHECK(real_of(1e22) == "1e+22");
    CHECK(real_of(1e-7) == "1e-07");
    CHECK(real_of(123456789012345680.0) == "123456789012345680.0");
    for (const double number :
         {std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest(), std::numeric_limits<double>::min(),
          std::numeric_limits<double>::denorm_min(), 1.0 / 3, 9007199254740993.0, -2.2250738585072011e-308})
        CHECK(nlohmann::json::parse(real_of(number)).get<double>() == number);
}

TEST_CASE("a real that is no number is a broken assumption of the caller") {
    struct broken : std::logic_error {
        using std::logic_error::logic_error;
    };
    const assert_handler before = set_assert_handler([](const char* condition, const char*, int) { throw broken(condition); });
    CHECK_THROWS_AS(real_of(std::nan("")), broken);
    CHECK_THROWS_AS(real_of(std::numeric_limits<double>::infinity()), broken);
    set_assert_handler(before);
}

TEST_CASE("a sink writes behind what its text holds") {
    std::string out = "before ";
    wire::json::sink sink(out);
    sink.integer(int64_least).raw(',');
    sink.text(std::string(10'000, 'x')).raw(',');
    sink.hexadecimal(0xab).raw(',').boolean(true).finish();
    CHECK(out == "before -9223372036854775808,\"" + std::string(10'000, 'x') + "\",\"00000000000000ab\",true");
}

TEST_CASE("base64 is that of RFC 4648") {
    const auto encoded = [](std::string_view bytes) {
        std::string out(wire::json::base64_size(bytes.size()), '?');
        CHECK(wire::json::write_base64(out.data(), bytes) == out.data() + out.size());
        return out;
    };
    CHECK(encoded("") == "");
    CHECK(encoded("f") == "Zg==");
    CHECK(encoded("fo") == "Zm8=");
    CHECK(encoded("foo") == "Zm9v");
    CHECK(encoded("foob") == "Zm9vYg==");
    CHECK(encoded("fooba") == "Zm9vYmE=");
    CHECK(encoded("foobar") == "Zm9vYmFy");
    std::string bytes, decoded;
    for (int i = 0; i < 256; ++i) {
        bytes.push_back(static_cast<char>(i * 7));
        REQUIRE(wire::json::read_base64(encoded(bytes), decoded));
        REQUIRE(decoded == bytes);
    }
}
