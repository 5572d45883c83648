/// A request that is held until there is news, as the path and query of a GET, in both directions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include <syncline/wire/pull_target.hpp>

namespace syncline::wire {

/// Asks to be told when there is more than `pull.since` has.
struct wait_request {
    pull_request pull;             ///< `limit` and `acknowledged` mean nothing here
    std::int64_t timeout_s = 25;   ///< seconds after which the answer is that there is nothing; a stream ends then
    std::int64_t heartbeat_s = 15; ///< seconds between the comments of a stream
};

/// Path and query of the GET that waits.
[[nodiscard]] inline std::string wait_target(const wait_request& request) {
    const std::string pull = pull_target(request.pull);
    return "/api/sync/wait" + pull.substr(pull.find('?')) + "&timeout=" + std::to_string(request.timeout_s) +
           "&heartbeat=" + std::to_string(request.heartbeat_s);
}

namespace detail {

/// Sets `out` to the decimal value of the parameter `name`, where it is there.
inline void take_seconds(std::string_view query, std::string_view name, std::int64_t& out, error& problem) {
    while (!query.empty() && !problem) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
            out = decimal_of(pair.substr(name.size() + 1), name, problem);
    }
}

}  // namespace detail

/// Reads the query of `target` as read_pull_target does.
[[nodiscard]] inline error read_wait_target(std::string_view target, const limits& bounds, wait_request& out) {
    out = {};
    error problem = read_pull_target(target, bounds, out.pull);
    const std::size_t question_mark = target.find('?');
    if (problem || question_mark == std::string_view::npos) return problem;
    detail::take_seconds(target.substr(question_mark + 1), "timeout", out.timeout_s, problem);
    detail::take_seconds(target.substr(question_mark + 1), "heartbeat", out.heartbeat_s, problem);
    return problem;
}

}  // namespace syncline::wire
