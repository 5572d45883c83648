/// Threads that write through one repository: each write that is committed is told, whatever the others do at that time.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <integration/support/workout.hpp>

using namespace syncline;
using namespace syncline::tests;

TEMPLATE_TEST_CASE("each write is told while another thread has a transaction of several open", "[writers]", in_memory, on_sqlite) {
    constexpr int writes = 200;
    world<TestType> home;
    auto& phone = home.add("phone");
    std::atomic<int> told = 0;
    repository_options options = phone.writing_options();
    options.written = [&] { ++told; };
    repository<workout_tracker::schema, typename TestType::store_type> rows(phone.store(), options);
    std::thread one([&] {
        for (int i = 0; i < writes; ++i) rows.create(an_exercise("a" + std::to_string(i)));
    });
    std::thread many([&] {
        for (int i = 0; i < writes; ++i)
            rows.transaction([&] {
                rows.create(an_exercise("b" + std::to_string(i)));
                rows.create(an_exercise("c" + std::to_string(i)));
            });
    });
    one.join();
    many.join();
    CHECK(told == 2 * writes);
    CHECK(rows.template count<exercise>() == 3 * writes);
}
