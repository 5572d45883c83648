/// Background syncs on real threads: nothing that wakes them is lost, and nothing they wait for keeps them from stopping.
#include <syncline/client/live_sync.hpp>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include <backends/scratch_folder.hpp>
#include <support/catch.hpp>
#include <syncline/backends/memory.hpp>
#include <syncline/client/repository.hpp>
#include <syncline/server/router.hpp>
#include <syncline/stores/memory.hpp>
#include <syncline/stores/sqlite.hpp>
#include <syncline/transports/in_process.hpp>
#include <workout/schema.hpp>

using namespace syncline;
using namespace syncline::tests;
using workout_tracker::exercise;

namespace {

using repository_schema = workout_tracker::schema;

struct one_owner {
    std::optional<std::string> operator()(const std::string& token) const {
        return token == "token of alice" ? std::optional<std::string>("alice") : std::nullopt;
    }
};
using server_service = service<memory_backend>;
using server_router = router<server_service, one_owner>;

struct server {
    memory_backend database{repository_schema::view(), random_source(1)};
    server_service requests{database};
    server_router routes{requests, one_owner()};
};

/// A way to the server that can be cut, counts, and lets a test act while a request is in flight.
class link {
public:
    static constexpr bool is_thread_safe = true;

    explicit link(server_router& routes) : line_(routes, "token of alice") {}

    [[nodiscard]] exchange_result exchange(const wire::http_request& request) { return exchange(request, {}); }
    [[nodiscard]] exchange_result exchange(const wire::http_request& request, std::stop_token stop) {
        ++exchanges;
        if (in_flight) in_flight(stop);
        if (is_cut) return exchange_failure{exchange_failure_kind::unreachable, "cut"};
        if (status != 0) return wire::http_response{status, {}, retry_after_ms};
        return line_.exchange(request, stop);
    }
    [[nodiscard]] exchange_result listen(const wire::http_request& request, std::stop_token stop, const std::function<bool(std::string_view)>& receive) {
        ++listens;
        if (is_cut) return exchange_failure{exchange_failure_kind::unreachable, "cut"};
        return line_.listen(request, stop, receive);
    }

    std::atomic<int> exchanges = 0;
    std::atomic<int> listens = 0;
    std::atomic<bool> is_cut = false;
    std::atomic<int> status = 0;  ///< the server answers with it, unless it is 0
    std::optional<std::int64_t> retry_after_ms;  ///< set before the sync runs
    std::function<void(std::stop_token)> in_flight;  ///< set before the sync runs

private:
    in_process_transport<server_router> line_;
};

/// What happens in other threads; a test that fails ends after a minute.
class events {
public:
    void tell() {
        {
            const std::lock_guard lock(mutex_);
            ++told_;
        }
        changed_.notify_all();
    }
    [[nodiscard]] int told() {
        const std::lock_guard lock(mutex_);
        return told_;
    }
    /// False when `holds` did not hold within the minute. It is asked again after each tell(), and now and then.
    [[nodiscard]] bool reach(const std::function<bool()>& holds) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        std::unique_lock lock(mutex_);
        for (;;) {
            const int seen = told_;
            lock.unlock();
            if (holds()) return true;
            if (std::chrono::steady_clock::now() > deadline) return false;
            lock.lock();
            changed_.wait_for(lock, std::chrono::milliseconds(20), [&] { return told_ != seen; });
        }
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int told_ = 0;
};

constexpr std::int64_t hour_ms = 3'600'000;

/// Pauses and looks that take so long that only a signal can end them.
live_options patient() {
    live_options options;
    options.look_every = std::chrono::seconds(60);
    options.poll_every = std::chrono::hours(1);
    options.pause_max = std::chrono::hours(1);
    options.syncs.bounds.backoff_base_ms = hour_ms;
    options.syncs.bounds.backoff_cap_ms = hour_ms;
    return options;
}

/// A device whose store is kept in sync by a thread.
template <class Store>
class device {
public:
    device(std::unique_ptr<Store> opened, server& there, events& happened, live_options options = patient())
        : store(std::move(opened)), way(there.routes), live(*store, way, told(std::move(options), happened)), rows(*store, {.written = [this] { live.wake(); }}) {}
    ~device() { stop(); }

    void start() {
        thread_ = std::thread([this] { live.run(); });
    }
    void stop() {
        live.stop();
        if (thread_.joinable()) thread_.join();
    }
    void create(const std::string& name) { rows.create(exercise{.id = id_of<exercise>::parse(name).value(), .name = name}); }
    [[nodiscard]] bool has(const std::string& name) { return rows.find(id_of<exercise>::parse(name).value()).has_value(); }
    [[nodiscard]] bool is_listening() const { return way.listens > 0; }

    std::unique_ptr<Store> store;
    link way;
    live_sync<Store, link> live;
    repository<repository_schema, Store> rows;

private:
    static live_options told(live_options options, events& happened) {
        options.reported = [&happened](const sync_report&) { happened.tell(); };
        return options;
    }
    std::thread thread_;
};

using memory_device = device<memory_store>;
using file_device = device<sqlite_store>;

std::unique_ptr<memory_store> in_memory() { return std::make_unique<memory_store>(repository_schema::view(), memory_options{"alice"}); }
std::unique_ptr<sqlite_store> in_file(const std::string& path, int busy_timeout_ms = 10'000) {
    sqlite_options options;
    options.busy_timeout_ms = busy_timeout_ms;
    options.owner = "alice";
    options.durability = sqlite_durability::normal;
    return std::make_unique<sqlite_store>(path, repository_schema::view(), options);
}

}  // namespace

TEST_CASE("an edit on one device arrives on the other without a call", "[live sync]") {
    server there;
    events happened;
    scratch_folder folder;
    memory_device phone(in_memory(), there, happened);
    file_device tablet(in_file(folder.file("tablet.db")), there, happened);
    phone.start();
    tablet.start();
    for (int i = 0; i < 10; ++i) {
        const std::string name = "e" + std::to_string(i);
        if (i % 2 == 0) phone.create(name);
        else tablet.create(name);
        CHECK(happened.reach([&] { return phone.has(name) && tablet.has(name); }));
    }
}

TEST_CASE("a live sync sends nothing while nobody has said whose the edits are, and goes on when the store is claimed", "[live sync]") {
    server there;
    events happened;
    live_options options = patient();
    options.syncs.bounds.backoff_base_ms = 1;
    memory_device phone(std::make_unique<memory_store>(repository_schema::view()), there, happened, options);
    phone.create("e1");
    phone.start();
    REQUIRE(happened.reach([&] { return happened.told() > 0; }));
    CHECK(phone.way.exchanges == 0);
    CHECK(phone.live.ask_owner().owner == "alice");
    CHECK(phone.rows.pending().size() == 1);
    phone.rows.claim("alice");
    CHECK(happened.reach([&] { return phone.rows.pending().empty(); }));
}

TEST_CASE("edits made in every moment arrive, and the devices come to rest", "[live sync]") {
    server there;
    events happened;
    memory_device phone(in_memory(), there, happened), tablet(in_memory(), there, happened);
    phone.start();
    tablet.start();
    constexpr int edits = 60;
    std::thread user([&] {
        for (int i = 0; i < edits; ++i) tablet.create("t" + std::to_string(i));
    });
    for (int i = 0; i < edits; ++i) phone.create("p" + std::to_string(i));
    user.join();
    CHECK(happened.reach([&] { return phone.rows.template count<exercise>() == 2 * edits && tablet.rows.template count<exercise>() == 2 * edits; }));
    CHECK(happened.reach([&] { return phone.rows.pending().empty() && tablet.rows.pending().empty(); }));
}

TEST_CASE("an edit made while a sync is in flight goes out with the next, which nobody has to ask for", "[live sync]") {
    server there;
    events happened;
    memory_device phone(in_memory(), there, happened);
    std::atomic<int> made = 0;
    phone.way.in_flight = [&](std::stop_token) {
        if (made < 5) phone.create("e" + std::to_string(made++));
    };
    phone.start();
    CHECK(happened.reach([&] { return made == 5 && phone.rows.pending().empty(); }));
}

TEST_CASE("a stop ends the run while it listens, backs off, polls or waits for an answer", "[live sync]") {
    server there;
    events happened;
    {
        memory_device listens(in_memory(), there, happened);
        listens.start();
        REQUIRE(happened.reach([&] { return listens.is_listening(); }));
        listens.stop();
    }
    {
        memory_device backs_off(in_memory(), there, happened);
        backs_off.way.is_cut = true;
        backs_off.start();
        REQUIRE(happened.reach([&] { return backs_off.way.exchanges > 0; }));
        backs_off.stop();
        CHECK(backs_off.way.exchanges == 1);
    }
    {
        memory_device hangs(in_memory(), there, happened);
        hangs.way.in_flight = [](std::stop_token stop) {
            std::mutex mutex;
            std::condition_variable_any stopped;
            std::unique_lock lock(mutex);
            stopped.wait(lock, stop, [] { return false; });
        };
        hangs.start();
        REQUIRE(happened.reach([&] { return hangs.way.exchanges > 0; }));
        hangs.stop();
    }
    there.routes.end_waits();
    memory_device polls(in_memory(), there, happened);
    polls.start();
    REQUIRE(happened.reach([&] { return polls.is_listening(); }));
    polls.stop();
}

TEST_CASE("a stop before the run, at its begin, or by token, is not missed", "[live sync]") {
    server there;
    events happened;
    {
        memory_device phone(in_memory(), there, happened);
        phone.live.stop();
        phone.live.run();
        CHECK(phone.way.exchanges == 0);
    }
    for (int i = 0; i < 20; ++i) {
        memory_device phone(in_memory(), there, happened);
        phone.start();
        phone.stop();
    }
    for (int i = 0; i < 20; ++i) {
        memory_device phone(in_memory(), there, happened);
        std::jthread run([&](std::stop_token stopping) { phone.live.run(std::move(stopping)); });
        if (i % 2 == 0) static_cast<void>(happened.reach([&] { return phone.is_listening(); }));
    }
}

TEST_CASE("a reconnect ends a pause after a failure", "[live sync]") {
    server there;
    events happened;
    memory_device phone(in_memory(), there, happened);
    phone.way.is_cut = true;
    phone.create("e");
    phone.start();
    REQUIRE(happened.reach([&] { return phone.way.exchanges > 0; }));
    phone.way.is_cut = false;
    phone.live.reconnect();
    CHECK(happened.reach([&] { return phone.rows.pending().empty(); }));
}

TEST_CASE("edits made offline do not hammer the network", "[live sync]") {
    server there;
    events happened;
    memory_device phone(in_memory(), there, happened);
    phone.way.is_cut = true;
    phone.start();
    REQUIRE(happened.reach([&] { return phone.way.exchanges > 0; }));
    for (int i = 0; i < 200; ++i) phone.create("e" + std::to_string(i));
    phone.stop();
    CHECK(phone.way.exchanges == 1);
}

TEST_CASE("a pause that the server asks for, and the rest with a token that was refused, last until a reconnect, whatever is edited", "[live sync]") {
    const int status = GENERATE(429, 503, 401);
    server there;
    events happened;
    live_options options = patient();
    options.pause_max = std::chrono::milliseconds(1);
    options.syncs.bounds.backoff_base_ms = 1;
    memory_device phone(in_memory(), there, happened, options);
    phone.way.status = status;
    if (status != 401) phone.way.retry_after_ms = hour_ms;
    phone.start();
    REQUIRE(happened.reach([&] { return happened.told() > 0; }));
    for (int i = 0; i < 20; ++i) {
        phone.create("e" + std::to_string(i));
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    CHECK(phone.way.exchanges == 1);
    phone.way.status = 0;
    phone.live.reconnect();
    CHECK(happened.reach([&] { return phone.rows.pending().empty(); }));
}

TEST_CASE("a link that tells of another token needs nobody else to say so", "[live sync]") {
    struct link_with_token : link {
        using link::link;
        [[nodiscard]] bool has_other_token() const { return is_other; }
        std::atomic<bool> is_other = false;
    };
    server there;
    events happened;
    const auto store = in_memory();
    link_with_token way(there.routes);
    way.status = 401;
    live_options options = patient();
    options.look_every = std::chrono::seconds(1);
    options.reported = [&](const sync_report&) { happened.tell(); };
    live_sync live(*store, way, options);
    repository<repository_schema, memory_store> rows(*store, {.written = [&] { live.wake(); }});
    rows.create(exercise{.id = id_of<exercise>::parse("e").value(), .name = "squat"});
    std::thread running([&] { live.run(); });
    CHECK(happened.reach([&] { return happened.told() > 0; }));
    CHECK(way.exchanges == 1);
    way.status = 0;
    way.is_other = true;
    CHECK(happened.reach([&] { return rows.pending().empty(); }));
    live.stop();
    running.join();
}

TEST_CASE("a background sync outlives a store that another connection holds for longer than it waits", "[live sync]") {
    server there;
    events happened;
    scratch_folder folder;
    live_options options = patient();
    options.syncs.bounds.backoff_base_ms = 1;
    options.pause_max = std::chrono::milliseconds(5);
    file_device phone(in_file(folder.file("phone.db"), 1), there, happened, options);
    phone.create("e1");
    const auto other = in_file(folder.file("phone.db"));
    {
        const auto held = other->begin_write();
        phone.start();
        REQUIRE(happened.reach([&] { return happened.told() >= 3; }));
        CHECK(phone.live.sync().outcome == sync_outcome::busy);
        CHECK(phone.way.exchanges == 0);
    }
    CHECK(happened.reach([&] { return phone.rows.pending().empty(); }));
}

TEST_CASE("a device that nobody tells that the network is back finds out by itself", "[live sync]") {
    server there;
    events happened;
    live_options options = patient();
    options.pause_max = std::chrono::milliseconds(5);
    memory_device phone(in_memory(), there, happened, options);
    phone.way.is_cut = true;
    phone.create("e");
    phone.start();
    REQUIRE(happened.reach([&] { return phone.way.exchanges >= 5; }));
    phone.way.is_cut = false;
    CHECK(happened.reach([&] { return phone.rows.pending().empty(); }));
}

TEST_CASE("what another program writes to the device's file goes out by itself", "[live sync]") {
    server there;
    events happened;
    scratch_folder folder;
    live_options options = patient();
    options.look_every = std::chrono::seconds(1);
    file_device phone(in_file(folder.file("phone.db")), there, happened, options);
    phone.start();
    REQUIRE(happened.reach([&] { return phone.is_listening(); }));
    const auto other = in_file(folder.file("phone.db"));
    repository<repository_schema, sqlite_store> others_rows(*other);
    others_rows.create(exercise{.id = id_of<exercise>::parse("e").value(), .name = "squat"});
    CHECK(happened.reach([&] { return there.requests.newest_version("alice") == row_version(first_generation, 1); }));
    CHECK(happened.reach([&] { return phone.rows.pending().empty(); }));
}

TEST_CASE("a sync that is called for beside the background one joins it", "[live sync]") {
    server there;
    events happened;
    memory_device phone(in_memory(), there, happened);
    phone.start();
    for (int i = 0; i < 10; ++i) {
        phone.create("e" + std::to_string(i));
        CHECK(phone.live.sync().outcome == sync_outcome::complete);
    }
    CHECK(happened.reach([&] { return phone.rows.pending().empty(); }));
}

TEST_CASE("a background sync refuses to begin inside a transaction", "[live sync]") {
    server there;
    events happened;
    memory_device phone(in_memory(), there, happened);
    phone.rows.transaction([&] { CHECK_THROWS_AS(phone.live.run(), transaction_is_open); });
    CHECK(phone.way.exchanges == 0);
    phone.start();
    phone.create("e1");
    CHECK(happened.reach([&] { return phone.rows.pending().empty(); }));
}

TEST_CASE("a background sync outlives a transaction that a callback left open, and asks the server nothing meanwhile", "[live sync]") {
    server there;
    events happened;
    scratch_folder folder;
    const auto store = in_file(folder.file("phone.db"));
    const auto execute = [&](const char* sql) { CHECK(sqlite3_exec(store->handle(), sql, nullptr, nullptr, nullptr) == SQLITE_OK); };
    repository<repository_schema, sqlite_store> rows(*store);
    decltype(file_device::way) way(there.routes);
    std::atomic<int> reports = 0;
    live_options options = patient();
    options.pause_max = std::chrono::milliseconds(20);
    options.syncs.bounds.backoff_base_ms = 1;
    options.reported = [&](const sync_report&) {
        if (reports == 0) execute("BEGIN");
        ++reports;
        happened.tell();
    };
    live_sync live(*store, way, options);
    std::atomic<bool> has_ended = false;
    std::thread running([&] {
        CHECK_NOTHROW(live.run());
        has_ended = true;
    });
    CHECK(happened.reach([&] { return reports == 1; }));
    const int before = way.exchanges;
    for (int i = 0; i < 10; ++i) {
        live.wake();
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    CHECK(way.exchanges == before);
    CHECK(reports == 1);
    CHECK_FALSE(has_ended);
    {
        const auto turn = store->lock();
        execute("ROLLBACK");
    }
    rows.create(exercise{.name = "squat"});
    live.wake();
    CHECK(happened.reach([&] { return rows.pending().empty(); }));
    live.stop();
    running.join();
}
