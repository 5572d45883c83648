/// The order of rows by local id, for many rows at once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <syncline/backends/memory_row.hpp>

namespace syncline::memory_backend_parts {

[[nodiscard]] inline bool is_before_in_table(const stored_row* a, const stored_row* b) noexcept { return a->local < b->local; }

/// Sorts rows of one table by local id. Ids begin alike, so that the eight characters behind what all have in common decide most
/// comparisons, as one number.
inline void sort_by_local(std::span<stored_row*> rows) {
    if (std::ranges::is_sorted(rows, is_before_in_table)) return;
    const std::string_view first = rows.front()->local.view();
    std::size_t alike = first.size();
    for (const stored_row* const row : rows) {
        const std::string_view id = row->local.view();
        alike = std::min(alike, id.size());
        alike = static_cast<std::size_t>(std::mismatch(id.begin(), id.begin() + static_cast<std::ptrdiff_t>(alike), first.begin()).first - id.begin());
    }
    struct keyed_row {
        std::uint64_t key;
        stored_row* row;
    };
    std::vector<keyed_row> keyed;
    keyed.reserve(rows.size());
    for (stored_row* const row : rows) {
        const std::string_view rest = row->local.view().substr(alike);
        std::uint64_t key = 0;
        for (std::size_t i = 0; i < 8; ++i) key = (key << 8) | (i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0u);
        keyed.push_back({key, row});
    }
    std::ranges::sort(keyed, [](const keyed_row& a, const keyed_row& b) {
        return a.key != b.key ? a.key < b.key : a.row->local < b.row->local;
    });
    std::ranges::transform(keyed, rows.begin(), &keyed_row::row);
}

}  // namespace syncline::memory_backend_parts
