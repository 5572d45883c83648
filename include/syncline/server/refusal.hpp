/// What the service answers when it does not do what a request asks for: an error, and what the error is about.
#pragma once

#include <string_view>

#include <syncline/base/errors.hpp>
#include <syncline/schema/schema_view.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline {

/// Nothing of the request was applied.
struct refusal {
    error reason;
    bool of_operation = false;  ///< an atomic request failed because of the operation that `reason` names
};

/// Checks what every request says about its sender; an error of code `none` when it fits. `owner` is who the token stands for.
template <class Request>
[[nodiscard]] error check_sender(const Request& request, std::string_view owner, const schema_view& schema) {
    if (request.protocol != wire::protocol_version) return {error_code::unsupported_protocol, "this server speaks another protocol", {}, {}, {}};
    if (request.schema && *request.schema != schema.fingerprint) return {error_code::schema_mismatch, "the schemas differ", {}, {}, {}};
    if (!request.owner.empty() && request.owner != owner) return {error_code::wrong_owner, "the store belongs to another owner", {}, {}, {}};
    if (request.acknowledged < 0) return {error_code::malformed, "acknowledged is negative", {}, {}, {}};
    return {};
}

}  // namespace syncline
