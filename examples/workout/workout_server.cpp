/// The workout tracker's server, to be tried with `workout_server --help`.
#include <server_shell.hpp>
#include <workout/schema.hpp>

int main(int count, char** words) {
    return shell::run_server_shell(count, words, workout_tracker::schema::view(),
                                   {.name = "workout_server", .description = "Brings the devices of a workout tracker's owners to the same rows."});
}
