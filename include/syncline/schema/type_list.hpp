/// A list of types and the place of each in it: entities and members are told apart by index.
#pragma once

#include <initializer_list>

namespace syncline {

/// Index of the first `true`, or -1. Plain pointers, because a compiler evaluates them fastest.
[[nodiscard]] constexpr int find_true(std::initializer_list<bool> values) noexcept {
    const bool* const first = values.begin();
    const bool* const last = first + values.size();
    const bool* found = first;
    while (found != last && !*found) ++found;
    return found == last ? -1 : static_cast<int>(found - first);
}

/// Indices rather than addresses of marks: sanitizers keep g++ from comparing addresses in a constant expression.
template <class... Ts>
struct type_list {
    /// Of the first `T`, or -1.
    template <class T>
    static constexpr int index_of = find_true({__is_same(T, Ts)...});  // the builtin, because a schema asks for every pair
};

}  // namespace syncline
