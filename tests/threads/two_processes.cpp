/// One store file that two programs sync and write: every row arrives exactly once.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>

#include <integration/support/workout.hpp>

#if defined(__SANITIZE_THREAD__)
#define SYNCLINE_TESTS_UNDER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SYNCLINE_TESTS_UNDER_TSAN 1
#endif
#endif

using namespace syncline;
using namespace syncline::tests;

namespace {

using home_type = world<on_sqlite>;
using device_type = home_type::device_type;

std::int64_t real_now_ms() { return system_clock_source()(); }

/// Another program on the device's file: a store, repository and engine of its own, with a real clock, because claims expire by time.
struct program {
    program(const std::string& file, device_type::line& line, std::uint64_t seed)
        : store(on_sqlite::open_store(file, workout_tracker::schema::view(), "alice")), link(line, random_source(seed)),
          rows(*store, {{}, real_now_ms, random_source(seed + 1)}), syncing(*store, link, options(seed + 2)) {}

    static engine_options options(std::uint64_t seed) {
        engine_options made;
        made.clock = real_now_ms;
        made.random = random_source(seed);
        return made;
    }

    std::unique_ptr<sqlite_store> store;
    device_type::link_type link;
    repository<workout_tracker::schema, sqlite_store> rows;
    engine<sqlite_store, device_type::link_type> syncing;
};

void write_and_sync(program& one, const std::string& prefix, int rounds) {
    for (int i = 0; i < rounds; ++i) {
        one.rows.create(a_set(prefix + std::to_string(i), "we1", i));
        if (!one.rows.update(id<workout>("w1"), [&](workout& row) { row.notes = prefix + std::to_string(i); })) throw std::runtime_error("w1 is gone");
        if (i % 4 == 3) static_cast<void>(one.syncing.sync());
    }
}

}  // namespace

TEST_CASE("two engines over two connections to one file send every row exactly once", "[two processes]") {
    home_type home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    device_type::line line(home.server_router(), "token of alice");
    program one(phone.path(), line, 1'000'000), other(phone.path(), line, 2'000'000);
    constexpr int rounds = 32;
    std::latch start(2);
    std::thread second([&] {
        start.arrive_and_wait();
        write_and_sync(other, "other", rounds);
    });
    start.arrive_and_wait();
    write_and_sync(one, "one", rounds);
    second.join();
    require_complete(one.syncing.sync());
    require_complete(other.syncing.sync());
    home.now_ms = real_now_ms();
    home.converge();
    CHECK(count<workout_set>(tablet) == 1 + 2 * rounds);
    CHECK(home.server_rows().size() == 6 + 2 * rounds);
    CHECK(phone->conflicts().empty());
}

TEST_CASE("two programs that both sync the same edits send each edit once", "[two processes]") {
    home_type home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    write_in_worst_order(phone);
    device_type::line line(home.server_router(), "token of alice");
    program one(phone.path(), line, 1'000'000), other(phone.path(), line, 2'000'000);
    std::latch start(2);
    sync_report by_other;
    std::thread second([&] {
        start.arrive_and_wait();
        by_other = other.syncing.sync();
    });
    start.arrive_and_wait();
    const sync_report by_one = one.syncing.sync();
    second.join();
    require_complete(by_one);
    require_complete(by_other);
    CHECK(by_one.total().pushed + by_other.total().pushed == 6);
    std::size_t pushes = 0;
    for (program* each : {&one, &other})
        for (const wire::http_request& request : each->link.captured()) pushes += is_push(request) ? 1u : 0u;
    CHECK(pushes == 1);
    home.now_ms = real_now_ms();
    tablet.sync();
    home.converge();
}

#ifndef SYNCLINE_TESTS_UNDER_TSAN

namespace {

/// A process that is made before any file is open, since SQLite's connections must not be carried across fork, and that starts its
/// work when it is told the files.
class second_process {
public:
    /// `work` gets the server's file and the device's; what it returns is the process's exit status.
    template <class Work>
    explicit second_process(Work work) {
        int ends[2];
        REQUIRE(pipe(ends) == 0);
        id_ = fork();
        REQUIRE(id_ >= 0);
        if (id_ != 0) {
            close(ends[0]);
            orders_ = ends[1];
            return;
        }
        close(ends[1]);
        std::string orders;
        char next = 0;
        while (read(ends[0], &next, 1) == 1 && next != '\0') orders += next;
        int status = 100;
        try {
            const std::size_t middle = orders.find('\n');
            if (middle != std::string::npos) status = work(orders.substr(0, middle), orders.substr(middle + 1));
        } catch (const std::exception& failure) {
            std::fprintf(stderr, "second process: %s\n", failure.what());
        }
        // Neither Catch2 nor a destructor of what the first process had may run here.
        _exit(status);
    }
    second_process(const second_process&) = delete;
    ~second_process() {
        if (orders_ >= 0) close(orders_);
        if (!waited_) waitpid(id_, nullptr, 0);
    }

    void start(const std::string& server_file, const std::string& device_file) {
        const std::string orders = server_file + "\n" + device_file + '\0';
        REQUIRE(write(orders_, orders.data(), orders.size()) == static_cast<ssize_t>(orders.size()));
    }
    int wait() {
        int status = 0;
        REQUIRE(waitpid(id_, &status, 0) == id_);
        waited_ = true;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t id_ = -1;
    int orders_ = -1;
    bool waited_ = false;
};

/// Runs `work` as a program with connections of its own to the server's file and the device's.
template <class Work>
int run_program(const std::string& server_file, const std::string& device_file, std::uint64_t seed, Work work) {
    const auto database = on_sqlite::open_server(server_file, workout_tracker::schema::view());
    service<sqlite_backend> answering(*database, service_options{{}, real_now_ms, random_source(seed)});
    device_type::server_router routing(answering, tokens{});
    device_type::line line(routing, "token of alice");
    program one(device_file, line, seed + 1);
    work(one);
    return one.syncing.sync().outcome == sync_outcome::complete ? 0 : 1;
}

}  // namespace

TEST_CASE("a second process writes and syncs the same file, and every row arrives exactly once", "[two processes]") {
    constexpr int rounds = 24;
    second_process other([](const std::string& server_file, const std::string& device_file) {
        return run_program(server_file, device_file, 5'000'000, [](program& one) { write_and_sync(one, "child", rounds); });
    });
    home_type home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    share_one_of_each(phone, tablet);
    other.start(home.server_path(), phone.path());
    CHECK(run_program(home.server_path(), phone.path(), 6'000'000, [](program& one) { write_and_sync(one, "parent", rounds); }) == 0);
    CHECK(other.wait() == 0);
    home.now_ms = real_now_ms();
    home.converge();
    CHECK(count<workout_set>(tablet) == 1 + 2 * rounds);
    CHECK(home.server_rows().size() == 6 + 2 * rounds);
    CHECK(phone->conflicts().empty());
}

TEST_CASE("a process that dies in the middle of a sync delays the next one, which loses and doubles nothing", "[two processes]") {
    const bool before_the_server = GENERATE(true, false);
    second_process other([before_the_server](const std::string& server_file, const std::string& device_file) {
        return run_program(server_file, device_file, 7'000'000, [before_the_server](program& one) {
            (before_the_server ? one.link.before_delivery : one.link.before_answer) = [](const wire::http_request&) { _exit(0); };
        });
    });
    home_type home;
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    phone.sync();
    write_in_worst_order(phone);
    other.start(home.server_path(), phone.path());
    CHECK(other.wait() == 0);
    CHECK(home.server_rows().size() == (before_the_server ? 0u : 6u));
    home.now_ms = real_now_ms();
    phone.sync();
    CHECK(phone->pending().empty());
    tablet.sync();
    home.converge();
    CHECK(home.server_rows().size() == 6);
}
#endif
