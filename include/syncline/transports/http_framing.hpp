/// Pure step: what the head of a request says about its body, and whether two readers could understand it differently.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <httplib.h>

#include <syncline/schema/names.hpp>

namespace syncline {

/// Bytes of the longest path without its query.
inline constexpr std::size_t path_bytes_max = 1'024;

/// How the end of a body is found (RFC 9112, section 6).
struct http_framing {
    std::optional<std::uint64_t> length;  ///< Content-Length
    bool chunked = false;
    bool compressed = false;
    bool ambiguous = false;  ///< several lengths, both ways at once, or a way we do not know
    bool malformed = false;  ///< a header's name is none, or there is not one host

    [[nodiscard]] bool has_body() const noexcept { return chunked || length.value_or(0) != 0; }
};

/// True for a token of RFC 9110, section 5.6.2. "Content-Length " is none, and readers differ in what they make of it.
[[nodiscard]] inline bool is_header_name(std::string_view name) noexcept {
    constexpr std::string_view delimiters = "\"(),/:;<=>?@[\\]{}";
    for (const char c : name)
        if (c <= ' ' || c > '~' || delimiters.find(c) != std::string_view::npos) return false;
    return !name.empty();
}

[[nodiscard]] inline http_framing framing_of(const httplib::Request& in) {
    http_framing framing;
    for (const auto& [name, value] : in.headers) framing.malformed = framing.malformed || !is_header_name(name);
    if (in.version != "HTTP/1.0" && in.get_header_value_count("Host") != 1) framing.malformed = true;
    if (in.has_header("Content-Length")) {
        const std::string text = in.get_header_value("Content-Length");
        std::uint64_t length = 0;
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), length);
        framing.length = length;
        framing.ambiguous = in.get_header_value_count("Content-Length") != 1 || failure != std::errc() || end != text.data() + text.size();
    }
    if (in.has_header("Transfer-Encoding")) {
        framing.chunked = true;
        framing.ambiguous = framing.ambiguous || framing.length || in.version == "HTTP/1.0" || in.get_header_value_count("Transfer-Encoding") != 1 ||
                            !equal_ignoring_case(in.get_header_value("Transfer-Encoding"), "chunked");
    }
    const std::string encoding = in.get_header_value("Content-Encoding");
    framing.compressed = !encoding.empty() && !equal_ignoring_case(encoding, "identity");
    return framing;
}

/// Why a request framed so is not read; empty where it can be. `carries` says whether its method has a body.
[[nodiscard]] inline std::string_view flaw_of(const http_framing& framing, bool carries) noexcept {
    if (framing.malformed) return "the head is malformed";
    if (framing.ambiguous) return "the length of the body is not clear";
    if (!carries && framing.has_body()) return "this method has no body";
    return {};
}

/// The token of `Authorization: Bearer TOKEN` (RFC 6750); empty where there is none.
[[nodiscard]] inline std::string bearer_token(std::string_view authorization) {
    constexpr std::string_view scheme = "Bearer ";
    if (authorization.size() <= scheme.size() || !equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return {};
    authorization.remove_prefix(scheme.size());
    while (!authorization.empty() && authorization.front() == ' ') authorization.remove_prefix(1);
    return std::string(authorization);
}

}  // namespace syncline
