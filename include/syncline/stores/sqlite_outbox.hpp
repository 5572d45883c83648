/// The outbox of a SQLite store. A sequence that was ever sent, or given back, is never assigned again.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <syncline/client/records.hpp>
#include <syncline/stores/sqlite_entry.hpp>
#include <syncline/stores/sqlite_levels.hpp>

namespace syncline::detail {

/// Meets `outbox_storage`. What an append needs to know is remembered from call to call, and read again when another
/// connection has written to the database since, or when something was rolled back.
class sqlite_outbox {
public:
    explicit sqlite_outbox(sqlite_levels& levels) : levels_(levels) {}

    /// What append_entry will assign next.
    [[nodiscard]] sequence next_sequence() { return refresh(), newest_ + 1; }

    sequence append_entry(outbox_entry& entry) {
        levels_.check_inserting();
        entry.seq = next_sequence();
        run(prepared(append_slot, [] {
                return "INSERT INTO syncline_outbox(" + std::string(sqlite_entry_columns) + ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
            }),
            entry);
        if (levels_.notes_insertions()) levels_.inserted(erase_statement(), {}, entry.seq);
        newest_ = entry.seq;
        if (count_known_) ++count_;
        return entry.seq;
    }

    bool find_entry(sequence seq, outbox_entry& out) {
        levels_.check_reading();
        sqlite::statement& select = prepared(find_slot, [] { return "SELECT " + std::string(sqlite_entry_columns) + " FROM syncline_outbox WHERE seq = ?1"; });
        const sqlite::run_guard guard(select);
        select.bind_integer(1, seq);
        if (!select.step()) return false;
        read(select, levels_.view().size(), out);
        return true;
    }

    /// Replaces the entry with this sequence. Throws store_error when there is none.
    void put_entry(const outbox_entry& entry) {
        levels_.check_writing();
        run(prepared(put_slot,
                     "UPDATE syncline_outbox SET table_number = ?2, row_id = ?3, kind = ?4, state = ?5, columns = ?6, incarnation = ?7, behind = ?8, "
                     "group_number = ?9, base = ?10, rest = ?11 WHERE seq = ?1"),
            entry);
        if (levels_.database().changes() == 0) throw store_error("the outbox has no entry of this sequence");
    }

    /// Does nothing where there is no such entry.
    void erase_entry(sequence seq) {
        levels_.check_writing();
        refresh();
        sqlite::statement& erase = erase_statement();
        erase.bind_integer(1, seq);
        erase.run();
        if (levels_.database().changes() == 0) return;
        if (count_known_) --count_;
        raise_mark(seq);
    }

    void erase_entries(std::span<const sequence> several) {
        levels_.check_writing();
        if (several.empty()) return;
        refresh();
        sort(several);
        std::int64_t erased = 0;
        for_each_run(prepared(erase_run_slot, "DELETE FROM syncline_outbox WHERE seq BETWEEN ?1 AND ?2"),
                     [&] { erased += levels_.database().changes(); });
        if (erased == 0) return;
        count_ -= erased;
        raise_mark(std::min(sorted_.back(), newest_));
    }

    void mark_in_flight(std::span<const sequence> sent) {
        levels_.check_writing();
        if (sent.empty()) return;
        refresh();
        sort(sent);
        // Once for all of them, so that each need not raise it when it is erased.
        raise_mark(sorted_.back());
        sqlite::statement& update =
            prepared(mark_slot, "UPDATE syncline_outbox SET state = ?3 WHERE seq BETWEEN ?1 AND ?2 AND state = ?4");
        update.bind_integer(3, static_cast<std::int64_t>(entry_state::in_flight));
        update.bind_integer(4, static_cast<std::int64_t>(entry_state::queued));
        for_each_run(update, [] {});
    }

    template <class Visit>
    void scan_entries(Visit&& visit) {
        sqlite::statement& select = prepared(scan_slot, [] { return "SELECT " + std::string(sqlite_entry_columns) + " FROM syncline_outbox ORDER BY seq"; });
        const sqlite_levels::scan_guard scanning(levels_);
        const sqlite::run_guard guard(select);
        while (select.step()) {
            read(select, levels_.view().size(), entry_);
            visit(std::as_const(entry_));
        }
    }

    std::size_t count_entries() {
        levels_.check_reading();
        refresh();
        if (!count_known_) {
            count_ = read_number(count_slot, "SELECT count(*) FROM syncline_outbox");
            count_known_ = true;
        }
        return static_cast<std::size_t>(count_);
    }

    sequence first_open_sequence() {
        levels_.check_reading();
        refresh();
        static_assert(static_cast<int>(entry_state::quarantined) == 2);
        const sequence oldest = read_number(oldest_slot, "SELECT seq FROM syncline_outbox WHERE state <> 2 ORDER BY seq LIMIT 1");
        return oldest == 0 ? newest_ + 1 : oldest;
    }

    sequence newest_sequence() {
        levels_.check_reading();
        return read_number(newest_slot, "SELECT max(seq) FROM syncline_outbox");
    }

private:
    enum slot : std::size_t {
        append_slot,
        find_slot,
        put_slot,
        erase_slot,
        erase_run_slot,
        mark_slot,
        scan_slot,
        count_slot,
        oldest_slot,
        newest_slot,
        read_mark_slot,
        raise_mark_slot
    };

    template <class MakeSql>
    sqlite::statement& prepared(slot which, MakeSql&& make_sql) {
        return statements_.at(levels_.database(), which, make_sql);
    }
    sqlite::statement& prepared(slot which, const char* sql) {
        return prepared(which, [sql] { return std::string_view(sql); });
    }
    /// Runs a statement whose parameters are an entry.
    static void run(sqlite::statement& statement, const outbox_entry& entry) {
        const std::string rest = write_rest(entry);
        bind(statement, entry, rest);
        statement.run();
    }
    std::int64_t read_number(slot which, const char* sql) {
        sqlite::statement& select = prepared(which, sql);
        const sqlite::run_guard guard(select);
        return select.step() ? select.integer(0) : 0;
    }

    sqlite::statement& erase_statement() { return prepared(erase_slot, "DELETE FROM syncline_outbox WHERE seq = ?1"); }

    void refresh() {
        if (epoch_ == levels_.epoch()) return;
        mark_ = read_number(read_mark_slot, "SELECT value FROM syncline_meta WHERE name = 'store.sequence_mark'");
        newest_ = std::max(mark_, read_number(newest_slot, "SELECT max(seq) FROM syncline_outbox"));
        count_known_ = false;
        epoch_ = levels_.epoch();
    }

    void raise_mark(sequence seq) {
        if (seq <= mark_) return;
        sqlite::statement& put = prepared(raise_mark_slot,
                                          "INSERT INTO syncline_meta(name, value) VALUES ('store.sequence_mark', ?1) "
                                          "ON CONFLICT(name) DO UPDATE SET value = excluded.value");
        put.bind_integer(1, seq);
        put.run();
        mark_ = seq;
    }

    void sort(std::span<const sequence> several) {
        sorted_.assign(several.begin(), several.end());
        std::sort(sorted_.begin(), sorted_.end());
    }
    // Runs a statement about the sequences from ?1 to ?2 once for each run of neighbours among the sorted ones.
    template <class After>
    void for_each_run(sqlite::statement& statement, After&& after) {
        for (std::size_t first = 0, last = 0; first < sorted_.size(); first = ++last) {
            while (last + 1 < sorted_.size() && sorted_[last + 1] <= sorted_[last] + 1) ++last;
            statement.bind_integer(1, sorted_[first]);
            statement.bind_integer(2, sorted_[last]);
            statement.run();
            after();
        }
    }

    sqlite_levels& levels_;
    sqlite::statement_cache statements_;
    outbox_entry entry_;
    std::vector<sequence> sorted_;

    std::uint64_t epoch_ = 0;
    sequence mark_ = 0;    // kept in meta: at least every sequence that was erased
    sequence newest_ = 0;  // the last one assigned
    std::int64_t count_ = 0;
    bool count_known_ = false;
};

}  // namespace syncline::detail
