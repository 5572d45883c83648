/// The `http_client` on cpp-httplib, version 0.11 or later, with TLS where it was built with OpenSSL. For POSIX systems.
/// cpp-httplib changes the size of its classes with its macros: build with the flags of its own package.
/// Bodies are bounded here, heads by cpp-httplib, which early releases do not do: with those, connect to servers you trust, or use libcurl.
#pragma once

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <httplib.h>

#include <syncline/base/clock.hpp>
#include <syncline/transports/http_client.hpp>
#include <syncline/transports/http_deadlines.hpp>
#include <syncline/transports/http_url.hpp>
#include <syncline/transports/httplib_connection.hpp>

namespace syncline {
namespace detail {

/// While it lives, writing to a connection that the other side has closed does not end the process: the library's sockets do not ask
/// for that.
class broken_pipe_guard {
public:
    broken_pipe_guard() {
        sigset_t pending;
        sigpending(&pending);
        was_pending_ = sigismember(&pending, SIGPIPE) == 1;
        sigemptyset(&signal_);
        sigaddset(&signal_, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &signal_, &before_);
    }
    broken_pipe_guard(const broken_pipe_guard&) = delete;
    broken_pipe_guard& operator=(const broken_pipe_guard&) = delete;
    ~broken_pipe_guard() {
        sigset_t pending;
        sigpending(&pending);
        if (!was_pending_ && sigismember(&pending, SIGPIPE) == 1) {
            int taken = 0;
            sigwait(&signal_, &taken);
        }
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

private:
    sigset_t signal_;
    sigset_t before_;
    bool was_pending_ = false;
};

/// The addresses that a name stands for, as text, in the order they should be tried; none where nobody knows the name.
[[nodiscard]] inline std::vector<std::string> addresses_of(const std::string& host) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    std::vector<std::string> addresses;
    if (::getaddrinfo(host.c_str(), nullptr, &wanted, &found) != 0) return addresses;
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
        char text[NI_MAXHOST];
        if (::getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0) addresses.emplace_back(text);
    }
    ::freeaddrinfo(found);
    return addresses;
}

}  // namespace detail

/// Keeps connections between calls; each call has one to itself. A stop ends a call at once, and its `time_max` when that is over, except
/// while a name is looked up. A connection that breaks during a call is a failure even where it was kept from an earlier one, and so is one
/// that the server closes while a long body is on its way, whatever it has answered by then.
class httplib_client {
public:
    static constexpr bool is_thread_safe = true;

    /// `url`: http(s)://host[:port][/prefix]; the prefix is put before the target of every call. Throws std::invalid_argument.
    explicit httplib_client(std::string_view url, httplib_client_options options = {}, clock_source clock = system_clock_source())
        : url_(parse_http_url(url)), options_(std::move(options)), clock_(std::move(clock)) {
        if (!url_.is_secure && !url_.is_loopback() && !options_.dangerously_send_tokens_in_the_clear)
            throw std::invalid_argument("syncline: http:// to another machine would show the token to everybody on the way; use https://");
#ifndef CPPHTTPLIB_OPENSSL_SUPPORT
        if (url_.is_secure) throw std::invalid_argument("syncline: https:// needs cpp-httplib built with CPPHTTPLIB_OPENSSL_SUPPORT");
#endif
    }
    httplib_client(const httplib_client&) = delete;
    httplib_client& operator=(const httplib_client&) = delete;
    ~httplib_client() {
        const detail::broken_pipe_guard guard;
        idle_.clear();
    }

    [[nodiscard]] http_result send(const http_call& call) {
        const detail::broken_pipe_guard guard;
        if (call.stop.stop_requested()) return exchange_failure{exchange_failure_kind::lost, "the call was stopped"};
        std::stop_source late(std::nostopstate);
        std::optional<detail::http_deadlines::deadline> deadline;
        if (call.time_max.count() > 0) {
            late = std::stop_source();
            deadline.emplace(deadlines_, monotonic_now() + std::min(call.time_max, time_max), [late]() mutable { late.request_stop(); });
        }
        if (std::unique_ptr<detail::httplib_connection> kept = take_idle()) {
            http_result result = kept->send(call, late.get_token());
            keep(std::move(kept));
            return result;
        }
        http_result result = exchange_failure{exchange_failure_kind::unreachable, "the name " + url_.host + " is not known"};
        for (const std::string& address : options_.addresses_of ? options_.addresses_of(url_.host) : detail::addresses_of(url_.host)) {
            auto fresh = std::make_unique<detail::httplib_connection>(url_, address, options_);
            result = fresh->send(call, late.get_token());
            if (fresh->could_not_connect() && !late.stop_requested()) continue;
            keep(std::move(fresh));
            break;
        }
        return result;
    }

private:
    struct idle_connection {
        std::unique_ptr<detail::httplib_connection> connection;
        std::int64_t since_ms = 0;
    };

    /// The connection that was used last, or nothing.
    [[nodiscard]] std::unique_ptr<detail::httplib_connection> take_idle() {
        std::vector<idle_connection> useless;
        const std::lock_guard lock(mutex_);
        while (!idle_.empty()) {
            idle_connection last = std::move(idle_.back());
            idle_.pop_back();
            const std::int64_t age_ms = clock_() - last.since_ms;
            if (age_ms >= 0 && age_ms <= options_.idle_max.count() && last.connection->is_reusable()) return std::move(last.connection);
            useless.push_back(std::move(last));
        }
        return nullptr;
    }

    void keep(std::unique_ptr<detail::httplib_connection> connection) {
        if (!connection->is_reusable()) return;
        const std::lock_guard lock(mutex_);
        idle_.push_back({std::move(connection), clock_()});
    }

    /// A moment that is further away may be none that the clock has.
    static constexpr std::chrono::milliseconds time_max = std::chrono::hours(24 * 365);

    const http_url url_;
    const httplib_client_options options_;
    const clock_source clock_;
    std::mutex mutex_;
    std::vector<idle_connection> idle_;
    detail::http_deadlines deadlines_;
};

static_assert(http_client<httplib_client>);

}  // namespace syncline
