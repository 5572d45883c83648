/// The text a message is written into, whatever its encoding: grows ahead of what is written, so that most writes only copy.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace syncline::wire {

/// Writes behind what `out` holds. Until `finish`, `out` has unspecified bytes behind `size()`, and nothing else may change it.
class growing_text {
public:
    explicit growing_text(std::string& out) : begin_(out.data()), used_(out.size()), out_(&out), grown_(out.size()) {}

    /// Bytes in `out` so far, with those that were there before.
    [[nodiscard]] std::size_t size() const noexcept { return used_; }
    [[nodiscard]] std::string_view view() const noexcept { return {begin_, used_}; }

    /// Makes `out` exactly what was written.
    void finish() {
        out_->resize(used_);
        begin_ = out_->data();
        grown_ = used_;
    }

protected:
    /// Where `bytes` bytes may be written; `used_` is then raised by those that were.
    [[gnu::always_inline]] char* room(std::size_t bytes) {
        if (grown_ - used_ < bytes) grow(bytes);
        return begin_ + used_;
    }

    char* begin_;       ///< of the text
    std::size_t used_;

private:
    [[gnu::cold]] void grow(std::size_t bytes) {
        out_->resize(std::max(grown_ * 2, used_ + bytes + 256));
        begin_ = out_->data();
        grown_ = out_->size();
    }

    std::string* out_;
    std::size_t grown_;  ///< size of `out`
};

}  // namespace syncline::wire
