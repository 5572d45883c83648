/// Values as people type and read them: text to cell by the kind of its column, and back.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <shell/errors.hpp>
#include <shell/moments.hpp>
#include <syncline/model/codec.hpp>
#include <syncline/schema/schema_view.hpp>
#include <syncline/wire/hexadecimal.hpp>
#include <syncline/wire/json/base64.hpp>

namespace shell {

/// What a value of the column looks like, for messages and help.
[[nodiscard]] inline std::string_view form_of(syncline::column_kind kind) noexcept {
    switch (kind) {
        case syncline::column_kind::boolean: return "true or false";
        case syncline::column_kind::integer: return "an integer";
        case syncline::column_kind::real: return "a number";
        case syncline::column_kind::text: return "text";
        case syncline::column_kind::bytes: return "base64, or 0x and hexadecimal digits";
        case syncline::column_kind::timestamp: return "a time such as 2024-01-08T19:50:28Z";
        case syncline::column_kind::set: return "elements with commas between them";
        case syncline::column_kind::key: return "the id of a row, or the first 4 or more characters of it";
    }
    return "";
}

namespace detail {

[[noreturn]] inline void refuse_value(const syncline::column_view& column, std::string_view text) {
    std::string message = "'" + std::string(text.substr(0, 80)) + "' is no value of " + std::string(column.name) + ", which takes " +
                          std::string(form_of(column.kind));
    if (column.kind == syncline::column_kind::integer)
        message += " from " + std::to_string(column.least) + " to " + std::to_string(column.greatest);
    throw usage_error(message);
}

template <class Number>
[[nodiscard]] bool parse_number(std::string_view text, Number& out) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
    return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

[[nodiscard]] inline bool parse_bytes(std::string_view text, std::string& out) {
    if (!text.starts_with("0x")) return syncline::wire::json::read_base64(text, out);
    out.clear();
    if (text.size() % 2 != 0) return false;
    for (std::size_t i = 2; i < text.size(); i += 2) {
        const std::uint8_t high = syncline::wire::detail::nibbles[static_cast<unsigned char>(text[i])];
        const std::uint8_t low = syncline::wire::detail::nibbles[static_cast<unsigned char>(text[i + 1])];
        if (high > 15 || low > 15) return false;
        out.push_back(static_cast<char>(high << 4 | low));
    }
    return true;
}

}  // namespace detail

/// The elements of a set as it is typed: commas between them, and a backslash before a comma or backslash that belongs to one.
[[nodiscard]] inline std::vector<std::string> split_elements(std::string_view text) {
    std::vector<std::string> elements;
    if (text.empty()) return elements;
    elements.emplace_back();
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ',') elements.emplace_back();
        else elements.back() += text[i] == '\\' && i + 1 < text.size() ? text[++i] : text[i];
    }
    return elements;
}

/// The elements of a set as its cell holds them.
[[nodiscard]] inline std::vector<std::string> elements_of(const syncline::cell& value) {
    std::string_view rest = value.view();
    std::vector<std::string> elements;
    while (!rest.empty()) {
        std::size_t size = 0;
        const auto digits = static_cast<std::size_t>(std::from_chars(rest.data(), rest.data() + rest.size(), size).ptr - rest.data());
        if (digits + size + 2 > rest.size()) throw syncline::store_error("a stored set is damaged");
        elements.emplace_back(rest.substr(digits + 1, size));
        rest.remove_prefix(digits + size + 2);
    }
    return elements;
}

/// The cell that `text` stands for, its bytes kept in `bytes`; an empty text is null where the column may be null. Keys are not
/// read here. Throws usage_error for a text of another form.
[[nodiscard]] inline syncline::cell read_field(const syncline::column_view& column, std::string_view text, syncline::arena& bytes) {
    using syncline::cell;
    using syncline::column_kind;
    if (text.empty() && column.nullable) return {};
    switch (column.kind) {
        case column_kind::boolean:
            if (text != "true" && text != "false") break;
            return cell::boolean(text == "true");
        case column_kind::integer: {
            std::int64_t number = 0;
            if (!detail::parse_number(text, number) || number < column.least || number > column.greatest) break;
            return cell::integer(number);
        }
        case column_kind::real: {
            double number = 0;
            if (!detail::parse_number(text, number) || !std::isfinite(number)) break;
            return cell::real(number);
        }
        case column_kind::timestamp: {
            std::int64_t number = 0;
            if (const auto moment = parse_moment(text)) return cell::integer(*moment);
            if (!detail::parse_number(text, number)) break;
            return cell::integer(number);
        }
        case column_kind::bytes: {
            std::string raw;
            if (!detail::parse_bytes(text, raw)) break;
            return cell::bytes(bytes.keep(raw));
        }
        case column_kind::set: {
            std::string canonical;
            for (const std::string& element : split_elements(text)) canonical += std::to_string(element.size()) + ":" + element + ",";
            return cell::text(bytes.keep(canonical));
        }
        case column_kind::text:
            if (!syncline::is_clean_utf8(text)) break;
            return cell::text(bytes.keep(text));
        case column_kind::key: break;
    }
    detail::refuse_value(column, text);
}

/// The shortest text that reads back as the same number.
[[nodiscard]] inline std::string format_real(double number) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

/// The value as read_field takes it, except that null is "null".
[[nodiscard]] inline std::string format_field(const syncline::column_view& column, const syncline::cell& value) {
    using syncline::cell_kind;
    switch (value.kind()) {
        case cell_kind::null: return "null";
        case cell_kind::boolean: return value.as_boolean() ? "true" : "false";
        case cell_kind::integer:
            return column.kind == syncline::column_kind::timestamp ? format_moment(value.as_integer()) : std::to_string(value.as_integer());
        case cell_kind::real: return format_real(value.as_real());
        case cell_kind::bytes: {
            std::string text(syncline::wire::json::base64_size(value.view().size()), '\0');
            syncline::wire::json::write_base64(text.data(), value.view());
            return text;
        }
        default: break;
    }
    if (column.kind != syncline::column_kind::set) return std::string(value.view());
    std::string text;
    for (const std::string& element : elements_of(value)) {
        if (!text.empty()) text += ',';
        for (const char character : element) {
            if (character == ',' || character == '\\') text += '\\';
            text += character;
        }
    }
    return text;
}

}  // namespace shell
