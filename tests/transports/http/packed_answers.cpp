#include <syncline/transports/http.hpp>
#include <syncline/transports/http_gzip.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <zlib.h>

#include <support/catch.hpp>
#include <transports/support/fake_http_client.hpp>

using namespace syncline;

namespace {

using tests::fake_http_client;
using tests::header_of;

constexpr int gzip_window = 15 + 16, zlib_window = 15;

std::string pack(std::string content, int window = gzip_window) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string packed(deflateBound(&stream, static_cast<uLong>(content.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(content.data());
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

enum class packed_answers { refused, welcome };

exchange_result exchange_for(const std::string& body, const std::vector<std::string>& encodings, packed_answers packed, std::size_t bytes_max = 1'000'000) {
    std::vector<http_header> headers;
    for (const std::string& encoding : encodings) headers.push_back({"content-encoding", encoding});
    fake_http_client client{[&](const http_call&) { return fake_http_client::json_reply(200, body, headers); }};
    http_transport_options options;
    options.answer_bytes_max = bytes_max;
    if (packed == packed_answers::welcome) options.unpack_gzip = unpack_gzip;
    http_transport carrier(client, [] { return std::string("secret"); }, options);
    exchange_result result = carrier.exchange({"GET", "/", "", ""});
    CHECK(header_of(client.calls().at(0), "Accept-Encoding") == (packed == packed_answers::welcome ? "gzip" : "identity"));
    return result;
}

std::string body_of(const exchange_result& result) {
    if (const auto* const failure = std::get_if<exchange_failure>(&result)) return "(failure) " + failure->text;
    return std::get<wire::http_response>(result).body;
}

bool is_lost(const exchange_result& result) {
    const auto* const failure = std::get_if<exchange_failure>(&result);
    return failure != nullptr && failure->kind == exchange_failure_kind::lost;
}

std::string json_text(std::size_t size) {
    std::string text;
    while (text.size() < size) text += "{\"position\":" + std::to_string(text.size()) + "}";
    return text;
}

}  // namespace

TEST_CASE("a packed answer that nobody asked for is a failure") {
    CHECK(is_lost(exchange_for(pack("{}"), {"gzip"}, packed_answers::refused)));
    CHECK(is_lost(exchange_for("{}", {"br"}, packed_answers::refused)));
    CHECK(body_of(exchange_for("{}", {"identity"}, packed_answers::refused)) == "{}");
    CHECK(body_of(exchange_for("{}", {""}, packed_answers::refused)) == "{}");
}

TEST_CASE("an answer that was asked for packed is unpacked, and one that is not packed is as welcome") {
    const std::string content = json_text(300'000);
    CHECK(body_of(exchange_for(pack(content), {"gzip"}, packed_answers::welcome)) == content);
    CHECK(body_of(exchange_for(pack(content), {"GZIP"}, packed_answers::welcome)) == content);
    CHECK(body_of(exchange_for(content, {}, packed_answers::welcome)) == content);
    CHECK(body_of(exchange_for("", {"gzip"}, packed_answers::welcome)).empty());
}

TEST_CASE("an answer packed in another way, or twice, is a failure even where gzip is welcome") {
    CHECK(is_lost(exchange_for(pack("{}"), {"deflate"}, packed_answers::welcome)));
    CHECK(is_lost(exchange_for(pack(pack("{}")), {"gzip", "gzip"}, packed_answers::welcome)));
    CHECK(is_lost(exchange_for(pack(pack("{}")), {"gzip, gzip"}, packed_answers::welcome)));
    CHECK(is_lost(exchange_for(pack("{}"), {"gzip", "br"}, packed_answers::welcome)));
}

TEST_CASE("a damaged packed answer is a failure") {
    const std::string packed = pack(json_text(50'000));
    CHECK(is_lost(exchange_for(packed.substr(0, packed.size() - 1), {"gzip"}, packed_answers::welcome)));
    CHECK(is_lost(exchange_for(packed.substr(0, packed.size() / 2), {"gzip"}, packed_answers::welcome)));
    CHECK(is_lost(exchange_for("{}", {"gzip"}, packed_answers::welcome)));
    CHECK(is_lost(exchange_for(packed + "more", {"gzip"}, packed_answers::welcome)));
    CHECK(is_lost(exchange_for(pack("{}", zlib_window), {"gzip"}, packed_answers::welcome)));
    std::string flipped = packed;
    flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 4);
    CHECK(is_lost(exchange_for(flipped, {"gzip"}, packed_answers::welcome)));
}

TEST_CASE("a small answer that unpacks to more than the bound is a failure") {
    const std::string bomb = pack(std::string(50'000'000, ' '));
    REQUIRE(bomb.size() < 100'000);
    CHECK(is_lost(exchange_for(bomb, {"gzip"}, packed_answers::welcome)));
    CHECK(body_of(exchange_for(pack(std::string(1'000, ' ')), {"gzip"}, packed_answers::welcome, 1'000)).size() == 1'000);
    CHECK(is_lost(exchange_for(pack(std::string(1'001, ' ')), {"gzip"}, packed_answers::welcome, 1'000)));
    // Members one after the other count together.
    CHECK(is_lost(exchange_for(pack(std::string(600, ' ')) + pack(std::string(600, ' ')), {"gzip"}, packed_answers::welcome, 1'000)));
    CHECK(body_of(exchange_for(pack("[1,") + pack("2]"), {"gzip"}, packed_answers::welcome, 1'000)) == "[1,2]");
}

TEST_CASE("unpacking holds no more than the bound") {
    const std::string bomb = pack(std::string(50'000'000, ' '));
    CHECK_FALSE(unpack_gzip(bomb, 0).has_value());
    CHECK_FALSE(unpack_gzip(bomb, 49'999'999).has_value());
    CHECK(unpack_gzip(bomb, 50'000'000).value_or("").size() == 50'000'000);
    CHECK(unpack_gzip(pack(""), 0) == "");
}
