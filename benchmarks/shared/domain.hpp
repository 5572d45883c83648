/// The rows that everything is measured on: 50 exercises, and workouts of 26 rows each, made from a seed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace benchmarks {

/// An id of at most 36 characters held in place: a UUID made on a device, or an id that a server gave.
class id_text {
public:
    constexpr id_text() noexcept = default;
    explicit id_text(std::string_view text) noexcept : size_(static_cast<std::uint8_t>(text.size() < 36 ? text.size() : 36)) {
        std::memcpy(text_, text.data(), size_);
    }

    [[nodiscard]] std::string_view view() const noexcept { return {text_, size_}; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    friend bool operator==(const id_text& a, const id_text& b) noexcept { return a.view() == b.view(); }
    friend bool operator<(const id_text& a, const id_text& b) noexcept { return a.view() < b.view(); }

private:
    char text_[36] = {};
    std::uint8_t size_ = 0;
};

/// The random part of both kinds of id is at their end.
struct id_hash {
    [[nodiscard]] std::size_t operator()(const id_text& id) const noexcept {
        std::uint64_t high = 0, low = 0;
        const std::string_view text = id.view();
        if (text.size() < 16) return std::hash<std::string_view>{}(text);
        std::memcpy(&high, text.data() + text.size() - 16, 8);
        std::memcpy(&low, text.data() + text.size() - 8, 8);
        return static_cast<std::size_t>(high * 0x9E3779B97F4A7C15u ^ low);
    }
};

struct exercise {
    id_text id;
    std::string name;
    std::int64_t muscles = 0;
    std::string notes;
};

struct workout {
    id_text id;
    std::string name;
    std::int64_t started_at = 0;  ///< microseconds since the Unix epoch
    std::int64_t minutes = 0;
    double body_kg = 0;
    std::string notes;
};

struct workout_exercise {
    id_text id;
    id_text workout_id;
    id_text exercise_id;
    std::int64_t position = 0;
    std::int64_t rest_seconds = 0;
    std::string notes;
};

struct workout_set {
    id_text id;
    id_text workout_exercise_id;
    std::string name;
    std::int64_t position = 0;
    std::int64_t reps = 0;
    std::int64_t rest_seconds = 0;
    double weight_kg = 0;
    std::int64_t done_at = 0;  ///< microseconds since the Unix epoch
    std::string notes;
};

/// Every table's rows in the order of their ids, or of their making, which is the same for ids that ascend; tables in the order in which foreign keys can be met.
using dataset = std::tuple<std::vector<exercise>, std::vector<workout>, std::vector<workout_exercise>, std::vector<workout_set>>;

template <class Row, class Data>
[[nodiscard]] auto& rows_of(Data& data) noexcept {
    return std::get<std::vector<Row>>(data);
}

inline constexpr std::size_t exercise_count = 50;
inline constexpr std::size_t exercises_per_workout = 5;
inline constexpr std::size_t sets_per_exercise = 4;
inline constexpr std::size_t rows_per_workout = 1 + exercises_per_workout * (1 + sets_per_exercise);

/// Calls `visit(row, ordinal)` for every row but the exercises, in the order in which a person makes them; ordinals count from 0.
template <class Data, class Visit>
void for_each_logged_row(Data& data, Visit&& visit) {
    std::size_t ordinal = 0, part = 0, set = 0;
    for (auto& day : rows_of<workout>(data)) {
        visit(day, ordinal++);
        for (std::size_t e = 0; e < exercises_per_workout; ++e) {
            visit(rows_of<workout_exercise>(data)[part++], ordinal++);
            for (std::size_t s = 0; s < sets_per_exercise; ++s) visit(rows_of<workout_set>(data)[set++], ordinal++);
        }
    }
}

/// Calls `visit(rows)` for each table's vector, parents first.
template <class Data, class Visit>
void for_each_table(Data& data, Visit&& visit) {
    std::apply([&](auto&... rows) { (visit(rows), ...); }, data);
}

/// SplitMix64 (Steele, Lea, Flood 2014).
class random_numbers {
public:
    explicit random_numbers(std::uint64_t seed) noexcept : state_(seed) {}

    [[nodiscard]] std::uint64_t next() noexcept {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15u;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }

private:
    std::uint64_t state_;
};

/// `time_ordered`: UUIDs of version 7, one for each millisecond, so that they ascend like those of a person's devices.
/// `random`: UUIDs of version 4, as most existing backends make them.
enum class id_kind : std::uint8_t { time_ordered, random };
inline constexpr std::array<std::string_view, 2> id_kind_names{"time-ordered", "random"};

class id_source {
public:
    explicit id_source(std::uint64_t seed, id_kind kind = id_kind::time_ordered) noexcept : random_(seed), kind_(kind) {}

    [[nodiscard]] id_text next() noexcept {
        constexpr char digits[] = "0123456789abcdef";
        const std::uint64_t high = kind_ == id_kind::time_ordered ? (++now_ms_ << 16) | 0x7000u | (random_.next() & 0x0FFFu)
                                                                  : (random_.next() & ~std::uint64_t{0xF000}) | 0x4000u;
        const std::uint64_t low = (random_.next() >> 2) | 0x8000000000000000u;
        char text[36];
        std::size_t at = 0;
        for (unsigned nibble = 0; nibble < 32; ++nibble) {
            if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) text[at++] = '-';
            text[at++] = digits[((nibble < 16 ? high : low) >> (60 - 4 * (nibble % 16))) & 0xFu];
        }
        return id_text({text, sizeof text});
    }

private:
    random_numbers random_;
    id_kind kind_;
    std::uint64_t now_ms_ = 1'763'000'000'000;
};

/// `start` and then `number`, zeros between them, in 20 characters.
[[nodiscard]] inline std::string twenty_characters(std::string_view start, std::size_t number) {
    const std::string digits = std::to_string(number);
    std::string text(start);
    if (text.size() + digits.size() < 20) text.append(20 - text.size() - digits.size(), '0');
    return text += digits;
}

/// `workouts` workouts and the exercises they use; the same for the same seed, everywhere.
[[nodiscard]] inline dataset make_dataset(std::size_t workouts, std::uint64_t seed, id_kind kind) {
    dataset data;
    id_source ids(seed, kind);
    auto& [exercises, days, parts, sets] = data;
    for (std::size_t i = 0; i < exercise_count; ++i)
        exercises.push_back(
            {ids.next(), twenty_characters("exercise ", i), static_cast<std::int64_t>(i % 7), "keep your back level"});
    for (std::size_t w = 0; w < workouts; ++w) {
        const auto second = static_cast<std::int64_t>(1'600'000'000 + 7'200 * w);
        days.push_back({ids.next(), twenty_characters("workout ", w), second * 1'000'000, static_cast<std::int64_t>(40 + w % 50),
                        70.0 + 0.25 * static_cast<double>(w % 40), "slept well, felt ok."});
        for (std::size_t e = 0; e < exercises_per_workout; ++e) {
            parts.push_back({ids.next(), days.back().id, exercises[(w + e) % exercise_count].id, static_cast<std::int64_t>(e), 120,
                             twenty_characters("station ", 10 * w + e)});
            for (std::size_t s = 0; s < sets_per_exercise; ++s)
                sets.push_back({ids.next(), parts.back().id, twenty_characters("working set ", s), static_cast<std::int64_t>(s),
                                static_cast<std::int64_t>(5 + s), 90, 60.0 + 2.5 * static_cast<double>((w + s) % 30),
                                (second + static_cast<std::int64_t>(60 * (10 * e + 2 * s))) * 1'000'000, "one of the good sets"});
        }
    }
    return data;
}

/// The two edits that two devices make of the same row: each changes one field, and not the same.
enum class edit_kind : std::uint8_t { notes, number };

template <class Row>
[[nodiscard]] auto& number_of(Row& row) noexcept {
    if constexpr (requires { row.minutes; })
        return row.minutes;
    else
        return row.rest_seconds;
}

template <class Row>
void make_edit(Row& row, edit_kind kind, std::size_t ordinal) {
    if (kind == edit_kind::notes)
        row.notes = twenty_characters("edited ", ordinal);
    else
        number_of(row) = static_cast<std::int64_t>(200 + ordinal % 700);
}

}  // namespace benchmarks
