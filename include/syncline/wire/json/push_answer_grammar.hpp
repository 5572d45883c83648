/// The answer to a push in JSON: verdicts by sequence, with rows and conflicts where the server has something to say.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <syncline/wire/json/error_grammar.hpp>
#include <syncline/wire/json/row_reader.hpp>

namespace syncline::wire::json {

/// The grammar of a push answer. A result's entity may come behind its row, which is therefore finished last.
class push_answer_grammar final : public grammar {
public:
    push_answer_grammar(const schema_view& schema, const limits& bounds, push_answer& out)
        : schema_(schema),
          bounds_(bounds),
          out_(out),
          decoder_(bounds, out.bytes, key_form::server_only),
          row_(decoder_, out.cells, problem_),
          lost_(decoder_, out.cells, unknown_fields::ignored, problem_),
          said_(problem_) {}

    key_use key(std::string_view name) override {
        switch (place_) {
            case place::answer: return choose(answer_member::names, name, answer_members_);
            case place::result: return choose(result_member::names, name, result_members_);
            case place::row: return row_.key(name);
            case place::conflicts: return lost_.key(name);
            case place::problem: return said_.key(name);
            default: return key_use::remember;
        }
    }

    void value(const wire_value& value) override {
        switch (place_) {
            case place::answer: take_answer(value); break;
            case place::result: take_result(value); break;
            case place::row: row_.value(value); break;
            case place::conflicts: lost_.value(value); break;
            case place::problem: said_.value(value); break;
            case place::refused: take_name(value, "refused", refused_names_); break;
            case place::kept: take_name(value, "kept", kept_names_); break;
            case place::results: refuse(error_code::wrong_type, "a result is an object", "results"); break;
            case place::outside: refuse(error_code::malformed, "an answer is an object"); break;
        }
    }

    bool begin_object() override {
        if (place_ == place::outside) return enter(place::answer);
        if (place_ == place::results) return begin_result();
        if (place_ != place::result) return nested_value();
        if (member_ == result_member::row) {
            row_.start(table());
            return enter(place::row);
        }
        if (member_ == result_member::conflicts) {
            lost_.start(table());
            return enter(place::conflicts);
        }
        if (member_ == result_member::problem) {
            said_.start(result().problem);
            return enter(place::problem);
        }
        return nested_value();
    }

    void end_object() override {
        if (place_ == place::problem) said_.finish();
        if (place_ == place::result) end_result();
        else if (place_ == place::answer) end_answer();
        else place_ = place::result;
    }

    bool begin_array() override {
        if (place_ == place::answer && member_ == answer_member::results) return enter(place::results);
        if (place_ == place::result && member_ == result_member::refused) return enter(place::refused);
        if (place_ == place::result && member_ == result_member::kept) return enter(place::kept);
        return nested_value();
    }

    void end_array() override { place_ = place_ == place::results ? place::answer : place::result; }

    void locate(error& problem) const override {
        if (place_ == place::outside || place_ == place::answer || place_ == place::results) return;
        if (const table_view* known = table()) problem.entity = known->entity;
        problem.local_id = out_.results.back().local.view();
    }

private:
    static constexpr std::size_t names_max = 4 * columns_max;
    enum class place : std::uint8_t { outside, answer, results, result, row, conflicts, refused, kept, problem };

    [[nodiscard]] operation_result& result() noexcept { return out_.results.back(); }
    [[nodiscard]] const table_view* table() const noexcept {
        const int index = out_.results.back().table;
        return index < 0 ? nullptr : &schema_[index];
    }

    bool enter(place next) {
        place_ = next;
        return true;
    }

    bool nested_value() {
        value({value_kind::nested, 0, 0, {}});
        return false;
    }

    key_use choose(std::span<const std::string_view> names, std::string_view name, member_finder& members) {
        member_ = members.find(names, name);
        if (member_ == member_finder::repeated) note(problem_, error_code::duplicate_key, "the key is there twice", name);
        if (place_ == place::answer) stop_at_problem();
        return member_ < 0 ? key_use::ignore : key_use::take;
    }

    void take_answer(const wire_value& value) {
        take_answer_member(member_, value, out_, problem_);
        stop_at_problem();
    }

    bool begin_result() {
        // A server that repeats results is borne, one that floods us is not.
        if (out_.results.size() >= 2 * bounds_.batch_operations) {
            refuse(error_code::too_large, "the answer has too many results", "results");
            return false;
        }
        result_members_.start();
        refused_names_.clear();
        kept_names_.clear();
        out_.results.emplace_back();
        return enter(place::result);
    }

    void take_result(wire_value value) {
        if (member_ != result_member::digest || read_word(value, "digest", problem_))
            take_result_member(member_, value, schema_, result(), problem_);
    }

    void take_name(const wire_value& value, std::string_view member, std::vector<std::string_view>& names) {
        const auto name = member_value(value, member, problem_).text(tag_bytes_max);
        if (!name) return;
        if (names.size() == names_max) note(problem_, error_code::too_large, "the list has too many names", member);
        else names.push_back(out_.bytes.keep(*name));
    }

    void end_result() {
        check_result(result_members_.seen(), problem_);
        const table_view* const known = table();
        if (known != nullptr) end_values(*known);
        stop_at_problem();
        place_ = place::results;
    }

    void end_values(const table_view& known) {
        if (result_members_.has(result_member::row)) {
            result().row = row_.finish(known);
            result().row->table = result().table;
        }
        if (result_members_.has(result_member::conflicts)) {
            lost_.finish(known);
            result().overwritten = lost_.mask();
            result().lost = lost_.cells();
        }
        for (const std::string_view name : refused_names_)
            static_cast<void>(take_column(known, name, unknown_fields::ignored, result().refused, problem_));
        for (const std::string_view name : kept_names_)
            static_cast<void>(take_column(known, name, unknown_fields::ignored, result().kept, problem_));
    }

    void end_answer() {
        check_answer(answer_members_.seen(), problem_);
        stop_at_problem();
        place_ = place::outside;
    }

    schema_view schema_;
    const limits& bounds_;
    push_answer& out_;
    cell_decoder decoder_;
    row_reader row_;
    field_reader lost_;
    problem_reader said_;

    place place_ = place::outside;
    member_finder answer_members_;
    member_finder result_members_;
    int member_ = 0;
    std::vector<std::string_view> refused_names_;
    std::vector<std::string_view> kept_names_;
};

}  // namespace syncline::wire::json
