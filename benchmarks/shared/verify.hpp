/// Compares the rows of a replica with what they must be, and sums rows up in one number.
#pragma once

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>
#include <vector>

#include "fields.hpp"

namespace benchmarks {

/// A contestant did not do its work; the text is a sentence for people.
struct failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

[[nodiscard]] inline std::string shown(const std::string& value) { return value; }
[[nodiscard]] inline std::string shown(const id_text& value) { return std::string(value.view()); }
[[nodiscard]] inline std::string shown(std::int64_t value) { return std::to_string(value); }
[[nodiscard]] inline std::string shown(double value) { return std::to_string(value); }

template <class Row>
void sort_by_id(std::vector<Row>& rows) {
    std::ranges::sort(rows, [](const Row& a, const Row& b) { return a.id < b.id; });
}

template <class Row>
[[nodiscard]] std::vector<const Row*> in_order_of_ids(const std::vector<Row>& rows) {
    std::vector<const Row*> ordered;
    ordered.reserve(rows.size());
    for (const Row& row : rows) ordered.push_back(&row);
    const auto comes_first = [](const Row* a, const Row* b) { return a->id < b->id; };
    if (!std::ranges::is_sorted(ordered, comes_first)) std::ranges::sort(ordered, comes_first);
    return ordered;
}

/// Throws a failure that names the first row and field in which `actual`, the rows of `who`, are not `expected`.
/// Foreign keys are local ids on both sides; `actual` is in the order of ids.
inline void require_equal(const std::string& who, const dataset& expected, const dataset& actual) {
    for_each_table(expected, [&]<class Row>(const std::vector<Row>& unordered) {
        const std::vector<const Row*> rows = in_order_of_ids(unordered);
        const std::vector<Row>& others = rows_of<Row>(actual);
        const std::string place = who + ", " + std::string(table<Row>::name);
        if (rows.size() != others.size())
            throw failure(place + ": has " + std::to_string(others.size()) + " rows instead of " + std::to_string(rows.size()));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const Row& row = *rows[i];
            const Row& other = others[i];
            if (!(row.id == other.id)) throw failure(place + ": has the row " + shown(other.id) + " instead of " + shown(row.id));
            for_each_field<Row>([&](auto, const auto& one) {
                if (!(row.*one.member == other.*one.member))
                    throw failure(place + ": the row " + shown(row.id) + " has " + std::string(one.name) + " = " +
                                  shown(other.*one.member) + " instead of " + shown(row.*one.member));
            });
        }
    });
}

/// FNV-1a over numbers and texts, each text with its length.
class checksum {
public:
    void add(std::int64_t value) noexcept { add_bits(static_cast<std::uint64_t>(value)); }
    void add(double value) noexcept { add_bits(std::bit_cast<std::uint64_t>(value)); }
    void add(const id_text& value) noexcept { add_text(value.view()); }
    void add(const std::string& value) noexcept { add_text(value); }

    [[nodiscard]] std::string hexadecimal() const {
        constexpr char digits[] = "0123456789abcdef";
        std::string text;
        for (int shift = 60; shift >= 0; shift -= 4) text += digits[hash_ >> shift & 0xFu];
        return text;
    }

private:
    void add_byte(std::uint8_t byte) noexcept { hash_ = (hash_ ^ byte) * 0x100000001B3u; }
    void add_bits(std::uint64_t bits) noexcept {
        for (int shift = 0; shift < 64; shift += 8) add_byte(static_cast<std::uint8_t>(bits >> shift));
    }
    void add_text(std::string_view text) noexcept {
        add_bits(text.size());
        for (const char c : text) add_byte(static_cast<std::uint8_t>(c));
    }

    std::uint64_t hash_ = 0xCBF29CE484222325u;
};

/// Over every row by table, local id and fields: equal for equal rows, whoever moved them and however they are stored.
[[nodiscard]] inline std::string checksum_of(const dataset& data) {
    checksum sum;
    for_each_table(data, [&]<class Row>(const std::vector<Row>& rows) {
        sum.add(static_cast<std::int64_t>(table<Row>::number));
        for (const Row& row : rows) {
            sum.add(row.id);
            for_each_field<Row>([&](auto, const auto& one) { sum.add(row.*one.member); });
        }
    });
    return sum.hexadecimal();
}

}  // namespace benchmarks
