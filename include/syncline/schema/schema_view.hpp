/// The schema as plain constant tables: what planner, merger, stores and server read instead of templates over entities.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <syncline/schema/row_member.hpp>

namespace syncline {

/// How the values of a column are held in a cell and written on the wire.
enum class column_kind : std::uint8_t {
    boolean,
    integer,
    real,
    text,
    bytes,      ///< on the wire as base64 text
    timestamp,  ///< microseconds since the Unix epoch, an integer on the wire
    set,        ///< a set of scalars as one canonical text, see field_type
    key         ///< a foreign key
};

/// How two edits of one field become one value.
enum class merge_policy : std::uint8_t {
    last_write,  ///< the edit that reaches the server last decides
    counter      ///< of integers: each edit adds what it changed, so that no edit is lost
};

/// What happens to the row that holds a foreign key when the row it points at is removed.
enum class removal_policy : std::uint8_t {
    cascade,   ///< removed with it
    set_null,  ///< the key becomes null
    refuse     ///< the removal is refused while the key points there
};

/// What becomes of a create that meets a row of its name, if the two differ.
enum class create_conflict_policy : std::uint8_t {
    theirs_wins,  ///< the row keeps its values, the creator keeps a record of its own
    mine_wins,    ///< the create replaces them
    merge,        ///< each field by its merge policy
    refuse        ///< the create is refused
};

/// Largest number of fields an entity may have: sets of columns are one 64-bit mask.
inline constexpr int columns_max = 64;

/// A set of columns of one table, bit i for column i.
using column_mask = std::uint64_t;

struct column_view {
    std::string_view name;  ///< on the wire and in SQL
    column_kind kind = column_kind::text;
    bool nullable = false;
    merge_policy policy = merge_policy::last_write;
    std::int64_t least = 0;     ///< smallest integer the member's type holds (integer columns)
    std::int64_t greatest = 0;  ///< largest integer the member's type holds, at most INT64_MAX (integer columns)
    // The rest is about foreign keys only.
    int target = -1;        ///< index of the table pointed at
    bool owning = false;    ///< declared with parent()
    bool deferred = false;  ///< cut a cycle: pushed null, patched by a second operation
    removal_policy on_remove = removal_policy::refuse;
};

/// A foreign key seen from the table it points at.
struct referrer_view {
    int table = -1;   ///< index of the table that holds the key
    int column = -1;  ///< index of the key in that table's columns
};

struct table_view {
    std::string_view name;    ///< SQL table, and the key of its rows in a page
    std::string_view entity;  ///< entity name in operations and errors
    std::string_view route;   ///< last part of the REST path, /api/ROUTE
    /// What messages and SQL call the members of a row that are no fields: row_member::names but for those that a field has taken.
    row_member::name_list members = row_member::names;
    bool has_plain_members = true;  ///< no field has taken a name
    std::span<const column_view> columns;
    std::span<const referrer_view> referrers;  ///< every key that points here, in the order (table, column)
    int rank = 0;                              ///< push rank: greater than that of every table a non-deferred key points at
    bool self_referencing = false;             ///< a key of its own points here: rows are ordered one by one
    bool in_ownership_cycle = false;           ///< following parent() keys from here can lead back here
    column_mask keys = 0;                      ///< the columns that are foreign keys
    column_mask deferred_keys = 0;
    std::span<const int> dependencies = {};  ///< tables pushed before this one although no key says so, in ascending order
    create_conflict_policy create_policy = create_conflict_policy::theirs_wins;

    [[nodiscard]] constexpr std::string_view name_of(row_member::place member) const noexcept {
        return members[static_cast<std::size_t>(member)];
    }
    [[nodiscard]] constexpr column_mask all_columns() const noexcept {
        return columns.size() >= 64 ? ~column_mask{0} : (column_mask{1} << columns.size()) - 1;
    }
    /// Index of the column of this name, or -1.
    [[nodiscard]] constexpr int find_column(std::string_view column) const noexcept {
        for (std::size_t i = 0; i < columns.size(); ++i)
            if (columns[i].name == column) return static_cast<int>(i);
        return -1;
    }
};

/// All tables in push order (rank, then table name): a table's index is its place in that order.
struct schema_view {
    std::span<const table_view> tables;
    std::uint64_t fingerprint = 0;  ///< of names, kinds, nullability, keys and policies; the same for any declaration order

    [[nodiscard]] constexpr int size() const noexcept { return static_cast<int>(tables.size()); }
    [[nodiscard]] constexpr const table_view& operator[](int table) const noexcept {
        return tables[static_cast<std::size_t>(table)];
    }
    /// Index of the table with this SQL name, or -1.
    [[nodiscard]] constexpr int find_table(std::string_view name) const noexcept {
        for (std::size_t i = 0; i < tables.size(); ++i)
            if (tables[i].name == name) return static_cast<int>(i);
        return -1;
    }
    /// Index of the table whose entity has this name, or -1.
    [[nodiscard]] constexpr int find_entity(std::string_view name) const noexcept {
        for (std::size_t i = 0; i < tables.size(); ++i)
            if (tables[i].entity == name) return static_cast<int>(i);
        return -1;
    }
};

}  // namespace syncline
