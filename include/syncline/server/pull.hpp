/// A pull inside its transaction: one page of a snapshot or of the feed.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include <syncline/base/limits.hpp>
#include <syncline/server/cursor.hpp>
#include <syncline/server/history.hpp>
#include <syncline/server/row_view.hpp>

namespace syncline {

/// Takes the rows of a page; wire::page_writer is one.
template <class S>
concept page_sink = requires(S& sink, const wire::server_row_view& row) {
    /// The row's cells live only during the call.
    { sink.add(row) };
    { sink.count() } -> std::convertible_to<std::size_t>;
    /// Bytes of the rows so far.
    { sink.size() } -> std::convertible_to<std::size_t>;
};

/// What a page says beside its rows.
struct page_end {
    std::string cursor;
    bool more = false;
    bool snapshot = false;
    wire::included_operations includes;
    std::string owner;  ///< whose rows these are, if the request did not say
};

/// Keeps the rows of a page as a plain value.
class page_collector {
public:
    void add(const wire::server_row_view& row) {
        page_.rows.push_back(keep_row(page_, row));
        for (const cell& value : row.cells)
            if (value.has_text()) size_ += value.view().size();
    }
    [[nodiscard]] std::size_t count() const noexcept { return page_.rows.size(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    [[nodiscard]] wire::page finish(page_end end) && {
        std::ranges::sort(page_.rows, {}, [](const wire::server_row_view& row) { return std::tuple(row.table, row.version, row.local); });
        page_.cursor = std::move(end.cursor);
        page_.more = end.more;
        page_.snapshot = end.snapshot;
        page_.includes = std::move(end.includes);
        page_.owner = std::move(end.owner);
        return std::move(page_);
    }

private:
    wire::page page_;
    std::size_t size_ = 0;
};

/// One pull of one owner.
template <backend_transaction Tx>
class pull_handler {
public:
    pull_handler(Tx& tx, const wire::pull_request& request, const limits& bounds, const cursor_codec& cursors)
        : tx_(tx), request_(request), cursors_(cursors), page_rows_(std::max<std::size_t>(bounds.page_rows, 1)),
          rows_max_(request.limit == 0 ? page_rows_ : std::min(request.limit, page_rows_)), bytes_max_(bounds.body_bytes / 2),
          history_(request.device.empty() ? device_record{} : tx.load_device(request.device), request.acknowledged) {}

    /// Fills `sink`; nothing where the cursor cannot be continued.
    template <page_sink Sink>
    [[nodiscard]] std::optional<page_end> run(Sink& sink) {
        const row_version newest = tx_.version();
        const std::optional<cursor> since =
            request_.since.empty() ? start_of_snapshot(newest) : find_place(tx_, cursors_, request_.since);
        if (!since) return std::nullopt;
        page_end end;
        end.snapshot = since->of == cursor::kind::snapshot;
        cursor next = end.snapshot ? read_snapshot(sink, *since, newest, end.more) : read_feed(sink, *since, newest, end.more);
        next.nonce = next.version == since->version ? since->nonce : nonce_of(next.version);
        end.cursor = cursors_.encode(next);
        if (!request_.device.empty()) end.includes = {history_.floor(), history_.included()};
        return end;
    }

    /// True when this pull acknowledges verdicts that are still stored.
    [[nodiscard]] bool has_verdicts_to_forget() const noexcept { return history_.has_verdicts_to_forget(); }

private:
    /// Echoes passed over in one request, in full pages: an idle device is told in one answer, and no request takes for ever.
    static constexpr std::size_t echo_pages_max = 32;

    [[nodiscard]] version_nonce nonce_of(row_version version) { return tx_.nonce_of(version).value_or(0); }
    [[nodiscard]] std::optional<cursor> start_of_snapshot(row_version newest) {
        return cursor{cursor::kind::snapshot, newest, -1, {}, nonce_of(newest)};
    }

    template <class Sink>
    [[nodiscard]] bool is_full(const Sink& sink) const {
        return sink.count() >= rows_max_ || sink.size() >= bytes_max_;
    }

    /// Returns the next cursor without its nonce: behind the last row, or the feed's place from which the snapshot's increments follow.
    template <class Sink>
    [[nodiscard]] cursor read_snapshot(Sink& sink, const cursor& since, row_version newest, bool& more) {
        cursor next = since;
        const std::size_t scanned_max = scan_bound();
        std::size_t scanned = 0;
        tx_.scan_snapshot(position_of(since), scanned_max, [&](int table, const server_row& row) {
            const bool echo = is_echo(row);
            more = !echo && is_full(sink);
            if (more) return false;
            if (!echo) sink.add(view_of(table, row));
            next.table = table;
            next.local = row.local;
            ++scanned;
            return true;
        });
        more = more || scanned == scanned_max;
        if (more) return next;
        more = since.version < newest;
        return {cursor::kind::feed, since.version, -1, {}, 0};
    }

    template <class Sink>
    [[nodiscard]] cursor read_feed(Sink& sink, const cursor& since, row_version newest, bool& more) {
        cursor next = since;
        const std::size_t scanned_max = scan_bound();
        std::size_t scanned = 0;
        tx_.scan_changes(position_of(since), scanned_max, [&](int table, const server_row& row) {
            const bool echo = is_echo(row);
            more = !echo && is_full(sink);
            if (more) return false;
            if (!echo) sink.add(view_of(table, row));
            next = {cursor::kind::feed, row.version, table, row.local, 0};
            ++scanned;
            return true;
        });
        more = more || scanned == scanned_max;
        return more ? next : cursor{cursor::kind::feed, newest, -1, {}, 0};
    }

    [[nodiscard]] std::size_t scan_bound() const noexcept { return rows_max_ + 1 + echo_pages_max * page_rows_; }

    /// True when the asking device made this version of the row, and has been told so.
    [[nodiscard]] bool is_echo(const server_row& row) const noexcept {
        return row.as_sent && !request_.device.empty() && row.writer.device == request_.device && row.writer.seq <= request_.acknowledged;
    }

    Tx& tx_;
    const wire::pull_request& request_;
    const cursor_codec& cursors_;
    std::size_t page_rows_;
    std::size_t rows_max_;
    std::size_t bytes_max_;
    device_history history_;
};

}  // namespace syncline
