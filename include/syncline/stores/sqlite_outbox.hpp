/// The outbox of a SQLite store. A sequence that was ever sent, or given back, is never assigned again.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <syncline/client/records.hpp>
#include <syncline/sqlite/columns.hpp>
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
        sqlite::statement& insert = prepared(
            append_slot,
            "INSERT INTO syncline_outbox(seq, table_number, row_id, kind, state, columns, incarnation, base_generation, base_version, behind, "
            "group_number, attempts, not_before_ms, reason, reason_text, contained, base, frozen, created, closes, digest) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)");
        bind(insert, entry);
        insert.run();
        if (levels_.notes_insertions()) levels_.inserted(erase_statement(), {}, entry.seq);
        newest_ = entry.seq;
        if (count_known_) ++count_;
        return entry.seq;
    }

    bool find_entry(sequence seq, outbox_entry& out) {
        levels_.check_reading();
        sqlite::statement& select = prepared(find_slot, "SELECT * FROM syncline_outbox WHERE seq = ?1");
        const sqlite::run_guard guard(select);
        select.bind_integer(1, seq);
        if (!select.step()) return false;
        read(select, out);
        return true;
    }

    /// Replaces the entry with this sequence. Throws store_error when there is none.
    void put_entry(const outbox_entry& entry) {
        levels_.check_writing();
        sqlite::statement& update = prepared(
            put_slot,
            "UPDATE syncline_outbox SET table_number = ?2, row_id = ?3, kind = ?4, state = ?5, columns = ?6, incarnation = ?7, "
            "base_generation = ?8, base_version = ?9, behind = ?10, group_number = ?11, attempts = ?12, not_before_ms = ?13, reason = ?14, "
            "reason_text = ?15, contained = ?16, base = ?17, frozen = ?18, created = ?19, closes = ?20, digest = ?21 WHERE seq = ?1");
        bind(update, entry);
        update.run();
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
        sqlite::statement& select = prepared(scan_slot, "SELECT * FROM syncline_outbox ORDER BY seq");
        const sqlite_levels::scan_guard scanning(levels_);
        const sqlite::run_guard guard(select);
        while (select.step()) {
            read(select, entry_);
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
        const sequence oldest = read_number(oldest_slot, "SELECT min(seq) FROM syncline_outbox");
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

    sqlite::statement& prepared(slot which, const char* sql) {
        return statements_.at(levels_.database(), which, [sql] { return std::string_view(sql); });
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

    static void bind(sqlite::statement& statement, const outbox_entry& entry) {
        statement.bind_integer(1, entry.seq);
        statement.bind_integer(2, entry.table);
        statement.bind_text(3, entry.id.view());
        statement.bind_integer(4, static_cast<std::int64_t>(entry.kind));
        statement.bind_integer(5, static_cast<std::int64_t>(entry.state));
        statement.bind_integer(6, static_cast<std::int64_t>(entry.mask));
        statement.bind_integer(7, entry.incarnation);
        sqlite::bind_version(statement, 8, entry.base_version);
        statement.bind_integer(10, entry.behind);
        statement.bind_integer(11, entry.group);
        statement.bind_integer(12, entry.attempts);
        statement.bind_integer(13, entry.not_before_ms);
        statement.bind_text_or_null(14, entry.reason == error_code::none ? std::string_view() : name_of(entry.reason));
        statement.bind_text_or_null(15, entry.reason_text);
        statement.bind_integer(16, entry.contained ? 1 : 0);
        statement.bind_blob_or_null(17, entry.base);
        statement.bind_blob_or_null(18, entry.frozen);
        statement.bind_blob_or_null(19, entry.created);
        statement.bind_integer(20, static_cast<std::int64_t>(entry.closes));
        statement.bind_integer(21, static_cast<std::int64_t>(entry.digest));
    }
    void read(const sqlite::statement& row, outbox_entry& out) const {
        out.seq = row.integer(0);
        out.table = static_cast<int>(row.integer(1));
        out.id = local_id::trusted(row.view(2));
        const std::int64_t kind = row.integer(3);
        const std::int64_t state = row.integer(4);
        const std::int64_t closes = row.integer(19);
        const auto is_kind = [](std::int64_t number) { return number >= 0 && number <= static_cast<std::int64_t>(operation_kind::close); };
        if (out.id.empty() || out.table < 0 || out.table >= levels_.view().size() || !is_kind(kind) || !is_kind(closes) || state < 0 ||
            state > static_cast<std::int64_t>(entry_state::quarantined))
            throw store_error("SQLite: a stored outbox entry is broken");
        out.kind = static_cast<operation_kind>(kind);
        out.state = static_cast<entry_state>(state);
        out.mask = static_cast<column_mask>(row.integer(5));
        out.incarnation = static_cast<incarnation_number>(row.integer(6));
        out.base_version = sqlite::read_version(row, 7);
        out.behind = row.integer(9);
        out.group = row.integer(10);
        out.attempts = static_cast<int>(row.integer(11));
        out.not_before_ms = row.integer(12);
        out.reason = row.is_null(13) ? error_code::none : error_code_named(row.view(13));
        out.reason_text = row.view_or_empty(14);
        out.contained = row.integer(15) != 0;
        out.base = row.view_or_empty(16);
        out.frozen = row.view_or_empty(17);
        out.created = row.view_or_empty(18);
        out.closes = static_cast<operation_kind>(closes);
        out.digest = static_cast<std::uint64_t>(row.integer(20));
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
