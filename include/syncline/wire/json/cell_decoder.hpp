/// One JSON value as the cell of one column: what JSON has to say as text becomes what it means, and texts are kept.
#pragma once

#include <string>
#include <string_view>

#include <syncline/model/arena.hpp>
#include <syncline/wire/cell_rules.hpp>
#include <syncline/wire/hexadecimal.hpp>
#include <syncline/wire/json/base64.hpp>

namespace syncline::wire::json {

/// Turns a text of 16 hexadecimal digits into the word it means; false with a note where a text is something else.
[[nodiscard]] inline bool read_word(wire_value& value, std::string_view name, error& problem) {
    if (value.kind != value_kind::text) return true;
    const auto word = parse_hexadecimal(value.text);
    if (!word) note(problem, error_code::malformed, "16 hexadecimal digits were expected", name);
    value = {value_kind::word, static_cast<std::int64_t>(word.value_or(0)), 0, {}};
    return word.has_value();
}

/// Makes cells whose text is kept in one arena.
class cell_decoder {
public:
    cell_decoder(const limits& bounds, arena& bytes, key_form keys) noexcept : rules_(bounds, keys), bytes_(bytes) {}

    /// Sets `out`, or notes in `problem` why the value is none of this column.
    void decode(const column_view& column, const wire_value& value, cell& out, error& problem) {
        cell checked;
        if (column.kind == column_kind::bytes && value.kind == value_kind::text) {
            if (!read_base64(value.text, unpacked_)) return note(problem, error_code::malformed, "not base64", column.name);
            rules_.check(column, {value_kind::bytes, 0, 0, unpacked_}, checked, problem);
        } else {
            rules_.check(column, value, checked, problem);
        }
        out = bytes_.keep(checked);
    }

    [[nodiscard]] arena& bytes() noexcept { return bytes_; }
    [[nodiscard]] key_form keys() const noexcept { return rules_.keys(); }

private:
    cell_rules rules_;
    arena& bytes_;
    std::string unpacked_;
};

}  // namespace syncline::wire::json
