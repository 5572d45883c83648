/// Whose rows a store holds that syncs with a REST backend, which cannot say it itself.
#include <transports/rest/support/rest_world.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

/// A device of Alice whose store was opened without an owner. Its token is Alice's, until it is another's.
struct unowned_device {
    explicit unowned_device(fake_backend& backend, std::function<std::string()> owner = {})
        : link(store, backend, listings_of({}), options_of(std::move(owner))), rows(store), syncing(store, link) {}

    rest_options options_of(std::function<std::string()> owner) {
        rest_options options;
        options.token = [this] { return "token of " + signed_in; };
        options.owner = std::move(owner);
        return options;
    }

    std::string signed_in = "alice";
    memory_store store{workout_tracker::schema::view()};
    rest_link link;
    repository<workout_tracker::schema, memory_store> rows;
    engine<memory_store, rest_link> syncing;
};

void require_refused(unowned_device& device, error_code code) {
    const sync_report report = device.syncing.sync();
    CHECK(report.outcome == sync_outcome::refused);
    CHECK(report.problem.code == code);
    CHECK(report.total() == table_report{.waiting = device.rows.pending().size()});
}

}  // namespace

TEST_CASE("a store without an owner takes nothing from a backend that cannot name one, until it is claimed") {
    rest_world world;
    world.phone->create(an_exercise());
    world.phone.sync();
    unowned_device device(world.backend);
    require_refused(device, error_code::owner_unknown);
    CHECK(device.rows.all<exercise>().empty());
    CHECK(device.rows.owner().empty());
    device.rows.claim("alice");
    require_complete(device.syncing.sync());
    CHECK(device.rows.all<exercise>().size() == 1);
    world.require_bob_untouched();
}

TEST_CASE("edits of a store without an owner do not reach a REST backend, even if the application names the token's owner") {
    rest_world world;
    unowned_device device(world.backend, [] { return std::string("alice"); });
    device.rows.create(an_exercise("e5"));
    world.backend.take_calls();
    require_refused(device, error_code::owner_unknown);
    CHECK(world.backend.take_calls().empty());
    device.rows.claim("alice");
    require_complete(device.syncing.sync());
    CHECK(world.backend.rows("alice", "exercises").size() == 1);
    world.require_bob_untouched();
}

TEST_CASE("a REST transport whose owner is named binds an empty store with its first page, and refuses another owner's") {
    rest_world world;
    world.phone->create(an_exercise());
    world.phone.sync();
    std::string named = "alice";
    unowned_device device(world.backend, [&named] { return named; });
    require_complete(device.syncing.sync());
    CHECK(device.rows.owner() == "alice");
    CHECK(device.rows.all<exercise>().size() == 1);
    named = "bob";
    device.signed_in = "bob";
    device.rows.create(an_exercise("e6"));
    world.backend.take_calls();
    require_refused(device, error_code::wrong_owner);
    CHECK(world.backend.take_calls().empty());
    named = "alice";
    device.signed_in = "alice";
    require_complete(device.syncing.sync());
    world.require_bob_untouched();
}

TEST_CASE("a REST transport says whom its token stands for if the application named the owner, and stores nothing") {
    rest_world world;
    unowned_device device(world.backend, [] { return std::string("alice"); });
    CHECK(device.syncing.ask_owner().owner == "alice");
    CHECK(device.rows.owner().empty());
    unowned_device nameless(world.backend);
    const owner_answer answer = nameless.syncing.ask_owner();
    CHECK_FALSE(answer.owner.has_value());
    CHECK(answer.problem.code == error_code::owner_unknown);
    world.backend.fault = [](const http_call&, bool) -> std::optional<http_result> { return http_reply{401, {}, {}}; };
    CHECK(device.syncing.ask_owner().outcome == sync_outcome::unauthorized);
}

TEST_CASE("asking a REST transport for the owner does not begin its pull anew") {
    rest_world world;
    for (int i = 0; i < 30; ++i) world.backend.insert("alice", "workouts", {{"name", "day"}, {"template_id", nullptr}, {"started_at", "2024-02-29T10:00:00Z"}, {"notes", ""}});
    memory_store store(workout_tracker::schema::view(), {.owner = "alice"});
    rest_link link(store, world.backend, listings_of({}), rest_options{.token = [] { return std::string("token of alice"); }});
    int asked = 0;
    engine_options options;
    options.bounds.page_rows = 4;
    options.observer = [&](const sync_progress&) {
        static_cast<void>(link.exchange(owner_question(store.schema())));
        ++asked;
    };
    engine syncing(store, link, options);
    world.backend.take_calls();
    require_complete(syncing.sync());
    CHECK(asked > 6);
    CHECK(world.backend.take_calls("GET /v1/workouts").size() == 1);
    CHECK(repository<workout_tracker::schema, memory_store>(store).count<workout>() == 30);
}
