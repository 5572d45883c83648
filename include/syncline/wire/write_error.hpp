/// Answers that say why there is no other.
#pragma once

#include <string>

#include <syncline/wire/cbor/write_error.hpp>
#include <syncline/wire/encoding.hpp>
#include <syncline/wire/http.hpp>
#include <syncline/wire/json/write_error.hpp>

namespace syncline::wire {

/// {error:{code, message, entity?, localId?, field?}}.
[[nodiscard]] inline std::string write_error(const error& problem, encoding form = encoding::json) {
    return form == encoding::cbor ? cbor::write_error(problem) : json::write_error(problem);
}

/// An answer with this status and that body.
[[nodiscard]] inline http_response error_response(const error& problem, int status, encoding form = encoding::json) {
    http_response response;
    response.status = status;
    response.body = write_error(problem, form);
    response.content_type = media_type(form);
    return response;
}

}  // namespace syncline::wire
