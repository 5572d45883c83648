/// The command sync: once, or whenever something changes.
#pragma once

#include <chrono>
#include <cstdio>
#include <functional>
#include <string>

#include <shell/connection.hpp>
#include <shell/json.hpp>
#include <shell/last_sync.hpp>
#include <shell/listing.hpp>
#include <shell/progress.hpp>
#include <shell/signals.hpp>
#include <syncline/client/inspection.hpp>
#include <syncline/client/live_sync.hpp>
#include <syncline/stores/sqlite.hpp>

namespace shell {

namespace detail {

[[nodiscard]] inline bool has_arrived(const syncline::sync_report& report, std::size_t refused_before) {
    const syncline::table_report total = report.total();
    return report.outcome == syncline::sync_outcome::complete && total.waiting == 0 && total.refused == 0 && refused_before == 0;
}

[[nodiscard]] inline bool did_something(const syncline::sync_report& report) {
    syncline::table_report total = report.total();
    total.waiting = total.held_back = 0;
    return total != syncline::table_report{};
}

[[nodiscard]] inline std::string problem_of(const syncline::sync_report& report) {
    return report.problem ? printable(to_string(report.problem)) : std::string(name_of(report.outcome));
}

inline void print_report(const syncline::schema_view& schema, const syncline::sync_report& report) {
    std::printf("%s, %zu request(s)%s\n", std::string(name_of(report.outcome)).c_str(), report.requests,
                report.problem ? (" (" + problem_of(report) + ")").c_str() : "");
    listing lines({"table", "pushed", "pulled", "merged", "refused", "waiting"});
    const auto line = [&](std::string_view name, const syncline::table_report& row) {
        lines.add({std::string(name), std::to_string(row.pushed), std::to_string(row.pulled), std::to_string(row.merged), std::to_string(row.refused),
                   std::to_string(row.waiting)});
    };
    for (std::size_t i = 0; i < report.tables.size(); ++i)
        if (report.tables[i] != syncline::table_report{}) line(schema.tables[i].name, report.tables[i]);
    if (lines.empty()) {
        std::printf("nothing was transferred\n");
        return;
    }
    line("all", report.total());
    lines.print("", {1, 2, 3, 4, 5});
    if (const std::size_t held_back = report.total().held_back; held_back != 0)
        std::printf("%zu row(s) were removed elsewhere, which is most of this store; sync --allow-removals takes that\n", held_back);
    if (report.conflicts != 0) std::printf("%zu new conflict(s), see conflicts\n", report.conflicts);
}

inline void write_report(const syncline::schema_view& schema, const syncline::sync_report& report, std::size_t refused, bool arrived) {
    json_text out;
    const auto counts = [&](const syncline::table_report& row) {
        out.begin('{').name("pushed").count(row.pushed).name("pulled").count(row.pulled).name("merged").count(row.merged);
        out.name("refused").count(row.refused).name("waiting").count(row.waiting).name("heldBack").count(row.held_back).end('}');
    };
    out.begin('{').name("outcome").text(name_of(report.outcome)).name("converged").boolean(arrived);
    out.name("problem").text(report.problem ? to_string(report.problem) : "").name("requests").count(report.requests);
    out.name("conflicts").count(report.conflicts).name("quarantined").count(refused).name("retryInMs").number(report.retry_in_ms);
    out.name("tables").begin('{');
    for (std::size_t i = 0; i < report.tables.size(); ++i) {
        out.name(schema.tables[i].name);
        counts(report.tables[i]);
    }
    out.end('}').name("total");
    counts(report.total());
    out.end('}').print();
}

/// One line for a sync of a watch.
inline void print_line(const syncline::sync_report& report) {
    const syncline::table_report total = report.total();
    std::printf("%s  %s: %zu pushed, %zu pulled, %zu merged, %zu refused, %zu waiting, %zu conflict(s)\n",
                format_moment(syncline::system_clock_source()() / 1000 * 1'000'000).c_str(), problem_of(report).c_str(), total.pushed, total.pulled,
                total.merged, total.refused, total.waiting, report.conflicts);
}

[[nodiscard]] inline syncline::engine_options engine_options_of(const arguments& given) {
    syncline::engine_options options;
    if (given.lease_ms != 0) options.bounds.lease_ms = given.lease_ms;
    if (given.batch_operations != 0) options.bounds.batch_operations = given.batch_operations;
    return options;
}

[[nodiscard]] inline syncline::engine_options engine_options_of(const arguments& given, progress_display& bar) {
    syncline::engine_options options = engine_options_of(given);
    options.observer = [&bar](const syncline::sync_progress& progress) {
        const bool pushing = progress.now == syncline::sync_progress::phase::pushing;
        bar.show(pushing ? "pushed" : "pulled", progress.done, progress.total);
    };
    return options;
}

}  // namespace detail

/// Syncs once and says what happened; done only if everything has arrived.
inline int sync_once(syncline::sqlite_store& store, connection& server, const arguments& given) {
    progress_display bar(given.program);
    syncline::engine engine(store, server.link(), detail::engine_options_of(given, bar));
    if (given.allow_removals) engine.allow_removals();
    const syncline::sync_report report = engine.sync();
    bar.end();
    syncline::store_adapter port(store);
    const std::size_t refused = syncline::list_pending(port, true).size();
    const bool arrived = detail::has_arrived(report, refused);
    if (report.outcome == syncline::sync_outcome::complete) write_last_sync(store, given.server);
    if (given.json) detail::write_report(store.schema(), report, refused, arrived);
    else detail::print_report(store.schema(), report);
    if (refused != 0 && !given.json) std::printf("%zu operation(s) were refused, see quarantine\n", refused);
    return arrived ? exit_done : exit_refused;
}

/// Syncs whenever something changes here or there, until SIGINT or SIGTERM, or until the server refuses this store. Prints what each
/// sync did that did something; done if everything has arrived at the end.
inline int watch(syncline::sqlite_store& store, connection& server, const arguments& given) {
    syncline::sync_outcome last = syncline::sync_outcome::complete;
    bool arrived = false;
    std::function<void()> stop;
    syncline::live_options options;
    options.syncs = detail::engine_options_of(given);
    // Somebody looks at this one: short pauses, whatever it costs.
    options.poll_every = options.pause_max = std::chrono::seconds(5);
    options.reported = [&](const syncline::sync_report& report) {
        syncline::store_adapter port(store);
        const std::size_t refused = syncline::list_pending(port, true).size();
        arrived = detail::has_arrived(report, refused);
        if (report.outcome == syncline::sync_outcome::complete) write_last_sync(store, given.server);
        if (detail::did_something(report) || report.outcome != last) {
            if (given.json) detail::write_report(store.schema(), report, refused, arrived);
            else detail::print_line(report);
            std::fflush(stdout);
        }
        last = report.outcome;
        if (last == syncline::sync_outcome::unauthorized || last == syncline::sync_outcome::refused) stop();
    };
    syncline::live_sync live(store, server.link(), options);
    stop = [&live] { live.stop(); };
    if (given.allow_removals) live.allow_removals();
    run_until_signalled([&live] { live.run(); }, stop);
    return arrived ? exit_done : exit_refused;
}

}  // namespace shell
