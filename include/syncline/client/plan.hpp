/// Pure step: which entries go out, and in which order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <syncline/client/records.hpp>

namespace syncline {

/// What the plan needs to know of an entry.
struct plan_item {
    sequence seq = 0;
    sequence behind = 0;
    std::int64_t not_before_ms = 0;
    std::int32_t table = -1;
    operation_kind kind = operation_kind::create;
    entry_state state = entry_state::queued;
};

/// What keeps entries out of a plan.
struct plan_bounds {
    sequence horizon = 0;                        ///< newer entries wait for the next sync
    std::int64_t now_ms = 0;
    const std::unordered_set<sequence>* also = nullptr;   ///< newer entries that belong to this sync all the same
    const std::unordered_set<sequence>* tried = nullptr;  ///< entries this sync already has an answer about
    const std::unordered_set<sequence>* held = nullptr;   ///< removals that wait for a row to move out of their way
};

/// Orders what can be sent: creates parents first, then updates, then removals children first.
/// An entry waits behind an older one of its row.
/// `entries` are in the order of sequences.
[[nodiscard]] inline std::vector<plan_item> make_plan(const std::vector<plan_item>& entries, const plan_bounds& bounds) {
    const auto is_open = [&](sequence seq) {
        const auto found = std::lower_bound(entries.begin(), entries.end(), seq, [](const plan_item& entry, sequence one) { return entry.seq < one; });
        return found != entries.end() && found->seq == seq;
    };
    std::vector<plan_item> plan;
    for (const plan_item& entry : entries) {
        const bool in_sync = entry.seq <= bounds.horizon || (bounds.also != nullptr && bounds.also->contains(entry.seq));
        if (!in_sync || entry.state == entry_state::quarantined) continue;
        const bool tried = bounds.tried != nullptr && bounds.tried->contains(entry.seq);
        const bool behind = entry.behind != 0 && is_open(entry.behind);
        const bool held = bounds.held != nullptr && bounds.held->contains(entry.seq);
        if (tried || behind || held || entry.not_before_ms > bounds.now_ms) continue;
        plan.push_back(entry);
    }
    std::sort(plan.begin(), plan.end(), [](const plan_item& a, const plan_item& b) {
        if (a.kind != b.kind) return a.kind < b.kind;
        if (a.table != b.table) return a.kind == operation_kind::remove ? a.table > b.table : a.table < b.table;
        return a.seq < b.seq;
    });
    return plan;
}

/// A row of a self-referencing table in the plan, with the row of the same table it points at (an empty id for none).
struct tree_item {
    local_id id;
    local_id parent;
};

/// Order in which rows of one table can be created: each behind the row it points at; rows on a loop keep their order.
/// Takes the rows in plan order, returns their indexes.
[[nodiscard]] inline std::vector<std::size_t> order_tree(const std::vector<tree_item>& rows) {
    std::unordered_map<local_id, std::size_t> place;
    for (std::size_t i = 0; i < rows.size(); ++i) place.emplace(rows[i].id, i);
    std::vector<std::size_t> order;
    std::vector<bool> visited(rows.size(), false);
    std::vector<std::size_t> path;
    order.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t at = i; !visited[at];) {
            visited[at] = true;
            path.push_back(at);
            const auto parent = place.find(rows[at].parent);
            if (parent == place.end()) break;
            at = parent->second;
        }
        for (; !path.empty(); path.pop_back()) order.push_back(path.back());
    }
    return order;
}

}  // namespace syncline
