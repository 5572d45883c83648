/// The story of the workout tracker: a phone and a tablet edit offline, a server brings them together, on SQLite files.
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include <syncline/backends/sqlite.hpp>
#include <syncline/stores/sqlite.hpp>
#include <syncline/syncline.hpp>
#include <syncline/testing/replica.hpp>
#include <workout/console.hpp>
#include <workout/flaky_link.hpp>
#include <workout/schema.hpp>
#include <workout/training_log.hpp>

namespace {

using namespace workout_tracker;

constexpr const char* usage =
    "usage: workout_demo --folder DIR --log FILE.csv\n"
    "\n"
    "  --folder DIR   an empty folder for the SQLite files phone.db, tablet.db and server.db\n"
    "  --log FILE     a training log to import: date,workout,exercise,muscle_group,set_index,reps,weight_kg,rpe,notes\n"
    "  --help         this text\n"
    "\n"
    "Exit status: 0 the replicas are equal at the end, 1 they differ or something failed, 2 wrong usage.\n";

using rows = syncline::repository<schema, syncline::sqlite_store>;

/// Whom a token stands for; a real server asks its own user table here.
struct token_check {
    std::optional<std::string> operator()(std::string_view token) const {
        if (token == "token-of-sam") return "sam";
        return std::nullopt;
    }
};

using router = syncline::router<syncline::service<syncline::sqlite_backend>, token_check>;
using phone_link = flaky_link<syncline::in_process_transport<router>>;

/// One device of the owner: a store file, a connection that can be bad, and an engine.
struct device {
    device(std::string device_name, const std::string& folder, router& server, std::uint64_t seed)
        : name(std::move(device_name)), store(folder + "/" + name + ".db", schema::view(), {.owner = "sam"}), data(store), direct(server, "token-of-sam"),
          connection(direct, seed), progress(name), sync_engine(store, connection, options()) {}

    syncline::engine_options options() {
        syncline::engine_options chosen;
        chosen.observer = [this](const syncline::sync_progress& now) { progress(now); };
        chosen.bounds.batch_operations = 500;  // small, so that a bad connection costs little work
        return chosen;
    }

    syncline::sync_report sync() {
        const syncline::sync_report report = sync_engine.sync();
        progress.end();
        return report;
    }

    std::string name;
    syncline::sqlite_store store;
    rows data;
    syncline::in_process_transport<router> direct;
    phone_link connection;
    progress_display progress;
    syncline::engine<syncline::sqlite_store, phone_link> sync_engine;
};

void chapter(const char* title) { std::printf("\n== %s\n", title); }

void print_push_order() {
    const syncline::schema_view tables = schema::view();
    std::printf("push order, derived from the entities' foreign keys:\n");
    for (const syncline::table_view& table : tables.tables) {
        std::printf("  %d  %-20s", table.rank, std::string(table.name).c_str());
        for (const syncline::column_view& column : table.columns)
            if (column.target >= 0)
                std::printf(" %s %s%s", column.owning ? "owned by" : "mentions", std::string(tables[column.target].name).c_str(),
                            column.nullable ? " or nothing" : "");
        std::printf("\n");
    }
}

/// Syncs over the bad connection until everything has arrived.
void sync_until_complete(device& one) {
    one.connection.set_flaky(true);
    for (int attempt = 1; attempt <= 100; ++attempt) {
        const syncline::sync_report report = one.sync();
        print_report(one.name + ", attempt " + std::to_string(attempt), report, schema::view());
        if (report.outcome == syncline::sync_outcome::complete && one.data.pending().empty()) break;
    }
    one.connection.set_flaky(false);
}

void sync_and_print(device& one) { print_report(one.name, one.sync(), schema::view()); }

int tell(const std::string& folder, const std::string& log_path) {
    print_push_order();

    syncline::sqlite_backend database(folder + "/server.db", schema::view());
    syncline::service service(database);
    router server(service, token_check());

    chapter("The phone is offline and imports a training log");
    device phone("phone", folder, server, 7);
    const import_counts imported = import_training_log(phone.data, read_training_log(log_path));
    std::printf("  %zu exercises, %zu templates, %zu workouts, %zu sets; %zu operations wait\n", imported.exercises, imported.templates,
                imported.workouts, imported.sets, phone.data.pending().size());

    chapter("The phone syncs over a bad connection");
    sync_until_complete(phone);

    chapter("A tablet signs in and pulls everything");
    device tablet("tablet", folder, server, 8);
    sync_and_print(tablet);

    chapter("Both edit the same workout offline; the phone removes another one to which the tablet adds a set");
    const auto workouts = phone.data.all<workout>();
    if (workouts.size() < 2) throw std::runtime_error("the log needs at least two workouts");
    const workout shared = workouts.front();
    const workout doomed = workouts.back();
    phone.data.update(shared.id, [](workout& row) {
        row.notes = "felt strong";
        row.name += " (phone)";
    });
    tablet.data.update(shared.id, [](workout& row) {
        row.started_at += std::chrono::minutes(5);
        row.name += " (tablet)";
    });
    std::printf("  phone: notes and name of workout %s; tablet: start and name of the same\n", shared.id.str().substr(0, 8).c_str());
    const auto part = tablet.data.children<workout_exercise>(doomed.id).front();
    tablet.data.create(workout_set{.workout_exercise_id = part.id, .position = 99, .reps = 12, .weight_kg = 20, .notes = "one more for the pump"});
    std::printf("  tablet: one more set in workout %s; phone: removed it with %zu rows\n", doomed.id.str().substr(0, 8).c_str(),
                phone.data.remove(doomed.id));

    chapter("Both sync");
    sync_and_print(phone);
    sync_and_print(tablet);
    sync_and_print(phone);

    chapter("What was lost to the other device, kept for the user");
    print_conflicts("phone", phone.data.conflicts());
    print_conflicts("tablet", tablet.data.conflicts());

    chapter("Compare");
    const auto on_phone = syncline::testing::replica_of(phone.store);
    const auto on_tablet = syncline::testing::replica_of(tablet.store);
    const auto on_server = syncline::testing::replica_of(database, "sam");
    const bool equal = on_phone == on_tablet && on_phone == on_server;
    const bool quiet = phone.data.pending().empty() && tablet.data.pending().empty();
    if (!equal || !quiet) {
        std::printf("not converged: phone %zu rows, tablet %zu rows, server %zu rows\n", on_phone.size(), on_tablet.size(), on_server.size());
        return 1;
    }
    std::printf("converged: 3 replicas, %zu rows, hash %016llx\n", on_phone.size(), static_cast<unsigned long long>(syncline::testing::hash_of(on_phone)));
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    std::string folder, log;
    for (int i = 1; i < count; ++i) {
        const std::string_view word = arguments[i];
        if (word == "--help" || word == "-h") {
            std::fputs(usage, stdout);
            return 0;
        }
        std::string* const value = word == "--folder" ? &folder : word == "--log" ? &log : nullptr;
        if (value == nullptr || i + 1 == count) {
            std::fprintf(stderr, "workout_demo: %s '%s'\n\n%s", value == nullptr ? "unknown argument" : "no value for", arguments[i], usage);
            return 2;
        }
        *value = arguments[++i];
    }
    if (folder.empty() || log.empty()) {
        std::fprintf(stderr, "workout_demo: --folder and --log are needed\n\n%s", usage);
        return 2;
    }
    try {
        return tell(folder, log);
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "workout_demo: %s\n", problem.what());
        return 1;
    }
}
