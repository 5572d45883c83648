/// One JSON value as the cell of one column: where types, ranges and bounds of row values are checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <syncline/base/ids.hpp>
#include <syncline/base/limits.hpp>
#include <syncline/model/arena.hpp>
#include <syncline/schema/schema_view.hpp>
#include <syncline/wire/base64.hpp>
#include <syncline/wire/json_events.hpp>

namespace syncline::wire {

/// Whether a foreign key may be {"localId"}.
enum class key_form : std::uint8_t { server_only, server_or_local };

/// Makes cells whose text is kept in one arena.
class cell_decoder {
public:
    cell_decoder(const limits& bounds, arena& bytes, key_form keys) noexcept : bounds_(bounds), bytes_(bytes), keys_(keys) {}

    /// Sets `out`, or notes in `problem` why the value is none of this column.
    void decode(const column_view& column, const json_value& value, cell& out, error& problem) {
        if (value.kind == json_kind::null) {
            if (!column.nullable) note(problem, error_code::wrong_type, "the field cannot be null", column.name);
            out = cell::null();
            return;
        }
        switch (column.kind) {
            case column_kind::boolean:
                if (value.kind != json_kind::boolean) return wrong(column, "the field takes true or false", problem);
                out = cell::boolean(value.integer != 0);
                return;
            case column_kind::integer:
            case column_kind::timestamp: return decode_integer(column, value, out, problem);
            case column_kind::real:
                if (value.kind == json_kind::integer) out = cell::real(static_cast<double>(value.integer));
                else if (value.kind == json_kind::real || value.kind == json_kind::huge_integer) out = cell::real(value.real);
                else wrong(column, "the field takes a number", problem);
                return;
            case column_kind::text:
            case column_kind::set: return decode_text(column, value, out, problem);
            case column_kind::bytes: return decode_bytes(column, value, out, problem);
            case column_kind::key: return decode_key(column, value, out, problem);
        }
    }

    [[nodiscard]] arena& bytes() noexcept { return bytes_; }
    [[nodiscard]] key_form keys() const noexcept { return keys_; }

private:
    static void wrong(const column_view& column, std::string_view text, error& problem) {
        note(problem, error_code::wrong_type, text, column.name);
    }

    static void decode_integer(const column_view& column, const json_value& value, cell& out, error& problem) {
        const bool huge = value.kind == json_kind::huge_integer;
        if (value.kind != json_kind::integer && !huge) return wrong(column, "the field takes an integer", problem);
        const bool bounded = column.kind == column_kind::integer;
        if (huge || (bounded && (value.integer < column.least || value.integer > column.greatest)))
            return note(problem, error_code::out_of_range, "the field cannot hold the number", column.name);
        out = cell::integer(value.integer);
    }

    void decode_text(const column_view& column, const json_value& value, cell& out, error& problem) {
        if (value.kind != json_kind::text) return wrong(column, "the field takes a text", problem);
        if (value.text.size() > bounds_.string_bytes)
            return note(problem, error_code::too_large, "the text is too long", column.name);
        // The parser has checked the UTF-8, but \u0000 is legal in JSON.
        if (value.text.find('\0') != std::string_view::npos)
            return note(problem, error_code::invalid_text, "the text has a NUL", column.name);
        out = cell::text(bytes_.keep(value.text));
    }

    void decode_bytes(const column_view& column, const json_value& value, cell& out, error& problem) {
        if (value.kind != json_kind::text) return wrong(column, "the field takes bytes as base64 text", problem);
        if (!read_base64(value.text, unpacked_)) return note(problem, error_code::malformed, "not base64", column.name);
        if (unpacked_.size() > bounds_.string_bytes)
            return note(problem, error_code::too_large, "the bytes are too many", column.name);
        out = cell::bytes(bytes_.keep(unpacked_));
    }

    void decode_key(const column_view& column, const json_value& value, cell& out, error& problem) {
        if (value.kind == json_kind::text) {
            if (!server_id::is_valid(value.text)) return note(problem, error_code::invalid_id, "not a server id", column.name);
            out = cell::server_key(bytes_.keep(value.text));
        } else if (value.kind == json_kind::local_reference && keys_ == key_form::server_or_local) {
            if (value.text.empty()) return note(problem, error_code::invalid_id, "not a local id", column.name);
            out = cell::local_key(bytes_.keep(value.text));
        } else {
            wrong(column,
                  keys_ == key_form::server_only ? "the field takes a server id" : "the field takes a server id or {\"localId\"}",
                  problem);
        }
    }

    const limits& bounds_;
    arena& bytes_;
    key_form keys_;
    std::string unpacked_;
};

}  // namespace syncline::wire
