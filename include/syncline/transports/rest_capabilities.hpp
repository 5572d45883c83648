/// What a REST backend cannot give: refused when it is compiled, or said in words an application can show.
#pragma once

#include <string>
#include <vector>

#include <syncline/schema/schema_view.hpp>

namespace syncline {

/// True when nothing of the schema needs a server that merges: every field keeps the value that was written last.
[[nodiscard]] constexpr bool can_sync_over_rest(const schema_view& schema) noexcept {
    for (const table_view& table : schema.tables)
        for (const column_view& column : table.columns)
            if (column.policy != merge_policy::last_write) return false;
    return true;
}

/// What follows from how a backend is mapped.
struct rest_capabilities {
    bool repeated_creates_are_safe = false;  ///< a create whose answer was lost makes no second row
    bool local_ids_are_shared = false;       ///< every device calls a row by the same local id
    bool sees_removals = false;              ///< rows that others removed disappear here
    bool guards_removals = false;            ///< they disappear because a whole listing lacks them, so that many at once want consent
    bool keeps_other_fields = false;         ///< edits of different fields of one row both survive

    /// One sentence for each promise of syncline that does not hold.
    [[nodiscard]] std::vector<std::string> limitations() const {
        std::vector<std::string> said{
            "Operations are delivered at least once: an update or a removal whose answer was lost is sent again.",
            "Edits that were written in one transaction reach the backend one by one; others may see some of them without the rest.",
            "Two edits of one field are not told from one: the later one stays and no conflict is recorded for the earlier one.",
            "A removal is one request for each row, children first; when the backend refuses in the middle, the rows before stay removed.",
            "The backend cannot tell which device or owner a store belongs to: give each owner a store of their own, with their token."};
        if (!repeated_creates_are_safe)
            said.emplace_back("A create whose answer was lost can make a second row, because the backend does not keep local ids and no lookup is set.");
        if (!local_ids_are_shared)
            said.emplace_back("A row has the local id of the device that made it there, and one derived from its server id on every other device.");
        if (!sees_removals) said.emplace_back("Rows that others removed stay here, because the backend sends only rows that live.");
        if (guards_removals) said.emplace_back("Rows that vanish from a listing are removed here only up to 20 rows or a tenth of the table at a time; more wants consent.");
        if (!keeps_other_fields) said.emplace_back("An update sends the whole row: an edit that another device made meanwhile in another field is lost.");
        return said;
    }
};

}  // namespace syncline
