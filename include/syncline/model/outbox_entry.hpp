/// One edit of a row that is not settled, as a client keeps it from the write until the final verdict.
#pragma once

#include <cstdint>
#include <string>

#include <syncline/base/errors.hpp>
#include <syncline/model/operation.hpp>

namespace syncline {

/// Where an outbox entry is on its way.
enum class entry_state : std::uint8_t {
    queued,      ///< never sent: content is read from the row when it is sent, later edits coalesce into it
    in_flight,   ///< sent at least once, no final verdict: content and sequence are frozen
    quarantined  ///< refused for good, or temporarily too often (then with what was sent): waits for the application
};

/// One pending operation of one row. A row has at most one queued entry, behind at most one entry of each earlier stage.
struct outbox_entry {
    sequence seq = 0;  ///< assigned by the store when appended; never used twice for different content once sent
    int table = -1;
    local_id id;
    operation_kind kind = operation_kind::create;
    entry_state state = entry_state::queued;
    column_mask mask = 0;  ///< create: all columns; update: the changed ones; remove: none
    incarnation_number incarnation = 1;
    row_version base_version;  ///< as first sent
    sequence behind = 0;           ///< older entry of the same row that must be settled first; 0 = none
    std::int64_t group = 0;
    int attempts = 0;               ///< answers about this operation that were not final
    std::int64_t not_before_ms = 0; ///< not sent again before this time
    error_code reason = error_code::none;
    std::string reason_text;
    bool contained = false;         ///< the base already contains what was sent
    /// Of the oldest edit of a row: image of what the server's row, as last known, has in the columns in which the row here may differ
    /// from it; in all others it is as here. Empty if the server has no row, or this is not the oldest edit of a visible row.
    std::string base;
    /// Images of `after` (columns in mask) and `before`, in this order, once the row itself no longer holds what was sent; else empty.
    std::string frozen;
    /// Of a create: image of the values that later edits replaced before it was sent; empty if there are none.
    std::string created;
    // Of a void only: what its sequence was used for.
    operation_kind closes = operation_kind::close;
    std::uint64_t digest = 0;

    friend bool operator==(const outbox_entry&, const outbox_entry&) = default;
};

/// True for the create of a row, also if its sequence is being closed.
[[nodiscard]] inline bool makes_row(const outbox_entry& entry) noexcept {
    return entry.kind == operation_kind::create || entry.closes == operation_kind::create;
}

/// True for the removal of a row, also if its sequence is being closed.
[[nodiscard]] inline bool removes_row(const outbox_entry& entry) noexcept {
    return entry.kind == operation_kind::remove || entry.closes == operation_kind::remove;
}

/// True if the server has nothing of the entry, and never will have under its sequence: it was never sent, or it was refused for good.
[[nodiscard]] inline bool is_unsent(const outbox_entry& entry) noexcept { return entry.state != entry_state::in_flight; }

/// Makes an entry look as if it was never refused.
inline void forget_refusals(outbox_entry& entry) {
    entry.attempts = 0;
    entry.not_before_ms = 0;
    entry.reason = error_code::none;
    entry.reason_text.clear();
}

}  // namespace syncline
