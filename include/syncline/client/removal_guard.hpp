/// No silent mass removal: how many rows the removals of one pull have taken, over all of its pages and the syncs it needs.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <syncline/base/limits.hpp>
#include <syncline/client/store_port.hpp>

namespace syncline {

/// What the application says to removals beyond `limits::removal_share`.
enum class removal_consent : std::uint8_t { withheld, given };

/// True when a pull that began with `rows` rows may remove `removed` of them unasked.
[[nodiscard]] constexpr bool is_removal_allowed(std::size_t removed, std::size_t rows, const limits& bounds) noexcept {
    return rows < bounds.removal_rows || static_cast<double>(removed) <= bounds.removal_share * static_cast<double>(rows);
}
static_assert(is_removal_allowed(99, 99, {}));
static_assert(is_removal_allowed(50, 100, {}));
static_assert(!is_removal_allowed(51, 100, {}));

/// A pull begins where the device was last up to date, and ends when it is so again: pages that an interrupted sync has taken count,
/// and so does everything that one sync pulls. Rows that the pull itself brings do not raise what it may remove. Consent is for the
/// whole pull. All calls but allows() run inside a transaction of the caller; a copy made before it undoes what it rolls back.
class removal_guard {
public:
    removal_guard(const limits& bounds, removal_consent consent) noexcept : bounds_(&bounds), consent_(consent) {}

    /// Before a page is applied. Counts the store's rows once in a sync, and only for a page that could matter.
    void open(store_port& store, bool page_removes, bool page_is_last) {
        if (is_open_) return;
        saved_ = store.find_meta("removals").value_or("");
        if (saved_.empty() && !page_removes && page_is_last) return;
        is_open_ = true;
        const char* const end = saved_.data() + saved_.size();
        const char* const at = std::from_chars(saved_.data(), end, rows_).ptr;
        if (at != end) std::from_chars(at + 1, end, removed_);
        // No bound holds for a device without rows, so that is how a consent outlives an interruption.
        if (consent_ == removal_consent::given) rows_ = 0;
        else if (saved_.empty())
            for (int table = 0; table < store.schema().size(); ++table) rows_ += store.count_rows(table);
    }

    /// True when the rows that a page has removed, by table, may go; they count then.
    [[nodiscard]] bool allows(const std::vector<std::size_t>& removed) noexcept {
        std::size_t more = 0;
        for (const std::size_t rows : removed) more += rows;
        if (more != 0 && !is_removal_allowed(removed_ + more, rows_, *bounds_)) return false;
        removed_ += more;
        return true;
    }

    /// True if the store has no note of an unfinished pull.
    [[nodiscard]] bool is_at_rest() const noexcept { return saved_.empty(); }

    /// Notes in the store how far the pull has come.
    void save(store_port& store, bool pull_ends) {
        if (!is_open_) return;
        const std::string text = pull_ends ? std::string() : std::to_string(rows_) + " " + std::to_string(removed_);
        if (text == saved_) return;
        saved_ = text;
        store.put_meta("removals", text);
    }

private:
    const limits* bounds_;
    removal_consent consent_;
    bool is_open_ = false;
    std::size_t rows_ = 0;  ///< of the device when the pull began
    std::size_t removed_ = 0;
    std::string saved_;
};

}  // namespace syncline
