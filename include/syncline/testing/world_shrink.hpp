/// Makes the script of a failing world short: fewer events, then events left out, as long as the same promise breaks.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <syncline/testing/world.hpp>

namespace syncline::testing {

/// A shorter script that breaks the same invariant as `failure`, found with at most `runs_max` runs: the number of events is
/// bisected, then pieces of halving size are left out (delta debugging, Zeller and Hildebrandt 2002).
template <store S, backend B>
[[nodiscard]] script shrink_script(const world_parts<S, B>& parts, script failing, const world_result& failure, std::size_t runs_max = 600) {
    const auto still_fails = [&](const script& candidate) {
        if (runs_max == 0) return false;
        --runs_max;
        const world_result result = run_world(parts, candidate);
        return result.failed && result.invariant == failure.invariant;
    };
    for (std::size_t low = 0, high = failing.events; low < high;) {
        script candidate = failing;
        candidate.events = low + (high - low) / 2;
        if (still_fails(candidate)) {
            failing = candidate;
            high = candidate.events;
        } else {
            low = candidate.events + 1;
        }
    }
    failing.skipped.assign(failing.events, false);
    for (std::size_t piece = std::max<std::size_t>(failing.events / 2, 1);; piece /= 2) {
        bool shorter = false;
        for (std::size_t begin = 0; begin < failing.events; begin += piece) {
            script candidate = failing;
            const std::size_t end = std::min(begin + piece, failing.events);
            std::fill(candidate.skipped.begin() + static_cast<std::ptrdiff_t>(begin), candidate.skipped.begin() + static_cast<std::ptrdiff_t>(end), true);
            if (candidate.skipped == failing.skipped || !still_fails(candidate)) continue;
            failing = std::move(candidate);
            shorter = true;
        }
        if (piece == 1 && !shorter) return failing;
        if (piece == 1) piece = 2;
        if (runs_max == 0) return failing;
    }
}

}  // namespace syncline::testing
