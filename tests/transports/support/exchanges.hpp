/// What tests of the HTTP transport ask for and get.
#pragma once

#include <string>
#include <variant>

#include <support/catch.hpp>
#include <syncline/transports/http.hpp>

namespace syncline::tests {

inline token_source with_token(std::string token) {
    return [token] { return token; };
}

/// The answer; fails the test where there is none.
inline const wire::http_response& response_of(const exchange_result& result) {
    if (const auto* const failure = std::get_if<exchange_failure>(&result)) FAIL(failure->text);
    return std::get<wire::http_response>(result);
}

}  // namespace syncline::tests
