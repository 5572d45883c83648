/// What points at what in a schema: targets of keys by index, and the push order that follows from them.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include <syncline/schema/facts.hpp>
#include <syncline/schema/graph.hpp>

namespace syncline {

/// The entities of a schema in the order of its arguments.
template <class... Es>
inline constexpr std::array<entity_facts, sizeof...(Es)> entities_of{describe_entity<Es>()...};

/// Their identities, for look-ups.
template <class... Es>
inline constexpr std::array<entity_mark, sizeof...(Es)> types_of{&type_mark<Es>...};

/// Index of the entity with this entity_mark, or -1. Plain pointers, because a compiler evaluates them fastest.
[[nodiscard]] constexpr int find_type(std::span<const entity_mark> types, entity_mark type) noexcept {
    const entity_mark* const first = types.data();
    const entity_mark* const last = first + types.size();
    const entity_mark* found = first;
    while (found != last && *found != type) ++found;
    return found == last ? -1 : static_cast<int>(found - first);
}

[[nodiscard]] constexpr std::size_t count_fields(std::span<const entity_facts> entities) noexcept {
    std::size_t count = 0;
    for (const entity_facts& entity : entities) count += entity.fields.size();
    return count;
}

[[nodiscard]] constexpr std::size_t count_slots(std::span<const entity_facts> entities) noexcept {
    std::size_t count = count_fields(entities);
    for (const entity_facts& entity : entities) count += entity.dependencies.size();
    return count;
}

/// For each entity, for each of its fields and then for each of its dependencies: the index of the entity meant, or -1.
template <std::size_t Slots>
[[nodiscard]] constexpr std::array<int, Slots> find_targets(std::span<const entity_facts> entities,
                                                            std::span<const entity_mark> types) noexcept {
    std::array<int, Slots> targets{};
    std::size_t slot = 0;
    for (const entity_facts& entity : entities) {
        for (const field_facts& field : entity.fields)
            targets[slot++] = field.target == nullptr ? -1 : find_type(types, field.target);
        for (const entity_mark dependency : entity.dependencies) targets[slot++] = find_type(types, dependency);
    }
    return targets;
}

template <class... Es>
inline constexpr auto targets_of = find_targets<count_slots(entities_of<Es...>)>(entities_of<Es...>, types_of<Es...>);

/// Where an edge of the graph comes from.
struct edge_origin {
    std::size_t entity = 0;
    int field = -1;  ///< of the entity, or -1 for a dependency
};

/// The graph of a schema. Its nodes are the entities in the order of their tables' names and the edges of a node are in the order
/// of the fields' names, so that nothing depends on the order of declarations.
template <std::size_t Nodes, std::size_t Edges>
struct schema_graph {
    std::array<std::size_t, Nodes> entity{};  ///< of each node
    std::array<dependency, Edges> edges{};
    std::array<edge_origin, Edges> origins{};
};

template <std::size_t Nodes, std::size_t Edges>
[[nodiscard]] constexpr schema_graph<Nodes, Edges> make_graph(std::span<const entity_facts> entities,
                                                              std::span<const int> targets) noexcept {
    schema_graph<Nodes, Edges> graph;
    for (std::size_t i = 0; i < Nodes; ++i) {
        std::size_t place = i;
        for (; place > 0 && entities[i].table < entities[graph.entity[place - 1]].table; --place)
            graph.entity[place] = graph.entity[place - 1];
        graph.entity[place] = i;
    }
    std::array<int, Nodes> node_of{};
    for (std::size_t node = 0; node < Nodes; ++node) node_of[graph.entity[node]] = static_cast<int>(node);
    std::array<std::size_t, Nodes> first_slot{};
    for (std::size_t i = 1; i < Nodes; ++i)
        first_slot[i] = first_slot[i - 1] + entities[i - 1].fields.size() + entities[i - 1].dependencies.size();

    std::size_t edge = 0;
    for (std::size_t node = 0; node < Nodes; ++node) {
        const std::size_t entity = graph.entity[node];
        const std::span<const field_facts> fields = entities[entity].fields;
        const std::size_t first_edge = edge;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (!fields[i].is_key()) continue;
            std::size_t place = edge++;
            for (; place > first_edge && fields[i].name < fields[static_cast<std::size_t>(graph.origins[place - 1].field)].name;
                 --place) {
                graph.origins[place] = graph.origins[place - 1];
                graph.edges[place] = graph.edges[place - 1];
            }
            const int target = node_of[static_cast<std::size_t>(targets[first_slot[entity] + i])];
            graph.origins[place] = {entity, static_cast<int>(i)};
            graph.edges[place] = {static_cast<int>(node), target, fields[i].shape.nullable, fields[i].role == member_role::parent};
        }
        for (std::size_t i = 0; i < entities[entity].dependencies.size(); ++i, ++edge) {
            const int target = node_of[static_cast<std::size_t>(targets[first_slot[entity] + fields.size() + i])];
            graph.origins[edge] = {entity, -1};
            graph.edges[edge] = {static_cast<int>(node), target, false, false};
        }
    }
    return graph;
}

[[nodiscard]] constexpr std::size_t count_edges(std::span<const int> targets) noexcept {
    std::size_t count = 0;
    for (const int target : targets)
        if (target >= 0) ++count;
    return count;
}

/// To be named only when every target is in the schema.
template <class... Es>
inline constexpr auto graph_of = make_graph<sizeof...(Es), count_edges(targets_of<Es...>)>(entities_of<Es...>, targets_of<Es...>);

template <class... Es>
inline constexpr auto order_of = order_nodes<sizeof...(Es)>(graph_of<Es...>.edges);

}  // namespace syncline
