/// Checks of programmer errors that stay on in release builds, with a handler the application may replace.
#pragma once

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace syncline {

/// Called with the failed condition and its place; must not return.
using assert_handler = void (*)(const char* condition, const char* file, int line);

namespace detail {
[[noreturn]] inline void print_and_abort(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "syncline: broken assumption: %s (%s:%d)\n", condition, file, line);
    std::abort();
}
inline std::atomic<assert_handler> current_assert_handler{&print_and_abort};

[[noreturn]] inline void assertion_failed(const char* condition, const char* file, int line) {
    current_assert_handler.load()(condition, file, line);
    std::abort();
}
}  // namespace detail

/// Replaces the handler and returns the one before.
inline assert_handler set_assert_handler(assert_handler handler) noexcept {
    return detail::current_assert_handler.exchange(handler);
}

}  // namespace syncline

#define SYNCLINE_ASSERT(condition) \
    ((condition) ? static_cast<void>(0) : ::syncline::detail::assertion_failed(#condition, __FILE__, __LINE__))
