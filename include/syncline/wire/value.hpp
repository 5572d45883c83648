/// One value of a message, whichever encoding it came in, and the note of what is wrong with it.
#pragma once

#include <cstdint>
#include <string_view>

#include <syncline/base/errors.hpp>

namespace syncline::wire {

enum class value_kind : std::uint8_t {
    null,
    boolean,
    integer,
    huge_integer,  ///< an integer that 64 signed bits cannot hold; `real` has the nearest double
    real,          ///< always finite
    text,
    bytes,
    word,             ///< 64 bits without a meaning as a number, in `integer`
    id,               ///< text that is valid as any id, because of the form it travelled in
    local_reference,  ///< a local id where server ids are usual; an invalid id is an empty text
    nested            ///< any other list or object, without its content
};

/// `text` lives only as long as the one who reads says.
struct wire_value {
    value_kind kind = value_kind::null;
    std::int64_t integer = 0;  ///< of a boolean too
    double real = 0;
    std::string_view text;
};

/// Keeps the first problem; later ones are usually its consequences.
inline void note(error& first, error_code code, std::string_view text, std::string_view field = {}) {
    if (first) return;
    first.code = code;
    first.message = text;
    first.field = field;
}

}  // namespace syncline::wire
