/// Server and devices over HTTP: an edit on one device shows up on another without anybody asking for it.
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <thread>

#include <syncline/backends/sqlite.hpp>
#include <syncline/client/live_sync.hpp>
#include <syncline/client/repository.hpp>
#include <syncline/server/server.hpp>
#include <syncline/stores/sqlite.hpp>
#include <syncline/transports/http.hpp>
#include <syncline/transports/http_server.hpp>
#include <syncline/transports/httplib_client.hpp>
#include <workout/schema.hpp>

using namespace workout_tracker;

int main() {
    // The server: a database, what it answers, who may ask, and sockets on the loopback.
    syncline::server<syncline::sqlite_backend> rows(":memory:", schema::view(), [](const std::string& token) {
        return token == "secret" ? std::optional<std::string>("ann") : std::nullopt;
    });
    syncline::http_server server(rows);
    std::thread serving([&] { server.run(); });
    const std::string url = "http://127.0.0.1:" + std::to_string(server.port());

    // Two devices, each with a store, a connection and a thread that keeps them in sync.
    const auto as_ann = [] { return std::string("secret"); };
    syncline::httplib_client phone_client(url), tablet_client(url);
    syncline::http_transport phone_link(phone_client, as_ann), tablet_link(tablet_client, as_ann);
    syncline::sqlite_store phone(":memory:", schema::view(), {.owner = "ann"}), tablet(":memory:", schema::view(), {.owner = "ann"});

    std::mutex mutex;
    std::condition_variable arrived;
    bool is_there = false;
    syncline::live_sync phone_sync(phone, phone_link);
    syncline::live_sync tablet_sync(tablet, tablet_link, {.reported = [&](const syncline::sync_report& report) {
                                        const std::lock_guard lock(mutex);
                                        is_there = is_there || report.total().pulled != 0;
                                        arrived.notify_one();
                                    }});
    std::thread phone_thread([&] { phone_sync.run(); }), tablet_thread([&] { tablet_sync.run(); });

    syncline::repository on_phone(schema{}, phone, {.written = [&] { phone_sync.wake(); }}), on_tablet(schema{}, tablet);
    on_phone.create(exercise{.name = "squat"});
    {
        std::unique_lock lock(mutex);
        arrived.wait(lock, [&] { return is_there; });
    }
    std::cout << "the tablet has: " << on_tablet.all<exercise>().front().name << "\n";

    phone_sync.stop(), tablet_sync.stop(), server.stop();
    phone_thread.join(), tablet_thread.join(), serving.join();
}
