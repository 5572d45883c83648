/// A router served over loopback by a thread of this process, and a client's way to it.
#pragma once

#include <string>
#include <thread>
#include <utility>

#include <syncline/transports/http.hpp>
#include <syncline/transports/http_server.hpp>
#include <syncline/transports/httplib_client.hpp>

namespace benchmarks::http {

/// Serves until it is destroyed.
template <class Router>
class served {
public:
    explicit served(Router& routes) : server_(routes), thread_([this] { server_.run(); }) {}
    served(const served&) = delete;
    served& operator=(const served&) = delete;
    ~served() {
        server_.stop();
        thread_.join();
    }

    [[nodiscard]] int port() const noexcept { return server_.port(); }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

private:
    syncline::http_server<Router> server_;
    std::thread thread_;
};

/// One client with a connection of its own.
class link {
public:
    link(const std::string& url, std::string token)
        : client_(url), transport_(client_, {.token = [token = std::move(token)] { return token; }}) {}

    [[nodiscard]] syncline::exchange_result exchange(const syncline::wire::http_request& request) { return transport_.exchange(request); }

private:
    syncline::httplib_client client_;
    syncline::http_transport<syncline::httplib_client> transport_;
};

}  // namespace benchmarks::http
