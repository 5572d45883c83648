/// A server's half in one object: the database, what it answers, and who may ask.
#pragma once

#include <optional>
#include <utility>

#include <syncline/base/opening.hpp>
#include <syncline/base/thread_safe.hpp>
#include <syncline/server/router.hpp>
#include <syncline/server/service.hpp>

namespace syncline {

template <class B>
struct server_options {
    detail::opening_options_of<B> database = {};  ///< the backend's own
    service_options service = {};
    router_options router = {};
};

/// Owns backend, service and router. Hand it to an `http_server` or an `in_process_transport`, which it must outlive, as a router.
/// Nothing is answered without `authenticate`, which says whose rows a token opens.
///
/// Thread safety: as thread_safe as the backend; `authenticate` is called on the threads that call `handle`, on several at once.
/// Lifetime: neither copied nor moved, because its parts refer to one another. No call may be in work when it is destroyed.
/// Throws what opening the backend throws.
template <backend B>
class server {
public:
    static constexpr bool is_thread_safe = thread_safe<B>;

    using service_type = syncline::service<B>;
    using router_type = syncline::router<service_type>;

    /// Over a backend that is opened at no place, such as a memory_backend. `declared` must outlive the server, as a schema's tables do.
    server(const schema_view& declared, authenticate_function authenticate, server_options<B> options = {})
        requires detail::openable<B, schema_view>
        : database_(detail::open<B>(declared, std::move(options.database))), service_(database_, std::move(options.service)),
          router_(service_, std::move(authenticate), std::move(options.router)) {}

    /// Over a backend that is opened at a place, such as a file's path for a sqlite_backend.
    template <class Place>
        requires detail::openable<B, schema_view, Place>
    server(Place&& place, const schema_view& declared, authenticate_function authenticate, server_options<B> options = {})
        : database_(detail::open<B>(declared, std::move(options.database), std::forward<Place>(place))),
          service_(database_, std::move(options.service)), router_(service_, std::move(authenticate), std::move(options.router)) {}

    server(const server&) = delete;
    server& operator=(const server&) = delete;

    /// See router.
    [[nodiscard]] wire::http_response handle(const wire::http_request& request) { return router_.handle(request); }
    [[nodiscard]] std::optional<wire::http_response> refuse_head(const wire::http_request& head) { return router_.refuse_head(head); }
    void end_waits() { router_.end_waits(); }

    [[nodiscard]] B& database() noexcept { return database_; }
    [[nodiscard]] service_type& service() noexcept { return service_; }
    [[nodiscard]] router_type& router() noexcept { return router_; }

private:
    B database_;
    service_type service_;
    router_type router_;
};

}  // namespace syncline
