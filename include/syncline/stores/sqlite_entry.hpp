/// An outbox entry as a row of SQLite: a column for what every entry has, and one for all that few have.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <syncline/model/image.hpp>
#include <syncline/model/outbox_entry.hpp>
#include <syncline/sqlite/statement.hpp>

namespace syncline::detail {

/// Columns in the order of bind() and read(). `rest` is what write_rest() makes, null for an entry that was never frozen, refused or closed.
inline constexpr std::string_view sqlite_entry_columns =
    "seq, table_number, row_id, kind, state, columns, incarnation, behind, group_number, base, rest";

/// The rare parts of an entry, numbers as in images and texts behind their lengths; empty if all of them are as in a new entry.
[[nodiscard]] inline std::string write_rest(const outbox_entry& entry) {
    const bool is_plain = entry.base_version.is_none() && entry.attempts == 0 && entry.not_before_ms == 0 && entry.reason == error_code::none &&
                          entry.reason_text.empty() && !entry.contained && entry.frozen.empty() && entry.created.empty() &&
                          entry.closes == operation_kind::close && entry.digest == 0;
    std::string out;
    if (is_plain) return out;
    for (const std::int64_t number : {std::int64_t{entry.base_version.generation()}, entry.base_version.number(), std::int64_t{entry.attempts},
                                      entry.not_before_ms, std::int64_t{entry.contained}, static_cast<std::int64_t>(entry.closes)})
        append_number(out, static_cast<std::uint64_t>(number));
    append_number(out, entry.digest);
    const std::string_view reason = entry.reason == error_code::none ? std::string_view() : name_of(entry.reason);
    for (const std::string_view text : {reason, std::string_view(entry.reason_text), std::string_view(entry.frozen), std::string_view(entry.created)}) {
        append_number(out, text.size());
        out.append(text);
    }
    return out;
}

/// Throws store_error when the bytes are not of write_rest().
inline void read_rest(std::string_view in, outbox_entry& out) {
    if (in.empty()) {
        out.base_version = {};
        out.attempts = 0;
        out.not_before_ms = 0;
        out.contained = false;
        out.closes = operation_kind::close;
        out.digest = 0;
        out.reason = error_code::none;
        out.reason_text.clear();
        out.frozen.clear();
        out.created.clear();
        return;
    }
    const auto number = [&in] { return static_cast<std::int64_t>(take_number(in)); };
    const auto text = [&in] { return take_bytes(in, static_cast<std::size_t>(take_number(in))); };
    const auto generation = static_cast<generation_number>(number());
    out.base_version = row_version(generation, number());
    out.attempts = static_cast<int>(number());
    out.not_before_ms = number();
    out.contained = number() != 0;
    const std::int64_t closes = number();
    if (closes < 0 || closes > static_cast<std::int64_t>(operation_kind::close)) throw store_error("SQLite: a stored outbox entry is broken");
    out.closes = static_cast<operation_kind>(closes);
    out.digest = static_cast<std::uint64_t>(number());
    const std::string_view reason = text();
    out.reason = reason.empty() ? error_code::none : error_code_named(reason);
    out.reason_text = text();
    out.frozen = text();
    out.created = text();
}

inline void bind(sqlite::statement& statement, const outbox_entry& entry, const std::string& rest) {
    statement.bind_integer(1, entry.seq);
    statement.bind_integer(2, entry.table);
    statement.bind_text(3, entry.id.view());
    statement.bind_integer(4, static_cast<std::int64_t>(entry.kind));
    statement.bind_integer(5, static_cast<std::int64_t>(entry.state));
    statement.bind_integer(6, static_cast<std::int64_t>(entry.mask));
    statement.bind_integer(7, entry.incarnation);
    statement.bind_integer(8, entry.behind);
    statement.bind_integer(9, entry.group);
    statement.bind_blob_or_null(10, entry.base);
    statement.bind_blob_or_null(11, rest);
}

/// Throws store_error for an entry that no table of a schema with `tables` of them has, or that is broken otherwise.
inline void read(const sqlite::statement& row, int tables, outbox_entry& out) {
    out.seq = row.integer(0);
    out.table = static_cast<int>(row.integer(1));
    out.id = local_id::trusted(row.view(2));
    const std::int64_t kind = row.integer(3);
    const std::int64_t state = row.integer(4);
    if (out.id.empty() || out.table < 0 || out.table >= tables || kind < 0 || kind > static_cast<std::int64_t>(operation_kind::close) || state < 0 ||
        state > static_cast<std::int64_t>(entry_state::quarantined))
        throw store_error("SQLite: a stored outbox entry is broken");
    out.kind = static_cast<operation_kind>(kind);
    out.state = static_cast<entry_state>(state);
    out.mask = static_cast<column_mask>(row.integer(5));
    out.incarnation = static_cast<incarnation_number>(row.integer(6));
    out.behind = row.integer(7);
    out.group = row.integer(8);
    out.base = row.view_or_empty(9);
    read_rest(row.view_or_empty(10), out);
}

}  // namespace syncline::detail
