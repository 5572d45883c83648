/// Cursors: a place in an owner's feed or snapshot as one text that only the server which wrote it accepts.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <syncline/server/backend.hpp>
#include <syncline/wire/hexadecimal.hpp>

namespace syncline {

/// Where a device is. In the feed: it has everything up to `version`, or, with a table, up to that row of that version. In a
/// snapshot that began at `version`: it has the rows up to the one named.
struct cursor {
    enum class kind : std::uint8_t { feed, snapshot };

    kind of = kind::feed;
    row_version version;
    int table = -1;  ///< -1: at the end of the version, or at the start of the snapshot
    local_id local;
    version_nonce nonce = 0;  ///< of the version; the feed of a server that was put back from a copy has others

    friend bool operator==(const cursor&, const cursor&) = default;
};

/// The place in the feed behind which the device knows nothing.
[[nodiscard]] inline feed_position position_of(const cursor& place) noexcept {
    if (place.of == cursor::kind::snapshot) return {place.version, place.table, place.local};
    return place.table < 0 ? feed_position{place.version.next(), -1, {}} : feed_position{place.version, place.table, place.local};
}

/// Writes and reads the cursors of one owner. The text is not secret, but nobody else can make one or change it: its check is keyed,
/// and is also over the server's identity and the owner.
class cursor_codec {
public:
    /// `identity` must outlive the codec.
    cursor_codec(std::string_view owner, const server_identity& identity, const schema_view& schema) noexcept
        : owner_(owner), identity_(identity), schema_(schema) {}

    [[nodiscard]] std::string encode(const cursor& place) const {
        const std::string body = body_of(place);
        return std::string(1, format) + check_of(body, place.table >= 0) + body;
    }

    /// Nothing if the text is no cursor of this owner and server, or lies behind `newest`.
    [[nodiscard]] std::optional<cursor> decode(std::string_view text, row_version newest) const {
        const std::optional<cursor> place = parse(text);
        if (!place || place->version > newest || place->table >= schema_.size()) return std::nullopt;
        if (place->table >= 0 && !local_id::is_valid(place->local.view())) return std::nullopt;
        if (!is_same(encode(*place), text)) return std::nullopt;
        return place;
    }

private:
    static constexpr char format = '1';
    static constexpr std::size_t check_size = 16;

    [[nodiscard]] static std::string body_of(const cursor& place) {
        std::string body = place.of == cursor::kind::feed ? "f" : "s";
        body += place.version.str() + "." + std::to_string(place.nonce);
        if (place.table >= 0) body += "." + std::to_string(place.table) + "." + place.local.str();
        return body;
    }

    // A place between two rows of a version depends on the order of tables, the end of a version does not: it outlives new schemas.
    [[nodiscard]] std::string check_of(std::string_view body, bool names_a_table) const {
        std::string checked(1, format);
        for (const std::string_view part : {std::string_view(identity_.id), owner_, body})
            checked.append(std::to_string(part.size())).append(1, ':').append(part);
        if (names_a_table) checked += std::to_string(schema_.fingerprint);
        std::string text(check_size, '0');
        wire::write_hexadecimal(text.data(), siphash(identity_.secret, checked));
        return text;
    }

    /// Takes as long for texts of one length, wherever they differ, so that a check cannot be guessed digit by digit.
    [[nodiscard]] static bool is_same(std::string_view a, std::string_view b) noexcept {
        if (a.size() != b.size()) return false;
        unsigned difference = 0;
        for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i] ^ b[i]));
        return difference == 0;
    }

    [[nodiscard]] static std::optional<cursor> parse(std::string_view text) {
        if (text.size() < 1 + check_size + 1) return std::nullopt;
        text.remove_prefix(1 + check_size);
        if (text.front() != 'f' && text.front() != 's') return std::nullopt;
        cursor place{text.front() == 'f' ? cursor::kind::feed : cursor::kind::snapshot, {}, -1, {}, 0};
        generation_number generation = 0;
        std::int64_t number = 0;
        if (!take_number(text, generation) || !take_number(text, number) || !take_number(text, place.nonce)) return std::nullopt;
        const std::optional<row_version> version = row_version::of_parts(generation, number);
        if (!version || version->is_none()) return std::nullopt;
        place.version = *version;
        if (text.empty()) return place;
        if (!take_number(text, place.table) || text.empty()) return std::nullopt;
        place.local = local_id::trusted(text.substr(1));
        return place;
    }

    // The character before the number, and what is odd about the number, are compared when the cursor is encoded again.
    template <class Number>
    [[nodiscard]] static bool take_number(std::string_view& text, Number& number) noexcept {
        if (text.empty()) return false;
        text.remove_prefix(1);
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (failure != std::errc{}) return false;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        return true;
    }

    std::string_view owner_;
    const server_identity& identity_;
    schema_view schema_;
};

/// The place that a cursor names, if the feed still leads there. Nothing for a text that is no cursor of this owner and server, and for
/// one that names a version which was never handed out, or not in this history of the owner's rows.
template <backend_transaction Tx>
[[nodiscard]] std::optional<cursor> find_place(Tx& tx, const cursor_codec& cursors, std::string_view text) {
    std::optional<cursor> place = cursors.decode(text, tx.version());
    if (place && tx.nonce_of(place->version) != place->nonce) place.reset();
    return place;
}

}  // namespace syncline
