/// The story of a simulated world: the newest events as readable lines, and one hash over all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include <syncline/base/hash.hpp>

namespace syncline::testing {

class event_log {
public:
    explicit event_log(std::size_t lines_kept) : lines_kept_(lines_kept) {}

    void add(std::string line) {
        hash_.add(std::string_view(line));
        ++count_;
        lines_.push_back(std::move(line));
        if (lines_.size() > lines_kept_) lines_.pop_front();
    }

    /// Adds to the hash what is not worth a line, such as the bytes of an answer.
    void add_silently(std::string_view bytes) { hash_.add(bytes); }

    /// The same on every machine and compiler for the same seed.
    [[nodiscard]] std::uint64_t hash() const noexcept { return hash_.finish(); }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    [[nodiscard]] std::string text() const {
        std::string all;
        if (count_ > lines_.size()) all = "  ... " + std::to_string(count_ - lines_.size()) + " earlier lines\n";
        for (const std::string& line : lines_) all += "  " + line + "\n";
        return all;
    }

private:
    std::size_t lines_kept_;
    std::size_t count_ = 0;
    hasher hash_;
    std::deque<std::string> lines_;
};

}  // namespace syncline::testing
