/// Runs the contestants round by round and prints what they needed; benchmarks/run.sh builds it and calls it.
#include <cstdio>
#include <exception>

#include "chart.hpp"
#include "growth.hpp"
#include "json_report.hpp"
#include "machine.hpp"
#include "measure.hpp"
#include "options.hpp"
#include "tables.hpp"

namespace {

void run(const benchmarks::harness::options& chosen) {
    using namespace benchmarks::harness;
    const machine here = describe_machine();
    if (chosen.growth) {
        run_growth(chosen);
        std::printf("\n");
        print_machine(here, chosen);
        return;
    }
    const results all = measure_all(chosen);
    if (chosen.http) {
        print_http_table(chosen, all);
        std::printf("\n");
        print_machine(here, chosen);
        return;
    }
    print_main_table(chosen, all);
    std::printf("\n");
    print_details(chosen, all);
    std::printf("\n");
    print_machine(here, chosen);
    std::printf("\n");
    print_parity();
    if (!chosen.json_file.empty()) write_report(chosen.json_file, make_report(chosen, all, here));
    if (!chosen.svg_folder.empty()) write_charts(chosen, all);
}

}  // namespace

int main(int count, char** arguments) {
    try {
        auto chosen = benchmarks::harness::read_options(count, arguments);
        if (chosen.folder.empty()) chosen.folder = chosen.programs + "/rounds";
        run(chosen);
        return 0;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "benchmarks: %s\nNothing is reported.\n", problem.what());
        return 1;
    }
}
