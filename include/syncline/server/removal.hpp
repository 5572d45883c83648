/// What the removal of one row takes with it: the closure over foreign keys, planned before anything is changed.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <syncline/server/backend.hpp>
#include <syncline/server/row_name.hpp>

namespace syncline {

struct doomed_row {
    local_name name;
    server_id id;
    incarnation_number incarnation = 1;
    row_writing last_writer;  ///< its text is the plan's
};

struct removal_plan {
    std::vector<doomed_row> removed;              ///< the root first, each row after one that takes it along
    std::map<local_name, column_mask> freed;        ///< rows that stay, with the keys that become null
    std::map<int, std::size_t> blockers;          ///< rows, by table, whose keys forbid the removal
    std::set<std::string, std::less<>> devices;     ///< that wrote the removed rows last

    [[nodiscard]] bool is_allowed() const noexcept { return blockers.empty(); }
};

/// Follows every key that points at a removed row, breadth first; each row is visited once.
template <backend_transaction Tx>
[[nodiscard]] removal_plan plan_removal(Tx& tx, const schema_view& schema, int table, const server_row& root) {
    removal_plan plan;
    std::unordered_set<local_name> doomed;
    std::set<local_name> refusing;
    std::string_view device;  // of the row before, which is nearly always that of the next one too
    const auto doom = [&](int of, const server_row& row) {
        if (!doomed.insert({of, row.local}).second) return;
        if (row.writer.device != device) device = *plan.devices.emplace(row.writer.device).first;
        plan.removed.push_back({{of, row.local}, row.id, row.incarnation, {device, row.writer.seq}});
    };
    doom(table, root);
    for (std::size_t next = 0; next < plan.removed.size(); ++next) {
        const doomed_row target = plan.removed[next];
        for (const referrer_view& from : schema[target.name.table].referrers) {
            const column_view& column = schema[from.table].columns[static_cast<std::size_t>(from.column)];
            tx.scan_referrers(from.table, from.column, target.id, [&](int of, const server_row& row) {
                switch (column.on_remove) {
                    case removal_policy::cascade: doom(of, row); break;
                    case removal_policy::set_null: plan.freed[{of, row.local}] |= only_column(static_cast<std::size_t>(from.column)); break;
                    case removal_policy::refuse: refusing.insert({of, row.local}); break;
                }
                return true;
            });
        }
    }
    std::erase_if(plan.freed, [&](const auto& one) { return doomed.contains(one.first); });
    for (const local_name& one : refusing)
        if (!doomed.contains(one)) ++plan.blockers[one.table];
    return plan;
}

/// Names what forbids the removal: entities and counts, no contents.
[[nodiscard]] inline std::string describe_blockers(const removal_plan& plan, const schema_view& schema) {
    std::string text;
    for (const auto& [table, count] : plan.blockers) {
        if (!text.empty()) text += ", ";
        text += std::to_string(count) + " of " + std::string(schema[table].entity);
    }
    return "still pointed at by " + text;
}

}  // namespace syncline
