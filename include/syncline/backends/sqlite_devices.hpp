/// The devices of one owner in SQLite: names, floors and verdicts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/backends/sqlite_pool.hpp>
#include <syncline/backends/verdict_record.hpp>

namespace syncline::sqlite_backend_parts {

/// Slots of the statements that are the same for every schema; those on entities' tables come behind them.
enum class own_statement : std::size_t {
    find_owner,
    insert_owner,
    put_version,
    insert_nonce,
    find_nonce,
    find_device,
    insert_device,
    name_device,
    put_device,
    find_verdicts,
    forget_verdicts,
    find_settled_verdicts,
    put_verdicts,
    insert_verdicts,
    count
};

[[nodiscard]] inline sqlite::statement& prepared(prepared_connection& connection, own_statement which, std::string_view sql) {
    return connection.statements.at(connection.database, static_cast<std::size_t>(which), [sql] { return sql; });
}

/// A set as bytes: of each run the distance from the run before, and 64 bits from the smallest sequence on.
[[nodiscard]] inline std::string make_sequences(const sequence_set& set) {
    std::string out;
    std::uint64_t before = 0;
    for (const sequence_set::run& one : set.runs()) {
        syncline::detail::append_number(out, one.number - before);
        for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(one.members >> shift));
        before = one.number;
    }
    return out;
}

/// Throws store_error when the bytes are none that make_sequences made.
[[nodiscard]] inline sequence_set read_sequences(std::string_view in) {
    sequence_set set;
    sequence_set::run one;
    while (!in.empty()) {
        one.number += syncline::detail::take_number(in);
        one.members = 0;
        for (int shift = 0; const char byte : syncline::detail::take_bytes(in, 8)) {
            one.members |= static_cast<std::uint64_t>(static_cast<unsigned char>(byte)) << shift;
            shift += 8;
        }
        set.append(one);
    }
    return set;
}

/// The devices of one owner within one transaction. Owners and devices are numbers, 0 for one that is not there.
class device_table {
public:
    explicit device_table(prepared_connection& connection) noexcept : connection_(connection) {}

    /// Number of the device with this name, which is added where it is new.
    [[nodiscard]] std::int64_t number_of(std::int64_t owner, std::string_view name) { return find_or_add(owner, name).number; }

    /// Throws store_error for a number that no device has.
    [[nodiscard]] const std::string& name_of(std::int64_t number) {
        if (newest_name_ != nullptr && newest_number_ == number) return *newest_name_;
        auto known = names_.find(number);
        if (known == names_.end()) {
            sqlite::statement& query = use(own_statement::name_device, "SELECT name FROM syncline_devices WHERE id = ?");
            const sqlite::run_guard run(query);
            query.bind_integer(1, number);
            if (!query.step()) throw store_error("a row names a device that is not there");
            known = names_.emplace(number, std::string(query.view(0))).first;
        }
        newest_number_ = number;
        newest_name_ = &known->second;
        return known->second;
    }

    [[nodiscard]] device_record load(std::int64_t owner, std::string_view name) { return find(owner, name).record; }

    template <class Tell>
    void find_verdicts(std::int64_t owner, std::string_view name, std::span<const sequence> sequences, Tell&& tell) {
        const device& of = find(owner, name);
        if (of.number == 0 || sequences.empty()) return;
        sqlite::statement& query = use(own_statement::find_verdicts,
                                       "SELECT verdicts FROM syncline_verdicts WHERE owner = ?1 AND device = ?2 AND last >= ?3 AND first <= ?4");
        const sqlite::run_guard run(query);
        query.bind_integer(1, owner);
        query.bind_integer(2, of.number);
        query.bind_integer(3, sequences.front());
        query.bind_integer(4, sequences.back());
        while (query.step()) backend_parts::find_in_record(query.view(0), sequences, tell);
    }

    void save(std::int64_t owner, std::string_view name, sequence floor, sequence forgotten, std::span<const stored_verdict> verdicts) {
        device& of = find_or_add(owner, name);
        const sequence former = of.record.floor;
        const backend_parts::verdict_record added = backend_parts::pack_verdicts(verdicts, std::max(floor, former));
        if (floor <= former && added.bytes.empty()) return;
        of.record.settle(floor);
        of.record.add(verdicts);
        put(of);
        if (floor > former) settle(owner, of, former, forgotten);
        insert_record(owner, of, added);
    }

private:
    struct device {
        std::string name;
        std::int64_t number = 0;
        device_record record;
    };

    sqlite::statement& use(own_statement which, std::string_view sql) { return prepared(connection_, which, sql); }

    /// The device that was asked for last is kept: a request is of one device.
    [[nodiscard]] device& find(std::int64_t owner, std::string_view name) {
        if (newest_ && newest_->name == name) return *newest_;
        sqlite::statement& query =
            use(own_statement::find_device, "SELECT id, floor, answered, included FROM syncline_devices WHERE owner = ? AND name = ?");
        const sqlite::run_guard run(query);
        query.bind_integer(1, owner);
        query.bind_text(2, name);
        newest_ = device{std::string(name), 0, {}};
        if (query.step()) {
            newest_->number = query.integer(0);
            newest_->record = {query.integer(1), read_sequences(query.view(2)), read_sequences(query.view(3))};
        }
        return *newest_;
    }

    [[nodiscard]] device& find_or_add(std::int64_t owner, std::string_view name) {
        device& found = find(owner, name);
        if (found.number != 0) return found;
        sqlite::statement& insert = use(own_statement::insert_device,
                                        "INSERT INTO syncline_devices (owner, name, floor, answered, included) VALUES (?, ?, 0, x'', x'')");
        insert.bind_integer(1, owner);
        insert.bind_text(2, name);
        insert.run();
        found.number = connection_.database.last_rowid();
        return found;
    }

    void put(const device& of) {
        const std::string answered = make_sequences(of.record.answered), included = make_sequences(of.record.included);
        sqlite::statement& put =
            use(own_statement::put_device, "UPDATE syncline_devices SET floor = ?, answered = ?, included = ? WHERE id = ?");
        put.bind_integer(1, of.record.floor);
        put.bind_blob(2, answered);
        put.bind_blob(3, included);
        put.bind_integer(4, of.number);
        put.run();
    }

    /// After the floor has risen: takes from records that are now settled what nobody asks for again, and deletes whole records of
    /// which no digest is needed.
    void settle(std::int64_t owner, const device& of, sequence former_floor, sequence forgotten) {
        std::vector<backend_parts::verdict_record> settled;
        {
            sqlite::statement& query = use(own_statement::find_settled_verdicts,
                                           "SELECT verdicts FROM syncline_verdicts WHERE owner = ?1 AND device = ?2 AND last > ?3 AND last <= ?4 "
                                           "AND texts");
            const sqlite::run_guard run(query);
            query.bind_integer(1, owner);
            query.bind_integer(2, of.number);
            query.bind_integer(3, std::max(former_floor, forgotten));
            query.bind_integer(4, of.record.floor);
            while (query.step()) settled.push_back(backend_parts::settle_record(query.view(0), of.record.floor));
        }
        for (const backend_parts::verdict_record& one : settled) {
            sqlite::statement& put = use(own_statement::put_verdicts,
                                         "UPDATE syncline_verdicts SET verdicts = ?4, texts = 0 WHERE owner = ?1 AND device = ?2 AND last = ?3");
            put.bind_integer(1, owner);
            put.bind_integer(2, of.number);
            put.bind_integer(3, one.last);
            put.bind_blob(4, one.bytes);
            put.run();
        }
        if (forgotten <= 0) return;
        sqlite::statement& forget =
            use(own_statement::forget_verdicts, "DELETE FROM syncline_verdicts WHERE owner = ?1 AND device = ?2 AND last <= ?3");
        forget.bind_integer(1, owner);
        forget.bind_integer(2, of.number);
        forget.bind_integer(3, forgotten);
        forget.run();
    }

    void insert_record(std::int64_t owner, const device& of, const backend_parts::verdict_record& record) {
        if (record.bytes.empty()) return;
        sqlite::statement& insert =
            use(own_statement::insert_verdicts,
                "INSERT INTO syncline_verdicts (owner, device, last, first, texts, verdicts) VALUES (?, ?, ?, ?, ?, ?)");
        insert.bind_integer(1, owner);
        insert.bind_integer(2, of.number);
        insert.bind_integer(3, record.last);
        insert.bind_integer(4, record.first);
        insert.bind_integer(5, record.has_texts ? 1 : 0);
        insert.bind_blob(6, record.bytes);
        insert.run();
    }

    prepared_connection& connection_;
    std::optional<device> newest_;
    std::map<std::int64_t, std::string> names_;
    std::int64_t newest_number_ = 0;
    const std::string* newest_name_ = nullptr;
};

}  // namespace syncline::sqlite_backend_parts
