/// A page in CBOR. The client ignores tables and fields it does not declare; what it declares must be right.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <syncline/wire/cbor/page_writer.hpp>
#include <syncline/wire/cbor/row_reader.hpp>
#include <syncline/wire/page_members.hpp>

namespace syncline::wire::cbor {

/// Reads one page.
class page_reader {
public:
    page_reader(std::string_view body, const schema_view& schema, const limits& bounds, page& out)
        : schema_(schema),
          bounds_(bounds),
          out_(out),
          in_(body, bounds, problem_),
          cells_(in_, bounds, out.bytes, key_form::server_only, problem_),
          rows_(in_, cells_, out.bytes, out.cells, problem_) {}

    [[nodiscard]] error read() {
        read_page();
        if (problem_ && place_ != place::page && table_ >= 0) problem_.entity = schema_[table_].entity;
        if (problem_ && place_ == place::row) problem_.local_id = out_.rows.back().local.view();
        return std::move(problem_);
    }

private:
    enum class place : std::uint8_t { page, run, row };

    void read_page() {
        open_map map;
        map_key key;
        std::uint32_t seen = 0;
        if (!enter_message(in_, map, "a page is a map")) return;
        while (in_.next_key(map, page_member::names, key)) {
            if (key.place < 0) {
                in_.skip();
            } else {
                seen |= 1u << key.place;
                read_member(key.place);
            }
            if (problem_) return stop();
        }
        if (!leave_message(in_)) return;
        check_page(out_, seen, problem_);
        group_by_table(out_.rows, schema_);
    }

    void read_member(int member) {
        if (member == page_member::changes && in_.is_next(major::array)) return read_runs();
        if (member == page_member::includes && in_.is_next(major::map)) return read_includes();
        if (wire_value value; in_.next(value)) take_page_member(member, value, out_, problem_);
    }

    void read_includes() {
        open_map map;
        map_key key;
        if (!in_.enter(map)) return;
        while (in_.next_key(map, includes_member::names, key)) {
            wire_value value;
            if (key.place < 0) in_.skip();
            else if (key.place == includes_member::above && in_.is_next(major::array)) read_above();
            else if (in_.next(value)) take_includes_member(key.place, value, out_.includes, problem_);
        }
    }

    void read_above() {
        open_items items;
        wire_value value;
        if (!in_.enter_array(items)) return;
        while (in_.more(items) && in_.next(value)) {
            take_included_sequence(value, out_.includes, problem_);
            if (problem_) return stop();
        }
    }

    void read_runs() {
        open_items runs;
        if (!in_.enter_array(runs)) return;
        while (in_.more(runs)) {
            if (!in_.is_next(major::map)) {
                if (in_.skip()) in_.fail(error_code::wrong_type, "a run is a map", "changes");
                return;
            }
            read_run();
            if (problem_) return stop();
            place_ = place::page;
        }
    }

    void read_run() {
        open_map map;
        map_key key;
        std::uint32_t seen = 0;
        table_ = -1;
        fields_.clear();
        place_ = place::run;
        if (!in_.enter(map)) return;
        while (in_.next_key(map, page_run::names, key)) {
            if (key.place >= 0) seen |= 1u << key.place;
            if (key.place == page_run::table) read_table();
            else if (key.place == page_run::fields)
                fields_.read(in_, table_ < 0 ? nullptr : &schema_[table_], unknown_fields::ignored, "fields", problem_);
            else if (key.place == page_run::rows && table_ >= 0) read_rows();
            else in_.skip();
        }
        if (const std::string_view name = first_missing(page_run::names, page_run::required, seen); !name.empty())
            note(problem_, error_code::missing_field, "a run needs this key", name);
    }

    void read_table() {
        wire_value value;
        if (!in_.next(value)) return;
        if (const auto name = member_value(value, "table", problem_).text(key_bytes_max)) table_ = schema_.find_table(*name);
    }

    void read_rows() {
        const table_view& table = schema_[table_];
        if (!in_.is_next(major::array)) {
            place_ = place::page;
            if (in_.skip()) in_.fail(error_code::wrong_type, "a list of rows was expected", table.name);
            return;
        }
        open_items items;
        row_history history;
        if (!in_.enter_array(items)) return;
        while (in_.more(items)) {
            if (!in_.is_next(major::map)) {
                if (in_.skip()) in_.fail(error_code::wrong_type, "a row is a map", table.name);
                return;
            }
            if (out_.rows.size() == bounds_.page_rows) {
                in_.fail(error_code::too_large, "the page has too many rows");
                return;
            }
            server_row_view& row = out_.rows.emplace_back();
            row.table = table_;
            place_ = place::row;
            rows_.read(fields_, table, history, row);
            if (problem_) return stop();
            place_ = place::run;
        }
    }

    void stop() { in_.fail(problem_.code, problem_.message); }

    schema_view schema_;
    const limits& bounds_;
    page& out_;
    error problem_;
    item_reader in_;
    cell_reader cells_;
    row_reader rows_;

    place place_ = place::page;
    int table_ = -1;
    field_list fields_;
};

}  // namespace syncline::wire::cbor
