/// What every message in CBOR is: one map and nothing behind it; and numbers of a run that go on from the item before.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <syncline/wire/cbor/item_reader.hpp>
#include <syncline/wire/cbor/running.hpp>

namespace syncline::wire::cbor {

/// Enters the map that the message must be; `expected` says so where it is none.
[[nodiscard]] inline bool enter_message(item_reader& in, open_map& map, std::string_view expected) {
    if (in.is_too_long()) return in.fail(error_code::too_large, "the message is too long");
    if (in.is_at_end()) return in.fail(error_code::malformed, "the message is empty");
    if (!in.is_next(major::map)) return in.fail(error_code::malformed, expected);
    return in.enter(map);
}

/// True when the message was read to its end and nothing follows.
[[nodiscard]] inline bool leave_message(item_reader& in) {
    if (in.is_stopped()) return false;
    return in.is_at_end() || in.fail(error_code::malformed, "something follows the message");
}

/// `names` with one more behind them.
template <std::size_t Count>
[[nodiscard]] constexpr std::array<std::string_view, Count + 1> with_name(const std::array<std::string_view, Count>& names,
                                                                          std::string_view last) noexcept {
    std::array<std::string_view, Count + 1> all{};
    for (std::size_t i = 0; i < Count; ++i) all[i] = names[i];
    all[Count] = last;
    return all;
}

/// Reads the member `name`, which must be an array of two numbers; `before` becomes this version. Returns none, with a note, for
/// anything else.
[[nodiscard]] inline row_version read_version(item_reader& in, running_version& before, version_range range, std::string_view name,
                                              error& problem) {
    constexpr std::string_view expected = "a version is a list of two numbers";
    std::int64_t generation = 0, number = 0;
    if (in.next_small_pair(generation, number)) return checked_version(before.version(generation, number), range, name, problem);
    if (!in.is_next(major::array)) {
        if (in.skip()) note(problem, error_code::wrong_type, expected, name);
        return {};
    }
    open_items items;
    wire_value part;
    if (!in.enter_array(items)) return {};
    if (items.until_end || items.left != 2) {
        in.fail(error_code::malformed, expected, name);
        return {};
    }
    bool are_numbers = true;
    for (std::int64_t* const one : {&generation, &number}) {
        if (!in.next(part)) return {};
        are_numbers = are_numbers && part.kind == value_kind::integer;
        *one = part.integer;
    }
    in.leave();
    if (are_numbers) return checked_version(before.version(generation, number), range, name, problem);
    note(problem, error_code::malformed, expected, name);
    return {};
}

/// The same of a version that does not continue one before.
[[nodiscard]] inline row_version read_version(item_reader& in, version_range range, std::string_view name, error& problem) {
    running_version none;
    return read_version(in, none, range, name, problem);
}

/// Makes a difference the number it means; a value that is no integer stays what it is.
inline void continue_from(running_number& before, wire_value& value) noexcept {
    if (value.kind == value_kind::integer) value.integer = before.number(value.integer);
}

}  // namespace syncline::wire::cbor
