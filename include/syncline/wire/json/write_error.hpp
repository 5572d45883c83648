/// What went wrong, as JSON.
#pragma once

#include <string>

#include <syncline/base/errors.hpp>
#include <syncline/wire/json/sink.hpp>

namespace syncline::wire::json {

/// The object {code, message, entity?, localId?, field?}.
inline void write_problem(sink& out, const error& problem) {
    out.raw(R"({"code":)").text(name_of(problem.code));
    out.raw(R"(,"message":)").text(problem.message);
    if (!problem.entity.empty()) out.raw(R"(,"entity":)").text(problem.entity);
    if (!problem.local_id.empty()) out.raw(R"(,"localId":)").text(problem.local_id);
    if (!problem.field.empty()) out.raw(R"(,"field":)").text(problem.field);
    out.raw('}');
}

/// The body of an answer that says why there is none.
[[nodiscard]] inline std::string write_error(const error& problem) {
    std::string body;
    sink out(body);
    out.raw(R"({"error":)");
    write_problem(out, problem);
    out.raw('}').finish();
    return body;
}

}  // namespace syncline::wire::json
