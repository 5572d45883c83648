/// How many rows a listing may take away by not having them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace syncline {

/// Rows of one table that a listing lacks, kept until the application consents to their removal.
struct rest_absence {
    std::string table;
    std::size_t absent = 0;  ///< rows here that the listing does not have
    std::size_t of = 0;      ///< rows here that the backend had
};

/// True when a listing of `listed` rows may take so many away without being asked. An empty one takes nothing: that is what a wrong
/// account or a wiped database looks like.
[[nodiscard]] constexpr bool is_within_guard(std::size_t absent, std::size_t of, std::size_t listed) noexcept {
    constexpr std::size_t rows_max = 20, part = 10;
    return listed != 0 && absent <= std::max(rows_max, of / part);
}
static_assert(is_within_guard(20, 50, 1) && !is_within_guard(21, 200, 1) && is_within_guard(100, 1'000, 1) && !is_within_guard(101, 1'000, 1));
static_assert(!is_within_guard(1, 1, 0));

/// Decides table by table and remembers what waits.
class rest_guard {
public:
    static constexpr bool is_thread_safe = true;

    [[nodiscard]] bool allows(std::string_view table, std::size_t absent, std::size_t of, std::size_t listed) {
        const std::lock_guard lock(mutex_);
        const auto waiting = waiting_.find(table);
        if (is_within_guard(absent, of, listed) || absent == 0) {
            if (waiting != waiting_.end()) waiting_.erase(waiting);
            return true;
        }
        // Until the rows are gone: the session has a guard of its own, and may hand them back.
        if (waiting != waiting_.end() && waiting->second.consented && absent <= waiting->second.what.absent) return true;
        waiting_.insert_or_assign(std::string(table), entry{{std::string(table), absent, of}, false});
        return false;
    }

    [[nodiscard]] std::vector<rest_absence> awaiting() const {
        const std::lock_guard lock(mutex_);
        std::vector<rest_absence> all;
        for (const auto& [table, one] : waiting_)
            if (!one.consented) all.push_back(one.what);
        return all;
    }

    /// Consents to what awaiting() shows, until a listing has all rows again; one that lacks more asks anew.
    void allow() {
        const std::lock_guard lock(mutex_);
        for (auto& [table, one] : waiting_) one.consented = true;
    }

private:
    struct entry {
        rest_absence what;
        bool consented = false;
    };
    mutable std::mutex mutex_;
    std::map<std::string, entry, std::less<>> waiting_;
};

}  // namespace syncline
