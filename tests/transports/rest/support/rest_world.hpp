/// Two devices of Alice and one of Bob around a REST backend in memory.
#pragma once

#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <support/catch.hpp>
#include <syncline/client/engine.hpp>
#include <syncline/client/repository.hpp>
#include <syncline/stores/memory.hpp>
#include <syncline/transports/rest.hpp>
#include <transports/rest/support/fake_backend.hpp>

namespace syncline::tests {

using workout_tracker::exercise;
using workout_tracker::template_exercise;
using workout_tracker::workout;
using workout_tracker::workout_exercise;
using workout_tracker::workout_set;
using workout_tracker::workout_template;

template <class E>
id_of<E> id(std::string_view text) {
    return id_of<E>::parse(text).value();
}

inline exercise an_exercise(std::string_view name = "e1", std::string_view title = "squat") {
    return {.id = id<exercise>(name), .name = std::string(title)};
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

inline void require_complete(const sync_report& report) {
    INFO(name_of(report.outcome) << ": " << to_string(report.problem));
    REQUIRE(report.outcome == sync_outcome::complete);
}

/// The values of each row by "table/local id", keys as local ids.
using listing = std::map<std::string, std::string>;

using rest_link = rest_transport<memory_store, fake_backend>;

class rest_device {
public:
    rest_device(fake_backend& backend, rest_mapping mapping, std::string owner, std::uint64_t seed)
        : backend_(backend), mapping_(std::move(mapping)), owner_(std::move(owner)), seed_(seed), store_(workout_tracker::schema::view(), memory_options{owner_}) {
        restart();
    }

    repository<workout_tracker::schema, memory_store>* operator->() { return rows_.get(); }
    rest_link& link() { return *link_; }

    sync_report sync() {
        const sync_report report = engine_->sync();
        require_complete(report);
        return report;
    }
    sync_report try_sync(std::stop_token stop = {}) { return engine_->sync(std::move(stop)); }

    /// Everything but the store is lost, as when a program ends.
    void restart() {
        rest_options options;
        options.token = [owner = owner_] { return "token of " + owner; };
        options.bounds = bounds;
        link_ = std::make_unique<rest_link>(store_, backend_, mapping_, options);
        rows_ = std::make_unique<repository<workout_tracker::schema, memory_store>>(store_, repository_options{bounds, [this] { return now_ms; }, random_source(++seed_)});
        engine_options with;
        with.bounds = bounds;
        with.clock = [this] { return now_ms; };
        with.random = random_source(++seed_);
        with.pause = [this](std::int64_t ms, const std::stop_token&) { now_ms += ms; };
        engine_ = std::make_unique<engine<memory_store, rest_link>>(store_, *link_, with);
    }

    listing list() {
        listing rows;
        auto reading = store_.begin_read();
        for (int table = 0; table < store_.schema().size(); ++table)
            store_.scan_rows(table, [&](const local_id& name, const row_buffer& row) {
                std::string& text = rows[std::string(store_.schema()[table].name) + "/" + name.str()];
                for (const cell& value : row.cells())
                    text += value.has_text() ? std::string(value.view()) + " "
                            : value.kind() == cell_kind::real ? std::to_string(value.as_real()) + " "
                            : value.is_null()                 ? "null "
                                                              : std::to_string(value.as_integer()) + " ";
            });
        reading.commit();
        return rows;
    }
    /// Rows that were removed here and still wait for their verdict, or for the end of a pull.
    std::size_t removed() {
        auto reading = store_.begin_read();
        const std::size_t count = store_.count_removed();
        reading.commit();
        return count;
    }
    /// All that a sync may write beside the rows.
    std::string marks() {
        auto reading = store_.begin_read();
        std::string text = store_.find_meta("cursor").value_or("none") + " " + std::to_string(store_.count_entries()) + " " + std::to_string(store_.count_removed());
        store_.scan_parked([&](const parked_row& row) { text += " parked " + row.id.str(); });
        store_.scan_conflicts([&](const conflict_record& record) { text += " conflict " + std::to_string(record.number); });
        reading.commit();
        return text;
    }

    std::int64_t now_ms = 1'000'000;
    limits bounds;

private:
    fake_backend& backend_;
    rest_mapping mapping_;
    std::string owner_;
    std::uint64_t seed_;
    memory_store store_;
    std::unique_ptr<rest_link> link_;
    std::unique_ptr<repository<workout_tracker::schema, memory_store>> rows_;
    std::unique_ptr<engine<memory_store, rest_link>> engine_;
};

struct rest_world {
    explicit rest_world(backend_habits habits = {}) : rest_world(listings_of(habits), habits) {}
    rest_world(const rest_mapping& mapping, backend_habits habits)
        : backend(habits), phone(backend, mapping, "alice", 1), laptop(backend, mapping, "alice", 2), bobs(backend, mapping, "bob", 3) {
        bobs->create(an_exercise("e1", "of bob"));
        bobs->create(a_workout("w1", "of bob"));
        bobs.sync();
        before_ = backend.dump("bob");
        backend.take_calls();
    }

    /// Bob's rows are as they were, and only his device has them.
    void require_bob_untouched() {
        CHECK(backend.dump("bob") == before_);
        bobs.sync();
        CHECK(bobs.list().size() == 2);
        for (rest_device* device : {&phone, &laptop})
            for (const auto& one : (*device)->all<exercise>()) CHECK(one.name != "of bob");
    }

    fake_backend backend;
    rest_device phone;
    rest_device laptop;
    rest_device bobs;

private:
    std::string before_;
};

}  // namespace syncline::tests

extern template class syncline::rest_transport<syncline::memory_store, syncline::tests::fake_backend>;
extern template class syncline::engine<syncline::memory_store, syncline::tests::rest_link>;
