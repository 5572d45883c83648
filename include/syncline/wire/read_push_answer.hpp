/// Reads the answer to a push: verdicts by sequence, with rows and conflicts where the server has something to say.
#pragma once

#include <array>
#include <limits>
#include <string_view>
#include <vector>

#include <syncline/wire/members.hpp>
#include <syncline/wire/messages.hpp>
#include <syncline/wire/parse_json.hpp>
#include <syncline/wire/read_error.hpp>
#include <syncline/wire/row_reader.hpp>

namespace syncline::wire {
namespace detail {

/// The grammar of a push answer. A result's entity may come behind its row, which is therefore finished last.
class push_answer_grammar final : public json_grammar {
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
            case place::answer: return choose(answer_names, name, answer_members_);
            case place::result: return choose(result_names, name, result_members_);
            case place::row: return row_.key(name);
            case place::conflicts: return lost_.key(name);
            case place::problem: return said_.key(name);
            default: return key_use::remember;
        }
    }

    void value(const json_value& value) override {
        switch (place_) {
            case place::answer: take_answer(value); break;
            case place::result: take_result(value); break;
            case place::row: row_.value(value); break;
            case place::conflicts: lost_.value(value); break;
            case place::problem: said_.value(value); break;
            case place::refused: take_refused(value); break;
            case place::results: refuse(error_code::wrong_type, "a result is an object", "results"); break;
            case place::outside: refuse(error_code::malformed, "an answer is an object"); break;
        }
    }

    bool begin_object() override {
        if (place_ == place::outside) return enter(place::answer);
        if (place_ == place::results) return begin_result();
        if (place_ != place::result) return nested_value();
        if (member_ == in_result::row) {
            row_.start(table());
            return enter(place::row);
        }
        if (member_ == in_result::conflicts) {
            lost_.start(table());
            return enter(place::conflicts);
        }
        if (member_ == in_result::problem) {
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
        if (place_ == place::answer && member_ == in_answer::results) return enter(place::results);
        if (place_ == place::result && member_ == in_result::refused) return enter(place::refused);
        return nested_value();
    }

    void end_array() override { place_ = place_ == place::refused ? place::result : place::answer; }

    void locate(error& problem) const override {
        if (place_ == place::outside || place_ == place::answer || place_ == place::results) return;
        if (const table_view* known = table()) problem.entity = known->entity;
        problem.local_id = out_.results.back().local.view();
    }

private:
    enum class place : std::uint8_t { outside, answer, results, result, row, conflicts, refused, problem };
    struct in_answer {
        enum member : int { results, version };
    };
    struct in_result {
        enum member : int {
            seq,
            digest,
            outcome,
            entity,
            local,
            id,
            version,
            incarnation,
            updated_at,
            permanent,
            row,
            conflicts,
            refused,
            problem
        };
    };
    static constexpr std::array<std::string_view, 2> answer_names{"results", "version"};
    static constexpr std::array<std::string_view, 14> result_names{"seq", "digest",    "verdict",     "entity",    "localId",
                                                                   "id",  "version",   "incarnation", "updatedAt", "permanent",
                                                                   "row", "conflicts", "refused",     "error"};
    static constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
    static constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

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
        if (place_ == place::row) row_.nested_value();
        else if (place_ == place::conflicts) return lost_.begin_array();
        else note(problem_, error_code::wrong_type, "a nested value is not expected here");
        if (place_ == place::outside || place_ == place::answer || place_ == place::results) stop_at_problem();
        return false;
    }

    key_use choose(std::span<const std::string_view> names, std::string_view name, member_finder& members) {
        member_ = members.find(names, name);
        if (member_ == member_finder::repeated) note(problem_, error_code::duplicate_key, "the key is there twice", name);
        if (place_ == place::answer) stop_at_problem();
        return member_ < 0 ? key_use::ignore : key_use::take;
    }

    void take_answer(const json_value& value) {
        const member_value read(value, answer_names[static_cast<std::size_t>(member_)], problem_);
        if (member_ == in_answer::version) out_.version = read.integer(0, largest).value_or(0);
        else note(problem_, error_code::wrong_type, "a list of results was expected", "results");
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
        out_.results.emplace_back();
        return enter(place::result);
    }

    void take_result(const json_value& value) {
        const std::string_view name = result_names[static_cast<std::size_t>(member_)];
        const member_value read(value, name, problem_);
        switch (static_cast<in_result::member>(member_)) {
            case in_result::seq: result().seq = read.integer(1, largest).value_or(0); break;
            case in_result::digest: result().digest = read.hexadecimal().value_or(0); break;
            case in_result::outcome: take_verdict(read); break;
            case in_result::entity: result().table = schema_.find_entity(read.text(tag_bytes_max).value_or("")); break;
            case in_result::local: result().local = read.id<local_id>().value_or(local_id()); break;
            case in_result::id: result().id = read.id<server_id>().value_or(server_id()); break;
            case in_result::version: result().version = read.integer(0, largest).value_or(0); break;
            case in_result::incarnation:
                result().incarnation =
                    static_cast<incarnation_number>(read.integer(0, std::numeric_limits<incarnation_number>::max()).value_or(1));
                break;
            case in_result::updated_at: result().updated_at_ms = read.integer(least, largest).value_or(0); break;
            case in_result::permanent: result().permanent = read.boolean().value_or(true); break;
            case in_result::row:
            case in_result::conflicts:
            case in_result::refused:
            case in_result::problem: note(problem_, error_code::wrong_type, "a nested value was expected", name);
        }
    }

    void take_verdict(const member_value& read) {
        const auto name = read.text(tag_bytes_max);
        if (!name) return;
        for (int i = 0; i <= static_cast<int>(verdict::closed); ++i) {
            if (name_of(static_cast<verdict>(i)) != *name) continue;
            result().outcome = static_cast<verdict>(i);
            return;
        }
        note(problem_, error_code::malformed, "not a verdict", "verdict");
    }

    void take_refused(const json_value& value) {
        const auto name = member_value(value, "refused", problem_).text(tag_bytes_max);
        if (name && refused_names_.size() < columns_max) refused_names_.push_back(out_.bytes.keep(*name));
    }

    void end_result() {
        constexpr std::uint32_t required = 1u << in_result::seq | 1u << in_result::digest | 1u << in_result::outcome |
                                           1u << in_result::local | 1u << in_result::version;
        if (const std::string_view name = result_members_.missing(result_names, required); !name.empty())
            note(problem_, error_code::missing_field, "a result needs this key", name);
        const table_view* const known = table();
        const bool needs_entity = result_members_.has(in_result::row) || result_members_.has(in_result::conflicts) ||
                                  result_members_.has(in_result::refused);
        if (needs_entity && !result_members_.has(in_result::entity))
            note(problem_, error_code::missing_field, "a result needs this key", "entity");
        if (known != nullptr) end_values(*known);
        stop_at_problem();
        place_ = place::results;
    }

    void end_values(const table_view& known) {
        if (result_members_.has(in_result::row)) {
            result().row = row_.finish(known);
            result().row->table = result().table;
        }
        if (result_members_.has(in_result::conflicts)) {
            lost_.finish(known);
            result().overwritten = lost_.mask();
            result().lost = lost_.cells();
        }
        for (const std::string_view name : refused_names_)
            if (const int column = known.find_column(name); column >= 0)
                result().refused |= only_column(static_cast<std::size_t>(column));
    }

    void end_answer() {
        if (const std::string_view name = answer_members_.missing(answer_names, 0b11); !name.empty())
            refuse(error_code::missing_field, "an answer needs this key", name);
        place_ = place::outside;
    }

    const schema_view& schema_;
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
};

}  // namespace detail

/// Reads the answer to a push into `out`, whose buffers are reused. The error has code none when `body` was one;
/// otherwise `out` is valid and its content means nothing.
[[nodiscard]] inline error read_push_answer(std::string_view body, const schema_view& schema, const limits& bounds,
                                            push_answer& out) {
    out.results.clear();
    out.version = 0;
    out.bytes.clear();
    out.cells.clear();
    detail::push_answer_grammar grammar(schema, bounds, out);
    return parse_json(body, bounds, grammar);
}

}  // namespace syncline::wire
