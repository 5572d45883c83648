/// A pull as the path and query of a GET, in both directions.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <syncline/base/limits.hpp>
#include <syncline/base/text.hpp>
#include <syncline/wire/hexadecimal.hpp>
#include <syncline/wire/members.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline::wire {

/// Bytes of a path with its query that a server reads.
inline constexpr std::size_t target_bytes_max = 8'192;

namespace detail {

inline constexpr std::array<std::string_view, 7> pull_names{"since", "limit",  "device",  "acknowledged",
                                                            "owner", "schema", "protocol"};

/// Appends `text` with everything but unreserved characters (RFC 3986) as %XX.
inline void append_percent_encoded(std::string& out, std::string_view text) {
    constexpr char digits[] = "0123456789ABCDEF";
    for (const char c : text) {
        const bool unreserved = is_digit(c) || is_lower_case(lower_case(c)) || c == '-' || c == '.' || c == '_' || c == '~';
        const auto byte = static_cast<unsigned char>(c);
        if (unreserved) out.push_back(c);
        else out.append({'%', digits[byte >> 4], digits[byte & 0xFu]});
    }
}

/// Replaces `out` by the decoded text; a plus is a space, as browsers write it. False where a %XX is broken.
[[nodiscard]] inline bool percent_decode(std::string_view text, std::string& out) {
    const auto nibble = [](char c) {
        const char small = lower_case(c);
        return is_digit(small) ? small - '0' : small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
    };
    out.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i] == '+' ? ' ' : text[i]);
            continue;
        }
        if (text.size() - i < 3 || nibble(text[i + 1]) < 0 || nibble(text[i + 2]) < 0) return false;
        out.push_back(static_cast<char>(nibble(text[i + 1]) * 16 + nibble(text[i + 2])));
        i += 2;
    }
    return true;
}

/// The decimal number, or nothing with the reason in `problem`.
[[nodiscard]] inline std::int64_t decimal_of(std::string_view text, std::string_view name, error& problem) {
    std::int64_t number = 0;
    const bool digits_only = !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
    if (!digits_only) note(problem, error_code::wrong_type, "a number was expected", name);
    else if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc())
        note(problem, error_code::out_of_range, "the number is out of range", name);
    return number;
}

inline void take_parameter(std::size_t which, const std::string& value, pull_request& out, error& problem) {
    enum parameter : std::size_t { since, limit, device, acknowledged, owner, schema, protocol };
    const std::string_view name = pull_names[which];
    if (value.size() > tag_bytes_max) return note(problem, error_code::too_large, "the parameter is too long", name);
    if (!is_clean_utf8(value)) return note(problem, error_code::invalid_text, "the parameter is not UTF-8, or has a NUL", name);
    switch (static_cast<parameter>(which)) {
        case since: out.since = value; break;
        case limit: out.limit = static_cast<std::size_t>(decimal_of(value, name, problem)); break;
        case device: out.device = value; break;
        case acknowledged: out.acknowledged = decimal_of(value, name, problem); break;
        case owner: out.owner = value; break;
        case schema:
            out.schema = parse_hexadecimal(value);
            if (!out.schema) note(problem, error_code::malformed, "16 hexadecimal digits were expected", name);
            break;
        case protocol:
            if (decimal_of(value, name, problem) != protocol_version)
                note(problem, error_code::unsupported_protocol, "another protocol version", name);
    }
}

}  // namespace detail

/// Path and query of the GET that asks for a page.
[[nodiscard]] inline std::string pull_target(const pull_request& request) {
    std::string target = "/api/sync?since=";
    detail::append_percent_encoded(target, request.since);
    const auto add = [&target](std::string_view name, std::string_view value) {
        target.append("&").append(name).append("=");
        detail::append_percent_encoded(target, value);
    };
    if (request.limit != 0) add("limit", std::to_string(request.limit));
    if (!request.device.empty()) add("device", request.device);
    add("acknowledged", std::to_string(request.acknowledged));
    if (!request.owner.empty()) add("owner", request.owner);
    if (request.schema) {
        char digits[16];
        write_hexadecimal(digits, *request.schema);
        add("schema", {digits, sizeof digits});
    }
    add("protocol", std::to_string(request.protocol));
    return target;
}

/// Reads the query of `target`, whatever its path; a parameter may be missing, and unknown ones are ignored.
/// The error has code none on success; otherwise `out` means nothing.
[[nodiscard]] inline error read_pull_target(std::string_view target, const limits& bounds, pull_request& out) {
    out = {};
    error problem;
    if (target.size() > std::min(target_bytes_max, bounds.body_bytes))
        note(problem, error_code::too_large, "the query is too long");
    const std::size_t question_mark = target.find('?');
    std::string_view query = question_mark == std::string_view::npos ? std::string_view() : target.substr(question_mark + 1);
    member_finder seen;
    std::string name, value;
    while (!query.empty() && !problem) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const std::string_view encoded = pair.substr(std::min(pair.size(), equals + 1));
        if (!detail::percent_decode(pair.substr(0, equals), name) || !detail::percent_decode(encoded, value)) {
            note(problem, error_code::malformed, "a broken % in the query");
            break;
        }
        const int which = seen.find(detail::pull_names, name);
        if (which == member_finder::repeated) note(problem, error_code::duplicate_key, "the parameter is there twice", name);
        if (which >= 0) detail::take_parameter(static_cast<std::size_t>(which), value, out, problem);
    }
    return problem;
}

}  // namespace syncline::wire
