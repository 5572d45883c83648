/// Feeds a JSON text to a grammar and checks what holds for every message: size, depth, texts, duplicate keys, UTF-8.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <syncline/base/limits.hpp>
#include <syncline/base/text.hpp>
#include <syncline/wire/json/events.hpp>
#include <syncline/wire/members.hpp>

namespace syncline::wire::json {

/// Keys that a grammar ignores in one object; no message of ours comes near.
inline constexpr std::size_t ignored_keys_max = 4'096;

namespace detail {

/// Keys of the open objects that no grammar checks, as one stack.
class remembered_keys {
public:
    void open() { marks_.push_back(keys_.size()); }

    /// False when the object has too many.
    bool add(std::string_view key) {
        keys_.push_back({bytes_.size(), key.size()});
        bytes_.append(key);
        return keys_.size() - marks_.back() <= ignored_keys_max;
    }

    /// Closes the innermost object; false when it had a key twice.
    bool close() {
        const std::size_t first = marks_.back();
        marks_.pop_back();
        if (keys_.size() == first) return true;
        const std::size_t byte_mark = keys_[first].start;
        bool distinct = true;
        if (keys_.size() - first > 1) {
            const auto begin = keys_.begin() + static_cast<std::ptrdiff_t>(first);
            std::sort(begin, keys_.end(), [this](const place& a, const place& b) { return text(a) < text(b); });
            distinct = std::adjacent_find(begin, keys_.end(),
                                          [this](const place& a, const place& b) { return text(a) == text(b); }) == keys_.end();
        }
        keys_.resize(first);
        bytes_.resize(byte_mark);
        return distinct;
    }

private:
    struct place {
        std::size_t start = 0, size = 0;
    };
    [[nodiscard]] std::string_view text(const place& p) const { return std::string_view(bytes_).substr(p.start, p.size); }

    std::vector<std::size_t> marks_;
    std::vector<place> keys_;
    std::string bytes_;
};

/// nlohmann's SAX interface in front of a grammar.
class sax_events {
public:
    sax_events(grammar& taker, const limits& bounds)
        : taker_(taker), depth_max_(bounds.json_depth), text_bytes_max_(text_bytes_max(bounds)) {}

    bool null() { return value({}); }
    bool boolean(bool flag) { return value({value_kind::boolean, flag ? 1 : 0, 0, {}}); }
    bool number_integer(std::int64_t number) { return value({value_kind::integer, number, 0, {}}); }
    bool number_unsigned(std::uint64_t number) {
        if (std::in_range<std::int64_t>(number)) return number_integer(static_cast<std::int64_t>(number));
        return value({value_kind::huge_integer, 0, static_cast<double>(number), {}});
    }
    bool number_float(double number, const std::string& written) {
        const bool integral = written.find_first_of(".eE") == std::string::npos;
        return value({integral ? value_kind::huge_integer : value_kind::real, 0, number, {}});
    }
    bool string(std::string& text) {
        if (text.size() > text_bytes_max_) return fail(error_code::too_large, "a text is too long");
        return value({value_kind::text, 0, 0, text});
    }
    template <class Binary>
    bool binary(Binary&) {
        return fail(error_code::malformed, "not JSON");
    }

    bool start_object(std::size_t) {
        keys_.open();
        return enter(&grammar::begin_object);
    }
    bool end_object() {
        if (!keys_.close()) return fail(error_code::duplicate_key, "an object has the same key twice");
        return leave(&grammar::end_object);
    }
    bool start_array(std::size_t) { return enter(&grammar::begin_array); }
    bool end_array() { return leave(&grammar::end_array); }

    bool key(std::string& name) {
        if (name.size() > key_bytes_max) return fail(error_code::too_large, "a key is too long");
        const key_use use = ignored_from_ != 0 ? key_use::ignore : taker_.key(name);
        if (use != key_use::take && !keys_.add(name)) return fail(error_code::too_large, "an object has too many keys");
        // Within what is ignored no value takes the mark back, and it would be left for what follows.
        ignores_next_ = use == key_use::ignore && ignored_from_ == 0;
        return !taker_.is_stopped();
    }

    // The text of the exception quotes the message, which may hold anybody's data: only its number is used.
    bool parse_error(std::size_t position, const std::string& token, const nlohmann::detail::exception& problem) {
        constexpr int number_overflow = 406;
        if (problem.id == number_overflow) return fail(error_code::out_of_range, "a number is too large");
        const bool surrogate = token.find("\\ud") != std::string::npos || token.find("\\uD") != std::string::npos;
        if (surrogate) return fail(error_code::invalid_text, "a text is no valid Unicode, at byte " + std::to_string(position));
        return fail(error_code::malformed, "not JSON from byte " + std::to_string(position) + " on");
    }

    error take_problem() { return std::move(problem_); }

private:
    bool value(const wire_value& value) {
        if (ignored_from_ != 0) return true;
        if (std::exchange(ignores_next_, false)) return true;
        taker_.value(value);
        return !taker_.is_stopped();
    }

    bool enter(bool (grammar::*begin)()) {
        if (++depth_ > depth_max_) return fail(error_code::too_large, "nested too deeply");
        if (ignored_from_ != 0) return true;
        if (std::exchange(ignores_next_, false) || !(taker_.*begin)()) ignored_from_ = depth_;
        return !taker_.is_stopped();
    }

    bool leave(void (grammar::*end)()) {
        if (ignored_from_ == 0) (taker_.*end)();
        else if (ignored_from_ == depth_) ignored_from_ = 0;
        --depth_;
        return !taker_.is_stopped();
    }

    bool fail(error_code code, std::string_view text) {
        note(problem_, code, text);
        return false;
    }

    grammar& taker_;
    std::size_t depth_max_;
    std::size_t text_bytes_max_;
    std::size_t depth_ = 0;
    std::size_t ignored_from_ = 0;  ///< depth of the ignored object or array that is open; 0 = none
    bool ignores_next_ = false;
    remembered_keys keys_;
    error problem_;
};

}  // namespace detail

/// Reads `body` into `taker`; the error has code none when all of it was taken.
[[nodiscard]] inline error parse(std::string_view body, const limits& bounds, grammar& taker) {
    error problem;
    if (body.size() > bounds.body_bytes) {
        note(problem, error_code::too_large, "the message is too long");
        return problem;
    }
    // The parser would take a NUL for the end of the text and not see what stands behind it.
    if (body.empty() || std::memchr(body.data(), '\0', body.size()) != nullptr) {
        note(problem, error_code::malformed, body.empty() ? "the message is empty" : "the message has a NUL");
        return problem;
    }
    detail::sax_events events(taker, bounds);
    const bool taken = nlohmann::json::sax_parse(body.data(), body.data() + body.size(), &events);
    if (taken && !taker.problem()) return problem;
    if (taker.problem()) {
        problem = taker.problem();
    } else {
        problem = events.take_problem();
        if (problem.code == error_code::malformed && !is_clean_utf8(body)) {
            problem.code = error_code::invalid_text;
            problem.message = "the message is not UTF-8";
        }
    }
    if (problem.entity.empty()) taker.locate(problem);
    return problem;
}

}  // namespace syncline::wire::json
