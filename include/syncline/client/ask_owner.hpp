/// Asks a server whose rows a token stands for: one request without an owner tag, whose answer is read and thrown away.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <syncline/base/limits.hpp>
#include <syncline/client/report.hpp>
#include <syncline/client/transport.hpp>
#include <syncline/wire/pull_target.hpp>
#include <syncline/wire/read_error.hpp>
#include <syncline/wire/read_page.hpp>

namespace syncline {

struct owner_answer {
    std::optional<std::string> owner;  ///< whom the token stands for; nothing unless `outcome` is complete
    sync_outcome outcome = sync_outcome::complete;
    error problem;                     ///< why the outcome is not `complete`
};

/// The question: a pull of one row that names neither owner nor device, so that the server remembers nothing of it.
[[nodiscard]] inline wire::http_request owner_question(const schema_view& schema) {
    wire::pull_request ask;
    ask.schema = schema.fingerprint;
    ask.limit = 1;
    return {"GET", wire::pull_target(ask), {}, {}, {}, std::string(wire::media_type(wire::encoding::json))};
}

namespace detail {

[[nodiscard]] inline owner_answer read_owner(const wire::http_response& response, const schema_view& schema, const limits& bounds) {
    const wire::encoding form = wire::encoding_of(response.content_type).value_or(wire::encoding::json);
    if (response.status >= 200 && response.status < 300) {
        wire::page page;
        if (const error problem = wire::read_page(response.body, schema, bounds, page, form))
            return {{}, sync_outcome::server_failed, {error_code::bad_answer, to_string(problem), {}, {}, {}}};
        if (page.owner.empty()) return {{}, sync_outcome::refused, {error_code::owner_unknown, "the server does not say whose the rows are", {}, {}, {}}};
        return {std::move(page.owner), sync_outcome::complete, {}};
    }
    owner_answer answer;
    const bool is_token = response.status == 401 || response.status == 403;
    const bool is_passing = response.status >= 500 || response.status == 408 || response.status == 429;
    answer.outcome = is_token ? sync_outcome::unauthorized : is_passing ? sync_outcome::server_failed : sync_outcome::refused;
    if (wire::read_error(response.body, bounds, answer.problem, form))
        answer.problem = {is_token ? error_code::unauthorized : error_code::server_failed, "status " + std::to_string(response.status), {}, {}, {}};
    return answer;
}

}  // namespace detail

/// What the result of asking the question says.
[[nodiscard]] inline owner_answer read_owner(const exchange_result& result, const schema_view& schema, const limits& bounds) {
    if (const auto* const failure = std::get_if<exchange_failure>(&result))
        return {{}, sync_outcome::offline, {error_code::unreachable, failure->text, {}, {}, {}}};
    return detail::read_owner(std::get<wire::http_response>(result), schema, bounds);
}

}  // namespace syncline
