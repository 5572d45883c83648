/// A transport without a network: requests go through their whole encoding to a router in the same process.
#pragma once

#include <concepts>
#include <string>
#include <utility>

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
    in_process_transport(Handler& handler, std::string token) : handler_(handler), token_(std::move(token)) {}

    [[nodiscard]] exchange_result exchange(const wire::http_request& request) {
        wire::http_request authorized = request;
        authorized.token = token_;
        return handler_.handle(authorized);
    }

private:
    Handler& handler_;
    std::string token_;
};

}  // namespace syncline
