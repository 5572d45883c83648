/// A view of something callable, for parameters that are called and not kept: plain code takes a visitor without becoming a template.
#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace syncline {

template <class Signature>
class function_ref;

/// Does not own what it calls, which must outlive it; a lambda written in the call does. The form that the C++26 library has.
template <class Result, class... Arguments>
class function_ref<Result(Arguments...)> {
public:
    template <class F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, function_ref> && std::is_invocable_r_v<Result, F&, Arguments...>)
    function_ref(F&& callable) noexcept  // NOLINT: converts as the standard's does
        : object_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
          call_([](void* object, Arguments... arguments) -> Result {
              return std::invoke(*static_cast<std::add_pointer_t<std::remove_reference_t<F>>>(object), std::forward<Arguments>(arguments)...);
          }) {}

    Result operator()(Arguments... arguments) const { return call_(object_, std::forward<Arguments>(arguments)...); }

private:
    void* object_;
    Result (*call_)(void*, Arguments...);
};

}  // namespace syncline
