/// What a client does not take from a server unasked: more removals than it may make, pages that lead nowhere, requests under another's claim.
#include <nlohmann/json.hpp>

#include <string>

#include <integration/support/workout.hpp>

using namespace syncline;
using namespace syncline::tests;
using nlohmann::json;

namespace {

std::string numbered(const std::string& prefix, int number) { return prefix + std::to_string(number); }

/// So many exercises from the first device to the second.
template <class Device>
void share_exercises(Device& first, Device& second, int count) {
    first->transaction([&] {
        for (int i = 0; i < count; ++i) first->create(an_exercise(numbered("e", i)));
    });
    first.sync();
    second.sync();
    REQUIRE(tests::count<exercise>(second) == static_cast<std::size_t>(count));
}

template <class Device>
void remove_exercises(Device& one, int from, int to) {
    one->transaction([&] {
        for (int i = from; i < to; ++i) REQUIRE(one->remove(id<exercise>(numbered("e", i))) != 0);
    });
}

world_options with_pages(std::size_t rows) {
    world_options options;
    options.client.page_rows = rows;
    return options;
}

}  // namespace

TEMPLATE_TEST_CASE("a sync that would remove most rows of a device asks first, and removes them once it may", "[mass removal]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_exercises(phone, tablet, 300);
    remove_exercises(phone, 0, 151);
    phone.sync();
    tablet->create(an_exercise("mine"));

    for (int i = 0; i < 2; ++i) {
        const std::string cursor = tablet.marks();
        const sync_report report = tablet.try_sync();
        CHECK(report.outcome == sync_outcome::awaiting_consent);
        CHECK(report.problem.code == error_code::consent_needed);
        CHECK(report.total().held_back == 151);
        CHECK(report.of<exercise>().held_back == 151);
        CHECK(report.total().pulled == 0);
        CHECK(count<exercise>(tablet) == 301);
        // What was made here is not held up.
        CHECK(tablet->pending().empty());
        if (i == 1) CHECK(tablet.marks() == cursor);
    }
    tablet.allow_removals();
    CHECK(tablet.sync().total().pulled == 151);
    CHECK(count<exercise>(tablet) == 150);

    // The consent was for this once. What the device removes itself, or has removed already, is nobody else's.
    phone.sync();
    remove_exercises(phone, 151, 290);
    remove_exercises(tablet, 151, 290);
    phone.sync();
    CHECK(tablet.sync().total().held_back == 0);
    home.converge();
}

TEMPLATE_TEST_CASE("half of the rows, or any number of few, go without a question", "[mass removal]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_exercises(phone, tablet, 100);
    remove_exercises(phone, 0, 50);
    phone.sync();
    CHECK(tablet.sync().total().pulled == 50);
    remove_exercises(phone, 50, 100);
    phone.sync();
    CHECK(tablet.sync().total().pulled == 50);
    home.converge();
}

TEMPLATE_TEST_CASE("removals that a server spreads over pages count together, and so do those of a sync that was interrupted", "[mass removal]", in_memory,
                   on_sqlite) {
    world<TestType> home(with_pages(10));
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_exercises(phone, tablet, 120);
    remove_exercises(phone, 0, 90);
    // Rows that come in the same pull do not make room for more removals.
    phone->transaction([&] {
        for (int i = 0; i < 200; ++i) phone->create(an_exercise(numbered("new", i)));
    });
    phone.sync();
    SECTION("in one sync") { CHECK(tablet.try_sync().outcome == sync_outcome::awaiting_consent); }
    SECTION("over many interrupted syncs") {
        sync_outcome outcome = sync_outcome::offline;
        for (int i = 0; i < 100 && outcome == sync_outcome::offline; ++i) {
            std::size_t answers = 0;
            tablet.link.intercept = [&](const wire::http_request&) -> std::optional<exchange_result> {
                if (answers++ == 1) return exchange_failure{exchange_failure_kind::lost, "the train enters a tunnel"};
                return std::nullopt;
            };
            outcome = tablet.try_sync().outcome;
            tablet.restart();
        }
        CHECK(outcome == sync_outcome::awaiting_consent);
        tablet.link.heal();
    }
    std::size_t left = 0;
    for (int i = 0; i < 120; ++i) left += has<exercise>(tablet, numbered("e", i)) ? 1u : 0u;
    CHECK(left == 60);

    // A consent holds for the whole pull, even when that is interrupted again.
    tablet.allow_removals();
    std::size_t answers = 0;
    tablet.link.intercept = [&](const wire::http_request&) -> std::optional<exchange_result> {
        if (answers++ == 1) return exchange_failure{exchange_failure_kind::lost, "the train enters a tunnel"};
        return std::nullopt;
    };
    CHECK(tablet.try_sync().outcome == sync_outcome::offline);
    tablet.link.heal();
    tablet.restart();
    tablet.sync();
    CHECK(count<exercise>(tablet) == 230);
    home.converge();
}

TEST_CASE("rows that go along with a removed row count for the guard", "[mass removal]") {
    world<in_memory> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    phone->transaction([&] {
        for (int i = 0; i < 120; ++i) phone->create(a_set(numbered("set", i)));
    });
    phone.sync();
    tablet.sync();
    // A server that names the root alone: its removal would take along everything that the device has below.
    const json page{{"changes", {{"workouts", {{{"id", ""}, {"localId", "w1"}, {"version", "1.1000"}, {"updatedAt", 0}, {"isDeleted", true}, {"incarnation", 1}}}}}},
                    {"lastSync", "elsewhere"}, {"more", false}, {"includes", {{"floor", 0}, {"above", json::array()}}}};
    json real = page;
    for (const auto& [name, text] : home.server_rows())
        if (name == "workouts/w1") real["changes"]["workouts"][0]["id"] = text.substr(0, text.find(' '));
    tablet.link.rewrite_answer = [&](const wire::http_request& request, wire::http_response& response) {
        if (is_push(request)) return;
        response.body = real.dump();
        response.content_type = "application/json";
    };
    const sync_report report = tablet.try_sync();
    INFO(to_string(report.problem) << real.dump());
    CHECK(report.outcome == sync_outcome::awaiting_consent);
    CHECK(report.total().held_back == 123);
    CHECK(count<workout_set>(tablet) == 121);
    tablet.link.heal();
    home.converge();
}

TEST_CASE("a server whose pages lead nowhere is believed to be broken, and asked again later", "[mass removal]") {
    world_options options;
    options.client.empty_pages = 20;
    world<in_memory> home(options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    std::size_t page = 0;
    std::string next = GENERATE("endless", "circle", "short circle", "still");
    INFO(next);
    tablet.link.rewrite_answer = [&](const wire::http_request& request, wire::http_response& response) {
        if (is_push(request)) return;
        json body = json::parse(response.status == 200 ? response.body : std::string(R"({"changes":{},"includes":{"floor":0,"above":[]}})"));
        body["more"] = true;
        ++page;
        if (next == "endless") body["lastSync"] = numbered("page", static_cast<int>(page));
        if (next == "circle") body["lastSync"] = numbered("page", static_cast<int>(page % 7));
        if (next == "short circle") body["lastSync"] = numbered("page", static_cast<int>(page % 2));
        if (next == "still") body["lastSync"] = "page";
        response = {200, body.dump(), {}};
        response.content_type = "application/json";
    };
    const std::size_t before = tablet.link.requests();
    const sync_report report = tablet.try_sync();
    CHECK(report.outcome == sync_outcome::server_failed);
    CHECK(report.problem.code == error_code::bad_answer);
    CHECK(report.retry_in_ms > 0);
    CHECK(tablet.link.requests() - before <= 22);
    CHECK(count<exercise>(tablet) == 1);
}

TEST_CASE("while another process syncs a store, an engine looks at the claim and sends nothing", "[mass removal]") {
    using device_type = world<on_sqlite>::device_type;
    world<on_sqlite> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    phone->create(an_exercise("e2"));

    // Another process is in the middle of its sync: it has sent something and waits for the answer.
    session other(phone.store(), {.bounds = {}, .clock = [&] { return home.now_ms; }, .holder = "other"}, random_source(7));
    auto step = other.next();
    REQUIRE(std::holds_alternative<wire::http_request>(step));
    device_type::line line(home.server_router(), "token of alice");
    const std::size_t before = phone.link.requests();
    const std::string marks = phone.marks();
    std::int64_t waited_ms = 0;
    std::size_t pauses = 0;
    engine_options options = phone.options();
    options.pause = [&](std::int64_t ms, const std::stop_token&) {
        CHECK(phone.link.requests() == before);
        CHECK(phone.marks() == marks);
        waited_ms += ms;
        if (++pauses < 5) return;
        // Now it ends.
        while (std::holds_alternative<wire::http_request>(step)) {
            exchange_result result = line.exchange(std::get<wire::http_request>(step));
            other.answer(std::get<wire::http_response>(result));
            step = other.next();
        }
    };
    engine<sqlite_store, device_type::link_type> syncing(phone.store(), phone.link, options);
    require_complete(syncing.sync());
    CHECK(pauses == 5);
    CHECK(waited_ms == 310);
    CHECK(phone.link.requests() == before + 1);
    home.converge();
}
