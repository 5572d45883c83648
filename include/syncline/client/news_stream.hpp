/// Reads a stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) for the one event that matters.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace syncline {

/// Takes the stream's bytes as they come, however they are cut.
class news_stream {
public:
    /// `looks` is asked with every sign of life; true from it is news of another kind.
    explicit news_stream(std::function<bool()> looks) : looks_(std::move(looks)) {}

    /// False when there is news, so that nobody need listen on.
    [[nodiscard]] bool take(std::string_view piece) {
        for (const char c : piece) {
            if (c == '\n' || c == '\r') end_line();
            else if (line_.size() < line_bytes_max) line_ += c;
        }
        if (!has_news_ && looks_()) has_news_ = true;
        return !has_news_;
    }

    [[nodiscard]] bool has_news() const noexcept { return has_news_; }

private:
    // Longer lines are none of ours, and are not kept.
    static constexpr std::size_t line_bytes_max = 64;

    void end_line() {
        if (line_ == "event: news" || line_ == "event:news") has_news_ = true;
        line_.clear();
    }

    std::function<bool()> looks_;
    std::string line_;
    bool has_news_ = false;
};

}  // namespace syncline
