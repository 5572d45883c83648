/// Pure step: how long to wait before asking again.
#pragma once

#include <algorithm>
#include <cstdint>

#include <syncline/base/limits.hpp>
#include <syncline/base/random.hpp>

namespace syncline {

/// Milliseconds to wait after `failures` failures in a row (at least 1): exponential with full jitter
/// ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015), at least 1 ms, at most the cap.
[[nodiscard]] constexpr std::int64_t backoff_delay_ms(int failures, const limits& bounds, random_source& random) noexcept {
    std::int64_t ceiling = bounds.backoff_base_ms;
    for (int i = 1; i < failures && ceiling < bounds.backoff_cap_ms; ++i)
        ceiling = ceiling > bounds.backoff_cap_ms / 2 ? bounds.backoff_cap_ms : ceiling * 2;
    ceiling = std::min(ceiling, bounds.backoff_cap_ms);
    return 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(std::max<std::int64_t>(ceiling, 1))));
}

}  // namespace syncline
