/// Reads what a server says about a failure: {error:{code, message, entity?, localId?, field?}}.
#pragma once

#include <string_view>

#include <syncline/wire/cbor/error_reader.hpp>
#include <syncline/wire/encoding.hpp>
#include <syncline/wire/json/error_grammar.hpp>
#include <syncline/wire/json/parse.hpp>

namespace syncline::wire {

/// Reads an error answer into `out`. The returned error has code none when `body` was one, and then `out` has a code.
[[nodiscard]] inline error read_error(std::string_view body, const limits& bounds, error& out, encoding form = encoding::json) {
    out = {};
    if (form == encoding::cbor) return cbor::read_error(body, bounds, out);
    json::error_grammar grammar(out);
    return json::parse(body, bounds, grammar);
}

}  // namespace syncline::wire
