/// An application's struct becomes cells and back: the typed edge of everything inside.
#pragma once

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <syncline/base/errors.hpp>
#include <syncline/base/limits.hpp>
#include <syncline/base/text.hpp>
#include <syncline/model/row.hpp>
#include <syncline/schema/traits.hpp>

namespace syncline {

/// Why a value cannot be stored; `none` when it can.
struct value_problem {
    error_code code = error_code::none;
    std::string_view message;
};

namespace detail {

template <class T>
[[nodiscard]] std::string scalar_text(const T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
        return value;
    } else if constexpr (std::is_same_v<T, bool>) {
        return value ? "1" : "0";
    } else if constexpr (std::is_enum_v<T>) {
        return scalar_text(static_cast<std::underlying_type_t<T>>(value));
    } else {
        char buffer[32];
        return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
    }
}

template <class T>
[[nodiscard]] bool parse_scalar(std::string_view text, T& out) {
    if constexpr (std::is_same_v<T, std::string>) {
        out = text;
        return true;
    } else if constexpr (std::is_same_v<T, bool>) {
        out = text == "1";
        return text == "0" || text == "1";
    } else if constexpr (std::is_enum_v<T>) {
        std::underlying_type_t<T> number{};
        if (!parse_scalar(text, number)) return false;
        out = static_cast<T>(number);
        return true;
    } else {
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
        return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    }
}

}  // namespace detail

/// A set as one canonical text: its elements in ascending order, each as `length:text,` (a netstring, D. J. Bernstein 1997).
template <class T>
[[nodiscard]] std::string set_text(const std::set<T>& values) {
    std::string text;
    for (const T& value : values) {
        const std::string element = detail::scalar_text(value);
        text += std::to_string(element.size());
        text += ':';
        text += element;
        text += ',';
    }
    return text;
}

/// Reads what set_text wrote; false when it is no such text.
template <class T>
[[nodiscard]] bool parse_set(std::string_view text, std::set<T>& out) {
    out.clear();
    while (!text.empty()) {
        std::size_t size = 0;
        const auto length = std::from_chars(text.data(), text.data() + text.size(), size);
        const auto digits = static_cast<std::size_t>(length.ptr - text.data());
        if (length.ec != std::errc() || digits >= text.size() || text[digits] != ':') return false;
        text.remove_prefix(digits + 1);
        if (text.size() <= size || text[size] != ',') return false;
        T value{};
        if (!detail::parse_scalar(text.substr(0, size), value)) return false;
        out.insert(std::move(value));
        text.remove_prefix(size + 1);
    }
    return true;
}

/// The cell of a member's value; its text points into the value or into `bytes`.
template <class Value>
[[nodiscard]] cell to_cell(const Value& value, arena& bytes, value_problem& problem) {
    if constexpr (member_type<Value>::nullable) {
        if (!value) return {};
        if constexpr (key_member<Value>) {
            if (value->empty()) return {};
        }
        return to_cell(*value, bytes, problem);
    } else if constexpr (taught_field<Value>) {
        const typename field_type<Value>::stored stored = field_type<Value>::store(value);
        return bytes.keep(to_cell(stored, bytes, problem));
    } else if constexpr (key_member<Value>) {
        if (value.empty()) problem = {error_code::missing_field, "this key needs a row to point at"};
        return cell::local_key(value.view());
    } else if constexpr (std::is_same_v<Value, bool>) {
        return cell::boolean(value);
    } else if constexpr (std::is_same_v<Value, std::string>) {
        if (!is_clean_utf8(value)) problem = {error_code::invalid_text, "text must be UTF-8 without NUL"};
        return cell::text(value);
    } else if constexpr (std::is_same_v<Value, std::vector<std::byte>>) {
        return cell::bytes({reinterpret_cast<const char*>(value.data()), value.size()});
    } else if constexpr (is_timestamp<Value>) {
        const auto since_epoch = std::chrono::floor<std::chrono::microseconds>(value).time_since_epoch();
        return cell::integer(static_cast<std::int64_t>(since_epoch.count()));
    } else if constexpr (is_set<Value>) {
        const std::string text = set_text(value);
        if (!is_clean_utf8(text)) problem = {error_code::invalid_text, "text must be UTF-8 without NUL"};
        return cell::text(bytes.keep(text));
    } else if constexpr (std::is_enum_v<Value>) {
        return to_cell(static_cast<std::underlying_type_t<Value>>(value), bytes, problem);
    } else if constexpr (std::is_floating_point_v<Value>) {
        if (!std::isfinite(value)) problem = {error_code::out_of_range, "the number is not finite"};
        return cell::real(static_cast<double>(value));
    } else {
        if (!std::in_range<std::int64_t>(value)) problem = {error_code::out_of_range, "the number does not fit 64 bits with sign"};
        return cell::integer(static_cast<std::int64_t>(value));
    }
}

/// Puts a cell's value into a member. A cell that does not fit, which only a damaged store holds, throws store_error.
template <class Value>
void from_cell(const cell& from, Value& out) {
    if constexpr (member_type<Value>::nullable) {
        if (from.is_null()) {
            out.reset();
            return;
        }
        out.emplace();
        from_cell(from, *out);
    } else if constexpr (taught_field<Value>) {
        typename field_type<Value>::stored stored{};
        from_cell(from, stored);
        out = field_type<Value>::load(stored);
    } else if constexpr (key_member<Value>) {
        out = Value(local_id::trusted(from.view()));
    } else if constexpr (std::is_same_v<Value, bool>) {
        out = from.as_boolean();
    } else if constexpr (std::is_same_v<Value, std::string>) {
        out = from.view();
    } else if constexpr (std::is_same_v<Value, std::vector<std::byte>>) {
        const auto* const first = reinterpret_cast<const std::byte*>(from.view().data());
        out.assign(first, first + from.view().size());
    } else if constexpr (is_timestamp<Value>) {
        const std::chrono::sys_time<std::chrono::microseconds> time(std::chrono::microseconds(from.as_integer()));
        out = std::chrono::floor<typename Value::duration>(time);
    } else if constexpr (is_set<Value>) {
        if (!parse_set(from.view(), out)) throw store_error("a stored set is damaged");
    } else if constexpr (std::is_enum_v<Value>) {
        out = static_cast<Value>(from.as_integer());
    } else if constexpr (std::is_floating_point_v<Value>) {
        out = static_cast<Value>(from.as_real());
    } else {
        out = static_cast<Value>(from.as_integer());
    }
}

/// The cells of an entity, in the order of its columns; text points into `value` or `bytes`.
/// Throws write_refused, with the field's name, for a value that cannot be stored.
template <class E>
void to_cells(const E& value, const local_id& id, std::string_view entity, const limits& bounds, std::vector<cell>& out, arena& bytes) {
    out.clear();
    visit_declarations<E>([&](const auto& declaration) {
        value_problem problem;
        out.push_back(to_cell(value.*(declaration.member), bytes, problem));
        if (problem.code == error_code::none && out.back().has_text() && out.back().view().size() > bounds.string_bytes)
            problem = {error_code::too_large, "the text is longer than limits.string_bytes"};
        if (problem.code != error_code::none)
            throw write_refused({problem.code, std::string(problem.message), std::string(entity), id.str(), std::string(declaration.name)});
    });
}

/// The entity of these cells and this id.
template <class E>
[[nodiscard]] E from_cells(const local_id& id, cells values) {
    E value{};
    value.*(entity_traits<E>::key) = id_of<E>(id);
    std::size_t column = 0;
    visit_declarations<E>([&](const auto& declaration) { from_cell(values[column++], value.*(declaration.member)); });
    return value;
}

}  // namespace syncline
