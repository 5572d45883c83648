/// What the store suite works on: a schema of four tables, rows made from numbers, and a store's whole content as text.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/client/store.hpp>
#include <syncline/model/image.hpp>

namespace syncline::testing {

/// A store does not keep a promise; the text is one sentence.
class store_suite_failure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

namespace store_suite {

inline void expect(bool holds, const std::string& otherwise) {
    if (!holds) throw store_suite_failure(otherwise);
}

// Tables, then columns of folders and notes. Some names are SQL keywords.
inline constexpr int folders = 0, labels = 1, wides = 2, notes = 3;
inline constexpr int folder_name = 0, folder_parent = 1;
inline constexpr int note_folder = 0, note_label = 1, note_title = 2, note_stars = 3, note_weight = 4, note_done = 5, note_body = 6,
                     note_due = 7, note_flags = 8;

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

constexpr column_view key_to(std::string_view name, int target, bool nullable, bool owning) {
    column_view column = plain(name, column_kind::key, nullable);
    column.target = target;
    column.owning = owning;
    column.on_remove = owning ? removal_policy::cascade : removal_policy::set_null;
    return column;
}

inline constexpr std::array folder_columns{plain("name", column_kind::text), key_to("parentId", folders, true, true)};
inline constexpr std::array label_columns{plain("order", column_kind::text)};
inline constexpr std::array note_columns{key_to("folderId", folders, false, true),
                                         key_to("labelId", labels, true, false),
                                         plain("title", column_kind::text),
                                         plain("stars", column_kind::integer),
                                         plain("weight", column_kind::real, true),
                                         plain("done", column_kind::boolean),
                                         plain("body", column_kind::bytes, true),
                                         plain("due", column_kind::timestamp, true),
                                         plain("flags", column_kind::set)};

inline constexpr std::array<std::array<char, 2>, columns_max> wide_names = [] {
    std::array<std::array<char, 2>, columns_max> names{};
    for (std::size_t i = 0; i < names.size(); ++i)
        names[i] = {static_cast<char>('a' + i / 10), static_cast<char>('0' + i % 10)};
    return names;
}();
inline constexpr std::array<column_view, columns_max> wide_columns = [] {
    std::array<column_view, columns_max> columns{};
    for (std::size_t i = 0; i < columns.size(); ++i)
        columns[i] = plain({wide_names[i].data(), wide_names[i].size()}, column_kind::integer, true);
    return columns;
}();

inline constexpr std::array folder_referrers{referrer_view{folders, folder_parent}, referrer_view{notes, note_folder}};
inline constexpr std::array label_referrers{referrer_view{notes, note_label}};

constexpr std::array<table_view, 4> make_tables() {
    std::array<table_view, 4> tables;
    tables[0].name = tables[0].route = "folders", tables[0].entity = "folder";
    tables[0].columns = folder_columns, tables[0].referrers = folder_referrers;
    tables[0].self_referencing = tables[0].in_ownership_cycle = true;
    tables[1].name = tables[1].route = "group", tables[1].entity = "label";
    tables[1].columns = label_columns, tables[1].referrers = label_referrers;
    tables[2].name = tables[2].route = "wides", tables[2].entity = "wide";
    tables[2].columns = wide_columns;
    tables[3].name = tables[3].route = "notes", tables[3].entity = "note";
    tables[3].columns = note_columns;
    tables[3].rank = 1;
    for (table_view& table : tables) {
        for (std::size_t i = 0; i < table.columns.size(); ++i)
            if (table.columns[i].kind == column_kind::key) table.keys |= column_mask{1} << i;
    }
    return tables;
}

inline constexpr std::array<table_view, 4> tables = make_tables();
inline constexpr schema_view schema{tables, 0x5704E5};

/// A local id made of a letter and a number.
[[nodiscard]] inline local_id id_of(char letter, int number) {
    return local_id::trusted(std::string(1, letter) + "-" + std::to_string(number));
}
[[nodiscard]] inline server_id remote_of(char letter, int number) {
    return server_id::trusted("remote/" + std::string(1, letter) + std::to_string(number));
}

[[nodiscard]] constexpr row_version version_of(std::int64_t number) noexcept { return row_version(first_generation, number); }

[[nodiscard]] inline row_state clean(const server_id& remote, row_version version) {
    row_state state;
    state.id = remote;
    state.version = version;
    return state;
}
[[nodiscard]] inline row_state clean(const server_id& remote, std::int64_t number) { return clean(remote, version_of(number)); }
[[nodiscard]] inline row_state dirty(sequence pending) {
    row_state state;
    state.pending = pending;
    return state;
}

template <store S>
void put_folder(S& store, const local_id& id, std::string_view name, const local_id& parent = {}, const row_state& state = {}) {
    const std::array values{cell::text(name), parent.empty() ? cell() : cell::local_key(parent.view())};
    store.put_row(folders, id, values, state);
}
template <store S>
void put_label(S& store, const local_id& id, std::string_view order, const row_state& state = {}) {
    const std::array values{cell::text(order)};
    store.put_row(labels, id, values, state);
}
/// Cells of a note; its ids and its text must outlive them.
[[nodiscard]] inline std::vector<cell> note(const local_id& folder, std::string_view title, std::int64_t stars = 0, const local_id& label = {}) {
    return {cell::local_key(folder.view()),
            label.empty() ? cell() : cell::local_key(label.view()),
            cell::text(title),
            cell::integer(stars),
            cell::real(0.5),
            cell::boolean(true),
            cell(),
            cell(),
            cell::text("")};
}

[[nodiscard]] inline outbox_entry entry_for(int table, const local_id& id, operation_kind kind = operation_kind::create) {
    outbox_entry entry;
    entry.table = table;
    entry.id = id;
    entry.kind = kind;
    entry.mask = kind == operation_kind::remove ? 0 : tables[static_cast<std::size_t>(table)].all_columns();
    return entry;
}

[[nodiscard]] inline std::string text_of(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        if (c >= ' ' && c <= '~') {
            text += c;
        } else {
            text += '%';
            text += digits[static_cast<unsigned char>(c) >> 4];
            text += digits[static_cast<unsigned char>(c) & 15u];
        }
    }
    return text;
}
[[nodiscard]] inline std::string text_of(const row_state& state) {
    return state.id.str() + " v" + state.version.str() + " i" + std::to_string(state.incarnation) + " p" +
           std::to_string(state.pending);
}
[[nodiscard]] inline std::string text_of(const row_buffer& row) {
    return text_of(row.state) + " " + text_of(make_image(row.cells(), ~column_mask{0}));
}
[[nodiscard]] inline std::string text_of(const outbox_entry& entry) {
    std::string text = std::to_string(entry.seq) + " " + std::to_string(entry.table) + " " + entry.id.str() + " " +
                       std::string(name_of(entry.kind)) + " s" + std::to_string(static_cast<int>(entry.state));
    for (const std::int64_t number :
         {static_cast<std::int64_t>(entry.mask), std::int64_t{entry.incarnation}, std::int64_t{entry.base_version.generation()}, entry.base_version.number(), entry.behind, entry.group,
          std::int64_t{entry.attempts}, entry.not_before_ms})
        text += " " + std::to_string(number);
    text += " " + std::string(name_of(entry.reason)) + " " + entry.reason_text + (entry.contained ? " contained" : "");
    text += " closes " + std::string(name_of(entry.closes)) + " " + std::to_string(entry.digest);
    return text + " base " + text_of(entry.base) + " frozen " + text_of(entry.frozen) + " created " + text_of(entry.created);
}
[[nodiscard]] inline std::string text_of(const removed_row& row) {
    return std::to_string(row.table) + " " + row.id.str() + " " + std::to_string(row.root) + " " + text_of(row.state) + " " +
           text_of(row.image) + " " + text_of(row.base) + " " + std::to_string(row.unsent) + (row.unsent_create ? " create" : "");
}
[[nodiscard]] inline std::string text_of(const parked_row& row) {
    return std::to_string(row.table) + " " + row.id.str() + " " + row.remote.str() + " v" + row.version.str() + " i" +
           std::to_string(row.incarnation) + (row.removed ? " removed " : " ") + text_of(row.image);
}
[[nodiscard]] inline std::string text_of(const conflict_record& record) {
    return std::to_string(record.number) + " " + std::string(name_of(record.kind)) + " " + std::to_string(record.table) + " " +
           record.id.str() + " " + std::to_string(record.mask) + (record.mine_won ? " mine v" : " theirs v") +
           record.version.str() + " " + text_of(record.mine) + " " + text_of(record.theirs) + " " + record.reason;
}

/// Everything the suite's own ids can reach, one line a thing, in a transaction of its own.
template <store S>
[[nodiscard]] std::string content_of(S& store) {
    std::string text;
    const auto line = [&text](std::string_view what, const std::string& value) { (((text += what) += ' ') += value) += '\n'; };
    const auto tx = store.begin_read();
    for (int table = 0; table < schema.size(); ++table) {
        line("count", std::to_string(store.count_rows(table)));
        store.scan_rows(table, [&](const local_id& id, const row_buffer& row) { line("row", id.str() + " " + text_of(row)); });
        for (const char letter : {'f', 'l', 'w', 'n'}) {
            for (int number = 0; number < 8; ++number) {
                const local_id local = store.local_of(table, remote_of(letter, number));
                if (!local.empty()) line("remote", remote_of(letter, number).str() + " is " + local.str());
                const local_id id = id_of(letter, number);
                store.scan_removed_of(table, id, [&](const removed_row& row) { line("removed", text_of(row)); });
                for (const referrer_view& key : schema[table].referrers)
                    store.scan_referrers(key.table, key.column, id, [&](const local_id& from, const row_buffer&) {
                        line("key", from.str() + " points at " + id.str());
                    });
            }
        }
    }
    store.scan_entries([&](const outbox_entry& entry) { line("entry", text_of(entry)); });
    line("entries", std::to_string(store.count_entries()) + " from " + std::to_string(store.first_open_sequence()));
    line("removed", std::to_string(store.count_removed()));
    for (sequence root = 0; root < 8; ++root)
        store.scan_removed_by(root, [&](const removed_row& row) { line("taken", std::to_string(root) + ": " + text_of(row)); });
    store.scan_parked([&](const parked_row& row) { line("parked", text_of(row)); });
    store.scan_conflicts([&](const conflict_record& record) { line("conflict", text_of(record)); });
    for (const std::string_view name : {"cursor", "device", "owner", "new"})
        line("meta", std::string(name) + " " + text_of(store.find_meta(name).value_or("(none)")));
    return text;
}

[[nodiscard]] inline removed_row removed_of(const local_id& id, sequence root) {
    removed_row row;
    row.table = notes;
    row.id = id;
    row.root = root;
    row.state = clean(remote_of('n', 7), 4);
    row.state.incarnation = 2;
    row.image = std::string("an image\0of bytes", 17);
    row.unsent = ~column_mask{0};
    return row;
}
[[nodiscard]] inline parked_row parked_of(const local_id& id, std::int64_t number) {
    parked_row row;
    row.table = notes;
    row.id = id;
    row.remote = remote_of('n', 6);
    row.version = row_version(3, number);
    row.image = std::string("\0parked", 7);
    return row;
}
[[nodiscard]] inline conflict_record conflict_of(const local_id& id) {
    conflict_record record;
    record.kind = conflict_kind::removal_refused;
    record.table = notes;
    record.id = id;
    record.mask = 5;
    record.mine_won = true;
    record.version = row_version(2, 9);
    record.mine = std::string("\0mine", 5);
    record.reason = "restricted: other rows point at it";
    return record;
}

/// Writes something of every kind: folders f-1 and f-2 in it, label l-1, notes n-1 and n-2, entries 1 to 4, and records beside them.
template <store S>
void fill(S& store) {
    auto tx = store.begin_write();
    put_folder(store, id_of('f', 1), "top", {}, clean(remote_of('f', 1), 3));
    put_folder(store, id_of('f', 2), "inside", id_of('f', 1), dirty(1));
    put_label(store, id_of('l', 1), "first", clean(remote_of('l', 1), 2));
    store.put_row(notes, id_of('n', 1), note(id_of('f', 2), "one", 1, id_of('l', 1)), dirty(2));
    store.put_row(notes, id_of('n', 2), note(id_of('f', 1), "two", 2, id_of('l', 1)), clean(remote_of('n', 2), 5));
    for (const auto& [table, id] : {std::pair(folders, id_of('f', 2)), {notes, id_of('n', 1)}, {notes, id_of('n', 3)}, {labels, id_of('l', 1)}}) {
        outbox_entry entry = entry_for(table, id, id == id_of('n', 3) ? operation_kind::remove : operation_kind::create);
        if (id == id_of('n', 1)) entry.base = std::string("\0base", 5);
        store.append_entry(entry);
    }
    const std::array<sequence, 1> sent{2};
    store.mark_in_flight(sent);
    store.put_removed(removed_of(id_of('n', 3), 3));
    store.put_removed(removed_of(id_of('n', 4), 3));
    store.put_parked(parked_of(id_of('n', 5), 6));
    conflict_record conflict = conflict_of(id_of('n', 1));
    store.add_conflict(conflict);
    store.put_meta("cursor", "a cursor");
    store.put_meta("device", "a device");
    tx.commit();
}

}  // namespace store_suite
}  // namespace syncline::testing
