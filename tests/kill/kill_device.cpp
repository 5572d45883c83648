/// A device that writes and syncs without end until it is killed, and writes down what its store has confirmed.
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <kill/journal.hpp>
#include <syncline/client/engine.hpp>
#include <syncline/client/repository.hpp>
#include <syncline/stores/sqlite.hpp>
#include <syncline/transports/http.hpp>
#include <syncline/transports/httplib_client.hpp>
#include <workout/schema.hpp>

namespace {

using namespace workout_tracker;
using kill_nine::booked_change;
using rows_type = syncline::repository<schema, syncline::sqlite_store>;
using link_type = syncline::http_transport<syncline::httplib_client>;

struct settings {
    std::string store, journal, server, token, owner;
    std::uint64_t seed = 0;
    std::int64_t stamp = 0;  ///< values begin with this number, which no other life of any device has
    std::int64_t lease_ms = 0;
    bool settle = false;  ///< writes nothing, syncs until nothing is left to do, and ends
};

class device {
public:
    explicit device(const settings& given)
        : stamp_(given.stamp), store_(given.store, schema::view(), {.owner = given.owner}), rows_(store_), journal_(given.journal),
          random_(given.seed), client_(given.server), link_(client_, [token = given.token] { return token; }), engine_(store_, link_, with_lease(given.lease_ms)) {}

    void work() {
        for (;;) {
            if (random_.chance(1, 3)) sync();
            else write();
        }
    }

    /// True when a sync found nothing to do any more.
    bool settle() {
        for (int tries = 0; tries < 200; ++tries) {
            const syncline::sync_report report = sync();
            if (report.outcome == syncline::sync_outcome::complete && report.total() == syncline::table_report{}) return true;
        }
        return false;
    }

private:
    static syncline::engine_options with_lease(std::int64_t lease_ms) {
        syncline::engine_options options;
        options.bounds.lease_ms = lease_ms;
        // Small, so that a sync has many moments to be killed in.
        options.bounds.batch_operations = 8;
        options.bounds.page_rows = 16;
        return options;
    }

    syncline::sync_report sync() {
        const syncline::sync_report report = engine_.sync();
        if (report.outcome == syncline::sync_outcome::complete) journal_.count_sync();
        if (report.outcome == syncline::sync_outcome::awaiting_consent) engine_.allow_removals();
        const bool wedged = report.outcome == syncline::sync_outcome::refused || report.outcome == syncline::sync_outcome::unauthorized;
        if (wedged) throw std::runtime_error("the server does not accept this device: " + to_string(report.problem));
        if (report.outcome == syncline::sync_outcome::offline) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        return report;
    }

    void write() {
        constexpr std::size_t rows_max = 60;
        const std::array<void (device::*)(), 12> actions{&device::add_exercise, &device::add_workout, &device::add_part,  &device::add_set,
                                                         &device::add_set,      &device::add_all,     &device::edit_workout, &device::edit_workout,
                                                         &device::edit_exercise, &device::edit_set,    &device::edit_set,  &device::remove_any};
        const bool is_full = rows_.count<workout>() > rows_max || rows_.count<exercise>() > rows_max || rows_.count<workout_set>() > 4 * rows_max;
        const auto action = is_full ? &device::remove_any : actions[random_.below(actions.size())];
        (this->*action)();
    }

    /// Writes `changes` down, does them, and writes down how it went.
    void book(const std::vector<booked_change>& changes, const std::function<void()>& work) {
        journal_.announce(changes);
        try {
            work();
        } catch (const syncline::write_refused&) {
            journal_.refuse();
            return;
        }
        journal_.confirm();
    }

    /// Only this thread writes and syncs, so that a row which it has just read is there.
    static void require(bool is_found) {
        if (!is_found) throw std::logic_error("a row that was just read is gone");
    }

    std::string new_text() { return "v" + std::to_string(stamp_) + "-" + std::to_string(++values_); }
    /// Below the greatest 32-bit number for 100,000 lives.
    std::int32_t new_number() { return static_cast<std::int32_t>(stamp_ * 5'000 + ++values_ % 5'000); }
    template <class E>
    syncline::id_of<E> new_id() {
        return syncline::id_of<E>(syncline::new_local_id(syncline::system_clock_source()(), random_));
    }
    template <class E>
    const E* pick(const std::vector<E>& rows) {
        return rows.empty() ? nullptr : &rows[random_.below(rows.size())];
    }

    template <class E>
    static void note(std::vector<booked_change>& changes, const E& row, std::string_view column, const std::string& value) {
        changes.push_back({std::string(syncline::entity_traits<E>::table), row.id.str(), std::string(column), value});
    }
    static void note_all(std::vector<booked_change>& changes, const exercise& row) {
        note(changes, row, "name", row.name);
        note(changes, row, "notes", row.notes);
    }
    static void note_all(std::vector<booked_change>& changes, const workout& row) {
        note(changes, row, "name", row.name);
        note(changes, row, "notes", row.notes);
    }
    static void note_all(std::vector<booked_change>& changes, const workout_exercise& row) {
        note(changes, row, "workoutId", row.workout_id.str());
        note(changes, row, "position", std::to_string(row.position));
    }
    static void note_all(std::vector<booked_change>& changes, const workout_set& row) {
        note(changes, row, "workoutExerciseId", row.workout_exercise_id.str());
        note(changes, row, "reps", std::to_string(row.reps));
        note(changes, row, "notes", row.notes);
    }

    exercise new_exercise() { return {.id = new_id<exercise>(), .name = new_text(), .notes = new_text()}; }
    workout new_workout() { return {.id = new_id<workout>(), .name = new_text(), .notes = new_text()}; }
    workout_exercise new_part(const syncline::id_of<workout>& of, const syncline::id_of<exercise>& with) {
        return {.id = new_id<workout_exercise>(), .workout_id = of, .exercise_id = with, .position = new_number()};
    }
    workout_set new_set(const syncline::id_of<workout_exercise>& of) {
        return {.id = new_id<workout_set>(), .workout_exercise_id = of, .reps = new_number(), .weight_kg = 60.5, .notes = new_text()};
    }
    template <class E>
    void add(const E& row) {
        std::vector<booked_change> changes;
        note_all(changes, row);
        book(changes, [&] { rows_.create(row); });
    }

    void add_exercise() { add(new_exercise()); }
    void add_workout() { add(new_workout()); }
    void add_part() {
        const auto workouts = rows_.all<workout>();
        const auto exercises = rows_.all<exercise>();
        if (!workouts.empty() && !exercises.empty()) add(new_part(pick(workouts)->id, pick(exercises)->id));
    }
    void add_set() {
        const auto parts = rows_.all<workout_exercise>();
        if (!parts.empty()) add(new_set(pick(parts)->id));
    }
    /// A whole workout in one transaction.
    void add_all() {
        const exercise movement = new_exercise();
        const workout whole = new_workout();
        const workout_exercise part = new_part(whole.id, movement.id);
        std::vector<booked_change> changes;
        note_all(changes, movement);
        note_all(changes, whole);
        note_all(changes, part);
        std::vector<workout_set> sets;
        for (int i = 0; i < 3; ++i) note_all(changes, sets.emplace_back(new_set(part.id)));
        book(changes, [&] {
            rows_.transaction([&] {
                for (const workout_set& one : sets) rows_.create(one);
                rows_.create(part);
                rows_.create(whole);
                rows_.create(movement);
            });
        });
    }

    void edit_workout() {
        const auto workouts = rows_.all<workout>();
        const workout* const row = pick(workouts);
        if (row == nullptr) return;
        const bool both = random_.chance(1, 3);
        const std::string name = new_text(), notes = new_text();
        std::vector<booked_change> changes;
        note(changes, *row, "name", name);
        if (both) note(changes, *row, "notes", notes);
        book(changes, [&] {
            require(rows_.update(row->id, [&](workout& now) {
                now.name = name;
                if (both) now.notes = notes;
            }));
        });
    }
    void edit_exercise() {
        const auto exercises = rows_.all<exercise>();
        const exercise* const row = pick(exercises);
        if (row == nullptr) return;
        const std::string notes = new_text();
        std::vector<booked_change> changes;
        note(changes, *row, "notes", notes);
        book(changes, [&] { require(rows_.update(row->id, [&](exercise& now) { now.notes = notes; })); });
    }
    void edit_set() {
        const auto sets = rows_.all<workout_set>();
        const workout_set* const row = pick(sets);
        if (row == nullptr) return;
        const std::int32_t reps = new_number();
        std::vector<booked_change> changes;
        note(changes, *row, "reps", std::to_string(reps));
        book(changes, [&] { require(rows_.update(row->id, [&](workout_set& now) { now.reps = reps; })); });
    }

    template <class E>
    void remove_one() {
        const auto rows = rows_.all<E>();
        const E* const row = pick(rows);
        if (row == nullptr) return;
        std::vector<booked_change> changes;
        note(changes, *row, "", "");
        book(changes, [&] { require(rows_.remove(row->id) != 0); });
    }
    void remove_any() {
        switch (random_.below(4)) {
            case 0: return remove_one<workout>();
            case 1: return remove_one<exercise>();
            case 2: return remove_one<workout_exercise>();
            default: return remove_one<workout_set>();
        }
    }

    std::int64_t stamp_;
    std::int64_t values_ = 0;
    syncline::sqlite_store store_;
    rows_type rows_;
    kill_nine::journal_writer journal_;
    syncline::random_source random_;
    syncline::httplib_client client_;
    link_type link_;
    syncline::engine<syncline::sqlite_store, link_type> engine_;
};

}  // namespace

/// kill_device STORE JOURNAL SERVER TOKEN OWNER SEED STAMP LEASE_MS work|settle
int main(int count, char** words) {
    if (count != 10) {
        std::fprintf(stderr, "kill_device: started by kill_nine only\n");
        return 2;
    }
    try {
        settings given{words[1], words[2], words[3], words[4], words[5]};
        given.seed = std::strtoull(words[6], nullptr, 10);
        given.stamp = std::strtoll(words[7], nullptr, 10);
        given.lease_ms = std::strtoll(words[8], nullptr, 10);
        given.settle = words[9] == std::string_view("settle");
        device one(given);
        if (given.settle) return one.settle() ? 0 : 1;
        one.work();
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "kill_device %s: %s\n", words[1], problem.what());
        return 1;
    }
}
