/// The server's row that a verdict brings, in this device's ids.
#pragma once

#include <vector>

#include <syncline/client/store_port.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline {

/// Reused from result to result.
struct localised_row {
    std::vector<cell> values;
    arena bytes;
};

/// The server's row of a result, keys as local ids; false when there is none or one of its keys is unknown here.
[[nodiscard]] inline bool localise_row(store_port& store, const wire::operation_result& result, localised_row& out) {
    if (!result.row || result.row->removed) return false;
    const table_view& table = store.schema()[result.row->table];
    out.bytes.clear();
    out.values.assign(result.row->cells.begin(), result.row->cells.end());
    for (std::size_t i = 0; i < out.values.size(); ++i) {
        if (out.values[i].kind() != cell_kind::server_key) continue;
        const local_id local = store.local_of(table.columns[i].target, server_id::trusted(out.values[i].view()));
        if (local.empty()) return false;
        out.values[i] = cell::local_key(out.bytes.keep(local.view()));
    }
    return true;
}

}  // namespace syncline
