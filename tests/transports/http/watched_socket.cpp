#include <syncline/transports/httplib_connection.hpp>

#include <cstdint>
#include <thread>

#include <syncline/testing/loopback_server.hpp>

#include <support/catch.hpp>

using namespace syncline;

namespace {

/// A socket as cpp-httplib makes and connects it.
class library_socket {
public:
    library_socket() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {}
    library_socket(const library_socket&) = delete;
    library_socket& operator=(const library_socket&) = delete;
    ~library_socket() { ::close(socket_); }

    [[nodiscard]] socket_t get() const noexcept { return socket_; }
    bool connect_to(const testing::loopback_server& server) {
        sockaddr_in there{};
        there.sin_family = AF_INET;
        there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        there.sin_port = htons(static_cast<std::uint16_t>(server.port()));
        return ::connect(socket_, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0;
    }
    /// Connected, and neither side has ended it.
    [[nodiscard]] bool is_open() const {
        char byte = 0;
        return ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    }

private:
    socket_t socket_;
};

}  // namespace

TEST_CASE("a stop between the making of a socket and its connecting ends the connection") {
    testing::loopback_server server;
    detail::watched_socket watched;
    library_socket made;
    watched.begin(true);
    watched.watch(made.get());
    std::thread stopper([&] { watched.stop(); });
    while (!watched.is_stopped()) std::this_thread::yield();
    made.connect_to(server);
    stopper.join();
    CHECK_FALSE(made.is_open());
    watched.end();
}

TEST_CASE("a stop before there is a socket keeps it from being connected") {
    testing::loopback_server server;
    detail::watched_socket watched;
    library_socket made;
    watched.begin(true);
    watched.stop();
    watched.watch(made.get());
    CHECK_FALSE(made.connect_to(server));
    watched.end();
    CHECK(watched.is_stopped());
}

TEST_CASE("a call makes one connection, or none where it has one") {
    testing::loopback_server server;
    detail::watched_socket watched;
    library_socket first, second;
    watched.begin(true);
    watched.watch(first.get());
    CHECK(first.connect_to(server));
    CHECK_FALSE(watched.is_refused());
    watched.watch(second.get());
    CHECK_FALSE(second.connect_to(server));
    CHECK(watched.is_refused());
    watched.end();

    library_socket third;
    watched.begin(false);
    CHECK_FALSE(watched.is_refused());
    watched.watch(third.get());
    CHECK_FALSE(third.connect_to(server));
    CHECK(watched.is_refused());
    watched.end();
    CHECK(server.requests().empty());
}

TEST_CASE("a stop that comes when the call is over ends nothing") {
    testing::loopback_server server;
    detail::watched_socket watched;
    library_socket made;
    watched.begin(true);
    watched.watch(made.get());
    REQUIRE(made.connect_to(server));
    watched.end();
    watched.stop();
    CHECK(made.is_open());
    CHECK(watched.is_quiet());
    watched.begin(false);
    CHECK_FALSE(watched.is_stopped());
    watched.stop();
    CHECK_FALSE(made.is_open());
    CHECK_FALSE(watched.is_quiet());
    watched.end();
}
