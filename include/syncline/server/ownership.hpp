/// Whether a new parent would make a row its own ancestor.
#pragma once

#include <set>
#include <vector>

#include <syncline/server/backend.hpp>
#include <syncline/server/row_name.hpp>

namespace syncline {

/// True when the row `self` is `target` or one of the rows that own `target`. Visits each owner once.
template <backend_transaction Tx>
[[nodiscard]] bool is_owned_by(Tx& tx, const schema_view& schema, const server_name& target, const server_name& self) {
    std::vector<server_name> open{target};
    std::set<server_name> seen{target};
    server_row row;
    while (!open.empty()) {
        const server_name one = open.back();
        open.pop_back();
        if (one == self) return true;
        // A table outside every circle of ownership cannot lead back.
        if (!schema[one.table].in_ownership_cycle || !tx.find_by_id(one.table, one.id, row) || row.removed) continue;
        const table_view& table = schema[one.table];
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (!table.columns[i].owning || row.values[i].is_null()) continue;
            const server_name owner{table.columns[i].target, server_id::trusted(row.values[i].view())};
            if (seen.insert(owner).second) open.push_back(owner);
        }
    }
    return false;
}

}  // namespace syncline
