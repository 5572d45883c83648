/// The two encodings of a message and their media types.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <syncline/schema/names.hpp>

namespace syncline::wire {

/// JSON (RFC 8259) for everybody, CBOR (RFC 8949) for speed between two halves of syncline.
enum class encoding : std::uint8_t { json, cbor };

[[nodiscard]] constexpr std::string_view media_type(encoding form) noexcept {
    return form == encoding::cbor ? "application/cbor" : "application/json";
}

/// The encoding that a Content-Type names, whatever its parameters; JSON where it is empty, nothing where it is another one.
[[nodiscard]] constexpr std::optional<encoding> encoding_of(std::string_view content_type) noexcept {
    const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
    if (content_type.empty()) return encoding::json;
    std::string_view name = content_type.substr(0, content_type.find(';'));
    while (!name.empty() && is_space(name.front())) name.remove_prefix(1);
    while (!name.empty() && is_space(name.back())) name.remove_suffix(1);
    for (const encoding form : {encoding::json, encoding::cbor})
        if (equal_ignoring_case(name, media_type(form))) return form;
    return std::nullopt;
}

/// The encoding of the answer to a request with this Accept: the first one listed that there is, else JSON. Weights are not read.
[[nodiscard]] constexpr encoding accepted_encoding(std::string_view accept) noexcept {
    while (!accept.empty()) {
        const std::string_view range = accept.substr(0, accept.find(','));
        accept.remove_prefix(std::min(accept.size(), range.size() + 1));
        if (range.empty()) continue;
        if (const std::optional<encoding> form = encoding_of(range)) return *form;
    }
    return encoding::json;
}

}  // namespace syncline::wire
