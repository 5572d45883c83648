/// One operation of a device, in the symbolic form whose digest never changes: foreign keys are local ids.
#pragma once

#include <bit>
#include <cstdint>

#include <syncline/base/hash.hpp>
#include <syncline/model/row.hpp>

namespace syncline {

enum class operation_kind : std::uint8_t { create, update, remove, close };

/// The kind's name on the wire.
[[nodiscard]] constexpr std::string_view name_of(operation_kind kind) noexcept {
    constexpr std::string_view names[] = {"create", "update", "remove", "void"};
    return names[static_cast<std::size_t>(kind)];
}

/// The values an operation carries: cells of full row width, of which only the columns in the masks count.
struct operation_values {
    column_mask mask = 0;         ///< create: all columns; update: the changed ones
    cells after;
    /// Update: columns whose value before the edit is known. Create: columns that were edited after the row was made and before it was
    /// sent, with the values as made; a server that has the row already takes those as an edit of it.
    column_mask before_mask = 0;
    cells before;
};

struct operation {
    sequence seq = 0;
    operation_kind kind = operation_kind::create;
    int table = -1;
    local_id id;
    incarnation_number incarnation = 1;
    row_version base_version;
    std::int64_t group = 0;  ///< operations of one local transaction share it; 0 = none
    operation_values values;
};

/// Adds one value to a digest.
inline void add_cell(hasher& hash, const cell& value) noexcept {
    hash.add(static_cast<std::uint64_t>(value.kind()));
    switch (value.kind()) {
        case cell_kind::null: break;
        case cell_kind::boolean:
        case cell_kind::integer: hash.add(static_cast<std::uint64_t>(value.as_integer())); break;
        case cell_kind::real: hash.add(std::bit_cast<std::uint64_t>(value.as_real())); break;
        default: hash.add(value.view());
    }
}

/// What identifies the content of an operation: kind, entity, local id, incarnation, changed fields with their values before and after.
[[nodiscard]] inline std::uint64_t digest_of(const operation& op, const table_view& table) noexcept {
    hasher hash;
    hash.add(static_cast<std::uint64_t>(op.kind)).add(table.entity).add(op.id.view());
    hash.add(static_cast<std::uint64_t>(op.incarnation));
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (has_column(op.values.mask, i)) add_cell(hash.add(table.columns[i].name), op.values.after[i]);
        if (has_column(op.values.before_mask, i)) add_cell(hash.add(table.columns[i].name), op.values.before[i]);
    }
    return hash.finish();
}

}  // namespace syncline
