/// What the HTTP transport needs of an HTTP library: one call, one reply or failure.
#pragma once

#include <algorithm>
#include <cctype>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <syncline/client/transport.hpp>

namespace syncline {

struct http_header {
    std::string name;
    std::string value;
};

/// One HTTP request, ready to be sent to the client's server.
struct http_call {
    std::string method;
    std::string target;                ///< path and query
    std::vector<http_header> headers;  ///< all but Host and Content-Length, which the client adds
    std::string body;
    /// Bytes of the longest answer that is read, counted as they arrive; a longer one is a failure of kind `lost`.
    std::size_t answer_bytes_max = 0;
    /// The time of the whole call, from the look-up of the server's name to the last byte of the answer: a call that is not done by then ends
    /// with a failure, however often a byte comes or goes. It is `unreachable` if no byte of the request has left, else `lost`. 0: no bound.
    std::chrono::milliseconds time_max{0};
    /// A request to stop ends the call with a failure of kind `lost`, at once and from any thread.
    std::stop_token stop = {};
    /// Where it is set, the body of an answer of 2xx is handed over piece by piece as it arrives and the reply has none; false from
    /// it ends the call, with the reply as it is then.
    std::function<bool(std::string_view)> receive = {};
};

struct http_reply {
    int status = 0;
    std::vector<http_header> headers;
    std::string body;
};

using http_result = std::variant<http_reply, exchange_failure>;

/// Carries calls to one server. `send` blocks until there is a reply; it follows no redirect, repeats nothing, does not unpack
/// bodies, and never throws for what a network does. Certificates are verified.
template <class C>
concept http_client = requires(C& client, const http_call& call) {
    { client.send(call) } -> std::same_as<http_result>;
};

/// The value of the first header of this name, whatever its case.
[[nodiscard]] inline std::optional<std::string_view> find_header(const std::vector<http_header>& headers, std::string_view name) {
    const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b)); };
    for (const http_header& header : headers)
        if (std::ranges::equal(header.name, name, same)) return header.value;
    return std::nullopt;
}

}  // namespace syncline
