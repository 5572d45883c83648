/// What a server says about a failure, in JSON: {error:{code, message, entity?, localId?, field?}}.
#pragma once

#include <cstdint>
#include <string_view>

#include <syncline/wire/json/events.hpp>
#include <syncline/wire/result_members.hpp>

namespace syncline::wire::json {

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
        member_ = members_.find(problem_member::names, name);
        if (member_ == member_finder::repeated) note(problem_, error_code::duplicate_key, "the key is there twice", name);
        return member_ < 0 ? key_use::ignore : key_use::take;
    }

    void value(const wire_value& value) { take_problem_member(member_, value, *out_, problem_); }

    void finish() { check_problem(*out_, members_.has(problem_member::code), problem_); }

private:
    error& problem_;
    error* out_ = nullptr;
    member_finder members_;
    int member_ = 0;
};

/// The grammar of an error answer.
class error_grammar final : public grammar {
public:
    explicit error_grammar(error& out) : out_(out), read_(problem_) {}

    key_use key(std::string_view name) override {
        if (place_ == place::problem) return read_.key(name);
        if (name != "error") return key_use::ignore;
        found_ = true;
        return key_use::remember;
    }
    void value(const wire_value& value) override {
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
        value({value_kind::nested, 0, 0, {}});
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

}  // namespace syncline::wire::json
