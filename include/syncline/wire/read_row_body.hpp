/// Reads the body of a request to a single row.
#pragma once

#include <string_view>

#include <syncline/wire/json/parse.hpp>
#include <syncline/wire/json/row_body_grammar.hpp>

namespace syncline::wire {

/// Reads fields of `table`, and a local id where there is one, into the only operation of `out`. The error has code none when `body`
/// was such an object; otherwise the content of `out` means nothing.
[[nodiscard]] inline error read_row_body(std::string_view body, const table_view& table, const limits& bounds, push_request& out) {
    out.operations.assign(1, {});
    json::row_body_grammar grammar(table, bounds, out);
    return json::parse(body, bounds, grammar);
}

}  // namespace syncline::wire
