/// What including syncline costs: CPU seconds of whole compilations, interleaved, as ratios to including nlohmann/json.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sources.hpp"

namespace {

using namespace syncline::benchmarks;

constexpr const char* help = R"(usage: compile_time --root DIR [--rounds N] [--json FILE] [COMPILER...]

Compiles (-std=c++20 -O0 -c) the include alone, the workout schema with everything in one file, and generated schemas,
each N times (default 3) in turn, and prints the median CPU seconds and the ratio to including nlohmann/json.
DIR is a checkout of syncline. Compilers: by default g++, and clang++-19 or clang++ where there is one.
)";

struct options {
    std::string root;
    int rounds = 3;
    std::string json;
    std::vector<std::string> compilers;
};

[[noreturn]] void stop(const std::string& text, int code) {
    std::fprintf(stderr, "compile_time: %s\n", text.c_str());
    std::exit(code);
}

/// CPU seconds of the command, or a negative number when it failed.
double run(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const std::string& one : command) arguments.push_back(const_cast<char*>(one.c_str()));
    arguments.push_back(nullptr);
    const pid_t child = fork();
    if (child < 0) stop("cannot start a process", 1);
    if (child == 0) {
        execvp(arguments[0], arguments.data());
        _exit(127);
    }
    int status = 0;
    rusage used{};
    if (wait4(child, &status, 0, &used) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) return -1;
    const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

bool exists(const std::string& compiler) {
    return std::system(("command -v " + compiler + " > /dev/null 2>&1").c_str()) == 0;
}

options read_options(int count, char** arguments) {
    options read;
    for (int i = 1; i < count; ++i) {
        const std::string name = arguments[i];
        const auto value = [&]() -> std::string {
            if (i + 1 == count) stop("'" + name + "' needs a value", 2);
            return arguments[++i];
        };
        if (name == "--help") {
            std::fputs(help, stdout);
            std::exit(0);
        }
        if (name == "--root") read.root = value();
        else if (name == "--json") read.json = value();
        else if (name == "--rounds") read.rounds = std::atoi(value().c_str());
        else if (name.starts_with("-")) stop("unknown option '" + name + "', see --help", 2);
        else read.compilers.push_back(name);
    }
    if (read.root.empty() || read.rounds < 1) stop("--root is needed, and at least one round, see --help", 2);
    if (!read.compilers.empty()) return read;
    read.compilers.push_back("g++");
    for (const char* const clang : {"clang++-19", "clang++"}) {
        if (!exists(clang)) continue;
        read.compilers.push_back(clang);
        break;
    }
    return read;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

}  // namespace

int main(int count, char** arguments) {
    const options asked = read_options(count, arguments);
    const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("syncline-compile-time-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    const std::vector<source> sources = sources_to_compile();
    for (std::size_t i = 0; i < sources.size(); ++i) std::ofstream(folder / (std::to_string(i) + ".cpp")) << sources[i].text;

    std::string json = "{";
    int failed = 0;
    for (const std::string& compiler : asked.compilers) {
        std::vector<std::vector<double>> seconds(sources.size());
        for (int round = 0; round < asked.rounds; ++round)
            for (std::size_t i = 0; i < sources.size(); ++i) {
                std::fprintf(stderr, "\r%s, round %d of %d: %-40s", compiler.c_str(), round + 1, asked.rounds, sources[i].title.c_str());
                const double took = run({compiler, "-std=c++20", "-O0", "-I" + asked.root + "/include", "-I" + asked.root + "/examples", "-c",
                                         (folder / (std::to_string(i) + ".cpp")).string(), "-o", (folder / "out.o").string()});
                if (took >= 0) seconds[i].push_back(took);
            }
        std::fprintf(stderr, "\r%-70s\r", "");
        std::printf("%-34s %10s %8s   (%s -O0, CPU seconds, median of %d)\n", "compiling", "seconds", "ratio", compiler.c_str(), asked.rounds);
        json += (json.size() > 1 ? ",\"" : "\"") + compiler + "\":{";
        for (std::size_t i = 0; i < sources.size(); ++i) {
            if (seconds[i].empty() || seconds[0].empty()) {
                std::printf("%-34s %10s\n", sources[i].title.c_str(), "failed");
                failed = 1;
                continue;
            }
            const double ratio = median(seconds[i]) / median(seconds[0]);
            std::printf("%-34s %10.2f %8.2f\n", sources[i].title.c_str(), median(seconds[i]), ratio);
            char line[160];
            std::snprintf(line, sizeof line, "%s\"%s\":{\"seconds\":%.3f,\"ratio\":%.3f}", json.back() == '{' ? "" : ",", sources[i].title.c_str(),
                          median(seconds[i]), ratio);
            json += line;
        }
        json += "}";
    }
    std::filesystem::remove_all(folder);
    if (!asked.json.empty()) std::ofstream(asked.json) << json << "}\n";
    return failed;
}
