/// Base64 (RFC 4648, section 4, with padding): how bytes travel in JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace syncline::wire::json {

/// Characters that `bytes` bytes become.
[[nodiscard]] constexpr std::size_t base64_size(std::size_t bytes) noexcept { return (bytes + 2) / 3 * 4; }

/// Writes base64_size(bytes.size()) characters to `out` and returns the place behind them.
inline char* write_base64(char* out, std::string_view bytes) noexcept {
    constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t left = bytes.size() - i;
        const auto byte = [&](std::size_t k) {
            return k < left ? static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i + k])) : 0u;
        };
        const std::uint32_t word = byte(0) << 16 | byte(1) << 8 | byte(2);
        *out++ = digits[word >> 18];
        *out++ = digits[word >> 12 & 0x3Fu];
        *out++ = left > 1 ? digits[word >> 6 & 0x3Fu] : '=';
        *out++ = left > 2 ? digits[word & 0x3Fu] : '=';
    }
    return out;
}

/// Replaces `out` by the bytes of `text`. False, with `out` unspecified, for anything that write_base64 does not write.
[[nodiscard]] inline bool read_base64(std::string_view text, std::string& out) {
    out.clear();
    if (text.size() % 4 != 0) return false;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    out.reserve(text.size() / 4 * 3);
    const auto sextet = [](char c) -> int {
        if (c >= 'A' && c <= 'Z') return c - 'A';
        if (c >= 'a' && c <= 'z') return c - 'a' + 26;
        if (c >= '0' && c <= '9') return c - '0' + 52;
        return c == '+' ? 62 : c == '/' ? 63 : -1;
    };
    for (std::size_t i = 0; i < text.size(); i += 4) {
        const std::size_t padded = i + 4 == text.size() ? padding : 0;
        std::uint32_t word = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const int digit = k < 4 - padded ? sextet(text[i + k]) : 0;
            if (digit < 0) return false;
            word = word << 6 | static_cast<std::uint32_t>(digit);
        }
        // Bits that belong to no byte must be zero, or two texts would mean the same bytes.
        if ((padded == 1 && (word & 0xFFu) != 0) || (padded == 2 && (word & 0xFFFFu) != 0)) return false;
        for (std::size_t k = 0; k < 3 - padded; ++k) out.push_back(static_cast<char>(word >> (16 - 8 * k) & 0xFFu));
    }
    return true;
}

}  // namespace syncline::wire::json
