/// Members with fixed names: which one a key is, and its value as the type it must have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <syncline/base/limits.hpp>
#include <syncline/base/text.hpp>
#include <syncline/base/version.hpp>
#include <syncline/schema/names.hpp>
#include <syncline/wire/value.hpp>

namespace syncline::wire {

/// Bytes of a cursor, device or owner tag.
inline constexpr std::size_t tag_bytes_max = 1'024;

/// What is_owner_tag asks for, for people.
inline constexpr std::string_view owner_tag_rule = "an owner is named by 1 to 1,024 bytes of UTF-8 without NUL";

/// True for a text that can name an owner in messages.
[[nodiscard]] constexpr bool is_owner_tag(std::string_view text) noexcept {
    return !text.empty() && text.size() <= tag_bytes_max && is_clean_utf8(text);
}

/// Bytes of one key; no message of ours comes near.
inline constexpr std::size_t key_bytes_max = 1'024;

/// Bytes of one text as it travels: base64 is a third longer than the bytes that the bound is about.
[[nodiscard]] constexpr std::size_t text_bytes_max(const limits& bounds) noexcept { return (bounds.string_bytes / 3 + 1) * 4; }

/// A name from a message as error texts may show it: itself if it is an identifier, else nothing.
[[nodiscard]] constexpr std::string_view presentable(std::string_view name) noexcept {
    return is_identifier(name) ? name : std::string_view();
}

/// The first of `names` that is in `required` but not in `seen`, both sets of places; empty if there is none.
[[nodiscard]] constexpr std::string_view first_missing(std::span<const std::string_view> names, std::uint32_t required,
                                                       std::uint32_t seen) noexcept {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (((required & ~seen) >> i & 1u) != 0) return names[i];
    return {};
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

    [[nodiscard]] bool has(int place) const noexcept { return (seen_ >> place & 1u) != 0; }
    [[nodiscard]] std::uint32_t seen() const noexcept { return seen_; }

private:
    std::uint32_t next_ = 0;
    std::uint32_t seen_ = 0;
};

/// Which versions a member may tell.
enum class version_range : std::uint8_t {
    of_row,
    of_row_or_none,
    any  ///< the beginning of a generation too
};

/// A version from a message, which is nothing if the message had two numbers that are none; none, with a note, if it is not in `range`.
[[nodiscard]] inline row_version checked_version(const std::optional<row_version>& read, version_range range, std::string_view name,
                                                 error& problem) {
    if (read && (read->is_of_row() || range == version_range::any || (read->is_none() && range == version_range::of_row_or_none)))
        return *read;
    note(problem, error_code::out_of_range, "the version is out of range", name);
    return {};
}

/// Reads the value of one member as one type; what does not fit is noted with the member's name.
class member_value {
public:
    member_value(const wire_value& value, std::string_view name, error& problem) noexcept
        : value_(value), name_(name), problem_(problem) {}

    [[nodiscard]] std::optional<std::int64_t> integer(std::int64_t least, std::int64_t greatest) const {
        const bool huge = value_.kind == value_kind::huge_integer;
        if (value_.kind != value_kind::integer && !huge) return wrong("an integer was expected");
        if (huge || value_.integer < least || value_.integer > greatest) {
            note(problem_, error_code::out_of_range, "the number is out of range", name_);
            return std::nullopt;
        }
        return value_.integer;
    }

    [[nodiscard]] std::optional<bool> boolean() const {
        if (value_.kind != value_kind::boolean) return wrong("true or false was expected");
        return value_.integer != 0;
    }

    /// A text without NUL of at most `bytes_max` bytes.
    [[nodiscard]] std::optional<std::string_view> text(std::size_t bytes_max) const {
        if (value_.kind != value_kind::text) return wrong("a text was expected");
        if (value_.text.size() > bytes_max) note(problem_, error_code::too_large, "the text is too long", name_);
        else if (value_.text.find('\0') != std::string_view::npos)
            note(problem_, error_code::invalid_text, "the text has a NUL", name_);
        else return value_.text;
        return std::nullopt;
    }

    /// A fingerprint or digest.
    [[nodiscard]] std::optional<std::uint64_t> word() const {
        if (value_.kind != value_kind::word) return wrong("64 bits were expected");
        return static_cast<std::uint64_t>(value_.integer);
    }

    /// A version as text; none if it is not one of `range`.
    [[nodiscard]] row_version version(version_range range) const {
        if (value_.kind != value_kind::text) note(problem_, error_code::wrong_type, "a version was expected", name_);
        else if (const auto read = row_version::parse(value_.text)) return checked_version(read, range, name_, problem_);
        else note(problem_, error_code::malformed, "a version is written as generation.number", name_);
        return {};
    }

    /// Sets `out`, a local_id or server_id, or makes it empty.
    template <class Id>
    void id(Id& out) const {
        out = Id();
        if (value_.kind == value_kind::id || (value_.kind == value_kind::text && Id::is_valid(value_.text))) out = Id::trusted(value_.text);
        else if (value_.kind == value_kind::text) note(problem_, error_code::invalid_id, "not a valid id", name_);
        else note(problem_, error_code::wrong_type, "an id was expected", name_);
    }

private:
    [[nodiscard]] std::nullopt_t wrong(std::string_view text) const {
        note(problem_, error_code::wrong_type, text, name_);
        return std::nullopt;
    }

    const wire_value& value_;
    std::string_view name_;
    error& problem_;
};

}  // namespace syncline::wire
