/// A row in memory: its cells, and beside them what sync knows about it.
#pragma once

#include <cstddef>
#include <vector>

#include <syncline/base/ids.hpp>
#include <syncline/model/arena.hpp>
#include <syncline/model/cell.hpp>
#include <syncline/schema/schema_view.hpp>

namespace syncline {

/// What a client store keeps beside the columns of a row.
struct row_state {
    server_id id;                       ///< empty until the server has told it
    row_version version;                ///< of the server's row as last known, none if the server has no row
    incarnation_number incarnation = 1;
    sequence pending = 0;               ///< newest outbox entry of the row; 0 = clean

    friend bool operator==(const row_state&, const row_state&) = default;
};

/// A row that owns its text, reused from row to row so that reading many costs no allocation each.
class row_buffer {
public:
    row_state state;

    [[nodiscard]] syncline::cells cells() const noexcept { return cells_; }
    [[nodiscard]] const cell& operator[](std::size_t column) const noexcept { return cells_[column]; }

    /// Forgets the row and makes room for `columns` null cells.
    void reset(std::size_t columns) {
        bytes_.clear();
        cells_.assign(columns, cell());
        state = {};
    }

    /// Sets one cell to a copy of `value`; the old text is given back at the next reset.
    void set(std::size_t column, const cell& value) { cells_[column] = bytes_.keep(value); }

    /// Becomes a copy of `values` with its own text; `values` must not point into this buffer.
    void assign(syncline::cells values) {
        bytes_.clear();
        cells_.resize(values.size());
        for (std::size_t i = 0; i < values.size(); ++i) cells_[i] = bytes_.keep(values[i]);
    }

private:
    std::vector<cell> cells_;
    arena bytes_;
};

/// The columns whose cells differ.
[[nodiscard]] inline column_mask differing(cells a, cells b) noexcept {
    column_mask mask = 0;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
        if (!(a[i] == b[i])) mask |= column_mask{1} << i;
    return mask;
}

/// True when column `i` is in the set.
[[nodiscard]] constexpr bool has_column(column_mask mask, std::size_t i) noexcept { return (mask >> i & 1u) != 0; }

/// The set of one column.
[[nodiscard]] constexpr column_mask only_column(std::size_t i) noexcept { return column_mask{1} << i; }

/// The foreign keys declared with parent().
[[nodiscard]] constexpr column_mask owning_keys(const table_view& table) noexcept {
    column_mask mask = 0;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        if (table.columns[i].owning) mask |= only_column(i);
    return mask;
}

}  // namespace syncline
