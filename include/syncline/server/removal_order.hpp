/// Which removals of a batch come before which, because one removed row points at another and the order of tables does not say.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include <syncline/server/backend.hpp>
#include <syncline/server/order.hpp>
#include <syncline/server/row_name.hpp>

namespace syncline {

/// The keys by which rows of a table can hold each other: those to the own table and those that cut a cycle of tables.
[[nodiscard]] inline column_mask keys_without_rank(const schema_view& schema, int table) noexcept {
    const table_view& view = schema[table];
    column_mask keys = view.deferred_keys;
    for (std::size_t i = 0; i < view.columns.size(); ++i)
        if (has_column(view.keys, i) && view.columns[i].target == table) keys |= only_column(i);
    return keys;
}

/// For removals of rows that point at each other by such keys: the row that points goes first.
template <backend_transaction Tx>
[[nodiscard]] std::vector<precedence> removal_precedences(Tx& tx, const schema_view& schema,
                                                          std::span<const wire::sent_operation> operations) {
    std::map<local_name, std::size_t> removals;
    for (std::size_t i = 0; i < operations.size(); ++i)
        if (const operation& op = operations[i].op; op.kind == operation_kind::remove) removals.emplace(local_name{op.table, op.id}, i);
    std::vector<precedence> found;
    if (removals.size() < 2) return found;
    server_row row;
    for (const auto& [name, index] : removals) {
        const column_mask keys = keys_without_rank(schema, name.table);
        if (keys == 0 || !tx.find_by_local(name.table, name.local, row) || row.removed) continue;
        for (std::size_t i = 0; i < row.values.cells().size(); ++i) {
            if (!has_column(keys, i) || row.values[i].is_null()) continue;
            const int target = schema[name.table].columns[i].target;
            const auto held = tx.identify(target, server_id::trusted(row.values[i].view()));
            if (!held) continue;
            if (const auto other = removals.find({target, held->local}); other != removals.end())
                found.push_back({index, other->second});
        }
    }
    return found;
}

}  // namespace syncline
