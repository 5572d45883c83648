/// The members of a push answer, of its results and of the problems in them.
#pragma once

#include <array>
#include <limits>
#include <string_view>

#include <syncline/wire/members.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline::wire {

/// The members of a push answer by their places in `names`.
struct answer_member {
    enum place : int { results, version, owner };
    static constexpr std::array<std::string_view, 3> names{"results", "version", "owner"};
    static constexpr std::uint32_t required = 1u << results | 1u << version;
    static constexpr version_range versions = version_range::any;
};

/// The members of a result by their places in `names`.
struct result_member {
    enum place : int {
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
        problem,
        kept
    };
    static constexpr std::array<std::string_view, 15> names{"seq",         "digest",    "verdict",   "entity", "localId",
                                                            "id",          "version",   "incarnation", "updatedAt", "permanent",
                                                            "row",         "conflicts", "refused",   "error",       "kept"};
    static constexpr std::uint32_t required = 1u << seq | 1u << digest | 1u << outcome | 1u << local | 1u << version;
    static constexpr version_range versions = version_range::of_row_or_none;
    /// Those that mean something only for a known entity.
    static constexpr std::uint32_t of_entity = 1u << row | 1u << conflicts | 1u << refused | 1u << kept;
};

inline void take_answer_member(int member, const wire_value& value, push_answer& out, error& problem) {
    const std::string_view name = answer_member::names[static_cast<std::size_t>(member)];
    const member_value read(value, name, problem);
    switch (static_cast<answer_member::place>(member)) {
        case answer_member::version: out.version = read.version(answer_member::versions); break;
        case answer_member::owner: out.owner = read.text(tag_bytes_max).value_or(""); break;
        case answer_member::results: note(problem, error_code::wrong_type, "a list of results was expected", name);
    }
}

/// The verdict of this name; `rejected` with a note where it is none.
[[nodiscard]] inline verdict take_verdict(const wire_value& value, error& problem) {
    const auto name = member_value(value, "verdict", problem).text(tag_bytes_max);
    for (int i = 0; i <= static_cast<int>(verdict::closed); ++i)
        if (name && name_of(static_cast<verdict>(i)) == *name) return static_cast<verdict>(i);
    note(problem, error_code::malformed, "not a verdict", "verdict");
    return verdict::rejected;
}

/// Takes one member that has no members of its own.
inline void take_result_member(int member, const wire_value& value, const schema_view& schema, operation_result& result,
                               error& problem) {
    const std::string_view name = result_member::names[static_cast<std::size_t>(member)];
    const member_value read(value, name, problem);
    constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t last_life = std::numeric_limits<incarnation_number>::max();
    switch (static_cast<result_member::place>(member)) {
        case result_member::seq: result.seq = read.integer(1, largest).value_or(0); break;
        case result_member::digest: result.digest = read.word().value_or(0); break;
        case result_member::outcome: result.outcome = take_verdict(value, problem); break;
        case result_member::entity: result.table = schema.find_entity(read.text(tag_bytes_max).value_or("")); break;
        case result_member::local: read.id(result.local); break;
        case result_member::id: read.id(result.id); break;
        case result_member::version: result.version = read.version(result_member::versions); break;
        case result_member::incarnation:
            result.incarnation = static_cast<incarnation_number>(read.integer(0, last_life).value_or(1));
            break;
        case result_member::updated_at: result.updated_at_ms = read.integer(least, largest).value_or(0); break;
        case result_member::permanent: result.permanent = read.boolean().value_or(true); break;
        case result_member::row:
        case result_member::conflicts:
        case result_member::refused:
        case result_member::problem:
        case result_member::kept: note(problem, error_code::wrong_type, "a nested value was expected", name);
    }
}

/// Whether the result is whole; `seen` are the places of its members that were there.
inline void check_result(std::uint32_t seen, error& problem) {
    std::uint32_t required = result_member::required;
    if ((seen & result_member::of_entity) != 0) required |= 1u << result_member::entity;
    if (const std::string_view name = first_missing(result_member::names, required, seen); !name.empty())
        note(problem, error_code::missing_field, "a result needs this key", name);
}

inline void check_answer(std::uint32_t seen, error& problem) {
    if (const std::string_view name = first_missing(answer_member::names, answer_member::required, seen); !name.empty())
        note(problem, error_code::missing_field, "an answer needs this key", name);
}

/// The members of a problem by their places in `names`.
struct problem_member {
    enum place : int { code, message, entity, local, field };
    static constexpr std::array<std::string_view, 5> names{"code", "message", "entity", "localId", "field"};
    /// Bytes of one of its texts.
    static constexpr std::size_t text_bytes_max = 16'384;
};

inline void take_problem_member(int member, const wire_value& value, error& out, error& problem) {
    const std::string_view name = problem_member::names[static_cast<std::size_t>(member)];
    const auto text = member_value(value, name, problem).text(problem_member::text_bytes_max);
    if (!text) return;
    switch (static_cast<problem_member::place>(member)) {
        case problem_member::code: out.code = error_code_named(*text); break;
        case problem_member::message: out.message = *text; break;
        case problem_member::entity: out.entity = *text; break;
        case problem_member::local: out.local_id = *text; break;
        case problem_member::field: out.field = *text; break;
    }
}

/// Whether a problem that has been read says what it is.
inline void check_problem(const error& read, bool has_code, error& problem) {
    if (!has_code) note(problem, error_code::missing_field, "a problem needs this key", "code");
    else if (!read) note(problem, error_code::malformed, "a problem has a code", "code");
}

}  // namespace syncline::wire
