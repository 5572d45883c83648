/// A JSON text as a tree that keeps what a document would lose: the order of keys and those that are there twice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace syncline::tests {

struct json_tree {
    enum class type : std::uint8_t { null, boolean, integer, huge, real, text, array, object };

    type kind = type::null;
    bool flag = false;
    std::int64_t integer = 0;
    std::uint64_t huge = 0;     ///< an integer above int64, or cut to the largest there is
    bool is_negative = false;   ///< of a huge one
    double real = 0;
    std::string text;
    std::vector<json_tree> items;  ///< of an array, or the values of an object
    std::vector<std::string> keys;

    [[nodiscard]] bool is(type other) const noexcept { return kind == other; }
};

namespace detail {

class tree_builder {
public:
    bool null() { return add({}); }
    bool boolean(bool flag) {
        json_tree one;
        one.kind = json_tree::type::boolean;
        one.flag = flag;
        return add(std::move(one));
    }
    bool number_integer(std::int64_t number) {
        json_tree one;
        one.kind = json_tree::type::integer;
        one.integer = number;
        return add(std::move(one));
    }
    bool number_unsigned(std::uint64_t number) {
        if (std::in_range<std::int64_t>(number)) return number_integer(static_cast<std::int64_t>(number));
        return add_huge(number, false);
    }
    bool number_float(double number, const std::string& written) {
        if (written.find_first_of(".eE") == std::string::npos) return add_huge(UINT64_MAX, number < 0);
        json_tree one;
        one.kind = json_tree::type::real;
        one.real = number;
        return add(std::move(one));
    }
    bool string(std::string& text) {
        json_tree one;
        one.kind = json_tree::type::text;
        one.text = text;
        return add(std::move(one));
    }
    template <class Binary>
    bool binary(Binary&) {
        return false;
    }
    bool start_object(std::size_t) { return open(json_tree::type::object); }
    bool start_array(std::size_t) { return open(json_tree::type::array); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }
    bool key(std::string& name) {
        open_.back().keys.push_back(name);
        return true;
    }
    template <class Problem>
    bool parse_error(std::size_t, const std::string&, const Problem&) {
        return false;
    }

    json_tree root;

private:
    bool add(json_tree one) {
        if (open_.empty()) root = std::move(one);
        else open_.back().items.push_back(std::move(one));
        return true;
    }
    bool add_huge(std::uint64_t number, bool is_negative) {
        json_tree one;
        one.kind = json_tree::type::huge;
        one.huge = number;
        one.is_negative = is_negative;
        return add(std::move(one));
    }
    bool open(json_tree::type kind) {
        open_.emplace_back().kind = kind;
        return true;
    }
    bool close() {
        json_tree done = std::move(open_.back());
        open_.pop_back();
        return add(std::move(done));
    }

    std::vector<json_tree> open_;
};

}  // namespace detail

/// Nothing for a text that is no JSON.
inline std::optional<json_tree> parse_tree(std::string_view text) {
    detail::tree_builder builder;
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return std::nullopt;
    return std::move(builder.root);
}

}  // namespace syncline::tests
