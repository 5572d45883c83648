/// A first sync of a million rows into SQLite on disk: killed in the middle, resumed, and what memory it took above the store's own.
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <syncline/client/engine.hpp>
#include <syncline/client/repository.hpp>
#include <syncline/stores/sqlite.hpp>

#include "../shared/meter.hpp"
#include "generated_feed.hpp"

namespace {

using namespace benchmarks;

constexpr const char* help = R"(usage: scale [--rows N] [--dir DIR]

Pulls N rows (default 1,000,000) from a server that makes them up into a new SQLite file in DIR, in a process that is
killed with SIGKILL half-way; then resumes in a new process, checks that every row is there, and prints what it took.
DIR defaults to a new folder among the temporary files, which is removed at the end.
)";

struct options {
    std::size_t rows = 1'000'000;
    std::string dir;
};

[[noreturn]] void stop(const std::string& text, int code) {
    std::fprintf(stderr, "\nscale: %s\n", text.c_str());
    std::exit(code);
}

options read_options(int count, char** arguments) {
    options read;
    for (int i = 1; i < count; ++i) {
        const std::string name = arguments[i];
        if (name == "--help") {
            std::fputs(help, stdout);
            std::exit(0);
        }
        if (name != "--rows" && name != "--dir") stop("unknown option '" + name + "', see --help", 2);
        if (i + 1 == count) stop("'" + name + "' needs a value", 2);
        if (name == "--dir") read.dir = arguments[++i];
        else read.rows = static_cast<std::size_t>(std::max(1LL, std::atoll(arguments[++i])));
    }
    return read;
}

/// What one process did, sent to the parent through a pipe.
struct outcome {
    std::size_t rows = 0;
    std::size_t first_row = 0;
    std::size_t requests = 0;
    std::size_t bytes = 0;
    double ms = 0;
    std::int64_t peak_kib = 0;    ///< the process's memory above what it had before the sync
    std::int64_t sqlite_kib = 0;  ///< of these, SQLite's own at their highest
};

/// Syncs, and writes the number of rows pulled to `progress` after each page; -1 stands for an `outcome` that follows.
int sync_in_child(const std::string& file, std::size_t workouts, int progress) {
    syncline::sqlite_store store(file, ours::schema::view(), {.owner = "owner", .durability = syncline::sqlite_durability::normal});
    generated_feed server(workouts);
    syncline::engine_options chosen;
    chosen.observer = [&](const syncline::sync_progress& now) {
        const auto done = static_cast<std::int64_t>(now.done);
        if (write(progress, &done, sizeof done) != sizeof done) _exit(3);
    };
    syncline::engine sync(store, server, chosen);
    syncline::sync_report report;
    meter taken;
    taken.measure([&] { report = sync.sync(); });
    if (report.outcome != syncline::sync_outcome::complete) stop("the sync ended " + std::string(name_of(report.outcome)) + ": " + report.problem.message, 1);

    outcome result{0, server.first_row(), server.requests(), server.bytes(), taken.ms(), taken.peak_kib(), sqlite3_memory_highwater(0) / 1024};
    auto reading = store.begin_read();
    for (int table = 0; table < store.schema().size(); ++table) result.rows += store.count_rows(table);
    const std::int64_t mark = -1;
    return write(progress, &mark, sizeof mark) == sizeof mark && write(progress, &result, sizeof result) == sizeof result ? 0 : 1;
}

/// Runs one process on the file; kills it once it has pulled `kill_at` rows. True with its outcome when it came to the end.
bool run(const std::string& file, std::size_t workouts, std::size_t kill_at, outcome& result) {
    int ends[2];
    if (pipe(ends) != 0) stop("cannot make a pipe", 1);
    const pid_t child = fork();
    if (child < 0) stop("cannot start a process", 1);
    if (child == 0) {
        close(ends[0]);
        _exit(sync_in_child(file, workouts, ends[1]));
    }
    close(ends[1]);
    bool complete = false;
    std::int64_t done = 0;
    const auto start = std::chrono::steady_clock::now();
    const std::size_t all = generated_feed(workouts).rows();
    std::int64_t shown = -1;
    while (read(ends[0], &done, sizeof done) == sizeof done) {
        if (done < 0) {
            complete = read(ends[0], &result, sizeof result) == sizeof result;
            break;
        }
        if (done / 50'000 != shown) {
            shown = done / 50'000;
            const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            std::fprintf(stderr, "\r%zu of %zu rows, %.0f rows a second   ", static_cast<std::size_t>(done), all, static_cast<double>(done) / std::max(seconds, 0.001));
        }
        if (static_cast<std::size_t>(done) >= kill_at) {
            kill(child, SIGKILL);
            break;
        }
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    std::fputc('\n', stderr);
    return complete && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

int main(int count, char** arguments) {
    const options asked = read_options(count, arguments);
    const bool own_folder = asked.dir.empty();
    const std::filesystem::path folder =
        own_folder ? std::filesystem::temp_directory_path() / ("syncline-scale-" + std::to_string(getpid())) : std::filesystem::path(asked.dir);
    std::filesystem::create_directories(folder);
    const std::string file = (folder / "scale.db").string();
    for (const char* const suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file + suffix);

    const std::size_t workouts = std::max<std::size_t>(1, (asked.rows - std::min(asked.rows, exercise_count)) / rows_per_workout);
    const std::size_t all = generated_feed(workouts).rows();
    outcome result;
    if (run(file, workouts, all / 2, result)) stop("the sync was over before it could be killed: ask for more rows", 1);
    if (!run(file, workouts, all + 1, result)) stop("the resumed sync failed", 1);
    if (result.rows != all) stop(std::to_string(result.rows) + " rows are there instead of " + std::to_string(all), 1);
    if (result.first_row == 0) stop("the resumed sync began from the start", 1);

    const auto pulled = static_cast<double>(all - result.first_row);
    std::printf("first sync of %zu rows into SQLite on disk (WAL, NORMAL), killed at half, resumed at row %zu: every row is there\n", all, result.first_row);
    std::printf("  resumed part    %10.0f rows, %.1f s, %.0f rows a second, %zu requests, %.0f bytes a row\n", pulled, result.ms / 1000,
                pulled / (result.ms / 1000), result.requests, static_cast<double>(result.bytes) / pulled);
    std::printf("  peak memory     %10.1f MiB above the process before the sync, %.1f MiB of it SQLite's own\n", static_cast<double>(result.peak_kib) / 1024,
                static_cast<double>(result.sqlite_kib) / 1024);
    std::printf("  file            %10.1f MiB\n", static_cast<double>(std::filesystem::file_size(file)) / (1024 * 1024));
    if (own_folder) std::filesystem::remove_all(folder);
}
