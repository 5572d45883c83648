/// The base that an accepted operation leaves behind: the server's row where it came along, else the old base with the operation on top.
#pragma once

#include <string_view>
#include <vector>

#include <syncline/client/entries.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline {

/// What the server holds after an accepted operation, as far as this device can know it.
struct new_base {
    std::vector<cell> values;
    row_version version;      ///< low where the server's row moved on and cannot be shown: the pull will bring it
    arena bytes;
};

/// The server's row of a result, keys as local ids; false when there is none or one of its keys is unknown here.
template <store S>
[[nodiscard]] bool localise_row(S& store, const wire::operation_result& result, new_base& out) {
    if (!result.row || result.row->removed) return false;
    const table_view& table = store.schema()[result.row->table];
    out.bytes.clear();
    out.values.assign(result.row->cells.begin(), result.row->cells.end());
    for (std::size_t i = 0; i < out.values.size(); ++i) {
        if (out.values[i].kind() != cell_kind::server_key) continue;
        const local_id local = store.local_of(table.columns[i].target, server_id::trusted(out.values[i].view()));
        if (local.empty()) return false;
        out.values[i] = cell::local_key(out.bytes.keep(local.view()));
    }
    return true;
}

/// The base after a create or update was applied or merged; `base` is the one before it, null for a create. Cells may point into
/// `result`, `content` and `base`.
template <store S>
[[nodiscard]] new_base base_after(S& store, const outbox_entry& entry, const wire::operation_result& result, const entry_content& content,
                                  const base_record* base) {
    new_base after;
    if (localise_row(store, result, after)) {
        after.version = result.row->version;
        return after;
    }
    after.values.assign(store.schema()[entry.table].columns.size(), cell());
    if (base != nullptr) {
        std::string_view image = base->image;
        take_image(image, after.values);
    }
    for (std::size_t i = 0; i < after.values.size() && !entry.contained; ++i)
        if (has_column(entry.mask & ~result.refused, i)) after.values[i] = content.after[i];
    const bool exact = result.outcome == wire::verdict::applied && !result.row;
    after.version = exact ? result.version : (base != nullptr ? base->version : row_version());
    return after;
}

}  // namespace syncline
