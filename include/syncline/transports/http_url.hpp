/// The address of a server, as an application writes it: http(s)://host[:port][/prefix].
#pragma once

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include <syncline/schema/names.hpp>

namespace syncline {

struct http_url {
    bool is_secure = true;  ///< https
    std::string host;       ///< a name or an address, IPv6 without its brackets
    int port = 443;
    std::string prefix;     ///< before every target: empty, or from '/' on without one at its end

    /// As the header Host has it.
    [[nodiscard]] std::string authority() const {
        std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
        if (port != (is_secure ? 443 : 80)) text += ":" + std::to_string(port);
        return text;
    }

    /// True when what is sent there does not leave the machine: localhost, 127.0.0.0/8, ::1.
    [[nodiscard]] bool is_loopback() const noexcept {
        if (equal_ignoring_case(host, "localhost") || host == "::1") return true;
        const bool is_address = std::ranges::all_of(host, [](char c) { return is_digit(c) || c == '.'; });
        return is_address && host.starts_with("127.") && std::ranges::count(host, '.') == 3 && host.back() != '.';
    }
};

namespace detail {

/// True for characters that end neither a line nor a word of an HTTP head.
[[nodiscard]] constexpr bool is_visible_ascii(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

/// True for what a header may have as its value.
[[nodiscard]] constexpr bool is_visible_ascii_or_space(std::string_view text) noexcept {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

/// What is put before targets, without a '/' at its end. Throws std::invalid_argument.
[[nodiscard]] inline std::string checked_path_prefix(std::string_view prefix) {
    while (prefix.ends_with('/')) prefix.remove_suffix(1);
    if (!prefix.empty() && prefix.front() != '/') throw std::invalid_argument("syncline: the prefix of a path begins with '/'");
    if (!is_visible_ascii(prefix) || prefix.find_first_of("?#") != std::string_view::npos)
        throw std::invalid_argument("syncline: the prefix of a path has no spaces, no '?', no '#' and ASCII only; write others as %XX");
    return std::string(prefix);
}

[[nodiscard]] inline bool is_host(std::string_view host, bool in_brackets) noexcept {
    const auto is_letter = [](char c) { return is_lower_case(lower_case(c)); };
    return !host.empty() && std::ranges::all_of(host, [&](char c) {
        return is_digit(c) || c == '.' || (in_brackets ? c == ':' || c == '%' || is_letter(c) : c == '-' || c == '_' || is_letter(c));
    });
}

}  // namespace detail

/// Throws std::invalid_argument with a sentence that says what is wrong; the text itself, which may hold a secret, is not in it.
[[nodiscard]] inline http_url parse_http_url(std::string_view text) {
    http_url url;
    const std::size_t scheme_end = text.find("://");
    const std::string_view scheme = text.substr(0, scheme_end);
    if (scheme_end == std::string_view::npos || !(equal_ignoring_case(scheme, "https") || equal_ignoring_case(scheme, "http")))
        throw std::invalid_argument("syncline: the address of a server begins with https:// or http://");
    url.is_secure = scheme.size() == 5;
    text.remove_prefix(scheme_end + 3);

    std::string_view authority = text.substr(0, text.find_first_of("/?#"));
    url.prefix = detail::checked_path_prefix(text.substr(authority.size()));
    if (authority.find('@') != std::string_view::npos)
        throw std::invalid_argument("syncline: the address of a server has no user name or password; a token goes to the transport");
    const bool in_brackets = authority.starts_with('[');
    const std::size_t host_end = in_brackets ? authority.find(']') : authority.find(':');
    const std::string_view host = authority.substr(in_brackets ? 1 : 0, in_brackets && host_end != std::string_view::npos ? host_end - 1 : host_end);
    if ((in_brackets && host_end == std::string_view::npos) || !detail::is_host(host, in_brackets))
        throw std::invalid_argument("syncline: the address of a server has a host after '://', IPv6 in brackets");
    url.host = host;

    authority.remove_prefix(std::min(authority.size(), host.size() + (in_brackets ? 2 : 0)));
    url.port = url.is_secure ? 443 : 80;
    if (authority.empty()) return url;
    const std::string_view port = authority.substr(1);
    const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (authority.front() != ':' || problem != std::errc() || end != port.data() + port.size() || url.port < 1 || url.port > 65535)
        throw std::invalid_argument("syncline: the port in the address of a server is a number from 1 to 65535");
    return url;
}

}  // namespace syncline
