/// Reads a page. The client ignores tables and fields it does not declare; what it declares must be right.
#pragma once

#include <string_view>

#include <syncline/wire/cbor/page_reader.hpp>
#include <syncline/wire/encoding.hpp>
#include <syncline/wire/json/page_grammar.hpp>
#include <syncline/wire/json/parse.hpp>

namespace syncline::wire {

/// Reads a page into `out`, whose buffers are reused. The error has code none when `body` was one;
/// otherwise `out` is valid and its content means nothing.
[[nodiscard]] inline error read_page(std::string_view body, const schema_view& schema, const limits& bounds, page& out,
                                     encoding form = encoding::json) {
    out.rows.clear();
    out.cursor.clear();
    out.more = out.snapshot = false;
    out.includes.floor = 0;
    out.includes.above.clear();
    out.owner.clear();
    out.bytes.clear();
    out.cells.clear();
    if (form == encoding::cbor) return cbor::page_reader(body, schema, bounds, out).read();
    json::page_grammar grammar(schema, bounds, out);
    return json::parse(body, bounds, grammar);
}

}  // namespace syncline::wire
