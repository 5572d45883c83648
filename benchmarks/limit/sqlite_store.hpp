/// The limit programs' store in SQLite: every statement prepared once, values bound without copies.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "../shared/works.hpp"
#include "json_text.hpp"
#include "message_reader.hpp"
#include "sqlite_outbox.hpp"
#include "sqlite_tables.hpp"

namespace benchmarks::limit {

class sqlite_store {
public:
    static constexpr bool has_quick_names = false;

    sqlite_store(const features& what, const device_place& place) : what_(what), database_(place.path), outbox_(database_) {
        create_tables(database_, what_);
    }

    void begin() { database_.begin(); }
    void commit() { database_.commit(); }

    template <class Row>
    void create(const Row& row) {
        auto& use = of<Row>();
        const std::int64_t mark = what_.records
                                      ? outbox_.append(table<Row>::number, row.id, all_fields<Row>, sqlite_outbox::create_kind, 0)
                                      : as_mark(all_fields<Row>);
        statement& insert = prepared(use.create, [&] {
            return "INSERT INTO " + name_of<Row>() + "(id, " + pending_column + field_list<Row>() + ") VALUES (?1" +
                   parameter_list(2, 1 + static_cast<int>(field_count<Row>)) + ")";
        });
        insert.bind(1, row.id);
        insert.bind(2, mark);
        bind_fields(insert, 3, row);
        insert.run();
        ++pending_;
    }

    /// Takes the fields in `mask` from `edited`.
    template <class Row>
    void edit(const Row& edited, field_mask mask) {
        const known_row<Row> old = read<Row>(edited.id);
        std::int64_t mark = 0;
        if (!what_.records)
            mark = old.pending | as_mark(mask);
        else if (old.pending != 0)
            outbox_.widen(mark = old.pending, mask);
        else
            mark = append_first_edit(old, mask);
        if (old.pending == 0) ++pending_;
        write_fields(edited, mask, mark);
    }

    [[nodiscard]] std::size_t pending() const noexcept { return pending_; }

    void start_push() noexcept {
        current_table_ = 0;
        last_position_ = 0;
    }

    /// Hands at most `operations_max` pending rows to `add(row, stamp, mask)`, parents first.
    template <class Add>
    std::size_t read_batch(std::size_t operations_max, Add&& add) {
        batch_.clear();
        read_pending<exercise>(operations_max, add);
        read_pending<workout>(operations_max, add);
        read_pending<workout_exercise>(operations_max, add);
        read_pending<workout_set>(operations_max, add);
        return batch_.size();
    }

    /// The rows of the last batch are clean; verdicts are in their order.
    void settle(const std::vector<verdict>& verdicts) {
        if (what_.records && verdicts.size() != batch_.size()) throw failure("a verdict is missing");
        settle_table<exercise>(verdicts);
        settle_table<workout>(verdicts);
        settle_table<workout_exercise>(verdicts);
        settle_table<workout_set>(verdicts);
        if (what_.records) {
            settled_.clear();
            for (const sent_row& sent : batch_) settled_.push_back(sent.position);
            outbox_.erase(settled_);
        }
        pending_ -= batch_.size();
    }

    /// Several statements instead of one upsert, the likeliest one first.
    template <class Row>
    void take(const wire_row<Row>& incoming, bool snapshot) {
        auto& use = of<Row>();
        const auto insert = [&] {
            return run_clean(prepared(use.insert_clean, [&] { return insert_clean_sql<Row>(what_); }), incoming);
        };
        if (snapshot && insert()) return;
        if (run_clean(prepared(use.replace_clean, [&] { return replace_clean_sql<Row>(what_, false); }), incoming)) return;
        if (!snapshot && insert()) return;
        if (run_clean(prepared(use.replace_keys, [&] { return replace_clean_sql<Row>(what_, true); }), incoming)) return;
        known_row<Row> mine = read<Row>(incoming.row.id);
        if (mine.pending == 0) return;
        // The fields that wait to be sent stay as they are; what is pending does not change.
        const field_mask unsent = what_.records ? outbox_.mask_of(mine.pending) : static_cast<field_mask>(mine.pending);
        write_fields(incoming.row, all_fields<Row> & ~unsent, mine.pending);
    }

    [[nodiscard]] id_text local_of(int number, const id_text& server) {
        return look_up(local_of_[static_cast<std::size_t>(number)], "SELECT id FROM ", number, " WHERE sync_server_id = ?1",
                       server);
    }
    [[nodiscard]] id_text server_of(int number, const id_text& local) {
        return look_up(server_of_[static_cast<std::size_t>(number)], "SELECT sync_server_id FROM ", number, " WHERE id = ?1",
                       local);
    }

    [[nodiscard]] const std::string& cursor() const noexcept { return cursor_; }
    void put_cursor(const std::string& cursor) {
        statement& put = prepared(put_cursor_, [] {
            return std::string(
                "INSERT INTO sync_meta(name, value) VALUES ('cursor', ?1) ON CONFLICT(name) DO UPDATE SET value = excluded.value");
        });
        cursor_ = cursor;
        put.bind(1, cursor_);
        put.run();
    }

    [[nodiscard]] dataset rows() {
        dataset data;
        for_each_table(data, [&]<class Row>(std::vector<Row>& rows) {
            statement select = database_.prepare("SELECT id" + field_list<Row>() + " FROM " + name_of<Row>() + " ORDER BY id");
            while (select.step()) {
                Row& row = rows.emplace_back();
                select.read(0, row.id);
                read_fields(select, 1, row);
            }
        });
        return data;
    }

private:
    template <class Row>
    struct known_row {
        Row row;
        row_stamp stamp;
        std::int64_t pending = 0;
    };
    template <class Row>
    struct statements {
        statement create, find, pending, settle, settle_create, insert_clean, replace_clean, replace_keys;
        std::map<field_mask, statement> write;
        Row scratch;
    };
    struct sent_row {
        int table;
        std::int64_t rowid;
        std::int64_t position;  ///< the outbox entry where there are records, the row's rowid otherwise
        bool creates;
        id_text id;
    };

    template <class Row>
    [[nodiscard]] auto& of() noexcept {
        return std::get<statements<Row>>(statements_);
    }
    template <class Row>
    [[nodiscard]] static std::string name_of() {
        return identifier(table<Row>::name);
    }
    template <class MakeSql>
    [[nodiscard]] statement& prepared(statement& slot, MakeSql&& make_sql) {
        if (!slot) slot = database_.prepare(make_sql());
        return slot;
    }
    [[nodiscard]] static std::int64_t as_mark(field_mask mask) noexcept { return static_cast<std::int64_t>(mask); }

    /// Keeps the clean row as its base, and appends an entry.
    template <class Row>
    [[nodiscard]] std::int64_t append_first_edit(const known_row<Row>& old, field_mask mask) {
        image_.clear();
        write_row(image_, what_, old.row, old.stamp, all_fields<Row>, [](int, const id_text& id) -> const id_text& { return id; });
        outbox_.keep_base(table<Row>::number, old.row.id, old.stamp.version, image_);
        return outbox_.append(table<Row>::number, old.row.id, mask, sqlite_outbox::update_kind, old.stamp.version);
    }

    template <class Row>
    [[nodiscard]] known_row<Row> read(const id_text& id) {
        statement& find = prepared(
            of<Row>().find, [&] { return "SELECT " + all_columns<Row>(what_) + " FROM " + name_of<Row>() + " WHERE id = ?1"; });
        find.bind(1, id);
        known_row<Row> found;
        if (!find.step()) throw failure("there is no row " + shown(id));
        found.row.id = id;
        find.read(1, found.pending);
        read_row(find, 2, found.row, found.stamp);
        find.reset();
        return found;
    }
    /// Reads what is known of the row from column `first` on, and then its fields.
    template <class Row>
    void read_row(const statement& source, int first, Row& row, row_stamp& stamp) const {
        if (what_.records) {
            source.read(first, stamp.server);
            source.read(first + 1, stamp.version);
            source.read(first + 2, stamp.incarnation);
            first += 3;
        }
        read_fields(source, first, row);
    }

    template <class Row>
    void write_fields(const Row& row, field_mask mask, std::int64_t mark) {
        statement& write = prepared(of<Row>().write[mask], [&] {
            std::string sql = "UPDATE " + name_of<Row>() + " SET " + pending_column + " = ?2";
            for_each_field<Row>([&](auto index, const auto& one) {
                if (has_field(mask, index)) sql += ", " + identifier(one.name) + " = ?" + std::to_string(3 + index);
            });
            return sql + " WHERE id = ?1";
        });
        write.bind(1, row.id);
        write.bind(2, mark);
        for_each_field<Row>([&](auto index, const auto& one) {
            if (has_field(mask, index)) write.bind(3 + static_cast<int>(index), row.*one.member);
        });
        write.run();
    }

    template <class Row, class Add>
    void read_pending(std::size_t operations_max, Add& add) {
        constexpr int number = table<Row>::number;
        if (current_table_ > number || batch_.size() == operations_max) return;
        if (current_table_ < number) {
            current_table_ = number;
            last_position_ = 0;
        }
        auto& use = of<Row>();
        statement& select = prepared(use.pending, [&] {
            const std::string state = what_.records ? ", t.sync_server_id, t.sync_version, t.sync_incarnation" : "";
            const std::string fields = state + field_list<Row>() + " FROM ";
            if (!what_.records)
                return "SELECT rowid, rowid, " + std::string(pending_column) + ", 0, id" + fields + name_of<Row>() +
                       " AS t WHERE rowid > ?1 AND " + pending_column + " <> 0 ORDER BY rowid LIMIT ?2";
            return "SELECT o.seq, t.rowid, o.columns, o.kind, t.id" + fields + "sync_outbox AS o CROSS JOIN " + name_of<Row>() +
                   " AS t ON t.id = o.row_id WHERE o.seq > ?1 AND o.table_number = " + std::to_string(number) +
                   " ORDER BY o.seq LIMIT ?2";
        });
        select.bind(1, last_position_);
        select.bind(2, static_cast<std::int64_t>(operations_max - batch_.size()));
        row_stamp stamp;
        while (select.step()) {
            sent_row sent{number, 0, 0, false, {}};
            std::int64_t mask = 0, kind = 0;
            select.read(0, sent.position);
            select.read(1, sent.rowid);
            select.read(2, mask);
            select.read(3, kind);
            select.read(4, use.scratch.id);
            read_row(select, 5, use.scratch, stamp);
            if (what_.records) {
                stamp.seq = sent.position;
                sent.creates = kind == sqlite_outbox::create_kind;
                sent.id = use.scratch.id;
            }
            last_position_ = sent.position;
            batch_.push_back(sent);
            add(std::as_const(use.scratch), std::as_const(stamp), static_cast<field_mask>(mask));
        }
        select.reset();
    }

    template <class Row>
    void settle_table(const std::vector<verdict>& verdicts) {
        const auto is_before = [](const sent_row& sent, int number) { return sent.table < number; };
        const auto first = std::lower_bound(batch_.begin(), batch_.end(), table<Row>::number, is_before);
        const auto last = std::lower_bound(first, batch_.end(), table<Row>::number + 1, is_before);
        if (first == last) return;
        if (what_.records) {
            for (auto sent = first; sent != last; ++sent)
                settle_row<Row>(*sent, verdicts[static_cast<std::size_t>(sent - batch_.begin())]);
            return;
        }
        statement& clean = prepared(of<Row>().settle, [&] {
            return "UPDATE " + name_of<Row>() + " SET " + pending_column + " = 0 WHERE rowid BETWEEN ?1 AND ?2 AND " +
                   pending_column + " <> 0";
        });
        clean.bind(1, first->position);
        clean.bind(2, (last - 1)->position);
        clean.run();
    }
    template <class Row>
    void settle_row(const sent_row& sent, const verdict& answer) {
        if (answer.seq != sent.position) throw failure("a verdict is about another operation");
        // An update that does not touch the server id spares its index.
        const bool names = sent.creates && what_.server_ids;
        statement& clean = prepared(names ? of<Row>().settle_create : of<Row>().settle, [&] {
            return "UPDATE " + name_of<Row>() + " SET sync_version = ?2, " + pending_column + " = 0" +
                   (names ? ", sync_server_id = ?4" : "") + " WHERE rowid = ?1 AND " + pending_column + " = ?3";
        });
        clean.bind(1, sent.rowid);
        clean.bind(2, answer.version);
        clean.bind(3, sent.position);
        if (names) clean.bind(4, answer.server);
        clean.run();
        if (!sent.creates) outbox_.drop_base(sent.table, sent.id);
    }
    template <class Row>
    [[nodiscard]] bool run_clean(statement& write, const wire_row<Row>& incoming) {
        write.bind(1, incoming.row.id);
        if (what_.records) {
            write.bind(2, incoming.stamp.server);
            write.bind(3, incoming.stamp.version);
            write.bind(4, incoming.stamp.incarnation);
        }
        bind_fields(write, first_field_parameter(what_), incoming.row);
        write.run();
        return database_.changes() != 0;
    }

    [[nodiscard]] id_text look_up(statement& slot, const char* select, int number, const char* where, const id_text& id) {
        statement& find =
            prepared(slot, [&] { return select + identifier(table_names[static_cast<std::size_t>(number)]) + where; });
        find.bind(1, id);
        id_text found;
        if (find.step()) find.read(0, found);
        find.reset();
        return found;
    }

    const features& what_;
    database database_;
    sqlite_outbox outbox_;
    std::tuple<statements<exercise>, statements<workout>, statements<workout_exercise>, statements<workout_set>> statements_;
    std::array<statement, table_count> local_of_, server_of_;
    statement put_cursor_;
    std::vector<sent_row> batch_;
    std::vector<std::int64_t> settled_;
    int current_table_ = 0;
    std::int64_t last_position_ = 0;
    std::size_t pending_ = 0;
    std::string cursor_;
    std::string image_;
};

}  // namespace benchmarks::limit
