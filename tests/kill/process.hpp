/// Another program as a child process that is killed without a word.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace kill_nine {

/// Owns the process: it does not live longer than this object, nor than the process that made it.
class child {
public:
    child() = default;
    child(child&& other) noexcept : id_(std::exchange(other.id_, -1)), output_(std::exchange(other.output_, -1)) {}
    child& operator=(child&& other) noexcept {
        std::swap(id_, other.id_);
        std::swap(output_, other.output_);
        return *this;
    }
    ~child() {
        if (id_ > 0) kill();
        if (output_ >= 0) ::close(output_);
    }

    /// Runs `words`, the first of which is the program's file; its output can be read, its errors go where ours go.
    [[nodiscard]] static child start(const std::vector<std::string>& words) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
        std::vector<char*> arguments;
        for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        const pid_t id = ::fork();
        if (id < 0) throw std::runtime_error("cannot fork");
        if (id == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::dup2(ends[1], STDOUT_FILENO);
            ::execv(arguments[0], arguments.data());
            ::_exit(127);
        }
        ::close(ends[1]);
        child made;
        made.id_ = id;
        made.output_ = ends[0];
        return made;
    }

    /// SIGKILL, and waits until the process is gone.
    void kill() {
        ::kill(id_, SIGKILL);
        ::waitpid(id_, nullptr, 0);
        id_ = -1;
    }

    /// Waits for its own end; the exit status, or -1 after a signal.
    int wait() {
        int status = 0;
        ::waitpid(id_, &status, 0);
        id_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    /// The exit status where the process has ended by itself.
    [[nodiscard]] std::optional<int> has_ended() {
        int status = 0;
        if (::waitpid(id_, &status, WNOHANG) == 0) return std::nullopt;
        id_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    /// The first line of its output; empty when it ends, or says nothing for 20 seconds.
    [[nodiscard]] std::string read_line() const {
        std::string line;
        pollfd waiting{output_, POLLIN, 0};
        for (char next = 0; ::poll(&waiting, 1, 20'000) > 0 && ::read(output_, &next, 1) == 1;) {
            if (next == '\n') return line;
            line += next;
        }
        return {};
    }

private:
    pid_t id_ = -1;
    int output_ = -1;
};

}  // namespace kill_nine
