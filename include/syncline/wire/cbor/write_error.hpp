/// What went wrong, as CBOR.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include <syncline/base/errors.hpp>
#include <syncline/wire/cbor/sink.hpp>
#include <syncline/wire/result_members.hpp>

namespace syncline::wire::cbor {

/// The map {code, message, entity?, localId?, field?}.
inline void write_problem(sink& out, const error& problem) {
    out.map(2u + (problem.entity.empty() ? 0u : 1u) + (problem.local_id.empty() ? 0u : 1u) + (problem.field.empty() ? 0u : 1u));
    out.key(problem_member::code).text(name_of(problem.code)).key(problem_member::message).text(problem.message);
    if (!problem.entity.empty()) out.key(problem_member::entity).text(problem.entity);
    if (!problem.local_id.empty()) out.key(problem_member::local).text(problem.local_id);
    if (!problem.field.empty()) out.key(problem_member::field).text(problem.field);
}

/// The only member of an error answer.
inline constexpr std::array<std::string_view, 1> error_answer_names{"error"};
inline constexpr int error_answer_problem = 0;

/// The body of an answer that says why there is none.
[[nodiscard]] inline std::string write_error(const error& problem) {
    std::string body;
    sink out(body);
    write_problem(out.map(1).key(error_answer_problem), problem);
    out.finish();
    return body;
}

}  // namespace syncline::wire::cbor
