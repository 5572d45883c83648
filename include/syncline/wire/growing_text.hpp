/// The text a message is written into, whatever its encoding: grows ahead of what is written, so that most writes only copy.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace syncline::wire {

/// Writes behind what `out` holds. Until `finish`, `out` has unspecified bytes behind `size()`.
class growing_text {
public:
    explicit growing_text(std::string& out) : out_(&out), used_(out.size()) {}

    /// Bytes in `out` so far, with those that were there before.
    [[nodiscard]] std::size_t size() const noexcept { return used_; }
    [[nodiscard]] std::string_view view() const noexcept { return std::string_view(*out_).substr(0, used_); }

    /// Makes `out` exactly what was written.
    void finish() { out_->resize(used_); }

protected:
    /// Where `bytes` bytes may be written; `used_` is then raised by those that were.
    char* room(std::size_t bytes) {
        if (out_->size() - used_ < bytes) out_->resize(std::max(out_->size() * 2, used_ + bytes + 256));
        return out_->data() + used_;
    }

    std::string* out_;
    std::size_t used_;
};

}  // namespace syncline::wire
