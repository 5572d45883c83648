/// Reads a push: everything a stranger may get wrong is a typed error that names entity and local id.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/wire/field_reader.hpp>
#include <syncline/wire/members.hpp>
#include <syncline/wire/messages.hpp>
#include <syncline/wire/parse_json.hpp>

namespace syncline::wire {
namespace detail {

/// The grammar of a push. Keys of an operation come in any order, so what they mean together is decided at its end.
class push_grammar final : public json_grammar {
public:
    push_grammar(const schema_view& schema, const limits& bounds, push_request& out)
        : schema_(schema),
          bounds_(bounds),
          out_(out),
          decoder_(bounds, out.bytes, key_form::server_or_local),
          after_(decoder_, out.cells, unknown_fields::refused, problem_),
          before_(decoder_, out.cells, unknown_fields::refused, problem_) {}

    key_use key(std::string_view name) override {
        switch (place_) {
            case place::envelope: return choose(envelope_names, name);
            case place::operation: return choose(operation_names, name);
            case place::after: return after_.key(name);
            case place::before: return before_.key(name);
            default: return key_use::remember;
        }
    }

    void value(const json_value& value) override {
        switch (place_) {
            case place::envelope: take_envelope(value); break;
            case place::operation: take_operation(value); break;
            case place::after: after_.value(value); break;
            case place::before: before_.value(value); break;
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
                if (member_ != in_operation::fields && member_ != in_operation::before) return refuse_nested(operation_names);
                place_ = member_ == in_operation::fields ? place::after : place::before;
                (member_ == in_operation::fields ? after_ : before_).start(table());
                return true;
            case place::after: return after_.begin_object();
            case place::before: return before_.begin_object();
            case place::envelope: break;
        }
        refuse(error_code::wrong_type, "an object is not expected here", envelope_names[static_cast<std::size_t>(member_)]);
        return false;
    }

    void end_object() override {
        if (place_ == place::after && !after_.end_reference()) place_ = place::operation;
        else if (place_ == place::before && !before_.end_reference()) place_ = place::operation;
        else if (place_ == place::operation) end_operation();
        else if (place_ == place::envelope) end_envelope();
    }

    bool begin_array() override {
        if (place_ == place::envelope && member_ == in_envelope::operations) {
            place_ = place::operations;
            return true;
        }
        if (place_ == place::after) return after_.begin_array();
        if (place_ == place::before) return before_.begin_array();
        if (place_ == place::operation) return refuse_nested(operation_names);
        if (place_ == place::envelope)
            refuse(error_code::wrong_type, "an array is not expected here", envelope_names[static_cast<std::size_t>(member_)]);
        else refuse(error_code::malformed, "an array is not expected here");
        return false;
    }

    void end_array() override { place_ = place::envelope; }

    void locate(error& problem) const override {
        if (place_ == place::operation || place_ == place::after || place_ == place::before)
            name_place(problem, out_.operations.back(), entity_);
    }

private:
    enum class place : std::uint8_t { outside, envelope, operations, operation, after, before };
    struct in_envelope {
        enum member : int { protocol, schema, owner, device, acknowledged, cursor, atomic, operations };
    };
    struct in_operation {
        enum member : int { seq, digest, op, entity, local, id, incarnation, base_version, group, fields, before };
    };
    static constexpr std::array<std::string_view, 8> envelope_names{"protocol",     "schema", "owner",  "device",
                                                                    "acknowledged", "cursor", "atomic", "operations"};
    static constexpr std::array<std::string_view, 11> operation_names{
        "seq", "digest", "op", "entity", "localId", "id", "incarnation", "baseVersion", "group", "fields", "before"};
    static constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

    static void name_place(error& problem, const sent_operation& sent, std::string_view entity_name) {
        problem.entity = presentable(entity_name);
        problem.local_id = sent.op.id.view();
    }

    [[nodiscard]] const table_view* table() const noexcept {
        const int index = out_.operations.back().op.table;
        return index < 0 ? nullptr : &schema_[index];
    }

    key_use choose(std::span<const std::string_view> names, std::string_view name) {
        member_ = members_.find(names, name);
        if (member_ >= 0) return key_use::take;
        if (member_ == member_finder::repeated) note(problem_, error_code::duplicate_key, "the key is there twice", name);
        else note(problem_, error_code::unknown_field, "a push has no such key", presentable(name));
        if (place_ == place::envelope) stop_at_problem();
        return key_use::ignore;
    }

    bool refuse_nested(std::span<const std::string_view> names) {
        note(problem_, error_code::wrong_type, "a nested value is not expected here", names[static_cast<std::size_t>(member_)]);
        return false;
    }

    void take_envelope(const json_value& value) {
        const member_value read(value, envelope_names[static_cast<std::size_t>(member_)], problem_);
        switch (static_cast<in_envelope::member>(member_)) {
            case in_envelope::protocol:
                out_.protocol = static_cast<int>(read.integer(0, std::numeric_limits<int>::max()).value_or(0));
                if (out_.protocol != protocol_version)
                    note(problem_, error_code::unsupported_protocol, "another protocol version", "protocol");
                break;
            case in_envelope::schema: out_.schema = read.hexadecimal(); break;
            case in_envelope::owner: out_.owner = read.text(tag_bytes_max).value_or(""); break;
            case in_envelope::device: out_.device = read.text(tag_bytes_max).value_or(""); break;
            case in_envelope::acknowledged: out_.acknowledged = read.integer(0, largest).value_or(0); break;
            case in_envelope::cursor: out_.cursor = read.text(tag_bytes_max).value_or(""); break;
            case in_envelope::atomic: out_.atomic = read.boolean().value_or(false); break;
            case in_envelope::operations:
                note(problem_, error_code::wrong_type, "a list of operations was expected", "operations");
                break;
        }
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

    void take_operation(const json_value& value) {
        sent_operation& sent = out_.operations.back();
        const member_value read(value, operation_names[static_cast<std::size_t>(member_)], problem_);
        switch (static_cast<in_operation::member>(member_)) {
            case in_operation::seq: sent.op.seq = read.integer(1, largest).value_or(0); break;
            case in_operation::digest: sent.digest = read.hexadecimal(); break;
            case in_operation::op: take_kind(read); break;
            case in_operation::entity: take_entity(read); break;
            case in_operation::local: sent.op.id = read.id<local_id>().value_or(local_id()); break;
            case in_operation::id: sent.id = read.id<server_id>().value_or(server_id()); break;
            case in_operation::incarnation:
                sent.op.incarnation =
                    static_cast<incarnation_number>(read.integer(1, std::numeric_limits<incarnation_number>::max()).value_or(1));
                break;
            case in_operation::base_version: sent.op.base_version = read.integer(0, largest).value_or(0); break;
            case in_operation::group: sent.op.group = read.integer(0, largest).value_or(0); break;
            case in_operation::fields:
            case in_operation::before:
                note(problem_, error_code::wrong_type, "an object of fields was expected",
                     operation_names[static_cast<std::size_t>(member_)]);
        }
    }

    void take_kind(const member_value& read) {
        const auto name = read.text(tag_bytes_max);
        if (!name) return;
        for (const operation_kind kind :
             {operation_kind::create, operation_kind::update, operation_kind::remove, operation_kind::close}) {
            if (name_of(kind) != *name) continue;
            out_.operations.back().op.kind = kind;
            return;
        }
        note(problem_, error_code::malformed, "an operation is create, update, remove or void", "op");
    }

    void take_entity(const member_value& read) {
        const auto name = read.text(tag_bytes_max);
        if (!name) return;
        const int found = schema_.find_entity(*name);
        out_.operations.back().op.table = found;
        if (found >= 0) entity_ = schema_[found].entity;
        else entity_ = out_.bytes.keep(presentable(*name));
        if (found < 0) note(problem_, error_code::unknown_entity, "the schema has no such entity", "entity");
    }

    void end_operation() {
        constexpr std::uint32_t required =
            1u << in_operation::seq | 1u << in_operation::op | 1u << in_operation::entity | 1u << in_operation::local;
        if (const std::string_view name = members_.missing(operation_names, required); !name.empty())
            note(problem_, error_code::missing_field, "an operation needs this key", name);
        sent_operation& sent = out_.operations.back();
        if (!problem_) end_fields(sent.op, schema_[sent.op.table]);
        stop_at_problem();
        members_ = envelope_members_;
        place_ = place::operations;
    }

    void end_fields(operation& done, const table_view& described) {
        if (!members_.has(in_operation::fields)) after_.start(nullptr);
        if (!members_.has(in_operation::before)) before_.start(nullptr);
        const bool creates = done.kind == operation_kind::create;
        if (!creates && done.kind != operation_kind::update) {
            if (!after_.is_empty() || !before_.is_empty())
                note(problem_, error_code::malformed, "only create and update carry fields", "fields");
            return;
        }
        after_.finish(described);
        if (members_.has(in_operation::before)) before_.finish(described);
        if (problem_) return;
        if (creates && before_.mask() != 0) note(problem_, error_code::malformed, "a create has no values before it", "before");
        if (!creates && after_.mask() == 0)
            note(problem_, error_code::missing_field, "an update needs at least one field", "fields");
        for (std::size_t i = 0; creates && i < described.columns.size(); ++i)
            if (!has_column(after_.mask(), i) && !described.columns[i].nullable)
                note(problem_, error_code::missing_field, "a create needs this field", described.columns[i].name);
        done.values.mask = creates ? described.all_columns() : after_.mask();
        done.values.after = after_.cells();
        done.values.before_mask = before_.mask();
        if (before_.mask() != 0) done.values.before = before_.cells();
    }

    void end_envelope() {
        constexpr std::uint32_t required = 1u << in_envelope::device | 1u << in_envelope::operations;
        if (const std::string_view name = members_.missing(envelope_names, required); !name.empty())
            refuse(error_code::missing_field, "a push needs this key", name);
        else if (out_.device.empty()) refuse(error_code::invalid_id, "a device has a name", "device");
        else refuse_repeated_sequences();
        place_ = place::outside;
    }

    void refuse_repeated_sequences() {
        const auto& all = out_.operations;
        const auto ascends = [](const sent_operation& a, const sent_operation& b) { return a.op.seq >= b.op.seq; };
        if (std::adjacent_find(all.begin(), all.end(), ascends) == all.end()) return;
        std::vector<const sent_operation*> sorted;
        for (const sent_operation& one : all) sorted.push_back(&one);
        std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return std::pair(a->op.seq, a) < std::pair(b->op.seq, b); });
        const auto twice =
            std::adjacent_find(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->op.seq == b->op.seq; });
        if (twice == sorted.end()) return;
        const sent_operation& second = **std::next(twice);
        name_place(problem_, second, schema_[second.op.table].entity);
        refuse(error_code::malformed, "two operations have the same sequence", "seq");
    }

    const schema_view& schema_;
    const limits& bounds_;
    push_request& out_;
    cell_decoder decoder_;
    field_reader after_;
    field_reader before_;

    place place_ = place::outside;
    member_finder members_;
    member_finder envelope_members_;
    int member_ = 0;
    std::string_view entity_;
};

}  // namespace detail

/// Reads a push into `out`, whose buffers are reused. The error has code none when `body` was one;
/// otherwise `out` is valid and its content means nothing.
[[nodiscard]] inline error read_push(std::string_view body, const schema_view& schema, const limits& bounds, push_request& out) {
    out.protocol = protocol_version;
    out.schema.reset();
    out.owner.clear();
    out.device.clear();
    out.acknowledged = 0;
    out.cursor.clear();
    out.atomic = false;
    out.operations.clear();
    out.bytes.clear();
    out.cells.clear();
    detail::push_grammar grammar(schema, bounds, out);
    return parse_json(body, bounds, grammar);
}

}  // namespace syncline::wire
