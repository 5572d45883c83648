/// The application's rows in a SQLite store: one real table an entity, one statement a call, each prepared once.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/model/row.hpp>
#include <syncline/sqlite/columns.hpp>
#include <syncline/stores/row_check.hpp>
#include <syncline/stores/sqlite_levels.hpp>

namespace syncline::detail {

/// Meets `row_storage`.
class sqlite_rows {
public:
    explicit sqlite_rows(sqlite_levels& levels) : levels_(levels) {
        std::size_t next = 0;
        for (const table_view& table : levels.view().tables) {
            first_slots_.push_back(next);
            next += referrer_slot + table.columns.size();
        }
    }

    bool find_row(int table, const local_id& id, row_buffer& out) {
        levels_.check_reading();
        sqlite::statement& select = prepared(table, find_slot, [&] { return select_from(table) + " WHERE " + key_of(table) + " = ?1"; });
        const sqlite::run_guard guard(select);
        select.bind_text(1, id.view());
        if (!select.step()) return false;
        read(select, levels_.view()[table], out);
        return true;
    }

    void put_row(int table, const local_id& id, cells values, const row_state& state) {
        if (insert(table, id, values, state)) return;
        sqlite::statement& update = prepared(table, replace_slot, [&] { return update_of(table) + " WHERE " + key_of(table) + " = ?1"; });
        bind_row(update, id, values, state);
        update.run();
    }

    bool put_clean_row(int table, const local_id& id, cells values, const row_state& state) {
        if (insert(table, id, values, state)) return true;
        sqlite::statement& update = prepared(table, replace_clean_slot, [&] {
            return update_of(table) + " WHERE " + key_of(table) + " = ?1 AND syncline_pending = 0 AND syncline_version < ?3";
        });
        bind_row(update, id, values, state);
        update.run();
        return levels_.database().changes() != 0;
    }

    /// Does nothing where there is no such row.
    void put_state(int table, const local_id& id, const row_state& state) {
        levels_.check_writing();
        sqlite::statement& update = prepared(table, put_state_slot, [&] {
            return "UPDATE " + sqlite::quoted(levels_.view()[table].name) +
                   " SET " + std::string(set_state) + " WHERE " + key_of(table) + " = ?1";
        });
        bind_state(update, id, state);
        update.run();
    }

    /// Does nothing where there is no such row.
    void erase_row(int table, const local_id& id) {
        levels_.check_writing();
        sqlite::statement& erase = prepared(table, erase_slot, [&] {
            return "DELETE FROM " + sqlite::quoted(levels_.view()[table].name) + " WHERE " + key_of(table) + " = ?1";
        });
        erase.bind_text(1, id.view());
        erase.run();
    }

    local_id local_of(int table, const server_id& remote) {
        levels_.check_reading();
        if (remote.empty()) return {};
        sqlite::statement& select = prepared(table, local_of_slot, [&] {
            return "SELECT " + key_of(table) + " FROM " + sqlite::quoted(levels_.view()[table].name) + " WHERE syncline_server_id = ?1";
        });
        const sqlite::run_guard guard(select);
        select.bind_text(1, remote.view());
        return select.step() ? read_id(select, levels_.view()[table]) : local_id();
    }

    template <class Visit>
    void scan_rows(int table, Visit&& visit) {
        sqlite::statement& select = prepared(table, scan_slot, [&] { return select_from(table) + " ORDER BY " + key_of(table); });
        run_scan(select, table, visit);
    }

    template <class Visit>
    void scan_referrers(int table, int column, const local_id& id, Visit&& visit) {
        const column_view& key = levels_.view()[table].columns[static_cast<std::size_t>(column)];
        SYNCLINE_ASSERT(key.kind == column_kind::key);
        sqlite::statement& select = prepared(table, referrer_slot + static_cast<std::size_t>(column), [&] {
            return select_from(table) + " WHERE " + sqlite::quoted(key.name) + " = ?1 ORDER BY " + key_of(table);
        });
        select.bind_text(1, id.view());
        run_scan(select, table, visit);
    }

    std::size_t count_rows(int table) {
        levels_.check_reading();
        sqlite::statement& select =
            prepared(table, count_slot, [&] { return "SELECT count(*) FROM " + sqlite::quoted(levels_.view()[table].name); });
        const sqlite::run_guard guard(select);
        return select.step() ? static_cast<std::size_t>(select.integer(0)) : 0;
    }

private:
    enum slot : std::size_t {
        find_slot,
        insert_slot,
        replace_slot,
        replace_clean_slot,
        put_state_slot,
        erase_slot,
        local_of_slot,
        scan_slot,
        count_slot,
        referrer_slot  // and one more for each column
    };
    static constexpr std::string_view set_state =
        "syncline_server_id = ?2, syncline_version = ?3, syncline_incarnation = ?4, syncline_pending = ?5";
    static constexpr int state_columns = 5;  // the id and what sync knows stand before the columns of the schema

    template <class MakeSql>
    sqlite::statement& prepared(int table, std::size_t which, MakeSql&& make_sql) {
        return statements_.at(levels_.database(), first_slots_[static_cast<std::size_t>(table)] + which, make_sql);
    }

    [[nodiscard]] std::string key_of(int table) const { return sqlite::quoted(levels_.view()[table].key); }
    [[nodiscard]] std::string column_list(int table) const {
        std::string list = key_of(table) + ", syncline_server_id, syncline_version, syncline_incarnation, syncline_pending";
        for (const column_view& column : levels_.view()[table].columns) list += ", " + sqlite::quoted(column.name);
        return list;
    }
    [[nodiscard]] std::string select_from(int table) const {
        return "SELECT " + column_list(table) + " FROM " + sqlite::quoted(levels_.view()[table].name);
    }
    [[nodiscard]] std::string insert_into(int table) const {
        const table_view& view = levels_.view()[table];
        std::string sql = "INSERT INTO " + sqlite::quoted(view.name) + "(" + column_list(table) + ") VALUES (?1";
        for (std::size_t i = 1; i < state_columns + view.columns.size(); ++i) sql += ", ?" + std::to_string(i + 1);
        return sql + ") ON CONFLICT(" + key_of(table) + ") DO NOTHING";
    }
    [[nodiscard]] std::string update_of(int table) const {
        const table_view& view = levels_.view()[table];
        std::string sql = "UPDATE " + sqlite::quoted(view.name) + " SET " + std::string(set_state);
        for (std::size_t i = 0; i < view.columns.size(); ++i)
            sql += ", " + sqlite::quoted(view.columns[i].name) + " = ?" + std::to_string(i + state_columns + 1);
        return sql;
    }

    static void bind_state(sqlite::statement& statement, const local_id& id, const row_state& state) {
        statement.bind_text(1, id.view());
        statement.bind_text_or_null(2, state.id.view());
        statement.bind_integer(3, state.version);
        statement.bind_integer(4, state.incarnation);
        statement.bind_integer(5, state.pending);
    }
    static void bind_row(sqlite::statement& statement, const local_id& id, cells values, const row_state& state) {
        bind_state(statement, id, state);
        for (std::size_t i = 0; i < values.size(); ++i) statement.bind_cell(static_cast<int>(i) + state_columns + 1, values[i]);
    }
    // Two statements instead of one ON CONFLICT DO UPDATE: that one makes SQLite keep a copy of every page it may have to
    // restore, which costs a new row more than the second statement costs an old one.
    [[nodiscard]] bool insert(int table, const local_id& id, cells values, const row_state& state) {
        levels_.check_writing();
        check_row(levels_.view()[table], values);
        sqlite::statement& insert = prepared(table, insert_slot, [&] { return insert_into(table); });
        bind_row(insert, id, values, state);
        insert.run();
        return levels_.database().changes() != 0;
    }

    [[nodiscard]] static local_id read_id(const sqlite::statement& row, const table_view& table) {
        const local_id id = local_id::trusted(row.view(0));
        if (row.type(0) != SQLITE_TEXT || id.empty())
            throw store_error("SQLite: a stored id of " + std::string(table.name) + " is not a local id");
        return id;
    }
    static void read(const sqlite::statement& row, const table_view& table, row_buffer& out) {
        out.reset(table.columns.size());
        out.state.id = server_id::trusted(row.view(1));
        out.state.version = row.integer(2);
        out.state.incarnation = static_cast<incarnation_number>(row.integer(3));
        out.state.pending = row.integer(4);
        for (std::size_t i = 0; i < table.columns.size(); ++i)
            out.set(i, sqlite::read_cell(row, static_cast<int>(i) + state_columns, table, table.columns[i]));
    }
    template <class Visit>
    void run_scan(sqlite::statement& select, int table, Visit& visit) {
        const sqlite_levels::scan_guard scanning(levels_);
        const sqlite::run_guard guard(select);
        const table_view& view = levels_.view()[table];
        while (select.step()) {
            const local_id id = read_id(select, view);
            read(select, view, buffer_);
            visit(id, std::as_const(buffer_));
        }
    }

    sqlite_levels& levels_;
    std::vector<std::size_t> first_slots_;
    sqlite::statement_cache statements_;
    row_buffer buffer_;
};

}  // namespace syncline::detail
