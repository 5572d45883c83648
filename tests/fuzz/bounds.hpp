/// The schema and the bounds that inputs are read with, and what every value that was accepted must be.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <vector>

#include <fuzz/promise.hpp>
#include <syncline/base/limits.hpp>
#include <syncline/base/text.hpp>
#include <syncline/testing/schemas.hpp>
#include <syncline/wire/members.hpp>
#include <syncline/wire/messages.hpp>
#include <syncline/wire/push_members.hpp>

namespace syncline::fuzz {

/// Columns of every kind, keys that may be null and keys that may not.
inline constexpr schema_view tables = testing::schemas::references::view();

/// So small that short inputs reach each of them, and large enough for every id and every message.
inline constexpr limits small_bounds = [] {
    limits bounds;
    bounds.batch_operations = 4;
    bounds.page_rows = 4;
    bounds.body_bytes = 600;
    bounds.json_depth = 9;
    bounds.string_bytes = 48;
    return bounds;
}();

/// For what is written again: in the other encoding the same values are longer, nest otherwise, and have names that are texts.
inline constexpr limits rewriting_bounds = [] {
    limits bounds;
    bounds.batch_operations = small_bounds.batch_operations;
    bounds.page_rows = small_bounds.page_rows;
    return bounds;
}();

inline bool is_tag(std::string_view text) {
    return text.size() <= std::min(wire::tag_bytes_max, wire::text_bytes_max(small_bounds)) && is_clean_utf8(text);
}

inline bool is_value_of(const column_view& column, const cell& value, bool may_be_local) {
    const bool is_short = !value.has_text() || value.view().size() <= small_bounds.string_bytes;
    switch (value.kind()) {
        case cell_kind::null: return column.nullable;
        case cell_kind::boolean: return column.kind == column_kind::boolean;
        case cell_kind::integer:
            return column.kind == column_kind::timestamp ||
                   (column.kind == column_kind::integer && value.as_integer() >= column.least && value.as_integer() <= column.greatest);
        case cell_kind::real: return column.kind == column_kind::real && std::isfinite(value.as_real());
        case cell_kind::text:
            return (column.kind == column_kind::text || column.kind == column_kind::set) && is_short && is_clean_utf8(value.view());
        case cell_kind::bytes: return column.kind == column_kind::bytes && is_short;
        case cell_kind::local_key: return column.kind == column_kind::key && may_be_local && local_id::is_valid(value.view());
        case cell_kind::server_key: return column.kind == column_kind::key && server_id::is_valid(value.view());
    }
    return false;
}

inline void promise_cells(const table_view& table, cells values, column_mask mask, bool may_be_local) {
    promise(mask == 0 || values.size() == table.columns.size(), "a row has a cell for each column");
    promise((mask & ~table.all_columns()) == 0, "only columns of the table are there");
    for (std::size_t i = 0; i < values.size(); ++i)
        if (has_column(mask, i)) promise(is_value_of(table.columns[i], values[i], may_be_local), "a cell is a value of its column");
}

inline const table_view& promised_table(int table) {
    promise(table >= 0 && table < tables.size(), "the table is one of the schema");
    return tables[table];
}

/// What may be shown to anybody: names and ids, never the content of the input.
inline void promise_refusal(const error& problem) {
    promise(problem.message.size() <= 80 && is_clean_utf8(problem.message), "a refusal has a short text of ours");
    promise(problem.entity.empty() || is_identifier(problem.entity), "a refusal names entities by their names");
    promise(problem.local_id.empty() || local_id::is_valid(problem.local_id), "a refusal names rows by their local ids");
    promise(problem.field.empty() || is_identifier(problem.field), "a refusal names fields by their names");
}

inline void promise_bounds(const wire::push_request& push) {
    promise(push.protocol == wire::protocol_version, "the protocol is ours");
    promise(is_tag(push.owner) && is_tag(push.device) && is_tag(push.cursor), "tags are short and clean");
    promise(push.acknowledged >= 0, "the floor is a sequence");
    promise(push.operations.size() <= small_bounds.batch_operations, "a batch is bounded");
    std::vector<sequence> sequences;
    for (const wire::sent_operation& sent : push.operations) {
        const operation& op = sent.op;
        const operation_values& values = op.values;
        const table_view& table = promised_table(op.table);
        promise(op.seq >= 1 && op.incarnation >= 1 && (op.base_version.is_none() || op.base_version.is_of_row()) && op.group >= 0, "numbers count from where they should");
        promise(local_id::is_valid(op.id.view()) && (sent.id.empty() || server_id::is_valid(sent.id.view())), "ids are valid");
        switch (op.kind) {
            case operation_kind::create: promise(values.mask == table.all_columns(), "a create is whole"); break;
            case operation_kind::update: promise(values.mask != 0, "an update changes something"); break;
            default: promise(values.mask == 0 && values.before_mask == 0, "only create and update carry fields");
        }
        promise_cells(table, values.after, values.mask, true);
        promise_cells(table, values.before, values.before_mask, true);
        sequences.push_back(op.seq);
    }
    std::sort(sequences.begin(), sequences.end());
    promise(std::adjacent_find(sequences.begin(), sequences.end()) == sequences.end(), "no sequence is there twice");
}

inline void promise_bounds(const wire::server_row_view& row) {
    const table_view& table = promised_table(row.table);
    promise(server_id::is_valid(row.id.view()) && local_id::is_valid(row.local.view()), "a row has both ids");
    promise(row.version.is_of_row() && row.incarnation >= 1, "a row has a version and a life");
    promise(row.base_version.is_none() || (row.removed && row.base_version.is_of_row()), "only a removed row tells the base of its removal");
    promise(row.last_writer.empty() ? row.last_seq == 0 : row.removed && is_tag(row.last_writer) && row.last_seq >= 1,
            "only a removed row tells its last writer, with a sequence");
    promise(row.removed ? row.cells.empty() : row.cells.size() == table.columns.size(), "a row has cells until it is removed");
    promise_cells(table, row.cells, row.removed ? 0 : table.all_columns(), false);
}

inline void promise_bounds(const wire::page& page) {
    promise(!page.cursor.empty() && is_tag(page.cursor), "a page has a cursor");
    promise(page.rows.size() <= small_bounds.page_rows, "a page is bounded");
    promise(page.includes.floor >= 0, "the floor is a sequence");
    for (const sequence seq : page.includes.above) promise(seq >= 1, "sequences count from 1");
    for (const wire::server_row_view& row : page.rows) promise_bounds(row);
    const auto by_table = [](const wire::server_row_view& a, const wire::server_row_view& b) { return a.table < b.table; };
    promise(std::is_sorted(page.rows.begin(), page.rows.end(), by_table), "rows come in push order");
}

inline void promise_bounds(const error& said) {
    promise(static_cast<bool>(said), "an error has a code");
    for (const std::string* const text : {&said.message, &said.entity, &said.local_id, &said.field})
        promise(text->size() <= wire::text_bytes_max(small_bounds) && is_clean_utf8(*text), "texts are short and clean");
}

inline void promise_bounds(const wire::push_answer& answer) {
    promise(answer.version.number() >= 0, "a version is not negative");
    promise(answer.results.size() <= 2 * small_bounds.batch_operations, "results are bounded");
    for (const wire::operation_result& result : answer.results) {
        promise(result.seq >= 1 && (result.version.is_none() || result.version.is_of_row()) && result.incarnation >= 0, "numbers count from where they should");
        promise(local_id::is_valid(result.local.view()) && (result.id.empty() || server_id::is_valid(result.id.view())), "ids are valid");
        promise(result.outcome <= wire::verdict::closed, "a verdict is one of ours");
        if (result.problem) promise_bounds(result.problem);
        if (result.table < 0) {
            promise(!result.row && result.overwritten == 0 && result.refused == 0, "values have a table");
            continue;
        }
        const table_view& table = promised_table(result.table);
        if (result.row) {
            promise(result.row->table == result.table, "the row is of the result's table");
            promise_bounds(*result.row);
        }
        promise_cells(table, result.lost, result.overwritten, false);
        promise((result.refused & ~table.all_columns()) == 0, "only columns of the table are refused");
    }
}

}  // namespace syncline::fuzz
