/// What the backend suite works on: a schema of three tables, rows made from numbers, and how a broken promise is reported.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/server/backend.hpp>

namespace syncline::testing {

/// A backend does not keep a promise; the text is one sentence.
class backend_suite_failure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

namespace backend_suite {

inline void expect(bool holds, const std::string& otherwise) {
    if (!holds) throw backend_suite_failure(otherwise);
}

// Tables, then the columns of folders and notes.
inline constexpr int folders = 0, labels = 1, notes = 2;
inline constexpr int folder_name = 0, folder_parent = 1;
inline constexpr int note_folder = 0, note_label = 1, note_stars = 2, note_weight = 3, note_done = 4, note_body = 5, note_due = 6,
                     note_flags = 7;

namespace detail {
constexpr column_view plain(std::string_view name, column_kind kind, bool nullable = false) {
    column_view column;
    column.name = name;
    column.kind = kind;
    column.nullable = nullable;
    if (kind == column_kind::integer) {
        column.least = std::numeric_limits<std::int64_t>::min();
        column.greatest = std::numeric_limits<std::int64_t>::max();
    }
    return column;
}

constexpr column_view key(std::string_view name, int target, bool nullable, bool owning, removal_policy on_remove) {
    column_view column = plain(name, column_kind::key, nullable);
    column.target = target;
    column.owning = owning;
    column.on_remove = on_remove;
    return column;
}

inline constexpr std::array folder_columns{plain("name", column_kind::text),
                                           key("parentId", folders, true, true, removal_policy::cascade)};
inline constexpr std::array label_columns{plain("order", column_kind::text)};
inline constexpr std::array note_columns{key("folderId", folders, false, true, removal_policy::cascade),
                                         key("labelId", labels, true, false, removal_policy::set_null),
                                         plain("stars", column_kind::integer),
                                         plain("weight", column_kind::real),
                                         plain("done", column_kind::boolean),
                                         plain("body", column_kind::bytes, true),
                                         plain("due", column_kind::timestamp, true),
                                         plain("flags", column_kind::set)};
inline constexpr std::array folder_referrers{referrer_view{folders, folder_parent}, referrer_view{notes, note_folder}};
inline constexpr std::array label_referrers{referrer_view{notes, note_label}};

constexpr std::array<table_view, 3> make_tables() {
    std::array<table_view, 3> tables;
    tables[0].name = "folders", tables[0].entity = "folder", tables[0].route = "folders";
    tables[0].columns = folder_columns, tables[0].referrers = folder_referrers;
    tables[0].self_referencing = tables[0].in_ownership_cycle = true;
    tables[1].name = "labels", tables[1].entity = "label", tables[1].route = "labels";
    tables[1].columns = label_columns, tables[1].referrers = label_referrers;
    tables[2].name = "notes", tables[2].entity = "note", tables[2].route = "notes";
    tables[2].columns = note_columns;
    tables[2].rank = 1;
    for (table_view& table : tables) {
        for (std::size_t i = 0; i < table.columns.size(); ++i)
            if (table.columns[i].kind == column_kind::key) table.keys |= column_mask{1} << i;
    }
    return tables;
}
inline constexpr std::array<table_view, 3> tables = make_tables();
}  // namespace detail

/// Folders in folders, labels, and notes that have a folder and may have a label; one table of every kind of column.
inline constexpr schema_view schema{detail::tables, 0x5379'6E63'5375'6974};

inline constexpr int none = -1;

/// Local ids are in the order of their numbers, server ids in the opposite order.
inline local_id local_of(int table, int number) {
    const std::string digits = std::to_string(10'000 + number).substr(1);
    return local_id::trusted(std::string(schema[table].name) + "-" + digits);
}
inline server_id id_of_number(int table, int number) {
    return server_id::trusted(std::string(schema[table].entity) + ":" + std::to_string(9'999 - number));
}

/// A row whose values follow from its number; the version is for the caller to set.
inline server_row row_of(int table, int number) {
    server_row row;
    row.local = local_of(table, number);
    row.id = id_of_number(table, number);
    row.updated_at_ms = 1'700'000'000'000 + number;
    row.writer = number % 2 == 0 ? row_writing{"phone", number + 1} : row_writing{};
    row.as_sent = number % 4 == 0;
    row.values.reset(schema[table].columns.size());
    return row;
}

inline void set_key(server_row& row, int column, int target_table, int target) {
    const auto at = static_cast<std::size_t>(column);
    if (target == none)
        row.values.set(at, cell::null());
    else
        row.values.set(at, cell::server_key(id_of_number(target_table, target).view()));
}

inline server_row folder(int number, int parent = none) {
    server_row row = row_of(folders, number);
    row.values.set(folder_name, cell::text("folder " + std::to_string(number)));
    set_key(row, folder_parent, folders, parent);
    return row;
}

inline server_row label(int number) {
    server_row row = row_of(labels, number);
    row.values.set(0, cell::text("label " + std::to_string(number)));
    return row;
}

inline server_row note(int number, int folder_number, int label_number = none) {
    server_row row = row_of(notes, number);
    set_key(row, note_folder, folders, folder_number);
    set_key(row, note_label, labels, label_number);
    row.values.set(note_stars, cell::integer(number));
    row.values.set(note_weight, cell::real(number / 8.0));
    row.values.set(note_done, cell::boolean(number % 2 == 0));
    row.values.set(note_flags, cell::text("[" + std::to_string(number) + "]"));
    return row;
}

/// Inserts at the transaction's version.
template <class Transaction>
void insert(Transaction& tx, int table, server_row row) {
    row.version = tx.take_version();
    expect(tx.insert_row(table, row), "a row is not inserted although nothing has its local id");
}

template <class Transaction>
void update(Transaction& tx, int table, server_row row) {
    row.version = tx.take_version();
    tx.update_row(table, row, ~column_mask{0});
}

/// Turns the row into a tombstone.
template <class Transaction>
void remove(Transaction& tx, int table, int number) {
    server_row row;
    expect(tx.find_by_local(table, local_of(table, number), row), "a row to remove was not found");
    row.removed = true;
    update(tx, table, std::move(row));
}

/// What differs between two rows, as a few words; empty when they are the same.
inline std::string difference(const server_row& a, const server_row& b) {
    if (a.local != b.local) return "local id";
    if (a.id != b.id) return "server id";
    if (a.version != b.version) return "version";
    if (a.incarnation != b.incarnation) return "incarnation";
    if (a.removed != b.removed) return "removed";
    if (a.updated_at_ms != b.updated_at_ms) return "time of update";
    if (!(a.writer == b.writer) || a.as_sent != b.as_sent) return "writer";
    if (a.removal_base != b.removal_base || !(a.last_writer == b.last_writer)) return "removal";
    if (a.removed) return {};
    if (a.values.cells().size() != b.values.cells().size()) return "number of values";
    for (std::size_t i = 0; i < a.values.cells().size(); ++i)
        if (!(a.values[i] == b.values[i])) return "value " + std::to_string(i);
    return {};
}

/// A row as a scan showed it.
struct seen_row {
    int table = none;
    local_id local;
    row_version version = {};
    bool removed = false;

    friend bool operator==(const seen_row&, const seen_row&) = default;
};

/// A visitor that keeps what it saw.
inline auto into(std::vector<seen_row>& seen) {
    return [&seen](int table, const server_row& row) {
        seen.push_back({table, row.local, row.version, row.removed});
        return true;
    };
}

inline feed_position place_of(const seen_row& row) { return {row.version, row.table, row.local}; }

/// The feed behind `after` in pages of at most `limit` rows.
template <class Transaction>
std::vector<seen_row> changes(Transaction& tx, feed_position after, std::size_t limit) {
    std::vector<seen_row> all;
    for (;;) {
        std::vector<seen_row> page;
        tx.scan_changes(after, limit, into(page));
        expect(page.size() <= limit, "a scan of the feed visits more rows than its limit");
        all.insert(all.end(), page.begin(), page.end());
        if (page.size() < limit) return all;
        after = place_of(page.back());
        expect(all.size() < 100'000, "a scan of the feed does not move on");
    }
}

template <class Transaction>
std::vector<seen_row> snapshot(Transaction& tx, feed_position after, std::size_t limit) {
    std::vector<seen_row> all;
    for (;;) {
        std::vector<seen_row> page;
        tx.scan_snapshot(after, limit, into(page));
        expect(page.size() <= limit, "a scan of the snapshot visits more rows than its limit");
        all.insert(all.end(), page.begin(), page.end());
        if (page.size() < limit) return all;
        after = place_of(page.back());
        expect(all.size() < 100'000, "a scan of the snapshot does not move on");
    }
}

}  // namespace backend_suite
}  // namespace syncline::testing
