/// Kills a server and three devices with SIGKILL, over and over, at random moments, and then looks whether anything was lost.
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>

#include <kill/journal.hpp>
#include <kill/process.hpp>
#include <kill/server_history.hpp>
#include <kill/verdict.hpp>
#include <syncline/backends/sqlite.hpp>
#include <syncline/base/random.hpp>
#include <syncline/stores/sqlite.hpp>
#include <workout/schema.hpp>

namespace {

using namespace kill_nine;
using workout_tracker::schema;

struct settings {
    std::string server_program, device_program, folder;
    std::size_t kills = 200;
    std::uint64_t seed = 0;
    int pause_ms_max = 30;
    int lease_ms = 50;
};

void pause_ms(std::uint64_t milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

/// A device's files and its present life.
struct device {
    std::string name, owner, token;
    child process;
    std::size_t kills = 0;
};

class trial {
public:
    explicit trial(const settings& given) : given_(given), random_(given.seed) {
        devices_.push_back({"phone", "ann", "token-of-ann", {}});
        devices_.push_back({"tablet", "ann", "token-of-ann", {}});
        devices_.push_back({"bobs-phone", "bob", "token-of-bob", {}});
    }

    /// Every sentence of what broke; none when all promises held.
    complaints run() {
        start_server();
        record_history(path("server.db"), schema::view());
        for (device& one : devices_) start(one, "work");
        const auto began = std::chrono::steady_clock::now();
        for (std::size_t done = 0; done < given_.kills && problems_.empty(); ++done) {
            pause_ms(random_.below(static_cast<std::uint64_t>(given_.pause_ms_max) + 1));
            kill_somebody();
            if ((done + 1) % 500 == 0) std::printf("%zu of %zu kills\n", done + 1, given_.kills), std::fflush(stdout);
        }
        for (device& one : devices_) stop(one);
        if (problems_.empty()) settle();
        if (problems_.empty()) judge();
        report(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
        return problems_;
    }

private:
    [[nodiscard]] std::string path(const std::string& file) const { return given_.folder + "/" + file; }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

    void complain(const std::string& text) { problems_.push_back(text); }
    void complain(const complaints& more) { problems_.insert(problems_.end(), more.begin(), more.end()); }

    [[nodiscard]] child launch_server() const {
        return child::start({given_.server_program, "--db", path("server.db"), "--port", std::to_string(port_), "--token", "token-of-ann=ann", "--token",
                             "token-of-bob=bob"});
    }

    /// On a port outside of those that the system gives to connections: a device that calls while the server is away could otherwise
    /// get its own port as the server's, and then be connected to itself.
    void start_server() {
        for (int tries = 0; tries < 50; ++tries) {
            if (port_ == 0) port_ = static_cast<int>(10'240 + random_.below(20'000));
            server_ = launch_server();
            // It may as well die while it opens the file that its former life left behind.
            if (is_made_ && random_.chance(1, 8)) {
                pause_ms(random_.below(12));
                server_.kill();
                ++server_kills_;
                continue;
            }
            if (server_.read_line() == "listening on " + url()) {
                is_made_ = true;
                return;
            }
            server_.kill();
            if (!is_made_) port_ = 0;
            else pause_ms(20);
        }
        throw std::runtime_error("the server does not start any more");
    }

    void start(device& one, const std::string& task) {
        ++lives_;
        one.process = child::start({given_.device_program, path(one.name + ".db"), path(one.name + ".journal"), url(), one.token, one.owner,
                                    std::to_string(random_.next()), std::to_string(lives_), std::to_string(given_.lease_ms), task});
    }

    void stop(device& one) {
        if (const auto status = one.process.has_ended()) complain(one.name + " ended by itself, with status " + std::to_string(*status));
        else one.process.kill();
    }

    void kill_somebody() {
        const std::uint64_t victim = random_.below(devices_.size() + 1);
        if (victim == devices_.size()) {
            server_.kill();
            ++server_kills_;
            if (random_.chance(1, 2)) pause_ms(random_.below(20));
            start_server();
            return;
        }
        device& one = devices_[victim];
        stop(one);
        ++one.kills;
        start(one, "work");
    }

    /// Twice round: what the last device sends, the first one has to fetch.
    void settle() {
        for (int round = 0; round < 2; ++round)
            for (device& one : devices_) {
                start(one, "settle");
                if (const int status = one.process.wait(); status != 0) complain(one.name + " cannot settle, status " + std::to_string(status));
            }
        server_.kill();
    }

    void judge() {
        const syncline::schema_view tables = schema::view();
        const server_history history(path("server.db"));
        syncline::sqlite_backend server(path("server.db"), tables);
        family rows;
        std::vector<journal> journals;
        for (const device& one : devices_) rows.add(journals.emplace_back(read_journal(path(one.name + ".journal"))), tables);
        for (std::size_t i = 0; i < devices_.size(); ++i) {
            const device& one = devices_[i];
            syncline::sqlite_store store(path(one.name + ".db"), tables);
            const syncline::testing::visible_rows there = syncline::testing::visible_rows_of(server, one.owner);
            const syncline::testing::visible_rows here = syncline::testing::visible_rows_of(store);
            if (here.empty()) complain(one.name + " has no rows, so nothing was tried");
            complain(find_unfinished(one.name, store));
            complain(find_differences(one.name, here, there));
            complain(find_duplicates(there, tables));
            complain(find_lost_writes(one.name, journals[i], rows, history, kept_losses(store), there, tables));
            complain(find_repeated_writes(one.name, journals[i], history, tables));
            for (const booked_write& write : journals[i].writes) (write.confirmed ? writes_ : unconfirmed_) += 1;
            syncs_ += journals[i].syncs;
            live_rows_ += here.size();
            syncline::store_adapter port(store);
            conflicts_ += syncline::list_conflicts(port).size();
        }
    }

    void report(double seconds) const {
        std::size_t device_kills = 0;
        for (const device& one : devices_) device_kills += one.kills;
        std::printf("seed %llu: %zu kills (server %zu, devices %zu), %zu complete syncs, %zu writes, %zu more that died unconfirmed,\n",
                    static_cast<unsigned long long>(given_.seed), server_kills_ + device_kills, server_kills_, device_kills, syncs_, writes_, unconfirmed_);
        std::printf("%zu conflicts recorded, %zu rows on the devices at the end, %.1f s\n", conflicts_, live_rows_, seconds);
    }

    settings given_;
    syncline::random_source random_;
    std::vector<device> devices_;
    child server_;
    int port_ = 0;
    bool is_made_ = false;
    std::size_t lives_ = 0, server_kills_ = 0, syncs_ = 0, writes_ = 0, unconfirmed_ = 0, live_rows_ = 0, conflicts_ = 0;
    complaints problems_;
};

}  // namespace

int main(int count, char** words) {
    settings given;
    given.seed = std::random_device()();
    CLI::App app("Kills a server and three devices at random moments, then checks that nothing was lost, doubled or left behind.", "kill_nine");
    app.add_option("SERVER", given.server_program, "the workout_server program")->required();
    app.add_option("DEVICE", given.device_program, "the kill_device program")->required();
    app.add_option("--kills", given.kills, "how many processes to kill")->capture_default_str();
    app.add_option("--seed", given.seed, "seed of everything but time; a new one each run if not given");
    app.add_option("--pause-ms", given.pause_ms_max, "longest pause between two kills")->capture_default_str();
    app.add_option("--lease-ms", given.lease_ms, "how long a killed sync blocks the device's next one")->capture_default_str();
    app.add_option("--folder", given.folder, "an empty folder for the files, kept afterwards; a temporary one if not given");
    CLI11_PARSE(app, count, words);
    const bool keep = !given.folder.empty();
    if (!keep) given.folder = (std::filesystem::temp_directory_path() / ("kill_nine-" + std::to_string(::getpid()))).string();
    try {
        std::filesystem::create_directories(given.folder);
        std::printf("seed %llu, files in %s\n", static_cast<unsigned long long>(given.seed), given.folder.c_str());
        std::fflush(stdout);
        const complaints problems = trial(given).run();
        for (const std::string& problem : problems) std::printf("BROKEN: %s\n", problem.c_str());
        if (!problems.empty()) return 1;
        if (!keep) std::filesystem::remove_all(given.folder);
        std::printf("0 wedged, 0 divergent, 0 lost, 0 doubled\n");
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "kill_nine: %s\n", problem.what());
        return 1;
    }
}
