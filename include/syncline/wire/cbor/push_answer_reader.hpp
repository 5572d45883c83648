/// The answer to a push in CBOR: runs of results with the same verdict about the same fields.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include <syncline/wire/cbor/error_reader.hpp>
#include <syncline/wire/cbor/push_answer_writer.hpp>
#include <syncline/wire/cbor/row_reader.hpp>

namespace syncline::wire::cbor {

/// Reads one answer.
class push_answer_reader {
public:
    push_answer_reader(std::string_view body, const schema_view& schema, const limits& bounds, push_answer& out)
        : schema_(schema),
          bounds_(bounds),
          out_(out),
          in_(body, bounds, problem_),
          cells_(in_, bounds, out.bytes, key_form::server_only, problem_),
          rows_(in_, cells_, out.bytes, out.cells, problem_) {}

    [[nodiscard]] error read() {
        read_answer();
        if (problem_ && place_ != place::answer && header_.table >= 0) problem_.entity = schema_[header_.table].entity;
        if (problem_ && place_ == place::result) problem_.local_id = out_.results.back().local.view();
        return std::move(problem_);
    }

private:
    enum class place : std::uint8_t { answer, run, result };
    static constexpr auto run_names = with_name(result_member::names, "results");

    void read_answer() {
        open_map map;
        map_key key;
        std::uint32_t seen = 0;
        if (!enter_message(in_, map, "an answer is a map")) return;
        while (in_.next_key(map, answer_member::names, key)) {
            wire_value value;
            if (key.place >= 0) seen |= 1u << key.place;
            if (key.place < 0) in_.skip();
            else if (key.place == answer_member::results && in_.is_next(major::array)) read_runs();
            else if (key.place == answer_member::version)
                out_.version = read_version(in_, answer_member::versions, "version", problem_);
            else if (in_.next(value)) take_answer_member(key.place, value, out_, problem_);
            if (problem_) return stop();
        }
        if (leave_message(in_)) check_answer(seen, problem_);
    }

    void read_runs() {
        open_items runs;
        if (!in_.enter_array(runs)) return;
        while (in_.more(runs)) {
            if (!in_.is_next(major::map)) {
                if (in_.skip()) in_.fail(error_code::wrong_type, "a run is a map", "results");
                return;
            }
            read_run();
            if (problem_) return stop();
            place_ = place::answer;
        }
    }

    void read_run() {
        open_map map;
        map_key key;
        header_ = {};
        seen_in_header_ = 0;
        history_ = {};
        seq_ = {};
        for (field_list* list : {&row_fields_, &lost_, &refused_, &kept_}) list->clear();
        place_ = place::run;
        if (!in_.enter(map)) return;
        while (in_.next_key(map, run_names, key)) {
            if (key.place >= 0) seen_in_header_ |= 1u << key.place;
            switch (key.place) {
                case result_member::outcome:
                case result_member::entity:
                    if (wire_value value; in_.next(value)) take_result_member(key.place, value, schema_, header_, problem_);
                    break;
                case result_member::row: read_names(row_fields_, "row"); break;
                case result_member::conflicts: read_names(lost_, "conflicts"); break;
                case result_member::refused: read_names(refused_, "refused"); break;
                case result_member::kept: read_names(kept_, "kept"); break;
                case run_results: read_results(); break;
                default: in_.skip();
            }
        }
        if ((seen_in_header_ & 1u << run_results) == 0) note(problem_, error_code::missing_field, "a run needs this key", "results");
    }

    [[nodiscard]] const table_view* table() const noexcept { return header_.table < 0 ? nullptr : &schema_[header_.table]; }

    void read_names(field_list& list, std::string_view name) { list.read(in_, table(), unknown_fields::ignored, name, problem_); }

    void read_results() {
        open_items items;
        if (!in_.is_next(major::array)) {
            if (in_.skip()) note(problem_, error_code::wrong_type, "a list of results was expected", "results");
            return;
        }
        if (!in_.enter_array(items)) return;
        while (in_.more(items)) {
            if (!in_.is_next(major::map)) {
                if (in_.skip()) refuse_item(error_code::wrong_type, "a result is a map");
                return;
            }
            // A server that repeats results is borne, one that floods us is not.
            if (out_.results.size() >= 2 * bounds_.batch_operations)
                return refuse_item(error_code::too_large, "the answer has too many results");
            read_result();
            if (problem_) return stop();
            place_ = place::run;
        }
    }

    void read_result() {
        open_map map;
        map_key key;
        std::uint32_t seen = seen_in_header_ & (1u << result_member::outcome | 1u << result_member::entity);
        operation_result& result = out_.results.emplace_back();
        place_ = place::result;
        result.outcome = header_.outcome;
        result.table = header_.table;
        result.refused = refused_.mask();
        result.kept = kept_.mask();
        result.updated_at_ms = history_.updated_at_ms.previous();
        if (!in_.enter(map)) return;
        while (in_.next_key(map, result_member::names, key)) {
            if (key.place < 0) {
                in_.skip();
                continue;
            }
            seen |= 1u << key.place;
            read_member(key.place, result);
        }
        if (in_.is_stopped()) return;
        const bool has_lost = (seen & 1u << result_member::conflicts) != 0;
        if (!lost_.columns().empty() && !has_lost) note(problem_, error_code::missing_field, "a result needs this key", "conflicts");
        check_result(seen | (seen_in_header_ & result_member::of_entity), problem_);
    }

    void read_member(int member, operation_result& result) {
        if (member == result_member::row && in_.is_next(major::map)) return read_row(result);
        if (member == result_member::conflicts && in_.is_next(major::array)) return read_conflicts(result);
        if (member == result_member::problem && in_.is_next(major::map)) return read_problem(in_, result.problem, problem_);
        if (member == result_member::version) {
            result.version = read_version(in_, history_.version, result_member::versions, "version", problem_);
            return;
        }
        wire_value value;
        id_room room;
        if (!in_.next(value)) return;
        switch (member) {
            case result_member::seq: continue_from(seq_, value); break;
            case result_member::updated_at: continue_from(history_.updated_at_ms, value); break;
            case result_member::local:
            case result_member::id: unpack_id(value, room); break;
            case result_member::digest:
                if (!read_word(value, "digest", problem_)) return;
                break;
            case result_member::outcome:
            case result_member::entity: return;
            default: break;
        }
        take_result_member(member, value, schema_, result, problem_);
    }

    void read_row(operation_result& result) {
        if (table() == nullptr) {
            in_.skip();
            return;
        }
        result.row.emplace();
        result.row->table = result.table;
        row_history of_result = history_;
        rows_.read(row_fields_, *table(), of_result, *result.row);
    }

    void read_conflicts(operation_result& result) {
        if (table() == nullptr) {
            in_.skip();
            return;
        }
        const std::span<cell> lost = out_.cells.take(table()->columns.size());
        cells_.read(lost_, *table(), lost, "conflicts");
        result.overwritten = lost_.mask();
        result.lost = lost;
    }

    void refuse_item(error_code code, std::string_view text) {
        place_ = place::answer;
        in_.fail(code, text, "results");
    }

    void stop() { in_.fail(problem_.code, problem_.message); }

    schema_view schema_;
    const limits& bounds_;
    push_answer& out_;
    error problem_;
    item_reader in_;
    cell_reader cells_;
    row_reader rows_;

    place place_ = place::answer;
    operation_result header_;
    std::uint32_t seen_in_header_ = 0;
    running_number seq_;
    row_history history_;
    field_list row_fields_;
    field_list lost_;
    field_list refused_;
    field_list kept_;
};

}  // namespace syncline::wire::cbor
