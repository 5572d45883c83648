/// CBOR built by hand, right or wrong: what tests feed to readers without asking our own writers.
#pragma once

#include <bit>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace syncline::tests::cbor {

/// Major type and argument, in the shortest form.
inline std::string head(int major, std::uint64_t argument) {
    const int bytes = argument < 24 ? 0 : argument <= 0xFF ? 1 : argument <= 0xFFFF ? 2 : argument <= 0xFFFFFFFF ? 4 : 8;
    const std::uint64_t lower = bytes == 0 ? argument : bytes == 1 ? 24u : bytes == 2 ? 25u : bytes == 4 ? 26u : 27u;
    std::string out(1, static_cast<char>(static_cast<unsigned>(major) << 5 | lower));
    for (int i = bytes; i-- > 0;) out += static_cast<char>(argument >> (8 * i));
    return out;
}

inline std::string number(std::int64_t value) {
    return value >= 0 ? head(0, static_cast<std::uint64_t>(value)) : head(1, ~static_cast<std::uint64_t>(value));
}
inline std::string text(std::string_view value) { return head(3, value.size()) + std::string(value); }
inline std::string bytes(std::string_view value) { return head(2, value.size()) + std::string(value); }
inline std::string boolean(bool flag) { return flag ? "\xF5" : "\xF4"; }
inline std::string null() { return "\xF6"; }

inline std::string big_endian(std::uint64_t word) {
    std::string out;
    for (int i = 8; i-- > 0;) out += static_cast<char>(word >> (8 * i));
    return out;
}
inline std::string real(double value) { return "\xFB" + big_endian(std::bit_cast<std::uint64_t>(value)); }
inline std::string word(std::uint64_t value) { return bytes(big_endian(value)); }

inline std::string array(const std::vector<std::string>& items) {
    std::string out = head(4, items.size());
    for (const std::string& item : items) out += item;
    return out;
}

/// Generation and number, or what differs in them from the version before.
inline std::string version(std::int64_t generation, std::int64_t count) { return array({number(generation), number(count)}); }

/// Pairs of encoded key and encoded value, as they are.
using pairs = std::vector<std::pair<std::string, std::string>>;

inline std::string map(const pairs& all) {
    std::string out = head(5, all.size());
    for (const auto& [key, value] : all) out += key + value;
    return out;
}

}  // namespace syncline::tests::cbor
