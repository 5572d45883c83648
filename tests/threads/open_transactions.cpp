/// Syncs and transactions that are open meanwhile: another thread's is waited for, one's own is refused, and no sync waits for itself.
#include <atomic>
#include <chrono>
#include <future>
#include <semaphore>
#include <string>
#include <thread>

#include <integration/support/adopted_handle.hpp>
#include <integration/support/workout.hpp>

using namespace syncline;
using namespace syncline::tests;

TEMPLATE_TEST_CASE("a sync waits for a transaction that another thread has open", "[transactions]", in_memory, on_sqlite, on_adopted_handle) {
    world<TestType> home;
    auto& phone = home.add("phone");
    phone.sync();
    std::binary_semaphore opened{0};
    std::atomic<bool> has_ended = false;
    std::atomic<bool> was_early = false;
    phone.link.intercept = [&](const wire::http_request&) {
        if (!has_ended) was_early = true;
        return std::optional<exchange_result>();
    };
    auto writing = std::async(std::launch::async, [&] {
        phone->transaction([&] {
            phone->create(an_exercise("e1"));
            opened.release();
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            phone->create(an_exercise("e2"));
            has_ended = true;
        });
    });
    opened.acquire();
    CHECK(phone.sync().total().pushed == 2);
    CHECK_FALSE(was_early);
    writing.get();
    phone.link.heal();
    home.converge();
}

TEST_CASE("a sync waits for a transaction that the application has open in another thread under the store's lock", "[transactions]") {
    world<on_adopted_handle> home;
    auto& phone = home.add("phone");
    phone.sync();
    std::binary_semaphore opened{0};
    auto writing = std::async(std::launch::async, [&] {
        const auto turn = phone.store().lock();
        execute(phone, "BEGIN");
        phone->create(an_exercise("e1"));
        opened.release();
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        phone->create(an_exercise("e2"));
        execute(phone, "COMMIT");
    });
    opened.acquire();
    CHECK(phone.sync().total().pushed == 2);
    writing.get();
    home.converge();
}

TEMPLATE_TEST_CASE("a thread inside a transaction does not wait for a sync that waits for the transaction", "[transactions]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    phone.sync();
    phone->create(an_exercise("e1"));
    std::binary_semaphore in_flight{0}, opened{0};
    std::atomic<bool> was_held = false;
    phone.link.intercept = [&](const wire::http_request& request) {
        if (is_push(request) && !was_held.exchange(true)) {
            in_flight.release();
            opened.acquire();
        }
        return std::optional<exchange_result>();
    };
    auto running = std::async(std::launch::async, [&] { return phone.try_sync(); });
    in_flight.acquire();
    phone->transaction([&] {
        phone->create(an_exercise("e2"));
        opened.release();
        CHECK_THROWS_AS(phone.try_sync(), transaction_is_open);
    });
    require_complete(running.get());
    phone.link.heal();
    home.converge();
}
