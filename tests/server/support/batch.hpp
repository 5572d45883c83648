/// Builds pushes in few words.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include <server/support/schema.hpp>
#include <syncline/wire/messages.hpp>

namespace server_tests {

using syncline::cell;

struct named_value {
    std::string_view column;
    cell value;
};
using named_values = std::initializer_list<named_value>;

inline cell text(std::string_view value) { return cell::text(value); }
inline cell number(std::int64_t value) { return cell::integer(value); }
inline cell null() { return cell::null(); }
inline cell local(std::string_view id) { return cell::local_key(id); }
inline cell remote(std::string_view id) { return cell::server_key(id); }
inline syncline::local_id id(std::string_view id) { return syncline::local_id::trusted(id); }

/// A push of one device. Sequences count from `first` unless an operation is given another.
class batch {
public:
    explicit batch(std::string device = "phone", syncline::sequence first = 1) : next_(first) { request.device = std::move(device); }

    /// Creates a row; fields that are not named are empty, zero or null. Keys that may not be null are to be named.
    batch& create(int table, std::string_view row, named_values values = {}) {
        syncline::operation& op = add(syncline::operation_kind::create, table, row);
        const syncline::table_view& view = server_tests::schema::view()[table];
        const auto after = request.cells.take(view.columns.size());
        for (std::size_t i = 0; i < after.size(); ++i) after[i] = empty_of(view.columns[i]);
        set(after, view, values);
        op.values = {view.all_columns(), after, 0, {}};
        return *this;
    }

    /// Says of the create before that these fields were edited since the row was made, and what it was made with.
    batch& edited(named_values made) {
        syncline::operation& op = request.operations.back().op;
        const syncline::table_view& view = server_tests::schema::view()[op.table];
        const auto old = request.cells.take(view.columns.size());
        op.values.before_mask = set(old, view, made);
        op.values.before = old;
        return *this;
    }

    /// Changes fields of a row the device knows at `base`; `before` are the values it had read.
    batch& update(int table, std::string_view row, named_values values, syncline::row_version base = {}, named_values before = {}) {
        syncline::operation& op = add(syncline::operation_kind::update, table, row);
        const syncline::table_view& view = server_tests::schema::view()[table];
        const auto after = request.cells.take(view.columns.size());
        const auto old = request.cells.take(view.columns.size());
        const syncline::column_mask mask = set(after, view, values);
        const syncline::column_mask before_mask = set(old, view, before);
        op.values = {mask, after, before_mask, before_mask == 0 ? syncline::cells() : syncline::cells(old)};
        op.base_version = base;
        return *this;
    }

    batch& remove(int table, std::string_view row, syncline::row_version base = {}) {
        add(syncline::operation_kind::remove, table, row).base_version = base;
        return *this;
    }

    /// Closes the sequence of an operation on this row.
    batch& close(int table, std::string_view row, syncline::sequence seq) {
        add(syncline::operation_kind::close, table, row).seq = seq;
        return *this;
    }

    batch& acknowledge(syncline::sequence floor) {
        request.acknowledged = floor;
        return *this;
    }
    batch& life(syncline::incarnation_number incarnation) {
        request.operations.back().op.incarnation = incarnation;
        return *this;
    }
    batch& seq(syncline::sequence seq) {
        request.operations.back().op.seq = seq;
        return *this;
    }
    batch& digest(std::uint64_t digest) {
        request.operations.back().digest = digest;
        return *this;
    }
    batch& atomic() {
        request.atomic = true;
        return *this;
    }

    syncline::wire::push_request request;

private:
    static cell empty_of(const syncline::column_view& column) {
        if (column.nullable) return cell::null();
        switch (column.kind) {
            case syncline::column_kind::boolean: return cell::boolean(false);
            case syncline::column_kind::integer:
            case syncline::column_kind::timestamp: return cell::integer(0);
            case syncline::column_kind::real: return cell::real(0);
            case syncline::column_kind::bytes: return cell::bytes("");
            case syncline::column_kind::key: return cell::null();
            default: return cell::text("");
        }
    }

    syncline::operation& add(syncline::operation_kind kind, int table, std::string_view row) {
        syncline::operation& op = request.operations.emplace_back().op;
        op.kind = kind;
        op.seq = next_++;
        op.table = table;
        op.id = id(row);
        return op;
    }

    syncline::column_mask set(std::span<cell> cells, const syncline::table_view& table, named_values values) {
        syncline::column_mask mask = 0;
        for (const named_value& one : values) {
            const int column = table.find_column(one.column);
            SYNCLINE_ASSERT(column >= 0);
            cells[static_cast<std::size_t>(column)] = request.bytes.keep(one.value);
            mask |= syncline::only_column(static_cast<std::size_t>(column));
        }
        return mask;
    }

    syncline::sequence next_;
};

}  // namespace server_tests
