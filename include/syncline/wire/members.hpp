/// The members of JSON objects with fixed names: which one a key is, and its value as the type it must have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <syncline/schema/names.hpp>
#include <syncline/wire/json_events.hpp>

namespace syncline::wire {

/// Bytes of a cursor, device or owner tag.
inline constexpr std::size_t tag_bytes_max = 1'024;

/// A name from a message as error texts may show it: itself if it could be a name of a schema, else nothing.
[[nodiscard]] constexpr std::string_view presentable(std::string_view name) noexcept {
    return is_identifier(name) ? name : std::string_view();
}

/// Finds keys among at most 32 names and knows which were there. Tries first what usually follows the last one found.
class member_finder {
public:
    static constexpr int unknown = -1;
    static constexpr int repeated = -2;

    void start() noexcept { next_ = seen_ = 0; }

    /// Place of `key` in `names`, or `unknown`, or `repeated`.
    [[nodiscard]] int find(std::span<const std::string_view> names, std::string_view key) noexcept {
        for (std::size_t step = 0; step < names.size(); ++step) {
            const std::size_t i = next_ + step < names.size() ? next_ + step : next_ + step - names.size();
            if (names[i] != key) continue;
            const std::uint32_t bit = std::uint32_t{1} << i;
            if ((seen_ & bit) != 0) return repeated;
            seen_ |= bit;
            next_ = static_cast<std::uint32_t>(i + 1 == names.size() ? 0 : i + 1);
            return static_cast<int>(i);
        }
        return unknown;
    }

    /// The first of `names` that is in `required`, a set of places, and was not there; empty if all were.
    [[nodiscard]] std::string_view missing(std::span<const std::string_view> names, std::uint32_t required) const noexcept {
        for (std::size_t i = 0; i < names.size(); ++i)
            if ((required >> i & 1u) != 0 && (seen_ >> i & 1u) == 0) return names[i];
        return {};
    }

    [[nodiscard]] bool has(int place) const noexcept { return (seen_ >> place & 1u) != 0; }
    [[nodiscard]] std::uint32_t seen() const noexcept { return seen_; }

private:
    std::uint32_t next_ = 0;
    std::uint32_t seen_ = 0;
};

/// Reads the value of one member as one type; what does not fit is noted with the member's name.
class member_value {
public:
    member_value(const json_value& value, std::string_view name, error& problem) noexcept
        : value_(value), name_(name), problem_(problem) {}

    [[nodiscard]] std::optional<std::int64_t> integer(std::int64_t least, std::int64_t greatest) const {
        const bool huge = value_.kind == json_kind::huge_integer;
        if (value_.kind != json_kind::integer && !huge) return wrong("an integer was expected");
        if (huge || value_.integer < least || value_.integer > greatest) {
            note(problem_, error_code::out_of_range, "the number is out of range", name_);
            return std::nullopt;
        }
        return value_.integer;
    }

    [[nodiscard]] std::optional<bool> boolean() const {
        if (value_.kind != json_kind::boolean) return wrong("true or false was expected");
        return value_.integer != 0;
    }

    /// A text without NUL of at most `bytes_max` bytes.
    [[nodiscard]] std::optional<std::string_view> text(std::size_t bytes_max) const {
        if (value_.kind != json_kind::text) return wrong("a text was expected");
        if (value_.text.size() > bytes_max) note(problem_, error_code::too_large, "the text is too long", name_);
        else if (value_.text.find('\0') != std::string_view::npos)
            note(problem_, error_code::invalid_text, "the text has a NUL", name_);
        else return value_.text;
        return std::nullopt;
    }

    /// A text of 16 hexadecimal digits.
    [[nodiscard]] std::optional<std::uint64_t> hexadecimal() const {
        if (value_.kind != json_kind::text) return wrong("a text of 16 hexadecimal digits was expected");
        const auto word = parse_hexadecimal(value_.text);
        if (!word) note(problem_, error_code::malformed, "16 hexadecimal digits were expected", name_);
        return word;
    }

    /// An id of type `Id`, local_id or server_id.
    template <class Id>
    [[nodiscard]] std::optional<Id> id() const {
        if (value_.kind != json_kind::text) return wrong("an id was expected");
        const auto parsed = Id::parse(value_.text);
        if (!parsed) note(problem_, error_code::invalid_id, "not a valid id", name_);
        return parsed;
    }

    /// Exactly 16 hexadecimal digits as a number, or nothing.
    [[nodiscard]] static constexpr std::optional<std::uint64_t> parse_hexadecimal(std::string_view text) noexcept {
        if (text.size() != 16) return std::nullopt;
        std::uint64_t word = 0;
        for (const char character : text) {
            const char small = lower_case(character);
            if (is_digit(small)) word = word << 4 | static_cast<std::uint64_t>(small - '0');
            else if (small >= 'a' && small <= 'f') word = word << 4 | static_cast<std::uint64_t>(small - 'a' + 10);
            else return std::nullopt;
        }
        return word;
    }

private:
    [[nodiscard]] std::nullopt_t wrong(std::string_view text) const {
        note(problem_, error_code::wrong_type, text, name_);
        return std::nullopt;
    }

    const json_value& value_;
    std::string_view name_;
    error& problem_;
};

}  // namespace syncline::wire
