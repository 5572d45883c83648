/// What a server says about a failure, in CBOR.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <syncline/wire/cbor/message.hpp>
#include <syncline/wire/cbor/write_error.hpp>
#include <syncline/wire/result_members.hpp>

namespace syncline::wire::cbor {

/// Reads the map of one problem, which must be next.
inline void read_problem(item_reader& in, error& out, error& problem) {
    open_map map;
    map_key key;
    bool has_code = false;
    out = {};
    if (!in.enter(map)) return;
    while (in.next_key(map, problem_member::names, key)) {
        wire_value value;
        if (key.place < 0) {
            in.skip();
        } else if (in.next(value)) {
            has_code |= key.place == problem_member::code;
            take_problem_member(key.place, value, out, problem);
        }
    }
    if (!in.is_stopped()) check_problem(out, has_code, problem);
}

/// Reads an error answer into `out`. The returned error has code none when `body` was one.
[[nodiscard]] inline error read_error(std::string_view body, const limits& bounds, error& out) {
    error problem;
    item_reader in(body, bounds, problem);
    open_map map;
    map_key key;
    bool found = false;
    if (!enter_message(in, map, "an error answer is a map")) return problem;
    while (!problem && in.next_key(map, error_answer_names, key)) {
        if (key.place != error_answer_problem) {
            in.skip();
            continue;
        }
        found = true;
        if (in.is_next(major::map)) read_problem(in, out, problem);
        else if (in.skip()) in.fail(error_code::malformed, "a map was expected");
    }
    if (!problem && leave_message(in) && !found) note(problem, error_code::missing_field, "an error answer needs this key", "error");
    return problem;
}

}  // namespace syncline::wire::cbor
