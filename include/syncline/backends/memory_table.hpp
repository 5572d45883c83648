/// The rows of one table of one owner: found by either id, read in the order of local ids.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include <syncline/backends/memory_order.hpp>
#include <syncline/server/id_table.hpp>

namespace syncline::memory_backend_parts {

class row_table {
public:
    row_table() = default;
    row_table(const row_table&) = delete;
    row_table& operator=(const row_table&) = delete;
    ~row_table() {
        for (stored_row* const row : rows_) std::destroy_at(row);
    }

    [[nodiscard]] stored_row* find(const local_id& local, std::uint64_t hash) const {
        stored_row* const* const found = by_local_.find(hash, [&](const stored_row* row) { return row->local == local; });
        return found == nullptr ? nullptr : *found;
    }
    [[nodiscard]] stored_row* find_by_id(std::string_view id, std::uint64_t hash) const {
        stored_row* const* const found = by_id_.find(hash, [&](const stored_row* row) { return row->id.view() == id; });
        return found == nullptr ? nullptr : *found;
    }

    /// Takes a row whose ids are new to the table, and owns it from now on.
    void add(stored_row& row, std::uint64_t local_hash, std::uint64_t id_hash) {
        rows_.push_back(&row);
        by_local_.insert(local_hash, &row);
        by_id_.insert(id_hash, &row);
    }

    /// Takes the row, which is the newest, out again and gives it back.
    void take_back(stored_row& row) {
        by_local_.erase(hash_of_id(row.local.view()), &row);
        by_id_.erase(hash_of_id(row.id.view()), &row);
        const std::size_t in_order = in_order_.load(std::memory_order_relaxed);
        if (rows_.size() > in_order) {
            rows_.pop_back();
        } else {
            std::erase(rows_, &row);
            in_order_.store(in_order - 1, std::memory_order_relaxed);
        }
    }

    /// Rows and tombstones in the order of local ids. Whoever reads first puts the new ones where they belong.
    [[nodiscard]] std::span<stored_row* const> in_order() const {
        if (in_order_.load(std::memory_order_acquire) == rows_.size()) return rows_;
        const std::lock_guard lock(gate_);
        const auto added = rows_.begin() + static_cast<std::ptrdiff_t>(in_order_.load(std::memory_order_relaxed));
        if (added != rows_.end()) {
            sort_by_local({added, rows_.end()});
            // Ids are mostly made in the order of time, so that few rows have to move.
            const auto first = std::upper_bound(rows_.begin(), added, *added, is_before_in_table);
            std::vector<stored_row*> merged(static_cast<std::size_t>(rows_.end() - first));
            std::merge(first, added, added, rows_.end(), merged.begin(), is_before_in_table);
            std::copy(merged.begin(), merged.end(), first);
            in_order_.store(rows_.size(), std::memory_order_release);
        }
        return rows_;
    }

private:
    mutable std::mutex gate_;  // readers hold the owner's gate together
    mutable std::vector<stored_row*> rows_;
    mutable std::atomic<std::size_t> in_order_{0};
    id_table<stored_row*> by_local_;
    id_table<stored_row*> by_id_;
};

}  // namespace syncline::memory_backend_parts
