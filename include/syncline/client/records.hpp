/// What a client store keeps beside the application's rows: outbox entries, bases, removed and parked rows, conflicts.
#pragma once

#include <cstdint>
#include <string>

#include <syncline/base/errors.hpp>
#include <syncline/base/ids.hpp>
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
    row_version base_version;      ///< as first sent
    sequence behind = 0;           ///< older entry of the same row that must be settled first; 0 = none
    std::int64_t group = 0;
    int attempts = 0;               ///< answers about this operation that were not final
    std::int64_t not_before_ms = 0; ///< not sent again before this time
    error_code reason = error_code::none;
    std::string reason_text;
    bool contained = false;         ///< the base already contains what was sent
    /// Images of `after` (columns in mask) and `before`, in this order, once the row itself no longer holds what was sent; else empty.
    std::string frozen;
    /// Of a create: image of the values that later edits replaced before it was sent; empty if there are none.
    std::string created;
    // Of a void only: what its sequence was used for.
    operation_kind closes = operation_kind::close;
    std::uint64_t digest = 0;
};

/// True for the create of a row, also if its sequence is being closed.
[[nodiscard]] inline bool makes_row(const outbox_entry& entry) noexcept {
    return entry.kind == operation_kind::create || entry.closes == operation_kind::create;
}

/// The last row the server gave us, kept only while the row is dirty or removed.
struct base_record {
    row_version version;
    std::string image;  ///< all columns, keys as local ids
};

/// Added to the sequence of a removal that the server has taken: its rows wait for the end of the pull, see settled_removal.hpp.
inline constexpr sequence undecided_mark = sequence{1} << 62;

/// A row the application removed, kept until the removal has its verdict.
struct removed_row {
    int table = -1;
    local_id id;
    sequence root = 0;      ///< entry of the removal that took this row with it
    row_state state;        ///< as it was, with `pending` the entry that was in flight, or 0
    std::string image;      ///< all columns as the application last saw them
    std::string base;       ///< all columns of the base when the row was dirty and had one, else empty
    column_mask unsent = 0; ///< columns of an unsent update that the removal replaced
    bool unsent_create = false;  ///< the row was never sent
};

/// True when the server cannot know the removed life of the row, so that a row it sends under this id is another.
[[nodiscard]] inline bool is_never_sent(const removed_row& record) noexcept {
    return record.state.pending == 0 && (record.unsent_create || record.state.id.empty());
}

/// A pulled row that cannot be shown yet because a row it points at has not arrived, or a removal whose row still has children.
struct parked_row {
    int table = -1;
    local_id id;
    server_id remote;
    row_version version;
    incarnation_number incarnation = 1;
    bool removed = false;
    std::string image;  ///< all columns, keys as server ids; empty for a removal
};

enum class conflict_kind : std::uint8_t {
    field_overwritten,  ///< both sides changed a field; one value lost
    edit_of_removed,    ///< the row was removed elsewhere while it had an edit here
    removal_refused,    ///< the server kept a row that was removed here
    edit_refused,       ///< part of an edit was not taken by the server: its target is gone or it would close a loop
    edit_discarded      ///< the application gave up an edit that was set aside, or one that could not be without it
};

[[nodiscard]] constexpr std::string_view name_of(conflict_kind kind) noexcept {
    constexpr std::string_view names[] = {"field overwritten", "edit of a removed row", "removal refused", "edit refused", "edit discarded"};
    return names[static_cast<std::size_t>(kind)];
}

/// What was lost, kept for the application to show or to use.
struct conflict_record {
    std::int64_t number = 0;  ///< assigned by the store
    conflict_kind kind = conflict_kind::field_overwritten;
    int table = -1;
    local_id id;
    column_mask mask = 0;         ///< the columns concerned
    bool mine_won = false;        ///< whose value is in the row now
    row_version version;          ///< server version at which it was noticed
    std::string mine;             ///< image of this device's values, keys as local ids
    std::string theirs;           ///< image of the server's values; may be empty
    std::string reason;           ///< error code and text of a refusal, else empty
};

}  // namespace syncline
