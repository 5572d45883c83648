/// A thread that writes as a user does, while another one syncs the same store.
#include <atomic>
#include <latch>
#include <string>
#include <thread>

#include <integration/support/workout.hpp>

using namespace syncline;
using namespace syncline::tests;

TEMPLATE_TEST_CASE("a thread writes while another one syncs, and everything arrives", "[user interface]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    constexpr int rounds = 120;
    std::latch start(2);
    int missed = 0;
    std::thread user([&] {
        start.arrive_and_wait();
        for (int i = 0; i < rounds; ++i) {
            const std::string name = "n" + std::to_string(i);
            phone->create(a_set(name, "we1", i));
            missed += phone->update(id<workout>("w1"), [&](workout& row) { row.name = "round " + std::to_string(i); }) ? 0 : 1;
            if (i % 3 == 0) missed += phone->remove(id<workout_set>(name)) == 1 ? 0 : 1;
            if (i % 3 == 1) missed += phone->update(id<workout_set>(name), [](workout_set& row) { row.reps += 1'000; }) ? 0 : 1;
            static_cast<void>(phone->template all<workout_set>());
        }
    });
    start.arrive_and_wait();
    for (int i = 0; i < 40; ++i) require_complete(phone.try_sync());
    user.join();
    CHECK(missed == 0);
    home.converge();
    CHECK(count<workout_set>(tablet) == 1 + rounds - rounds / 3);
    CHECK(get<workout>(tablet, "w1").name == "round " + std::to_string(rounds - 1));
    CHECK(get<workout_set>(tablet, "n1").reps == 1'001);
    CHECK_FALSE(has<workout_set>(tablet, "n0"));
    CHECK(phone->conflicts().empty());
    CHECK(tablet->conflicts().empty());
}

TEMPLATE_TEST_CASE("two devices of one owner sync at the same time, each with its user writing", "[user interface]", in_memory, on_sqlite) {
    world<TestType> home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    constexpr int rounds = 60;
    std::latch start(4);
    std::atomic<int> missed = 0;
    std::vector<std::thread> running;
    for (auto* one : {&phone, &tablet}) {
        const std::string prefix = one == &phone ? "phone" : "tablet";
        running.emplace_back([&, one, prefix] {
            start.arrive_and_wait();
            for (int i = 0; i < rounds; ++i) {
                (*one)->create(a_set(prefix + std::to_string(i), "we1", i));
                const bool found = (*one)->update(id<workout>("w1"), [&](workout& row) { (prefix == "phone" ? row.name : row.notes) = prefix + std::to_string(i); });
                missed += found ? 0 : 1;
            }
        });
        running.emplace_back([&, one] {
            start.arrive_and_wait();
            for (int i = 0; i < 25; ++i) static_cast<void>(one->try_sync());
        });
    }
    for (std::thread& one : running) one.join();
    CHECK(missed == 0);
    home.converge();
    CHECK(count<workout_set>(phone) == 1 + 2 * rounds);
    CHECK(get<workout>(tablet, "w1").name == "phone" + std::to_string(rounds - 1));
    CHECK(get<workout>(phone, "w1").notes == "tablet" + std::to_string(rounds - 1));
}
