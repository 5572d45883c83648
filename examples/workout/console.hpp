/// What the demo shows: progress while it works, a table of what each sync did, conflicts in words.
#pragma once

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <syncline/client/inspection.hpp>
#include <syncline/client/report.hpp>

namespace workout_tracker {

/// Progress of one device's syncs: a bar on a terminal, a line for each answer elsewhere.
class progress_display {
public:
    explicit progress_display(std::string device) : device_(std::move(device)) {}

    void operator()(const syncline::sync_progress& progress) {
        const bool pushing = progress.now == syncline::sync_progress::phase::pushing;
        if (progress.done == 0 || (progress.done == last_done_ && pushing == last_pushing_)) return;
        last_done_ = progress.done;
        last_pushing_ = pushing;
        const auto elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
        const double rate = elapsed > 0 ? static_cast<double>(progress.done) / elapsed : 0;
        if (!is_terminal_) {
            if (pushing) std::printf("  %s: pushed %zu of %zu (%.0f rows/s)\n", device_.c_str(), progress.done, progress.total, rate);
            else std::printf("  %s: pulled %zu (%.0f rows/s)\n", device_.c_str(), progress.done, rate);
        } else if (pushing) {
            constexpr std::size_t width = 30;
            const std::size_t full = progress.total == 0 ? width : width * progress.done / progress.total;
            std::printf("\r\033[K  %s: [%s%s] %zu/%zu", device_.c_str(), std::string(full, '#').c_str(), std::string(width - full, ' ').c_str(),
                        progress.done, progress.total);
        } else {
            std::printf("\r\033[K  %s: pulled %zu", device_.c_str(), progress.done);
        }
        std::fflush(stdout);
    }

    /// Ends the bar before other output.
    void end() {
        if (is_terminal_ && last_done_ != 0) std::printf("\r\033[K");
        last_done_ = 0;
        started_ = std::chrono::steady_clock::now();
    }

private:
    std::string device_;
    bool is_terminal_ = ::isatty(STDOUT_FILENO) != 0;
    bool last_pushing_ = true;
    std::size_t last_done_ = 0;
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

/// One line a table that took part, with what the sync did to it.
inline void print_report(const std::string& title, const syncline::sync_report& report, const syncline::schema_view& schema) {
    const auto total = report.total();
    std::printf("  %s: %s, %zu request(s)", title.c_str(), std::string(name_of(report.outcome)).c_str(), report.requests);
    if (report.problem) std::printf(" (%s)", to_string(report.problem).c_str());
    std::printf("\n");
    if (total == syncline::table_report{}) {
        std::printf("    nothing to do\n");
        return;
    }
    std::printf("    %-20s %8s %8s %8s %8s %8s\n", "table", "pushed", "pulled", "merged", "refused", "waiting");
    const auto line = [](std::string_view name, const syncline::table_report& row) {
        std::printf("    %-20s %8zu %8zu %8zu %8zu %8zu\n", std::string(name).c_str(), row.pushed, row.pulled, row.merged, row.refused, row.waiting);
    };
    for (std::size_t i = 0; i < report.tables.size(); ++i)
        if (report.tables[i] != syncline::table_report{}) line(schema.tables[i].name, report.tables[i]);
    line("all", total);
}

inline void print_conflicts(const std::string& device, const std::vector<syncline::conflict>& conflicts) {
    for (const syncline::conflict& one : conflicts) {
        std::printf("  %s, %s %s: %s", device.c_str(), one.entity.c_str(), one.id.str().substr(0, 8).c_str(), std::string(name_of(one.kind)).c_str());
        if (!one.reason.empty()) std::printf(" (%s)", one.reason.c_str());
        std::printf("\n");
        for (const syncline::conflict_field& field : one.fields) {
            std::printf("    %-18s here: %s", field.name.c_str(), field.mine.c_str());
            if (one.kind == syncline::conflict_kind::field_overwritten)
                std::printf("   there: %s   kept: %s", field.theirs.c_str(), one.mine_won ? "here" : "there");
            std::printf("\n");
        }
    }
}

}  // namespace workout_tracker
