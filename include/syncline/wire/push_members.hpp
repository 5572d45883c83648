/// The members of a push and of its operations: their names, their types, and what they must be together.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/wire/cell_rules.hpp>
#include <syncline/wire/members.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline::wire {

/// The members of a push by their places in `names`.
struct push_member {
    enum place : int { protocol, schema, owner, device, acknowledged, cursor, atomic, operations };
    static constexpr std::array<std::string_view, 8> names{"protocol",     "schema", "owner",  "device",
                                                           "acknowledged", "cursor", "atomic", "operations"};
    static constexpr std::uint32_t required = 1u << device | 1u << operations;
};

/// The members of an operation by their places in `names`.
struct operation_member {
    enum place : int { seq, digest, op, entity, local, id, incarnation, base_version, group, fields, before, edited };
    static constexpr std::array<std::string_view, 12> names{"seq",         "digest",      "op",    "entity", "localId", "id",
                                                            "incarnation", "baseVersion", "group", "fields", "before",  "edited"};
    static constexpr std::uint32_t required = 1u << seq | 1u << op | 1u << entity | 1u << local;
    static constexpr version_range versions = version_range::of_row_or_none;
};

inline void take_push_member(int member, const wire_value& value, push_request& out, error& problem) {
    const std::string_view name = push_member::names[static_cast<std::size_t>(member)];
    const member_value read(value, name, problem);
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    switch (static_cast<push_member::place>(member)) {
        case push_member::protocol:
            out.protocol = static_cast<int>(read.integer(0, std::numeric_limits<int>::max()).value_or(0));
            if (out.protocol != protocol_version)
                note(problem, error_code::unsupported_protocol, "another protocol version", name);
            break;
        case push_member::schema: out.schema = read.word(); break;
        case push_member::owner: out.owner = read.text(tag_bytes_max).value_or(""); break;
        case push_member::device: out.device = read.text(tag_bytes_max).value_or(""); break;
        case push_member::acknowledged: out.acknowledged = read.integer(0, largest).value_or(0); break;
        case push_member::cursor: out.cursor = read.text(tag_bytes_max).value_or(""); break;
        case push_member::atomic: out.atomic = read.boolean().value_or(false); break;
        case push_member::operations: note(problem, error_code::wrong_type, "a list of operations was expected", name);
    }
}

/// Takes one member that is no list of fields. Kind and entity have functions of their own.
inline void take_operation_member(int member, const wire_value& value, sent_operation& sent, error& problem) {
    const std::string_view name = operation_member::names[static_cast<std::size_t>(member)];
    const member_value read(value, name, problem);
    constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t last_life = std::numeric_limits<incarnation_number>::max();
    switch (static_cast<operation_member::place>(member)) {
        case operation_member::seq: sent.op.seq = read.integer(1, largest).value_or(0); break;
        case operation_member::digest: sent.digest = read.word(); break;
        case operation_member::local: read.id(sent.op.id); break;
        case operation_member::id: read.id(sent.id); break;
        case operation_member::incarnation:
            sent.op.incarnation = static_cast<incarnation_number>(read.integer(1, last_life).value_or(1));
            break;
        case operation_member::base_version: sent.op.base_version = read.version(operation_member::versions); break;
        case operation_member::group: sent.op.group = read.integer(0, largest).value_or(0); break;
        case operation_member::op:
        case operation_member::entity: break;
        case operation_member::fields:
        case operation_member::before:
        case operation_member::edited: note(problem, error_code::wrong_type, "fields were expected", name);
    }
}

/// The kind of this name; `create` with a note where it is none.
[[nodiscard]] inline operation_kind take_operation_kind(const wire_value& value, error& problem) {
    const auto name = member_value(value, "op", problem).text(tag_bytes_max);
    for (const operation_kind kind :
         {operation_kind::create, operation_kind::update, operation_kind::remove, operation_kind::close})
        if (name && name_of(kind) == *name) return kind;
    note(problem, error_code::malformed, "an operation is create, update, remove or void", "op");
    return operation_kind::create;
}

/// The table of the entity of this name, or -1 with a note. `name` becomes what errors may call it.
[[nodiscard]] inline int take_entity(const wire_value& value, const schema_view& schema, std::string_view& name, error& problem) {
    const auto text = member_value(value, "entity", problem).text(tag_bytes_max);
    name = text ? presentable(*text) : std::string_view();
    const int table = text ? schema.find_entity(*text) : -1;
    if (table >= 0) name = schema[table].entity;
    else note(problem, error_code::unknown_entity, "the schema has no such entity", "entity");
    return table;
}

[[nodiscard]] constexpr bool carries_fields(operation_kind kind) noexcept {
    return kind == operation_kind::create || kind == operation_kind::update;
}

inline void note_needless_fields(error& problem) {
    note(problem, error_code::malformed, "only create and update carry fields", "fields");
}

/// Whether an operation of this kind may have exactly these fields, these values before it, and these fields edited since it was made.
inline void check_carried_fields(operation_kind kind, const table_view& table, column_mask fields, column_mask before,
                                 column_mask edited, error& problem) {
    if (!carries_fields(kind)) {
        if ((fields | before | edited) != 0) note_needless_fields(problem);
    } else if (kind == operation_kind::update) {
        if (fields == 0) note(problem, error_code::missing_field, "an update needs at least one field", "fields");
        else if (edited != 0) note(problem, error_code::malformed, "only a create is edited before it is sent", "edited");
    } else if (before != 0) {
        note(problem, error_code::malformed, "a create has no values before it", "before");
    } else if (const std::string_view name = missing_column(table, fields); !name.empty()) {
        note(problem, error_code::missing_field, "a create needs this field", name);
    }
}

/// What an operation carries; a create carries every column, null where the sender said nothing.
[[nodiscard]] inline operation_values carried_values(operation_kind kind, const table_view& table, column_mask mask, cells after,
                                                     column_mask before_mask, cells before) noexcept {
    if (!carries_fields(kind)) return {};
    return {kind == operation_kind::create ? table.all_columns() : mask, after, before_mask, before_mask != 0 ? before : cells()};
}

/// The first operation whose sequence an operation before it has; null where there is none.
[[nodiscard]] inline const sent_operation* find_repeated_sequence(const std::vector<sent_operation>& operations) {
    const auto ascends = [](const sent_operation& a, const sent_operation& b) { return a.op.seq >= b.op.seq; };
    if (std::adjacent_find(operations.begin(), operations.end(), ascends) == operations.end()) return nullptr;
    const auto by_sequence = [](const sent_operation& a, const sent_operation& b) { return a.op.seq < b.op.seq; };
    const auto [least, greatest] = std::minmax_element(operations.begin(), operations.end(), by_sequence);
    const sequence first = least->op.seq;
    const auto range = static_cast<std::uint64_t>(greatest->op.seq - first) + 1;
    // Sequences of one device lie close together, and a bit for each is much cheaper than to sort them.
    if (range <= 64 * std::uint64_t{operations.size()}) {
        std::vector<bool> seen(static_cast<std::size_t>(range));
        for (const sent_operation& one : operations) {
            const auto place = static_cast<std::size_t>(one.op.seq - first);
            if (seen[place]) return &one;
            seen[place] = true;
        }
        return nullptr;
    }
    std::vector<std::pair<sequence, std::size_t>> sorted;
    sorted.reserve(operations.size());
    for (const sent_operation& one : operations) sorted.emplace_back(one.op.seq, sorted.size());
    std::sort(sorted.begin(), sorted.end());
    std::size_t found = operations.size();
    for (std::size_t i = 1; i < sorted.size(); ++i)
        if (sorted[i].first == sorted[i - 1].first) found = std::min(found, sorted[i].second);
    return found == operations.size() ? nullptr : &operations[found];
}

/// What must hold of a push that has been read whole; `seen` are the places of its members that were there.
inline void check_push(const push_request& push, const schema_view& schema, std::uint32_t seen, error& problem) {
    if (const std::string_view name = first_missing(push_member::names, push_member::required, seen); !name.empty())
        return note(problem, error_code::missing_field, "a push needs this key", name);
    if (push.device.empty()) return note(problem, error_code::invalid_id, "a device has a name", "device");
    const sent_operation* const second = find_repeated_sequence(push.operations);
    if (second == nullptr || problem) return;
    note(problem, error_code::malformed, "two operations have the same sequence", "seq");
    problem.entity = schema[second->op.table].entity;
    problem.local_id = second->op.id.view();
}

}  // namespace syncline::wire
