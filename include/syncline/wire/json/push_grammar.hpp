/// A push in JSON: everything a stranger may get wrong is a typed error that names entity and local id.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <syncline/wire/json/field_reader.hpp>
#include <syncline/wire/push_members.hpp>

namespace syncline::wire::json {

/// The grammar of a push. Keys of an operation come in any order, so what they mean together is decided at its end.
class push_grammar final : public grammar {
public:
    push_grammar(const schema_view& schema, const limits& bounds, push_request& out)
        : schema_(schema),
          bounds_(bounds),
          out_(out),
          decoder_(bounds, out.bytes, key_form::server_or_local),
          after_(decoder_, out.cells, unknown_fields::refused, problem_),
          before_(decoder_, out.cells, unknown_fields::refused, problem_),
          edited_(decoder_, out.cells, unknown_fields::refused, problem_) {}

    key_use key(std::string_view name) override {
        switch (place_) {
            case place::envelope: return choose(push_member::names, name);
            case place::operation: return choose(operation_member::names, name);
            case place::after: return after_.key(name);
            case place::before: return before_.key(name);
            case place::edited: return edited_.key(name);
            default: return key_use::remember;
        }
    }

    void value(const wire_value& value) override {
        switch (place_) {
            case place::envelope: take_envelope(value); break;
            case place::operation: take_operation(value); break;
            case place::after: after_.value(value); break;
            case place::before: before_.value(value); break;
            case place::edited: edited_.value(value); break;
            case place::outside: refuse(error_code::malformed, "a push is an object"); break;
            case place::operations: refuse(error_code::malformed, "an operation is an object", "operations"); break;
        }
    }

    bool begin_object() override {
        switch (place_) {
            case place::outside:
                place_ = place::envelope;
                members_.start();
                return true;
            case place::operations: return begin_operation();
            case place::operation:
                if (member_ == operation_member::fields) return enter(place::after, after_);
                if (member_ == operation_member::before) return enter(place::before, before_);
                if (member_ == operation_member::edited) return enter(place::edited, edited_);
                return refuse_nested();
            case place::after: return after_.begin_object();
            case place::before: return before_.begin_object();
            case place::edited: return edited_.begin_object();
            case place::envelope: break;
        }
        return refuse_nested();
    }

    void end_object() override {
        if (place_ == place::after && !after_.end_reference()) place_ = place::operation;
        else if (place_ == place::before && !before_.end_reference()) place_ = place::operation;
        else if (place_ == place::edited && !edited_.end_reference()) place_ = place::operation;
        else if (place_ == place::operation) end_operation();
        else if (place_ == place::envelope) end_envelope();
    }

    bool begin_array() override {
        if (place_ == place::envelope && member_ == push_member::operations) {
            place_ = place::operations;
            return true;
        }
        return refuse_nested();
    }

    void end_array() override { place_ = place::envelope; }

    void locate(error& problem) const override {
        if (place_ != place::outside && place_ != place::envelope && place_ != place::operations) {
            problem.entity = entity_;
            problem.local_id = out_.operations.back().op.id.view();
        }
    }

private:
    enum class place : std::uint8_t { outside, envelope, operations, operation, after, before, edited };

    [[nodiscard]] const table_view* table() const noexcept {
        const int index = out_.operations.back().op.table;
        return index < 0 ? nullptr : &schema_[index];
    }

    bool enter(place next, field_reader& fields) {
        place_ = next;
        fields.start(table());
        return true;
    }

    key_use choose(std::span<const std::string_view> names, std::string_view name) {
        member_ = members_.find(names, name);
        if (member_ >= 0) return key_use::take;
        if (member_ == member_finder::repeated) note(problem_, error_code::duplicate_key, "the key is there twice", name);
        else note(problem_, error_code::unknown_field, "a push has no such key", presentable(name));
        if (place_ == place::envelope) stop_at_problem();
        return key_use::ignore;
    }

    bool refuse_nested() {
        value({value_kind::nested, 0, 0, {}});
        return false;
    }

    void take_envelope(wire_value value) {
        if (member_ != push_member::schema || read_word(value, "schema", problem_)) take_push_member(member_, value, out_, problem_);
        stop_at_problem();
    }

    bool begin_operation() {
        if (out_.operations.size() == bounds_.batch_operations) {
            refuse(error_code::too_large, "the push has too many operations", "operations");
            return false;
        }
        envelope_members_ = members_;
        members_.start();
        entity_ = {};
        out_.operations.emplace_back();
        place_ = place::operation;
        return true;
    }

    void take_operation(wire_value value) {
        sent_operation& sent = out_.operations.back();
        if (member_ == operation_member::op) {
            sent.op.kind = take_operation_kind(value, problem_);
        } else if (member_ == operation_member::entity) {
            sent.op.table = take_entity(value, schema_, entity_, problem_);
            if (sent.op.table < 0) entity_ = out_.bytes.keep(entity_);
        } else if (member_ != operation_member::digest || read_word(value, "digest", problem_)) {
            take_operation_member(member_, value, sent, problem_);
        }
    }

    void end_operation() {
        if (const std::string_view name = first_missing(operation_member::names, operation_member::required, members_.seen());
            !name.empty())
            note(problem_, error_code::missing_field, "an operation needs this key", name);
        sent_operation& sent = out_.operations.back();
        if (!problem_) end_fields(sent.op, schema_[sent.op.table]);
        stop_at_problem();
        members_ = envelope_members_;
        place_ = place::operations;
    }

    void end_fields(operation& done, const table_view& described) {
        if (!members_.has(operation_member::fields)) after_.start(nullptr);
        if (!members_.has(operation_member::before)) before_.start(nullptr);
        if (!members_.has(operation_member::edited)) edited_.start(nullptr);
        if (!carries_fields(done.kind)) {
            if (!after_.is_empty() || !before_.is_empty() || !edited_.is_empty()) note_needless_fields(problem_);
            return;
        }
        after_.finish(described);
        if (members_.has(operation_member::before)) before_.finish(described);
        if (members_.has(operation_member::edited)) edited_.finish(described);
        if (problem_) return;
        check_carried_fields(done.kind, described, after_.mask(), before_.mask(), edited_.mask(), problem_);
        const field_reader& former = done.kind == operation_kind::create ? edited_ : before_;
        done.values = carried_values(done.kind, described, after_.mask(), after_.cells(), former.mask(), former.cells());
    }

    void end_envelope() {
        check_push(out_, schema_, members_.seen(), problem_);
        stop_at_problem();
        place_ = place::outside;
    }

    schema_view schema_;
    const limits& bounds_;
    push_request& out_;
    cell_decoder decoder_;
    field_reader after_;
    field_reader before_;
    field_reader edited_;

    place place_ = place::outside;
    member_finder members_;
    member_finder envelope_members_;
    int member_ = 0;
    std::string_view entity_;
};

}  // namespace syncline::wire::json
