/// How something that is opened for a schema, a store or a backend, is opened by who owns it: at a place or at none, with its own options.
#pragma once

#include <concepts>
#include <utility>

namespace syncline::detail {

struct no_options {};

template <class T>
struct opening_options {
    using type = no_options;
};
template <class T>
    requires requires { typename T::opening_options; }
struct opening_options<T> {
    using type = typename T::opening_options;
};

/// What a `T` takes beside place and schema: its `opening_options`, or nothing.
template <class T>
using opening_options_of = typename opening_options<T>::type;

/// `T` can be opened for a `Schema` at `Place...`: a file's path, a handle, or none.
template <class T, class Schema, class... Place>
concept openable = std::constructible_from<T, Place..., const Schema&>;

/// Opens a `T` in place.
template <class T, class Schema, class... Place>
    requires openable<T, Schema, Place...>
[[nodiscard]] T open(const Schema& declared, opening_options_of<T> options, Place&&... place) {
    if constexpr (std::constructible_from<T, Place..., const Schema&, opening_options_of<T>>)
        return T(std::forward<Place>(place)..., declared, std::move(options));
    else
        return T(std::forward<Place>(place)..., declared);
}

}  // namespace syncline::detail
