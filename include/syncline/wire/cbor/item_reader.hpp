/// Reads CBOR item by item, trusting nothing: every length against what is left, heads in their shortest form, no tags.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include <syncline/base/limits.hpp>
#include <syncline/base/text.hpp>
#include <syncline/wire/cbor/real.hpp>
#include <syncline/wire/cbor/sink.hpp>
#include <syncline/wire/members.hpp>

namespace syncline::wire::cbor {

/// What is left of an array or map whose head was read.
struct open_items {
    std::uint64_t left = 0;
    bool until_end = false;  ///< of unknown length, up to a break
};

/// The same of a map, with the key before.
struct open_map {
    open_items pairs;
    int previous = -1;               ///< a key of one byte
    std::string_view previous_long;  ///< a longer one, as it stands in the message
};

/// Key of a pair in a map.
struct map_key {
    int place = -1;         ///< in the names that the map may have; -1 for any other key
    std::string_view name;  ///< of a key that is text, which none of ours is
};

/// A message from front to back. After a problem with its form nothing more is read, and every function returns false.
class item_reader {
public:
    item_reader(std::string_view body, const limits& bounds, error& problem) noexcept
        : at_(body.data()),
          end_(body.data() + body.size()),
          bytes_max_(bounds.body_bytes),
          depth_max_(bounds.json_depth),
          text_max_(text_bytes_max(bounds)),
          problem_(problem) {}

    [[nodiscard]] bool is_stopped() const noexcept { return stopped_; }

    /// Ends the reading with this problem, or with the one noted before.
    bool fail(error_code code, std::string_view text, std::string_view field = {}) {
        note(problem_, code, text, field);
        stopped_ = true;
        at_ = end_;
        return false;
    }

    [[nodiscard]] bool is_too_long() const noexcept { return left() > bytes_max_; }
    [[nodiscard]] bool is_at_end() const noexcept { return at_ == end_; }

    [[nodiscard]] bool is_next(major kind) const noexcept {
        return at_ != end_ && static_cast<unsigned char>(*at_) >> 5 == static_cast<unsigned>(kind);
    }

    /// The next item; of an array or map only that it is one, after its content was checked.
    [[nodiscard]] [[gnu::always_inline]] bool next(wire_value& out) {
        // Most items are short, and a call for each would cost more than reading it; next_long does the same for all.
        const std::size_t size = left();
        const unsigned first = size != 0 ? static_cast<unsigned char>(*at_) : 0xFFu;
        const unsigned argument = first & 0x1Fu;
        if (argument >= 24) return next_long(out);
        switch (static_cast<major>(first >> 5)) {
            case major::unsigned_integer:
            case major::negative_integer:
                ++at_;
                out.kind = value_kind::integer;
                out.integer = first < 24 ? static_cast<std::int64_t>(argument) : ~static_cast<std::int64_t>(argument);
                return true;
            case major::bytes:
            case major::text:
                if (argument >= size || argument > text_max_) return next_long(out);
                out.kind = first >> 5 == static_cast<unsigned>(major::text) ? value_kind::text : value_kind::bytes;
                out.text = {at_ + 1, argument};
                at_ += 1 + argument;
                return out.kind == value_kind::bytes || check_utf8(out.text);
            default: return next_long(out);
        }
    }

    /// Reads an array of two integers of one byte each that are not negative. False, and nothing is read, for any other item.
    [[nodiscard]] bool next_small_pair(std::int64_t& first, std::int64_t& second) noexcept {
        constexpr unsigned char array_of_two = static_cast<unsigned char>(major::array) << 5 | 2;
        const auto byte = [this](std::size_t at) { return static_cast<unsigned char>(at_[at]); };
        if (left() < 3 || byte(0) != array_of_two || byte(1) >= 24 || byte(2) >= 24 || depth_ >= depth_max_) return false;
        first = byte(1);
        second = byte(2);
        at_ += 3;
        return true;
    }

    /// Reads past any one item, checking what every item of a message must be.
    bool skip() {
        if (is_next(major::array)) {
            open_items items;
            if (!enter(major::array, items)) return false;
            while (more(items))
                if (!skip()) return false;
            return !stopped_;
        }
        if (is_next(major::map)) {
            open_map map;
            map_key key;
            if (!enter(map)) return false;
            while (next_key(map, {}, key))
                if (!skip()) return false;
            return !stopped_;
        }
        if (is_next(major::tag)) return fail(error_code::malformed, "a tag is not expected");
        wire_value value;
        return next(value);
    }

    /// Reads the head of an array, which must be next.
    [[nodiscard]] bool enter_array(open_items& items) { return enter(major::array, items); }
    /// Reads the head of a map, which must be next.
    [[nodiscard]] bool enter(open_map& map) { return enter(major::map, map.pairs); }

    /// True when the array has one more item; else it has been left.
    [[nodiscard]] [[gnu::always_inline]] bool more(open_items& items) {
        if (stopped_) return false;
        if (!items.until_end) {
            if (items.left != 0) {
                --items.left;
                return true;
            }
        } else {
            if (at_ == end_) return cut_short();
            if (static_cast<unsigned char>(*at_) != lead::end) return true;
            ++at_;
        }
        --depth_;
        return false;
    }

    /// Leaves an array all of whose items were read.
    void leave() noexcept { --depth_; }

    /// True when the map has one more pair, whose key is read; else it has been left. Our keys are the places of `names`, as
    /// numbers. Keys ascend (RFC 8949, section 4.2.1), so that the key before is enough to know that none is there twice.
    [[nodiscard]] [[gnu::always_inline]] bool next_key(open_map& map, std::span<const std::string_view> names, map_key& key) {
        if (!more(map.pairs)) return false;
        const int first = at_ != end_ ? static_cast<unsigned char>(*at_) : 0xFF;
        if (first >= 24 || first <= map.previous || !map.previous_long.empty()) return other_key(map, names, key);
        ++at_;
        key = {first < static_cast<int>(names.size()) ? first : -1, {}};
        map.previous = first;
        return true;
    }

private:
    bool next_long(wire_value& out) {
        if (at_ == end_) return cut_short();
        const auto first = static_cast<unsigned char>(*at_++);
        const auto kind = static_cast<major>(first >> 5);
        if (kind == major::simple) return simple(first, out);
        if (kind >= major::array) {
            --at_;
            out.kind = value_kind::nested;
            return skip();
        }
        std::uint64_t argument = first & 0x1Fu;
        if (argument >= 24 && !long_argument(argument)) return false;
        switch (kind) {
            case major::unsigned_integer:
                out.integer = static_cast<std::int64_t>(argument);
                out.kind = out.integer >= 0 ? value_kind::integer : value_kind::huge_integer;
                if (out.integer < 0) out.real = static_cast<double>(argument);
                return true;
            case major::negative_integer:
                out.integer = static_cast<std::int64_t>(~argument);
                out.kind = out.integer < 0 ? value_kind::integer : value_kind::huge_integer;
                if (out.integer >= 0) out.real = -1 - static_cast<double>(argument);
                return true;
            case major::bytes: out.kind = value_kind::bytes; return take(argument, out.text);
            default: out.kind = value_kind::text; return take(argument, out.text) && check_utf8(out.text);
        }
    }

    bool cut_short() { return fail(error_code::malformed, "the message is cut short"); }

    [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

    /// The argument behind a first byte with these lower bits, 24 to 31.
    bool long_argument(std::uint64_t& argument) {
        if (argument > 27) return fail(error_code::malformed, "a length or number of no known form");
        const auto power = static_cast<unsigned>(argument - 24);
        const std::size_t bytes = std::size_t{1} << power;
        if (left() < bytes) return cut_short();
        argument = big_endian(bytes);
        constexpr std::uint64_t least[] = {24, 0x100, 0x10000, 0x100000000};
        if (argument < least[power]) return fail(error_code::malformed, "a length or number is not in its shortest form");
        return true;
    }

    std::uint64_t big_endian(std::size_t bytes) noexcept {
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < bytes; ++i) word = word << 8 | static_cast<unsigned char>(at_[i]);
        at_ += bytes;
        return word;
    }

    bool take(std::uint64_t size, std::string_view& out) {
        if (size > left()) return cut_short();
        if (size > text_max_) return fail(error_code::too_large, "a text is too long");
        out = {at_, static_cast<std::size_t>(size)};
        at_ += size;
        return true;
    }

    bool simple(unsigned char first, wire_value& out) {
        switch (first) {
            case lead::false_value:
            case lead::true_value:
                out.kind = value_kind::boolean;
                out.integer = first == lead::true_value ? 1 : 0;
                return true;
            case lead::null_value: out.kind = value_kind::null; return true;
            case lead::half:
            case lead::single:
            case lead::wide: return real(first, out);
            default: return fail(error_code::malformed, "a value of no known form");
        }
    }

    bool real(unsigned char first, wire_value& out) {
        const std::size_t bytes = first == lead::half ? 2 : first == lead::single ? 4 : 8;
        if (left() < bytes) return cut_short();
        const std::uint64_t bits = big_endian(bytes);
        out.kind = value_kind::real;
        out.real = bytes == 8   ? std::bit_cast<double>(bits)
                   : bytes == 4 ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)))
                                : from_half(static_cast<std::uint16_t>(bits));
        if (!std::isfinite(out.real)) return fail(error_code::out_of_range, "a number is not finite");
        return true;
    }

    bool check_utf8(std::string_view text) {
        if (is_ascii_without_nul(text)) return true;
        for (std::size_t i = 0; i < text.size();) {
            const std::size_t end = std::min(text.find('\0', i), text.size());
            if (!is_clean_utf8(text.substr(i, end - i))) return fail(error_code::invalid_text, "a text is not UTF-8");
            i = end + 1;
        }
        return true;
    }

    [[nodiscard]] static bool is_ascii_without_nul(std::string_view text) noexcept {
        constexpr std::uint64_t ones = 0x0101010101010101u;
        constexpr std::uint64_t tops = 0x8080808080808080u;
        const auto is_plain = [&](std::size_t at, std::size_t size) {
            std::uint64_t word = ones;
            std::memcpy(&word, text.data() + at, size);
            return ((word | (word - ones)) & tops) == 0;
        };
        if (text.size() < 8) return is_plain(0, text.size());
        for (std::size_t i = 0; i + 8 < text.size(); i += 8)
            if (!is_plain(i, 8)) return false;
        return is_plain(text.size() - 8, 8);
    }

    bool enter(major kind, open_items& items) {
        const auto first = static_cast<unsigned char>(*at_++);
        if (++depth_ > depth_max_) return fail(error_code::too_large, "nested too deeply");
        std::uint64_t argument = first & 0x1Fu;
        items.until_end = argument == 31;
        if (items.until_end) return true;
        if (argument >= 24 && !long_argument(argument)) return false;
        items.left = argument;
        if (argument > left() / (kind == major::map ? 2 : 1)) return cut_short();
        return true;
    }

    /// A key that is long, or there twice, or not in its place.
    bool other_key(open_map& map, std::span<const std::string_view> names, map_key& key) {
        if (at_ == end_) return cut_short();
        const int first = static_cast<unsigned char>(*at_);
        if (first < 24) {
            if (first != map.previous || !map.previous_long.empty()) return fail(error_code::malformed, "the keys of a map do not ascend");
            ++at_;
            key = {first < static_cast<int>(names.size()) ? first : -1, {}};
            note(problem_, error_code::duplicate_key, "the key is there twice",
                 key.place < 0 ? std::string_view() : names[static_cast<std::size_t>(first)]);
            return true;
        }
        if (!is_next(major::unsigned_integer) && !is_next(major::text)) return fail(error_code::malformed, "a key is a number or a name");
        const char* const start = at_;
        wire_value value;
        key = {};
        if (!next(value)) return false;
        if (value.kind == value_kind::text) key.name = value.text;
        if (key.name.size() > key_bytes_max) return fail(error_code::too_large, "a key is too long");
        const std::string_view encoded(start, static_cast<std::size_t>(at_ - start));
        if (encoded < map.previous_long) return fail(error_code::malformed, "the keys of a map do not ascend");
        if (encoded == map.previous_long) note(problem_, error_code::duplicate_key, "the key is there twice");
        map.previous_long = encoded;
        return true;
    }

    const char* at_;
    const char* end_;
    std::size_t bytes_max_;
    std::size_t depth_max_;
    std::size_t text_max_;
    std::size_t depth_ = 0;
    bool stopped_ = false;
    error& problem_;
};

}  // namespace syncline::wire::cbor
