/// Appends CBOR to a text: every head in its shortest form, into a buffer that grows ahead.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <syncline/base/assert.hpp>
#include <syncline/base/version.hpp>
#include <syncline/wire/cbor/packed_id.hpp>
#include <syncline/wire/cbor/real.hpp>
#include <syncline/wire/growing_text.hpp>

namespace syncline::wire::cbor {

/// The kind of an item, the upper three bits of its first byte.
enum class major : std::uint8_t { unsigned_integer, negative_integer, bytes, text, array, map, tag, simple };

/// The first bytes of items that have no argument.
struct lead {
    static constexpr unsigned char false_value = 0xF4, true_value = 0xF5, null_value = 0xF6;
    static constexpr unsigned char half = 0xF9, single = 0xFA, wide = 0xFB;
    static constexpr unsigned char open_array = 0x9F, end = 0xFF;
};

/// Writes items of CBOR.
class sink : public growing_text {
public:
    using growing_text::growing_text;

    /// Items that are CBOR already.
    sink& raw(std::string_view items) {
        std::memcpy(room(items.size()), items.data(), items.size());
        used_ += items.size();
        return *this;
    }

    sink& byte(unsigned char value) {
        *room(1) = static_cast<char>(value);
        ++used_;
        return *this;
    }

    /// The key of a member; below 24, so that it is one byte.
    sink& key(int member) { return byte(static_cast<unsigned char>(member)); }

    sink& integer(std::int64_t number) {
        if (number >= 0) return head(major::unsigned_integer, static_cast<std::uint64_t>(number));
        return head(major::negative_integer, ~static_cast<std::uint64_t>(number));
    }

    sink& boolean(bool flag) { return byte(flag ? lead::true_value : lead::false_value); }
    sink& null() { return byte(lead::null_value); }

    /// The shortest of 16, 32 and 64 bits that is the same number. `number` is finite.
    sink& real(double number) {
        SYNCLINE_ASSERT(std::isfinite(number));
        const std::optional<float> narrow = to_float(number);
        if (!narrow) return byte(lead::wide).big_endian<8>(std::bit_cast<std::uint64_t>(number));
        const std::optional<std::uint16_t> half = to_half(*narrow);
        if (!half) return byte(lead::single).big_endian<4>(std::bit_cast<std::uint32_t>(*narrow));
        return byte(lead::half).big_endian<2>(*half);
    }

    sink& text(std::string_view text) { return string(major::text, text); }
    sink& bytes(std::string_view bytes) { return string(major::bytes, bytes); }

    /// 64 bits that are no number, as 8 bytes.
    sink& word(std::uint64_t word) { return byte(static_cast<unsigned char>(major::bytes) << 5 | 8).big_endian<8>(word); }

    /// An id as bytes if it can be packed, else as text.
    sink& id(std::string_view text_form) {
        char* const at = room(1 + ulid_bytes);
        const std::size_t size = pack_id(text_form, at + 1);
        if (size == 0) return text(text_form);
        *at = static_cast<char>(static_cast<std::size_t>(major::bytes) << 5 | size);
        used_ += 1 + size;
        return *this;
    }

    sink& array(std::size_t items) { return head(major::array, items); }
    sink& map(std::size_t pairs) { return head(major::map, pairs); }
    /// An array of both numbers.
    sink& version(row_version version) { return array(2).integer(version.generation()).integer(version.number()); }
    /// An array whose end is marked by `end`.
    sink& open_array() { return byte(lead::open_array); }
    sink& end() { return byte(lead::end); }

private:
    sink& head(major kind, std::uint64_t argument) {
        used_ += static_cast<std::size_t>(write_head(room(head_bytes_max), kind, argument) - (begin_ + used_));
        return *this;
    }

    sink& string(major kind, std::string_view content) {
        char* const at = write_head(room(head_bytes_max + content.size()), kind, content.size());
        std::memcpy(at, content.data(), content.size());
        used_ = static_cast<std::size_t>(at - begin_) + content.size();
        return *this;
    }

    template <std::size_t Bytes>
    sink& big_endian(std::uint64_t word) {
        write_big_endian<Bytes>(room(Bytes), word);
        used_ += Bytes;
        return *this;
    }

    static constexpr std::size_t head_bytes_max = 9;

    /// Writes the shortest head and returns the place behind it.
    static char* write_head(char* at, major kind, std::uint64_t argument) noexcept {
        const unsigned lower = argument < 24             ? static_cast<unsigned>(argument)
                               : argument <= 0xFFu       ? 24u
                               : argument <= 0xFFFFu     ? 25u
                               : argument <= 0xFFFFFFFFu ? 26u
                                                         : 27u;
        *at++ = static_cast<char>(static_cast<unsigned>(kind) << 5 | lower);
        if (lower < 24) return at;
        if (lower == 24) return write_big_endian<1>(at, argument);
        if (lower == 25) return write_big_endian<2>(at, argument);
        if (lower == 26) return write_big_endian<4>(at, argument);
        return write_big_endian<8>(at, argument);
    }

    // Shifts with constant distances, of which compilers make one store.
    template <std::size_t Bytes>
    static char* write_big_endian(char* at, std::uint64_t word) noexcept {
        for (std::size_t i = 0; i < Bytes; ++i) at[i] = static_cast<char>(word >> (8 * (Bytes - 1 - i)));
        return at + Bytes;
    }
};

}  // namespace syncline::wire::cbor
