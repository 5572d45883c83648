/// Retry-After (RFC 9110, 10.2.3) as a pause: seconds, or a date in any of the three forms that HTTP knows.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <syncline/schema/names.hpp>

namespace syncline {

/// Milliseconds: a server may keep a device silent for no longer than a day.
inline constexpr std::int64_t retry_after_ms_max = 24 * 60 * 60 * 1'000;

namespace detail {

template <class Number>
[[nodiscard]] constexpr std::optional<Number> read_digits(std::string_view digits, std::size_t length_max) noexcept {
    if (digits.empty() || digits.size() > length_max || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
    Number number = 0;
    for (const char digit : digits) number = number * 10 + static_cast<Number>(digit - '0');
    return number;
}

/// Seconds of a day, from 08:49:37.
[[nodiscard]] constexpr std::optional<std::int64_t> read_time_of_day(std::string_view text) noexcept {
    if (text.size() != 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
    const auto hours = read_digits<std::int64_t>(text.substr(0, 2), 2);
    const auto minutes = read_digits<std::int64_t>(text.substr(3, 2), 2);
    const auto seconds = read_digits<std::int64_t>(text.substr(6, 2), 2);
    if (!hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 60) return std::nullopt;
    return (*hours * 60 + *minutes) * 60 + *seconds;
}

[[nodiscard]] constexpr unsigned read_month(std::string_view name) noexcept {
    constexpr std::string_view names[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
    for (unsigned i = 0; i < 12; ++i)
        if (equal_ignoring_case(name, names[i])) return i + 1;
    return 0;
}

}  // namespace detail

/// Seconds since the Unix epoch: "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT" or "Sun Nov  6 08:49:37 1994".
/// Two digits of a year are of 1970 to 2069.
[[nodiscard]] constexpr std::optional<std::int64_t> read_http_date(std::string_view text) noexcept {
    std::array<std::string_view, 7> words;
    std::size_t count = 0;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find_first_of(" ,-"));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        if (word.empty()) continue;
        if (count == words.size()) return std::nullopt;
        words[count++] = word;
    }
    const bool is_asctime = count == 5;
    if (!is_asctime && (count != 6 || words[5] != "GMT")) return std::nullopt;
    const auto day = detail::read_digits<unsigned>(words[is_asctime ? 2 : 1], 2);
    const unsigned month = detail::read_month(words[is_asctime ? 1 : 2]);
    auto year = detail::read_digits<int>(words[is_asctime ? 4 : 3], 4);
    const auto time = detail::read_time_of_day(words[is_asctime ? 3 : 4]);
    if (!day || month == 0 || !year || !time) return std::nullopt;
    if (*year < 100) *year += *year < 70 ? 2000 : 1900;
    const std::chrono::year_month_day date = std::chrono::year(*year) / std::chrono::month(month) / std::chrono::day(*day);
    if (!date.ok()) return std::nullopt;
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return days * 86'400 + *time;
}

/// The pause in milliseconds that an answer asks for, at most retry_after_ms_max. Nothing where it asks for none, or says so in words
/// that HTTP does not know. `now_s`: seconds since the Unix epoch, by the server's own clock where the answer has a Date.
[[nodiscard]] constexpr std::optional<std::int64_t> read_retry_after(std::string_view value, std::int64_t now_s) noexcept {
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    std::int64_t seconds = 0;
    if (!value.empty() && std::ranges::all_of(value, is_digit)) {
        seconds = detail::read_digits<std::int64_t>(value, 9).value_or(retry_after_ms_max);
    } else {
        const std::optional<std::int64_t> date = read_http_date(value);
        if (!date) return std::nullopt;
        seconds = *date - now_s;
    }
    if (seconds <= 0) return std::nullopt;
    return std::min(seconds, retry_after_ms_max / 1'000) * 1'000;
}

}  // namespace syncline
