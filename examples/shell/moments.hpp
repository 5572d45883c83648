/// Points in time as ISO 8601 text, in UTC, and back.
#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace shell {

namespace detail {

/// `size` digits from the front of `text`, which loses them.
[[nodiscard]] inline std::optional<int> take_digits(std::string_view& text, std::size_t size) {
    int number = 0;
    if (text.size() < size || std::from_chars(text.data(), text.data() + size, number).ptr != text.data() + size || text.front() == '-')
        return std::nullopt;
    text.remove_prefix(size);
    return number;
}

[[nodiscard]] inline bool take(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

/// "Z", "+HH:MM" or "-HH:MM", in minutes to the east.
[[nodiscard]] inline std::optional<int> take_zone(std::string_view& text) {
    if (take(text, 'Z')) return 0;
    const bool west = take(text, '-');
    if (!west && !take(text, '+')) return std::nullopt;
    const auto hours = take_digits(text, 2);
    if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
    const auto minutes = take_digits(text, 2);
    if (!minutes || *minutes > 59) return std::nullopt;
    return (west ? -1 : 1) * (*hours * 60 + *minutes);
}

/// Up to six digits behind a point, as microseconds.
[[nodiscard]] inline std::optional<std::int64_t> take_fraction(std::string_view& text) {
    if (!take(text, '.')) return 0;
    std::int64_t fraction = 0;
    std::size_t digits = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++digits)
        if (digits < 6) fraction = fraction * 10 + (text.front() - '0');
    if (digits == 0) return std::nullopt;
    for (; digits < 6; ++digits) fraction *= 10;
    return fraction;
}

}  // namespace detail

/// Microseconds since the epoch of 2024-01-08, 2024-01-08T19:50:28Z, or with a fraction or another zone; nothing for other text.
[[nodiscard]] inline std::optional<std::int64_t> parse_moment(std::string_view text) {
    using namespace std::chrono;
    const auto year_number = detail::take_digits(text, 4);
    if (!year_number || !detail::take(text, '-')) return std::nullopt;
    const auto month_number = detail::take_digits(text, 2);
    if (!month_number || !detail::take(text, '-')) return std::nullopt;
    const auto day_number = detail::take_digits(text, 2);
    if (!day_number) return std::nullopt;
    const year_month_day date{year(*year_number), month(static_cast<unsigned>(*month_number)), day(static_cast<unsigned>(*day_number))};
    if (!date.ok()) return std::nullopt;
    const std::int64_t midnight = duration_cast<microseconds>(sys_days(date).time_since_epoch()).count();
    if (text.empty()) return midnight;

    if (!detail::take(text, 'T')) return std::nullopt;
    const auto hour_number = detail::take_digits(text, 2);
    if (!hour_number || *hour_number > 23 || !detail::take(text, ':')) return std::nullopt;
    const auto minute_number = detail::take_digits(text, 2);
    if (!minute_number || *minute_number > 59 || !detail::take(text, ':')) return std::nullopt;
    const auto second_number = detail::take_digits(text, 2);
    if (!second_number || *second_number > 59) return std::nullopt;
    const auto fraction = detail::take_fraction(text);
    if (!fraction) return std::nullopt;
    const auto zone = detail::take_zone(text);
    if (!zone || !text.empty()) return std::nullopt;
    const std::int64_t seconds_of_day = *hour_number * 3600 + (*minute_number - *zone) * 60 + *second_number;
    return midnight + seconds_of_day * 1'000'000 + *fraction;
}

/// What parse_moment reads; microseconds since the epoch as a number for years outside of 0 to 9999.
[[nodiscard]] inline std::string format_moment(std::int64_t microseconds_since_epoch) {
    using namespace std::chrono;
    const sys_time<microseconds> moment{microseconds(microseconds_since_epoch)};
    constexpr sys_days first = year(0) / 1 / 1, last = year(9999) / 12 / 31;
    if (moment < first || moment >= last + days(1)) return std::to_string(microseconds_since_epoch);
    const auto day_start = floor<days>(moment);
    const year_month_day date(day_start);
    const hh_mm_ss time(moment - day_start);
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    std::string result = text;
    if (const auto fraction = time.subseconds().count(); fraction != 0) {
        std::snprintf(text, sizeof text, ".%06d", static_cast<int>(fraction));
        result += text;
        while (result.back() == '0') result.pop_back();
    }
    return result + 'Z';
}

}  // namespace shell
