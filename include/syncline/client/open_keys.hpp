/// Which key points at no row: looked for only once a store has said that there is one.
#pragma once

#include <string>
#include <vector>

#include <syncline/client/store_port.hpp>

namespace syncline {

/// Names a row and a key of it that points at no row; no error if every key points at one. Reads every row that has keys.
[[nodiscard]] inline error find_open_key(store_port& store) {
    struct held_key {
        local_id holder;
        std::size_t column;
        local_id target;
    };
    for (int index = 0; index < store.schema().size(); ++index) {
        const table_view& table = store.schema()[index];
        if (table.keys == 0) continue;
        std::vector<held_key> held;
        store.scan_rows(index, [&](const local_id& id, const row_buffer& row) {
            for (std::size_t i = 0; i < table.columns.size(); ++i)
                if (has_column(table.keys, i) && !row[i].is_null()) held.push_back({id, i, local_id::trusted(row[i].view())});
        });
        row_state target;
        for (const held_key& key : held)
            if (!store.find_state(table.columns[key.column].target, key.target, target))
                return {error_code::not_found, "the key points at no row", std::string(table.entity), key.holder.str(), std::string(table.columns[key.column].name)};
    }
    return {};
}

}  // namespace syncline
