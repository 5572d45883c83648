/// A handler served over loopback by a thread, for as long as this lives.
#pragma once

#include <string>
#include <thread>
#include <utility>

#include <syncline/transports/http_server.hpp>

namespace syncline::tests {

template <request_handler Handler>
class served {
public:
    explicit served(Handler& handler, http_server_options options = {})
        : server_(handler, std::move(options)), thread_([this] { server_.run(); }) {}
    served(const served&) = delete;
    served& operator=(const served&) = delete;
    ~served() {
        server_.stop();
        thread_.join();
    }

    [[nodiscard]] int port() const { return server_.port(); }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
    [[nodiscard]] http_server<Handler>& server() { return server_; }

private:
    http_server<Handler> server_;
    std::thread thread_;
};

}  // namespace syncline::tests
