/// Milliseconds for the first push of 10,400 rows (W1) and the first pull of 104,000 rows (W2), in process, median of the rounds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <syncline/backends/sqlite.hpp>
#include <syncline/stores/sqlite.hpp>
#include <syncline/syncline.hpp>

#include "workload.hpp"

namespace {

using namespace syncline;
using tracker = workout_tracker::schema;

struct token_check {
    std::optional<std::string> operator()(const std::string&) const { return "owner"; }
};

double milliseconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

/// One round over a memory backend: `make(name)` gives a new, empty store.
template <class Make>
void measure(const char* title, int rounds, int workouts, Make make) {
    std::vector<double> local, push, pull;
    for (int round = 0; round < rounds; ++round) {
        memory_backend database(tracker::view());
        service server(database);
        router routes(server, token_check());
        in_process_transport link(routes, "t");
        auto phone = make("phone" + std::to_string(round));
        auto tablet = make("tablet" + std::to_string(round));
        repository<tracker, typename decltype(phone)::element_type> rows(*phone);
        const auto writing = std::chrono::steady_clock::now();
        benchmarks::write_workouts(rows, workouts);
        local.push_back(milliseconds_since(writing));

        engine phone_sync(*phone, link), tablet_sync(*tablet, link);
        const auto pushing = std::chrono::steady_clock::now();
        const sync_report pushed = phone_sync.sync();
        push.push_back(milliseconds_since(pushing));
        const auto pulling = std::chrono::steady_clock::now();
        const sync_report pulled = tablet_sync.sync();
        pull.push_back(milliseconds_since(pulling));
        if (pushed.total().pushed != pulled.total().pulled || pushed.outcome != sync_outcome::complete) {
            std::fprintf(stderr, "%s: the replicas differ (%zu pushed, %zu pulled)\n", title, pushed.total().pushed, pulled.total().pulled);
            std::exit(1);
        }
    }
    std::printf("%-16s %8d rows   local writes %8.0f ms   push %8.0f ms   first pull %8.0f ms\n", title, workouts * 26 + 50, median(local),
                median(push), median(pull));
    std::fflush(stdout);
}

}  // namespace

int main(int count, char** arguments) {
    const int rounds = count > 1 ? std::max(1, std::atoi(arguments[1])) : 3;
    const std::string folder = (std::filesystem::temp_directory_path() / "syncline-benchmark").string();
    for (const int workouts : {400, 4'000}) {
        measure("memory", rounds, workouts, [](const std::string&) { return std::make_unique<memory_store>(tracker::view()); });
        measure("sqlite-memory", rounds, workouts, [](const std::string&) { return std::make_unique<sqlite_store>(":memory:", tracker::view()); });
        measure("sqlite-disk", rounds, workouts, [&](const std::string& name) {
            std::filesystem::create_directories(folder);
            for (const char* const suffix : {"", "-wal", "-shm"}) std::filesystem::remove(folder + "/" + name + suffix);
            return std::make_unique<sqlite_store>(folder + "/" + name, tracker::view(), sqlite_options{.owner = {}, .durability = sqlite_durability::normal});
        });
    }
    std::filesystem::remove_all(folder);
}
