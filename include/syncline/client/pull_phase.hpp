/// The receiving half of a sync: which page to ask for, whether to believe it, and taking it whole with the cursor or not at all.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/client/pull.hpp>
#include <syncline/client/removal_guard.hpp>
#include <syncline/client/store_identity.hpp>

namespace syncline {

/// What a pull reads.
enum class pull_course : std::uint8_t {
    first,  ///< everything, into a new store
    news,   ///< what changed since the cursor
    again   ///< everything once more, because a verdict left a row in doubt; has a cursor of its own
};

/// What became of a page.
enum class page_fate : std::uint8_t {
    taken,
    idle,       ///< it brought nothing, and what waits here waits on; there is nothing to commit
    overtaken,  ///< another process moved the cursor meanwhile
    held_back   ///< it removes more than the pull may take without consent
};

/// A store_error leaves this object as it was before the call, so that the page can be asked for again.
class pull_phase {
public:
    pull_phase(store_port& store, const limits& bounds, removal_consent consent)
        : store_(store), bounds_(bounds), applier_(store), guard_(bounds, consent) {}

    /// Begins a course at its cursor.
    void begin() noexcept {
        is_open_ = false;
        pages_ = 0;
        empty_pages_ = 0;
    }

    /// What to ask for next, in a transaction of the caller.
    [[nodiscard]] wire::pull_request next_page(pull_course course, const store_identity& speaker) {
        wire::pull_request ask;
        ask.schema = store_.schema().fingerprint;
        ask.owner = speaker.owner;
        ask.device = speaker.device;
        // Rows that are read again must come even where this device made them.
        ask.acknowledged = course == pull_course::again ? 0 : store_.first_open_sequence() - 1;
        ask.since = store_.find_meta(cursor_name(course)).value_or("");
        ask.limit = bounds_.page_rows;
        asked_since_ = ask.since;
        return ask;
    }

    /// Why a page with more behind it leads nowhere; none when it may be taken.
    [[nodiscard]] error find_fault(const wire::page& page) {
        const auto bad = [](const char* what) { return error{error_code::bad_answer, what, {}, {}, {}}; };
        if (!page.more) return {};
        if (page.cursor == asked_since_) return bad("the cursor of a page with more behind it stands still");
        // Whatever the length of the circle, one of the places remembered at powers of two comes again.
        if (page.cursor == former_cursor_ && pages_ != 0) return bad("the cursor goes round in circles");
        if ((pages_ & (pages_ + 1)) == 0) former_cursor_ = page.cursor;
        ++pages_;
        empty_pages_ = page.rows.empty() ? empty_pages_ + 1 : 0;
        if (empty_pages_ > bounds_.empty_pages) return bad("page after page is empty, and more are to come");
        return {};
    }

    /// True when the page, the last of its pull, leaves nothing to write.
    [[nodiscard]] bool is_idle(const wire::page& page, pull_course course) {
        return course != pull_course::first && page.rows.empty() && page.cursor == asked_since_ && !page.more && !has_unfinished_pull();
    }

    /// Takes the page with its cursor, in a write transaction of the caller; counts go into `report`. When it is not taken the caller
    /// lets the transaction go. confirm() once it is committed.
    [[nodiscard]] page_fate take(const wire::page& page, pull_course course, sync_report& report) {
        if (store_.find_meta(cursor_name(course)).value_or("") != asked_since_) return page_fate::overtaken;
        // Rolled-back transactions must not leave rows in the index, so it is read anew with each pull and after each failure.
        if (!is_open_) applier_.open();
        is_open_ = false;
        next_guard_ = guard_;
        const bool removes = std::any_of(page.rows.begin(), page.rows.end(), [](const wire::server_row_view& row) { return row.removed; });
        next_guard_.open(store_, removes || applier_.has_parked_rows(), !page.more);
        const bool brings_nothing =
            course == pull_course::news && page.rows.empty() && page.cursor == asked_since_ && !page.more && next_guard_.is_at_rest();
        const sync_report former = brings_nothing ? report : sync_report();
        const std::pair<std::size_t, std::size_t> waiting = brings_nothing ? count_waiting() : std::pair<std::size_t, std::size_t>();
        applier_.apply(page, report);
        if (page.cursor != asked_since_) store_.put_meta(cursor_name(course), page.cursor);
        if (!page.more && course != pull_course::again) applier_.finish(report);
        if (!next_guard_.allows(applier_.removed())) return page_fate::held_back;
        next_guard_.save(store_, !page.more && course != pull_course::again);
        if (!page.more && course == pull_course::first) store_.put_meta("first_pull_done", "1");
        if (!page.more && course == pull_course::again) {
            store_.put_meta("refetch", "");
            store_.put_meta("refetch_wanted", "");
        }
        const bool idle = brings_nothing && former.tables == report.tables && former.conflicts == report.conflicts && waiting == count_waiting();
        return idle ? page_fate::idle : page_fate::taken;
    }

    /// The page is in the store for good.
    void confirm(const wire::page& page) {
        is_open_ = true;
        guard_ = next_guard_;
        pulled_ += page.rows.size();
    }

    /// Rows that the page at hand would have removed, by table.
    [[nodiscard]] const std::vector<std::size_t>& removed() const noexcept { return applier_.removed(); }
    /// Rows of the pages so far.
    [[nodiscard]] std::size_t pulled() const noexcept { return pulled_; }

private:
    [[nodiscard]] static std::string_view cursor_name(pull_course course) noexcept {
        return course == pull_course::again ? "refetch" : "cursor";
    }

    /// Rows that are parked, and removals whose rows wait for the end of a pull.
    [[nodiscard]] std::pair<std::size_t, std::size_t> count_waiting() { return {applier_.parked_rows(), undecided_removals(store_).size()}; }

    /// Rows that the end of a pull may show or let go, and what an interrupted one left.
    bool has_unfinished_pull() {
        auto reading = store_.begin_read();
        bool any = !undecided_removals(store_).empty() || !store_.find_meta("removals").value_or("").empty();
        store_.scan_parked([&](const parked_row&) { any = true; });
        reading.commit();
        return any;
    }

    store_port& store_;
    const limits& bounds_;
    page_applier applier_;
    removal_guard guard_;
    removal_guard next_guard_ = guard_;  ///< while a page is being taken
    std::string asked_since_;
    std::string former_cursor_;  ///< of one of the pages before
    bool is_open_ = false;
    std::size_t pages_ = 0;      ///< of this course
    std::size_t empty_pages_ = 0;  ///< in a row
    std::size_t pulled_ = 0;
};

}  // namespace syncline
