/// Commands that edit rows, add, set and rm, and claim, which says whose they are.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include <shell/arguments.hpp>
#include <shell/json.hpp>
#include <shell/row_writer.hpp>
#include <syncline/client/claim.hpp>

namespace shell {

namespace detail {

struct assignment {
    std::string_view name;
    std::string_view value;
};

[[nodiscard]] inline assignment split(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) throw usage_error("'" + std::string(text) + "' is not of the form field=value");
    return {text.substr(0, equals), text.substr(equals + 1)};
}

/// Reads one value into `out`; a key may be the beginning of an id.
inline void read_value(syncline::sqlite_store& store, const syncline::table_view& table, const assignment& one, field_values& out) {
    const std::size_t i = column_named(table, one.name);
    const syncline::column_view& column = table.columns[i];
    if (syncline::has_column(out.mask, i)) throw usage_error(std::string(one.name) + " is given twice");
    const bool is_key = column.kind == syncline::column_kind::key && !one.value.empty();
    out.set(i, is_key ? syncline::cell::local_key(out.bytes.keep(row_named(store, column.target, one.value).view()))
                      : read_field(column, one.value, out.bytes));
}

/// A required key has no default that could be meant.
inline void require_keys(const syncline::table_view& table, syncline::column_mask given) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const syncline::column_view& column = table.columns[i];
        if (column.kind == syncline::column_kind::key && !column.nullable && !syncline::has_column(given, i))
            throw usage_error("a " + std::string(table.entity) + " needs " + std::string(column.name) + "=..., " + std::string(form_of(column.kind)));
    }
}

/// An id that the user chose, or an empty one for an empty text.
[[nodiscard]] inline syncline::local_id chosen_id(std::string_view text) {
    if (text.empty()) return {};
    const auto id = syncline::local_id::parse(text);
    if (!id) throw usage_error("'" + std::string(text) + "' is no id: 1 to 40 characters of A-Z a-z 0-9 . _ ~ -");
    return *id;
}

}  // namespace detail

inline int add(syncline::sqlite_store& store, row_writer& rows, const arguments& given) {
    const int table = table_named(store.schema(), given.entity);
    const syncline::table_view& description = store.schema()[table];
    field_values values(description);
    syncline::local_id id;
    for (const std::string& text : given.assignments) {
        const detail::assignment one = detail::split(text);
        if (one.name == "id") id = detail::chosen_id(one.value);
        else detail::read_value(store, description, one, values);
    }
    detail::require_keys(description, values.mask);
    const syncline::local_id made = rows.create(table, id, values);
    if (given.json) {
        json_text out;
        out.begin('{').name("id").text(made.view()).end('}').print();
    } else {
        std::printf("%s\n", made.str().c_str());
    }
    return exit_done;
}

inline int set(syncline::sqlite_store& store, row_writer& rows, const arguments& given) {
    const int table = table_named(store.schema(), given.entity);
    field_values values(store.schema()[table]);
    for (const std::string& text : given.assignments) detail::read_value(store, store.schema()[table], detail::split(text), values);
    const syncline::local_id id = row_named(store, table, given.id);
    if (!rows.update(table, id, values)) throw command_failed("the row was removed just now");
    if (given.json) {
        json_text out;
        out.begin('{').name("id").text(id.view()).end('}').print();
    }
    return exit_done;
}

inline int remove(syncline::sqlite_store& store, row_writer& rows, const arguments& given) {
    const int table = table_named(store.schema(), given.entity);
    const std::size_t removed = rows.remove(table, row_named(store, table, given.id));
    if (given.json) {
        json_text out;
        out.begin('{').name("removed").count(removed).end('}').print();
    } else {
        std::printf("removed %zu row(s)\n", removed);
    }
    return exit_done;
}

inline int claim(syncline::sqlite_store& store, const arguments& given) {
    syncline::store_adapter port(store);
    syncline::claim(port, given.claimed_for);
    if (given.json) {
        json_text out;
        out.begin('{').name("owner").text(given.claimed_for).end('}').print();
    }
    return exit_done;
}

}  // namespace shell
