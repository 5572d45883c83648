/// What a client store keeps beside the application's rows: outbox entries, removed and parked rows, conflicts.
#pragma once

#include <cstdint>
#include <string>

#include <syncline/base/ids.hpp>
#include <syncline/model/conflict_record.hpp>
#include <syncline/model/outbox_entry.hpp>

namespace syncline {

/// What became of a row of the server that was offered to a store.
enum class clean_put : std::uint8_t {
    stored,  ///< there was none, or a clean and older one
    known,   ///< the row is clean, and not older
    edited   ///< the row has edits that are not settled
};

/// A row the application removed, kept until the removal has its verdict.
struct removed_row {
    int table = -1;
    local_id id;
    /// Entry of the removal that took this row with it. Once the server has taken the removal, and its entry is gone, the row waits for the
    /// pull that tells which rows went there.
    sequence root = 0;
    row_state state;        ///< as it was, with `pending` the entry that was in flight, or 0
    std::string image;      ///< all columns as the application last saw them
    std::string base;       ///< all columns of the base when the row was dirty and had one, else empty
    column_mask unsent = 0; ///< columns of an unsent update that the removal replaced
    bool unsent_create = false;  ///< the row was never sent

    friend bool operator==(const removed_row&, const removed_row&) = default;
};

/// True when the server cannot know the removed life of the row, so that a row it sends under this id is another.
[[nodiscard]] inline bool is_never_sent(const removed_row& record) noexcept { return record.state.pending == 0 && record.unsent_create; }

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

}  // namespace syncline
