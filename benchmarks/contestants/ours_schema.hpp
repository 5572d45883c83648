/// The measured rows as an application of syncline declares them, and their conversion to and from the contestants' common form.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <tuple>

#include <syncline/schema/schema.hpp>

#include "../shared/domain.hpp"

namespace benchmarks::ours {

using moment = std::chrono::sys_time<std::chrono::microseconds>;

struct exercise {
    syncline::id_of<exercise> id{};
    std::string name{};
    std::int64_t muscles = 0;
    std::string notes{};
};

struct workout {
    syncline::id_of<workout> id{};
    std::string name{};
    moment started_at{};
    std::int64_t minutes = 0;
    double body_kg = 0;
    std::string notes{};
};

struct workout_exercise {
    syncline::id_of<workout_exercise> id{};
    syncline::id_of<workout> workout_id{};
    syncline::id_of<exercise> exercise_id{};
    std::int64_t position = 0;
    std::int64_t rest_seconds = 0;
    std::string notes{};
};

struct workout_set {
    syncline::id_of<workout_set> id{};
    syncline::id_of<workout_exercise> workout_exercise_id{};
    std::string name{};
    std::int64_t position = 0;
    std::int64_t reps = 0;
    std::int64_t rest_seconds = 0;
    double weight_kg = 0;
    moment done_at{};
    std::string notes{};
};

using schema = syncline::schema<exercise, workout, workout_exercise, workout_set>;

template <class Entity>
[[nodiscard]] syncline::id_of<Entity> id_for(const id_text& id) {
    return syncline::id_of<Entity>(syncline::local_id::trusted(id.view()));
}
[[nodiscard]] inline moment moment_of(std::int64_t microseconds) { return moment(std::chrono::microseconds(microseconds)); }
[[nodiscard]] inline std::int64_t microseconds_of(moment when) { return when.time_since_epoch().count(); }

[[nodiscard]] inline exercise entity_of(const benchmarks::exercise& row) {
    return {id_for<exercise>(row.id), row.name, row.muscles, row.notes};
}
[[nodiscard]] inline workout entity_of(const benchmarks::workout& row) {
    return {id_for<workout>(row.id), row.name, moment_of(row.started_at), row.minutes, row.body_kg, row.notes};
}
[[nodiscard]] inline workout_exercise entity_of(const benchmarks::workout_exercise& row) {
    return {id_for<workout_exercise>(row.id),
            id_for<workout>(row.workout_id),
            id_for<exercise>(row.exercise_id),
            row.position,
            row.rest_seconds,
            row.notes};
}
[[nodiscard]] inline workout_set entity_of(const benchmarks::workout_set& row) {
    return {id_for<workout_set>(row.id),
            id_for<workout_exercise>(row.workout_exercise_id),
            row.name,
            row.position,
            row.reps,
            row.rest_seconds,
            row.weight_kg,
            moment_of(row.done_at),
            row.notes};
}

[[nodiscard]] inline benchmarks::exercise row_of(const exercise& entity) {
    return {id_text(entity.id.view()), entity.name, entity.muscles, entity.notes};
}
[[nodiscard]] inline benchmarks::workout row_of(const workout& entity) {
    return {
        id_text(entity.id.view()), entity.name, microseconds_of(entity.started_at), entity.minutes, entity.body_kg, entity.notes};
}
[[nodiscard]] inline benchmarks::workout_exercise row_of(const workout_exercise& entity) {
    return {id_text(entity.id.view()),
            id_text(entity.workout_id.view()),
            id_text(entity.exercise_id.view()),
            entity.position,
            entity.rest_seconds,
            entity.notes};
}
[[nodiscard]] inline benchmarks::workout_set row_of(const workout_set& entity) {
    return {id_text(entity.id.view()),
            id_text(entity.workout_exercise_id.view()),
            entity.name,
            entity.position,
            entity.reps,
            entity.rest_seconds,
            entity.weight_kg,
            microseconds_of(entity.done_at),
            entity.notes};
}

}  // namespace benchmarks::ours

template <>
struct syncline::entity_traits<benchmarks::ours::exercise> {
    using row = benchmarks::ours::exercise;
    static constexpr std::string_view table = "exercises";
    static constexpr auto key = &row::id;
    static constexpr auto fields =
        std::tuple{field("name", &row::name), field("muscles", &row::muscles), field("notes", &row::notes)};
};

template <>
struct syncline::entity_traits<benchmarks::ours::workout> {
    using row = benchmarks::ours::workout;
    static constexpr std::string_view table = "workouts";
    static constexpr auto key = &row::id;
    static constexpr auto fields =
        std::tuple{field("name", &row::name), field("startedAt", &row::started_at), field("minutes", &row::minutes),
                   field("bodyKg", &row::body_kg), field("notes", &row::notes)};
};

template <>
struct syncline::entity_traits<benchmarks::ours::workout_exercise> {
    using row = benchmarks::ours::workout_exercise;
    static constexpr std::string_view table = "workout_exercises";
    static constexpr auto key = &row::id;
    static constexpr auto fields =
        std::tuple{parent("workoutId", &row::workout_id), reference("exerciseId", &row::exercise_id),
                   field("position", &row::position), field("restSeconds", &row::rest_seconds), field("notes", &row::notes)};
};

template <>
struct syncline::entity_traits<benchmarks::ours::workout_set> {
    using row = benchmarks::ours::workout_set;
    static constexpr std::string_view table = "workout_sets";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{parent("workoutExerciseId", &row::workout_exercise_id),
                                              field("name", &row::name),
                                              field("position", &row::position),
                                              field("reps", &row::reps),
                                              field("restSeconds", &row::rest_seconds),
                                              field("weightKg", &row::weight_kg),
                                              field("doneAt", &row::done_at),
                                              field("notes", &row::notes)};
};
