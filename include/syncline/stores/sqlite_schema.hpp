/// The tables of a SQLite store: made from the schema, or recognised and refused when they are not ours.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/base/errors.hpp>
#include <syncline/model/image.hpp>
#include <syncline/schema/schema_view.hpp>
#include <syncline/sqlite/columns.hpp>
#include <syncline/sqlite/format.hpp>
#include <syncline/sqlite/transaction.hpp>
#include <syncline/wire/members.hpp>

namespace syncline::detail {

/// Number of the layout of the tables below; a file with another number, or with images of another form, is refused.
inline constexpr int sqlite_store_format = 3;

/// Names in meta that the store reads when it is opened; "store.sequence_mark" is the outbox's.
inline constexpr std::string_view meta_format = "store.format";
inline constexpr std::string_view meta_image_format = "store.image_format";
inline constexpr std::string_view meta_schema = "store.schema";
inline constexpr std::string_view meta_owner = "owner";

/// The system tables, beside one table for each of the schema. `table_number` is an index into the schema's tables, `columns`
/// a mask of them; kind and state count as their enumerators do; images are those of model/image.
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 5> sqlite_system_tables{{
    {"syncline_meta", "(name TEXT PRIMARY KEY NOT NULL, value NOT NULL) WITHOUT ROWID"},
    {"syncline_outbox",
     "(seq INTEGER PRIMARY KEY, table_number INTEGER NOT NULL, row_id TEXT NOT NULL, kind INTEGER NOT NULL, state INTEGER NOT NULL, "
     "columns INTEGER NOT NULL, incarnation INTEGER NOT NULL, behind INTEGER NOT NULL, group_number INTEGER NOT NULL, base BLOB, rest BLOB)"},
    {"syncline_removed",
     "(table_number INTEGER NOT NULL, row_id TEXT NOT NULL, root INTEGER NOT NULL, server_id TEXT, generation INTEGER NOT NULL, version INTEGER NOT NULL, "
     "incarnation INTEGER NOT NULL, pending INTEGER NOT NULL, unsent_columns INTEGER NOT NULL, unsent_create INTEGER NOT NULL, "
     "image BLOB NOT NULL, base BLOB NOT NULL, PRIMARY KEY (table_number, row_id, root)) WITHOUT ROWID"},
    {"syncline_parked",
     "(table_number INTEGER NOT NULL, row_id TEXT NOT NULL, server_id TEXT, generation INTEGER NOT NULL, version INTEGER NOT NULL, incarnation INTEGER NOT NULL, "
     "removed INTEGER NOT NULL, image BLOB NOT NULL, PRIMARY KEY (table_number, row_id)) WITHOUT ROWID"},
    {"syncline_conflicts",
     "(number INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, table_number INTEGER NOT NULL, row_id TEXT NOT NULL, "
     "columns INTEGER NOT NULL, mine_won INTEGER NOT NULL, generation INTEGER NOT NULL, version INTEGER NOT NULL, mine BLOB NOT NULL, theirs BLOB NOT NULL, "
     "reason TEXT NOT NULL)"},
}};
inline constexpr std::string_view sqlite_removed_index = "syncline_removed_root";

/// Every CREATE statement of one table of the schema.
[[nodiscard]] inline std::vector<std::string> create_statements(const schema_view& schema, const table_view& table) {
    const std::string name = sqlite::quoted(table.name);
    std::string columns = sqlite::quoted(table.name_of(row_member::id)) + " TEXT PRIMARY KEY NOT NULL";
    std::vector<std::string> indexes;
    for (const column_view& column : table.columns) {
        columns += ", " + sqlite::quoted(column.name) + " " + std::string(sqlite::sql_type_of(column.kind));
        if (!column.nullable) columns += " NOT NULL";
        if (column.kind != column_kind::key) continue;
        const table_view& target = schema[column.target];
        columns += " REFERENCES " + sqlite::quoted(target.name) + "(" + sqlite::quoted(target.name_of(row_member::id)) +
                   ") DEFERRABLE INITIALLY DEFERRED";
        indexes.push_back("CREATE INDEX " + sqlite::index_name("key", table.name, column.name) + " ON " + name + "(" +
                          sqlite::quoted(column.name) + ")");
    }
    columns += ", syncline_server_id TEXT, syncline_generation INTEGER NOT NULL DEFAULT 0, syncline_version INTEGER NOT NULL DEFAULT 0, "
               "syncline_incarnation INTEGER NOT NULL DEFAULT 1, syncline_pending INTEGER NOT NULL DEFAULT 0";
    std::vector<std::string> statements{"CREATE TABLE " + name + "(" + columns + ")",
                                        "CREATE UNIQUE INDEX " + sqlite::index_name("server", table.name) + " ON " + name +
                                            "(syncline_server_id) WHERE syncline_server_id IS NOT NULL"};
    statements.insert(statements.end(), indexes.begin(), indexes.end());
    return statements;
}

/// Looks at a database without writing to it, and makes what is missing only when there is nothing of ours or in our way.
class sqlite_schema_check {
public:
    /// Throws store_error for a text that names no owner; an empty one says nothing.
    sqlite_schema_check(const sqlite::connection& database, const schema_view& schema, std::string_view owner)
        : database_(database), schema_(schema), owner_(owner) {
        if (!owner.empty() && !wire::is_owner_tag(owner)) throw store_error(std::string(wire::owner_tag_rule));
    }

    /// True when the database is a store of this schema and owner, false when the store is still to be made, or to get its owner.
    /// Throws store_error, and has written nothing, when it is anything else.
    [[nodiscard]] bool inspect() const {
        if (database_.in_transaction()) return look();
        // Another process may be making the store: this one sees all of it or nothing.
        sqlite::transaction_statements transaction(database_);
        const bool outermost = transaction.begin(sqlite::transaction_mode::read);
        try {
            const bool complete = look();
            transaction.commit(outermost);
            return complete;
        } catch (...) {
            transaction.roll_back(outermost);
            throw;
        }
    }

    /// Makes the store, or only sets its owner. Another process may be doing the same.
    void create() const {
        sqlite::transaction_statements transaction(database_);
        const bool outermost = transaction.begin(sqlite::transaction_mode::write);
        try {
            if (!inspect()) {
                if (!has_object("table", "syncline_meta")) create_tables();
                if (!owner_.empty()) put_meta(meta_owner, owner_);
            }
            transaction.commit(outermost);
        } catch (...) {
            transaction.roll_back(outermost);
            throw;
        }
    }

private:
    [[nodiscard]] bool look() const {
        if (!has_object("table", "syncline_meta")) {
            for (const table_view& table : schema_.tables) refuse_taken(table.name);
            for (const auto& table : sqlite_system_tables) refuse_taken(table.first);
            return false;
        }
        sqlite::require_format("the SQLite store has", meta(meta_format), sqlite_store_format);
        sqlite::require_format("the SQLite store has row images of", meta(meta_image_format), image_format);
        if (meta(meta_schema) != std::to_string(schema_.fingerprint))
            throw store_error("the SQLite store was made by another schema than the one declared now; it was left as it is");
        if (owner_.empty()) return true;
        const std::string stored = meta(meta_owner);
        if (!stored.empty() && stored != owner_) throw store_error("the SQLite store belongs to another owner");
        return !stored.empty();
    }

    [[nodiscard]] bool has_object(std::string_view type, std::string_view name) const {
        sqlite::statement find(database_, "SELECT 1 FROM main.sqlite_master WHERE type LIKE ?1 AND name = ?2 COLLATE NOCASE");
        find.bind_text(1, type);
        find.bind_text(2, name);
        return find.step();
    }
    void refuse_taken(std::string_view name) const {
        if (has_object("%", name))
            throw store_error("the SQLite database has something else named " + std::string(name) + "; it was left as it is");
    }

    [[nodiscard]] std::string meta(std::string_view name) const {
        sqlite::statement find(database_, "SELECT value FROM syncline_meta WHERE name = ?1");
        find.bind_text(1, name);
        return find.step() ? std::string(find.view(0)) : std::string();
    }
    void put_meta(std::string_view name, std::string_view value) const {
        sqlite::statement put(database_, "INSERT INTO syncline_meta(name, value) VALUES (?1, ?2) ON CONFLICT(name) DO UPDATE SET value = ?2");
        put.bind_text(1, name);
        put.bind_text(2, value);
        put.run();
    }

    void create_tables() const {
        for (const auto& [name, definition] : sqlite_system_tables)
            database_.execute("CREATE TABLE " + std::string(name) + std::string(definition));
        database_.execute("CREATE INDEX " + std::string(sqlite_removed_index) + " ON syncline_removed(root)");
        for (const table_view& table : schema_.tables)
            for (const std::string& statement : create_statements(schema_, table)) database_.execute(statement);
        put_meta(meta_format, std::to_string(sqlite_store_format));
        put_meta(meta_image_format, std::to_string(image_format));
        put_meta(meta_schema, std::to_string(schema_.fingerprint));
    }

    const sqlite::connection& database_;
    const schema_view& schema_;
    std::string_view owner_;
};

}  // namespace syncline::detail
