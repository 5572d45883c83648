/// Versions of rows: which generation of the owner's rows, and the server's count in it.
#pragma once

#include <charconv>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace syncline {

/// Number of a history of an owner's rows; a later one is greater. 0 means "none".
using generation_number = std::uint32_t;

/// The only generation there is yet.
inline constexpr generation_number first_generation = 1;

/// A generation and the server's per-owner counter in it, compared in this order. Number 0 is the beginning of the generation, before
/// its first row; the default is no version: the server has not answered yet. Its text is `g.n` in decimal.
class row_version {
public:
    /// Bytes of the longest text.
    static constexpr std::size_t text_bytes_max =
        std::numeric_limits<generation_number>::digits10 + 1 + 1 + std::numeric_limits<std::int64_t>::digits10 + 1;

    constexpr row_version() noexcept = default;
    /// No version may be named by its number alone. `number` is not negative, and 0 if `generation` is 0.
    constexpr explicit row_version(generation_number generation, std::int64_t number) noexcept : number_(number), generation_(generation) {}

    /// The version with this text, "0.0" included; nothing for any other text, such as one with a leading zero or a sign.
    [[nodiscard]] static constexpr std::optional<row_version> parse(std::string_view text) noexcept {
        constexpr std::uint64_t number_max = std::numeric_limits<std::int64_t>::max();
        const std::size_t point = text.find('.');
        if (point == std::string_view::npos) return std::nullopt;
        const auto generation = parse_part(text.substr(0, point), std::numeric_limits<generation_number>::max());
        const auto number = parse_part(text.substr(point + 1), number_max);
        if (!generation || !number) return std::nullopt;
        return of_parts(static_cast<std::int64_t>(*generation), static_cast<std::int64_t>(*number));
    }

    /// The version of these two numbers from outside; nothing if there is none.
    [[nodiscard]] static constexpr std::optional<row_version> of_parts(std::int64_t generation, std::int64_t number) noexcept {
        if (generation < 0 || generation > std::numeric_limits<generation_number>::max() || number < 0) return std::nullopt;
        if (generation == 0 && number != 0) return std::nullopt;
        return row_version(static_cast<generation_number>(generation), number);
    }

    [[nodiscard]] constexpr generation_number generation() const noexcept { return generation_; }
    [[nodiscard]] constexpr std::int64_t number() const noexcept { return number_; }

    [[nodiscard]] constexpr bool is_none() const noexcept { return generation_ == 0; }
    /// True for what a row can have, which the beginning of a generation is not.
    [[nodiscard]] constexpr bool is_of_row() const noexcept { return generation_ != 0 && number_ != 0; }

    /// The least version of a row above this one that needs no later generation.
    [[nodiscard]] constexpr row_version next() const noexcept {
        return row_version(generation_ == 0 ? first_generation : generation_, number_ + 1);
    }

    /// Writes the text to `at`, which has room for text_bytes_max, and returns the place behind it.
    [[nodiscard]] char* write(char* at) const noexcept {
        at = std::to_chars(at, at + std::numeric_limits<generation_number>::digits10 + 1, generation_).ptr;
        *at++ = '.';
        return std::to_chars(at, at + std::numeric_limits<std::int64_t>::digits10 + 1, number_).ptr;
    }

    [[nodiscard]] std::string str() const {
        char text[text_bytes_max];
        return std::string(text, write(text));
    }

    friend constexpr bool operator==(row_version, row_version) noexcept = default;
    friend constexpr std::strong_ordering operator<=>(row_version a, row_version b) noexcept {
        if (a.generation_ != b.generation_) return a.generation_ <=> b.generation_;
        return a.number_ <=> b.number_;
    }

private:
    [[nodiscard]] static constexpr std::optional<std::uint64_t> parse_part(std::string_view digits, std::uint64_t greatest) noexcept {
        if (digits.empty() || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
        std::uint64_t value = 0;
        for (const char c : digits) {
            if (c < '0' || c > '9') return std::nullopt;
            const auto digit = static_cast<std::uint64_t>(c - '0');
            if (value > (greatest - digit) / 10) return std::nullopt;
            value = value * 10 + digit;
        }
        return value;
    }

    std::int64_t number_ = 0;
    generation_number generation_ = 0;
};

}  // namespace syncline
