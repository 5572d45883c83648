/// One connection of `httplib_client`: at most one call at a time, which another thread can end at any moment.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <httplib.h>

#include <syncline/transports/http_client.hpp>
#include <syncline/transports/http_url.hpp>

namespace syncline {

struct httplib_client_options {
    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::milliseconds read_timeout{30'000};  ///< without a byte from the server; more than a stream's silences. The whole: http_call::time_max
    std::chrono::milliseconds write_timeout{5'000};  ///< without a byte taken by the server
    /// A connection that was idle for longer is not used again: networks forget idle connections without a word.
    std::chrono::milliseconds idle_max{30'000};
    /// A PEM file with the certificates that are trusted instead of the system's.
    std::string ca_file = {};
    /// The addresses that a name stands for, in the order in which they are tried; where it is not set, the system is asked.
    std::function<std::vector<std::string>(const std::string& host)> addresses_of = {};
    /// Lets http:// lead to other machines: everybody on the way can read the token and use it.
    bool dangerously_send_tokens_in_the_clear = false;
};

namespace detail {

/// The socket that a connection has at the moment, for stopping it from another thread. It is a second descriptor of the same socket, since
/// the library may close its own, and the system give its number to somebody else, at any moment.
class watched_socket {
public:
    watched_socket() { nothing(); }
    watched_socket(const watched_socket&) = delete;
    watched_socket& operator=(const watched_socket&) = delete;
    ~watched_socket() { let_go(); }

    /// A call begins, which may make one new socket or none.
    void begin(bool may_connect) {
        const std::lock_guard lock(mutex_);
        is_in_call_ = true;
        is_stopped_ = false;
        is_refused_ = false;
        may_connect_ = may_connect;
    }
    void end() {
        const std::lock_guard lock(mutex_);
        is_in_call_ = false;
    }

    /// The library has made a socket and is about to connect it. One that must not be connected becomes a descriptor that cannot be.
    void watch(socket_t made) {
        const std::lock_guard lock(mutex_);
        let_go();
        if (may_connect_ && !is_stopped_) watched_ = ::fcntl(made, F_DUPFD_CLOEXEC, 0);
        if (watched_ == INVALID_SOCKET) {
            is_refused_ = true;
            ::dup2(nothing(), made);
        }
        may_connect_ = false;
    }

    /// Ends the call in progress, in whatever state its socket is. From any thread.
    void stop() {
        for (;;) {
            {
                const std::lock_guard lock(mutex_);
                is_stopped_ = true;
                if (!is_in_call_ || watched_ == INVALID_SOCKET || ::shutdown(watched_, SHUT_RDWR) == 0 || errno != ENOTCONN) return;
            }
            // Between being made and being connected a socket has nothing to shut down, and not every system remembers that it was tried.
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    [[nodiscard]] bool is_stopped() const {
        const std::lock_guard lock(mutex_);
        return is_stopped_;
    }
    /// The call wanted more sockets than it may make.
    [[nodiscard]] bool is_refused() const {
        const std::lock_guard lock(mutex_);
        return is_refused_;
    }
    /// Open, and without a byte that nobody asked for.
    [[nodiscard]] bool is_quiet() const {
        const std::lock_guard lock(mutex_);
        char byte = 0;
        return watched_ != INVALID_SOCKET && ::recv(watched_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    }

private:
    /// A descriptor of something that is no socket. It is there from the start, because later there may be none left.
    static int nothing() {
        static const int descriptor = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        return descriptor;
    }

    void let_go() {
        if (watched_ != INVALID_SOCKET) ::close(watched_);
        watched_ = INVALID_SOCKET;
    }

    mutable std::mutex mutex_;
    socket_t watched_ = INVALID_SOCKET;
    bool is_in_call_ = false;
    bool is_stopped_ = false;
    bool is_refused_ = false;
    bool may_connect_ = false;
};

/// Releases have two names for it.
template <class Client>
void send_targets_as_they_are(Client& client) {
    if constexpr (requires { client.set_path_encode(false); })
        client.set_path_encode(false);
    else
        client.set_url_encode(false);
}

class httplib_connection {
public:
    /// Connects with the first call. `address`: one that the host's name stands for, or the host itself where that is one.
    httplib_connection(const http_url& url, const std::string& address, const httplib_client_options& options)
        : url_(url), client_(make_client(url, options)) {
        if (address != url.host) client_->set_hostname_addr_map({{url.host, address}});
        client_->set_keep_alive(true);
        client_->set_follow_location(false);
        client_->set_decompress(false);
        client_->set_tcp_nodelay(true);
        send_targets_as_they_are(*client_);
        client_->set_connection_timeout(options.connect_timeout);
        client_->set_read_timeout(options.read_timeout);
        client_->set_write_timeout(options.write_timeout);
        client_->set_socket_options([this](socket_t made) { socket_.watch(made); });
    }

    /// Whether another call may use it.
    [[nodiscard]] bool is_reusable() const { return is_whole_ && client_->is_socket_open() != 0 && socket_.is_quiet(); }
    /// Whether the last call ended before there was a connection, so that another address may be tried.
    [[nodiscard]] bool could_not_connect() const noexcept { return could_not_connect_; }

    /// `late` asks for the end when the call's time is over.
    [[nodiscard]] http_result send(const http_call& call, std::stop_token late) {
        const bool is_first = std::exchange(is_first_, false);
        is_whole_ = could_not_connect_ = false;
        progress so_far;
        httplib::Request request = request_for(call, so_far);
        // The library would make up for a connection that breaks by sending once more.
        socket_.begin(is_first);
        const auto stop = [this] { socket_.stop(); };
        const std::stop_callback on_stop(call.stop, stop);
        const std::stop_callback on_late(std::move(late), stop);
        struct ending {
            watched_socket& socket;
            ~ending() { socket.end(); }
        };
        httplib::Result result = [&] {
            const ending end{socket_};
            return client_->send(request);
        }();

        if (socket_.is_stopped() && call.stop.stop_requested()) return lost("the call was stopped");
        if (socket_.is_stopped()) return out_of_time(call, result ? lost({}) : failure_of(result.error(), is_first));
        if (so_far.is_enough) return std::move(so_far.reply);
        if (so_far.is_too_long) return lost("the answer is longer than " + std::to_string(call.answer_bytes_max) + " bytes");
        if (!result) return failure_of(result.error(), is_first);
        is_whole_ = true;
        take_head(*result, so_far.reply);
        return std::move(so_far.reply);
    }

private:
    struct progress {
        http_reply reply;
        bool is_enough = false;    ///< the call ends here, with the reply as it is
        bool is_too_long = false;
    };

    [[nodiscard]] static std::unique_ptr<httplib::ClientImpl> make_client(const http_url& url, const httplib_client_options& options) {
#ifdef CPPHTTPLIB_OPENSSL_SUPPORT
        if (url.is_secure) {
            auto client = std::make_unique<httplib::SSLClient>(url.host, url.port);
            client->enable_server_certificate_verification(true);
            if (!options.ca_file.empty()) client->set_ca_cert_path(options.ca_file);
            return client;
        }
#endif
        static_cast<void>(options);
        return std::make_unique<httplib::ClientImpl>(url.host, url.port);
    }

    static void take_head(const httplib::Response& head, http_reply& reply) {
        reply.status = head.status;
        reply.headers.clear();
        for (const auto& [name, value] : head.headers) reply.headers.push_back({name, value});
    }

    [[nodiscard]] httplib::Request request_for(const http_call& call, progress& so_far) const {
        httplib::Request request;
        request.method = call.method;
        request.path = url_.prefix + call.target;
        request.body = call.body;
        request.headers.emplace("Host", url_.authority());
        for (const http_header& header : call.headers) request.headers.emplace(header.name, header.value);
        request.response_handler = [&so_far](const httplib::Response& head) {
            take_head(head, so_far.reply);
            // This status never has a body, but the library waits for one.
            so_far.is_enough = head.status == 304;
            return !so_far.is_enough;
        };
        request.content_receiver = [&so_far, &call](const char* data, std::size_t size, auto, auto) {
            const bool is_success = so_far.reply.status >= 200 && so_far.reply.status < 300;
            if (call.receive && is_success) {
                so_far.is_enough = !call.receive({data, size});
                return !so_far.is_enough;
            }
            so_far.is_too_long = size > call.answer_bytes_max - so_far.reply.body.size();
            if (!so_far.is_too_long) so_far.reply.body.append(data, size);
            return !so_far.is_too_long;
        };
        return request;
    }

    [[nodiscard]] exchange_failure out_of_time(const http_call& call, exchange_failure failure) const {
        failure.text = "the call to " + url_.authority() + " took longer than " + std::to_string(call.time_max.count()) + " ms";
        return failure;
    }

    [[nodiscard]] exchange_failure failure_of(httplib::Error error, bool is_first) {
        const std::string host = url_.authority();
        const bool is_tls = httplib::to_string(error).starts_with("SSL");
        const bool is_refused = error == httplib::Error::Connection || error == httplib::Error::BindIPAddress;
        const bool is_late = error == httplib::Error::ConnectionTimeout;
        // A connection that was there, or was there already, may have carried the request.
        if (!is_first || socket_.is_refused() || !(is_tls || is_refused || is_late))
            return lost("the connection to " + host + " broke, or was silent for too long, before the answer was whole");
        could_not_connect_ = !is_tls;
        if (error == httplib::Error::SSLServerVerification)
            return unreachable("the certificate of " + host + " is not trusted, or is for another name");
        if (is_tls) return unreachable("no TLS connection to " + host + " could be made");
        return unreachable(host + (is_late ? " did not take a connection in time" : " takes no connections"));
    }

    [[nodiscard]] static exchange_failure lost(std::string text) { return {exchange_failure_kind::lost, std::move(text)}; }
    [[nodiscard]] static exchange_failure unreachable(std::string text) { return {exchange_failure_kind::unreachable, std::move(text)}; }

    http_url url_;
    watched_socket socket_;
    std::unique_ptr<httplib::ClientImpl> client_;
    bool is_first_ = true;
    bool is_whole_ = false;
    bool could_not_connect_ = false;
};

}  // namespace detail
}  // namespace syncline
