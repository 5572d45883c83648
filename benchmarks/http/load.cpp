/// A loaded server: requests a second and latencies over loopback, pushes while many clients wait, and how long an edit takes to
/// reach another device. Clients and server share one process and its cores.
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <syncline/backends/sqlite.hpp>
#include <syncline/client/live_sync.hpp>
#include <syncline/stores/sqlite.hpp>
#include <syncline/syncline.hpp>
#include <syncline/testing/served.hpp>

#include "../contestants/ours_schema.hpp"
#include "link.hpp"

namespace {

using clock_type = std::chrono::steady_clock;
using namespace benchmarks;

/// The token is the owner.
struct token_check {
    std::optional<std::string> operator()(const std::string& token) const { return token; }
};

using server_service = syncline::service<syncline::sqlite_backend>;
using server_router = syncline::router<server_service, token_check>;

/// A server on a new SQLite file.
struct server_side {
    explicit server_side(const std::string& folder)
        : database(folder + "/load-" + std::to_string(++count) + ".db", ours::schema::view()), service(database), routes(service, token_check()), served(routes) {}

    static inline int count = 0;
    syncline::sqlite_backend database;
    server_service service;
    server_router routes;
    syncline::testing::served<server_router> served;
};

struct latencies {
    std::vector<double> ms;
    double seconds = 0;

    [[nodiscard]] double at(double share) const { return ms.empty() ? 0 : ms[std::min(ms.size() - 1, static_cast<std::size_t>(share * static_cast<double>(ms.size())))]; }
};

void print(const char* what, std::size_t clients, const latencies& of) {
    std::printf("%-34s %8zu %9zu %10.0f %9.2f %9.2f %9.2f %9.2f\n", what, clients, of.ms.size(), static_cast<double>(of.ms.size()) / of.seconds,
                of.at(0.5), of.at(0.9), of.at(0.99), of.ms.empty() ? 0 : of.ms.back());
    std::fflush(stdout);
}

/// Every client sends `each` requests, one after the other, on a connection of its own.
latencies measure(const server_side& server, std::size_t clients, std::size_t each,
                  const std::function<syncline::wire::http_request(std::size_t client, std::size_t number)>& make) {
    std::vector<std::vector<double>> found(clients);
    std::vector<std::thread> threads;
    std::atomic<std::size_t> ready = 0;
    std::atomic<bool> go = false, failed = false;
    for (std::size_t client = 0; client < clients; ++client)
        threads.emplace_back([&, client] {
            http::link link(server.served.url(), "owner-" + std::to_string(client % 8));
            static_cast<void>(link.exchange({"GET", "/healthz", {}, {}}));
            ++ready;
            go.wait(false);
            for (std::size_t number = 1; number <= each; ++number) {
                const auto request = make(client, number);
                const auto began = clock_type::now();
                const syncline::exchange_result result = link.exchange(request);
                found[client].push_back(std::chrono::duration<double, std::milli>(clock_type::now() - began).count());
                const auto* const response = std::get_if<syncline::wire::http_response>(&result);
                if (response == nullptr || response->status != 200) failed = true;
            }
        });
    while (ready < clients) std::this_thread::yield();
    const auto began = clock_type::now();
    go = true;
    go.notify_all();
    for (std::thread& one : threads) one.join();
    latencies all;
    all.seconds = std::chrono::duration<double>(clock_type::now() - began).count();
    if (failed) throw std::runtime_error("a request was not answered with 200");
    for (const auto& one : found) all.ms.insert(all.ms.end(), one.begin(), one.end());
    std::ranges::sort(all.ms);
    return all;
}

/// A push of one new row.
syncline::wire::http_request push_of(const std::string& device, std::size_t number) {
    const std::string seq = std::to_string(number), before = std::to_string(number - 1);
    return {"POST", "/api/sync/push",
            R"({"device":")" + device + R"(","acknowledged":)" + before + R"(,"operations":[{"seq":)" + seq +
                R"(,"op":"create","entity":"exercise","localId":")" + device + "." + seq + R"(","fields":{"name":"bench press","muscles":3,"notes":"flat, slow"}}]})",
            {}};
}

/// Sockets that have asked to be told of news and are waiting for it.
class crowd {
public:
    crowd(int port, std::size_t size, const std::function<std::string(std::size_t)>& owner_of) {
        for (std::size_t i = 0; i < size; ++i) {
            const int one = ::socket(AF_INET, SOCK_STREAM, 0);
            sockaddr_in place{};
            place.sin_family = AF_INET;
            place.sin_port = htons(static_cast<std::uint16_t>(port));
            place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            if (one < 0 || ::connect(one, reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0) throw std::runtime_error("a waiting client cannot connect");
            sockets_.push_back(one);
            const std::string head = "Host: localhost\r\nAuthorization: Bearer " + owner_of(i) + "\r\n";
            // A cursor, so that there is nothing new.
            const std::string cursor = cursor_in(ask(one, "GET /api/sync HTTP/1.1\r\n" + head + "\r\n"));
            send(one, "GET /api/sync/wait?timeout=60&since=" + cursor + " HTTP/1.1\r\n" + head + "\r\n");
        }
    }
    crowd(const crowd&) = delete;
    crowd& operator=(const crowd&) = delete;
    ~crowd() {
        for (const int one : sockets_) ::close(one);
    }

private:
    static void send(int to, const std::string& text) {
        if (::send(to, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size())) throw std::runtime_error("a waiting client cannot send");
    }

    static std::string ask(int on, const std::string& text) {
        send(on, text);
        std::string answer;
        char part[4096];
        while (answer.find("\"snapshot\":true}") == std::string::npos) {
            const ssize_t got = ::recv(on, part, sizeof part, 0);
            if (got <= 0) throw std::runtime_error("a waiting client was not answered");
            answer.append(part, static_cast<std::size_t>(got));
        }
        return answer;
    }

    static std::string cursor_in(const std::string& answer) {
        const std::string name = "\"lastSync\":\"";
        const std::size_t at = answer.find(name) + name.size();
        return answer.substr(at, answer.find('"', at) - at);
    }

    std::vector<int> sockets_;
};

void measure_requests(const std::string& folder, std::size_t scale) {
    for (const std::size_t clients : {1u, 8u, 64u}) {
        server_side server(folder);
        const std::size_t each = std::max<std::size_t>(20, 4'000 * scale / 10 / clients);
        print("push of one row", clients, measure(server, clients, each, [](std::size_t client, std::size_t number) {
                  return push_of("d" + std::to_string(client), number);
              }));
        print("pull of 100 rows", clients, measure(server, clients, each, [](std::size_t, std::size_t) {
                  return syncline::wire::http_request{"GET", "/api/sync?limit=100", {}, {}, {}, "application/cbor"};
              }));
        print("health, which reads nothing", clients, measure(server, clients, each, [](std::size_t, std::size_t) {
                  return syncline::wire::http_request{"GET", "/healthz", {}, {}};
              }));
    }
}

void measure_waiting(const std::string& folder, std::size_t scale) {
    server_side server(folder);
    const std::size_t each = 500 * scale / 10;
    const auto push = [&](const std::string& device) {
        return measure(server, 4, each, [&](std::size_t client, std::size_t number) { return push_of(device + std::to_string(client), number); });
    };
    for (int round = 0; round < 3; ++round) {
        const std::string name = std::to_string(round);
        print("push, nobody waits", 4, push("a" + name + "."));
        {
            const crowd waiting(server.served.port(), 1'000, [](std::size_t i) { return "stranger-" + std::to_string(i); });
            print("push, 1,000 other owners wait", 4, push("b" + name + "."));
        }
        {
            // As many of one owner as the server lets wait, so that each push wakes them all.
            const crowd waiting(server.served.port(), 4 * 64, [](std::size_t i) { return "owner-" + std::to_string(i % 4); });
            print("push, 64 devices of each owner wait", 4, push("c" + name + "."));
        }
    }
}

void measure_live(const std::string& folder, std::size_t scale) {
    server_side server(folder);
    syncline::httplib_client first_client(server.served.url()), second_client(server.served.url());
    syncline::http_transport first_link(first_client, [] { return std::string("owner"); }), second_link(second_client, [] { return std::string("owner"); });
    const syncline::sqlite_options owned{.owner = "owner"};
    syncline::sqlite_store first(folder + "/first.db", ours::schema::view(), owned), second(folder + "/second.db", ours::schema::view(), owned);
    std::mutex mutex;
    std::condition_variable arrived;
    std::size_t pulled = 0;
    syncline::live_sync sender(first, first_link), receiver(second, second_link, {.reported = [&](const syncline::sync_report& report) {
                                                                const std::lock_guard lock(mutex);
                                                                pulled += report.total().pulled;
                                                                arrived.notify_all();
                                                            }});
    syncline::repository<ours::schema, syncline::sqlite_store> rows(first, {.written = [&] { sender.wake(); }});
    std::thread sends([&] { sender.run(); }), receives([&] { receiver.run(); });
    latencies all;
    const auto began = clock_type::now();
    for (std::size_t i = 0; i < 100 * scale; ++i) {
        const auto edited = clock_type::now();
        rows.create(ours::exercise{.name = "bench press"});
        std::unique_lock lock(mutex);
        arrived.wait(lock, [&] { return pulled > i; });
        all.ms.push_back(std::chrono::duration<double, std::milli>(clock_type::now() - edited).count());
        lock.unlock();
        // Every other edit finds both devices at rest, and the others in the middle of their last sync.
        if (i % 2 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    all.seconds = std::chrono::duration<double>(clock_type::now() - began).count();
    sender.stop();
    receiver.stop();
    sends.join();
    receives.join();
    std::ranges::sort(all.ms);
    print("edit until it is on another device", 2, all);
}

}  // namespace

int main(int count, char** arguments) {
    std::string folder = ".";
    std::size_t scale = 10;
    for (int i = 1; i < count; ++i) {
        const std::string name = arguments[i];
        if (name == "--quick") {
            scale = 2;
        } else if (name == "--dir" && i + 1 < count) {
            folder = arguments[++i];
        } else {
            std::puts("usage: load [--quick] [--dir FOLDER]\n\nServer (SQLite on disk) and clients in one process, over loopback HTTP.");
            return name == "--help" ? 0 : 2;
        }
    }
    // A waiting client takes a socket on either side.
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 16'384);
    ::setrlimit(RLIMIT_NOFILE, &files);
    try {
        std::printf("%-34s %8s %9s %10s %9s %9s %9s %9s\n", "requests", "clients", "requests", "a second", "p50 ms", "p90 ms", "p99 ms", "max ms");
        measure_requests(folder, scale);
        measure_waiting(folder, scale);
        measure_live(folder, scale);
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "load: %s\n", problem.what());
        return 1;
    }
    return 0;
}
