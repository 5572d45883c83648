/// Which member types are fields, and the one trait that teaches another type: the classification, without any conversion.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include <syncline/base/ids.hpp>
#include <syncline/schema/schema_view.hpp>

namespace syncline {

/// Teaches the library a type of the application. `stored` is one of the built-in field types, neither optional nor a key:
/// ```
/// template <>
/// struct syncline::field_type<money> {
///     using stored = std::int64_t;
///     static stored store(const money& value) { return value.cents; }
///     static money load(const stored& cents) { return money{cents}; }
/// };
/// ```
template <class T>
struct field_type;

/// A type with a well-formed `field_type`, which is preferred to what the library would do with the type by itself.
template <class T>
concept taught_field = requires(const T& value, const typename field_type<T>::stored& stored) {
    { field_type<T>::store(value) } -> std::convertible_to<typename field_type<T>::stored>;
    { field_type<T>::load(stored) } -> std::convertible_to<T>;
};

/// A member's type taken apart: `std::optional<T>` is a nullable `T`, every other type is itself.
template <class Member>
struct member_type {
    using value = Member;
    static constexpr bool nullable = false;
};
template <class T>
struct member_type<std::optional<T>> {
    using value = T;
    static constexpr bool nullable = true;
};

/// The entity that a value of type `id_of<T>` names, void for other types.
template <class Value>
struct key_target {
    using entity = void;
};
template <class T>
struct key_target<id_of<T>> {
    using entity = T;
};

/// The entity that a member of type `id_of<T>` or `std::optional<id_of<T>>` points at, void for other members.
template <class Member>
using target_of = typename key_target<typename member_type<Member>::value>::entity;

/// A member that can be a foreign key.
template <class Member>
concept key_member = !std::is_void_v<target_of<Member>>;

template <class T>
inline constexpr bool is_timestamp = false;
template <class Duration>
inline constexpr bool is_timestamp<std::chrono::time_point<std::chrono::system_clock, Duration>> = true;

template <class T>
inline constexpr bool is_set = false;
template <class T>
inline constexpr bool is_set<std::set<T>> = true;

/// A value that a set may hold: bool, an integer, float, double, an enum or std::string.
template <class T>
concept scalar_field =
    !std::is_const_v<T> && ((std::is_integral_v<T> && sizeof(T) <= sizeof(std::int64_t)) || std::is_same_v<T, float> ||
                            std::is_same_v<T, double> || std::is_enum_v<T> || std::is_same_v<T, std::string>);

/// What the schema knows of a member's type; `least` and `greatest` are those of column_view.
struct field_shape {
    bool supported = false;
    column_kind kind = column_kind::text;
    bool nullable = false;
    std::int64_t least = 0;
    std::int64_t greatest = 0;
};

/// Shape of an integer column for members of type `Integer`; unsigned 64-bit members stop at INT64_MAX.
template <class Integer>
[[nodiscard]] consteval field_shape integer_shape() noexcept {
    using range = std::numeric_limits<Integer>;
    if constexpr (std::is_unsigned_v<Integer> && sizeof(Integer) == sizeof(std::int64_t))
        return {true, column_kind::integer, false, 0, std::numeric_limits<std::int64_t>::max()};
    else
        return {true, column_kind::integer, false, static_cast<std::int64_t>(range::min()),
                static_cast<std::int64_t>(range::max())};
}

/// Shape of a type that is not optional; `supported` is false for types that are neither built in nor taught.
template <class T>
[[nodiscard]] consteval field_shape value_shape() noexcept {
    if constexpr (taught_field<T>) {
        using stored = typename field_type<T>::stored;
        if constexpr (taught_field<stored> || key_member<stored> || member_type<stored>::nullable)
            return {};
        else
            return value_shape<stored>();
    } else if constexpr (key_member<T>) {
        return {true, column_kind::key};
    } else if constexpr (std::is_same_v<T, bool>) {
        return {true, column_kind::boolean};
    } else if constexpr (std::is_same_v<T, std::string>) {
        return {true, column_kind::text};
    } else if constexpr (std::is_same_v<T, std::vector<std::byte>>) {
        return {true, column_kind::bytes};
    } else if constexpr (is_timestamp<T>) {
        return {true, column_kind::timestamp};
    } else if constexpr (is_set<T>) {
        if constexpr (scalar_field<typename T::value_type>)
            return {true, column_kind::set};
        else
            return {};
    } else if constexpr (!scalar_field<T>) {
        return {};
    } else if constexpr (std::is_enum_v<T>) {
        return integer_shape<std::underlying_type_t<T>>();
    } else if constexpr (std::is_integral_v<T>) {
        return integer_shape<T>();
    } else {
        return {true, column_kind::real};
    }
}

/// Shape of a member's type, for every type.
template <class Member>
[[nodiscard]] consteval field_shape shape_of() noexcept {
    if constexpr (member_type<typename member_type<Member>::value>::nullable) {
        return {};
    } else {
        field_shape shape = value_shape<typename member_type<Member>::value>();
        shape.nullable = member_type<Member>::nullable;
        return shape;
    }
}

}  // namespace syncline
