/// Reads a page. The client ignores tables and fields it does not declare; what it declares must be right.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/wire/members.hpp>
#include <syncline/wire/messages.hpp>
#include <syncline/wire/parse_json.hpp>
#include <syncline/wire/row_reader.hpp>

namespace syncline::wire {
namespace detail {

/// The grammar of a page.
class page_grammar final : public json_grammar {
public:
    page_grammar(const schema_view& schema, const limits& bounds, page& out)
        : schema_(schema),
          bounds_(bounds),
          out_(out),
          decoder_(bounds, out.bytes, key_form::server_only),
          row_(decoder_, out.cells, problem_) {}

    key_use key(std::string_view name) override {
        switch (place_) {
            case place::page: return choose(page_names, name, page_members_);
            case place::includes: return choose(includes_names, name, includes_members_);
            case place::changes: return choose_table(name);
            case place::row: return row_.key(name);
            default: return key_use::remember;
        }
    }

    void value(const json_value& value) override {
        switch (place_) {
            case place::page: take_page(value); break;
            case place::includes: take_includes(value); break;
            case place::above: take_above(value); break;
            case place::row: row_.value(value); break;
            case place::changes: refuse(error_code::wrong_type, "a list of rows was expected", schema_[table_].name); break;
            case place::rows: refuse(error_code::wrong_type, "a row is an object", schema_[table_].name); break;
            case place::outside: refuse(error_code::malformed, "a page is an object"); break;
        }
    }

    bool begin_object() override {
        if (place_ == place::outside) return enter(place::page);
        if (place_ == place::page && member_ == in_page::changes) return enter(place::changes);
        if (place_ == place::page && member_ == in_page::includes) return enter(place::includes);
        if (place_ == place::rows) return begin_row();
        return refuse_nested();
    }

    void end_object() override {
        if (place_ == place::row) {
            const server_row_view& row = row_.finish(schema_[table_]);
            stop_at_problem();
            out_.rows.push_back(row);
            out_.rows.back().table = table_;
            place_ = place::rows;
        } else if (place_ == place::page) {
            end_page();
        } else {
            place_ = place::page;
        }
    }

    bool begin_array() override {
        if (place_ == place::changes) return enter(place::rows);
        if (place_ == place::includes && member_ == in_includes::above) return enter(place::above);
        return refuse_nested();
    }

    void end_array() override { place_ = place_ == place::rows ? place::changes : place::includes; }

    void locate(error& problem) const override {
        if (place_ != place::row && place_ != place::rows) return;
        problem.entity = schema_[table_].entity;
        if (place_ == place::row) problem.local_id = row_.local_so_far().view();
    }

private:
    enum class place : std::uint8_t { outside, page, changes, rows, row, includes, above };
    struct in_page {
        enum member : int { changes, last_sync, more, includes, snapshot };
    };
    struct in_includes {
        enum member : int { floor, above };
    };
    static constexpr std::array<std::string_view, 5> page_names{"changes", "lastSync", "more", "includes", "snapshot"};
    static constexpr std::array<std::string_view, 2> includes_names{"floor", "above"};
    static constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

    bool enter(place next) {
        place_ = next;
        return true;
    }

    bool refuse_nested() {
        if (place_ == place::row) row_.nested_value();
        else refuse(error_code::wrong_type, "a nested value is not expected here");
        return false;
    }

    key_use choose(std::span<const std::string_view> names, std::string_view name, member_finder& members) {
        member_ = members.find(names, name);
        if (member_ == member_finder::repeated) refuse(error_code::duplicate_key, "the key is there twice", name);
        return member_ < 0 ? key_use::ignore : key_use::take;
    }

    key_use choose_table(std::string_view name) {
        const auto count = static_cast<int>(schema_.tables.size());
        for (int step = 0; step < count; ++step) {
            const int candidate = (table_ + 1 + step) % count;
            if (schema_[candidate].name != name) continue;
            table_ = candidate;
            return key_use::remember;
        }
        return key_use::ignore;
    }

    bool begin_row() {
        if (out_.rows.size() == bounds_.page_rows) {
            refuse(error_code::too_large, "the page has too many rows");
            return false;
        }
        row_.start(&schema_[table_]);
        return enter(place::row);
    }

    void take_page(const json_value& value) {
        const member_value read(value, page_names[static_cast<std::size_t>(member_)], problem_);
        switch (static_cast<in_page::member>(member_)) {
            case in_page::last_sync: out_.cursor = read.text(tag_bytes_max).value_or(""); break;
            case in_page::more: out_.more = read.boolean().value_or(false); break;
            case in_page::snapshot: out_.snapshot = read.boolean().value_or(false); break;
            case in_page::changes:
            case in_page::includes:
                note(problem_, error_code::wrong_type, "an object was expected", page_names[static_cast<std::size_t>(member_)]);
        }
        stop_at_problem();
    }

    void take_includes(const json_value& value) {
        const member_value read(value, includes_names[static_cast<std::size_t>(member_)], problem_);
        if (member_ == in_includes::floor) out_.includes.floor = read.integer(0, largest).value_or(0);
        else note(problem_, error_code::wrong_type, "a list of sequences was expected", "above");
        stop_at_problem();
    }

    void take_above(const json_value& value) {
        const auto seq = member_value(value, "above", problem_).integer(1, largest);
        if (seq) out_.includes.above.push_back(*seq);
        stop_at_problem();
    }

    void end_page() {
        constexpr std::uint32_t required =
            1u << in_page::changes | 1u << in_page::last_sync | 1u << in_page::more | 1u << in_page::includes;
        if (const std::string_view name = page_members_.missing(page_names, required); !name.empty())
            refuse(error_code::missing_field, "a page needs this key", name);
        else if (out_.cursor.empty()) refuse(error_code::malformed, "a cursor is not empty", "lastSync");
        const auto by_table = [](const server_row_view& a, const server_row_view& b) { return a.table < b.table; };
        // Ours come in push order; the order of keys in a stranger's object means nothing.
        if (!std::is_sorted(out_.rows.begin(), out_.rows.end(), by_table)) group_by_table();
        place_ = place::outside;
    }

    /// Puts the rows in push order of their tables; rows of one table keep their order.
    void group_by_table() {
        std::vector<server_row_view> grouped;
        grouped.reserve(out_.rows.size());
        for (int table = 0; table < schema_.size(); ++table)
            for (const server_row_view& row : out_.rows)
                if (row.table == table) grouped.push_back(row);
        out_.rows = std::move(grouped);
    }

    const schema_view& schema_;
    const limits& bounds_;
    page& out_;
    cell_decoder decoder_;
    row_reader row_;

    place place_ = place::outside;
    member_finder page_members_;
    member_finder includes_members_;
    int member_ = 0;
    int table_ = -1;
};

}  // namespace detail

/// Reads a page into `out`, whose buffers are reused. The error has code none when `body` was one;
/// otherwise `out` is valid and its content means nothing.
[[nodiscard]] inline error read_page(std::string_view body, const schema_view& schema, const limits& bounds, page& out) {
    out.rows.clear();
    out.cursor.clear();
    out.more = out.snapshot = false;
    out.includes.floor = 0;
    out.includes.above.clear();
    out.bytes.clear();
    out.cells.clear();
    detail::page_grammar grammar(schema, bounds, out);
    return parse_json(body, bounds, grammar);
}

}  // namespace syncline::wire
