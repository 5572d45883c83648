/// What a client needs of a network: one request, one answer or failure.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>

#include <syncline/wire/messages.hpp>

namespace syncline {

/// How far a request got that has no answer.
enum class exchange_failure_kind : std::uint8_t {
    unreachable,  ///< the server has surely not seen it
    lost          ///< the server may have done what it asks for
};

struct exchange_failure {
    exchange_failure_kind kind = exchange_failure_kind::lost;
    std::string text;  ///< for people; no token and no content of rows
};

/// The server's answer, whatever its status, or why there is none.
using exchange_result = std::variant<wire::http_response, exchange_failure>;

/// Carries requests to one server. `exchange` blocks until there is a result, never throws for what a network does, and never
/// sends a request twice: whether to ask again is decided above. The transport adds the token; the request has none.
template <class T>
concept transport = requires(T& carrier, const wire::http_request& request) {
    { carrier.exchange(request) } -> std::same_as<exchange_result>;
};

/// A transport whose exchanges another thread can end: a request to stop makes them fail, as soon as may be.
template <class T>
concept stoppable_transport = transport<T> && requires(T& carrier, const wire::http_request& request, std::stop_token stop) {
    { carrier.exchange(request, stop) } -> std::same_as<exchange_result>;
};

/// One that can also hold a request open: `listen` blocks while the server sends a stream and hands its bytes to `receive` as they come,
/// until the server, `stop` or false from `receive` ends it.
template <class T>
concept listening_transport = stoppable_transport<T> && requires(T& carrier, const wire::http_request& request, std::stop_token stop,
                                                                 const std::function<bool(std::string_view)>& receive) {
    { carrier.listen(request, stop, receive) } -> std::same_as<exchange_result>;
};

}  // namespace syncline
