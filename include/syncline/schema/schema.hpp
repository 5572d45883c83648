/// `schema<...>`: an application's entities, checked, ordered and laid out as a schema_view at compile time.
#pragma once

#include <cstddef>
#include <type_traits>

#include <syncline/schema/concepts.hpp>
#include <syncline/schema/diagnosis.hpp>
#include <syncline/schema/layout.hpp>
#include <syncline/schema/mistakes.hpp>
#include <syncline/schema/schema_view.hpp>
#include <syncline/schema/traits.hpp>
#include <syncline/schema/type_list.hpp>

namespace syncline {

/// The entities of an application, in any order. A mistake in their declarations is reported when the schema is used, not when
/// it is named, and only the first one.
template <class... Es>
struct schema {
    /// What is wrong with the declarations: a type of mistakes.hpp, `no_mistake` when nothing is.
    using mistake = decltype(diagnose<Es...>());

    static constexpr bool is_valid = std::is_same_v<mistake, no_mistake>;

    /// Reports the mistake, if there is one, as an error that begins with `syncline:`.
    static constexpr void report_mistake() noexcept {
        if constexpr (!is_valid) static_cast<void>(&mistake::template report<>);
    }

    template <class E>
    static constexpr bool contains = (std::is_same_v<E, Es> || ...);

    /// The tables, in push order; empty when there is a mistake, which is reported.
    [[nodiscard]] static constexpr schema_view view() noexcept {
        report_mistake();
        if constexpr (is_valid)
            return {tables_of<Es...>, fingerprint_of<Es...>};
        else
            return {};
    }

    /// Index of the table of `E` in view().
    template <class E>
    static constexpr int index_of = [] {
        static_assert(contains<E>, "syncline: an entity outside the schema; add it to schema<...>");
        report_mistake();
        if constexpr (contains<E> && is_valid)
            return layout_of<Es...>.table[static_cast<std::size_t>(type_list<Es...>::template index_of<E>)];
        else
            return -1;
    }();
};

template <class S>
inline constexpr bool is_schema = false;
template <class... Es>
inline constexpr bool is_schema<schema<Es...>> = true;

/// A schema, with or without a mistake.
template <class S>
concept any_schema = is_schema<S>;

/// A schema without a mistake. It only answers; check_schema() says what is wrong.
template <class S>
concept valid_schema = any_schema<S> && S::is_valid;

/// Reports the mistake of a schema as view() does, and is true: for `static_assert(check_schema<S>())` in what is used with one.
template <class S>
[[nodiscard]] constexpr bool check_schema() noexcept {
    static_assert(any_schema<S>, "syncline: not a schema; write syncline::schema<...>");
    if constexpr (any_schema<S>) S::report_mistake();
    return true;
}

}  // namespace syncline
