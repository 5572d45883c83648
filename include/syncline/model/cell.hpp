/// One value of a row: 16 bytes, its text a view into the buffer of the row or page it belongs to.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <syncline/base/assert.hpp>

namespace syncline {

enum class cell_kind : std::uint8_t {
    null,
    boolean,
    integer,
    real,
    text,
    bytes,
    local_key,  ///< a foreign key as local id
    server_key  ///< a foreign key as server id
};

/// A value of one column. Regular, trivially copyable; does not own its text.
class cell {
public:
    constexpr cell() noexcept : integer_(0) {}

    [[nodiscard]] static constexpr cell null() noexcept { return {}; }
    [[nodiscard]] static constexpr cell boolean(bool value) noexcept { return {cell_kind::boolean, value ? 1 : 0}; }
    [[nodiscard]] static constexpr cell integer(std::int64_t value) noexcept { return {cell_kind::integer, value}; }
    /// Minus zero becomes zero, because SQL stores cannot keep the difference.
    [[nodiscard]] static constexpr cell real(double value) noexcept { return cell(value == 0 ? 0.0 : value); }
    [[nodiscard]] static constexpr cell text(std::string_view value) noexcept { return {cell_kind::text, value}; }
    [[nodiscard]] static constexpr cell bytes(std::string_view value) noexcept { return {cell_kind::bytes, value}; }
    [[nodiscard]] static constexpr cell local_key(std::string_view value) noexcept { return {cell_kind::local_key, value}; }
    [[nodiscard]] static constexpr cell server_key(std::string_view value) noexcept { return {cell_kind::server_key, value}; }
    /// A cell of a kind that holds text.
    [[nodiscard]] static constexpr cell with_text(cell_kind kind, std::string_view value) noexcept { return {kind, value}; }

    [[nodiscard]] constexpr cell_kind kind() const noexcept { return kind_; }
    [[nodiscard]] constexpr bool is_null() const noexcept { return kind_ == cell_kind::null; }
    [[nodiscard]] constexpr bool is_key() const noexcept {
        return kind_ == cell_kind::local_key || kind_ == cell_kind::server_key;
    }
    [[nodiscard]] constexpr bool has_text() const noexcept { return kind_ >= cell_kind::text; }

    [[nodiscard]] constexpr bool as_boolean() const noexcept { return integer_ != 0; }
    [[nodiscard]] constexpr std::int64_t as_integer() const noexcept { return integer_; }
    [[nodiscard]] constexpr double as_real() const noexcept { return real_; }
    /// The text, bytes or id.
    [[nodiscard]] constexpr std::string_view view() const noexcept { return {text_, size_}; }

    friend constexpr bool operator==(const cell& a, const cell& b) noexcept {
        if (a.kind_ != b.kind_) return false;
        switch (a.kind_) {
            case cell_kind::null: return true;
            case cell_kind::boolean:
            case cell_kind::integer: return a.integer_ == b.integer_;
            case cell_kind::real: return std::bit_cast<std::uint64_t>(a.real_) == std::bit_cast<std::uint64_t>(b.real_);
            default: return a.view() == b.view();
        }
    }

private:
    constexpr cell(cell_kind kind, std::int64_t value) noexcept : integer_(value), kind_(kind) {}
    constexpr explicit cell(double value) noexcept : real_(value), kind_(cell_kind::real) {}
    constexpr cell(cell_kind kind, std::string_view value) noexcept
        : text_(value.data()), size_(static_cast<std::uint32_t>(value.size())), kind_(kind) {}

    union {
        std::int64_t integer_;
        double real_;
        const char* text_;
    };
    std::uint32_t size_ = 0;
    cell_kind kind_ = cell_kind::null;
};

static_assert(sizeof(cell) <= 24);

/// The values of one row, one cell a column, in the order of the table's columns.
using cells = std::span<const cell>;

}  // namespace syncline
