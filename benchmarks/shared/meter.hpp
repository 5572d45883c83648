/// Measures one stretch of work: milliseconds, and how far the process's memory rose above where it was before.
#pragma once

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>

namespace benchmarks {

class meter {
public:
    /// Runs `work` once. What was set up before belongs to the baseline, not to the result.
    template <class Work>
    void measure(Work&& work) {
        forget_peak();
        const std::int64_t before_kib = resident_kib();
        const auto start = std::chrono::steady_clock::now();
        work();
        const auto end = std::chrono::steady_clock::now();
        ms_ = std::chrono::duration<double, std::milli>(end - start).count();
        peak_kib_ = std::max<std::int64_t>(0, peak_resident_kib() - before_kib);
    }

    [[nodiscard]] double ms() const noexcept { return ms_; }
    /// Greatest resident set (getrusage's ru_maxrss) during the work minus the resident set right before it. It counts all
    /// that grew in this process: messages and queues, rows new to the measured device's store, and rows new to the server,
    /// which runs in the same process. Memory that the set-up freed is handed back first. Linux is asked to forget the
    /// set-up's own peak; where it does not, the figure is what the work rose above that peak, and too small.
    [[nodiscard]] std::int64_t peak_kib() const noexcept { return peak_kib_; }

private:
    static void forget_peak() {
        ::malloc_trim(0);
        std::ofstream("/proc/self/clear_refs") << "5";
        forgotten_ = status_kib("VmHWM:") <= status_kib("VmRSS:") + 1024;
    }
    static std::int64_t resident_kib() {
        const std::int64_t now = status_kib("VmRSS:");
        return forgotten_ && now > 0 ? now : peak_resident_kib();
    }
    static std::int64_t peak_resident_kib() {
        if (forgotten_) {
            const std::int64_t peak = status_kib("VmHWM:");
            if (peak > 0) return peak;
        }
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss;
    }
    static std::int64_t status_kib(const std::string& name) {
        std::ifstream status("/proc/self/status");
        for (std::string word; status >> word;) {
            std::int64_t kib = 0;
            if (word == name && status >> kib) return kib;
        }
        return 0;
    }

    static inline bool forgotten_ = false;
    double ms_ = 0;
    std::int64_t peak_kib_ = 0;
};

}  // namespace benchmarks
