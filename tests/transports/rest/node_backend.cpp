#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <syncline/client/engine.hpp>
#include <syncline/client/repository.hpp>
#include <syncline/stores/sqlite.hpp>
#include <syncline/transports/httplib_client.hpp>
#include <syncline/transports/rest.hpp>

#include <support/catch.hpp>
#include <transports/rest/support/node_server.hpp>
#include <workout/schema.hpp>

using namespace syncline;
using namespace workout_tracker;
using tests::node_server;

namespace {

using node_link = rest_transport<sqlite_store, httplib_client>;

/// How to speak with server.mjs, as an application would write it.
rest_mapping conventions_of_node(bool feed, bool tombstones, bool client_ids) {
    rest_mapping mapping = rest_mapping_of<workout_tracker::schema>();
    mapping.use_snake_case();
    for (const table_view& table : mapping.schema().tables) mapping[table.name].route = "/v2/" + std::string(table.name);
    mapping["template_exercises"].route = "/v2/template_items";
    mapping["template_exercises"].feed = "template_items";
    mapping["workout_sets"].route = "/v2/sets";
    mapping["workout_sets"].feed = "sets";
    mapping["workouts"].fields["name"] = "title";
    mapping.rows.local_id = client_ids ? "client_ref" : "";
    mapping.rows.version = "";
    mapping.rows.updated_at = "updated_at";
    mapping.rows.updated_at_form = mapping.rows.moments = moment_form::iso8601;
    mapping.rows.deleted = tombstones ? "deleted_at" : "";
    mapping.rows.ids = id_form::number;
    mapping.request_envelope = mapping.answer_envelope = "item";
    mapping.update_method = "PATCH";
    if (feed) {
        rest_feed changes;
        changes.path = "/v2/changes";
        changes.since = "updated_since";
        changes.limit = changes.cursor = changes.more = "";
        changes.changes = "records";
        changes.kind = "collection";
        mapping.pull = changes;
    } else {
        rest_listings listings;
        listings.envelope = "items";
        listings.page = "offset";
        listings.counts_rows = true;
        listings.size = "limit";
        listings.page_rows = 10;
        if (tombstones) listings.since = "updated_since";
        mapping.pull = listings;
    }
    return mapping;
}

class node_device {
public:
    node_device(int port, rest_mapping mapping, const std::string& owner, std::uint64_t seed)
        : store_(":memory:", workout_tracker::schema::view(), options_of(owner)), client_("http://127.0.0.1:" + std::to_string(port)),
          link(store_, client_, std::move(mapping), rest_options{.token = [owner] { return "secret-of-" + owner; }}),
          rows_(store_, {{}, [this] { return now_ms_; }, random_source(seed)}), engine_(store_, link, clocked()) {}

    repository<workout_tracker::schema, sqlite_store>* operator->() { return &rows_; }

    sync_report sync() {
        now_ms_ += 60'000;
        const sync_report report = engine_.sync();
        INFO(name_of(report.outcome) << ": " << to_string(report.problem));
        REQUIRE(report.outcome == sync_outcome::complete);
        return report;
    }
    [[nodiscard]] int writes() const { return sqlite3_total_changes(store_.handle()); }

    /// Everything but ids, which devices need not share.
    std::multiset<std::string> text() {
        std::multiset<std::string> all;
        for (const workout& one : rows_.all<workout>()) all.insert(one.name + " " + std::to_string(one.started_at.time_since_epoch().count()));
        for (const exercise& one : rows_.all<exercise>()) all.insert(one.name + " " + one.notes);
        for (const workout_set& one : rows_.all<workout_set>()) {
            const auto part = rows_.find(one.workout_exercise_id);
            all.insert(rows_.find(part->workout_id)->name + " " + rows_.find(part->exercise_id)->name + " " + std::to_string(one.reps) + "x" +
                       std::to_string(one.weight_kg) + " " + std::to_string(one.rpe.value_or(0)));
        }
        return all;
    }

private:
    static sqlite_options options_of(const std::string& owner) {
        sqlite_options options;
        options.owner = owner;
        return options;
    }

    engine_options clocked() {
        engine_options options;
        options.clock = [this] { return now_ms_; };
        return options;
    }

    std::int64_t now_ms_ = 1'000'000;
    sqlite_store store_;
    httplib_client client_;

public:
    node_link link;

private:
    repository<workout_tracker::schema, sqlite_store> rows_;
    engine<sqlite_store, node_link> engine_;
};

/// Two workouts of one exercise each, with two sets.
void log_two_workouts(node_device& device) {
    device->transaction([&] {
        const auto squat = device->create(exercise{.name = "squat \"deep\" \xC3\xA9"});
        const auto plan = device->create(workout_template{.name = "plan"});
        device->create(template_exercise{.template_id = plan, .exercise_id = squat});
        for (const char* day : {"monday", "tuesday"}) {
            const auto workout_id = device->create(workout{.template_id = plan, .name = day, .started_at = moment(std::chrono::seconds(1'700'000'000))});
            const auto part = device->create(workout_exercise{.workout_id = workout_id, .exercise_id = squat});
            for (const int reps : {5, 8}) device->create(workout_set{.workout_exercise_id = part, .reps = reps, .weight_kg = 62.5});
        }
    });
}

void require_idle(node_device& device) {
    device.sync();
    const int before = device.writes();
    const sync_report report = device.sync();
    CHECK(report.total().pulled == 0);
    CHECK(report.total().pushed == 0);
    CHECK(device.writes() == before);
}

void converge_over(const std::vector<std::string>& habits) {
    const auto has = [&](const char* habit) { return std::find(habits.begin(), habits.end(), habit) != habits.end(); };
    const node_server server("server.mjs", habits);
    if (server.is_missing()) {
        WARN("node was not found: the REST transport is not tested against a server of another language");
        return;
    }
    REQUIRE(server.port());
    const rest_mapping mapping = conventions_of_node(has("--feed"), has("--tombstones"), !has("--no-client-ids"));
    node_device phone(*server.port(), mapping, "alice", 1), laptop(*server.port(), mapping, "alice", 2), bobs(*server.port(), mapping, "bob", 3);
    log_two_workouts(bobs);
    bobs.sync();
    const std::multiset<std::string> of_bob = bobs.text();
    log_two_workouts(phone);
    phone.sync();
    laptop.sync();
    CHECK(laptop.text() == phone.text());
    CHECK(laptop->count<workout_set>() == 4);

    const workout_set first = laptop->all<workout_set>().at(0);
    REQUIRE(laptop->update(first.id, [](workout_set& one) { one.rpe = 9.5; }));
    REQUIRE(phone->update(phone->all<exercise>().at(0).id, [](exercise& one) { one.notes = "below parallel"; }));
    laptop.sync();
    phone.sync();
    laptop.sync();
    CHECK(laptop.text() == phone.text());
    CHECK(laptop->all<exercise>().at(0).notes == "below parallel");

    for (const workout& one : laptop->all<workout>())
        if (one.name == "monday") REQUIRE(laptop->remove(one.id) != 0);
    laptop.sync();
    phone.sync();
    CHECK(phone->count<workout>() == 1);
    CHECK(phone->count<workout_set>() == 2);
    CHECK(laptop.text() == phone.text());
    require_idle(phone);
    require_idle(laptop);

    phone->transaction([&] {
        for (int i = 0; i < 70; ++i) phone->create(exercise{.name = "number " + std::to_string(i)});
    });
    phone.sync();
    laptop.sync();
    CHECK(laptop->count<exercise>() == 71);
    CHECK(laptop->quarantine().empty());
    CHECK(phone->quarantine().empty());
    CHECK(phone->pending().empty());
    bobs.sync();
    CHECK(bobs.text() == of_bob);
    CHECK(bobs->count<exercise>() == 1);
}

}  // namespace

TEST_CASE("devices converge through a node server with whole listings in pages, whose rows vanish") { converge_over({}); }

TEST_CASE("devices converge through a node server with a feed of changes and soft removals") { converge_over({"--feed", "--tombstones"}); }

TEST_CASE("devices converge through a node server with listings since a moment and soft removals") { converge_over({"--tombstones"}); }

TEST_CASE("devices converge through a node server that keeps no local ids") { converge_over({"--no-client-ids"}); }
