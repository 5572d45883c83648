/// The workout tracker's command line, to be tried with `workout --help`.
#include <shell.hpp>
#include <workout/schema.hpp>
#include <workout/training_log.hpp>

int main(int count, char** words) {
    using workout_tracker::schema;
    return shell::run_shell<schema>(
        count, words,
        {.texts = {.name = "workout",
                   .description = "A workout tracker that works offline and syncs.",
                   .import_form = "a training log, date,workout,exercise,muscle_group,set_index,reps,weight_kg,rpe,notes"},
         .import_file = workout_tracker::import_training_log<shell::shell_options<schema>::repository>});
}
