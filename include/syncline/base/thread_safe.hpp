/// Which classes several threads may use at once, as a concept that a class opts into.
#pragma once

#include <type_traits>

namespace syncline {

/// True for a class that says so with the public member `static constexpr bool is_thread_safe = true;`, or `= thread_safe<Part>` if it is as
/// safe as a part that it uses. May be specialised for a class of another library. A derived class has its base's member: one
/// that is less safe hides it by a member of its own.
template <class T>
inline constexpr bool is_declared_thread_safe = requires { requires T::is_thread_safe; };

/// The member functions of a `T` may be called from any thread, also while other threads are in them, but for a loop's `run`, which one
/// thread is in at a time, and for making and destroying it. A lambda has no members to say so with: what takes a function documents which threads
/// call it.
template <class T>
concept thread_safe = is_declared_thread_safe<std::remove_cvref_t<T>>;

}  // namespace syncline
