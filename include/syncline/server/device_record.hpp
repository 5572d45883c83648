/// What the server remembers of a device: its settled floor, which sequences above it are answered, and final verdicts: all above the
/// floor, and of the newest at or below it what tells a repeat from a fork.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <syncline/base/errors.hpp>
#include <syncline/base/ids.hpp>
#include <syncline/schema/schema_view.hpp>
#include <syncline/server/sequence_set.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline {

/// A final verdict. Once the device says that it has settled it, what follows `local` may be forgotten. Does not own its text.
struct stored_verdict {
    sequence seq = 0;
    std::uint64_t digest = 0;         ///< of the operation, or of the one that was closed; 0: a void that did not say, which fits any
    wire::verdict outcome = wire::verdict::applied;
    int table = -1;                   ///< -1 for a void of an unknown row
    local_id local;
    incarnation_number incarnation = 1;  ///< of the row after the operation
    error_code reason = error_code::none;
    std::string_view reason_text;
    column_mask refused = 0;          ///< fields of the operation that were not taken
    column_mask overwritten = 0;      ///< fields in which it replaced another device's edit
    column_mask kept = 0;             ///< fields in which the row that a create met kept another value
    std::string_view lost;            ///< image of the replaced values
};

/// True for the verdict of an operation that the owner's rows contain.
[[nodiscard]] constexpr bool is_in_rows(wire::verdict outcome) noexcept {
    return outcome == wire::verdict::applied || outcome == wire::verdict::merged || outcome == wire::verdict::gone;
}

/// What a request needs to know of every sequence of its device; the verdicts themselves are looked up for repeats only.
struct device_record {
    sequence floor = 0;
    sequence_set answered;  ///< sequences above the floor that have a verdict
    sequence_set included;  ///< those of them whose operations the owner's rows contain

    /// Raises the floor, where `settled` is above it.
    void settle(sequence settled) {
        if (settled <= floor) return;
        floor = settled;
        answered.remove_up_to(floor);
        included.remove_up_to(floor);
    }

    /// Adds the verdicts above the floor.
    void add(std::span<const stored_verdict> verdicts) {
        std::vector<sequence> all, taken;
        all.reserve(verdicts.size());
        taken.reserve(verdicts.size());
        for (const stored_verdict& one : verdicts) {
            if (one.seq <= floor) continue;
            all.push_back(one.seq);
            if (is_in_rows(one.outcome)) taken.push_back(one.seq);
        }
        answered.add(all);
        included.add(taken);
    }
};

}  // namespace syncline
