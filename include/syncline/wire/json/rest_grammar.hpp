/// A body of a REST backend: one row, a list of rows, or lists by table, bare or in an envelope. What has an unknown name is ignored.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <syncline/wire/json/events.hpp>
#include <syncline/wire/json/parse.hpp>
#include <syncline/wire/json/rest_row_reader.hpp>

namespace syncline::wire::json {

class rest_grammar final : public grammar {
public:
    rest_grammar(const schema_view& schema, const rest_row_names& names, std::span<const rest_table_names> tables, const rest_shape& shape,
                 const limits& bounds, rest_rows& out)
        : schema_(schema), tables_(tables), shape_(shape), out_(out), row_(schema, names, tables, bounds, out, problem_), table_(shape.table) {}

    key_use key(std::string_view name) override {
        switch (place_) {
            case place::top: return choose_member(name);
            case place::tables: return choose_table(name);
            case place::row: return row_.key(name) ? key_use::remember : key_use::ignore;
            default: return key_use::remember;
        }
    }

    void value(const wire_value& value) override {
        if (place_ == place::row) return row_.value(value);
        if (place_ == place::top && member_ == member::cursor) return take_cursor(value);
        if (place_ == place::top && member_ == member::more && value.kind == value_kind::boolean) {
            out_.more = value.integer != 0;
            return;
        }
        refuse(error_code::bad_answer, "rows were expected here");
    }

    bool begin_object() override {
        if (place_ == place::row) return nested();
        if (place_ == place::outside && !shape_.envelope.empty()) return enter(place::top);
        const bool at_content = place_ == place::outside || (place_ == place::top && member_ == member::content);
        if (at_content && shape_.holds == rest_shape::content::by_table) return enter(place::tables);
        if (place_ == place::rows || (at_content && shape_.holds == rest_shape::content::item)) {
            around_row_ = place_;
            row_.start(table_, shape_.kind);
            return enter(place::row);
        }
        return nested();
    }

    void end_object() override {
        switch (place_) {
            case place::row: end_row(); break;
            case place::tables: place_ = shape_.envelope.empty() ? place::outside : place::top; break;
            case place::top:
                if (!found_) refuse(error_code::missing_field, "the answer lacks the member that holds the rows", presentable(shape_.envelope));
                place_ = place::outside;
                break;
            default: break;
        }
    }

    bool begin_array() override {
        if (place_ == place::row) return nested();
        const bool is_list = shape_.holds == rest_shape::content::list;
        const bool at_list = is_list && ((place_ == place::outside && shape_.envelope.empty()) || (place_ == place::top && member_ == member::content));
        if (!at_list && place_ != place::tables) return nested();
        around_rows_ = place_;
        return enter(place::rows);
    }

    void end_array() override { place_ = around_rows_; }

    void locate(error& problem) const override {
        if (table_ >= 0 && place_ != place::outside && place_ != place::top) problem.entity = schema_[table_].entity;
    }

private:
    enum class place : std::uint8_t { outside, top, tables, rows, row };
    enum class member : std::uint8_t { none, content, cursor, more };

    bool enter(place next) {
        place_ = next;
        return true;
    }

    bool nested() {
        value({value_kind::nested, 0, 0, {}});
        return false;
    }

    key_use choose_member(std::string_view name) {
        member_ = name == shape_.envelope                             ? member::content
                  : !shape_.cursor.empty() && name == shape_.cursor ? member::cursor
                  : !shape_.more.empty() && name == shape_.more     ? member::more
                                                                    : member::none;
        found_ = found_ || member_ == member::content;
        return member_ == member::none ? key_use::ignore : key_use::remember;
    }

    key_use choose_table(std::string_view name) {
        for (std::size_t i = 0; i < tables_.size(); ++i) {
            if (tables_[i].feed != name) continue;
            table_ = static_cast<int>(i);
            return key_use::remember;
        }
        return key_use::ignore;
    }

    void take_cursor(const wire_value& value) {
        if (value.kind == value_kind::text && value.text.size() <= tag_bytes_max && value.text.find('\0') == std::string_view::npos)
            out_.cursor = value.text;
        else if (value.kind == value_kind::integer) out_.cursor = std::to_string(value.integer);
        else if (value.kind != value_kind::null) refuse(error_code::bad_answer, "a cursor is a short text or an integer");
    }

    void end_row() {
        const auto row = row_.finish(shape_.holds != rest_shape::content::item);
        stop_at_problem();
        if (row) out_.rows.push_back(*row);
        place_ = around_row_;
    }

    schema_view schema_;
    std::span<const rest_table_names> tables_;
    rest_shape shape_;
    rest_rows& out_;
    rest_row_reader row_;
    place place_ = place::outside;
    place around_row_ = place::outside;
    place around_rows_ = place::outside;
    member member_ = member::none;
    bool found_ = false;
    int table_;
};

/// Reads a body into `out`. The error has code none when it was what `shape` says; otherwise `out` means nothing.
[[nodiscard]] inline error read_rest(std::string_view body, const schema_view& schema, const rest_row_names& names,
                                     std::span<const rest_table_names> tables, const rest_shape& shape, const limits& bounds, rest_rows& out) {
    out.clear();
    rest_grammar grammar(schema, names, tables, shape, bounds, out);
    return parse(body, bounds, grammar);
}

/// Takes any JSON and looks at nothing of it.
class any_json final : public grammar {
public:
    key_use key(std::string_view) override { return key_use::ignore; }
    void value(const wire_value&) override {}
    bool begin_object() override { return false; }
    void end_object() override {}
    bool begin_array() override { return false; }
    void end_array() override {}
    void locate(error&) const override {}
};

/// True for any JSON text within the bounds.
[[nodiscard]] inline bool is_json(std::string_view body, const limits& bounds) {
    any_json grammar;
    return !parse(body, bounds, grammar);
}

}  // namespace syncline::wire::json
