/// A visible row's outbox entries, and what an entry sends.
#pragma once

#include <algorithm>
#include <vector>

#include <syncline/client/store_port.hpp>
#include <syncline/model/history/content.hpp>

namespace syncline {

/// Entries of one visible row, oldest first: creates and updates without a final verdict. A removal ends the walk back. `known`: one that
/// was read already, null if none was.
[[nodiscard]] inline std::vector<outbox_entry> entries_of_row(store_port& store, int table, const local_id& id, sequence newest,
                                                              const outbox_entry* known = nullptr) {
    std::vector<outbox_entry> chain;
    outbox_entry entry;
    const auto find = [&](sequence seq) {
        if (known == nullptr || known->seq != seq) return store.find_entry(seq, entry);
        entry = *known;
        return true;
    };
    while (newest != 0 && find(newest)) {
        if (entry.table != table || entry.id != id || removes_row(entry)) break;
        newest = entry.behind;
        chain.push_back(std::move(entry));
        entry = {};
    }
    std::reverse(chain.begin(), chain.end());
    return chain;
}

/// The content of an entry as read from the store.
struct entry_content : edit_content {
    row_state state;  ///< of the row, if it is visible
    row_buffer row;
};

/// Reads what a create or update sends: from the frozen content, or from the row and its base as they are now.
/// False when the row is not there, which a sound store never shows.
[[nodiscard]] inline bool load_content(store_port& store, const outbox_entry& entry, entry_content& out) {
    const table_view& table = store.schema()[entry.table];
    if (!entry.frozen.empty()) {
        read_content(entry, table, {}, {}, {}, out);
        return true;
    }
    if (!store.find_row(entry.table, entry.id, out.row)) return false;
    out.state = out.row.state;
    std::vector<cell> base;
    if (!entry.base.empty()) base = read_image_over(entry.base, out.row.cells());
    read_content(entry, table, out.row.cells(), base, out.row.state.version, out);
    return true;
}

}  // namespace syncline
