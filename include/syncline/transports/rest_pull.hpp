/// A pull from a REST backend: its feed or listings read step by step, and handed on as pages of what is new.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <syncline/transports/rest_backend.hpp>
#include <syncline/transports/rest_cursor.hpp>
#include <syncline/transports/rest_guard.hpp>
#include <syncline/wire/page_writer.hpp>

namespace syncline {

template <http_client C>
class rest_pull {
public:
    rest_pull(rest_backend<C>& backend, rest_guard& guard) : backend_(backend), store_(backend.store), guard_(guard) {}

    /// Rows that a push removed at the backend; told with the next pull.
    void add_removed(std::vector<rest_row_name> rows) { gone_.insert(gone_.end(), rows.begin(), rows.end()); }

    /// The next page. Goes on where the last one ended, or starts at the cursor asked for.
    [[nodiscard]] exchange_result page(const wire::pull_request& ask, wire::encoding form) {
        if (!is_open_ || ask.since != expected_) start(ask.since);
        const std::size_t bound = backend_.options.bounds.page_rows;
        const std::size_t rows_max = ask.limit == 0 ? bound : std::min(ask.limit, bound);
        std::string body;
        wire::page_writer writer(body, store_.schema(), form);
        while (!is_complete_ && writer.count() < rows_max && writer.size() < backend_.options.bounds.batch_bytes) {
            if (write_rows(writer, rows_max)) continue;
            if (std::optional<exchange_result> stop = read_on()) {
                is_open_ = false;
                return std::move(*stop);
            }
        }
        const bool more = !is_complete_;
        expected_ = more ? start_.text(++part_) : next_.text();
        wire::included_operations includes;
        includes.floor = ask.acknowledged;
        writer.finish(expected_, more, false, includes, ask.owner.empty() ? backend_.owner() : std::string());
        if (!more) {
            is_open_ = false;
            gone_.clear();
        }
        wire::http_response answer;
        answer.status = 200;
        answer.body = std::move(body);
        answer.content_type = wire::media_type(form);
        return answer;
    }

private:
    static constexpr int common = -1;  ///< the table of a source that has the rows of all

    [[nodiscard]] const rest_feed* feed() const noexcept { return std::get_if<rest_feed>(&backend_.mapping.pull); }
    [[nodiscard]] const rest_listings& listings() const { return std::get<rest_listings>(backend_.mapping.pull); }
    [[nodiscard]] bool by_moments() const { return feed() != nullptr ? feed()->cursor.empty() : !listings().since.empty(); }
    [[nodiscard]] std::size_t sources() const { return feed() != nullptr ? 1 : static_cast<std::size_t>(store_.schema().size()); }
    [[nodiscard]] int table_of(std::size_t source) const { return feed() != nullptr ? common : static_cast<int>(source); }
    /// Whole listings show by what they lack which rows were removed.
    [[nodiscard]] bool is_whole() const { return feed() == nullptr && listings().since.empty(); }

    void start(const std::string& since) {
        start_ = rest_cursor::parse(since, by_moments() ? sources() : 0);
        next_ = start_;
        source_ = page_ = part_ = 0;
        is_open_ = true;
        is_complete_ = false;
        rows_.clear();
        at_ = 0;
        listed_.clear();
        auto reading = store_.begin_read();
        backend_.known.open();
        removals_.clear();
        std::set<row_name> told;
        for (const auto* rows : {&backend_.known.taken(), static_cast<const std::vector<rest_row_name>*>(&gone_)})
            for (const rest_row_name& row : *rows)
                if (const auto version = backend_.known.removal_version(row.table, row.local); version && told.insert({row.table, row.local}).second)
                    removals_.push_back({row.table, row.local, row.remote, row.incarnation, *version});
        reading.commit();
    }

    /// Writes rows that were read; false when there are none left.
    bool write_rows(wire::page_writer& writer, std::size_t rows_max) {
        if (removals_.empty() && at_ == rows_.rows.size()) return false;
        const auto is_stale = [this](row_version stamp, row_version version) { return backend_.is_stale(stamp, version); };
        auto reading = store_.begin_read();
        for (; !removals_.empty() && writer.count() < rows_max; removals_.pop_back()) {
            const rest_row_name& row = removals_.back();
            writer.add({row.table, row.remote, row.local, row.version, row.incarnation, 0, true, {}});
        }
        for (; at_ < rows_.rows.size() && writer.count() < rows_max; ++at_) {
            const wire::rest_row& row = rows_.rows[at_];
            const auto news = backend_.known.news_of(row, backend_.stamp_of(row), is_stale);
            if (news) writer.add({row.table, row.id, news->local, news->version, news->incarnation, 0, row.removed, row.removed ? cells() : row.values});
        }
        reading.commit();
        return true;
    }

    /// Reads the next answer of the present source, or ends it. Gives what the session gets instead of a page when that fails.
    [[nodiscard]] std::optional<exchange_result> read_on() {
        if (source_ == sources()) {
            is_complete_ = true;
            return std::nullopt;
        }
        // All rows before the backend's cursor were handed on, or are in the page that tells so.
        if (feed() != nullptr && !feed()->cursor.empty()) start_ = next_;
        const http_result sent = backend_.caller.call("GET", target());
        if (const auto* const failure = std::get_if<exchange_failure>(&sent)) return *failure;
        const auto& reply = std::get<http_reply>(sent);
        if (outcome_of(reply.status) != rest_outcome::done) return backend_.refusal_of(reply);
        at_ = 0;
        if (const error problem = backend_.read(reply.body, shape(), rows_)) {
            rows_.clear();
            return rest_refusal(503, problem);
        }
        return take_answer(rest_caller<C>::date_of(reply));
    }

    [[nodiscard]] std::string target() const {
        std::string path = feed() != nullptr ? feed()->path : backend_.listing_of(table_of(source_));
        char before = '?';
        const auto add = [&](const std::string& name, const std::string& value) {
            path += before + name + "=" + backend_.encoded(value);
            before = '&';
        };
        if (by_moments()) {
            const std::string& name = feed() != nullptr ? feed()->since : listings().since;
            if (const std::int64_t newest = start_.moments[source_]; newest != 0) add(name, moment(std::max<std::int64_t>(newest - backend_.options.overlap_ms, 0)));
        } else if (feed() != nullptr && !next_.given.empty()) {
            add(feed()->since, next_.given);
        }
        if (feed() != nullptr) {
            if (!feed()->limit.empty()) add(feed()->limit, std::to_string(backend_.options.bounds.page_rows));
        } else if (!listings().page.empty()) {
            const std::size_t first = listings().counts_rows ? page_ * listings().page_rows : page_ + listings().first_page;
            add(listings().page, std::to_string(first));
            if (!listings().size.empty()) add(listings().size, std::to_string(listings().page_rows));
        }
        return path;
    }

    [[nodiscard]] std::string moment(std::int64_t milliseconds) const {
        const moment_form form = backend_.mapping.rows.updated_at_form;
        if (form == moment_form::iso8601) return wire::write_iso8601(milliseconds * 1'000);
        return std::to_string(wire::units_before(milliseconds * 1'000, form));
    }

    [[nodiscard]] wire::rest_shape shape() const {
        if (feed() == nullptr) return backend_.list_of(table_of(source_));
        wire::rest_shape shape;
        shape.holds = feed()->kind.empty() ? wire::rest_shape::content::by_table : wire::rest_shape::content::list;
        shape.envelope = feed()->changes;
        shape.kind = feed()->kind;
        shape.cursor = feed()->cursor;
        shape.more = feed()->more;
        return shape;
    }

    std::optional<exchange_result> take_answer(std::optional<std::int64_t> date) {
        // A row from the future, such as one whose moment another program made up, must not hide what is changed before that.
        constexpr std::int64_t ahead_s = 60;
        const std::int64_t newest_ms = date ? (*date + ahead_s) * 1'000 : std::numeric_limits<std::int64_t>::max();
        bool any_new = false;
        for (const wire::rest_row& row : rows_.rows) {
            any_new = listed_.insert({row.table, row.id.str()}).second || any_new;
            const std::int64_t moment_ms = row.updated_at.value_or(0) / 1'000;
            if (by_moments() && moment_ms <= newest_ms) next_.moments[source_] = std::max(next_.moments[source_], moment_ms);
        }
        ++page_;
        if (feed() != nullptr && !feed()->cursor.empty()) {
            if (rows_.cursor.size() > rest_cursor::given_bytes_max) return rest_refusal(503, {error_code::too_large, "the feed's cursor is too long", {}, {}, {}});
            const bool moved = !rows_.cursor.empty() && rows_.cursor != next_.given;
            if (rows_.more && !moved) return rest_refusal(503, {error_code::bad_answer, "the cursor of a feed with more behind it stands still", {}, {}, {}});
            if (moved) next_.given = rows_.cursor;
            if (!rows_.more) ++source_;
            return std::nullopt;
        }
        // A backend that does not know the parameter answers each page with the same rows.
        const bool more = feed() == nullptr && !listings().page.empty() && rows_.rows.size() >= listings().page_rows && any_new;
        if (!more) end_source();
        return std::nullopt;
    }

    void end_source() {
        if (is_whole()) find_absent(table_of(source_));
        listed_.clear();
        page_ = 0;
        ++source_;
    }

    /// Rows that the backend had and a whole listing lacks.
    void find_absent(int table) {
        std::vector<rest_row_name> absent;
        std::size_t known = 0;
        auto reading = store_.begin_read();
        store_.scan_rows(table, [&](const local_id& id, const row_buffer& row) {
            if (row.state.id.empty()) return;
            ++known;
            if (!listed_.contains({table, row.state.id.str()})) absent.push_back({table, id, row.state.id, row.state.incarnation, {}});
        });
        if (guard_.allows(store_.schema()[table].name, absent.size(), known, listed_.size()))
            for (rest_row_name& row : absent)
                if (const auto version = backend_.known.removal_version(table, row.local)) {
                    row.version = *version;
                    removals_.push_back(std::move(row));
                }
        reading.commit();
    }

    rest_backend<C>& backend_;
    store_port& store_;
    rest_guard& guard_;
    bool is_open_ = false;
    bool is_complete_ = false;
    rest_cursor start_;           ///< where the pull began, or the backend's last cursor whose rows were all handed on
    rest_cursor next_;
    std::string expected_;        ///< the cursor of the last page
    std::size_t source_ = 0;
    std::size_t page_ = 0;        ///< answers read of the source
    std::size_t part_ = 0;        ///< pages handed on
    wire::rest_rows rows_;
    std::size_t at_ = 0;          ///< next of rows_
    std::set<std::pair<int, std::string>> listed_;
    std::vector<rest_row_name> removals_;
    std::vector<rest_row_name> gone_;
};

}  // namespace syncline
