/// What an entity is, as a list of small requirements on its `entity_traits`.
#pragma once

#include <concepts>
#include <string_view>
#include <tuple>
#include <type_traits>

#include <syncline/schema/traits.hpp>

namespace syncline {

/// `entity_traits<T>` is specialised.
template <class T>
concept has_traits = requires {
    sizeof(entity_traits<T>);
};

/// The traits name the table.
template <class T>
concept names_table = requires {
    { entity_traits<T>::table } -> std::convertible_to<std::string_view>;
};

/// The traits point at a data member as the key; whether it is an `id_of<T>` is checked with the schema.
template <class T>
concept names_key = requires {
    requires std::is_member_object_pointer_v<std::remove_cvref_t<decltype(entity_traits<T>::key)>>;
};

template <class Fields>
inline constexpr bool is_list_of_declarations = false;
template <class... Owners, class... Members>
inline constexpr bool is_list_of_declarations<std::tuple<declaration<Owners, Members>...>> = true;
template <class... Owners, class... Members>
inline constexpr bool is_list_of_declarations<field_list<declaration<Owners, Members>...>> = true;

/// The traits list fields: a std::tuple or a field_list of what field(), parent() and reference() return.
template <class T>
concept lists_fields = requires {
    requires is_list_of_declarations<std::remove_cvref_t<decltype(entity_traits<T>::fields)>>;
};

template <class Entities>
inline constexpr bool is_depends_on = false;
template <class... Entities>
inline constexpr bool is_depends_on<depends_on<Entities...>> = true;

/// The traits have a member type `depends_on`, right or wrong.
template <class T>
concept has_dependencies = requires {
    typename entity_traits<T>::depends_on;
};

/// The traits have a member `on_create_conflict`, right or wrong.
template <class T>
concept has_create_policy = requires {
    entity_traits<T>::on_create_conflict;
};

/// What the traits say of creates that meet, if they say anything, is a policy.
template <class T>
concept names_create_policy = !has_create_policy<T> || requires {
    requires std::is_same_v<std::remove_cvref_t<decltype(entity_traits<T>::on_create_conflict)>, create_conflict_policy>;
};

/// A type with traits of the right shape. Names, types of members and targets of keys are checked with the schema.
template <class T>
concept entity = has_traits<T> && names_table<T> && names_key<T> && lists_fields<T> && names_create_policy<T> &&
    (!has_dependencies<T> || requires { requires is_depends_on<typename entity_traits<T>::depends_on>; });

}  // namespace syncline
