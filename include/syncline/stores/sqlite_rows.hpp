/// The application's rows in a SQLite store: one real table an entity, one statement a call, each prepared once.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/client/records.hpp>
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
            tables_.push_back({next});
            next += referrer_slot + 2 * table.columns.size();
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

    bool find_state(int table, const local_id& id, row_state& out) {
        levels_.check_reading();
        sqlite::statement& select = prepared(table, find_state_slot, [&] {
            return "SELECT " + key_of(table) + ", syncline_server_id, syncline_generation, syncline_version, syncline_incarnation, syncline_pending FROM " +
                   sqlite::quoted(levels_.view()[table].name) + " WHERE " + key_of(table) + " = ?1";
        });
        const sqlite::run_guard guard(select);
        select.bind_text(1, id.view());
        if (!select.step()) return false;
        read(select, out);
        return true;
    }

    void put_row(int table, const local_id& id, cells values, const row_state& state) {
        levels_.check_writing();
        check_row(levels_.view()[table], values);
        bool& meets_rows = of(table).puts_meet_rows;
        if (!meets_rows && insert(table, id, values, state)) return;
        meets_rows = true;
        if (run_row(prepared(table, refresh_slot, [&] { return refresh_of(table); }), id, values, state)) return;
        if (run_row(prepared(table, replace_slot, [&] { return replace_of(table); }), id, values, state)) return;
        meets_rows = !insert(table, id, values, state);
    }

    clean_put put_clean_row(int table, const local_id& id, cells values, const row_state& state) {
        levels_.check_writing();
        check_row(levels_.view()[table], values);
        bool& meets_rows = of(table).clean_puts_meet_rows;
        if (!meets_rows && insert(table, id, values, state)) return clean_put::stored;
        meets_rows = true;
        sqlite::statement& refresh = prepared(
            table, refresh_clean_slot, [&] { return refresh_of(table) + " AND syncline_pending = 0 AND (syncline_generation, syncline_version) < (?3, ?4)"; });
        if (run_row(refresh, id, values, state)) return clean_put::stored;
        row_state known;
        if (!find_state(table, id, known)) {
            meets_rows = false;
            insert(table, id, values, state);
            return clean_put::stored;
        }
        if (known.pending != 0) return clean_put::edited;
        if (known.version >= state.version) return clean_put::known;
        run_row(prepared(table, replace_slot, [&] { return replace_of(table); }), id, values, state);
        return clean_put::stored;
    }

    /// Inserts where there is no such row.
    bool insert_row(int table, const local_id& id, cells values, const row_state& state) {
        levels_.check_inserting();
        check_row(levels_.view()[table], values);
        if (!insert(table, id, values, state)) return false;
        if (levels_.notes_insertions()) levels_.inserted(erase_statement(table), id);
        return true;
    }

    /// Does nothing where there is no such row.
    void put_state(int table, const local_id& id, const row_state& state) {
        levels_.check_writing();
        sqlite::statement& refresh = prepared(table, refresh_state_slot, [&] { return change(table, refreshed_state, same_id); });
        if (run_state(refresh, id, state)) return;
        run_state(prepared(table, put_state_slot, [&] { return change(table, whole_state); }), id, state);
    }

    /// What settle_row promises if there are no values.
    bool settle_state(int table, const local_id& id, sequence seq, const row_state& clean) {
        levels_.check_writing();
        SYNCLINE_ASSERT(clean.pending == 0);
        const auto run = [&](sqlite::statement& update) {
            update.bind_integer(7, seq);
            return run_state(update, id, clean);
        };
        table_statements& kept = of(table);
        if (kept.settles_bring_ids_in != levels_.turn() &&
            run(prepared(table, refresh_settled_slot, [&] { return change(table, refreshed_state, same_id, was_pending); })))
            return true;
        if (!run(prepared(table, settle_slot, [&] { return change(table, whole_state, was_pending); }))) return false;
        kept.settles_bring_ids_in = levels_.turn();
        return true;
    }

    /// Does nothing where there is no such row.
    void erase_row(int table, const local_id& id) {
        levels_.check_writing();
        sqlite::statement& erase = erase_statement(table);
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

    bool has_referrer(int table, int column, const local_id& id, const local_id& except) {
        levels_.check_reading();
        const table_view& view = levels_.view()[table];
        const column_view& key = view.columns[static_cast<std::size_t>(column)];
        SYNCLINE_ASSERT(key.kind == column_kind::key);
        sqlite::statement& select = prepared(table, referrer_slot + view.columns.size() + static_cast<std::size_t>(column), [&] {
            return "SELECT 1 FROM " + sqlite::quoted(view.name) + " WHERE " + sqlite::quoted(key.name) + " = ?1 AND +" + key_of(table) + " <> ?2 LIMIT 1";
        });
        const sqlite::run_guard guard(select);
        select.bind_text(1, id.view());
        select.bind_text(2, except.view());
        return select.step();
    }

    std::size_t count_rows(int table) {
        levels_.check_reading();
        sqlite::statement& select =
            prepared(table, count_slot, [&] { return "SELECT count(*) FROM " + sqlite::quoted(levels_.view()[table].name); });
        const sqlite::run_guard guard(select);
        return select.step() ? static_cast<std::size_t>(select.integer(0)) : 0;
    }

    bool are_keys_closed() {
        levels_.check_reading();
        int open = 0, unused = 0;
        sqlite3_db_status(levels_.database().handle(), SQLITE_DBSTATUS_DEFERRED_FKS, &open, &unused, 0);
        return open == 0;
    }

private:
    enum slot : std::size_t {
        find_slot,
        find_state_slot,
        insert_slot,
        refresh_slot,
        refresh_clean_slot,
        replace_slot,
        refresh_state_slot,
        put_state_slot,
        refresh_settled_slot,
        settle_slot,
        erase_slot,
        local_of_slot,
        scan_slot,
        count_slot,
        referrer_slot  // and two more for each column: all of its referrers, and the first one
    };
    // A change of a column that has an index costs SQLite a removal from the index and an insertion, even when the value stays.
    // Such columns nearly always stay; then they are compared and the others are set.
    static constexpr std::string_view refreshed_state = "syncline_generation = ?3, syncline_version = ?4, syncline_incarnation = ?5, syncline_pending = ?6";
    static constexpr std::string_view whole_state =
        "syncline_generation = ?3, syncline_version = ?4, syncline_incarnation = ?5, syncline_pending = ?6, syncline_server_id = ?2";
    static constexpr std::string_view same_id = " AND +syncline_server_id IS ?2";
    static constexpr std::string_view was_pending = " AND syncline_pending = ?7";
    static constexpr int state_columns = 6;  // the id and what sync knows stand before the columns of the schema

    // What to try first, because the row before it turned out so.
    struct table_statements {
        std::size_t first_slot;
        bool puts_meet_rows = false;
        bool clean_puts_meet_rows = false;
        std::uint64_t settles_bring_ids_in = 0;  // turn in which one did
    };

    [[nodiscard]] table_statements& of(int table) noexcept { return tables_[static_cast<std::size_t>(table)]; }
    template <class MakeSql>
    sqlite::statement& prepared(int table, std::size_t which, MakeSql&& make_sql) {
        return statements_.at(levels_.database(), of(table).first_slot + which, make_sql);
    }
    sqlite::statement& erase_statement(int table) {
        return prepared(table, erase_slot, [&] {
            return "DELETE FROM " + sqlite::quoted(levels_.view()[table].name) + " WHERE " + key_of(table) + " = ?1";
        });
    }

    [[nodiscard]] std::string key_of(int table) const { return sqlite::quoted(levels_.view()[table].name_of(row_member::id)); }
    [[nodiscard]] std::string column_list(int table) const {
        std::string list = key_of(table) + ", syncline_server_id, syncline_generation, syncline_version, syncline_incarnation, syncline_pending";
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
    [[nodiscard]] std::string change(int table, std::string_view changes, std::string_view condition = {}, std::string_view another = {}) const {
        std::string sql = "UPDATE " + sqlite::quoted(levels_.view()[table].name) + " SET ";
        (((sql += changes) += " WHERE " + key_of(table) + " = ?1") += condition) += another;
        return sql;
    }
    [[nodiscard]] std::string replace_of(int table) const {
        return change(table, std::string(whole_state) + list_of(table, ", ", " = ", true, true));
    }
    [[nodiscard]] std::string refresh_of(int table) const {
        return change(table, std::string(refreshed_state) + list_of(table, ", ", " = ", false, true),
                      same_id, list_of(table, " AND +", " IS ", true, false));
    }
    // The keys, the other columns or both, each with its parameter.
    [[nodiscard]] std::string list_of(int table, std::string_view before, std::string_view between, bool keys, bool others) const {
        const table_view& view = levels_.view()[table];
        std::string list;
        for (std::size_t i = 0; i < view.columns.size(); ++i) {
            if (!(view.columns[i].kind == column_kind::key ? keys : others)) continue;
            ((list += before) += sqlite::quoted(view.columns[i].name)) += between;
            list += "?" + std::to_string(i + state_columns + 1);
        }
        return list;
    }

    static void bind_state(sqlite::statement& statement, const local_id& id, const row_state& state) {
        statement.bind_text(1, id.view());
        statement.bind_text_or_null(2, state.id.view());
        sqlite::bind_version(statement, 3, state.version);
        statement.bind_integer(5, state.incarnation);
        statement.bind_integer(6, state.pending);
    }
    static void bind_row(sqlite::statement& statement, const local_id& id, cells values, const row_state& state) {
        bind_state(statement, id, state);
        for (std::size_t i = 0; i < values.size(); ++i) statement.bind_cell(static_cast<int>(i) + state_columns + 1, values[i]);
    }
    // These tell whether a row was changed.
    bool run_state(sqlite::statement& update, const local_id& id, const row_state& state) {
        bind_state(update, id, state);
        update.run();
        return levels_.database().changes() != 0;
    }
    bool run_row(sqlite::statement& write, const local_id& id, cells values, const row_state& state) {
        bind_row(write, id, values, state);
        write.run();
        return levels_.database().changes() != 0;
    }
    // Two statements instead of one ON CONFLICT DO UPDATE: that one makes SQLite keep a copy of every page it may have to
    // restore, which costs a new row more than the second statement costs an old one.
    bool insert(int table, const local_id& id, cells values, const row_state& state) {
        return run_row(prepared(table, insert_slot, [&] { return insert_into(table); }), id, values, state);
    }

    [[nodiscard]] static local_id read_id(const sqlite::statement& row, const table_view& table) {
        const local_id id = local_id::trusted(row.view(0));
        if (row.type(0) != SQLITE_TEXT || id.empty())
            throw store_error("SQLite: a stored id of " + std::string(table.name) + " is not a local id");
        return id;
    }
    static void read(const sqlite::statement& row, row_state& out) {
        out.id = server_id::trusted(row.view(1));
        out.version = sqlite::read_version(row, 2);
        out.incarnation = static_cast<incarnation_number>(row.integer(4));
        out.pending = row.integer(5);
    }
    static void read(const sqlite::statement& row, const table_view& table, row_buffer& out) {
        out.reset(table.columns.size());
        read(row, out.state);
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
    std::vector<table_statements> tables_;
    sqlite::statement_cache statements_;
    row_buffer buffer_;
};

}  // namespace syncline::detail
