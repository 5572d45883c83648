/// Ids in fewer bytes than their text has: a UUID in 16, a ULID in 17. Everything else travels as text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace syncline::wire::cbor {

inline constexpr std::size_t uuid_characters = 36;
inline constexpr std::size_t uuid_bytes = 16;
inline constexpr std::size_t ulid_characters = 26;
inline constexpr std::size_t ulid_bytes = 17;

namespace detail {

inline constexpr char hexadecimal_digits[] = "0123456789abcdef";
inline constexpr char crockford_digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The place of each character in `digits`; 255 for one that is not there.
[[nodiscard]] constexpr std::array<std::uint8_t, 256> make_digit_values(std::string_view digits) noexcept {
    std::array<std::uint8_t, 256> values{};
    for (std::uint8_t& value : values) value = 255;
    for (std::size_t i = 0; i < digits.size(); ++i) values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
    return values;
}
inline constexpr auto hexadecimal_values = make_digit_values(hexadecimal_digits);
inline constexpr auto crockford_values = make_digit_values(crockford_digits);

/// Both hexadecimal digits of each byte.
[[nodiscard]] constexpr std::array<char, 512> make_digit_pairs() noexcept {
    std::array<char, 512> pairs{};
    for (std::size_t i = 0; i < 256; ++i) {
        pairs[2 * i] = hexadecimal_digits[i >> 4];
        pairs[2 * i + 1] = hexadecimal_digits[i & 0xFu];
    }
    return pairs;
}
inline constexpr auto digit_pairs = make_digit_pairs();

/// Calls `take` with the number of each byte of a UUID and the place of its two digits in the text.
template <class Take>
inline void for_each_uuid_byte(Take&& take) {
    // Written out, because every row has two or three of them.
    take(0, 0), take(1, 2), take(2, 4), take(3, 6);
    take(4, 9), take(5, 11);
    take(6, 14), take(7, 16);
    take(8, 19), take(9, 21);
    take(10, 24), take(11, 26), take(12, 28), take(13, 30), take(14, 32), take(15, 34);
}

[[nodiscard]] inline bool pack_uuid(std::string_view text, char* out) noexcept {
    if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return false;
    unsigned all = 0;
    const auto pack = [&](std::size_t i, std::size_t place) {
        const unsigned high = hexadecimal_values[static_cast<unsigned char>(text[place])];
        const unsigned low = hexadecimal_values[static_cast<unsigned char>(text[place + 1])];
        all |= high | low;
        out[i] = static_cast<char>(high << 4 | low);
    };
    for_each_uuid_byte(pack);
    return all <= 0xFu;
}

inline void unpack_uuid(std::string_view bytes, char* out) noexcept {
    for_each_uuid_byte([&](std::size_t i, std::size_t place) {
        std::memcpy(out + place, digit_pairs.data() + 2 * static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])), 2);
    });
    out[8] = out[13] = out[18] = out[23] = '-';
}

/// Packs `Digits` digits of five bits into `Bytes` bytes; sets bits above the fifth in `all` for a character that is no digit.
template <std::size_t Digits, std::size_t Bytes>
inline void pack_digits(const char* text, char* out, unsigned& all) noexcept {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < Digits; ++i) {
        const unsigned value = crockford_values[static_cast<unsigned char>(text[i])];
        all |= value;
        word = word << 5 | value;
    }
    for (std::size_t i = 0; i < Bytes; ++i) out[i] = static_cast<char>(word >> (8 * (Bytes - 1 - i)));
}

/// The other way round; the bits that are left over.
template <std::size_t Digits, std::size_t Bytes>
inline std::uint64_t unpack_digits(const char* bytes, char* out) noexcept {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < Bytes; ++i) word = word << 8 | static_cast<unsigned char>(bytes[i]);
    for (std::size_t i = 0; i < Digits; ++i) out[i] = crockford_digits[word >> (5 * (Digits - 1 - i)) & 0x1Fu];
    return word >> (5 * Digits);
}

// Eight digits are five bytes; after three such groups two digits are left for the last two bytes.
[[nodiscard]] inline bool pack_ulid(const char* text, char* out) noexcept {
    unsigned all = 0;
    for (std::size_t group = 0; group < 3; ++group) pack_digits<8, 5>(text + 8 * group, out + 5 * group, all);
    pack_digits<2, 2>(text + 24, out + 15, all);
    return all <= 0x1Fu;
}

[[nodiscard]] inline bool unpack_ulid(const char* bytes, char* out) noexcept {
    for (std::size_t group = 0; group < 3; ++group) static_cast<void>(unpack_digits<8, 5>(bytes + 5 * group, out + 8 * group));
    return unpack_digits<2, 2>(bytes + 15, out + 24) == 0;
}

}  // namespace detail

/// Writes the bytes of `text` to `out`, which has room for ulid_bytes, and returns their number; 0 for text that is neither a
/// UUID in lower case nor a ULID in upper case.
[[nodiscard]] inline std::size_t pack_id(std::string_view text, char* out) noexcept {
    if (text.size() == uuid_characters && detail::pack_uuid(text, out)) return uuid_bytes;
    if (text.size() == ulid_characters && detail::pack_ulid(text.data(), out)) return ulid_bytes;
    return 0;
}

/// Writes the text of `bytes` to `out`, which has room for uuid_characters, and returns its length; 0 for bytes that are no id.
[[nodiscard]] inline std::size_t unpack_id(std::string_view bytes, char* out) noexcept {
    if (bytes.size() == uuid_bytes) {
        detail::unpack_uuid(bytes, out);
        return uuid_characters;
    }
    if (bytes.size() == ulid_bytes && detail::unpack_ulid(bytes.data(), out)) return ulid_characters;
    return 0;
}

}  // namespace syncline::wire::cbor
