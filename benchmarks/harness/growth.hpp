/// How syncline's time grows with rows: four sizes, and the exponent of a least-squares fit.
#pragma once

#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "../shapes/case_names.hpp"
#include "measure.hpp"
#include "tables.hpp"

namespace benchmarks::harness {

inline constexpr std::size_t growth_sizes = 4;

/// One line of the table: a work, and how its rows grow.
struct growth_case {
    std::string title;
    work what;
    bool changes_stay;  ///< W3 with as many changed rows at every size
    double expected;    ///< exponent
};

/// Exponent b of the fit time = a * rows^b, by least squares of the logarithms.
[[nodiscard]] inline double exponent_of(const std::vector<double>& rows, const std::vector<double>& ms) {
    double sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
    const auto n = static_cast<double>(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const double x = std::log(rows[i]), y = std::log(ms[i]);
        sum_x += x;
        sum_y += y;
        sum_xx += x * x;
        sum_xy += x * y;
    }
    return (n * sum_xy - sum_x * sum_y) / (n * sum_xx - sum_x * sum_x);
}

/// One line of the table.
struct growth_line {
    std::string title;
    double expected;                ///< exponent
    std::vector<std::size_t> rows;  ///< by step
};

/// Rows of the shapes at the first step; the last one has eight times as many.
[[nodiscard]] inline std::size_t smallest_shape(shapes::shape_case what, bool quick) {
    const bool is_wide = what == shapes::shape_case::wide_remove || what == shapes::shape_case::wide_depart;
    return (is_wide ? 12'500u : 6'250u) / (quick ? 10u : 1u);
}

inline constexpr std::array<std::string_view, shapes::case_names.size()> shape_titles{
    "row that owns the others, removed", "the same removal, pulled", "tree as deep as its rows, created",
    "the same tree, pushed",             "the same tree, pulled",    "its outermost row, removed",
    "the same removal, pulled"};

inline void run_growth(const options& chosen) {
    const std::size_t smallest = chosen.quick ? 50 : 500;
    const std::array<growth_case, 5> cases{{{"W1 push, rows pushed", work::w1, false, 1},
                                            {"W2 first sync, rows pulled", work::w2, false, 1},
                                            {"W3 one row in 100 changed", work::w3, false, 1},
                                            {"W3 the same changes, rows stored", work::w3, true, 0},
                                            {"W4 idle, rows stored", work::w4, false, 0}}};
    std::vector<growth_line> lines;
    for (const growth_case& one : cases) lines.push_back({one.title, one.expected, {}});
    for (const std::string_view title : shape_titles) lines.push_back({std::string(title), 1, {}});
    for (std::size_t at = 0; at < lines.size(); ++at)
        for (std::size_t step = 0; step < growth_sizes; ++step)
            lines[at].rows.push_back(at < cases.size() ? (smallest << step) * rows_per_workout
                                                       : smallest_shape(static_cast<shapes::shape_case>(at - cases.size()), chosen.quick) << step);

    std::map<std::pair<std::size_t, store_kind>, std::array<series, growth_sizes>> measured;
    for (int round = 0; round < chosen.round_count(); ++round)
        for (std::size_t at = 0; at < lines.size(); ++at)
            for (const store_kind store : chosen.stores) {
                std::fprintf(stderr, "round %d of %d: %s on %s\n", round + 1, chosen.round_count(), lines[at].title.c_str(),
                             name_of(store).c_str());
                for (std::size_t step = 0; step < growth_sizes; ++step) {
                    const scratch_folder folder(chosen.folder);
                    std::vector<std::string> command;
                    if (at < cases.size()) {
                        const std::size_t times = std::size_t{1} << step;
                        command = command_of(chosen, contestant::ours, cases[at].what, store, smallest * times, folder.path());
                        if (cases[at].changes_stay) command.insert(command.end(), {"--every", std::to_string(100 * times)});
                    } else {
                        command = {chosen.programs + "/shapes", "--case", std::string(shapes::case_names[at - cases.size()]),
                                   "--rows", std::to_string(lines[at].rows[step]), "--store", name_of(store), "--dir", folder.path()};
                    }
                    measured[{at, store}][step].add(run_round(command));
                }
            }

    std::printf("How syncline's time grows; milliseconds, medians of %d rounds\n", chosen.round_count());
    for (std::size_t at = 0; at < lines.size(); ++at) {
        if (at == 0 || lines[at].rows != lines[at - 1].rows) {
            std::printf("\n%-34s %-14s", "work", "store");
            for (const std::size_t rows : lines[at].rows) std::printf(" %9zu rows", rows);
            std::printf("   exponent  expected\n");
        }
        for (const store_kind store : chosen.stores) {
            std::printf("%-34s %-14s", lines[at].title.c_str(), name_of(store).c_str());
            std::vector<double> ms;
            for (const series& one : measured[{at, store}]) {
                ms.push_back(one.median_ms());
                std::printf(" %14s", shown_figure(ms.back()).c_str());
            }
            const std::vector<double> rows(lines[at].rows.begin(), lines[at].rows.end());
            std::printf(" %10.2f %9.0f\n", exponent_of(rows, ms), lines[at].expected);
        }
    }
    std::printf(
        "\nThe exponent is that of the least-squares fit time = a * rows^exponent: 1 is linear, 0 does not depend on the rows, 2 "
        "is square.\n");
}

}  // namespace benchmarks::harness
