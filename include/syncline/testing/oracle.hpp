/// What all checkers of a simulated world share: broken promises, and rows and values in a form that can be compared and printed.
#pragma once

#include <bit>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/client/closure.hpp>
#include <syncline/client/store.hpp>

namespace syncline::testing {

/// A promise of RELIABILITY.md that does not hold; `invariant` is its name, such as "INV5".
class invariant_broken : public std::runtime_error {
public:
    invariant_broken(std::string_view invariant, const std::string& what)
        : std::runtime_error(std::string(invariant) + ": " + what), invariant_(invariant) {}
    [[nodiscard]] const std::string& invariant() const noexcept { return invariant_; }

private:
    std::string invariant_;
};

/// A value as printable text, different for different values. Keys are local ids.
[[nodiscard]] inline std::string value_text(const cell& value) {
    switch (value.kind()) {
        case cell_kind::null: return "null";
        case cell_kind::boolean: return value.as_boolean() ? "true" : "false";
        case cell_kind::integer: return std::to_string(value.as_integer());
        case cell_kind::real: return "real:" + std::to_string(std::bit_cast<std::uint64_t>(value.as_real()));
        default: break;
    }
    const std::string_view quote = value.kind() == cell_kind::text ? "'" : value.kind() == cell_kind::bytes ? "|" : "@";
    std::string text(quote);
    for (const char c : value.view()) {
        const bool plain = c > ' ' && c <= '~' && c != '\\';
        if (plain) {
            text += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        text += '\\';
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text + std::string(quote);
}

[[nodiscard]] inline std::vector<std::string> value_texts(cells values) {
    std::vector<std::string> texts;
    texts.reserve(values.size());
    for (const cell& value : values) texts.push_back(value_text(value));
    return texts;
}

/// "workouts/r5".
[[nodiscard]] inline std::string text_of(const schema_view& schema, const row_name& name) {
    return std::string(schema[name.table].name) + "/" + name.id.str();
}
[[nodiscard]] inline std::string text_of(const schema_view& schema, const row_name& name, std::size_t column) {
    return text_of(schema, name) + "." + std::string(schema[name.table].columns[column].name);
}

/// A row that a device shows.
struct seen_row {
    row_state state;
    std::vector<std::string> fields;
};
using seen_rows = std::map<row_name, seen_row>;

/// All rows that a device shows. Inside a transaction of the caller.
template <store S>
[[nodiscard]] seen_rows look_at(S& store) {
    seen_rows rows;
    for (int table = 0; table < store.schema().size(); ++table)
        store.scan_rows(table, [&](const local_id& id, const row_buffer& row) {
            rows.emplace_hint(rows.end(), row_name{table, id}, seen_row{row.state, value_texts(row.cells())});
        });
    return rows;
}

}  // namespace syncline::testing
