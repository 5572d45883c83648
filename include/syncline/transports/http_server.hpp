/// Serves a router over HTTP with cpp-httplib: sockets, threads and bounds; what a request means is the router's.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <httplib.h>

#include <syncline/base/clock.hpp>
#include <syncline/base/limits.hpp>
#include <syncline/base/thread_safe.hpp>
#include <syncline/transports/http_thread_pool.hpp>
#include <syncline/transports/http_framing.hpp>
#include <syncline/transports/in_process.hpp>
#include <syncline/wire/write_error.hpp>

namespace syncline {

struct http_server_options {
    std::string host = "127.0.0.1";  ///< loopback, unless the application says otherwise
    int port = 0;                    ///< 0: one that is free
    std::size_t body_bytes = limits{}.body_bytes;
    /// Connections served at once, each by a thread of its own; more wait for their turn.
    std::size_t connections_max = 4'096;
    std::chrono::milliseconds read_timeout{5'000};    ///< for the next bytes of a request
    std::chrono::milliseconds body_timeout{30'000};   ///< for a whole body, however slowly it comes
    std::chrono::milliseconds write_timeout{5'000};
    std::chrono::seconds keep_alive{2};               ///< how long a connection may be idle, and so how long stop() may take
    bool compresses = false;                          ///< accept and send gzip; off, compressed bodies are refused unread
    std::string certificate_file;                     ///< PEM; with key_file it makes this a TLS server
    std::string key_file;
};

/// Refuses a request by what its head says, so that no body of a stranger is kept.
template <class H>
concept head_checker = requires(H& handler, const wire::http_request& head) {
    { handler.refuse_head(head) } -> std::same_as<std::optional<wire::http_response>>;
};

/// Has requests that wait, and ends them when the server stops.
template <class H>
concept waiting_handler = requires(H& handler) { handler.end_waits(); };

/// A server on one address. The handler, which every connection calls on a thread of its own, must outlive it.
/// cpp-httplib bounds the lines of a request's head, and their number, since 0.23; an older one belongs behind a proxy that does.
template <request_handler Handler>
    requires thread_safe<Handler>
class http_server {
public:
    static constexpr bool is_thread_safe = true;

    /// Binds. Throws std::runtime_error when it cannot: the address or port is taken, or the certificate cannot be read.
    explicit http_server(Handler& handler, http_server_options options = {}) : handler_(handler), options_(std::move(options)) {
        make_server();
        configure();
        if (options_.port != 0) {
            if (!server_->bind_to_port(options_.host, options_.port))
                throw std::runtime_error("cannot listen on " + options_.host + ":" + std::to_string(options_.port) + "; is the port taken?");
            port_ = options_.port;
        } else {
            port_ = server_->bind_to_any_port(options_.host);
            if (port_ <= 0) throw std::runtime_error("cannot listen on " + options_.host);
        }
        // cpp-httplib lets 5 connections queue up, and those who come back after a restart are many at once.
        ::listen(listener_, SOMAXCONN);
    }

    http_server(const http_server&) = delete;
    http_server& operator=(const http_server&) = delete;

    [[nodiscard]] int port() const noexcept { return port_; }
    [[nodiscard]] bool is_running() const { return server_->is_running(); }

    /// Serves on this thread until stop(); returns when the requests in work are answered.
    void run() {
        if (!has_ended()) server_->listen_after_bind();
    }

    /// From any thread, before run() too: no new connections, now and later; requests that wait are answered now.
    void stop() {
        if constexpr (waiting_handler<Handler>) handler_.end_waits();
        const std::lock_guard lock(mutex_);
        if (phase_ == phase::serves) server_->stop();
        phase_ = phase_ == phase::bound ? phase::called_off : phase_ == phase::serves ? phase::ended : phase_;
    }

private:
    using handled = httplib::Server::HandlerResponse;
    enum class phase : std::uint8_t { bound, serves, called_off, ended };

    void make_server() {
        if (options_.certificate_file.empty() && options_.key_file.empty()) {
            server_ = std::make_unique<httplib::Server>();
            return;
        }
#ifdef CPPHTTPLIB_OPENSSL_SUPPORT
        server_ = std::make_unique<httplib::SSLServer>(options_.certificate_file.c_str(), options_.key_file.c_str());
        if (!server_->is_valid()) throw std::runtime_error("cannot use " + options_.certificate_file + " with " + options_.key_file);
#else
        throw std::runtime_error("this build of cpp-httplib has no TLS");
#endif
    }

    void configure() {
        server_->new_task_queue = [this] {
            begin_serving();
            return new http_thread_pool(options_.connections_max);
        };
        server_->set_tcp_nodelay(true);
        // The default would let two servers share a port without a word.
        server_->set_socket_options([this](socket_t socket) {
            const int yes = 1;
            ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, reinterpret_cast<const char*>(&yes), sizeof yes);
            listener_ = socket;
        });
        server_->set_keep_alive_max_count(std::size_t{1} << 30);
        server_->set_keep_alive_timeout(static_cast<time_t>(options_.keep_alive.count()));
        server_->set_read_timeout(options_.read_timeout);
        server_->set_write_timeout(options_.write_timeout);
        server_->set_payload_max_length(options_.body_bytes);
        server_->set_exception_handler([](const httplib::Request& in, httplib::Response& out, std::exception_ptr) {
            refuse_unread(in, out, 500, error_code::server_failed, {});
        });
        // What cpp-httplib refuses by itself it refuses without having read all of it.
        server_->set_error_handler(httplib::Server::HandlerWithResponse([](const httplib::Request& in, httplib::Response& out) {
            if (out.has_header("Cache-Control")) return handled::Unhandled;
            return refuse_unread(in, out, out.status, out.status >= 500 ? error_code::server_failed : error_code::malformed, "not a request that can be answered");
        }));
        server_->set_pre_routing_handler([this](const httplib::Request& in, httplib::Response& out) { return take_head(in, out); });
        const auto with_body = [this](const httplib::Request& in, httplib::Response& out, const httplib::ContentReader& reader) {
            take_body(in, out, reader);
        };
        server_->Post(".*", with_body);
        server_->Put(".*", with_body);
        server_->Patch(".*", with_body);
        server_->Delete(".*", with_body);
    }

    /// Called on the thread of run(), when cpp-httplib can be stopped.
    void begin_serving() {
        const std::lock_guard lock(mutex_);
        const bool called_off = phase_ == phase::called_off;
        if (called_off) server_->stop();
        phase_ = called_off ? phase::ended : phase::serves;
    }

    [[nodiscard]] bool has_ended() {
        const std::lock_guard lock(mutex_);
        return phase_ == phase::ended;
    }

    /// Answers requests without a body, and those whose head says enough.
    handled take_head(const httplib::Request& in, httplib::Response& out) {
        // The request is cpp-httplib's own, and not const where it was made. It would cut and multiply answers as a Range wants it,
        // and compress for whoever asks.
        auto& head = const_cast<httplib::Request&>(in);
        head.ranges.clear();
        if (!options_.compresses) head.headers.erase("Accept-Encoding");
        const bool carries = in.method == "POST" || in.method == "PUT" || in.method == "PATCH" || in.method == "DELETE";
        const http_framing framing = framing_of(in);
        if (const std::string_view flaw = flaw_of(framing, carries); !flaw.empty()) return refuse_unread(in, out, 400, error_code::malformed, flaw);
        if (in.path.size() > path_bytes_max) return refuse_unread(in, out, 414, error_code::too_large, "the path is too long");
        if (framing.compressed && !options_.compresses) return refuse_unread(in, out, 415, error_code::malformed, "compressed bodies are not accepted");
        if (in.is_multipart_form_data()) return refuse_unread(in, out, 415, error_code::malformed, "forms are not accepted");
        if (framing.length && *framing.length > options_.body_bytes) return refuse_unread(in, out, 413, error_code::too_large, "the body is too large");
        if (carries) return handled::Unhandled;
        write(out, handler_.handle(request_of(in)));
        return handled::Handled;
    }

    void take_body(const httplib::Request& in, httplib::Response& out, const httplib::ContentReader& reader) {
        wire::http_request request = request_of(in);
        const http_framing framing = framing_of(in);
        if (framing.has_body()) {
            // A refused body is read past, not kept: a client that is still sending would not hear why it should stop.
            std::optional<wire::http_response> refused;
            if constexpr (head_checker<Handler>) refused = handler_.refuse_head(request);
            const auto deadline = monotonic_now() + options_.body_timeout;
            std::size_t arrived = 0;
            bool too_large = false;
            const bool whole = reader([&](const char* data, std::size_t size) {
                arrived += size;
                too_large = arrived > options_.body_bytes;
                if (too_large || monotonic_now() > deadline) return false;
                if (!refused) request.body.append(data, size);
                return true;
            });
            if (refused) return close_after(in, out, *refused);
            if (too_large) return void(refuse_unread(in, out, 413, error_code::too_large, "the body is too large"));
            if (!whole) return void(refuse_unread(in, out, 408, error_code::malformed, "the body did not come whole"));
        }
        // cpp-httplib takes chunks that end too early for a whole body.
        if (framing.chunked) close_after(in, out, handler_.handle(request));
        else write(out, handler_.handle(request));
    }

    [[nodiscard]] static wire::http_request request_of(const httplib::Request& in) {
        wire::http_request request;
        request.method = in.method;
        request.target = in.target;
        request.token = bearer_token(in.get_header_value("Authorization"));
        request.content_type = in.get_header_value("Content-Type");
        request.accept = in.get_header_value("Accept");
        request.idempotency_key = in.get_header_value("Idempotency-Key");
        request.if_match = in.get_header_value("If-Match");
        return request;
    }

    static void write_head(httplib::Response& out, const wire::http_response& response) {
        out.status = response.status;
        out.set_header("Cache-Control", "no-store");
        out.set_header("X-Content-Type-Options", "nosniff");
        if (response.status == 401) out.set_header("WWW-Authenticate", "Bearer");
        if (!response.etag.empty()) out.set_header("ETag", response.etag);
        if (!response.allow.empty()) out.set_header("Allow", response.allow);
        if (response.retry_after_ms) out.set_header("Retry-After", std::to_string((*response.retry_after_ms + 999) / 1'000));
    }

    static void write(httplib::Response& out, const wire::http_response& response) {
        write_head(out, response);
        const std::string type = response.content_type.empty() ? "application/json" : response.content_type;
        if (!response.stream) {
            if (response.status != 204) out.set_content(response.body, type);
            return;
        }
        out.set_chunked_content_provider(type, [next = response.stream](std::size_t, httplib::DataSink& sink) {
            // Between pieces it shows whether the client is still there.
            constexpr std::chrono::milliseconds look_every(1'000);
            std::string piece;
            bool goes_on = false;
            try {
                goes_on = next(piece, look_every);
            } catch (const std::exception&) {
                return false;
            }
            if (!sink.is_writable()) return false;
            if (!piece.empty() && !sink.write(piece.data(), piece.size())) return false;
            if (!goes_on) sink.done();
            return true;
        });
    }

    /// Answers and closes the connection: what is left of the body must not be read as the next request.
    static void close_after(const httplib::Request& in, httplib::Response& out, const wire::http_response& response) {
        // The connection ends where the body does, which a HEAD has not.
        if (in.method == "HEAD") const_cast<httplib::Request&>(in).method = "GET";
        write_head(out, response);
        out.set_header("Connection", "close");
        out.set_header("Content-Length", std::to_string(response.body.size()));
        const std::string type = response.content_type.empty() ? "application/json" : response.content_type;
        out.set_content_provider(type, [body = response.body](std::size_t, httplib::DataSink& sink) {
            sink.write(body.data(), body.size());
            return false;
        });
    }

    static handled refuse_unread(const httplib::Request& in, httplib::Response& out, int status, error_code code, std::string_view message) {
        close_after(in, out, wire::error_response({code, std::string(message), {}, {}, {}}, status));
        return handled::Handled;
    }

    Handler& handler_;
    http_server_options options_;
    std::unique_ptr<httplib::Server> server_;
    int port_ = 0;
    socket_t listener_ = INVALID_SOCKET;
    std::mutex mutex_;
    phase phase_ = phase::bound;
};

}  // namespace syncline
