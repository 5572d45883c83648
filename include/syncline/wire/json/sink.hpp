/// Appends JSON to a text without a document in between: the bytes are written once, into a buffer that grows ahead.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <syncline/base/assert.hpp>
#include <syncline/base/version.hpp>
#include <syncline/wire/growing_text.hpp>
#include <syncline/wire/hexadecimal.hpp>
#include <syncline/wire/json/base64.hpp>

namespace syncline::wire::json {

/// Writes values as JSON texts.
class sink : public growing_text {
public:
    using growing_text::growing_text;

    /// Text that is JSON already.
    sink& raw(std::string_view text) {
        std::memcpy(room(text.size()), text.data(), text.size());
        used_ += text.size();
        return *this;
    }

    sink& raw(char character) {
        *room(1) = character;
        ++used_;
        return *this;
    }

    sink& integer(std::int64_t number) {
        char* const at = room(20);
        used_ += static_cast<std::size_t>(std::to_chars(at, at + 20, number).ptr - at);
        return *this;
    }

    /// `g.n` in quotes.
    sink& version(row_version version) {
        char* const at = room(row_version::text_bytes_max + 2);
        *at = '"';
        char* const end = version.write(at + 1);
        *end = '"';
        used_ += static_cast<std::size_t>(end + 1 - at);
        return *this;
    }

    /// The shortest text that reads back as the same double, always with a point or an exponent. `number` is finite.
    sink& real(double number) {
        SYNCLINE_ASSERT(std::isfinite(number));
        char* const at = room(32);
        char* end = std::to_chars(at, at + 30, number).ptr;
        const auto is_fraction = [](char c) { return c == '.' || c == 'e'; };
        if (std::none_of(at, end, is_fraction)) {
            *end++ = '.';
            *end++ = '0';
        }
        used_ += static_cast<std::size_t>(end - at);
        return *this;
    }

    sink& boolean(bool flag) { return raw(flag ? std::string_view("true") : std::string_view("false")); }

    /// 16 hexadecimal digits in quotes.
    sink& hexadecimal(std::uint64_t word) {
        char* const at = room(18);
        at[0] = at[17] = '"';
        write_hexadecimal(at + 1, word);
        used_ += 18;
        return *this;
    }

    /// Bytes as base64 text in quotes.
    sink& base64(std::string_view bytes) {
        char* const at = room(base64_size(bytes.size()) + 2);
        *at = '"';
        char* const end = write_base64(at + 1, bytes);
        *end = '"';
        used_ += static_cast<std::size_t>(end + 1 - at);
        return *this;
    }

    /// UTF-8 in quotes, passed through but for what JSON wants escaped.
    sink& text(std::string_view text) {
        // Six bytes is the longest escape of one.
        char* at = room(text.size() * 6 + 2);
        char* const start = at;
        *at++ = '"';
        while (!text.empty()) {
            const std::size_t plain = plain_prefix(text);
            std::memcpy(at, text.data(), plain);
            at += plain;
            if (plain == text.size()) break;
            at = escape(at, static_cast<unsigned char>(text[plain]));
            text.remove_prefix(plain + 1);
        }
        *at++ = '"';
        used_ += static_cast<std::size_t>(at - start);
        return *this;
    }

private:
    [[nodiscard]] static bool is_plain(unsigned char c) noexcept { return c >= 0x20 && c != '"' && c != '\\'; }

    /// Length of the front of `text` that needs no escape; eight bytes at a time, by the usual zero-byte trick.
    [[nodiscard]] static std::size_t plain_prefix(std::string_view text) noexcept {
        constexpr std::uint64_t ones = 0x0101010101010101u;
        constexpr std::uint64_t tops = 0x8080808080808080u;
        std::size_t i = 0;
        for (; i + 8 <= text.size(); i += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, text.data() + i, 8);
            const std::uint64_t quote = word ^ ones * '"';
            const std::uint64_t slash = word ^ ones * '\\';
            const std::uint64_t special = ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash);
            if ((special & tops) != 0) break;
        }
        while (i < text.size() && is_plain(static_cast<unsigned char>(text[i]))) ++i;
        return i;
    }

    static char* escape(char* at, unsigned char c) noexcept {
        constexpr char digits[] = "0123456789abcdef";
        *at++ = '\\';
        switch (c) {
            case '"':
            case '\\': *at++ = static_cast<char>(c); break;
            case '\n': *at++ = 'n'; break;
            case '\r': *at++ = 'r'; break;
            case '\t': *at++ = 't'; break;
            default:
                std::memcpy(at, "u00", 3);
                at[3] = digits[c >> 4];
                at[4] = digits[c & 0xFu];
                at += 5;
        }
        return at;
    }
};

}  // namespace syncline::wire::json
