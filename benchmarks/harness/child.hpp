/// Runs one round of one contestant as a process of its own, and reads the line it prints.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace benchmarks::harness {

/// What a contestant prints.
struct sample {
    double ms = 0;
    double rows = 0;
    double wire_bytes = 0;
    double sent_bytes = 0;
    double peak_kib = 0;
    std::string checksum;
};

struct run_failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A round that takes longer hangs.
inline constexpr unsigned round_seconds_max = 900;

namespace detail {

[[noreturn]] inline void become(const std::vector<std::string>& command, int output) {
    std::vector<char*> arguments;
    for (const std::string& one : command) arguments.push_back(const_cast<char*>(one.c_str()));
    arguments.push_back(nullptr);
    ::dup2(output, STDOUT_FILENO);
    // The alarm outlives execv and ends the program.
    ::alarm(round_seconds_max);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

[[nodiscard]] inline std::string read_all(int input) {
    std::string text;
    std::array<char, 4'096> buffer;
    for (;;) {
        const ssize_t size = ::read(input, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(size));
    }
}

[[nodiscard]] inline std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

}  // namespace detail

/// Throws run_failure, naming the command, when it fails; what it has to say about that goes to our standard error.
[[nodiscard]] inline sample run_round(const std::vector<std::string>& command) {
    const std::string title = detail::joined(command);
    std::array<int, 2> pipe_ends{};
    if (::pipe(pipe_ends.data()) != 0) throw run_failure("no pipe for: " + title);
    const pid_t child = ::fork();
    if (child < 0) throw run_failure("no process for: " + title);
    if (child == 0) {
        ::close(pipe_ends[0]);
        detail::become(command, pipe_ends[1]);
    }
    ::close(pipe_ends[1]);
    const std::string output = detail::read_all(pipe_ends[0]);
    ::close(pipe_ends[0]);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) throw run_failure("ended by signal " + std::to_string(WTERMSIG(status)) + ": " + title);
    if (WEXITSTATUS(status) == 127) throw run_failure("cannot be started: " + title);
    if (WEXITSTATUS(status) != 0) throw run_failure("failed with status " + std::to_string(WEXITSTATUS(status)) + ": " + title);
    const nlohmann::json line = nlohmann::json::parse(output, nullptr, false);
    try {
        return {line.at("ms"),         line.at("rows"),     line.at("wire_bytes"),
                line.at("sent_bytes"), line.at("peak_kib"), line.at("checksum")};
    } catch (const nlohmann::json::exception&) {
        throw run_failure("printed something else than one line of figures: " + title);
    }
}

}  // namespace benchmarks::harness
