/// A page in JSON. The client ignores tables and fields it does not declare; what it declares must be right.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <syncline/wire/json/row_reader.hpp>
#include <syncline/wire/page_members.hpp>

namespace syncline::wire::json {

/// The grammar of a page.
class page_grammar final : public grammar {
public:
    page_grammar(const schema_view& schema, const limits& bounds, page& out)
        : schema_(schema),
          bounds_(bounds),
          out_(out),
          decoder_(bounds, out.bytes, key_form::server_only),
          row_(decoder_, out.cells, problem_) {}

    key_use key(std::string_view name) override {
        switch (place_) {
            case place::page: return choose(page_member::names, name, page_members_);
            case place::includes: return choose(includes_member::names, name, includes_members_);
            case place::changes: return choose_table(name);
            case place::row: return row_.key(name);
            default: return key_use::remember;
        }
    }

    void value(const wire_value& value) override {
        switch (place_) {
            case place::page: take_page_member(member_, value, out_, problem_); break;
            case place::includes: take_includes_member(member_, value, out_.includes, problem_); break;
            case place::above: take_included_sequence(value, out_.includes, problem_); break;
            case place::row: return row_.value(value);
            case place::changes: refuse(error_code::wrong_type, "a list of rows was expected", schema_[table_].name); break;
            case place::rows: refuse(error_code::wrong_type, "a row is an object", schema_[table_].name); break;
            case place::outside: refuse(error_code::malformed, "a page is an object"); break;
        }
        stop_at_problem();
    }

    bool begin_object() override {
        if (place_ == place::outside) return enter(place::page);
        if (place_ == place::page && member_ == page_member::changes) return enter(place::changes);
        if (place_ == place::page && member_ == page_member::includes) return enter(place::includes);
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
        if (place_ == place::includes && member_ == includes_member::above) return enter(place::above);
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

    bool enter(place next) {
        place_ = next;
        return true;
    }

    bool refuse_nested() {
        value({value_kind::nested, 0, 0, {}});
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

    void end_page() {
        check_page(out_, page_members_.seen(), problem_);
        stop_at_problem();
        group_by_table(out_.rows, schema_);
        place_ = place::outside;
    }

    schema_view schema_;
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

}  // namespace syncline::wire::json
