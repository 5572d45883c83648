/// What it takes for a mistake to be found.
#pragma once

#include <cstdint>
#include <string>

#include <mutants/support/mutation.hpp>
#include <support/catch.hpp>

namespace syncline::tests {

/// Requires that some of the first worlds breaks `invariant` because of `what`, and that all worlds tried are sound without it.
inline void require_found(mutation what, const std::string& invariant, std::uint64_t worlds_max = 30) {
    constexpr std::uint64_t first_seed = 3'000;
    for (std::uint64_t seed = first_seed; seed < first_seed + worlds_max; ++seed) {
        const testing::world_result sound = run_sound(what, seed);
        INFO("without the mistake, seed " << seed << ": " << sound.message);
        REQUIRE_FALSE(sound.failed);
        const testing::world_result result = run_mutant(what, seed);
        if (result.failed && result.invariant == invariant) return;
    }
    FAIL("no world breaks " << invariant);
}

}  // namespace syncline::tests
