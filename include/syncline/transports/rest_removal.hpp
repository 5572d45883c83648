/// The rows that one local removal stands for, in an order in which a backend that cascades nothing removes them.
#pragma once

#include <map>
#include <set>
#include <vector>

#include <syncline/transports/rest_known.hpp>

namespace syncline {

namespace detail {

/// A row to be removed, and the rows it points at.
struct doomed_row {
    rest_row_name name;
    std::vector<row_name> targets;
};

[[nodiscard]] inline doomed_row doomed_of(store_port& store, const removed_row& record) {
    doomed_row row{{record.table, record.id, record.state.id, record.state.incarnation, record.state.version}, {}};
    const table_view& table = store.schema()[record.table];
    std::vector<cell> values = read_image(record.image, table.columns.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        if (values[i].kind() == cell_kind::local_key) row.targets.push_back({table.columns[i].target, local_id::trusted(values[i].view())});
    return row;
}

/// Adds rows that other devices made below the removed ones: pulled, and hidden because what they point at is gone here.
inline void add_hidden_children(store_port& store, std::vector<doomed_row>& rows) {
    std::vector<parked_row> hidden;
    store.scan_parked([&](const parked_row& row) {
        if (!row.removed) hidden.push_back(row);
    });
    std::set<row_name> inside;
    for (const doomed_row& row : rows) inside.insert({row.name.table, row.name.local});
    for (std::size_t at = 0; at < rows.size() && !hidden.empty(); ++at) {
        const rest_row_name target = rows[at].name;
        if (target.remote.empty()) continue;
        for (const parked_row& row : hidden) {
            const table_view& table = store.schema()[row.table];
            std::vector<cell> values = read_image(row.image, table.columns.size());
            for (std::size_t i = 0; i < values.size(); ++i) {
                const column_view& column = table.columns[i];
                if (column.target != target.table || column.on_remove != removal_policy::cascade || values[i].view() != target.remote.view()) continue;
                if (!inside.insert({row.table, row.id}).second) continue;
                rows.push_back({{row.table, row.id, row.remote, row.incarnation, row.version}, {{target.table, target.local}}});
            }
        }
    }
}

}  // namespace detail

/// Every row that the removal with this sequence takes, each before the rows it points at; rows on a loop in the order of their tables.
/// Call it inside a transaction.
[[nodiscard]] inline std::vector<rest_row_name> rows_of_removal(store_port& store, sequence root) {
    std::vector<removed_row> records;
    store.scan_removed_by(root, [&](const removed_row& record) { records.push_back(record); });
    std::vector<detail::doomed_row> rows;
    for (const removed_row& record : records)
        if (!record.unsent_create || record.state.pending != 0) rows.push_back(detail::doomed_of(store, record));
    detail::add_hidden_children(store, rows);

    std::map<row_name, std::size_t> places;
    std::vector<std::size_t> holders(rows.size(), 0);  // rows left that point at this one
    for (std::size_t i = 0; i < rows.size(); ++i) places.emplace(row_name{rows[i].name.table, rows[i].name.local}, i);
    const auto for_each_target = [&](std::size_t i, auto&& visit) {
        for (const row_name& target : rows[i].targets)
            if (const auto found = places.find(target); found != places.end() && found->second != i) visit(found->second);
    };
    for (std::size_t i = 0; i < rows.size(); ++i) for_each_target(i, [&](std::size_t target) { ++holders[target]; });

    // By table from the back of the push order, so that also rows on a loop have an order.
    const auto later = [&](std::size_t a, std::size_t b) {
        if (rows[a].name.table != rows[b].name.table) return rows[a].name.table > rows[b].name.table;
        return rows[a].name.local < rows[b].name.local;
    };
    std::set<std::size_t, decltype(later)> free(later), left(later);
    for (std::size_t i = 0; i < rows.size(); ++i) (holders[i] == 0 ? free : left).insert(i);
    std::vector<rest_row_name> ordered;
    while (!free.empty() || !left.empty()) {
        auto& from = free.empty() ? left : free;
        const std::size_t next = *from.begin();
        from.erase(from.begin());
        ordered.push_back(rows[next].name);
        for_each_target(next, [&](std::size_t target) {
            if (--holders[target] == 0 && left.erase(target) != 0) free.insert(target);
        });
    }
    return ordered;
}

}  // namespace syncline
