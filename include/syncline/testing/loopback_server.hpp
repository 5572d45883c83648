/// The server that the HTTP client suite needs: a socket of this machine that does with each request what a script says. For Linux, on
/// nothing but its sockets and threads; for other systems write a class that meets the concept `scripted_server`.
#pragma once

#include <cerrno>
#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <syncline/testing/http_script.hpp>

namespace syncline::testing {

/// Listens on a free port of 127.0.0.1, which no other machine reaches, as long as it lives, with a thread for each connection. What the
/// calls mean is said at the concept `scripted_server`; they may come from any thread, but refuse_connections() from one only.
class loopback_server {
public:
    /// Throws std::system_error if the system gives it no socket.
    loopback_server() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in here{};
        here.sin_family = AF_INET;
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof here;
        auto* const address = reinterpret_cast<sockaddr*>(&here);
        if (listener_ < 0 || ::bind(listener_, address, size) != 0 || ::listen(listener_, 16) != 0 || ::getsockname(listener_, address, &size) != 0) {
            const int reason = errno;
            if (listener_ >= 0) ::close(listener_);
            throw std::system_error(reason, std::generic_category(), "no socket on 127.0.0.1");
        }
        port_ = ntohs(here.sin_port);
        acceptor_ = std::thread([this] { accept_connections(); });
    }
    loopback_server(const loopback_server&) = delete;
    loopback_server& operator=(const loopback_server&) = delete;
    ~loopback_server() {
        refuse_connections();
        {
            const std::lock_guard lock(mutex_);
            is_ending_ = true;
            for (const connection& one : connections_) ::shutdown(one.socket, SHUT_RDWR);
        }
        changed_.notify_all();
        for (connection& one : connections_) {
            one.worker.join();
            ::close(one.socket);
        }
    }

    [[nodiscard]] int port() const noexcept { return port_; }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

    void answer_next(answer_script script) {
        const std::lock_guard lock(mutex_);
        scripts_.push_back(std::move(script));
    }

    [[nodiscard]] std::vector<std::string> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    [[nodiscard]] std::size_t connections() const {
        const std::lock_guard lock(mutex_);
        return connections_.size();
    }
    void wait_for_requests(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return requests_.size() >= count; });
    }
    void wait_for_answers(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return answers_ >= count; });
    }
    void proceed() {
        {
            const std::lock_guard lock(mutex_);
            ++permits_;
        }
        changed_.notify_all();
    }
    void refuse_connections() {
        if (!acceptor_.joinable()) return;
        ::shutdown(listener_, SHUT_RDWR);
        acceptor_.join();
        ::close(listener_);
    }

private:
    struct connection {
        int socket = -1;
        std::thread worker;
    };

    void accept_connections() {
        for (;;) {
            const int made = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (made < 0) return;
            const int on = 1;
            ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            const std::lock_guard lock(mutex_);
            connections_.push_back({made, std::thread([this, made] { serve(made); })});
        }
    }

    void serve(int socket) {
        std::string unread;
        answer_script script;
        do {
            const std::size_t head_end = read_head(socket, unread);
            if (head_end == 0) return;
            script = next_script();
            std::string request = unread.substr(0, head_end);
            if (script.reads_body) {
                const std::size_t size = head_end + content_length(request);
                while (unread.size() < size)
                    if (!read_more(socket, unread)) return;
                request = unread.substr(0, size);
            }
            unread.erase(0, request.size());
            {
                const std::lock_guard lock(mutex_);
                requests_.push_back(std::move(request));
            }
            changed_.notify_all();
        } while (perform(socket, script));
    }

    answer_script next_script() {
        const std::lock_guard lock(mutex_);
        if (scripts_.empty()) return {{{script_step::kind::send, "HTTP/1.1 204 Scripted\r\n\r\n"}}};
        answer_script script = std::move(scripts_.front());
        scripts_.pop_front();
        return script;
    }

    /// False when there will be no further request on this connection.
    bool perform(int socket, const answer_script& script) {
        bool goes_on = true;
        for (const script_step& step : script.steps) goes_on = goes_on && perform(socket, step);
        {
            const std::lock_guard lock(mutex_);
            ++answers_;
        }
        changed_.notify_all();
        return goes_on;
    }

    bool perform(int socket, const script_step& step) {
        using kind = script_step::kind;
        std::string ignored;
        switch (step.what) {
            case kind::send: return send_all(socket, step.bytes);
            case kind::trickle:
                for (const char& byte : step.bytes)
                    if (!send_all(socket, {&byte, 1})) return false;
                return true;
            case kind::drip:
                for (const char& byte : step.bytes)
                    if (is_over_after_a_pause() || !send_all(socket, {&byte, 1})) return false;
                return true;
            case kind::flood:
                while (send_all(socket, step.bytes)) {}
                return false;
            case kind::await: {
                std::unique_lock lock(mutex_);
                changed_.wait(lock, [&] { return permits_ > 0 || is_ending_; });
                if (permits_ > 0) --permits_;
                return !is_ending_;
            }
            case kind::hang:
                while (read_more(socket, ignored)) ignored.clear();
                return false;
            case kind::close: ::shutdown(socket, SHUT_RDWR); return false;
            case kind::reset: {
                // Connecting to nothing breaks a connection at once, and leaves its number in our hands.
                const linger at_once{1, 0};
                ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
                sockaddr nothing{};
                nothing.sa_family = AF_UNSPEC;
                ::connect(socket, &nothing, sizeof nothing);
                return false;
            }
        }
        return false;
    }

    bool is_over_after_a_pause() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, script_step::drip_pause, [&] { return is_ending_; });
    }

    static bool send_all(int socket, std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    static bool read_more(int socket, std::string& into) {
        char bytes[65536];
        const ssize_t size = ::recv(socket, bytes, sizeof bytes, 0);
        if (size > 0) into.append(bytes, static_cast<std::size_t>(size));
        return size > 0;
    }

    /// Where the head ends, or 0 when no request came.
    static std::size_t read_head(int socket, std::string& unread) {
        for (;;) {
            const std::size_t end = unread.find("\r\n\r\n");
            if (end != std::string::npos) return end + 4;
            if (!read_more(socket, unread)) return 0;
        }
    }

    static std::size_t content_length(const std::string& head) {
        const std::size_t at = head.find("\r\nContent-Length: ");
        return at == std::string::npos ? 0 : static_cast<std::size_t>(std::strtoull(head.c_str() + at + 18, nullptr, 10));
    }

    int listener_;
    int port_ = 0;
    std::thread acceptor_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<answer_script> scripts_;
    std::vector<std::string> requests_;
    std::list<connection> connections_;
    std::size_t answers_ = 0;
    std::size_t permits_ = 0;
    bool is_ending_ = false;
};

static_assert(scripted_server<loopback_server>);

}  // namespace syncline::testing
