/// Reads what a server says about a failure: {error:{code, message, entity?, localId?, field?}}.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include <syncline/wire/members.hpp>
#include <syncline/wire/parse_json.hpp>

namespace syncline::wire {

/// Reads the object of one problem: start, then keys and values, then finish.
class problem_reader {
public:
    explicit problem_reader(error& problem) noexcept : problem_(problem) {}

    void start(error& out) {
        out = {};
        out_ = &out;
        members_.start();
    }

    [[nodiscard]] key_use key(std::string_view name) {
        member_ = members_.find(names, name);
        if (member_ == member_finder::repeated) note(problem_, error_code::duplicate_key, "the key is there twice", name);
        return member_ < 0 ? key_use::ignore : key_use::take;
    }

    void value(const json_value& value) {
        const auto text = member_value(value, names[static_cast<std::size_t>(member_)], problem_).text(text_bytes_max);
        if (!text) return;
        switch (static_cast<in_problem::member>(member_)) {
            case in_problem::code: out_->code = error_code_named(*text); break;
            case in_problem::message: out_->message = *text; break;
            case in_problem::entity: out_->entity = *text; break;
            case in_problem::local: out_->local_id = *text; break;
            case in_problem::field: out_->field = *text; break;
        }
    }

    void finish() {
        if (!members_.has(in_problem::code)) note(problem_, error_code::missing_field, "a problem needs this key", "code");
        else if (!*out_) note(problem_, error_code::malformed, "a problem has a code", "code");
    }

private:
    struct in_problem {
        enum member : int { code, message, entity, local, field };
    };
    static constexpr std::array<std::string_view, 5> names{"code", "message", "entity", "localId", "field"};
    static constexpr std::size_t text_bytes_max = 16'384;

    error& problem_;
    error* out_ = nullptr;
    member_finder members_;
    int member_ = 0;
};

namespace detail {

/// The grammar of an error answer.
class error_grammar final : public json_grammar {
public:
    explicit error_grammar(error& out) : out_(out), read_(problem_) {}

    key_use key(std::string_view name) override {
        if (place_ == place::problem) return read_.key(name);
        if (name != "error") return key_use::ignore;
        found_ = true;
        return key_use::remember;
    }
    void value(const json_value& value) override {
        if (place_ == place::problem) read_.value(value);
        else note(problem_, error_code::malformed, "an object was expected");
        stop_at_problem();
    }
    bool begin_object() override {
        if (place_ == place::problem) return begin_array();
        if (place_ == place::answer) read_.start(out_);
        place_ = place_ == place::outside ? place::answer : place::problem;
        return true;
    }
    void end_object() override {
        if (place_ == place::problem) read_.finish();
        else if (!found_) note(problem_, error_code::missing_field, "an error answer needs this key", "error");
        stop_at_problem();
        place_ = place_ == place::problem ? place::answer : place::outside;
    }
    bool begin_array() override {
        refuse(error_code::wrong_type, "a nested value is not expected here");
        return false;
    }
    void end_array() override {}
    void locate(error&) const override {}

private:
    enum class place : std::uint8_t { outside, answer, problem };
    error& out_;
    problem_reader read_;
    place place_ = place::outside;
    bool found_ = false;
};

}  // namespace detail

/// Reads an error answer into `out`. The returned error has code none when `body` was one, and then `out` has a code.
[[nodiscard]] inline error read_error(std::string_view body, const limits& bounds, error& out) {
    out = {};
    detail::error_grammar grammar(out);
    return parse_json(body, bounds, grammar);
}

}  // namespace syncline::wire
