/// Workouts to sync: rows in few words.
#pragma once

#include <string_view>

#include <integration/support/world.hpp>

namespace syncline::tests {

using workout_tracker::exercise;
using workout_tracker::template_exercise;
using workout_tracker::workout;
using workout_tracker::workout_exercise;
using workout_tracker::workout_set;
using workout_tracker::workout_template;

inline exercise an_exercise(std::string_view name = "e1", std::string_view title = "squat") {
    return {.id = id<exercise>(name), .name = std::string(title)};
}
inline workout_template a_template(std::string_view name = "t1") { return {.id = id<workout_template>(name), .name = "plan"}; }
inline template_exercise a_template_exercise(std::string_view name = "te1", std::string_view of = "t1", std::string_view does = "e1") {
    return {.id = id<template_exercise>(name), .template_id = id<workout_template>(of), .exercise_id = id<exercise>(does)};
}
inline workout a_workout(std::string_view name = "w1", std::string_view title = "monday") {
    return {.id = id<workout>(name), .name = std::string(title)};
}
inline workout_exercise a_workout_exercise(std::string_view name = "we1", std::string_view of = "w1", std::string_view does = "e1") {
    return {.id = id<workout_exercise>(name), .workout_id = id<workout>(of), .exercise_id = id<exercise>(does)};
}
inline workout_set a_set(std::string_view name = "s1", std::string_view of = "we1", int reps = 5) {
    return {.id = id<workout_set>(name), .workout_exercise_id = id<workout_exercise>(of), .reps = reps, .weight_kg = 62.5};
}

/// One row of each entity, children before their parents.
template <class Device>
void write_in_worst_order(Device& one) {
    one->transaction([&] {
        one->create(a_set());
        one->create(a_workout_exercise());
        one->create(a_template_exercise());
        workout planned = a_workout();
        planned.template_id = id<workout_template>("t1");
        one->create(planned);
        one->create(a_template());
        one->create(an_exercise());
    });
}

/// Syncs one row of each entity from the first device to the second.
template <class Device>
void share_one_of_each(Device& first, Device& second) {
    write_in_worst_order(first);
    first.sync();
    second.sync();
    REQUIRE(second.list().size() == 6);
}

}  // namespace syncline::tests
