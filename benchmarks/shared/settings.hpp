/// The command line that every contestant understands, and the line it answers with.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain.hpp"

namespace benchmarks {

enum class work : std::uint8_t { w1, w2, w3, w4, w5, w6a, w6b };
inline constexpr std::array<std::string_view, 7> work_names{"W1", "W2", "W3", "W4", "W5", "W6a", "W6b"};

enum class store_kind : std::uint8_t { memory, sqlite_memory, sqlite_disk };
inline constexpr std::array<std::string_view, 3> store_names{"memory", "sqlite-memory", "sqlite-disk"};

inline constexpr std::uint64_t default_seed = 20'261'123;

/// The value whose name is `text`; nothing where there is none.
template <class Value, std::size_t N>
[[nodiscard]] std::optional<Value> named(const std::array<std::string_view, N>& names, std::string_view text) {
    for (std::size_t i = 0; i < N; ++i)
        if (names[i] == text) return static_cast<Value>(i);
    return std::nullopt;
}

template <class Number>
[[nodiscard]] std::optional<Number> number_in(std::string_view text) {
    Number number{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

struct settings {
    benchmarks::work work = work::w1;
    store_kind store = store_kind::memory;
    std::size_t workouts = 20;
    std::uint64_t seed = default_seed;
    id_kind ids = id_kind::time_ordered;
    std::size_t every = 100;  ///< W3: one row in so many was changed elsewhere
    std::string folder;
    std::vector<std::string> switches;  ///< those of this program alone

    [[nodiscard]] bool has(std::string_view name) const {
        for (const std::string& one : switches)
            if (one == name) return true;
        return false;
    }
};

struct own_switch {
    std::string_view name;
    std::string_view meaning;
};

struct program_description {
    std::string_view name;
    std::string_view sentence;
    std::vector<own_switch> switches = {};
    bool has_memory_store = true;
};

inline void print_help(const program_description& program) {
    std::string text =
        "usage: " + std::string(program.name) + " --work WORK [--store STORE] [--workouts N] [--dir FOLDER] [--seed S] [--ids KIND]\n\n";
    text += program.sentence;
    text +=
        "\n\n"
        "Does one round of one piece of work, compares every row of every replica with what it must be, and prints one line\n"
        "of JSON: ms, rows (that had to be moved or written), wire_bytes (both ways), sent_bytes (to the server), peak_kib\n"
        "(memory above where it was before the work), checksum (of the rows at the end; the same for every contestant).\n\n"
        "  --work W1   rows created offline are pushed to an empty server\n"
        "         W2   a new device pulls everything\n"
        "         W3   a device that has everything pulls the hundredth part, which was changed elsewhere\n"
        "         W4   a device that has everything syncs and nothing is new (mean of 100 syncs)\n"
        "         W5   two devices edited different fields of the same rows; both sync until they are equal\n"
        "         W6a  tracked local inserts, one transaction each\n"
        "         W6b  the same inserts in one transaction\n";
    text += program.has_memory_store ? "  --store     memory, sqlite-memory or sqlite-disk (default memory)\n"
                                     : "  --store     sqlite-memory or sqlite-disk (default sqlite-memory)\n";
    text +=
        "  --workouts  a workout has 26 rows (default 20); 50 exercises come on top\n"
        "  --dir       an existing folder for the files of sqlite-disk; they are left there (default: the current one)\n"
        "  --every     W3: one row in so many was changed elsewhere (default 100)\n"
        "  --seed      of the rows' ids (default " +
        std::to_string(default_seed) +
        ")\n"
        "  --ids       of the rows: time-ordered (UUID version 7) or random (version 4) (default time-ordered)\n";
    for (const own_switch& one : program.switches) text += "  " + std::string(one.name) + "  " + std::string(one.meaning) + "\n";
    std::fputs(text.c_str(), stdout);
}

[[noreturn]] inline void reject(const program_description& program, const std::string& why) {
    std::fprintf(stderr, "%s: %s; --help lists what there is\n", std::string(program.name).c_str(), why.c_str());
    std::exit(2);
}

/// The settings of this run. `--help` and mistakes end the program.
[[nodiscard]] inline settings read_settings(int count, char** arguments, const program_description& program) {
    settings chosen;
    bool has_work = false;
    chosen.store = program.has_memory_store ? store_kind::memory : store_kind::sqlite_memory;
    for (int i = 1; i < count; ++i) {
        const std::string name = arguments[i];
        if (name == "--help" || name == "-h") {
            print_help(program);
            std::exit(0);
        }
        bool is_switch = false;
        for (const own_switch& one : program.switches) is_switch = is_switch || one.name == name;
        if (is_switch) {
            chosen.switches.push_back(name);
            continue;
        }
        if (name != "--work" && name != "--store" && name != "--workouts" && name != "--every" && name != "--dir" &&
            name != "--seed" && name != "--ids")
            reject(program, "unknown option '" + name + "'");
        if (++i == count) reject(program, name + " needs a value");
        const std::string_view value = arguments[i];
        bool valid = true;
        if (name == "--work") {
            const auto found = named<benchmarks::work>(work_names, value);
            valid = has_work = found.has_value();
            if (found) chosen.work = *found;
        } else if (name == "--store") {
            const auto found = named<store_kind>(store_names, value);
            valid = found && (program.has_memory_store || *found != store_kind::memory);
            if (found) chosen.store = *found;
        } else if (name == "--workouts" || name == "--every") {
            const auto found = number_in<std::size_t>(value);
            valid = found && *found >= 1 && *found <= 1'000'000;
            if (found) (name == "--every" ? chosen.every : chosen.workouts) = *found;
        } else if (name == "--ids") {
            const auto found = named<id_kind>(id_kind_names, value);
            valid = found.has_value();
            if (found) chosen.ids = *found;
        } else if (name == "--seed") {
            const auto found = number_in<std::uint64_t>(value);
            valid = found.has_value();
            if (found) chosen.seed = *found;
        } else {
            chosen.folder = value;
        }
        if (!valid) reject(program, "'" + std::string(value) + "' is no value for " + name);
    }
    if (!has_work) reject(program, "--work is missing");
    if (chosen.folder.empty()) chosen.folder = ".";
    return chosen;
}

}  // namespace benchmarks
