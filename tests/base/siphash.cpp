#include <syncline/base/siphash.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

#include <support/catch.hpp>

using namespace syncline;

namespace {

constexpr siphash_key counting_key{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/// The bytes 0, 1, 2 and so on.
std::string counting_text(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>(i);
    return text;
}

}  // namespace

TEST_CASE("SipHash-2-4 gives the sums that its authors published") {
    // The first of `vectors_sip64` in the reference implementation, as numbers, and the last; the one of 15 bytes is in the paper.
    constexpr std::uint64_t published[] = {0x726FDB47DD0E0E31u, 0x74F839C593DC67FDu, 0x0D6C8009D9A94F5Au, 0x85676696D7FB7E2Du,
                                           0xCF2794E0277187B7u, 0x18765564CD99A68Du, 0xCBC9466E58FEE3CEu, 0xAB0200F58B01D137u,
                                           0x93F5F5799A932462u, 0x9E0082DF0BA9E4B0u, 0x7A5DBBC594DDB9F3u, 0xF4B32F46226BADA7u,
                                           0x751E8FBC860EE5FBu, 0x14EA5627C0843D90u, 0xF723CA908E7AF2EEu, 0xA129CA6149BE45E5u};
    for (std::size_t size = 0; size < std::size(published); ++size) CHECK(siphash(counting_key, counting_text(size)) == published[size]);
    CHECK(siphash(counting_key, counting_text(63)) == 0x958A324CEB064572u);
}

TEST_CASE("every bit of the key and of the text changes a SipHash") {
    const std::string text = counting_text(20);
    const std::uint64_t sum = siphash(counting_key, text);
    for (std::size_t bit = 0; bit < 128; ++bit) {
        siphash_key key = counting_key;
        key[bit / 8] = static_cast<unsigned char>(key[bit / 8] ^ (1u << (bit % 8)));
        CHECK(siphash(key, text) != sum);
    }
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
        std::string other = text;
        other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
        CHECK(siphash(counting_key, other) != sum);
    }
    CHECK(siphash(counting_key, text + '\0') != sum);
}

static_assert(siphash(counting_key, "") == 0x726FDB47DD0E0E31u);
