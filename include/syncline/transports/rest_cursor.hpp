/// Where a pull from a REST backend stands, as the text that the store keeps for it.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/wire/members.hpp>

namespace syncline {

/// The newest moment seen of each source, or the cursor that the backend gave.
struct rest_cursor {
    std::vector<std::int64_t> moments;  ///< by source, milliseconds; 0: nothing was seen yet
    std::string given;                  ///< by the backend; empty: start from the beginning

    friend bool operator==(const rest_cursor&, const rest_cursor&) = default;

    /// `part` > 0 marks a page in the middle of a pull: read again, it is the place where the pull began.
    [[nodiscard]] std::string text(std::size_t part = 0) const {
        std::string out(prefix);
        for (const std::int64_t moment : moments) {
            char digits[16];
            out.push_back('.');
            out.append(digits, static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, moment, 36).ptr - digits));
        }
        if (part != 0) out += "#" + std::to_string(part);
        if (!given.empty()) out += "~" + given;
        return out;
    }

    /// The cursor of this text, or the beginning where the text is none of `sources` moments.
    [[nodiscard]] static rest_cursor parse(std::string_view text, std::size_t sources) {
        rest_cursor start;
        start.moments.assign(sources, 0);
        if (!text.starts_with(prefix)) return start;
        text.remove_prefix(prefix.size());
        rest_cursor read = start;
        for (std::int64_t& moment : read.moments) {
            if (text.empty() || text.front() != '.') return start;
            const auto [end, problem] = std::from_chars(text.data() + 1, text.data() + text.size(), moment, 36);
            if (problem != std::errc() || moment < 0) return start;
            text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        }
        const std::size_t given = text.find('~');
        if (!text.empty() && text.front() != '#' && text.front() != '~') return start;
        if (given != std::string_view::npos) read.given = text.substr(given + 1);
        return read;
    }

    /// Bytes of a cursor that a backend may give.
    static constexpr std::size_t given_bytes_max = wire::tag_bytes_max - 64;

private:
    static constexpr std::string_view prefix = "rest1";
};

}  // namespace syncline
