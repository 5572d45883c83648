/// Cursors: a place in an owner's feed or snapshot as one text that only the server which wrote it accepts.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <syncline/base/hash.hpp>
#include <syncline/server/backend.hpp>

namespace syncline {

/// Where a device is. In the feed: it has everything up to `version`, or, with a table, up to that row of that version. In a
/// snapshot that began at `version`: it has the rows up to the one named.
struct cursor {
    enum class kind : std::uint8_t { feed, snapshot };

    kind of = kind::feed;
    row_version version = 0;
    int table = -1;  ///< -1: at the end of the version, or at the start of the snapshot
    local_id local;

    friend bool operator==(const cursor&, const cursor&) = default;
};

/// The place in the feed behind which the device knows nothing.
[[nodiscard]] inline feed_position position_of(const cursor& place) noexcept {
    if (place.of == cursor::kind::snapshot) return {place.version, place.table, place.local};
    return place.table < 0 ? feed_position{place.version + 1, -1, {}} : feed_position{place.version, place.table, place.local};
}

/// Writes and reads the cursors of one owner. The text is not secret, but changing it is noticed; so are another owner and epoch.
class cursor_codec {
public:
    cursor_codec(std::string_view owner, std::string_view epoch, const schema_view& schema) noexcept
        : owner_(owner), epoch_(epoch), schema_(schema) {}

    [[nodiscard]] std::string encode(const cursor& place) const {
        const std::string body = body_of(place);
        return checksum_of(body, place.table >= 0) + body;
    }

    /// Nothing where the text is no cursor of this owner and epoch, or lies behind `newest`.
    [[nodiscard]] std::optional<cursor> decode(std::string_view text, row_version newest) const {
        const std::optional<cursor> place = parse(text);
        if (!place || place->version < 0 || place->version > newest || place->table >= schema_.size()) return std::nullopt;
        if (place->table >= 0 && !local_id::is_valid(place->local.view())) return std::nullopt;
        if (encode(*place) != text) return std::nullopt;
        return place;
    }

private:
    static constexpr std::size_t checksum_size = 16;

    [[nodiscard]] static std::string body_of(const cursor& place) {
        std::string body = (place.of == cursor::kind::feed ? "f" : "s") + std::to_string(place.version);
        if (place.table >= 0) body += "." + std::to_string(place.table) + "." + place.local.str();
        return body;
    }

    // A place between two rows of a version depends on the order of tables, the end of a version does not: it outlives new schemas.
    [[nodiscard]] std::string checksum_of(std::string_view body, bool names_a_table) const {
        hasher hash;
        hash.add(body).add(epoch_).add(owner_);
        if (names_a_table) hash.add(schema_.fingerprint);
        std::uint64_t sum = hash.finish();
        std::string text(checksum_size, '0');
        for (std::size_t i = checksum_size; i-- > 0; sum >>= 4) text[i] = "0123456789abcdef"[sum & 0xFu];
        return text;
    }

    [[nodiscard]] static std::optional<cursor> parse(std::string_view text) {
        if (text.size() < checksum_size + 2) return std::nullopt;
        text.remove_prefix(checksum_size);
        if (text.front() != 'f' && text.front() != 's') return std::nullopt;
        cursor place{text.front() == 'f' ? cursor::kind::feed : cursor::kind::snapshot, 0, -1, {}};
        text.remove_prefix(1);
        if (!take_number(text, place.version)) return std::nullopt;
        if (text.empty()) return place;
        text.remove_prefix(1);
        if (!take_number(text, place.table) || text.empty()) return std::nullopt;
        place.local = local_id::trusted(text.substr(1));
        return place;
    }

    // What follows the number is compared when the cursor is encoded again.
    template <class Number>
    [[nodiscard]] static bool take_number(std::string_view& text, Number& number) noexcept {
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (failure != std::errc{}) return false;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        return true;
    }

    std::string_view owner_;
    std::string_view epoch_;
    schema_view schema_;
};

}  // namespace syncline
