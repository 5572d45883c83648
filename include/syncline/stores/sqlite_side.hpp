/// What a SQLite store keeps beside rows and outbox: removed and parked rows, conflicts, meta.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <syncline/client/records.hpp>
#include <syncline/sqlite/columns.hpp>
#include <syncline/stores/sqlite_levels.hpp>

namespace syncline::detail {

/// Meets `side_storage`, `conflict_storage` and `meta_storage`.
class sqlite_side {
public:
    explicit sqlite_side(sqlite_levels& levels) : levels_(levels) {}

    void put_removed(const removed_row& row) {
        levels_.check_writing();
        removed_rows_.may_exist = true;
        sqlite::statement& put = prepared(put_removed_slot,
                                          "INSERT OR REPLACE INTO syncline_removed(table_number, row_id, root, server_id, generation, version, incarnation, "
                                          "pending, unsent_columns, unsent_create, image, base) "
                                          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
        bind_row(put, row.table, row.id);
        put.bind_integer(3, row.root);
        put.bind_text_or_null(4, row.state.id.view());
        sqlite::bind_version(put, 5, row.state.version);
        put.bind_integer(7, row.state.incarnation);
        put.bind_integer(8, row.state.pending);
        put.bind_integer(9, static_cast<std::int64_t>(row.unsent));
        put.bind_integer(10, row.unsent_create ? 1 : 0);
        put.bind_blob(11, row.image);
        put.bind_blob(12, row.base);
        put.run();
    }
    void erase_removed(int table, const local_id& id, sequence root) {
        levels_.check_writing();
        sqlite::statement& erase =
            prepared(erase_removed_slot, "DELETE FROM syncline_removed WHERE table_number = ?1 AND row_id = ?2 AND root = ?3");
        bind_row(erase, table, id);
        erase.bind_integer(3, root);
        erase.run();
    }
    template <class Visit>
    void scan_removed_of(int table, const local_id& id, Visit&& visit) {
        if (!may_have_removed()) return;
        sqlite::statement& select =
            prepared(scan_removed_of_slot, "SELECT * FROM syncline_removed WHERE table_number = ?1 AND row_id = ?2 ORDER BY root");
        bind_row(select, table, id);
        run_scan(select, removed_, visit);
    }
    template <class Visit>
    void scan_removed_by(sequence root, Visit&& visit) {
        sqlite::statement& select =
            prepared(scan_removed_by_slot, "SELECT * FROM syncline_removed WHERE root = ?1 ORDER BY table_number, row_id");
        select.bind_integer(1, root);
        run_scan(select, removed_, visit);
    }
    sequence removal_after(sequence root) {
        levels_.check_reading();
        if (!may_have_removed()) return 0;
        sqlite::statement& select = prepared(removal_after_slot, "SELECT min(root) FROM syncline_removed WHERE root > ?1");
        const sqlite::run_guard guard(select);
        select.bind_integer(1, root);
        return select.step() && !select.is_null(0) ? select.integer(0) : 0;
    }
    std::size_t count_removed() {
        levels_.check_reading();
        if (!may_have_removed()) return 0;
        sqlite::statement& select = prepared(count_removed_slot, "SELECT count(*) FROM syncline_removed");
        const sqlite::run_guard guard(select);
        return select.step() ? static_cast<std::size_t>(select.integer(0)) : 0;
    }

    void put_parked(const parked_row& row) {
        levels_.check_writing();
        sqlite::statement& put = prepared(
            put_parked_slot, "INSERT OR REPLACE INTO syncline_parked(table_number, row_id, server_id, generation, version, incarnation, removed, image) "
                             "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        bind_row(put, row.table, row.id);
        put.bind_text_or_null(3, row.remote.view());
        sqlite::bind_version(put, 4, row.version);
        put.bind_integer(6, row.incarnation);
        put.bind_integer(7, row.removed ? 1 : 0);
        put.bind_blob(8, row.image);
        put.run();
    }
    void erase_parked(int table, const local_id& id) {
        levels_.check_writing();
        sqlite::statement& erase = prepared(erase_parked_slot, "DELETE FROM syncline_parked WHERE table_number = ?1 AND row_id = ?2");
        bind_row(erase, table, id);
        erase.run();
    }
    /// By table and local id.
    template <class Visit>
    void scan_parked(Visit&& visit) {
        run_scan(prepared(scan_parked_slot, "SELECT * FROM syncline_parked ORDER BY table_number, row_id"), parked_, visit);
    }

    std::int64_t add_conflict(conflict_record& record) {
        levels_.check_writing();
        sqlite::statement& insert =
            prepared(add_conflict_slot,
                     "INSERT INTO syncline_conflicts(table_number, row_id, kind, columns, mine_won, generation, version, mine, theirs, reason) "
                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
        bind_row(insert, record.table, record.id);
        insert.bind_integer(3, static_cast<std::int64_t>(record.kind));
        insert.bind_integer(4, static_cast<std::int64_t>(record.mask));
        insert.bind_integer(5, record.mine_won ? 1 : 0);
        sqlite::bind_version(insert, 6, record.version);
        insert.bind_blob(8, record.mine);
        insert.bind_blob(9, record.theirs);
        insert.bind_text(10, record.reason);
        insert.run();
        record.number = levels_.database().last_rowid();
        return record.number;
    }
    template <class Visit>
    void scan_conflicts(Visit&& visit) {
        run_scan(prepared(scan_conflicts_slot,
                          "SELECT table_number, row_id, number, kind, columns, mine_won, generation, version, mine, theirs, reason "
                          "FROM syncline_conflicts ORDER BY number"),
                 conflict_, visit);
    }
    void erase_conflict(std::int64_t number) {
        levels_.check_writing();
        sqlite::statement& erase = prepared(erase_conflict_slot, "DELETE FROM syncline_conflicts WHERE number = ?1");
        erase.bind_integer(1, number);
        erase.run();
    }

    std::optional<std::string> find_meta(std::string_view name) {
        levels_.check_reading();
        sqlite::statement& select = prepared(find_meta_slot, "SELECT value FROM syncline_meta WHERE name = ?1");
        const sqlite::run_guard guard(select);
        select.bind_text(1, name);
        if (!select.step()) return std::nullopt;
        return std::string(select.view(0));
    }
    void put_meta(std::string_view name, std::string_view value) {
        levels_.check_writing();
        sqlite::statement& put =
            prepared(put_meta_slot,
                     "INSERT INTO syncline_meta(name, value) VALUES (?1, ?2) ON CONFLICT(name) DO UPDATE SET value = excluded.value");
        put.bind_text(1, name);
        put.bind_text(2, value);
        put.run();
    }

private:
    enum slot : std::size_t {
        any_removed_slot,
        put_removed_slot,
        erase_removed_slot,
        scan_removed_of_slot,
        scan_removed_by_slot,
        count_removed_slot,
        removal_after_slot,
        put_parked_slot,
        erase_parked_slot,
        scan_parked_slot,
        add_conflict_slot,
        scan_conflicts_slot,
        erase_conflict_slot,
        find_meta_slot,
        put_meta_slot
    };

    sqlite::statement& prepared(slot which, const char* sql) {
        return statements_.at(levels_.database(), which, [sql] { return std::string_view(sql); });
    }

    // Most of the time a table is empty, and who knows that need not ask it for each row. Remembered until another connection may
    // have written to it; a table that had records is asked once in a turn whether it still has.
    struct presence {
        std::uint64_t epoch = 0;
        std::uint64_t turn = 0;
        bool may_exist = true;
    };
    [[nodiscard]] bool may_have_records(presence& records, slot which, const char* sql) {
        levels_.check_reading();
        if (records.epoch != levels_.epoch() || (records.may_exist && records.turn != levels_.turn())) {
            sqlite::statement& select = prepared(which, sql);
            const sqlite::run_guard guard(select);
            records = {levels_.epoch(), levels_.turn(), select.step()};
        }
        return records.may_exist;
    }
    [[nodiscard]] bool may_have_removed() { return may_have_records(removed_rows_, any_removed_slot, "SELECT 1 FROM syncline_removed LIMIT 1"); }

    static void bind_row(sqlite::statement& statement, int table, const local_id& id) {
        statement.bind_integer(1, table);
        statement.bind_text(2, id.view());
    }

    static void read(const sqlite::statement& row, removed_row& out) {
        out.root = row.integer(2);
        out.state.id = server_id::trusted(row.view(3));
        out.state.version = sqlite::read_version(row, 4);
        out.state.incarnation = static_cast<incarnation_number>(row.integer(6));
        out.state.pending = row.integer(7);
        out.unsent = static_cast<column_mask>(row.integer(8));
        out.unsent_create = row.integer(9) != 0;
        out.image = row.view(10);
        out.base = row.view(11);
    }
    static void read(const sqlite::statement& row, parked_row& out) {
        out.remote = server_id::trusted(row.view(2));
        out.version = sqlite::read_version(row, 3);
        out.incarnation = static_cast<incarnation_number>(row.integer(5));
        out.removed = row.integer(6) != 0;
        out.image = row.view(7);
    }
    static void read(const sqlite::statement& row, conflict_record& out) {
        const std::int64_t kind = row.integer(3);
        if (kind < 0 || kind > static_cast<std::int64_t>(conflict_kind::edit_discarded))
            throw store_error("SQLite: a stored conflict record is broken");
        out.number = row.integer(2);
        out.kind = static_cast<conflict_kind>(kind);
        out.mask = static_cast<column_mask>(row.integer(4));
        out.mine_won = row.integer(5) != 0;
        out.version = sqlite::read_version(row, 6);
        out.mine = row.view(8);
        out.theirs = row.view(9);
        out.reason = row.view(10);
    }

    template <class Record, class Visit>
    void run_scan(sqlite::statement& select, Record& record, Visit& visit) {
        const sqlite_levels::scan_guard scanning(levels_);
        const sqlite::run_guard guard(select);
        while (select.step()) {
            record.table = static_cast<int>(select.integer(0));
            record.id = local_id::trusted(select.view(1));
            if (record.id.empty() || record.table < 0 || record.table >= levels_.view().size())
                throw store_error("SQLite: a stored record names no row of the schema");
            read(select, record);
            visit(std::as_const(record));
        }
    }

    sqlite_levels& levels_;
    sqlite::statement_cache statements_;
    removed_row removed_;
    parked_row parked_;
    conflict_record conflict_;

    presence removed_rows_;
};

}  // namespace syncline::detail
