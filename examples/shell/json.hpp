/// What commands print with --json: one document on one line, rows with their fields by name.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include <shell/fields.hpp>
#include <syncline/model/row.hpp>
#include <syncline/wire/json/sink.hpp>

namespace shell {

/// Writes JSON with the commas between members and elements; `name` begins a member.
class json_text {
public:
    json_text& begin(char bracket) {
        separate();
        out_.raw(bracket);
        first_ = true;
        return *this;
    }
    json_text& end(char bracket) {
        out_.raw(bracket);
        first_ = false;
        return *this;
    }
    json_text& name(std::string_view member) {
        separate();
        out_.text(member).raw(':');
        first_ = true;
        return *this;
    }
    json_text& text(std::string_view value) {
        separate();
        out_.text(value);
        return *this;
    }
    json_text& number(std::int64_t value) {
        separate();
        out_.integer(value);
        return *this;
    }
    json_text& count(std::size_t value) { return number(static_cast<std::int64_t>(value)); }
    json_text& boolean(bool value) {
        separate();
        out_.boolean(value);
        return *this;
    }
    json_text& null() {
        separate();
        out_.raw(std::string_view("null"));
        return *this;
    }
    /// Times, bytes and ids as text, sets as arrays.
    json_text& field(const syncline::column_view& column, const syncline::cell& value) {
        using syncline::cell_kind;
        if (value.is_null()) return null();
        if (value.kind() == cell_kind::boolean) return boolean(value.as_boolean());
        if (value.kind() == cell_kind::integer && column.kind != syncline::column_kind::timestamp) return number(value.as_integer());
        if (value.kind() == cell_kind::real) {
            separate();
            out_.real(value.as_real());
            return *this;
        }
        if (column.kind != syncline::column_kind::set) return text(format_field(column, value));
        begin('[');
        for (const std::string& element : elements_of(value)) text(element);
        return end(']');
    }
    /// {"id": ..., and every field}
    json_text& row(const syncline::table_view& table, std::string_view id, syncline::cells values) {
        begin('{').name("id").text(id);
        for (std::size_t i = 0; i < values.size(); ++i) name(table.columns[i].name).field(table.columns[i], values[i]);
        return end('}');
    }

    void print() {
        out_.raw('\n');
        out_.finish();
        std::fwrite(document_.data(), 1, document_.size(), stdout);
    }

private:
    void separate() {
        if (!first_) out_.raw(',');
        first_ = false;
    }

    std::string document_;
    syncline::wire::json::sink out_{document_};
    bool first_ = true;
};

}  // namespace shell
