/// What was lost to another device's edit or removal, or to a refusal, kept whole for the application.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <syncline/model/image.hpp>

namespace syncline {

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
    row_version version;      ///< server version at which it was noticed
    std::string mine;             ///< image of this device's values, keys as local ids
    std::string theirs;           ///< image of the server's values; may be empty
    std::string reason;           ///< error code and text of a refusal, else empty
};

/// Both sides changed the columns in `mask`, or the server did not take them. Empty `theirs`: what the server has is not known.
[[nodiscard]] inline conflict_record field_conflict(conflict_kind kind, int table, const local_id& id, column_mask mask, cells mine, cells theirs,
                                                    bool mine_won, row_version version) {
    conflict_record record;
    record.kind = kind;
    record.table = table;
    record.id = id;
    record.mask = mask;
    record.mine_won = mine_won;
    record.version = version;
    record.mine = make_image(mine, mask);
    if (!theirs.empty()) record.theirs = make_image(theirs, mask);
    return record;
}

}  // namespace syncline
