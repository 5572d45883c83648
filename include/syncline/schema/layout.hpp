/// The tables of a schema_view, computed from the facts about its entities and their push order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <syncline/base/hash.hpp>
#include <syncline/schema/facts.hpp>
#include <syncline/schema/graph.hpp>
#include <syncline/schema/links.hpp>
#include <syncline/schema/schema_view.hpp>

namespace syncline {

/// The columns, referrers and dependencies of all tables, each table's in one run, and which entity became which table.
template <std::size_t Tables, std::size_t Columns, std::size_t Keys, std::size_t Dependencies>
struct schema_layout {
    std::array<std::size_t, Tables> entity{};  ///< of each table
    std::array<int, Tables> table{};           ///< of each entity
    std::array<int, Tables> rank{};            ///< of each table
    std::array<bool, Tables> owns_itself{};    ///< of each table
    std::array<column_view, Columns> columns{};
    std::array<std::size_t, Tables> first_column{};
    std::array<referrer_view, Keys> referrers{};
    std::array<std::size_t, Tables + 1> first_referrer{};
    std::array<int, Dependencies> dependencies{};
    std::array<std::size_t, Tables> first_dependency{};
};

[[nodiscard]] constexpr column_view make_column(const field_facts& field) noexcept {
    column_view column;
    column.name = field.name;
    column.kind = field.shape.kind;
    column.nullable = field.shape.nullable;
    column.policy = field.policy;
    column.least = field.shape.least;
    column.greatest = field.shape.greatest;
    column.owning = field.role == member_role::parent;
    column.on_remove = field.on_remove;
    return column;
}

/// Lays out tables by rank and then by name, and their columns and keys; `targets` are those of find_targets.
template <class Layout, std::size_t Tables, std::size_t Edges>
[[nodiscard]] constexpr Layout make_layout(std::span<const entity_facts> entities, std::span<const int> targets,
                                           const schema_graph<Tables, Edges>& graph,
                                           const push_order<Tables, Edges>& order) noexcept {
    Layout layout;
    std::size_t table = 0;
    for (int rank = 0; table < Tables; ++rank)
        for (std::size_t node = 0; node < Tables; ++node)
            if (order.rank[node] == rank) {
                layout.entity[table] = graph.entity[node];
                layout.table[graph.entity[node]] = static_cast<int>(table);
                layout.owns_itself[table] = order.owns_itself[node];
                layout.rank[table++] = rank;
            }

    std::array<std::size_t, Tables> first_slot{};
    for (std::size_t i = 1; i < Tables; ++i)
        first_slot[i] = first_slot[i - 1] + entities[i - 1].fields.size() + entities[i - 1].dependency_count;
    std::size_t index = 0;
    std::size_t dependency = 0;
    for (table = 0; table < Tables; ++table) {
        layout.first_column[table] = index;
        std::size_t slot = first_slot[layout.entity[table]];
        for (const field_facts& field : entities[layout.entity[table]].fields) {
            layout.columns[index] = make_column(field);
            if (field.is_key()) {
                const int target = layout.table[static_cast<std::size_t>(targets[slot])];
                layout.columns[index].target = target;
                ++layout.first_referrer[static_cast<std::size_t>(target) + 1];
            }
            ++index;
            ++slot;
        }
        layout.first_dependency[table] = dependency;
        for (std::size_t i = 0; i < entities[layout.entity[table]].dependency_count; ++i, ++dependency) {
            const int target = layout.table[static_cast<std::size_t>(targets[slot + i])];
            std::size_t place = dependency;
            for (; place > layout.first_dependency[table] && target < layout.dependencies[place - 1]; --place)
                layout.dependencies[place] = layout.dependencies[place - 1];
            layout.dependencies[place] = target;
        }
    }
    for (std::size_t edge = 0; edge < order.deferred.size(); ++edge)
        if (order.deferred[edge]) {
            const auto owner = static_cast<std::size_t>(layout.table[graph.origins[edge].entity]);
            layout.columns[layout.first_column[owner] + static_cast<std::size_t>(graph.origins[edge].field)].deferred = true;
        }

    for (table = 0; table < Tables; ++table) layout.first_referrer[table + 1] += layout.first_referrer[table];
    std::array<std::size_t, Tables> filled{};
    index = 0;
    for (table = 0; table < Tables; ++table)
        for (std::size_t i = 0; i < entities[layout.entity[table]].fields.size(); ++i, ++index) {
            if (layout.columns[index].target < 0) continue;
            const auto target = static_cast<std::size_t>(layout.columns[index].target);
            layout.referrers[layout.first_referrer[target] + filled[target]++] = {static_cast<int>(table), static_cast<int>(i)};
        }
    return layout;
}

[[nodiscard]] constexpr std::size_t count_keys(std::span<const entity_facts> entities) noexcept {
    std::size_t count = 0;
    for (const entity_facts& entity : entities)
        for (const field_facts& field : entity.fields)
            if (field.is_key()) ++count;
    return count;
}

/// To be named only of a schema without a mistake, as everything below.
template <class... Es>
inline constexpr auto layout_of =
    make_layout<schema_layout<sizeof...(Es), count_fields(entities_of<Es...>), count_keys(entities_of<Es...>),
                              count_slots(entities_of<Es...>) - count_fields(entities_of<Es...>)>>(entities_of<Es...>,
                                                                                                   targets_of<Es...>,
                                                                                                   graph_of<Es...>,
                                                                                                   order_of<Es...>);

template <class Layout, std::size_t Tables = std::tuple_size_v<decltype(Layout::entity)>>
[[nodiscard]] constexpr std::array<table_view, Tables> make_tables(std::span<const entity_facts> entities,
                                                                   const Layout& layout) noexcept {
    std::array<table_view, Tables> tables{};
    for (std::size_t i = 0; i < Tables; ++i) {
        const entity_facts& entity = entities[layout.entity[i]];
        table_view& table = tables[i];
        table.name = entity.table;
        table.entity = entity.name;
        table.route = entity.route;
        table.members = entity.members;
        table.has_plain_members = entity.members == row_member::names;
        table.columns = std::span(layout.columns).subspan(layout.first_column[i], entity.fields.size());
        table.referrers =
            std::span(layout.referrers).subspan(layout.first_referrer[i], layout.first_referrer[i + 1] - layout.first_referrer[i]);
        table.dependencies = std::span(layout.dependencies).subspan(layout.first_dependency[i], entity.dependency_count);
        table.create_policy = entity.create_policy;
        table.rank = layout.rank[i];
        table.in_ownership_cycle = layout.owns_itself[i];
        for (std::size_t column = 0; column < table.columns.size(); ++column) {
            const column_mask bit = column_mask{1} << column;
            if (table.columns[column].target == static_cast<int>(i)) table.self_referencing = true;
            if (table.columns[column].kind == column_kind::key) table.keys |= bit;
            if (table.columns[column].deferred) table.deferred_keys |= bit;
        }
    }
    return tables;
}

template <class... Es>
inline constexpr auto tables_of = make_tables(entities_of<Es...>, layout_of<Es...>);

/// Adds up the hashes of parts, so that neither the order of entities nor that of fields matters.
[[nodiscard]] constexpr std::uint64_t make_fingerprint(std::span<const entity_facts> entities,
                                                       std::span<const int> targets) noexcept {
    std::uint64_t fingerprint = 0;
    std::size_t slot = 0;
    for (const entity_facts& entity : entities) {
        std::uint64_t fields = 0;
        for (const field_facts& field : entity.fields) {
            const int target = targets[slot++];
            if (target < 0)
                fields += field.fingerprint;
            else
                fields += hasher().add(field.fingerprint).add(entities[static_cast<std::size_t>(target)].table_hash).finish();
        }
        slot += entity.dependency_count;
        fingerprint += hasher()
                           .add(entity.table)
                           .add(entity.name)
                           .add(entity.route)
                           .add(static_cast<std::uint64_t>(entity.create_policy))
                           .add(fields)
                           .finish();
    }
    return hasher().add(fingerprint).finish();
}

template <class... Es>
inline constexpr std::uint64_t fingerprint_of = make_fingerprint(entities_of<Es...>, targets_of<Es...>);

}  // namespace syncline
