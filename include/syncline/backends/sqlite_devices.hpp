/// The devices of one owner in SQLite: names, floors and verdicts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/backends/sqlite_pool.hpp>
#include <syncline/backends/sqlite_verdicts.hpp>

namespace syncline::sqlite_backend_parts {

/// Slots of the statements that are the same for every schema; those on entities' tables come behind them.
enum class own_statement : std::size_t {
    find_owner,
    insert_owner,
    put_version,
    find_device,
    insert_device,
    name_device,
    put_floor,
    find_verdicts,
    forget_verdicts,
    find_cut_verdicts,
    insert_verdicts,
    count
};

[[nodiscard]] inline sqlite::statement& prepared(prepared_connection& connection, own_statement which, std::string_view sql) {
    return connection.statements.at(connection.database, static_cast<std::size_t>(which), [sql] { return sql; });
}

/// The devices of one owner within one transaction. Owners and devices are numbers, 0 for one that is not there.
class device_table {
public:
    explicit device_table(prepared_connection& connection) noexcept : connection_(connection) {}

    /// Number of the device with this name, which is added where it is new.
    [[nodiscard]] std::int64_t number_of(std::int64_t owner, std::string_view name) {
        if (newest_number_ == 0 || newest_name_ != name) {
            newest_number_ = find_or_add(owner, name).number;
            newest_name_ = name;
        }
        return newest_number_;
    }

    /// Throws store_error for a number that no device has.
    [[nodiscard]] const std::string& name_of(std::int64_t number) {
        const auto known = names_.find(number);
        if (known != names_.end()) return known->second;
        sqlite::statement& query = use(own_statement::name_device, "SELECT name FROM syncline_devices WHERE id = ?");
        const sqlite::run_guard run(query);
        query.bind_integer(1, number);
        if (!query.step()) throw store_error("a row names a device that is not there");
        return names_.emplace(number, std::string(query.view(0))).first->second;
    }

    [[nodiscard]] device_record load(std::int64_t owner, std::string_view name) {
        const device found = find(owner, name);
        device_record record;
        record.floor = found.floor;
        if (found.number == 0) return record;
        sqlite::statement& query =
            use(own_statement::find_verdicts, "SELECT verdicts FROM syncline_verdicts WHERE owner = ? AND device = ?");
        const sqlite::run_guard run(query);
        query.bind_integer(1, owner);
        query.bind_integer(2, found.number);
        while (query.step()) read_verdicts(query.view(0), record.floor, record.verdicts);
        std::ranges::sort(record.verdicts, {}, &stored_verdict::seq);
        return record;
    }

    void save(std::int64_t owner, std::string_view name, sequence floor, std::span<const stored_verdict> verdicts) {
        const device before = find_or_add(owner, name);
        if (floor > before.floor) raise_floor(owner, {before.number, floor});
        std::vector<stored_verdict> added;
        for (const stored_verdict& one : verdicts)
            if (one.seq > std::max(floor, before.floor)) added.push_back(one);
        insert_record(owner, before.number, added);
    }

private:
    struct device {
        std::int64_t number = 0;
        sequence floor = 0;
    };

    sqlite::statement& use(own_statement which, std::string_view sql) { return prepared(connection_, which, sql); }

    [[nodiscard]] device find(std::int64_t owner, std::string_view name) {
        sqlite::statement& query =
            use(own_statement::find_device, "SELECT id, floor FROM syncline_devices WHERE owner = ? AND name = ?");
        const sqlite::run_guard run(query);
        query.bind_integer(1, owner);
        query.bind_text(2, name);
        if (!query.step()) return {};
        return {query.integer(0), query.integer(1)};
    }

    [[nodiscard]] device find_or_add(std::int64_t owner, std::string_view name) {
        const device found = find(owner, name);
        if (found.number != 0) return found;
        sqlite::statement& insert =
            use(own_statement::insert_device, "INSERT INTO syncline_devices (owner, name, floor) VALUES (?, ?, 0)");
        insert.bind_integer(1, owner);
        insert.bind_text(2, name);
        insert.run();
        return {connection_.database.last_rowid(), 0};
    }

    void raise_floor(std::int64_t owner, const device& raised) {
        sqlite::statement& put = use(own_statement::put_floor, "UPDATE syncline_devices SET floor = ? WHERE id = ?");
        put.bind_integer(1, raised.floor);
        put.bind_integer(2, raised.number);
        put.run();
        const std::vector<stored_verdict> kept = verdicts_cut_by(owner, raised);
        sqlite::statement& forget =
            use(own_statement::forget_verdicts, "DELETE FROM syncline_verdicts WHERE owner = ?1 AND device = ?2 AND first <= ?3");
        forget.bind_integer(1, owner);
        forget.bind_integer(2, raised.number);
        forget.bind_integer(3, raised.floor);
        forget.run();
        insert_record(owner, raised.number, kept);
    }

    /// What is above the floor in records that begin at or below it.
    [[nodiscard]] std::vector<stored_verdict> verdicts_cut_by(std::int64_t owner, const device& raised) {
        sqlite::statement& query =
            use(own_statement::find_cut_verdicts,
                "SELECT verdicts FROM syncline_verdicts WHERE owner = ?1 AND device = ?2 AND last > ?3 AND first <= ?3");
        const sqlite::run_guard run(query);
        query.bind_integer(1, owner);
        query.bind_integer(2, raised.number);
        query.bind_integer(3, raised.floor);
        std::vector<stored_verdict> kept;
        while (query.step()) read_verdicts(query.view(0), raised.floor, kept);
        return kept;
    }

    void insert_record(std::int64_t owner, std::int64_t number, std::span<const stored_verdict> verdicts) {
        if (verdicts.empty()) return;
        const auto [first, last] = std::ranges::minmax(verdicts, {}, &stored_verdict::seq);
        const std::string bytes = make_verdicts(verdicts);
        sqlite::statement& insert =
            use(own_statement::insert_verdicts,
                "INSERT INTO syncline_verdicts (owner, device, last, first, verdicts) VALUES (?, ?, ?, ?, ?)");
        insert.bind_integer(1, owner);
        insert.bind_integer(2, number);
        insert.bind_integer(3, last.seq);
        insert.bind_integer(4, first.seq);
        insert.bind_blob(5, bytes);
        insert.run();
    }

    prepared_connection& connection_;
    std::string newest_name_;
    std::int64_t newest_number_ = 0;
    std::map<std::int64_t, std::string> names_;
};

}  // namespace syncline::sqlite_backend_parts
