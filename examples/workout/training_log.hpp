/// Reads a training log, a CSV file with one line a set, and writes it into a store as exercises, templates, workouts and sets.
#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <shell/csv.hpp>
#include <shell/importing.hpp>
#include <shell/moments.hpp>
#include <syncline/base/text.hpp>
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

template <class Number>
Number read_number(const std::string& text, std::string_view column) {
    Number value{};
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    if (!whole || !std::isfinite(static_cast<double>(value)))
        throw std::runtime_error("'" + text + "' is no number, in column " + std::string(column));
    return value;
}

/// A time such as 2024-01-08T19:50:28Z.
inline moment read_date(const std::string& text) {
    const auto microseconds = shell::parse_moment(text);
    if (!microseconds) throw std::runtime_error("'" + text + "' is no time such as 2024-01-08T19:50:28Z");
    return std::chrono::floor<std::chrono::seconds>(std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(*microseconds)));
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
            if (!shell::read_record(in, cells)) break;
            if (cells.size() != 9) throw std::runtime_error("a line needs 9 cells, this one has " + std::to_string(cells.size()));
            if (line == 1) {
                if (cells.front() != "date") throw std::runtime_error("the first line must name the columns, 'date' first");
                continue;
            }
            for (const std::string& cell : cells)
                if (!syncline::is_clean_utf8(cell)) throw std::runtime_error("text must be UTF-8 without NUL");
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

/// Writes the sets of logs. What a log shares with the rows there are, exercises and templates by name, is used; a workout of the
/// same start and name is there already, and its sets are passed over, so that importing a log twice is importing it once.
template <class Repository>
class log_writer {
public:
    explicit log_writer(Repository& rows) : rows_(rows) {
        for (const exercise& one : rows.template all<exercise>()) exercises_.emplace(one.name, one.id);
        for (const workout_template& one : rows.template all<workout_template>()) templates_.emplace(one.name, one.id);
        for (const workout& one : rows.template all<workout>()) known_.emplace(one.started_at, one.name);
    }

    void write(const logged_set& set) {
        const bool new_workout = previous_ == nullptr || previous_->date != set.date || previous_->workout != set.workout;
        const bool new_exercise = new_workout || previous_->exercise != set.exercise;
        previous_ = &set;
        if (new_workout) begin_workout(set);
        if (passing_over_) {
            ++passed_over_;
            return;
        }
        if (new_exercise) begin_exercise(set);
        rows_.create(workout_set{.workout_exercise_id = in_exercise_, .position = set.index, .reps = set.reps, .weight_kg = set.weight_kg, .rpe = set.rpe,
                                 .notes = set.notes});
        ++sets_;
    }

    [[nodiscard]] shell::import_counts counts() const {
        return {{"exercises", new_exercises_}, {"templates", new_templates_}, {"workouts", new_workouts_}, {"sets", sets_}, {"sets passed over", passed_over_}};
    }

private:
    void begin_workout(const logged_set& set) {
        passing_over_ = known_.contains({set.date, set.workout});
        if (passing_over_) return;
        const auto [plan, is_new] = templates_.try_emplace(set.workout);
        if (is_new) {
            plan->second = rows_.create(workout_template{.name = set.workout});
            ++new_templates_;
        }
        in_template_ = plan->second;
        in_workout_ = rows_.create(workout{.template_id = in_template_, .name = set.workout, .started_at = set.date});
        ++new_workouts_;
        place_ = 0;
    }

    void begin_exercise(const logged_set& set) {
        const auto [known, is_new] = exercises_.try_emplace(set.exercise);
        if (is_new) {
            known->second = rows_.create(exercise{.name = set.exercise, .muscles = set.muscles});
            ++new_exercises_;
        }
        const syncline::id_of<exercise> id = known->second;
        ++place_;
        in_exercise_ = rows_.create(workout_exercise{.workout_id = in_workout_, .exercise_id = id, .position = place_});
        const auto planned = rows_.template children<template_exercise>(in_template_);
        if (std::ranges::none_of(planned, [&](const template_exercise& one) { return one.exercise_id == id; }))
            rows_.create(template_exercise{.template_id = in_template_, .exercise_id = id, .position = place_});
    }

    Repository& rows_;
    std::map<std::string, syncline::id_of<exercise>> exercises_;
    std::map<std::string, syncline::id_of<workout_template>> templates_;
    std::set<std::pair<moment, std::string>> known_;  ///< workouts from before the import
    const logged_set* previous_ = nullptr;
    syncline::id_of<workout_template> in_template_;
    syncline::id_of<workout> in_workout_;
    syncline::id_of<workout_exercise> in_exercise_;
    int place_ = 0;
    bool passing_over_ = false;
    std::size_t new_exercises_ = 0, new_templates_ = 0, new_workouts_ = 0, sets_ = 0, passed_over_ = 0;
};

/// Writes a log's sets in the log's order, all in one transaction: a workout for each date, a template for each name of a workout.
template <class Repository>
shell::import_counts import_training_log(Repository& rows, const std::string& path, const shell::import_progress& progress) {
    const std::vector<logged_set> log = read_training_log(path);
    shell::import_counts counts;
    rows.transaction([&] {
        log_writer<Repository> writer(rows);
        for (std::size_t i = 0; i < log.size(); ++i) {
            writer.write(log[i]);
            progress(i + 1, log.size());
        }
        counts = writer.counts();
    });
    return counts;
}

}  // namespace workout_tracker
