/// A push in CBOR: the same checks as in JSON, those about the fields of an operation once for a whole run.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include <syncline/wire/cbor/cell_reader.hpp>
#include <syncline/wire/cbor/message.hpp>
#include <syncline/wire/cbor/push_writer.hpp>
#include <syncline/wire/push_members.hpp>

namespace syncline::wire::cbor {

/// Reads one push.
class push_reader {
public:
    push_reader(std::string_view body, const schema_view& schema, const limits& bounds, push_request& out)
        : schema_(schema),
          bounds_(bounds),
          out_(out),
          in_(body, bounds, problem_),
          cells_(in_, bounds, out.bytes, key_form::server_or_local, problem_) {}

    [[nodiscard]] error read() {
        read_push();
        if (problem_ && problem_.entity.empty() && place_ != place::push) problem_.entity = run_.name;
        if (problem_ && problem_.local_id.empty() && place_ == place::operation) problem_.local_id = out_.operations.back().op.id.view();
        return std::move(problem_);
    }

private:
    enum class place : std::uint8_t { push, run, operation };
    static constexpr auto run_names = with_name(operation_member::names, "operations");

    /// What the header of a run says.
    struct run_header {
        int table = -1;
        std::string_view name;  ///< of the entity, as errors may show it
        operation_kind kind = operation_kind::create;
        running_number seq;
        running_number group;
    };

    void read_push() {
        open_map map;
        map_key key;
        std::uint32_t seen = 0;
        if (!enter_message(in_, map, "a push is a map")) return;
        while (in_.next_key(map, push_member::names, key)) {
            if (key.place < 0) {
                refuse_key(key.name);
            } else {
                seen |= 1u << key.place;
                read_member(key.place);
            }
            if (problem_) return stop();
        }
        if (leave_message(in_)) check_push(out_, schema_, seen, problem_);
    }

    void read_member(int member) {
        if (member == push_member::operations && in_.is_next(major::array)) return read_runs();
        wire_value value;
        if (!in_.next(value)) return;
        if (member == push_member::schema && !read_word(value, "schema", problem_)) return;
        take_push_member(member, value, out_, problem_);
    }

    void read_runs() {
        open_items runs;
        if (!in_.enter_array(runs)) return;
        while (in_.more(runs)) {
            if (!in_.is_next(major::map)) {
                if (in_.skip()) in_.fail(error_code::malformed, "a run is a map", "operations");
                return;
            }
            read_run();
            if (problem_) return stop();
            place_ = place::push;
        }
    }

    void read_run() {
        open_map map;
        map_key key;
        std::uint32_t seen = 0;
        run_ = {};
        fields_.clear();
        before_.clear();
        edited_.clear();
        place_ = place::run;
        if (!in_.enter(map)) return;
        while (in_.next_key(map, run_names, key)) {
            if (key.place >= 0) seen |= 1u << key.place;
            switch (key.place) {
                case operation_member::op:
                    if (wire_value value; in_.next(value)) run_.kind = take_operation_kind(value, problem_);
                    break;
                case operation_member::entity:
                    if (wire_value value; in_.next(value)) run_.table = take_entity(value, schema_, run_.name, problem_);
                    break;
                case operation_member::fields: fields_.read(in_, table(), unknown_fields::refused, "fields", problem_); break;
                case operation_member::before: before_.read(in_, table(), unknown_fields::refused, "before", problem_); break;
                case operation_member::edited: edited_.read(in_, table(), unknown_fields::refused, "edited", problem_); break;
                case run_operations:
                    end_header(seen);
                    read_operations();
                    break;
                default: refuse_key(key.name);
            }
        }
        if ((seen & 1u << run_operations) == 0) note(problem_, error_code::missing_field, "a run needs this key", "operations");
    }

    [[nodiscard]] const table_view* table() const noexcept { return run_.table < 0 ? nullptr : &schema_[run_.table]; }

    // A problem of the header is only noted, so that it can name the first operation it is about.
    void end_header(std::uint32_t seen) {
        constexpr std::uint32_t required = 1u << operation_member::op | 1u << operation_member::entity;
        if (const std::string_view name = first_missing(operation_member::names, required, seen); !name.empty())
            note(problem_, error_code::missing_field, "an operation needs this key", name);
        if (!problem_) check_carried_fields(run_.kind, *table(), fields_.mask(), before_.mask(), edited_.mask(), problem_);
    }

    void read_operations() {
        open_items items;
        if (!in_.is_next(major::array)) {
            if (in_.skip()) note(problem_, error_code::wrong_type, "a list of operations was expected", "operations");
            return;
        }
        if (!in_.enter_array(items)) return;
        while (in_.more(items)) {
            if (!in_.is_next(major::map)) {
                if (in_.skip()) refuse_item(error_code::malformed, "an operation is a map");
                return;
            }
            if (out_.operations.size() == bounds_.batch_operations)
                return refuse_item(error_code::too_large, "the push has too many operations");
            read_operation();
            if (problem_) return stop();
            place_ = place::run;
        }
    }

    void read_operation() {
        open_map map;
        map_key key;
        std::uint32_t seen = 0;
        sent_operation& sent = out_.operations.emplace_back();
        place_ = place::operation;
        sent.op.kind = run_.kind;
        sent.op.table = run_.table;
        sent.op.group = run_.group.previous();
        std::span<cell> after, before;
        const table_view* const known = table();
        if (known != nullptr && carries_fields(run_.kind)) after = out_.cells.take(known->columns.size());
        if (known != nullptr && (before_.mask() | edited_.mask()) != 0) before = out_.cells.take(known->columns.size());
        if (!in_.enter(map)) return;
        while (in_.next_key(map, operation_member::names, key)) {
            if (key.place < 0 || key.place == operation_member::op || key.place == operation_member::entity) {
                refuse_key(key.name);
                continue;
            }
            seen |= 1u << key.place;
            if (key.place == operation_member::fields) read_values(fields_, after, "fields");
            else if (key.place == operation_member::before) read_values(before_, before, "before");
            else if (key.place == operation_member::edited) read_values(edited_, before, "edited");
            else read_operation_member(key.place, sent);
        }
        if (in_.is_stopped()) return;
        std::uint32_t required = 1u << operation_member::seq | 1u << operation_member::local;
        if (!fields_.columns().empty()) required |= 1u << operation_member::fields;
        if (!before_.columns().empty()) required |= 1u << operation_member::before;
        if (!edited_.columns().empty()) required |= 1u << operation_member::edited;
        if (const std::string_view name = first_missing(operation_member::names, required, seen); !name.empty())
            note(problem_, error_code::missing_field, "an operation needs this key", name);
        if (!problem_) sent.op.values = carried_values(run_.kind, *known, fields_.mask(), after, before_.mask() | edited_.mask(), before);
    }

    void read_values(const field_list& fields, std::span<cell> row, std::string_view name) {
        if (table() == nullptr || (row.empty() && fields.mask() != 0)) in_.skip();
        else cells_.read(fields, *table(), row, name);
    }

    void read_operation_member(int member, sent_operation& sent) {
        if (member == operation_member::base_version) {
            sent.op.base_version = read_version(in_, operation_member::versions, "baseVersion", problem_);
            return;
        }
        wire_value value;
        id_room room;
        if (!in_.next(value)) return;
        switch (member) {
            case operation_member::seq: continue_from(run_.seq, value); break;
            case operation_member::group: continue_from(run_.group, value); break;
            case operation_member::local:
            case operation_member::id: unpack_id(value, room); break;
            case operation_member::digest:
                if (!read_word(value, "digest", problem_)) return;
                break;
            default: break;
        }
        take_operation_member(member, value, sent, problem_);
    }

    void refuse_key(std::string_view name) {
        note(problem_, error_code::unknown_field, "a push has no such key", presentable(name));
        in_.skip();
    }

    void refuse_item(error_code code, std::string_view text) {
        place_ = place::push;
        in_.fail(code, text, "operations");
    }

    void stop() { in_.fail(problem_.code, problem_.message); }

    schema_view schema_;
    const limits& bounds_;
    push_request& out_;
    error problem_;
    item_reader in_;
    cell_reader cells_;

    place place_ = place::push;
    run_header run_;
    field_list fields_;
    field_list before_;
    field_list edited_;
};

}  // namespace syncline::wire::cbor
