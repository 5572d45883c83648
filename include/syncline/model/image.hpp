/// A row, or some columns of it, as one compact run of bytes: how stores keep bases, frozen edits and parked rows.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/base/errors.hpp>
#include <syncline/model/row.hpp>

namespace syncline {

/// Number of the form of the bytes below. A store that keeps images writes it down beside them, and refuses to read another.
inline constexpr int image_format = 1;

namespace detail {
inline void append_number(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

/// Reads what `append_number` wrote and moves `in` behind it. Throws store_error on a cut text.
inline std::uint64_t take_number(std::string_view& in) {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (in.empty()) throw store_error("a stored row image is cut short");
        const auto byte = static_cast<unsigned char>(in.front());
        in.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7Fu) << shift;
        if (byte < 0x80) return value;
    }
    throw store_error("a stored row image holds a broken number");
}

inline std::string_view take_bytes(std::string_view& in, std::size_t count) {
    if (in.size() < count) throw store_error("a stored row image is cut short");
    const std::string_view taken = in.substr(0, count);
    in.remove_prefix(count);
    return taken;
}
}  // namespace detail

/// Appends the cells of the columns in `mask`, with the mask.
inline void append_image(std::string& out, cells values, column_mask mask) {
    detail::append_number(out, mask);
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!has_column(mask, i)) continue;
        const cell& value = values[i];
        out.push_back(static_cast<char>(value.kind()));
        switch (value.kind()) {
            case cell_kind::null: break;
            case cell_kind::boolean:
            case cell_kind::integer: {
                const auto word = static_cast<std::uint64_t>(value.as_integer());
                detail::append_number(out, (word << 1) ^ (value.as_integer() < 0 ? ~std::uint64_t{0} : 0));
                break;
            }
            case cell_kind::real: {
                // The lowest byte first on every machine, so that files can be moved between them.
                const auto bits = std::bit_cast<std::uint64_t>(value.as_real());
                for (unsigned shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(bits >> shift & 0xFFu));
                break;
            }
            default:
                detail::append_number(out, value.view().size());
                out.append(value.view());
        }
    }
}

[[nodiscard]] inline std::string make_image(cells values, column_mask mask) {
    std::string out;
    append_image(out, values, mask);
    return out;
}

/// Reads one image from the front of `in` into `out`, whose other cells stay as they are; the cells point into the image.
/// Returns the columns read. Throws store_error when the bytes are no image of a row of that width.
inline column_mask take_image(std::string_view& in, std::vector<cell>& out) {
    const column_mask mask = detail::take_number(in);
    if (out.size() < 64 && (mask >> out.size()) != 0) throw store_error("a stored row image has more columns than its table");
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (!has_column(mask, i)) continue;
        const auto kind = static_cast<cell_kind>(detail::take_bytes(in, 1).front());
        switch (kind) {
            case cell_kind::null: out[i] = cell(); break;
            case cell_kind::boolean:
            case cell_kind::integer: {
                const std::uint64_t word = detail::take_number(in);
                const auto value = static_cast<std::int64_t>((word >> 1) ^ (~(word & 1) + 1));
                out[i] = kind == cell_kind::boolean ? cell::boolean(value != 0) : cell::integer(value);
                break;
            }
            case cell_kind::real: {
                std::uint64_t bits = 0;
                const std::string_view raw = detail::take_bytes(in, 8);
                for (std::size_t byte = 8; byte-- > 0;) bits = bits << 8 | static_cast<unsigned char>(raw[byte]);
                out[i] = cell::real(std::bit_cast<double>(bits));
                break;
            }
            case cell_kind::text:
            case cell_kind::bytes:
            case cell_kind::local_key:
            case cell_kind::server_key: {
                const std::uint64_t size = detail::take_number(in);
                out[i] = cell::with_text(kind, detail::take_bytes(in, static_cast<std::size_t>(size)));
                break;
            }
            default: throw store_error("a stored row image holds an unknown kind of value");
        }
    }
    return mask;
}

/// The cells of `row` with those of the image in place of them; they point into the image and to where the row's point.
/// Throws store_error when the bytes are no image of a row of that width.
[[nodiscard]] inline std::vector<cell> read_image_over(std::string_view image, cells row) {
    std::vector<cell> values(row.begin(), row.end());
    take_image(image, values);
    return values;
}

/// The image with the row's cells in those of `columns` that it leaves out. An empty image leaves out all.
[[nodiscard]] inline std::string widen_image(std::string_view image, cells row, column_mask columns) {
    std::vector<cell> values(row.begin(), row.end());
    std::string_view rest = image;
    const column_mask known = image.empty() ? 0 : take_image(rest, values);
    return make_image(values, known | columns);
}

/// The cells of a whole row of `columns` columns, those that the image leaves out as nulls; they point into the image.
/// Throws store_error when the bytes are no image of a row of that width.
[[nodiscard]] inline std::vector<cell> read_image(std::string_view image, std::size_t columns) {
    std::vector<cell> values(columns);
    take_image(image, values);
    return values;
}

}  // namespace syncline
