/// Commands about edits that did not get their way: conflicts and quarantine.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <shell/arguments.hpp>
#include <shell/json.hpp>
#include <shell/listing.hpp>
#include <syncline/client/inspection.hpp>
#include <syncline/client/quarantine.hpp>

namespace shell {

namespace detail {

struct lost_values {
    explicit lost_values(const syncline::conflict_record& record, std::size_t columns) : mine(columns), theirs(columns) {
        std::string_view image = record.mine;
        if (!image.empty()) mine_mask = syncline::take_image(image, mine);
        image = record.theirs;
        if (!image.empty()) theirs_mask = syncline::take_image(image, theirs);
    }

    std::vector<syncline::cell> mine, theirs;
    syncline::column_mask mine_mask = 0, theirs_mask = 0;
};

inline void write_conflict(const syncline::table_view& table, const syncline::conflict_record& record, json_text& out) {
    const lost_values values(record, table.columns.size());
    out.begin('{').name("number").number(record.number).name("kind").text(name_of(record.kind)).name("entity").text(table.entity);
    out.name("id").text(record.id.view()).name("kept").text(record.mine_won ? "here" : "there").name("reason").text(record.reason);
    const auto write_side = [&](std::string_view side, const std::vector<syncline::cell>& cells, syncline::column_mask mask) {
        out.name(side).begin('{');
        for (std::size_t i = 0; i < cells.size(); ++i)
            if (syncline::has_column(mask, i)) out.name(table.columns[i].name).field(table.columns[i], cells[i]);
        out.end('}');
    };
    write_side("here", values.mine, values.mine_mask);
    write_side("there", values.theirs, values.theirs_mask);
    out.end('}');
}

inline void print_conflict(const syncline::table_view& table, const syncline::conflict_record& record) {
    const lost_values values(record, table.columns.size());
    std::printf("%lld  %s: %s %s%s%s\n", static_cast<long long>(record.number), std::string(name_of(record.kind)).c_str(),
                std::string(table.entity).c_str(), record.id.str().c_str(), record.reason.empty() ? "" : ", ", printable(record.reason).c_str());
    const bool both = values.theirs_mask != 0;
    listing lines(both ? std::vector<std::string>{"field", "here", "there", "kept"} : std::vector<std::string>{"field", "here"});
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (!syncline::has_column(values.mine_mask | values.theirs_mask, i)) continue;
        const syncline::column_view& column = table.columns[i];
        std::vector<std::string> line{std::string(column.name), syncline::has_column(values.mine_mask, i) ? format_field(column, values.mine[i]) : ""};
        if (both) {
            line.push_back(syncline::has_column(values.theirs_mask, i) ? format_field(column, values.theirs[i]) : "");
            line.push_back(record.mine_won ? "here" : "there");
        }
        lines.add(std::move(line));
    }
    if (!lines.empty()) lines.print("   ");
}

inline void forget_conflicts(syncline::sqlite_store& store, const std::string& which) {
    auto writing = store.begin_write();
    std::vector<std::int64_t> numbers;
    store.scan_conflicts([&](const syncline::conflict_record& record) {
        if (which == "all" || which == std::to_string(record.number)) numbers.push_back(record.number);
    });
    if (numbers.empty() && which != "all") throw command_failed("there is no conflict " + which);
    for (const std::int64_t number : numbers) store.erase_conflict(number);
    writing.commit();
}

}  // namespace detail

inline int conflicts(syncline::sqlite_store& store, const arguments& given) {
    if (given.action == "forget") {
        detail::forget_conflicts(store, given.id);
        return exit_done;
    }
    const syncline::schema_view& schema = store.schema();
    auto reading = store.begin_read();
    json_text out;
    std::size_t count = 0;
    if (given.json) out.begin('[');
    store.scan_conflicts([&](const syncline::conflict_record& record) {
        ++count;
        if (given.json) detail::write_conflict(schema[record.table], record, out);
        else detail::print_conflict(schema[record.table], record);
    });
    if (given.json) out.end(']').print();
    else if (count == 0) std::printf("no conflicts\n");
    return exit_done;
}

namespace detail {

inline int list_quarantine(syncline::sqlite_store& store, bool json) {
    syncline::store_adapter port(store);
    const std::vector<syncline::pending_operation> refused = syncline::list_pending(port, true);
    if (json) {
        json_text out;
        out.begin('[');
        for (const syncline::pending_operation& one : refused)
            out.begin('{').name("entity").text(one.entity).name("id").text(one.id.view()).name("operation").text(name_of(one.kind))
                .name("reason").text(name_of(one.reason)).name("text").text(one.reason_text).name("attempts").number(one.attempts).end('}');
        out.end(']').print();
        return exit_done;
    }
    listing lines({"entity", "id", "operation", "reason", "text"});
    for (const syncline::pending_operation& one : refused)
        lines.add({one.entity, one.id.str(), std::string(name_of(one.kind)), std::string(name_of(one.reason)), one.reason_text});
    if (lines.empty()) std::printf("nothing was refused\n");
    else lines.print();
    return exit_done;
}

/// The row with an operation that was set aside whose id `text` is, or begins with.
[[nodiscard]] inline syncline::row_name refused_row(syncline::sqlite_store& store, const std::string& text) {
    std::vector<syncline::local_id> candidates;
    int table = -1;
    syncline::store_adapter port(store);
    for (const syncline::pending_operation& one : syncline::list_pending(port, true)) {
        const bool begins = text.size() >= prefix_size_min && one.id.view().starts_with(text);
        if (one.id.view() != text && !begins) continue;
        candidates.push_back(one.id);
        table = store.schema().find_entity(one.entity);
    }
    return {table, only_match(candidates, "refused operation of a row", text)};
}

inline int list_discarded(const std::vector<syncline::discarded_row>& rows, bool json) {
    if (json) {
        json_text out;
        out.begin('[');
        for (const syncline::discarded_row& one : rows)
            out.begin('{').name("entity").text(one.entity).name("id").text(one.id.view()).name("fate").text(name_of(one.fate)).end('}');
        out.end(']').print();
        return exit_done;
    }
    listing lines({"entity", "id", "effect"});
    for (const syncline::discarded_row& one : rows) lines.add({one.entity, one.id.str(), std::string(name_of(one.fate))});
    lines.print();
    return exit_done;
}

}  // namespace detail

inline int quarantine(syncline::sqlite_store& store, const arguments& given) {
    if (given.action.empty()) return detail::list_quarantine(store, given.json);
    const syncline::row_name row = detail::refused_row(store, given.id);
    syncline::store_adapter port(store);
    if (given.action == "retry") {
        if (!syncline::retry_set_aside(port, row.table, row.id)) throw command_failed("the operation was sent or given up just now");
        return exit_done;
    }
    const syncline::limits bounds;
    return detail::list_discarded(given.preview ? syncline::preview_discard(port, row.table, row.id)
                                                : syncline::discard_set_aside(port, bounds, row.table, row.id),
                                  given.json);
}

}  // namespace shell
