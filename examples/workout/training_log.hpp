/// Reads a training log, a CSV file with one line a set, and writes it into a store as exercises, templates, workouts and sets.
#pragma once

#include <charconv>
#include <chrono>
#include <fstream>
#include <istream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/client/repository.hpp>
#include <workout/schema.hpp>

namespace workout_tracker {

/// One set as the log has it.
struct logged_set {
    moment date{};
    std::string workout;
    std::string exercise;
    muscle_group muscles = muscle_group::other;
    int index = 0;
    int reps = 0;
    double weight_kg = 0;
    std::optional<double> rpe;
    std::string notes;
};

namespace detail {

/// The cells of the next record (RFC 4180: quoted cells may hold commas, quotes and line ends); false at the end.
inline bool read_record(std::istream& in, std::vector<std::string>& cells) {
    cells.clear();
    std::string cell;
    bool quoted = false, any = false;
    for (char c; in.get(c);) {
        any = true;
        if (quoted) {
            if (c != '"') cell += c;
            else if (in.peek() == '"') cell += static_cast<char>(in.get());
            else quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            cells.push_back(std::move(cell));
            cell.clear();
        } else if (c == '\n') {
            break;
        } else if (c != '\r') {
            cell += c;
        }
    }
    if (quoted) throw std::runtime_error("a quoted cell has no end");
    if (any) cells.push_back(std::move(cell));
    return any;
}

template <class Number>
Number read_number(const std::string& text, std::string_view column) {
    Number value{};
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
        throw std::runtime_error("'" + text + "' is no number, in column " + std::string(column));
    return value;
}

/// A date such as 2024-01-08T19:50:28Z.
inline moment read_date(const std::string& text) {
    if (text.size() != 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != 'Z')
        throw std::runtime_error("'" + text + "' is no date such as 2024-01-08T19:50:28Z");
    const auto part = [&](std::size_t at, std::size_t size) { return read_number<unsigned>(text.substr(at, size), "date"); };
    const std::chrono::year_month_day day{std::chrono::year(static_cast<int>(part(0, 4))), std::chrono::month(part(5, 2)), std::chrono::day(part(8, 2))};
    if (!day.ok()) throw std::runtime_error("'" + text + "' is no day of the calendar");
    return std::chrono::sys_days(day) + std::chrono::hours(part(11, 2)) + std::chrono::minutes(part(14, 2)) + std::chrono::seconds(part(17, 2));
}

inline muscle_group read_muscles(std::string_view text) {
    constexpr std::string_view names[] = {"other", "chest", "back", "legs", "shoulders", "arms", "core"};
    for (std::size_t i = 0; i < std::size(names); ++i)
        if (names[i] == text) return static_cast<muscle_group>(i);
    return muscle_group::other;
}

}  // namespace detail

/// All sets of a log. Throws std::runtime_error, with the line, for what is no training log.
[[nodiscard]] inline std::vector<logged_set> read_training_log(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot open " + path);
    std::vector<logged_set> sets;
    std::vector<std::string> cells;
    for (int line = 1; ; ++line) {
        try {
            if (!detail::read_record(in, cells)) break;
            if (cells.size() != 9) throw std::runtime_error("a line needs 9 cells, this one has " + std::to_string(cells.size()));
            if (line == 1) {
                if (cells.front() != "date") throw std::runtime_error("the first line must name the columns, 'date' first");
                continue;
            }
            logged_set set;
            set.date = detail::read_date(cells[0]);
            set.workout = cells[1];
            set.exercise = cells[2];
            set.muscles = detail::read_muscles(cells[3]);
            set.index = detail::read_number<int>(cells[4], "set_index");
            set.reps = detail::read_number<int>(cells[5], "reps");
            set.weight_kg = detail::read_number<double>(cells[6], "weight_kg");
            if (!cells[7].empty()) set.rpe = detail::read_number<double>(cells[7], "rpe");
            set.notes = cells[8];
            sets.push_back(std::move(set));
        } catch (const std::runtime_error& problem) {
            throw std::runtime_error(path + ", record " + std::to_string(line) + ": " + problem.what());
        }
    }
    return sets;
}

struct import_counts {
    std::size_t exercises = 0, templates = 0, workouts = 0, sets = 0;
};

/// Writes a log's sets, in the log's order, in one transaction: a workout for each date, a template for each name of a workout.
template <class Repository>
import_counts import_training_log(Repository& rows, const std::vector<logged_set>& log) {
    import_counts counts;
    std::map<std::string, syncline::id_of<exercise>> exercises;
    std::map<std::string, syncline::id_of<workout_template>> templates;
    rows.transaction([&] {
        syncline::id_of<workout> current_workout;
        syncline::id_of<workout_exercise> current_exercise;
        const logged_set* previous = nullptr;
        int place = 0;
        for (const logged_set& set : log) {
            const bool new_workout = previous == nullptr || previous->date != set.date || previous->workout != set.workout;
            const bool new_exercise = new_workout || previous->exercise != set.exercise;
            const bool new_template = templates.try_emplace(set.workout).second;
            if (new_template) {
                templates[set.workout] = rows.create(workout_template{.name = set.workout});
                ++counts.templates;
            }
            if (exercises.try_emplace(set.exercise).second) {
                exercises[set.exercise] = rows.create(exercise{.name = set.exercise, .muscles = set.muscles});
                ++counts.exercises;
            }
            if (new_workout) {
                current_workout = rows.create(workout{.template_id = templates[set.workout], .name = set.workout, .started_at = set.date});
                ++counts.workouts;
                place = 0;
            }
            if (new_exercise) {
                ++place;
                current_exercise = rows.create(workout_exercise{.workout_id = current_workout, .exercise_id = exercises[set.exercise], .position = place});
                const auto planned = rows.template children<template_exercise>(templates[set.workout]);
                bool is_planned = false;
                for (const template_exercise& one : planned) is_planned = is_planned || one.exercise_id == exercises[set.exercise];
                if (!is_planned)
                    rows.create(template_exercise{.template_id = templates[set.workout], .exercise_id = exercises[set.exercise], .position = place});
            }
            rows.create(workout_set{.workout_exercise_id = current_exercise, .position = set.index, .reps = set.reps, .weight_kg = set.weight_kg,
                                    .rpe = set.rpe, .notes = set.notes});
            ++counts.sets;
            previous = &set;
        }
    });
    return counts;
}

}  // namespace workout_tracker
