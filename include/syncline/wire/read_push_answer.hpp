/// Reads the answer to a push: verdicts by sequence, with rows and conflicts where the server has something to say.
#pragma once

#include <string_view>

#include <syncline/wire/cbor/push_answer_reader.hpp>
#include <syncline/wire/encoding.hpp>
#include <syncline/wire/json/parse.hpp>
#include <syncline/wire/json/push_answer_grammar.hpp>

namespace syncline::wire {

/// Reads the answer to a push into `out`, whose buffers are reused. The error has code none when `body` was one;
/// otherwise `out` is valid and its content means nothing.
[[nodiscard]] inline error read_push_answer(std::string_view body, const schema_view& schema, const limits& bounds,
                                            push_answer& out, encoding form = encoding::json) {
    out.results.clear();
    out.version = {};
    out.owner.clear();
    out.bytes.clear();
    out.cells.clear();
    if (form == encoding::cbor) return cbor::push_answer_reader(body, schema, bounds, out).read();
    json::push_answer_grammar grammar(schema, bounds, out);
    return json::parse(body, bounds, grammar);
}

}  // namespace syncline::wire
