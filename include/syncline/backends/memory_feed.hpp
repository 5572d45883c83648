/// The rows and tombstones of one owner in the order in which they changed.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <vector>

#include <syncline/backends/memory_order.hpp>
#include <syncline/server/backend.hpp>

namespace syncline::memory_backend_parts {

/// The rows whose newest version is of one transaction. A row that has moved on leaves a null behind.
struct feed_run {
    std::vector<stored_row*> rows;
    std::size_t count = 0;          ///< of rows that are not null
    std::atomic<bool> in_order{true};  ///< by (table, local id), without nulls
};

/// Writers, who are alone, only append; whoever reads first puts a run in order.
class row_feed {
public:
    row_feed() = default;
    row_feed(const row_feed&) = delete;
    row_feed& operator=(const row_feed&) = delete;

    void add(stored_row& row) {
        if (newest_ == nullptr || newest_version_ != row.content.version) {
            newest_version_ = row.content.version;
            newest_ = &runs_[newest_version_];
        }
        row.run = newest_;
        row.run_place = newest_->rows.size();
        newest_->rows.push_back(&row);
        newest_->in_order.store(++newest_->count == 1 && newest_->rows.size() == 1, std::memory_order_relaxed);
    }

    void remove(stored_row& row) {
        feed_run& run = *row.run;
        row.run = nullptr;
        if (--run.count == 0) {
            if (&run == newest_) newest_ = nullptr;
            runs_.erase(row.content.version);
            return;
        }
        run.rows[row.run_place] = nullptr;
        run.in_order.store(false, std::memory_order_relaxed);
        if (run.count < run.rows.size() / 2) close_gaps(run);
    }

    /// Visits the rows behind `after` until `visit(row)` is false.
    template <class Visit>
    void scan(const feed_position& after, Visit&& visit) const {
        for (auto at = runs_.lower_bound(after.version); at != runs_.end(); ++at) {
            feed_run& run = at->second;
            put_in_order(run);
            auto row = run.rows.begin();
            if (at->first == after.version)
                row = std::partition_point(row, run.rows.end(), [&](const stored_row* one) {
                    return one->table != after.table ? one->table < after.table : !(after.local < one->local);
                });
            for (; row != run.rows.end(); ++row)
                if (!visit(**row)) return;
        }
    }

private:
    static void close_gaps(feed_run& run) {
        std::erase(run.rows, nullptr);
        for (std::size_t i = 0; i < run.rows.size(); ++i) run.rows[i]->run_place = i;
    }

    void put_in_order(feed_run& run) const {
        if (run.in_order.load(std::memory_order_acquire)) return;
        const std::lock_guard lock(gate_);
        if (run.in_order.load(std::memory_order_relaxed)) return;
        std::erase(run.rows, nullptr);
        // Within a table the order of arrival is kept, which is nearly that of local ids.
        const auto is_before = [](const stored_row* a, const stored_row* b) {
            return a->table != b->table ? a->table < b->table : a->run_place < b->run_place;
        };
        if (!std::is_sorted(run.rows.begin(), run.rows.end(), is_before)) std::sort(run.rows.begin(), run.rows.end(), is_before);
        for (auto from = run.rows.begin(); from != run.rows.end();) {
            const auto end = std::find_if(from, run.rows.end(), [&](const stored_row* row) { return row->table != (*from)->table; });
            sort_by_local({from, end});
            from = end;
        }
        for (std::size_t i = 0; i < run.rows.size(); ++i) run.rows[i]->run_place = i;
        run.in_order.store(true, std::memory_order_release);
    }

    mutable std::mutex gate_;  // readers hold the owner's gate together
    mutable std::map<row_version, feed_run> runs_;
    feed_run* newest_ = nullptr;
    row_version newest_version_;
};

}  // namespace syncline::memory_backend_parts
