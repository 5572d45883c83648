/// What the figures depend on: machine, compiler, SQLite, durability, seed, ids.
#pragma once

#include <sqlite3.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "options.hpp"

// Set by the build: the flags that the contestants were compiled with.
#ifndef BENCHMARKS_FLAGS
#define BENCHMARKS_FLAGS "unknown flags"
#endif

namespace benchmarks::harness {

struct machine {
    std::string processor = "unknown processor";
    long cores = 0;
    std::string system;
    std::string compiler;
    std::string sqlite;
    double load = 0;  ///< runnable processes over the last minute, before the first round
};

[[nodiscard]] inline machine describe_machine() {
    machine here;
    std::ifstream processors("/proc/cpuinfo");
    for (std::string line; std::getline(processors, line);)
        if (line.rfind("model name", 0) == 0 && line.find(": ") != std::string::npos) {
            here.processor = line.substr(line.find(": ") + 2);
            break;
        }
    here.cores = ::sysconf(_SC_NPROCESSORS_ONLN);
    utsname system{};
    if (::uname(&system) == 0) here.system = std::string(system.sysname) + " " + system.release + " " + system.machine;
#ifdef __clang__
    here.compiler = "clang " __clang_version__;
#else
    here.compiler = "g++ " __VERSION__;
#endif
    here.compiler += " " BENCHMARKS_FLAGS;
    here.sqlite = sqlite3_libversion();
    std::ifstream("/proc/loadavg") >> here.load;
    return here;
}

inline void print_machine(const machine& here, const options& chosen) {
    std::printf("machine     %s, %ld cores, %s\n", here.processor.c_str(), here.cores, here.system.c_str());
    std::printf("compiler    %s\n", here.compiler.c_str());
    std::printf("SQLite      %s\n", here.sqlite.c_str());
    std::printf(
        "durability  sqlite-disk: write-ahead log, synchronous NORMAL, the same for every contestant; the server is in memory\n");
    std::printf("seed        %llu\n", static_cast<unsigned long long>(chosen.seed));
    std::printf("ids         %s\n", std::string(id_kind_names[static_cast<std::size_t>(chosen.ids)]).c_str());
    if (here.load > 0.5)
        std::printf(
            "\nOther programs were running (load %.1f before the first round); figures of a busy machine are worth little.\n",
            here.load);
}

}  // namespace benchmarks::harness
