/// The workout tracker's entities: exercises and templates to plan with, workouts with their exercises and sets to log.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include <syncline/base/ids.hpp>
#include <syncline/schema/schema.hpp>

namespace workout_tracker {

using moment = std::chrono::sys_time<std::chrono::seconds>;

enum class muscle_group : std::uint8_t { other, chest, back, legs, shoulders, arms, core };

struct exercise {
    syncline::id_of<exercise> id{};
    std::string name{};
    muscle_group muscles = muscle_group::other;
    std::string notes{};
};

/// A plan for a workout.
struct workout_template {
    syncline::id_of<workout_template> id{};
    std::string name{};
};

struct template_exercise {
    syncline::id_of<template_exercise> id{};
    syncline::id_of<workout_template> template_id{};
    syncline::id_of<exercise> exercise_id{};
    std::int32_t position = 0;
    std::int32_t target_sets = 3;
};

struct workout {
    syncline::id_of<workout> id{};
    std::optional<syncline::id_of<workout_template>> template_id{};
    std::string name{};
    moment started_at{};
    std::string notes{};
};

struct workout_exercise {
    syncline::id_of<workout_exercise> id{};
    syncline::id_of<workout> workout_id{};
    syncline::id_of<exercise> exercise_id{};
    std::int32_t position = 0;
};

struct workout_set {
    syncline::id_of<workout_set> id{};
    syncline::id_of<workout_exercise> workout_exercise_id{};
    std::int32_t position = 0;
    std::int32_t reps = 0;
    double weight_kg = 0;
    std::optional<double> rpe{};  ///< rate of perceived exertion, 1 to 10
    std::string notes{};
};

}  // namespace workout_tracker

template <>
struct syncline::entity_traits<workout_tracker::exercise> {
    using row = workout_tracker::exercise;
    static constexpr std::string_view table = "exercises";
    static constexpr auto key = &row::id;
    static constexpr auto fields =
        std::tuple{field("name", &row::name), field("muscles", &row::muscles), field("notes", &row::notes)};
};

template <>
struct syncline::entity_traits<workout_tracker::workout_template> {
    using row = workout_tracker::workout_template;
    static constexpr std::string_view table = "templates";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{field("name", &row::name)};
};

template <>
struct syncline::entity_traits<workout_tracker::template_exercise> {
    using row = workout_tracker::template_exercise;
    static constexpr std::string_view table = "template_exercises";
    static constexpr auto key = &row::id;
    static constexpr auto fields =
        std::tuple{parent("templateId", &row::template_id), reference("exerciseId", &row::exercise_id),
                   field("position", &row::position), field("targetSets", &row::target_sets)};
};

template <>
struct syncline::entity_traits<workout_tracker::workout> {
    using row = workout_tracker::workout;
    static constexpr std::string_view table = "workouts";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{reference("templateId", &row::template_id), field("name", &row::name),
                                              field("startedAt", &row::started_at), field("notes", &row::notes)};
};

template <>
struct syncline::entity_traits<workout_tracker::workout_exercise> {
    using row = workout_tracker::workout_exercise;
    static constexpr std::string_view table = "workout_exercises";
    static constexpr auto key = &row::id;
    static constexpr auto fields =
        std::tuple{parent("workoutId", &row::workout_id), reference("exerciseId", &row::exercise_id), field("position", &row::position)};
};

template <>
struct syncline::entity_traits<workout_tracker::workout_set> {
    using row = workout_tracker::workout_set;
    static constexpr std::string_view table = "workout_sets";
    static constexpr auto key = &row::id;
    static constexpr auto fields =
        std::tuple{parent("workoutExerciseId", &row::workout_exercise_id), field("position", &row::position), field("reps", &row::reps),
                   field("weightKg", &row::weight_kg), field("rpe", &row::rpe), field("notes", &row::notes)};
};

namespace workout_tracker {

/// In any order: the compiler finds the push order.
using schema = syncline::schema<workout_set, workout_exercise, workout, template_exercise, workout_template, exercise>;

}  // namespace workout_tracker
