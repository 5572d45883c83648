/// Items as the writers write them: always in the shortest form.
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include <support/catch.hpp>
#include <wire/fixture.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

template <class Write>
std::string hexadecimal(Write write) {
    std::string out;
    wire::cbor::sink sink(out);
    write(sink);
    sink.finish();
    std::string digits;
    for (const char c : out)
        for (const int nibble : {static_cast<unsigned char>(c) >> 4, c & 15}) digits += "0123456789abcdef"[nibble];
    return digits;
}

std::string integer(std::int64_t number) {
    return hexadecimal([&](wire::cbor::sink& sink) { sink.integer(number); });
}
std::string real(double number) {
    return hexadecimal([&](wire::cbor::sink& sink) { sink.real(number); });
}

}  // namespace

TEST_CASE("integers are those of RFC 8949, appendix A") {
    CHECK(integer(0) == "00");
    CHECK(integer(23) == "17");
    CHECK(integer(24) == "1818");
    CHECK(integer(100) == "1864");
    CHECK(integer(255) == "18ff");
    CHECK(integer(256) == "190100");
    CHECK(integer(65'535) == "19ffff");
    CHECK(integer(1'000'000) == "1a000f4240");
    CHECK(integer(1'000'000'000'000) == "1b000000e8d4a51000");
    CHECK(integer(int64_greatest) == "1b7fffffffffffffff");
    CHECK(integer(-1) == "20");
    CHECK(integer(-24) == "37");
    CHECK(integer(-25) == "3818");
    CHECK(integer(-1'000) == "3903e7");
    CHECK(integer(int64_least) == "3b7fffffffffffffff");
}

TEST_CASE("reals are those of RFC 8949, appendix A, in the fewest bits that hold them") {
    CHECK(real(0) == "f90000");
    CHECK(real(1) == "f93c00");
    CHECK(real(1.5) == "f93e00");
    CHECK(real(-4) == "f9c400");
    CHECK(real(65'504) == "f97bff");
    CHECK(real(5.960464477539063e-8) == "f90001");
    CHECK(real(0.00006103515625) == "f90400");
    CHECK(real(100'000) == "fa47c35000");
    CHECK(real(65'505) == "fa477fe100");
    CHECK(real(5.960464477539063e-8 * 1.5) == "fa33c00000");
    CHECK(real(2.9802322387695312e-8) == "fa33000000");
    CHECK(real(3.4028234663852886e38) == "fa7f7fffff");
    CHECK(real(1.1) == "fb3ff199999999999a");
    CHECK(real(1.0e300) == "fb7e37e43c8800759c");
    CHECK(real(-4.1) == "fbc010666666666666");
    CHECK(real(3.4028234663852889e38) == "fb47efffffe0000001");
}

TEST_CASE("a half holds every number it can, and reads back as it") {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const double number = wire::cbor::from_half(static_cast<std::uint16_t>(bits));
        if (!std::isfinite(number)) continue;
        REQUIRE(wire::cbor::to_half(static_cast<float>(number)) == bits);
    }
    for (const float number : {65'520.0F, 1e-8F, 1.0F / 3, 2049.0F, std::numeric_limits<float>::denorm_min()})
        CHECK_FALSE(wire::cbor::to_half(number));
    CHECK(std::isnan(wire::cbor::from_half(0x7E00)));
    CHECK(std::isinf(wire::cbor::from_half(0xFC00)));
}

TEST_CASE("a real that is no number is a broken assumption of the caller, in CBOR too") {
    struct broken : std::logic_error {
        using std::logic_error::logic_error;
    };
    const assert_handler before = set_assert_handler([](const char* condition, const char*, int) { throw broken(condition); });
    CHECK_THROWS_AS(real(std::nan("")), broken);
    CHECK_THROWS_AS(real(-std::numeric_limits<double>::infinity()), broken);
    set_assert_handler(before);
}

TEST_CASE("texts, bytes and lists have their length in front") {
    CHECK(hexadecimal([](auto& sink) { sink.text("").text("IETF").bytes({"\1\2\3\4", 4}); }) == "6064494554464401020304");
    CHECK(hexadecimal([](auto& sink) { sink.text(std::string(24, 'x')); }).substr(0, 6) == "781878");
    CHECK(hexadecimal([](auto& sink) { sink.bytes(std::string(256, 'x')); }).substr(0, 8) == "59010078");
    CHECK(hexadecimal([](auto& sink) { sink.array(0).array(25).map(2).open_array().end(); }) == "809819a29fff");
    CHECK(hexadecimal([](auto& sink) { sink.null().boolean(true).boolean(false).word(1); }) == "f6f5f4480000000000000001");
}

TEST_CASE("a sink of CBOR writes behind what its text holds") {
    std::string out = "before ";
    wire::cbor::sink sink(out);
    sink.integer(1);
    CHECK(sink.view() == "before \1");
    sink.text(std::string(10'000, 'x')).integer(2).finish();
    CHECK(out == "before \1\x79\x27\x10" + std::string(10'000, 'x') + "\2");
}
