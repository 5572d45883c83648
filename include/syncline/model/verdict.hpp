/// What a server makes of an operation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace syncline {

enum class verdict : std::uint8_t {
    applied,   ///< exactly as sent, on the row it was made on
    merged,    ///< taken, on a row that had moved on
    gone,      ///< the row, or what it needs, was removed
    waits,     ///< the server does not know a row that it points at; not final
    rejected,  ///< refused, for good or for now
    settled,   ///< final, but the server no longer knows how
    closed     ///< never applied, and never will be under its sequence
};

[[nodiscard]] constexpr std::string_view name_of(verdict v) noexcept {
    constexpr std::string_view names[] = {"applied", "merged", "gone", "waits", "rejected", "settled", "void"};
    return names[static_cast<std::size_t>(v)];
}

}  // namespace syncline
