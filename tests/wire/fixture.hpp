/// A small schema written by hand, with a column of every kind, and short ways to say what a message is refused for.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/wire/reader.hpp>
#include <syncline/wire/writer.hpp>

namespace syncline::tests {

constexpr std::int64_t int64_least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t int64_greatest = std::numeric_limits<std::int64_t>::max();

constexpr column_view plain_column(std::string_view name, column_kind kind, bool nullable = false) {
    column_view column;
    column.name = name;
    column.kind = kind;
    column.nullable = nullable;
    column.least = int64_least;
    column.greatest = int64_greatest;
    return column;
}

constexpr column_view small_column(std::string_view name, std::int64_t least, std::int64_t greatest) {
    column_view column = plain_column(name, column_kind::integer);
    column.least = least;
    column.greatest = greatest;
    return column;
}

constexpr column_view key_column(std::string_view name, int target, bool nullable) {
    column_view column = plain_column(name, column_kind::key, nullable);
    column.target = target;
    column.owning = !nullable;
    return column;
}

inline constexpr column_view folder_columns[] = {plain_column("title", column_kind::text), key_column("parentId", 0, true)};
enum folder_column : std::size_t { title, parent_id };

inline constexpr column_view note_columns[] = {
    key_column("folderId", 0, false),
    plain_column("body", column_kind::text, true),
    plain_column("done", column_kind::boolean),
    small_column("stars", -128, 127),
    plain_column("size", column_kind::integer),
    plain_column("weight", column_kind::real),
    plain_column("picture", column_kind::bytes, true),
    plain_column("takenAt", column_kind::timestamp),
    plain_column("tags", column_kind::set),
};
enum note_column : std::size_t { folder_id, body, done, stars, size, weight, picture, taken_at, tags };

constexpr table_view plain_table(std::string_view name, std::string_view entity, std::span<const column_view> columns, int rank,
                                 column_mask keys) {
    table_view table;
    table.name = name;
    table.entity = entity;
    table.route = name;
    table.key = "id";
    table.columns = columns;
    table.rank = rank;
    table.keys = keys;
    return table;
}

inline constexpr table_view notes_tables[] = {plain_table("folders", "folder", folder_columns, 0, 0b10),
                                              plain_table("notes", "note", note_columns, 1, 0b1)};
enum notes_table : int { folders, notes };

inline constexpr schema_view notes_schema{notes_tables, 0x0123456789abcdefu};

/// "code entity localId field", with "-" for what the error does not name.
inline std::string summary(const error& problem) {
    const auto word = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
    if (!problem) return "none";
    return std::string(name_of(problem.code)) + ' ' + word(problem.entity) + ' ' + word(problem.local_id) + ' ' +
           word(problem.field);
}

inline std::string push_refusal(std::string_view text, const limits& bounds = {}) {
    wire::push_request out;
    return summary(wire::read_push(text, notes_schema, bounds, out));
}

inline std::string answer_refusal(std::string_view text, const limits& bounds = {}) {
    wire::push_answer out;
    return summary(wire::read_push_answer(text, notes_schema, bounds, out));
}

inline std::string page_refusal(std::string_view text, const limits& bounds = {}) {
    wire::page out;
    return summary(wire::read_page(text, notes_schema, bounds, out));
}

/// A push of these operations, written as objects with commas between them.
inline std::string push_of(const std::string& operations) { return R"({"device":"phone","operations":[)" + operations + "]}"; }

inline const std::string note_fields =
    R"("folderId":"F1","body":"b","done":true,"stars":3,"size":4,"weight":0.5,"picture":"AAEC","takenAt":5,"tags":"[]")";

/// A push that creates the note n1; `from` in its fields is replaced by `to`.
inline std::string push_of_note(std::string_view from = {}, std::string_view to = {}) {
    std::string fields = note_fields;
    if (!from.empty()) fields.replace(fields.find(from), from.size(), to);
    return push_of(R"({"seq":1,"op":"create","entity":"note","localId":"n1","fields":{)" + fields + "}}");
}

/// A page of these tables, written as keys with lists of rows.
inline std::string page_of(const std::string& changes) {
    return R"({"changes":{)" + changes + R"(},"lastSync":"c1","more":false,"includes":{"floor":0,"above":[]}})";
}

/// A page with the note n1; `from` in its row is replaced by `to`.
inline std::string page_of_note(std::string_view from = {}, std::string_view to = {}) {
    std::string row =
        R"({"id":"N1","localId":"n1","version":7,"updatedAt":8,"isDeleted":false,"incarnation":1,)" + note_fields + "}";
    if (!from.empty()) row.replace(row.find(from), from.size(), to);
    return page_of(R"("notes":[)" + row + "]");
}

/// The answer to a push with one result, to which `more` adds keys.
inline std::string answer_of(const std::string& more) {
    return R"({"results":[{"seq":1,"digest":"00000000000000ff","verdict":"merged","localId":"n1","version":9)" + more +
           R"(}],"version":9})";
}

}  // namespace syncline::tests
