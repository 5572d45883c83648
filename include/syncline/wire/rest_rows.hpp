/// Rows as a REST backend of somebody else writes them: names and forms that can be adjusted, and what is read with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/base/ids.hpp>
#include <syncline/model/arena.hpp>
#include <syncline/schema/schema_view.hpp>
#include <syncline/wire/moment.hpp>

namespace syncline::wire {

/// How ids travel in bodies. Both are read whatever is chosen.
enum class id_form : std::uint8_t { text, number };

/// Names and forms of what a backend keeps beside the fields of a row. The defaults are those of syncline's own endpoints.
struct rest_row_names {
    std::string id = "id";
    std::string local_id = "localId";      ///< empty: the backend keeps none
    std::string version = "version";       ///< an integer that rises with each change of the row, or a version of ours; empty: there is none
    std::string updated_at = "updatedAt";  ///< when the row changed last; empty: there is none
    std::string deleted = "isDeleted";     ///< true, or any moment, in a row that was removed; empty: removed rows just vanish
    moment_form updated_at_form = moment_form::milliseconds;
    moment_form moments = moment_form::microseconds;  ///< of fields that are time points
    id_form ids = id_form::text;
};

/// The names of one table.
struct rest_table_names {
    std::string feed;                  ///< in a feed of all tables
    std::vector<std::string> columns;  ///< of its fields, by column
    std::optional<rest_row_names> rows = {};  ///< beside its fields, where a field has the name that all other tables use

    [[nodiscard]] const rest_row_names& names_of_rows(const rest_row_names& usual) const noexcept { return rows ? *rows : usual; }
};

/// One row that a backend sent. Keys are server ids.
struct rest_row {
    int table = -1;
    server_id id;
    local_id local;                          ///< empty: the backend keeps none
    row_version version;                     ///< none: the backend told none; an integer is one of the first generation
    std::optional<std::int64_t> updated_at;  ///< microseconds
    bool removed = false;
    column_mask present = 0;                 ///< columns that were there
    cells values;                            ///< full row width
};

/// What a body should be.
struct rest_shape {
    enum class content : std::uint8_t { item, list, by_table } holds = content::item;
    int table = -1;             ///< of item and list; -1: `kind` says it for each row
    std::string_view envelope;  ///< the member that holds the rows; empty: the body does
    std::string_view kind;      ///< the member of a row that names its table, as feeds do
    std::string_view cursor;    ///< the member that is the next cursor
    std::string_view more;      ///< the member that tells whether there is more
};

/// What was read of one body; the cells point into it.
struct rest_rows {
    std::vector<rest_row> rows;
    std::string cursor;
    bool more = false;

    arena bytes;
    cell_pool cells;

    void clear() {
        rows.clear();
        cursor.clear();
        more = false;
        bytes.clear();
        cells.clear();
    }
};

}  // namespace syncline::wire
