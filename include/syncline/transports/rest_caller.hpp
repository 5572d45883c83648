/// One HTTP call to a REST backend, and what kind of answer its status is.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <syncline/base/limits.hpp>
#include <syncline/transports/http_client.hpp>
#include <syncline/transports/http_retry_after.hpp>
#include <syncline/wire/read_error.hpp>
#include <syncline/wire/write_error.hpp>

namespace syncline {

enum class rest_outcome : std::uint8_t {
    done,       ///< 2xx
    unknown,    ///< 404, 410: no such row, or no such route
    refused,    ///< other 4xx: asking again is useless
    forbidden,  ///< 403: about this row, or about the token
    later,      ///< 408, 425, 429, 503: not now
    failed,     ///< other 5xx: about this row, or the server is down
    unauthorized,
    strange     ///< nothing an API answers, such as a redirect of a portal
};

[[nodiscard]] constexpr rest_outcome outcome_of(int status) noexcept {
    if (status >= 200 && status < 300) return rest_outcome::done;
    switch (status) {
        case 401:
        case 407: return rest_outcome::unauthorized;
        case 403: return rest_outcome::forbidden;
        case 404:
        case 410: return rest_outcome::unknown;
        case 408:
        case 425:
        case 429:
        case 503: return rest_outcome::later;
        default: break;
    }
    if (status >= 400 && status < 500) return rest_outcome::refused;
    return status >= 500 && status < 600 ? rest_outcome::failed : rest_outcome::strange;
}
static_assert(outcome_of(204) == rest_outcome::done && outcome_of(302) == rest_outcome::strange && outcome_of(200) == rest_outcome::done);
static_assert(outcome_of(409) == rest_outcome::refused && outcome_of(410) == rest_outcome::unknown && outcome_of(502) == rest_outcome::failed);

/// The answer that tells a session about a call that ended the exchange.
[[nodiscard]] inline wire::http_response rest_refusal(int status, error problem, std::optional<std::int64_t> retry_after_ms = {}) {
    wire::http_response response;
    response.status = status;
    response.body = wire::write_error(problem);
    response.retry_after_ms = retry_after_ms;
    return response;
}

template <http_client C>
class rest_caller {
public:
    rest_caller(C& client, const limits& bounds, std::function<std::string()> token, std::vector<http_header> headers, std::string key_header)
        : client_(client), bounds_(bounds), token_(std::move(token)), headers_(std::move(headers)), key_header_(std::move(key_header)) {}

    /// Calls from now on end when `stop` is requested.
    void stop_with(std::stop_token stop) { stop_ = std::move(stop); }

    /// `key` names the request, so that a backend that asks for it can tell a repeat.
    [[nodiscard]] http_result call(std::string_view method, std::string target, std::string body = {}, const std::string& key = {}) {
        // A call that was surely not sent leaves nothing in doubt.
        if (stop_.stop_requested()) return exchange_failure{exchange_failure_kind::unreachable, "stopped before the call was sent"};
        http_call call;
        call.stop = stop_;
        call.method = method;
        call.target = std::move(target);
        call.headers = headers_;
        call.headers.push_back({"Accept", "application/json"});
        call.headers.push_back({"Cache-Control", "no-cache"});
        if (token_) call.headers.push_back({"Authorization", "Bearer " + token_()});
        if (!body.empty()) call.headers.push_back({"Content-Type", "application/json"});
        if (!key.empty() && !key_header_.empty()) call.headers.push_back({key_header_, key});
        call.body = std::move(body);
        call.answer_bytes_max = bounds_.body_bytes;
        call.time_max = std::chrono::milliseconds(bounds_.exchange_ms);
        return client_.send(call);
    }

    /// Why the backend said no. Its own words only where they are those of a server of syncline: others may quote the row.
    [[nodiscard]] error problem_of(const http_reply& reply, error_code code, std::string_view entity) const {
        error problem;
        if (reply.body.empty() || wire::read_error(reply.body, bounds_, problem)) problem = {code, "status " + std::to_string(reply.status), {}, {}, {}};
        problem.entity = entity;
        return problem;
    }

    /// Seconds since the Unix epoch by the backend's clock, where it tells.
    [[nodiscard]] static std::optional<std::int64_t> date_of(const http_reply& reply) {
        const auto text = find_header(reply.headers, "Date");
        return text ? read_http_date(*text) : std::nullopt;
    }

    [[nodiscard]] static std::optional<std::int64_t> retry_after_ms(const http_reply& reply) {
        const auto text = find_header(reply.headers, "Retry-After");
        return text ? read_retry_after(*text, date_of(reply).value_or(std::numeric_limits<std::int32_t>::max())) : std::nullopt;
    }

private:
    C& client_;
    const limits& bounds_;
    std::function<std::string()> token_;
    std::vector<http_header> headers_;
    std::string key_header_;
    std::stop_token stop_;
};

}  // namespace syncline
