/// HTTP messages as plain values, as far as the protocol uses them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace syncline::wire {

/// The token travels beside the target and the body, never in them.
struct http_request {
    std::string method;
    std::string target;  ///< path and query
    std::string body;
    std::string token;
    std::string content_type = {};     ///< of the body; empty: JSON
    std::string accept = {};           ///< of the answer; empty: JSON
    std::string idempotency_key = {};  ///< makes a request to one row exactly-once
    std::string if_match = {};         ///< makes a request to one row depend on the row's version
};

struct http_response {
    int status = 0;
    std::string body;
    std::optional<std::int64_t> retry_after_ms;
    std::string content_type = {};  ///< of the body; empty: JSON
    std::string etag = {};          ///< version of the row in the body, in quotes
    std::string allow = {};         ///< with status 405: the methods that the path knows
    /// Where it is set, the body goes on: each call waits for the next piece, at most as long as it may, and gives an empty one then;
    /// false is the end.
    std::function<bool(std::string& piece, std::chrono::milliseconds wait_max)> stream = {};
};

}  // namespace syncline::wire
