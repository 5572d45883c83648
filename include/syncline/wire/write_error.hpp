/// The body of an answer that says why there is none.
#pragma once

#include <string>

#include <syncline/wire/cbor/write_error.hpp>
#include <syncline/wire/encoding.hpp>
#include <syncline/wire/json/write_error.hpp>

namespace syncline::wire {

/// {error:{code, message, entity?, localId?, field?}}.
[[nodiscard]] inline std::string write_error(const error& problem, encoding form = encoding::json) {
    return form == encoding::cbor ? cbor::write_error(problem) : json::write_error(problem);
}

}  // namespace syncline::wire
