/// A sync that is stopped, before it begins, between requests or during one: it ends there, loses nothing, and disturbs nobody else's.
#include <condition_variable>
#include <functional>
#include <future>
#include <latch>
#include <mutex>
#include <semaphore>
#include <stop_token>
#include <string>

#include <integration/support/workout.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

/// A link whose exchanges end when they are told to; until then it holds each one for as long as `holds` says, if that is set.
template <class Device>
class stoppable_link {
public:
    explicit stoppable_link(Device& phone) : inner_(phone.link) {}

    [[nodiscard]] exchange_result exchange(const wire::http_request& request) { return exchange(request, {}); }
    [[nodiscard]] exchange_result exchange(const wire::http_request& request, std::stop_token stop) {
        if (before) before(request);
        if (hangs) {
            std::mutex mutex;
            std::condition_variable_any stopped;
            std::unique_lock lock(mutex);
            stopped.wait(lock, stop, [] { return false; });
            return exchange_failure{exchange_failure_kind::lost, "stopped"};
        }
        return inner_.exchange(request);
    }

    std::function<void(const wire::http_request&)> before;
    bool hangs = false;

private:
    typename Device::link_type& inner_;
};

template <class Kind>
using device_of = device<Kind, workout_tracker::schema>;

/// An engine on such a link to a device's store.
template <class Kind>
struct stoppable {
    explicit stoppable(device_of<Kind>& phone) : stoppable(phone, phone.options()) {}
    stoppable(device_of<Kind>& phone, engine_options options) : link(phone), syncing(phone.store(), link, std::move(options)) {}

    stoppable_link<device_of<Kind>> link;
    engine<typename Kind::store_type, stoppable_link<device_of<Kind>>> syncing;
};

std::stop_token stopped_before() {
    std::stop_source source;
    source.request_stop();
    return source.get_token();
}

void require_stopped(const sync_report& report) {
    INFO(name_of(report.outcome) << ": " << to_string(report.problem));
    REQUIRE(report.outcome == sync_outcome::stopped);
    CHECK(report.problem.code == error_code::stopped);
    CHECK(report.retry_in_ms == 0);
    CHECK_FALSE(report.is_retry_binding);
}

}  // namespace

TEMPLATE_TEST_CASE("a stop before the start sends and writes nothing", "[stopped syncs]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    write_in_worst_order(phone);
    const std::string marks = phone.marks();
    const sync_report report = phone.try_sync(stopped_before());
    require_stopped(report);
    CHECK(report.tables.size() == static_cast<std::size_t>(workout_tracker::schema::view().size()));
    CHECK(phone.ask_owner(stopped_before()).outcome == sync_outcome::stopped);
    CHECK(phone.link.requests() == 0);
    CHECK(phone.marks() == marks);
    phone.sync();
    home.converge();
}

TEMPLATE_TEST_CASE("a sync that is stopped after any of its requests takes that one's answer, sends no other, and loses and doubles nothing",
                   "[stopped syncs]", in_memory, on_sqlite) {
    bool was_complete = false;
    for (std::size_t last = 1; !was_complete; ++last) {
        world_options small;
        small.client.batch_operations = 2;
        world<TestType> home(small);
        auto& phone = home.add("phone");
        write_in_worst_order(phone);
        std::stop_source source;
        phone.link.before_answer = [&](const wire::http_request&) {
            if (phone.link.requests() == last) source.request_stop();
        };
        const sync_report report = phone.try_sync(source.get_token());
        was_complete = report.outcome == sync_outcome::complete;
        if (!was_complete) require_stopped(report);
        CHECK(report.requests == last);
        CHECK(phone.link.requests() == last);
        CHECK(report.total().pushed + phone->pending().size() == 6);
        CHECK(report.total().waiting == phone->pending().size());
        CHECK(home.server_rows().size() == report.total().pushed);
        phone.link.heal();
        // The claim on the store is given back: another process need not wait.
        engine_options others = phone.options();
        others.pause = [](std::int64_t, const std::stop_token&) { FAIL("the store is still claimed"); };
        engine another(phone.store(), phone.link, std::move(others));
        require_complete(another.sync());
        home.converge();
        CHECK(home.server_rows().size() == 6);
        REQUIRE(last < 20);
    }
}

TEMPLATE_TEST_CASE("a stop ends a request that is out, whose operations go out again with the next sync", "[stopped syncs]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    phone.sync();
    write_in_worst_order(phone);
    stoppable<TestType> held(phone);
    std::stop_source source;
    std::binary_semaphore in_flight{0};
    held.link.hangs = true;
    held.link.before = [&](const wire::http_request&) { in_flight.release(); };
    auto running = std::async(std::launch::async, [&] { return held.syncing.sync(source.get_token()); });
    in_flight.acquire();
    source.request_stop();
    require_stopped(running.get());
    CHECK(phone->pending().size() == 6);
    held.link.hangs = false;
    held.link.before = {};
    CHECK(held.syncing.sync().total().pushed == 6);
    home.converge();
}

TEST_CASE("a stop that the observer of a sync asks for keeps the next request from being sent, whatever the link can do", "[stopped syncs]") {
    const bool link_takes_stops = GENERATE(false, true);
    world<in_memory> home;
    auto& phone = home.add("phone");
    std::stop_source source;
    engine_options options = phone.options();
    options.observer = [&](const sync_progress&) { source.request_stop(); };
    if (link_takes_stops) require_stopped(stoppable<in_memory>(phone, options).syncing.sync(source.get_token()));
    else require_stopped(engine(phone.store(), phone.link, options).sync(source.get_token()));
    CHECK(phone.link.requests() == 0);
}

TEST_CASE("a stopped sync neither lengthens the pause after the next failure nor makes it short again", "[stopped syncs]") {
    world_options quick;
    quick.client.backoff_base_ms = 1;
    quick.client.backoff_cap_ms = std::int64_t{1} << 40;
    world<in_memory> home(quick);
    auto& phone = home.add("phone");
    const auto stop_one = [&] {
        std::stop_source source;
        phone.link.before_delivery = [&](const wire::http_request&) { source.request_stop(); };
        phone.link.next_fault(testing::fault::lose_request);
        require_stopped(phone.try_sync(source.get_token()));
        phone.link.heal();
    };
    const auto fail_one = [&] {
        phone.link.next_fault(testing::fault::lose_request);
        return phone.try_sync().retry_in_ms;
    };
    for (int i = 0; i < 30; ++i) stop_one();
    CHECK(fail_one() <= 2);
    for (int i = 0; i < 30; ++i) fail_one();
    stop_one();
    CHECK(fail_one() > 1'000);
}

TEMPLATE_TEST_CASE("who joined a sync that was stopped by its own caller gets a sync of its own", "[stopped syncs]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    write_in_worst_order(phone);
    std::stop_source source;
    std::counting_semaphore<> in_flight{0};
    std::binary_semaphore go_on{0};
    bool held = false;
    phone.link.before_answer = [&](const wire::http_request&) {
        if (std::exchange(held, true)) return;
        in_flight.release();
        go_on.acquire();
    };
    auto first = std::async(std::launch::async, [&] { return phone.try_sync(source.get_token()); });
    in_flight.acquire();
    std::latch asking(3);
    std::vector<std::future<sync_report>> joined;
    for (int i = 0; i < 3; ++i)
        joined.push_back(std::async(std::launch::async, [&] {
            asking.count_down();
            return phone.try_sync();
        }));
    asking.wait();
    for (auto& one : joined) CHECK(one.wait_for(std::chrono::milliseconds(5)) == std::future_status::timeout);
    source.request_stop();
    go_on.release();
    require_stopped(first.get());
    for (auto& one : joined) require_complete(one.get());
    CHECK(phone->pending().empty());
    phone.link.heal();
    home.converge();
}

TEMPLATE_TEST_CASE("who joined a sync can be stopped, and the sync goes on", "[stopped syncs]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    write_in_worst_order(phone);
    std::stop_source source;
    std::binary_semaphore in_flight{0}, go_on{0};
    bool held = false;
    phone.link.before_answer = [&](const wire::http_request&) {
        if (std::exchange(held, true)) return;
        in_flight.release();
        go_on.acquire();
    };
    auto first = std::async(std::launch::async, [&] { return phone.try_sync(); });
    in_flight.acquire();
    auto second = std::async(std::launch::async, [&] { return phone.try_sync(source.get_token()); });
    CHECK(second.wait_for(std::chrono::milliseconds(5)) == std::future_status::timeout);
    source.request_stop();
    // The first one's answer is still held back.
    const sync_report stopped = second.get();
    require_stopped(stopped);
    CHECK(stopped.total() == table_report{});
    go_on.release();
    const sync_report report = first.get();
    require_complete(report);
    CHECK(report.total().pushed == 6);
    phone.link.heal();
    home.converge();
}

TEST_CASE("a stop ends the wait for another process's sync", "[stopped syncs]") {
    world<on_sqlite> home;
    auto& phone = home.add("phone");
    phone.sync();
    phone->create(an_exercise("e1"));
    session other(phone.store(), {.bounds = {}, .clock = [&] { return home.now_ms; }, .holder = "other"}, random_source(7));
    REQUIRE(std::holds_alternative<wire::http_request>(other.next()));
    const std::size_t before = phone.link.requests();
    std::stop_source source;
    int pauses = 0;
    engine_options options = phone.options();
    options.pause = [&](std::int64_t, const std::stop_token& stop) {
        ++pauses;
        CHECK_FALSE(stop.stop_requested());
        source.request_stop();
        CHECK(stop.stop_requested());
    };
    engine syncing(phone.store(), phone.link, options);
    require_stopped(syncing.sync(source.get_token()));
    CHECK(pauses == 1);
    CHECK(phone.link.requests() == before);
    CHECK(phone->pending().size() == 1);
}

TEST_CASE("the pause that an engine makes unless it is given another ends with the stop", "[stopped syncs]") {
    std::stop_source source;
    const engine_options options;
    constexpr std::int64_t day_ms = 24 * 60 * 60 * 1'000;
    auto pausing = std::async(std::launch::async, [&] { options.pause(day_ms, source.get_token()); });
    CHECK(pausing.wait_for(std::chrono::milliseconds(5)) == std::future_status::timeout);
    source.request_stop();
    pausing.get();
    options.pause(day_ms, source.get_token());
}

TEST_CASE("a stop ends a question for the token's owner, and a sync that waits for its answer", "[stopped syncs]") {
    world<in_memory> home;
    auto& phone = home.add("phone");
    phone->create(an_exercise("e1"));
    stoppable<in_memory> held(phone);
    std::stop_source of_question, of_sync;
    std::binary_semaphore in_flight{0};
    held.link.hangs = true;
    held.link.before = [&](const wire::http_request&) { in_flight.release(); };
    auto asked = std::async(std::launch::async, [&] { return held.syncing.ask_owner(of_question.get_token()); });
    in_flight.acquire();
    auto syncing = std::async(std::launch::async, [&] { return held.syncing.sync(of_sync.get_token()); });
    CHECK(syncing.wait_for(std::chrono::milliseconds(5)) == std::future_status::timeout);
    of_sync.request_stop();
    require_stopped(syncing.get());
    CHECK(asked.wait_for(std::chrono::milliseconds(0)) == std::future_status::timeout);
    of_question.request_stop();
    CHECK(asked.get().outcome == sync_outcome::stopped);
    held.link.hangs = false;
    held.link.before = {};
    CHECK(held.syncing.ask_owner().owner == "alice");
    require_complete(held.syncing.sync());
    home.converge();
}
