/// A seeded random source with the same numbers on every compiler, and new ids made from it.
#pragma once

#include <cstdint>
#include <random>
#include <string_view>

#include <syncline/base/ids.hpp>

namespace syncline {

/// SplitMix64 (Steele, Lea, Flood 2014): one 64-bit state, one 64-bit number a draw.
class random_source {
public:
    constexpr explicit random_source(std::uint64_t seed) noexcept : state_(seed) {}

    [[nodiscard]] constexpr std::uint64_t next() noexcept {
        state_ += 0x9E3779B97F4A7C15u;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }

    /// A number in [0, bound); 0 for a bound of 0. The bias is below 2^-32 for bounds below 2^32.
    [[nodiscard]] constexpr std::uint64_t below(std::uint64_t bound) noexcept { return bound == 0 ? 0 : next() % bound; }

    /// True in `numerator` of `denominator` cases.
    [[nodiscard]] constexpr bool chance(std::uint64_t numerator, std::uint64_t denominator) noexcept {
        return below(denominator) < numerator;
    }

private:
    std::uint64_t state_;
};

/// A source seeded by the operating system.
[[nodiscard]] inline random_source seeded_by_system() {
    std::random_device device;
    const std::uint64_t high = device();
    const std::uint64_t low = device();
    return random_source((high << 32) ^ low);
}

/// A new local id: UUID version 7 (RFC 9562) as lower-case text, time-ordered by `now_ms`.
[[nodiscard]] inline local_id new_local_id(std::int64_t now_ms, random_source& random) noexcept {
    constexpr char digits[] = "0123456789abcdef";
    const auto time = static_cast<std::uint64_t>(now_ms) & 0xFFFFFFFFFFFFu;
    const std::uint64_t first = random.next();
    const std::uint64_t second = random.next();
    const std::uint64_t high = (time << 16) | 0x7000u | (first & 0x0FFFu);
    const std::uint64_t low = (second & 0x3FFFFFFFFFFFFFFFu) | 0x8000000000000000u;
    char text[36];
    int at = 0;
    for (int nibble = 0; nibble < 32; ++nibble) {
        if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) text[at++] = '-';
        const std::uint64_t word = nibble < 16 ? high : low;
        text[at++] = digits[(word >> (60 - 4 * (nibble % 16))) & 0xFu];
    }
    return local_id::trusted({text, 36});
}

/// A new server id: a ULID (48 bits of time, 80 random bits, Crockford base 32), so that it never looks like a local UUID.
[[nodiscard]] inline server_id new_server_id(std::int64_t now_ms, random_source& random) noexcept {
    constexpr char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const auto time = static_cast<std::uint64_t>(now_ms) & 0xFFFFFFFFFFFFu;
    const std::uint64_t first = random.next();
    const std::uint64_t second = random.next();
    char text[26];
    for (int i = 0; i < 10; ++i) text[i] = digits[(time >> (45 - 5 * i)) & 0x1Fu];
    for (int i = 0; i < 8; ++i) text[10 + i] = digits[(first >> (5 * i)) & 0x1Fu];
    for (int i = 0; i < 8; ++i) text[18 + i] = digits[(second >> (5 * i)) & 0x1Fu];
    return server_id::trusted({text, 26});
}

}  // namespace syncline
