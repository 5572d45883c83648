/// Turns the first mistake of a schema into the type that names it.
#pragma once

#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include <syncline/schema/check.hpp>
#include <syncline/schema/concepts.hpp>
#include <syncline/schema/facts.hpp>
#include <syncline/schema/links.hpp>
#include <syncline/schema/mistakes.hpp>

namespace syncline {

template <std::size_t I, class... Es>
using entity_at = typename std::tuple_element_t<I, std::tuple<std::type_identity<Es>...>>::type;

/// The member that field `I` of `E` was declared with.
template <class E, std::size_t I>
inline constexpr auto member_at = declared<E, I>().member;

template <std::size_t I, class Dependencies>
struct dependency_at;
template <std::size_t I, class... Entities>
struct dependency_at<I, depends_on<Entities...>> {
    using type = entity_at<I, Entities...>;
};

/// What is missing in the traits of one entity, `no_mistake` when they have the right shape.
template <class E>
[[nodiscard]] consteval auto diagnose_traits() noexcept {
    if constexpr (!has_traits<E>)
        return no_traits<E>{};
    else if constexpr (!names_table<E>)
        return no_table<E>{};
    else if constexpr (!names_key<E>)
        return no_key<E>{};
    else if constexpr (!lists_fields<E>)
        return no_fields<E>{};
    else if constexpr (!names_create_policy<E>)
        return no_create_policy<E>{};
    else if constexpr (!entity<E>)
        return no_dependency_list<E>{};
    else
        return no_mistake{};
}

template <finding Found, class E>
[[nodiscard]] consteval auto diagnose_field() noexcept {
    using kind = mistake_kind;
    constexpr auto member = member_at<E, Found.field>;
    if constexpr (Found.kind == kind::member_of_another_entity)
        return member_of_another_entity<E, member>{};
    else if constexpr (Found.kind == kind::member_declared_twice)
        return member_declared_twice<E, member>{};
    else if constexpr (Found.kind == kind::invalid_field_name)
        return invalid_field_name<E, member>{};
    else if constexpr (Found.kind == kind::reserved_field_name)
        return reserved_field_name<E, member>{};
    else if constexpr (Found.kind == kind::duplicate_field_name)
        return duplicate_field_name<E, member, member_at<E, Found.other_field>>{};
    else if constexpr (Found.kind == kind::unsupported_field_type)
        return unsupported_field_type<E, member>{};
    else if constexpr (Found.kind == kind::counter_of_another_type)
        return counter_of_another_type<E, member>{};
    else if constexpr (Found.kind == kind::key_declared_as_field)
        return key_declared_as_field<E, member>{};
    else if constexpr (Found.kind == kind::not_a_key)
        return not_a_key<E, member>{};
    else if constexpr (Found.kind == kind::required_key_set_to_null)
        return required_key_set_to_null<E, member>{};
    else if constexpr (Found.kind == kind::required_self_reference)
        return required_self_reference<E, member>{};
    else
        return target_not_in_schema<E, member,
                                    target_of<typename std::remove_cvref_t<decltype(declared<E, Found.field>())>::value_type>>{};
}

template <finding Found, class... Es>
[[nodiscard]] consteval auto diagnose_finding() noexcept {
    using kind = mistake_kind;
    using E = entity_at<Found.entity, Es...>;
    using other = entity_at<Found.other_entity, Es...>;
    if constexpr (Found.kind == kind::invalid_table_name)
        return invalid_table_name<E>{};
    else if constexpr (Found.kind == kind::invalid_entity_name)
        return invalid_entity_name<E>{};
    else if constexpr (Found.kind == kind::invalid_route)
        return invalid_route<E>{};
    else if constexpr (Found.kind == kind::wrong_key_type)
        return wrong_key_type<E>{};
    else if constexpr (Found.kind == kind::too_many_fields)
        return too_many_fields<E>{};
    else if constexpr (Found.kind == kind::duplicate_entity)
        return duplicate_entity<E>{};
    else if constexpr (Found.kind == kind::duplicate_table)
        return duplicate_table<E, other>{};
    else if constexpr (Found.kind == kind::duplicate_entity_name)
        return duplicate_entity_name<E, other>{};
    else if constexpr (Found.kind == kind::duplicate_route)
        return duplicate_route<E, other>{};
    else if constexpr (Found.kind == kind::depends_on_itself)
        return depends_on_itself<E>{};
    else if constexpr (Found.kind == kind::dependency_not_in_schema)
        return dependency_not_in_schema<E, typename dependency_at<Found.field, typename entity_traits<E>::depends_on>::type>{};
    else
        return diagnose_field<Found, E>();
}

template <class... Es>
[[nodiscard]] consteval auto diagnose_cycle() noexcept {
    return []<std::size_t... I>(std::index_sequence<I...>) {
        return cycle_without_nullable_key<
            entity_at<graph_of<Es...>.entity[static_cast<std::size_t>(order_of<Es...>.cycle[I])], Es...>...>{};
    }
    (std::make_index_sequence<order_of<Es...>.cycle_length>{});
}

/// What is wrong with one entity by itself, as an evaluation of its own: compilers bound the length of each.
template <class E>
inline constexpr finding finding_of = check_entity(describe_entity<E>());

/// The first mistake of entities whose traits have the right shape, cycles apart.
template <class... Es>
[[nodiscard]] consteval finding find_mistake() noexcept {
    const std::array<finding, sizeof...(Es)> alone{finding_of<Es>...};
    for (std::size_t i = 0; i < alone.size(); ++i)
        if (alone[i].is_mistake()) {
            finding found = alone[i];
            found.entity = i;
            return found;
        }
    if (const finding found = check_pairs(entities_of<Es...>, types_of<Es...>); found.is_mistake()) return found;
    return check_targets(entities_of<Es...>, targets_of<Es...>);
}

/// The first mistake of a schema of these entities, `no_mistake` when there is none.
template <class... Es>
[[nodiscard]] consteval auto diagnose() noexcept {
    if constexpr (sizeof...(Es) == 0) {
        return empty_schema{};
    } else if constexpr (!(entity<Es> && ...)) {
        constexpr std::size_t first = [] {
            const std::array<bool, sizeof...(Es)> shaped{entity<Es>...};
            std::size_t i = 0;
            while (shaped[i]) ++i;
            return i;
        }();
        return diagnose_traits<entity_at<first, Es...>>();
    } else {
        constexpr finding found = find_mistake<Es...>();
        if constexpr (found.is_mistake())
            return diagnose_finding<found, Es...>();
        else if constexpr (order_of<Es...>.cycle_length != 0)
            return diagnose_cycle<Es...>();
        else
            return no_mistake{};
    }
}

}  // namespace syncline
