/// Commands that only look: show, status, why and graph.
#pragma once

#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <shell/arguments.hpp>
#include <shell/json.hpp>
#include <shell/listing.hpp>
#include <shell/last_sync.hpp>
#include <syncline/client/inspection.hpp>
#include <syncline/schema/diagram.hpp>

namespace shell {

namespace detail {

inline void print_row(syncline::sqlite_store& store, int table, const syncline::local_id& id, bool json) {
    const syncline::table_view& description = store.schema()[table];
    auto reading = store.begin_read();
    syncline::row_buffer row;
    if (!store.find_row(table, id, row)) throw command_failed("the row was removed just now");
    if (json) {
        json_text out;
        out.row(description, id.view(), row.cells()).print();
        return;
    }
    listing lines({"id", id.str()});
    for (std::size_t i = 0; i < description.columns.size(); ++i)
        lines.add({std::string(description.columns[i].name), format_field(description.columns[i], row[i])});
    lines.print();
}

inline void print_table(syncline::sqlite_store& store, int table) {
    const syncline::table_view& description = store.schema()[table];
    std::vector<std::string> titles{"id"};
    std::vector<std::size_t> numbers;
    for (const syncline::column_view& column : description.columns) {
        if (column.kind == syncline::column_kind::integer || column.kind == syncline::column_kind::real) numbers.push_back(titles.size());
        titles.emplace_back(column.name);
    }
    listing lines(titles);
    store.scan_rows(table, [&](const syncline::local_id& id, const syncline::row_buffer& row) {
        std::vector<std::string> line{id.str()};
        for (std::size_t i = 0; i < description.columns.size(); ++i) line.push_back(format_field(description.columns[i], row[i]));
        lines.add(std::move(line));
    });
    lines.print("", numbers);
}

inline void write_table(syncline::sqlite_store& store, int table, json_text& out) {
    out.begin('[');
    store.scan_rows(table, [&](const syncline::local_id& id, const syncline::row_buffer& row) {
        out.row(store.schema()[table], id.view(), row.cells());
    });
    out.end(']');
}

[[nodiscard]] inline std::string age_of(std::int64_t then_ms) {
    const std::int64_t seconds = (syncline::system_clock_source()() - then_ms) / 1000;
    if (seconds < 120) return std::to_string(seconds) + " s ago";
    if (seconds < 7200) return std::to_string(seconds / 60) + " min ago";
    if (seconds < 172800) return std::to_string(seconds / 3600) + " h ago";
    return std::to_string(seconds / 86400) + " days ago";
}

}  // namespace detail

inline int show(syncline::sqlite_store& store, const arguments& given) {
    const syncline::schema_view& schema = store.schema();
    const int only = given.entity.empty() ? -1 : table_named(schema, given.entity);
    if (!given.id.empty()) {
        detail::print_row(store, only, row_named(store, only, given.id), given.json);
        return exit_done;
    }
    auto reading = store.begin_read();
    json_text out;
    if (given.json && only < 0) out.begin('{');
    for (int table = 0; table < schema.size(); ++table) {
        if (only >= 0 && table != only) continue;
        if (given.json) {
            if (only < 0) out.name(schema[table].name);
            detail::write_table(store, table, out);
            continue;
        }
        if (only < 0) std::printf("%s%s\n", table == 0 ? "" : "\n", std::string(schema[table].name).c_str());
        detail::print_table(store, table);
    }
    if (given.json && only < 0) out.end('}');
    if (given.json) out.print();
    return exit_done;
}

inline int status(syncline::sqlite_store& store, const arguments& given) {
    const syncline::schema_view& schema = store.schema();
    const auto tables = static_cast<std::size_t>(schema.size());
    struct counts {
        std::size_t rows = 0, waiting = 0, refused = 0;
    };
    std::vector<counts> by_table(tables);
    counts total;
    std::size_t conflicts = 0;
    auto reading = store.begin_read();
    for (std::size_t i = 0; i < tables; ++i) total.rows += by_table[i].rows = store.count_rows(static_cast<int>(i));
    store.scan_entries([&](const syncline::outbox_entry& entry) {
        counts& of_table = by_table[static_cast<std::size_t>(entry.table)];
        const bool refused = entry.state == syncline::entry_state::quarantined;
        ++(refused ? of_table.refused : of_table.waiting);
        ++(refused ? total.refused : total.waiting);
    });
    store.scan_conflicts([&](const syncline::conflict_record&) { ++conflicts; });
    const std::optional<last_sync> synced = read_last_sync(store);
    const std::string device = store.find_meta("device").value_or("");
    syncline::store_adapter port(store);
    const std::string owner = syncline::owner_of(port);

    if (given.json) {
        json_text out;
        out.begin('{').name("tables").begin('{');
        for (std::size_t i = 0; i < tables; ++i)
            out.name(schema.tables[i].name).begin('{').name("rows").count(by_table[i].rows).name("pending").count(by_table[i].waiting)
                .name("quarantined").count(by_table[i].refused).end('}');
        out.end('}').name("rows").count(total.rows).name("pending").count(total.waiting).name("quarantined").count(total.refused);
        out.name("conflicts").count(conflicts).name("device").text(device).name("owner").text(owner);
        if (synced) out.name("server").text(synced->server).name("syncedAt").text(format_moment(synced->at_ms * 1000));
        out.end('}').print();
        return exit_done;
    }
    listing lines({"table", "rows", "pending", "quarantined"});
    const auto line = [&](std::string_view name, const counts& of) {
        lines.add({std::string(name), std::to_string(of.rows), std::to_string(of.waiting), std::to_string(of.refused)});
    };
    for (std::size_t i = 0; i < tables; ++i) line(schema.tables[i].name, by_table[i]);
    line("all", total);
    lines.print("", {1, 2, 3});
    std::printf("%zu conflict(s) recorded\n", conflicts);
    if (!owner.empty()) std::printf("owner %s\n", printable(owner).c_str());
    if (synced) std::printf("last complete sync with %s: %s, %s\n", printable(synced->server).c_str(), format_moment(synced->at_ms * 1000).c_str(), detail::age_of(synced->at_ms).c_str());
    else std::printf("never synced completely\n");
    return exit_done;
}

inline int why(syncline::sqlite_store& store, const arguments& given) {
    const int table = table_named(store.schema(), given.entity);
    // A row that was removed here is not among the rows, and its whole id still has an answer.
    const auto whole = syncline::local_id::parse(given.id);
    syncline::store_adapter port(store);
    syncline::row_status found = whole ? syncline::explain(port, table, *whole) : syncline::row_status{};
    syncline::local_id id = whole.value_or(syncline::local_id());
    if (found.standing == syncline::row_standing::unknown) {
        id = row_named(store, table, given.id);
        found = syncline::explain(port, table, id);
    }
    const std::string reason = found.reason == syncline::error_code::none ? "" : std::string(name_of(found.reason));
    if (given.json) {
        json_text out;
        out.begin('{').name("entity").text(store.schema()[table].entity).name("id").text(id.view()).name("standing").text(name_of(found.standing));
        out.name("serverId").text(found.remote.view()).name("reason").text(reason).name("text").text(found.text).end('}').print();
        return exit_done;
    }
    listing lines({"standing", std::string(name_of(found.standing))});
    lines.add({"id", id.str()});
    lines.add({"server id", found.remote.empty() ? "not known yet" : found.remote.str()});
    if (!reason.empty()) lines.add({"reason", reason});
    if (!found.text.empty()) lines.add({"because", found.text});
    lines.print();
    return exit_done;
}

inline int graph(const syncline::schema_view& schema, const arguments& given) {
    std::fputs((given.dot ? syncline::to_dot(schema) : syncline::to_mermaid(schema)).c_str(), stdout);
    return exit_done;
}

}  // namespace shell
