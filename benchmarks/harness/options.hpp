/// The harness's command line.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "../shared/settings.hpp"

namespace benchmarks::harness {

struct options {
    bool quick = false;
    bool growth = false;
    bool explain = false;
    bool http = false;
    int rounds = 0;  ///< 0: 5, or 3 where quick
    std::uint64_t seed = default_seed;
    id_kind ids = id_kind::time_ordered;
    std::string json_file;
    std::string svg_folder;
    std::string folder;    ///< for the files of sqlite-disk
    std::string programs;  ///< the folder of the contestants
    std::vector<work> works{work::w1, work::w2, work::w3, work::w4, work::w5, work::w6a, work::w6b};
    std::vector<store_kind> stores{store_kind::memory, store_kind::sqlite_memory, store_kind::sqlite_disk};

    [[nodiscard]] int round_count() const noexcept { return rounds != 0 ? rounds : quick ? 3 : 5; }
    /// 10,400 rows for pushes, conflicts and local writes, 104,000 for what a device pulls or holds.
    [[nodiscard]] std::size_t workouts_for(work which) const noexcept {
        const bool holds_much = which == work::w2 || which == work::w3 || which == work::w4;
        return (holds_much ? 4'000u : 400u) / (quick ? 10u : 1u);
    }
};

/// The text between the first and the last line is also what run.sh prints.
inline constexpr std::string_view usage =
#include "usage.txt"
    ;

inline void print_usage() { std::fwrite(usage.data() + 1, 1, usage.size() - 1, stdout); }

[[noreturn]] inline void reject(const std::string& why) {
    std::fprintf(stderr, "benchmarks: %s; --help lists what there is\n", why.c_str());
    std::exit(2);
}

/// The names in a list with commas between them.
[[nodiscard]] inline std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> parts;
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        parts.emplace_back(list.substr(0, comma));
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    }
    return parts;
}

[[nodiscard]] inline options read_options(int count, char** arguments) {
    options chosen;
    const std::string own_path = arguments[0];
    const std::size_t slash = own_path.rfind('/');
    chosen.programs = slash == std::string::npos ? "." : own_path.substr(0, slash);
    for (int i = 1; i < count; ++i) {
        const std::string name = arguments[i];
        const auto value = [&]() -> std::string {
            if (++i == count || arguments[i][0] == '\0') reject(name + " needs a value");
            return arguments[i];
        };
        if (name == "--help" || name == "-h") {
            print_usage();
            std::exit(0);
        } else if (name == "--quick") {
            chosen.quick = true;
        } else if (name == "--growth") {
            chosen.growth = true;
        } else if (name == "--explain") {
            chosen.explain = true;
        } else if (name == "--http") {
            chosen.http = true;
            chosen.works = {work::w1, work::w2, work::w3, work::w4, work::w5};
        } else if (name == "--json") {
            chosen.json_file = value();
        } else if (name == "--svg") {
            chosen.svg_folder = value();
        } else if (name == "--dir") {
            chosen.folder = value();
        } else if (name == "--rounds") {
            const std::string text = value();
            const auto rounds = number_in<int>(text);
            if (!rounds || *rounds < 1 || *rounds > 1'000) reject("'" + text + "' is no number of rounds");
            chosen.rounds = *rounds;
        } else if (name == "--seed") {
            const std::string text = value();
            const auto seed = number_in<std::uint64_t>(text);
            if (!seed) reject("'" + text + "' is no seed");
            chosen.seed = *seed;
        } else if (name == "--ids") {
            const std::string text = value();
            const auto found = named<id_kind>(id_kind_names, text);
            if (!found) reject("there is no kind of ids '" + text + "'");
            chosen.ids = *found;
        } else if (name == "--works") {
            chosen.works.clear();
            for (const std::string& one : split(value())) {
                if (one == "W6") {
                    chosen.works.insert(chosen.works.end(), {work::w6a, work::w6b});
                    continue;
                }
                const auto found = named<work>(work_names, one);
                if (!found) reject("there is no work '" + one + "'");
                chosen.works.push_back(*found);
            }
        } else if (name == "--stores") {
            chosen.stores.clear();
            for (const std::string& one : split(value())) {
                const auto found = named<store_kind>(store_names, one);
                if (!found) reject("there is no store '" + one + "'");
                chosen.stores.push_back(*found);
            }
        } else {
            reject("unknown option '" + name + "'");
        }
    }
    if (chosen.growth && (!chosen.json_file.empty() || !chosen.svg_folder.empty() || chosen.explain))
        reject("--growth prints a table of its own; leave --json, --svg and --explain out");
    if (chosen.http && (!chosen.json_file.empty() || !chosen.svg_folder.empty() || chosen.explain || chosen.growth))
        reject("--http prints a table of its own; leave --json, --svg, --explain and --growth out");
    return chosen;
}

}  // namespace benchmarks::harness
