/// A request handler served over loopback by a thread, for as long as this lives: what a test or benchmark needs of a server.
#pragma once

#include <string>
#include <thread>
#include <utility>

#include <syncline/transports/http_server.hpp>

namespace syncline::testing {

template <request_handler Handler>
    requires thread_safe<Handler>
class served {
public:
    /// Throws std::runtime_error if the server cannot listen. `handler` must outlive it.
    explicit served(Handler& handler, http_server_options options = {}) : server_(handler, std::move(options)), thread_([this] { server_.run(); }) {}
    served(const served&) = delete;
    served& operator=(const served&) = delete;
    ~served() { stop(); }

    /// Stops the server and waits until the requests in work are answered.
    void stop() {
        server_.stop();
        if (thread_.joinable()) thread_.join();
    }

    [[nodiscard]] int port() const { return server_.port(); }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    [[nodiscard]] http_server<Handler>& server() { return server_; }

private:
    http_server<Handler> server_;
    std::thread thread_;
};

}  // namespace syncline::testing
