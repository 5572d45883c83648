/// Watches that no sync empties a device unasked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include <syncline/base/limits.hpp>
#include <syncline/client/report.hpp>
#include <syncline/testing/oracle.hpp>

namespace syncline::testing {

/// Counts the rows that go from one device because of the server. Which number of rows the device itself takes as its own is its
/// business: any that it had since its last complete sync will do.
class removal_watch {
public:
    /// A sync begins. `last` is how the one before ended; the application consents to what that asked for.
    void begin(std::size_t rows, sync_outcome last) {
        gone_ = 0;
        const bool was_up_to_date = last == sync_outcome::complete;
        consented_ = last == sync_outcome::awaiting_consent || (consented_ && !was_up_to_date);
        is_new_ = is_new_ || was_up_to_date;
        note_rows(rows);
    }

    /// Compares what the device shows before and after one of its events.
    void check(const seen_rows& before, const seen_rows& after, bool by_application, const limits& bounds, const std::string& device) {
        note_rows(before.size());
        note_rows(after.size());
        if (by_application) return;
        for (const auto& [name, row] : before)
            if (row.state.pending == 0 && !after.contains(name)) ++gone_;
        if (consented_ || least_ < bounds.removal_rows || static_cast<double>(gone_) <= bounds.removal_share * static_cast<double>(most_)) return;
        throw invariant_broken("INV17", device + " lost " + std::to_string(gone_) + " of " + std::to_string(most_) + " rows in one sync, unasked");
    }

private:
    void note_rows(std::size_t rows) {
        least_ = is_new_ ? rows : std::min(least_, rows);
        most_ = is_new_ ? rows : std::max(most_, rows);
        is_new_ = false;
    }

    std::size_t gone_ = 0;  ///< in this sync
    std::size_t least_ = 0;
    std::size_t most_ = 0;
    bool is_new_ = true;
    bool consented_ = false;
};

}  // namespace syncline::testing
