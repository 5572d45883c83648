/// Moments as other programs write them: ISO 8601 text (RFC 3339), or a count since the Unix epoch.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <syncline/schema/names.hpp>

namespace syncline::wire {

enum class moment_form : std::uint8_t { iso8601, seconds, milliseconds, microseconds };

/// Microseconds that one unit of the form counts.
[[nodiscard]] constexpr std::int64_t microseconds_in(moment_form form) noexcept {
    return form == moment_form::seconds ? 1'000'000 : form == moment_form::milliseconds ? 1'000 : 1;
}

namespace detail {

/// Takes exactly `count` digits from the front; false where there are fewer.
constexpr bool take_digits(std::string_view& text, std::size_t count, int& out) noexcept {
    if (text.size() < count) return false;
    out = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (!is_digit(text[i])) return false;
        out = out * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return true;
}

constexpr bool take_one(std::string_view& text, char expected) noexcept {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

constexpr void append_digits(std::string& out, std::int64_t number, int count) {
    std::int64_t unit = 1;
    for (int i = 1; i < count; ++i) unit *= 10;
    for (; unit > 0; unit /= 10) out.push_back(static_cast<char>('0' + number / unit % 10));
}

}  // namespace detail

/// Microseconds since the Unix epoch of YYYY-MM-DDThh:mm:ss, with a fraction of any length, ending in Z, an offset or neither, which
/// is read as UTC; a space may stand for the T. Digits of the fraction beyond microseconds are cut off. Nothing for any other text.
[[nodiscard]] constexpr std::optional<std::int64_t> parse_iso8601(std::string_view text) noexcept {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    using detail::take_digits, detail::take_one;
    if (!take_digits(text, 4, year) || !take_one(text, '-') || !take_digits(text, 2, month) || !take_one(text, '-') || !take_digits(text, 2, day))
        return std::nullopt;
    if (!take_one(text, 'T') && !take_one(text, 't') && !take_one(text, ' ')) return std::nullopt;
    if (!take_digits(text, 2, hour) || !take_one(text, ':') || !take_digits(text, 2, minute) || !take_one(text, ':') || !take_digits(text, 2, second))
        return std::nullopt;
    std::int64_t fraction = 0;
    if (take_one(text, '.')) {
        if (text.empty() || !is_digit(text.front())) return std::nullopt;
        for (std::int64_t unit = 100'000; !text.empty() && is_digit(text.front()); unit /= 10) {
            fraction += unit * (text.front() - '0');
            text.remove_prefix(1);
        }
    }
    int offset_minutes = 0;
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
        const int sign = text.front() == '-' ? -1 : 1;
        int hours = 0, minutes = 0;
        text.remove_prefix(1);
        if (!take_digits(text, 2, hours)) return std::nullopt;
        if (!text.empty()) {
            take_one(text, ':');
            if (!take_digits(text, 2, minutes)) return std::nullopt;
        }
        if (hours > 23 || minutes > 59) return std::nullopt;
        offset_minutes = sign * (hours * 60 + minutes);
    } else if (!take_one(text, 'Z')) {
        take_one(text, 'z');
    }
    const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day)));
    if (!text.empty() || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    const std::int64_t seconds = ((days * 24 + hour) * 60 + minute - offset_minutes) * 60 + second;
    return seconds * 1'000'000 + fraction;
}

/// The moment as YYYY-MM-DDThh:mm:ss.ffffffZ, with three digits of fraction where it is whole milliseconds. Years 0 to 9999.
[[nodiscard]] constexpr std::string write_iso8601(std::int64_t microseconds) {
    const auto moment = std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(microseconds));
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day date(day);
    const std::int64_t rest = (moment - day).count();
    std::string text;
    const auto add = [&](std::int64_t number, int count, char behind) {
        detail::append_digits(text, number, count);
        text.push_back(behind);
    };
    add(static_cast<int>(date.year()), 4, '-');
    add(static_cast<unsigned>(date.month()), 2, '-');
    add(static_cast<unsigned>(date.day()), 2, 'T');
    add(rest / 3'600'000'000, 2, ':');
    add(rest / 60'000'000 % 60, 2, ':');
    add(rest / 1'000'000 % 60, 2, '.');
    const std::int64_t fraction = rest % 1'000'000;
    if (fraction % 1'000 == 0) add(fraction / 1'000, 3, 'Z');
    else add(fraction, 6, 'Z');
    return text;
}

/// Microseconds of a count of the form's units; nothing where 64 bits cannot hold them.
[[nodiscard]] constexpr std::optional<std::int64_t> microseconds_of(std::int64_t count, moment_form form) noexcept {
    const std::int64_t unit = microseconds_in(form);
    if (count > std::numeric_limits<std::int64_t>::max() / unit || count < std::numeric_limits<std::int64_t>::min() / unit) return std::nullopt;
    return count * unit;
}

/// The form's units before a moment, rounded down.
[[nodiscard]] constexpr std::int64_t units_before(std::int64_t microseconds, moment_form form) noexcept {
    const std::int64_t unit = microseconds_in(form);
    return microseconds / unit - (microseconds % unit < 0 ? 1 : 0);
}

static_assert(parse_iso8601("1970-01-01T00:00:01Z") == 1'000'000);
static_assert(parse_iso8601("2024-02-29T12:00:00.5+02:00") == parse_iso8601("2024-02-29 10:00:00.500000"));
static_assert(!parse_iso8601("2023-02-29T12:00:00Z") && !parse_iso8601("2023-02-28T12:00Z") && !parse_iso8601("2023-02-28T12:00:00.Z"));
static_assert(units_before(-1, moment_form::milliseconds) == -1 && units_before(1'999, moment_form::milliseconds) == 1);

}  // namespace syncline::wire
