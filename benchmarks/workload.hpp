/// The work that everything is measured on: workouts of 26 rows each, written through a repository.
#pragma once

#include <string>
#include <vector>

#include <syncline/client/repository.hpp>
#include <workout/schema.hpp>

namespace syncline::benchmarks {

/// Writes 50 exercises (once) and `workouts` workouts, each with 5 exercises of 4 sets; 26 rows a workout. One transaction.
template <class Repository>
void write_workouts(Repository& rows, int workouts) {
    using namespace workout_tracker;
    rows.transaction([&] {
        std::vector<id_of<exercise>> exercises;
        for (int i = 0; i < 50; ++i)
            exercises.push_back(rows.create(exercise{.name = "exercise number " + std::to_string(i), .notes = "keep the back straight"}));
        for (int w = 0; w < workouts; ++w) {
            const auto day = rows.create(workout{.name = "workout number " + std::to_string(w),
                                                 .started_at = moment(std::chrono::seconds(1'700'000'000 + 86'400 * w)),
                                                 .notes = "felt strong all day"});
            for (int e = 0; e < 5; ++e) {
                const auto part = rows.create(
                    workout_exercise{.workout_id = day, .exercise_id = exercises[static_cast<std::size_t>((w + e) % 50)], .position = e});
                for (int s = 0; s < 4; ++s)
                    rows.create(workout_set{.workout_exercise_id = part, .position = s, .reps = 5 + s, .weight_kg = 60.0 + 2.5 * s,
                                            .notes = "one of the good sets"});
            }
        }
    });
}

}  // namespace syncline::benchmarks
