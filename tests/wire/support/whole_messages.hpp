/// Whole messages: written in one call, and compared in everything they say.
#pragma once

#include <string>
#include <vector>

#include <syncline/wire/reader.hpp>
#include <syncline/wire/writer.hpp>

namespace syncline::tests {

inline std::string written(const wire::push_request& push, const schema_view& schema, wire::encoding form) {
    std::string body;
    wire::push_writer writer(body, schema, push, form);
    for (const wire::sent_operation& one : push.operations) writer.add(one);
    writer.finish();
    return body;
}

inline std::string written(const wire::page& page, const schema_view& schema, wire::encoding form) {
    std::string body;
    wire::page_writer writer(body, schema, form);
    for (const wire::server_row_view& row : page.rows) writer.add(row);
    writer.finish(page.cursor, page.more, page.snapshot, page.includes, page.owner);
    return body;
}

inline std::string written(const wire::push_answer& answer, const schema_view& schema, wire::encoding form) {
    std::string body;
    wire::push_answer_writer writer(body, schema, form, answer.owner);
    for (const wire::operation_result& one : answer.results) writer.add(one);
    writer.finish(answer.version);
    return body;
}

inline bool same_columns(cells a, cells b, column_mask mask) {
    for (std::size_t i = 0; i < 64; ++i)
        if (has_column(mask, i) && !(i < a.size() && i < b.size() && a[i] == b[i])) return false;
    return true;
}

inline bool same(const wire::sent_operation& a, const wire::sent_operation& b) {
    const operation_values& x = a.op.values;
    const operation_values& y = b.op.values;
    return a.digest == b.digest && a.id == b.id && a.op.seq == b.op.seq && a.op.kind == b.op.kind && a.op.table == b.op.table &&
           a.op.id == b.op.id && a.op.incarnation == b.op.incarnation && a.op.base_version == b.op.base_version &&
           a.op.group == b.op.group && x.mask == y.mask && x.before_mask == y.before_mask &&
           same_columns(x.after, y.after, x.mask) && same_columns(x.before, y.before, x.before_mask);
}

inline bool same(const wire::server_row_view& a, const wire::server_row_view& b) {
    return a.table == b.table && a.id == b.id && a.local == b.local && a.version == b.version && a.base_version == b.base_version &&
           a.last_writer == b.last_writer && a.last_seq == b.last_seq && a.incarnation == b.incarnation &&
           a.updated_at_ms == b.updated_at_ms && a.removed == b.removed && a.cells.size() == b.cells.size() &&
           differing(a.cells, b.cells) == 0;
}

/// An entity that is named for nothing means nothing.
inline int table_of_values(const wire::operation_result& result) {
    return result.row || (result.overwritten | result.refused | result.kept) != 0 ? result.table : -1;
}

inline bool same(const wire::operation_result& a, const wire::operation_result& b) {
    return a.seq == b.seq && a.digest == b.digest && a.outcome == b.outcome && a.local == b.local && a.id == b.id &&
           a.version == b.version && a.incarnation == b.incarnation && a.updated_at_ms == b.updated_at_ms &&
           a.permanent == b.permanent && a.problem == b.problem && table_of_values(a) == table_of_values(b) && a.row.has_value() == b.row.has_value() &&
           (!a.row || same(*a.row, *b.row)) && a.overwritten == b.overwritten && same_columns(a.lost, b.lost, a.overwritten) &&
           a.refused == b.refused && a.kept == b.kept;
}

template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (!same(a[i], b[i])) return false;
    return true;
}

inline bool same(const wire::push_request& a, const wire::push_request& b) {
    return a.protocol == b.protocol && a.schema == b.schema && a.owner == b.owner && a.device == b.device &&
           a.acknowledged == b.acknowledged && a.cursor == b.cursor && a.atomic == b.atomic && same(a.operations, b.operations);
}

inline bool same(const wire::page& a, const wire::page& b) {
    return a.cursor == b.cursor && a.more == b.more && a.snapshot == b.snapshot && a.includes.floor == b.includes.floor &&
           a.includes.above == b.includes.above && a.owner == b.owner && same(a.rows, b.rows);
}

inline bool same(const wire::push_answer& a, const wire::push_answer& b) {
    return a.version == b.version && a.owner == b.owner && same(a.results, b.results);
}

inline error read(std::string_view body, const schema_view& schema, wire::push_request& out, wire::encoding form) {
    return wire::read_push(body, schema, {}, out, form);
}
inline error read(std::string_view body, const schema_view& schema, wire::page& out, wire::encoding form) {
    return wire::read_page(body, schema, {}, out, form);
}
inline error read(std::string_view body, const schema_view& schema, wire::push_answer& out, wire::encoding form) {
    return wire::read_push_answer(body, schema, {}, out, form);
}

}  // namespace syncline::tests
