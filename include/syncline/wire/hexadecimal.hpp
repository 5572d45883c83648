/// 64 bits as 16 hexadecimal digits: how fingerprints and digests travel as text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace syncline::wire {

namespace detail {

/// The value of each character as a hexadecimal digit; 255 for one that is none.
[[nodiscard]] constexpr std::array<std::uint8_t, 256> make_nibbles() noexcept {
    std::array<std::uint8_t, 256> nibbles{};
    for (std::size_t i = 0; i < nibbles.size(); ++i) nibbles[i] = 255;
    for (std::size_t i = 0; i < 10; ++i) nibbles['0' + i] = static_cast<std::uint8_t>(i);
    for (std::size_t i = 0; i < 6; ++i) nibbles['a' + i] = nibbles['A' + i] = static_cast<std::uint8_t>(10 + i);
    return nibbles;
}
inline constexpr std::array<std::uint8_t, 256> nibbles = make_nibbles();

}  // namespace detail

/// Writes 16 lower-case digits to `out`.
constexpr void write_hexadecimal(char* out, std::uint64_t word) noexcept {
    constexpr char digits[] = "0123456789abcdef";
    for (std::size_t i = 0; i < 16; ++i) out[i] = digits[word >> (60 - 4 * i) & 0xFu];
}

/// Exactly 16 hexadecimal digits as a number, or nothing.
[[nodiscard]] constexpr std::optional<std::uint64_t> parse_hexadecimal(std::string_view text) noexcept {
    if (text.size() != 16) return std::nullopt;
    std::uint64_t word = 0;
    unsigned all = 0;
    for (const char character : text) {
        const std::uint8_t nibble = detail::nibbles[static_cast<unsigned char>(character)];
        all |= nibble;
        word = word << 4 | (nibble & 0xFu);
    }
    if (all > 0xFu) return std::nullopt;
    return word;
}

}  // namespace syncline::wire
