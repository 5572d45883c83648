/// Bytes that stay where they are until the whole buffer is cleared: what the cells of a row or page point into.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include <syncline/model/cell.hpp>

namespace syncline {

/// A growing buffer of stable addresses. Moving it keeps all views valid; copying is not offered.
class arena {
public:
    arena() = default;
    arena(arena&&) noexcept = default;
    arena& operator=(arena&&) noexcept = default;

    /// A copy of `text` that lives as long as this buffer is not cleared.
    std::string_view keep(std::string_view text) {
        if (text.empty()) return {"", 0};
        if (text.size() > free_) grow(text.size());
        char* const at = next_;
        std::memcpy(at, text.data(), text.size());
        next_ += text.size();
        free_ -= text.size();
        return {at, text.size()};
    }

    /// The same value with its text kept here.
    cell keep(const cell& value) { return value.has_text() ? cell::with_text(value.kind(), keep(value.view())) : value; }

    /// Forgets everything and keeps the largest block for the next use.
    void clear() noexcept {
        if (blocks_.empty()) return;
        std::swap(blocks_.front(), blocks_.back());
        blocks_.resize(1);
        next_ = blocks_.front().bytes.get();
        free_ = blocks_.front().size;
    }

private:
    struct block {
        std::unique_ptr<char[]> bytes;
        std::size_t size = 0;
    };

    void grow(std::size_t least) {
        const std::size_t doubled = blocks_.empty() ? 1024 : std::min<std::size_t>(blocks_.back().size * 2, std::size_t{1} << 20);
        const std::size_t size = std::max(doubled, least);
        blocks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
        next_ = blocks_.back().bytes.get();
        free_ = size;
    }

    std::vector<block> blocks_;
    char* next_ = nullptr;
    std::size_t free_ = 0;
};

/// Runs of cells that stay where they are until the whole pool is cleared: the rows of a page or batch.
class cell_pool {
public:
    cell_pool() = default;
    cell_pool(cell_pool&&) noexcept = default;
    cell_pool& operator=(cell_pool&&) noexcept = default;

    /// A run of `count` null cells.
    std::span<cell> take(std::size_t count) {
        if (block_ == blocks_.size() || blocks_[block_].size() - used_ < count) next_block(count);
        const std::span<cell> run(blocks_[block_].data() + used_, count);
        std::fill(run.begin(), run.end(), cell());
        used_ += count;
        return run;
    }

    /// Forgets all runs and keeps the memory.
    void clear() noexcept { block_ = used_ = 0; }

private:
    void next_block(std::size_t count) {
        if (block_ < blocks_.size()) ++block_;
        used_ = 0;
        while (block_ < blocks_.size() && blocks_[block_].size() < count) ++block_;
        if (block_ == blocks_.size()) blocks_.emplace_back(std::max<std::size_t>(count, 4096));
    }

    std::vector<std::vector<cell>> blocks_;
    std::size_t block_ = 0;
    std::size_t used_ = 0;
};

}  // namespace syncline
