/// Checks of text the application writes or the wire carries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace syncline {

/// True when `text` is UTF-8 (RFC 3629: no surrogates, no overlong forms) and holds no NUL.
[[nodiscard]] constexpr bool is_clean_utf8(std::string_view text) noexcept {
    std::size_t i = 0;
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    while (i < text.size()) {
        if (!std::is_constant_evaluated() && text.size() - i >= 8) {
            // Eight characters of ASCII at a time: no byte has its high bit set, and none is 0.
            std::uint64_t word = 0;
            std::memcpy(&word, text.data() + i, 8);
            constexpr std::uint64_t ones = 0x0101010101010101u, high_bits = 0x8080808080808080u;
            if (((word | (word - ones)) & high_bits) == 0) {
                i += 8;
                continue;
            }
        }
        const unsigned char lead = byte(i);
        if (lead == 0) return false;
        if (lead < 0x80) {
            ++i;
            continue;
        }
        std::size_t more = 0;
        unsigned char least = 0x80, greatest = 0xBF;
        if (lead >= 0xC2 && lead <= 0xDF) more = 1;
        else if (lead >= 0xE0 && lead <= 0xEF) {
            more = 2;
            if (lead == 0xE0) least = 0xA0;
            if (lead == 0xED) greatest = 0x9F;
        } else if (lead >= 0xF0 && lead <= 0xF4) {
            more = 3;
            if (lead == 0xF0) least = 0x90;
            if (lead == 0xF4) greatest = 0x8F;
        } else return false;
        if (text.size() - i <= more) return false;
        if (byte(i + 1) < least || byte(i + 1) > greatest) return false;
        for (std::size_t k = 2; k <= more; ++k)
            if ((byte(i + k) & 0xC0) != 0x80) return false;
        i += more + 1;
    }
    return true;
}

}  // namespace syncline
