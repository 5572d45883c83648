/// Counts of requests, for Prometheus: by endpoint and status, how long they took, how many wait. No owner and no row is in them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace syncline {

enum class endpoint : std::uint8_t { push, pull, wait, row, description, health, metrics, unknown };

[[nodiscard]] constexpr std::string_view name_of(endpoint one) noexcept {
    constexpr std::string_view names[] = {"push", "pull", "wait", "row", "openapi", "healthz", "metrics", "unknown"};
    return names[static_cast<std::size_t>(one)];
}

/// Counters that only grow.
class request_metrics {
public:
    static constexpr bool is_thread_safe = true;

    /// `seconds` is how long the answer took to make, without the network.
    void count(endpoint where, int status, double seconds, std::size_t bytes_in, std::size_t bytes_out) noexcept {
        per_endpoint& at = endpoints_[static_cast<std::size_t>(where)];
        add(at.by_class[status >= 100 && status < 600 ? static_cast<std::size_t>(status / 100 - 1) : 4], 1);
        std::size_t bucket = 0;
        while (bucket < bounds.size() && seconds > bounds[bucket]) ++bucket;
        add(at.buckets[bucket], 1);
        add(at.nanoseconds, static_cast<std::uint64_t>(seconds * 1e9));
        add(at.bytes_in, bytes_in);
        add(at.bytes_out, bytes_out);
    }

    /// All counters in Prometheus' text format, version 0.0.4.
    [[nodiscard]] std::string text(std::size_t waiting) const {
        std::string out;
        head(out, "syncline_requests_total", "counter", "Requests by endpoint and class of status.");
        each([&](std::string_view name, const per_endpoint& at) {
            for (std::size_t i = 0; i < at.by_class.size(); ++i)
                if (const std::uint64_t value = at.by_class[i].load(std::memory_order_relaxed); value != 0)
                    line(out, "syncline_requests_total", name, ",status=\"" + std::to_string(i + 1) + "xx\"", std::to_string(value));
        });
        head(out, "syncline_request_seconds", "histogram", "Seconds to make an answer, without the network.");
        each([&](std::string_view name, const per_endpoint& at) {
            std::uint64_t sum = 0;
            for (std::size_t i = 0; i < at.buckets.size(); ++i) {
                sum += at.buckets[i].load(std::memory_order_relaxed);
                line(out, "syncline_request_seconds_bucket", name, ",le=\"" + std::string(i < bounds.size() ? texts[i] : "+Inf") + "\"", std::to_string(sum));
            }
            line(out, "syncline_request_seconds_sum", name, {}, seconds_text(at.nanoseconds.load(std::memory_order_relaxed)));
            line(out, "syncline_request_seconds_count", name, {}, std::to_string(sum));
        });
        head(out, "syncline_request_bytes_total", "counter", "Bytes of request bodies.");
        each([&](std::string_view name, const per_endpoint& at) {
            line(out, "syncline_request_bytes_total", name, {}, std::to_string(at.bytes_in.load(std::memory_order_relaxed)));
        });
        head(out, "syncline_response_bytes_total", "counter", "Bytes of answer bodies.");
        each([&](std::string_view name, const per_endpoint& at) {
            line(out, "syncline_response_bytes_total", name, {}, std::to_string(at.bytes_out.load(std::memory_order_relaxed)));
        });
        head(out, "syncline_waiting", "gauge", "Requests that wait for news now.");
        out += "syncline_waiting " + std::to_string(waiting) + "\n";
        return out;
    }

private:
    static constexpr std::array<double, 9> bounds{0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1};
    static constexpr std::array<std::string_view, 9> texts{"0.0001", "0.0005", "0.001", "0.005", "0.01", "0.05", "0.1", "0.5", "1"};

    using counter = std::atomic<std::uint64_t>;
    struct per_endpoint {
        std::array<counter, 5> by_class{};
        std::array<counter, bounds.size() + 1> buckets{};
        counter nanoseconds{0};
        counter bytes_in{0};
        counter bytes_out{0};
    };

    static void add(counter& to, std::uint64_t value) noexcept { to.fetch_add(value, std::memory_order_relaxed); }

    template <class Visit>
    void each(Visit visit) const {
        for (std::size_t i = 0; i < endpoints_.size(); ++i) visit(name_of(static_cast<endpoint>(i)), endpoints_[i]);
    }

    static void head(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
        out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
    }

    static void line(std::string& out, std::string_view name, std::string_view at, std::string_view labels, std::string_view value) {
        out.append(name).append("{endpoint=\"").append(at).append("\"").append(labels).append("} ").append(value).append("\n");
    }

    [[nodiscard]] static std::string seconds_text(std::uint64_t nanoseconds) {
        std::string fraction = std::to_string(nanoseconds % 1'000'000'000);
        fraction.insert(0, 9 - fraction.size(), '0');
        return std::to_string(nanoseconds / 1'000'000'000) + "." + fraction;
    }

    std::array<per_endpoint, static_cast<std::size_t>(endpoint::unknown) + 1> endpoints_{};
};

}  // namespace syncline
