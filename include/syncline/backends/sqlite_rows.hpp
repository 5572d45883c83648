/// The rows of one owner in SQLite: bound, read and scanned through the statements of one connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <syncline/backends/sqlite_devices.hpp>
#include <syncline/backends/sqlite_schema.hpp>
#include <syncline/server/backend.hpp>

namespace syncline::sqlite_backend_parts {

/// Works on whatever owner number it is given, within the transaction of its connection.
class row_tables {
public:
    row_tables(const schema_view& schema, prepared_connection& connection, device_table& devices) noexcept
        : schema_(schema), connection_(connection), devices_(devices) {}

    bool find(std::int64_t owner, row_statement how, int table, std::string_view id_text, server_row& out) {
        sqlite::statement& query = begin(owner, how, table);
        const sqlite::run_guard run(query);
        query.bind_text(2, id_text);
        if (!query.step()) return false;
        read(query, table, out);
        out.values.keep();
        return true;
    }

    [[nodiscard]] std::optional<row_identity> identify(std::int64_t owner, row_statement how, int table, std::string_view id_text) {
        sqlite::statement& query = begin(owner, how, table);
        const sqlite::run_guard run(query);
        query.bind_text(2, id_text);
        if (!query.step()) return std::nullopt;
        return row_identity{local_id::trusted(query.view(0)), server_id::trusted(query.view(1)), query.integer(2) != 0};
    }

    /// False where the local id is taken.
    bool insert(std::int64_t owner, int table, const server_row& row) {
        sqlite::statement& write = begin(owner, row_statement::insert, table);
        bind_fixed(write, owner, row);
        bind_values(write, table, row, ~column_mask{0});
        write.run();
        return connection_.database.changes() == 1;
    }

    /// Throws store_error where there is no row with these two ids.
    void update(std::int64_t owner, int table, const server_row& row, column_mask changed) {
        // SQLite checks a key, and rewrites its index, whenever the key is named, changed or not: a third of an update's time.
        const bool keys_change = (changed & schema_[table].keys) != 0;
        const auto how = row.removed ? row_statement::remove : keys_change ? row_statement::update : row_statement::update_values;
        sqlite::statement& write = begin(owner, how, table);
        bind_fixed(write, owner, row);
        if (!row.removed) bind_values(write, table, row, keys_change ? ~column_mask{0} : ~schema_[table].keys);
        write.run();
        if (connection_.database.changes() != 1)
            throw store_error("no such row to update in table " + std::string(schema_[table].name));
    }

    template <class Visit>
    void scan_referrers(std::int64_t owner, int table, int column, std::string_view target, Visit& visit) {
        sqlite::statement& query = begin(owner, row_statement::referrers, table, column);
        const sqlite::run_guard run(query);
        query.bind_text(2, target);
        server_row row;
        while (query.step()) {
            read(query, table, row);
            if (!visit(table, std::as_const(row))) return;
        }
    }

    /// Merges the tables' feeds, each of which an index has in order; of each table at most one row too many is read.
    template <class Visit>
    void scan_changes(std::int64_t owner, const feed_position& after, std::size_t limit, Visit& visit) {
        using head = std::tuple<row_version, int>;
        std::priority_queue<head, std::vector<head>, std::greater<>> heads;
        std::deque<sqlite::run_guard> runs;
        for (int table = 0; table < schema_.size(); ++table) {
            sqlite::statement& query = begin(owner, row_statement::changes, table);
            runs.emplace_back(query);
            sqlite::bind_version(query, 2, after.version);
            query.bind_text(4, table < after.table    ? behind_every_local_id
                               : table == after.table ? after.local.view()
                                                      : std::string_view());
            if (query.step()) heads.emplace(sqlite::read_version(query, fixed::generation), table);
        }
        server_row row;
        while (limit > 0 && !heads.empty()) {
            const auto [newest, table] = heads.top();
            sqlite::statement& query = statement_of(row_statement::changes, table);
            heads.pop();
            bool more = true;
            while (more && sqlite::read_version(query, fixed::generation) == newest) {
                read(query, table, row);
                if (!visit(table, std::as_const(row)) || --limit == 0) return;
                more = query.step();
            }
            if (more) heads.emplace(sqlite::read_version(query, fixed::generation), table);
        }
    }

    template <class Visit>
    void scan_snapshot(std::int64_t owner, const feed_position& after, std::size_t limit, Visit& visit) {
        server_row row;
        for (int table = std::max(after.table, 0); table < schema_.size() && limit > 0; ++table) {
            sqlite::statement& query = begin(owner, row_statement::snapshot, table);
            const sqlite::run_guard run(query);
            query.bind_text(2, table == after.table ? after.local.view() : std::string_view());
            while (query.step()) {
                read(query, table, row);
                if (!visit(table, std::as_const(row)) || --limit == 0) return;
            }
        }
    }

private:
    // Local ids have no character above '~'.
    static constexpr std::string_view behind_every_local_id = "\x7F";

    sqlite::statement& statement_of(row_statement which, int table, int column = 0) {
        constexpr std::size_t slots_of_a_table = static_cast<std::size_t>(row_statement::referrers) + columns_max;
        const std::size_t slot = static_cast<std::size_t>(own_statement::count) +
                                 static_cast<std::size_t>(table) * slots_of_a_table + static_cast<std::size_t>(which) +
                                 static_cast<std::size_t>(column);
        return connection_.statements.at(connection_.database, slot, [&] { return sql_of(which, schema_[table], column); });
    }

    sqlite::statement& begin(std::int64_t owner, row_statement which, int table, int column = 0) {
        sqlite::statement& prepared = statement_of(which, table, column);
        prepared.bind_integer(1, owner);
        return prepared;
    }

    void bind_fixed(sqlite::statement& write, std::int64_t owner, const server_row& row) {
        write.bind_text(fixed::local + 1, row.local.view());
        write.bind_text(fixed::id + 1, row.id.view());
        sqlite::bind_version(write, fixed::generation + 1, row.version);
        write.bind_integer(fixed::incarnation + 1, row.incarnation);
        write.bind_integer(fixed::removed + 1, row.removed ? 1 : 0);
        write.bind_integer(fixed::updated_at + 1, row.updated_at_ms);
        if (row.writer.device.empty())
            write.bind_null(fixed::writer + 1);
        else
            write.bind_integer(fixed::writer + 1, devices_.number_of(owner, row.writer.device));
        write.bind_integer(fixed::writer_seq + 1, row.writer.seq);
        write.bind_integer(fixed::as_sent + 1, row.as_sent ? 1 : 0);
        if (row.removed)
            write.bind_blob(fixed::removal + 1, pack_removal(owner, row));
        else
            write.bind_null(fixed::removal + 1);
    }

    /// What a tombstone tells of its removal, in one column that costs other rows nothing: both numbers of `removal_base`, and the last
    /// writer's device, 0 for none, and sequence.
    [[nodiscard]] const std::string& pack_removal(std::int64_t owner, const server_row& row) {
        const std::int64_t device = row.last_writer.device.empty() ? 0 : devices_.number_of(owner, row.last_writer.device);
        removal_.clear();
        for (const std::int64_t number : {std::int64_t{row.removal_base.generation()}, row.removal_base.number(), device, row.last_writer.seq})
            detail::append_number(removal_, static_cast<std::uint64_t>(number));
        return removal_;
    }
    void unpack_removal(std::string_view packed, server_row& out) {
        const auto take = [&packed] { return static_cast<std::int64_t>(detail::take_number(packed)); };
        const std::int64_t generation = take();
        out.removal_base = row_version(static_cast<generation_number>(generation), take());
        const std::int64_t device = take();
        out.last_writer = {device == 0 ? std::string_view() : devices_.name_of(device), take()};
    }

    void bind_values(sqlite::statement& write, int table, const server_row& row, column_mask bound) {
        const cells values = row.values.cells();
        SYNCLINE_ASSERT(values.size() == schema_[table].columns.size());
        for (std::size_t i = 0; i < values.size(); ++i)
            if (has_column(bound, i)) write.bind_cell(fixed::count + static_cast<int>(i) + 1, values[i]);
    }

    /// The values point into the statement's row.
    void read(const sqlite::statement& query, int table, server_row& out) {
        out.local = local_id::trusted(query.view(fixed::local));
        out.id = server_id::trusted(query.view(fixed::id));
        out.version = sqlite::read_version(query, fixed::generation);
        out.incarnation = static_cast<incarnation_number>(query.integer(fixed::incarnation));
        out.removed = query.integer(fixed::removed) != 0;
        out.updated_at_ms = query.integer(fixed::updated_at);
        out.writer = {query.is_null(fixed::writer) ? std::string_view() : devices_.name_of(query.integer(fixed::writer)),
                      query.integer(fixed::writer_seq)};
        out.as_sent = query.integer(fixed::as_sent) != 0;
        if (out.removed) {
            unpack_removal(query.view(fixed::removal), out);
        } else {
            out.removal_base = {};
            out.last_writer = {};
        }
        const table_view& described = schema_[table];
        const std::span<cell> values = out.values.refill(described.columns.size());
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = out.removed ? cell()
                                    : sqlite::read_cell(query, fixed::count + static_cast<int>(i), described, described.columns[i],
                                                        cell_kind::server_key);
    }

    const schema_view& schema_;
    prepared_connection& connection_;
    device_table& devices_;
    std::string removal_;
};

}  // namespace syncline::sqlite_backend_parts
