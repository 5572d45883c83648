/// Names of rows: local ids made on a device, server ids learned from the server, and `id_of<T>` for members of entities.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <syncline/base/version.hpp>

namespace syncline {

namespace detail {
enum class character_class : unsigned char { local_id = 1, server_id = 2 };

inline constexpr std::array<unsigned char, 256> character_classes = [] {
    std::array<unsigned char, 256> classes{};
    for (std::size_t i = 0; i < 128; ++i) {
        const char c = static_cast<char>(i);
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool digit = c >= '0' && c <= '9';
        const bool local = letter || digit || c == '.' || c == '_' || c == '~' || c == '-';
        const bool server = c > ' ' && c <= '~' && c != '"' && c != '\\';
        classes[i] = static_cast<unsigned char>((local ? 1 : 0) | (server ? 2 : 0));
    }
    return classes;
}();

/// True when every character is of the class. Branches once in four characters: ids are checked wherever a row is.
[[nodiscard]] constexpr bool all_are(character_class wanted, std::string_view text) noexcept {
    const auto classes_at = [&](std::size_t i) { return character_classes[static_cast<unsigned char>(text[i])]; };
    unsigned all = static_cast<unsigned>(wanted);
    std::size_t i = 0;
    for (; i + 4 <= text.size(); i += 4)
        all &= static_cast<unsigned>(classes_at(i) & classes_at(i + 1) & classes_at(i + 2) & classes_at(i + 3));
    for (; i < text.size(); ++i) all &= classes_at(i);
    return all != 0;
}
}  // namespace detail

/// Text of at most `Capacity` bytes held in place: a value without an allocation, so that a page of ids stays one block.
template <std::size_t Capacity>
class inline_text {
    static_assert(Capacity < 256);

public:
    static constexpr std::size_t capacity = Capacity;

    constexpr inline_text() noexcept = default;

    [[nodiscard]] constexpr std::string_view view() const noexcept { return {data_, size_}; }
    [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
    [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::string str() const { return std::string(view()); }

    friend constexpr bool operator==(const inline_text& a, const inline_text& b) noexcept { return a.view() == b.view(); }
    friend constexpr std::strong_ordering operator<=>(const inline_text& a, const inline_text& b) noexcept {
        return a.view() <=> b.view();
    }

protected:
    constexpr explicit inline_text(std::string_view text) noexcept : size_(static_cast<std::uint8_t>(text.size())) {
        if (std::is_constant_evaluated() || text.empty())
            for (std::size_t i = 0; i < text.size(); ++i) data_[i] = text[i];
        else
            std::memcpy(data_, text.data(), text.size());
    }

private:
    char data_[Capacity] = {};
    std::uint8_t size_ = 0;
};

/// Name of a row on every device of its owner: 1 to 40 characters of [A-Za-z0-9._~-]; empty means "no row".
class local_id : public inline_text<40> {
public:
    constexpr local_id() noexcept = default;

    /// The id with this text, or nothing where the text is no valid local id.
    [[nodiscard]] static constexpr std::optional<local_id> parse(std::string_view text) noexcept {
        if (!is_valid(text)) return std::nullopt;
        return local_id(text);
    }

    /// Takes text that is already known to be valid, such as text a store has kept.
    [[nodiscard]] static constexpr local_id trusted(std::string_view text) noexcept {
        return text.size() <= capacity ? local_id(text) : local_id();
    }

    [[nodiscard]] static constexpr bool is_valid(std::string_view text) noexcept {
        if (text.empty() || text.size() > capacity) return false;
        return detail::all_are(detail::character_class::local_id, text);
    }

private:
    constexpr explicit local_id(std::string_view text) noexcept : inline_text(text) {}
};

/// Name that the server gave a row: 1 to 63 printable ASCII characters without quotes or backslash; empty means "not learned yet".
class server_id : public inline_text<63> {
public:
    constexpr server_id() noexcept = default;

    /// The id with this text, or nothing where the text is no valid server id.
    [[nodiscard]] static constexpr std::optional<server_id> parse(std::string_view text) noexcept {
        if (!is_valid(text)) return std::nullopt;
        return server_id(text);
    }

    /// Takes text that is already known to be valid, such as text a store has kept.
    [[nodiscard]] static constexpr server_id trusted(std::string_view text) noexcept {
        return text.size() <= capacity ? server_id(text) : server_id();
    }

    [[nodiscard]] static constexpr bool is_valid(std::string_view text) noexcept {
        if (text.empty() || text.size() > capacity) return false;
        return detail::all_are(detail::character_class::server_id, text);
    }

private:
    constexpr explicit server_id(std::string_view text) noexcept : inline_text(text) {}
};

/// Local id of a row of entity `T`; the type of keys and foreign keys in an application's structs.
template <class T>
class id_of {
public:
    using entity = T;

    constexpr id_of() noexcept = default;
    constexpr explicit id_of(const local_id& value) noexcept : value_(value) {}

    /// The id with this text, or nothing where the text is no valid local id.
    [[nodiscard]] static constexpr std::optional<id_of> parse(std::string_view text) noexcept {
        const auto parsed = local_id::parse(text);
        if (!parsed) return std::nullopt;
        return id_of(*parsed);
    }

    [[nodiscard]] constexpr const local_id& local() const noexcept { return value_; }
    [[nodiscard]] constexpr std::string_view view() const noexcept { return value_.view(); }
    [[nodiscard]] constexpr bool empty() const noexcept { return value_.empty(); }
    [[nodiscard]] std::string str() const { return value_.str(); }

    friend constexpr bool operator==(const id_of&, const id_of&) noexcept = default;
    friend constexpr auto operator<=>(const id_of&, const id_of&) noexcept = default;

private:
    local_id value_;
};

/// Number of a device's operation, counted from 1; 0 means "none".
using sequence = std::int64_t;
/// Which life of a row: the first create starts 1, a create after a removal starts the next.
using incarnation_number = std::int32_t;

}  // namespace syncline

template <>
struct std::hash<syncline::local_id> {
    std::size_t operator()(const syncline::local_id& id) const noexcept { return std::hash<std::string_view>{}(id.view()); }
};
template <>
struct std::hash<syncline::server_id> {
    std::size_t operator()(const syncline::server_id& id) const noexcept { return std::hash<std::string_view>{}(id.view()); }
};
template <class T>
struct std::hash<syncline::id_of<T>> {
    std::size_t operator()(const syncline::id_of<T>& id) const noexcept { return std::hash<std::string_view>{}(id.view()); }
};
