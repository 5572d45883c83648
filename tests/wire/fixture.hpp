/// A small schema written by hand, with a column of every kind, and short ways to say what a message is refused for.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <support/catch.hpp>
#include <syncline/wire/reader.hpp>
#include <syncline/wire/writer.hpp>
#include <wire/support/transcode.hpp>

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

/// The kinds of message that have a body.
enum class message : std::uint8_t { push, page, push_answer, error_answer };

/// What a body of this kind is refused for; "none" when it is not.
inline std::string refusal(message kind, std::string_view body, wire::encoding form, const limits& bounds = {}) {
    wire::push_request push;
    wire::page page;
    wire::push_answer answer;
    error said;
    switch (kind) {
        case message::push: return summary(wire::read_push(body, notes_schema, bounds, push, form));
        case message::page: return summary(wire::read_page(body, notes_schema, bounds, page, form));
        case message::push_answer: return summary(wire::read_push_answer(body, notes_schema, bounds, answer, form));
        case message::error_answer: return summary(wire::read_error(body, bounds, said, form));
    }
    return {};
}

/// The message in CBOR that says what `text` says in JSON; nothing for a text that is no JSON.
inline std::optional<std::string> to_cbor(message kind, std::string_view text) {
    const std::optional<json_tree> tree = parse_tree(text);
    if (!tree) return std::nullopt;
    const transcoder transcode(notes_schema);
    switch (kind) {
        case message::push: return transcode.push(*tree);
        case message::page: return transcode.page(*tree);
        case message::push_answer: return transcode.push_answer(*tree);
        case message::error_answer: return transcode.error_answer(*tree);
    }
    return std::nullopt;
}

inline constexpr wire::encoding encodings[] = {wire::encoding::json, wire::encoding::cbor};

/// The body, in this encoding, of the message that is `text` in JSON.
inline std::string body_in(wire::encoding form, message kind, std::string_view text) {
    return form == wire::encoding::json ? std::string(text) : to_cbor(kind, text).value();
}

/// What the message is refused for in JSON, and in CBOR where there is such a message; it must be the same.
inline std::string refusal(message kind, std::string_view text, const limits& bounds = {}) {
    const std::string in_json = refusal(kind, text, wire::encoding::json, bounds);
    if (const std::optional<std::string> body = to_cbor(kind, text)) {
        INFO(text);
        CHECK(refusal(kind, *body, wire::encoding::cbor, bounds) == in_json);
    }
    return in_json;
}

inline std::string push_refusal(std::string_view text, const limits& bounds = {}) { return refusal(message::push, text, bounds); }
inline std::string answer_refusal(std::string_view text, const limits& bounds = {}) {
    return refusal(message::push_answer, text, bounds);
}
inline std::string page_refusal(std::string_view text, const limits& bounds = {}) { return refusal(message::page, text, bounds); }

/// The two of them where they differ: what JSON refuses, and how, is not always a message of CBOR.
inline std::string refusals(message kind, std::string_view text, const limits& bounds = {}) {
    return refusal(kind, text, wire::encoding::json, bounds) + " / " +
           refusal(kind, to_cbor(kind, text).value(), wire::encoding::cbor, bounds);
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
        R"({"id":"N1","localId":"n1","version":"1.7","updatedAt":8,"isDeleted":false,"incarnation":1,)" + note_fields + "}";
    if (!from.empty()) row.replace(row.find(from), from.size(), to);
    return page_of(R"("notes":[)" + row + "]");
}

/// The answer to a push with one result, to which `more` adds keys.
inline std::string answer_of(const std::string& more) {
    return R"({"results":[{"seq":1,"digest":"00000000000000ff","verdict":"merged","localId":"n1","version":"1.9")" + more +
           R"(}],"version":"1.9"})";
}

}  // namespace syncline::tests
