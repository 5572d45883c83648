/// What points at what in a schema: targets of keys by index, and the push order that follows from them.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <type_traits>

#include <syncline/schema/facts.hpp>
#include <syncline/schema/graph.hpp>
#include <syncline/schema/traits.hpp>
#include <syncline/schema/type_list.hpp>

namespace syncline {

/// The entities of a schema in the order of its arguments.
template <class... Es>
inline constexpr std::array<entity_facts, sizeof...(Es)> entities_of{describe_entity<Es>()...};

/// For each, the index of the first entity of the same type: its own, unless the schema lists it twice.
template <class... Es>
inline constexpr std::array<int, sizeof...(Es)> types_of{type_list<Es...>::template index_of<Es>...};

[[nodiscard]] constexpr std::size_t count_fields(std::span<const entity_facts> entities) noexcept {
    std::size_t count = 0;
    for (const entity_facts& entity : entities) count += entity.fields.size();
    return count;
}

[[nodiscard]] constexpr std::size_t count_slots(std::span<const entity_facts> entities) noexcept {
    std::size_t count = count_fields(entities);
    for (const entity_facts& entity : entities) count += entity.dependency_count;
    return count;
}

/// For each field and then for each dependency of one entity: the index in `Entities` of the entity meant, or -1.
template <class Fields, class Dependencies, class Entities>
inline constexpr std::array<int, 0> targets_within{};
template <template <class...> class Fields, class... Owners, class... Members, class... Dependencies, class Entities>
inline constexpr std::array<int, sizeof...(Members) + sizeof...(Dependencies)>
    targets_within<Fields<declaration<Owners, Members>...>, depends_on<Dependencies...>, Entities>{
        Entities::template index_of<target_of<Members>>..., Entities::template index_of<Dependencies>...};

/// The targets of each entity, one after the other.
template <std::size_t Slots, class... Es>
[[nodiscard]] constexpr std::array<int, Slots> find_targets() noexcept {
    std::array<int, Slots> targets{};
    std::size_t slot = 0;
    const auto append = [&](const auto& found) {
        for (const int target : found) targets[slot++] = target;
    };
    (append(targets_within<std::remove_cvref_t<decltype(entity_traits<Es>::fields)>, typename dependencies_of<Es>::type,
                           type_list<Es...>>),
     ...);
    return targets;
}

template <class... Es>
inline constexpr auto targets_of = find_targets<count_slots(entities_of<Es...>), Es...>();

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
    std::size_t* const sorted = graph.entity.data();
    for (std::size_t i = 0; i < Nodes;
         ++i) {  // binary insertion: compilers bound a constant evaluation, and comparing names is its cost
        std::size_t place = 0;
        for (std::size_t end = i; place < end;) {
            const std::size_t middle = (place + end) / 2;
            if (entities[i].table < entities[sorted[middle]].table)
                end = middle;
            else
                place = middle + 1;
        }
        for (std::size_t later = i; later > place; --later) sorted[later] = sorted[later - 1];
        sorted[place] = i;
    }
    std::array<int, Nodes> node_of{};
    for (std::size_t node = 0; node < Nodes; ++node) node_of[graph.entity[node]] = static_cast<int>(node);
    std::array<std::size_t, Nodes> first_slot{};
    for (std::size_t i = 1; i < Nodes; ++i)
        first_slot[i] = first_slot[i - 1] + entities[i - 1].fields.size() + entities[i - 1].dependency_count;

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
        for (std::size_t i = 0; i < entities[entity].dependency_count; ++i, ++edge) {
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
