/// A sync that is asked for while one runs: the second caller waits, gets the same report, and nothing written meanwhile is lost.
#include <future>
#include <latch>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include <integration/support/workout.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

bool are_equal(const sync_report& a, const sync_report& b) {
    return a.outcome == b.outcome && a.tables == b.tables && a.conflicts == b.conflicts && a.requests == b.requests &&
           a.retry_in_ms == b.retry_in_ms && a.problem == b.problem;
}

}  // namespace

TEMPLATE_TEST_CASE("a second sync during a sync waits and gets the same report", "[single flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    write_in_worst_order(phone);
    std::binary_semaphore in_flight{0}, go_on{0};
    phone.link.before_answer = [&](const wire::http_request& request) {
        if (!is_push(request)) return;
        in_flight.release();
        go_on.acquire();
    };
    auto first = std::async(std::launch::async, [&] { return phone.try_sync(); });
    in_flight.acquire();
    std::vector<std::future<sync_report>> joined;
    std::latch asking(3);
    for (int i = 0; i < 3; ++i)
        joined.push_back(std::async(std::launch::async, [&] {
            asking.count_down();
            return phone.try_sync();
        }));
    asking.wait();
    // While the first one's answer is held back nobody has a report.
    for (auto& one : joined) CHECK(one.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
    go_on.release();
    const sync_report report = first.get();
    require_complete(report);
    CHECK(report.total().pushed == 6);
    for (auto& one : joined) {
        const sync_report same = one.get();
        // A caller that the scheduler let in too late runs a sync of its own, which is idle.
        CHECK((are_equal(same, report) || (same.total() == table_report{} && same.requests == 1)));
    }
    CHECK(phone.pushes() == 1);
    CHECK(home.server_rows().size() == 6);
    phone.link.heal();
    home.converge();
}

TEMPLATE_TEST_CASE("asking for the token's owner during a sync waits for the request that is out", "[single flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    write_in_worst_order(phone);
    std::binary_semaphore in_flight{0}, go_on{0};
    phone.link.before_answer = [&](const wire::http_request& request) {
        if (!is_push(request)) return;
        in_flight.release();
        go_on.acquire();
    };
    auto sync = std::async(std::launch::async, [&] { return phone.try_sync(); });
    in_flight.acquire();
    std::latch asking(1);
    auto asked = std::async(std::launch::async, [&] {
        asking.count_down();
        return phone.ask_owner();
    });
    asking.wait();
    CHECK(asked.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout);
    go_on.release();
    require_complete(sync.get());
    CHECK(asked.get().owner == "alice");
    phone.link.heal();
    home.converge();
}

TEMPLATE_TEST_CASE("edits made during a sync are pushed by one follow-up of it for those who joined", "[single flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    write_in_worst_order(phone);
    std::binary_semaphore in_flight{0}, go_on{0};
    bool held = false;
    phone.link.before_answer = [&](const wire::http_request& request) {
        if (!is_push(request) || held) return;
        held = true;
        in_flight.release();
        go_on.acquire();
    };
    auto first = std::async(std::launch::async, [&] { return phone.try_sync(); });
    in_flight.acquire();
    for (int i = 0; i < 5; ++i) phone->create(a_set("late" + std::to_string(i)));
    REQUIRE(phone->update(id<workout>("w1"), [](workout& row) { row.name = "edited meanwhile"; }));
    std::latch asking(1);
    auto second = std::async(std::launch::async, [&] {
        asking.count_down();
        return phone.try_sync();
    });
    asking.wait();
    go_on.release();
    const sync_report report = first.get();
    const sync_report same = second.get();
    require_complete(report);
    require_complete(same);
    // One push for what was there, one for what came meanwhile, whoever of the two sent it.
    CHECK(phone.pushes() == 2);
    CHECK(phone->pending().empty());
    if (are_equal(report, same)) CHECK(report.total().pushed == 12);
    else CHECK(report.total().pushed + same.total().pushed == 12);
    tablet.sync();
    CHECK(count<workout_set>(tablet) == 6);
    phone.link.heal();
    home.converge();
    CHECK(get<workout>(tablet, "w1").name == "edited meanwhile");
}

TEMPLATE_TEST_CASE("a sync that nobody joined leaves edits made meanwhile for the next one", "[single flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    phone->create(an_exercise("e1"));
    std::binary_semaphore in_flight{0}, go_on{0};
    bool held = false;
    phone.link.before_answer = [&](const wire::http_request&) {
        if (held) return;
        held = true;
        in_flight.release();
        go_on.acquire();
    };
    auto first = std::async(std::launch::async, [&] { return phone.try_sync(); });
    in_flight.acquire();
    phone->create(an_exercise("e2"));
    go_on.release();
    CHECK(first.get().total().pushed == 1);
    CHECK(phone->pending().size() == 1);
    CHECK(phone.sync().total().pushed == 1);
    home.converge();
}

TEMPLATE_TEST_CASE("a joined sync that fails fails for all who joined and the next one works", "[single flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    phone->create(an_exercise("e1"));
    std::binary_semaphore in_flight{0}, go_on{0};
    bool held = false;
    phone.link.before_delivery = [&](const wire::http_request&) {
        if (held) return;
        held = true;
        in_flight.release();
        go_on.acquire();
    };
    phone.link.next_fault(testing::fault::lose_request, 2);
    auto first = std::async(std::launch::async, [&] { return phone.try_sync(); });
    in_flight.acquire();
    std::latch asking(1);
    auto second = std::async(std::launch::async, [&] {
        asking.count_down();
        return phone.try_sync();
    });
    asking.wait();
    go_on.release();
    CHECK(first.get().outcome == sync_outcome::offline);
    CHECK(second.get().outcome == sync_outcome::offline);
    CHECK(phone->pending().size() == 1);
    phone.link.heal();
    phone.sync();
    home.converge();
    CHECK(home.server_rows().size() == 1);
}

TEMPLATE_TEST_CASE("many threads that sync and write at once lose nothing", "[single flight]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    write_in_worst_order(phone);
    constexpr int threads = 4, rounds = 12;
    std::latch start(threads);
    std::vector<std::thread> running;
    for (int t = 0; t < threads; ++t)
        running.emplace_back([&, t] {
            start.arrive_and_wait();
            for (int i = 0; i < rounds; ++i) {
                phone->create(a_set("s" + std::to_string(t) + "-" + std::to_string(i)));
                static_cast<void>(phone.try_sync());
            }
        });
    for (std::thread& one : running) one.join();
    home.converge();
    CHECK(count<workout_set>(tablet) == 1 + threads * rounds);
}
