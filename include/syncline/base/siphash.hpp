/// SipHash-2-4: a 64-bit sum of a text that only the holder of a secret can make, the same on every machine.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace syncline {

/// The secret of a keyed sum.
using siphash_key = std::array<unsigned char, 16>;

/// SipHash-2-4 (Jean-Philippe Aumasson and Daniel J. Bernstein, 2012).
[[nodiscard]] constexpr std::uint64_t siphash(const siphash_key& key, std::string_view text) noexcept {
    // Little-endian by arithmetic, so that the result does not depend on the machine.
    const auto word_of = [](const auto& bytes, std::size_t at, std::size_t count) {
        std::uint64_t word = 0;
        for (std::size_t k = 0; k < count; ++k) word |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + k])) << (8 * k);
        return word;
    };
    const std::uint64_t low = word_of(key, 0, 8), high = word_of(key, 8, 8);
    std::uint64_t a = low ^ 0x736F'6D65'7073'6575u, b = high ^ 0x646F'7261'6E64'6F6Du;
    std::uint64_t c = low ^ 0x6C79'6765'6E65'7261u, d = high ^ 0x7465'6462'7974'6573u;
    const auto stir = [&](int rounds) {
        for (; rounds > 0; --rounds) {
            a += b, b = std::rotl(b, 13) ^ a, a = std::rotl(a, 32);
            c += d, d = std::rotl(d, 16) ^ c;
            a += d, d = std::rotl(d, 21) ^ a;
            c += b, b = std::rotl(b, 17) ^ c, c = std::rotl(c, 32);
        }
    };
    const auto take = [&](std::uint64_t word) {
        d ^= word;
        stir(2);
        a ^= word;
    };
    std::size_t i = 0;
    for (; i + 8 <= text.size(); i += 8) take(word_of(text, i, 8));
    take(word_of(text, i, text.size() - i) | static_cast<std::uint64_t>(text.size()) << 56);
    c ^= 0xFF;
    stir(4);
    return a ^ b ^ c ^ d;
}

}  // namespace syncline
