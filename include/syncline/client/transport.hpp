/// What a client needs of a network: one request, one answer or failure.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
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

}  // namespace syncline
