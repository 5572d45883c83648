/// Progress of long work on the error stream: a bar on a terminal, some lines elsewhere.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>

namespace shell {

/// Shows how much of `total` is done; a total of 0 is unknown.
class progress_display {
public:
    explicit progress_display(std::string what) : what_(std::move(what)) {}
    progress_display(const progress_display&) = delete;
    progress_display& operator=(const progress_display&) = delete;
    ~progress_display() { end(); }

    void show(const std::string& doing, std::size_t done, std::size_t total) {
        if (done == 0 || (done == last_done_ && doing == last_doing_)) return;
        if (doing != last_doing_) started_ = std::chrono::steady_clock::now();
        last_done_ = done;
        last_doing_ = doing;
        const std::string count = std::to_string(done) + (total == 0 ? "" : "/" + std::to_string(total));
        if (!is_terminal_) {
            std::fprintf(stderr, "%s: %s %s\n", what_.c_str(), doing.c_str(), count.c_str());
            return;
        }
        constexpr std::size_t width = 30;
        const std::size_t full = total == 0 ? 0 : width * std::min(done, total) / total;
        const std::string bar = total == 0 ? "" : "[" + std::string(full, '#') + std::string(width - full, ' ') + "] ";
        std::fprintf(stderr, "\r\033[K%s: %s %s%s%s", what_.c_str(), doing.c_str(), bar.c_str(), count.c_str(), rate(done).c_str());
    }

    /// Ends the bar, before other output.
    void end() {
        if (is_terminal_ && last_done_ != 0) std::fputs("\r\033[K", stderr);
        last_done_ = 0;
        last_doing_.clear();
    }

private:
    [[nodiscard]] std::string rate(std::size_t done) const {
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
        return seconds < 0.2 ? "" : ", " + std::to_string(static_cast<long long>(static_cast<double>(done) / seconds)) + " rows/s";
    }

    std::string what_;
    std::string last_doing_;
    bool is_terminal_ = ::isatty(STDERR_FILENO) != 0;
    std::size_t last_done_ = 0;
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace shell
