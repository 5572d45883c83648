/// Reads a push: everything a stranger may get wrong is a typed error that names entity and local id.
#pragma once

#include <string_view>

#include <syncline/wire/cbor/push_reader.hpp>
#include <syncline/wire/encoding.hpp>
#include <syncline/wire/json/parse.hpp>
#include <syncline/wire/json/push_grammar.hpp>

namespace syncline::wire {

/// Reads a push into `out`, whose buffers are reused. The error has code none when `body` was one;
/// otherwise `out` is valid and its content means nothing.
[[nodiscard]] inline error read_push(std::string_view body, const schema_view& schema, const limits& bounds, push_request& out,
                                     encoding form = encoding::json) {
    out.protocol = protocol_version;
    out.schema.reset();
    out.owner.clear();
    out.device.clear();
    out.acknowledged = 0;
    out.cursor.clear();
    out.atomic = false;
    out.operations.clear();
    out.bytes.clear();
    out.cells.clear();
    if (form == encoding::cbor) return cbor::push_reader(body, schema, bounds, out).read();
    json::push_grammar grammar(schema, bounds, out);
    return json::parse(body, bounds, grammar);
}

}  // namespace syncline::wire
