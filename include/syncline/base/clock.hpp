/// Time as a value that is handed in, so that tests and simulations own it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace syncline {

/// Milliseconds since the Unix epoch. Used for back-off and leases only; never compared between machines.
using clock_source = std::function<std::int64_t()>;

/// The machine's clock.
[[nodiscard]] inline clock_source system_clock_source() {
    return [] {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        return static_cast<std::int64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    };
}

/// Time that only goes forward, for deadlines and measurements; it never reaches a row or a message.
using monotonic_clock = std::chrono::steady_clock;

[[nodiscard]] inline monotonic_clock::time_point monotonic_now() noexcept { return monotonic_clock::now(); }

}  // namespace syncline
