/// What can be wrong on purpose in a simulated world, each a mistake that an engine, a store or a server could have.
#pragma once

#include <cstdint>

#include <syncline/testing/world_script.hpp>

namespace syncline::tests {

enum class mutation : std::uint8_t {
    none,

    // a device
    verdict_clears_later_edits,    ///< an answer ends every edit of its row, also those made after the request left
    newest_acknowledged,           ///< the newest sequence is acknowledged instead of the settled floor
    removal_in_flight_dropped,     ///< a removal that waits behind its row's create in flight is not written
    conflict_not_recorded,         ///< the losing edit goes without a record
    attempts_spent_by_sending,     ///< every sending spends an attempt, also offline
    pull_never_inserts,            ///< pulled rows that are new are dropped
    cursor_without_rows,           ///< some rows of a page are dropped, the cursor moves all the same
    pull_overwrites_edits,         ///< a row from a page replaces whatever is there
    version_counted_here,          ///< the device counts a row's version itself when it settles an edit
    parked_forgotten_at_restart,   ///< rows that wait for what they point at do not survive a crash
    removal_keeps_referrers,       ///< what points at a removed row is left behind
    few_rows_counted,              ///< the device believes it holds too few rows for removals to matter

    // the conversation
    local_ids_as_server_ids,       ///< local ids go out as if the server had given them
    results_by_position,           ///< one result is missing, and the rest is taken by position
    answers_cached_across_owners,  ///< a cache answers one owner with another's rows

    // the server
    owner_ignored,                 ///< every push is applied to one owner's rows
    verdicts_forgotten,            ///< a repeated operation is applied again
    second_row,                    ///< a create makes two rows
    dead_life_revived,             ///< a create of a life that has ended brings the row back
    referrers_survive,             ///< a removal leaves the rows that point at the removed one
    one_version_for_two,           ///< two transactions share a version
    tombstones_not_told,           ///< pages leave removals out
    row_after_page_skipped,        ///< a page begins one row late
    newest_rows_told_again,        ///< a page begins one version early
    merged_rows_as_echo            ///< a row that became another than sent is taken for the sender's own
};

/// Runs the world of `seed`, made rich in what brings `what` to light, with that one thing wrong in it.
[[nodiscard]] testing::world_result run_mutant(mutation what, std::uint64_t seed);

/// The same world with nothing wrong in it.
[[nodiscard]] testing::world_result run_sound(mutation what, std::uint64_t seed);

}  // namespace syncline::tests
