/// One row as a request to a single row carries it: its fields and, where the sender names it, its local id, flat in one object.
#pragma once

#include <string_view>

#include <syncline/wire/json/field_reader.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline::wire::json {

/// The grammar of such a body. Keys may be server ids or {"localId"}.
class row_body_grammar final : public grammar {
public:
    row_body_grammar(const table_view& table, const limits& bounds, push_request& out)
        : table_(table), out_(out), decoder_(bounds, out.bytes, key_form::server_or_local),
          fields_(decoder_, out.cells, unknown_fields::refused, problem_) {}

    key_use key(std::string_view name) override {
        names_row_ = depth_ == 1 && name == table_.name_of(row_member::local);
        if (!names_row_) return fields_.key(name);
        if (has_name_) note(problem_, error_code::duplicate_key, "the key is there twice", name);
        has_name_ = true;
        return key_use::take;
    }

    void value(const wire_value& value) override {
        if (depth_ == 0) return refuse(error_code::malformed, "a row is an object");
        if (names_row_) member_value(value, table_.name_of(row_member::local), problem_).id(operation().id);
        else fields_.value(value);
        stop_at_problem();
    }

    bool begin_object() override {
        if (depth_ == 0) {
            depth_ = 1;
            fields_.start(&table_);
            return true;
        }
        if (names_row_) {
            value({value_kind::nested, 0, 0, {}});
            return false;
        }
        depth_ = 2;
        const bool reads = fields_.begin_object();
        if (!reads) depth_ = 1;
        return reads;
    }

    void end_object() override {
        if (fields_.end_reference()) {
            depth_ = 1;
            return stop_at_problem();
        }
        fields_.finish(table_);
        operation().values = {fields_.mask(), fields_.cells(), 0, {}};
        depth_ = 0;
        stop_at_problem();
    }

    bool begin_array() override {
        value({value_kind::nested, 0, 0, {}});
        return false;
    }
    void end_array() override {}

    void locate(error& problem) const override {
        problem.entity = table_.entity;
        problem.local_id = out_.operations.front().op.id.view();
    }

private:
    [[nodiscard]] syncline::operation& operation() noexcept { return out_.operations.front().op; }

    const table_view& table_;
    push_request& out_;
    cell_decoder decoder_;
    field_reader fields_;
    int depth_ = 0;
    bool names_row_ = false;
    bool has_name_ = false;
};

}  // namespace syncline::wire::json
