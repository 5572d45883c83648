/// Which rows a local removal takes with it: found first, so that a refusal changes nothing.
#pragma once

#include <deque>
#include <set>
#include <utility>
#include <vector>

#include <syncline/client/store_port.hpp>
#include <syncline/model/row_name.hpp>

namespace syncline {

/// A row that would be removed, and through which row it was reached.
struct closure_row {
    row_name name;
    std::size_t reached_from = 0;  ///< index in the closure; the root reaches itself
};

/// A key that points into the closure from outside.
struct outside_key {
    row_name holder;
    int column = -1;
};

struct removal_closure {
    std::vector<closure_row> rows;         ///< root first, then breadth first
    std::vector<outside_key> becomes_null; ///< keys to set to null
    std::vector<outside_key> forbids;      ///< keys for whose sake the removal is refused
};

/// Follows every key that points at the root, and at what is removed with it, by the keys' removal policies.
[[nodiscard]] inline removal_closure closure_of(store_port& store, const row_name& root) {
    const schema_view& schema = store.schema();
    removal_closure closure;
    std::set<row_name> inside{root};
    std::vector<outside_key> nullable, refusing;
    closure.rows.push_back({root, 0});
    for (std::size_t at = 0; at < closure.rows.size(); ++at) {
        const row_name target = closure.rows[at].name;
        for (const referrer_view& key : schema[target.table].referrers) {
            const removal_policy policy = schema[key.table].columns[static_cast<std::size_t>(key.column)].on_remove;
            store.scan_referrers(key.table, key.column, target.id, [&](const local_id& id, const row_buffer&) {
                const row_name holder{key.table, id};
                if (policy == removal_policy::cascade) {
                    if (inside.insert(holder).second) closure.rows.push_back({holder, at});
                } else {
                    (policy == removal_policy::set_null ? nullable : refusing).push_back({holder, key.column});
                }
            });
        }
    }
    for (const outside_key& key : nullable)
        if (!inside.contains(key.holder)) closure.becomes_null.push_back(key);
    for (const outside_key& key : refusing)
        if (!inside.contains(key.holder)) closure.forbids.push_back(key);
    return closure;
}

/// True when the row owns another one directly, by a key declared with parent().
[[nodiscard]] inline bool owns_any(store_port& store, const row_name& owner) {
    const schema_view& schema = store.schema();
    for (const referrer_view& key : schema[owner.table].referrers)
        if (schema[key.table].columns[static_cast<std::size_t>(key.column)].owning &&
            store.has_referrer(key.table, key.column, owner.id, key.table == owner.table ? owner.id : local_id()))
            return true;
    return false;
}

/// True when `owner` owns `row`, directly or through other rows, by keys declared with parent().
[[nodiscard]] inline bool owns(store_port& store, const row_name& owner, const row_name& row) {
    std::vector<row_name> work{row};
    std::set<row_name> seen;
    row_buffer buffer;
    while (!work.empty()) {
        const row_name current = work.back();
        work.pop_back();
        if (current == owner) return true;
        if (!seen.insert(current).second || !store.find_row(current.table, current.id, buffer)) continue;
        const table_view& table = store.schema()[current.table];
        for (std::size_t i = 0; i < table.columns.size(); ++i)
            if (table.columns[i].owning && buffer[i].kind() == cell_kind::local_key)
                work.push_back({table.columns[i].target, local_id::trusted(buffer[i].view())});
    }
    return false;
}

}  // namespace syncline
