/// A transport without a network: requests go through their whole encoding to a router in the same process.
#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include <syncline/base/thread_safe.hpp>
#include <syncline/client/transport.hpp>

namespace syncline {

/// Answers HTTP requests as values, as a router does.
template <class H>
concept request_handler = requires(H& handler, const wire::http_request& request) {
    { handler.handle(request) } -> std::same_as<wire::http_response>;
};

/// Hands requests to `Handler`, which must outlive the transport, with one owner's token.
template <request_handler Handler>
class in_process_transport {
public:
    static constexpr bool is_thread_safe = thread_safe<Handler>;

    in_process_transport(Handler& handler, std::string token) : handler_(handler), token_(std::move(token)) {}

    [[nodiscard]] exchange_result exchange(const wire::http_request& request) { return handler_.handle(authorized(request)); }

    /// A handler answers when it does, so a request to stop comes too late for this one.
    [[nodiscard]] exchange_result exchange(const wire::http_request& request, std::stop_token stop) {
        if (stop.stop_requested()) return exchange_failure{exchange_failure_kind::unreachable, "cancelled"};
        return exchange(request);
    }

    /// Hands the pieces of a streamed answer to `receive` until their end, false from it, or a request to stop.
    [[nodiscard]] exchange_result listen(const wire::http_request& request, std::stop_token stop, const std::function<bool(std::string_view)>& receive) {
        constexpr std::chrono::milliseconds look_every(5);
        wire::http_response response = handler_.handle(authorized(request));
        const auto stream = std::exchange(response.stream, {});
        std::string piece;
        for (bool goes_on = stream != nullptr; goes_on;) {
            if (stop.stop_requested()) return exchange_failure{exchange_failure_kind::lost, "cancelled"};
            goes_on = stream(piece, look_every);
            if (!piece.empty() && !receive(piece)) break;
        }
        return response;
    }

private:
    [[nodiscard]] wire::http_request authorized(wire::http_request request) const {
        request.token = token_;
        return request;
    }

    Handler& handler_;
    std::string token_;
};

}  // namespace syncline
