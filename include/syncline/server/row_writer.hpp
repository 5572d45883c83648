/// Writes the rows that a push changes, under the one version of its transaction, and remembers whose doing each row is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include <syncline/server/backend.hpp>
#include <syncline/server/removal.hpp>
#include <syncline/server/row_name.hpp>

namespace syncline {

/// One push's writes. Each row carries the operation that wrote it, and whether it is exactly what that operation said: any other row
/// must not be taken for an echo of it.
template <backend_transaction Tx>
class row_writer {
public:
    row_writer(Tx& tx, const schema_view& tables, std::string_view device, std::int64_t now_ms)
        : tx_(tx), schema_(tables), device_(device), now_ms_(now_ms) {}

    /// Stores `row`, which `op` created as it was sent. False, and nothing has changed, where its local id is taken.
    /// Only once a version is taken, because that would be a change.
    [[nodiscard]] bool create_new(const operation& op, server_row& row) {
        stamp(row, op.seq, true);
        return tx_.insert_row(op.table, row);
    }

    /// Stores `row`, which `op` created, also where it is the next life of a tombstone (`exists`).
    void create(const operation& op, server_row& row, bool exact, bool exists) {
        stamp(row, op.seq, exact);
        if (!exact) moved_.insert({op.table, op.id});
        if (exists) tx_.update_row(op.table, row, ~column_mask{0});
        else if (!tx_.insert_row(op.table, row)) throw store_error("the backend has a row that it did not find");
    }

    /// Stores `row`, whose `changed` columns `op` changed.
    void update(const operation& op, server_row& row, column_mask changed, bool exact) {
        if (!exact) moved_.insert({op.table, op.id});
        else if (row.version != version_ || !row.as_sent) bases_.emplace(op.seq, op.base_version);
        else if (const auto earlier = bases_.find(row.writer.seq); earlier != bases_.end()) bases_.emplace(op.seq, earlier->second);
        stamp(row, op.seq, exact);
        tx_.update_row(op.table, row, changed);
    }

    /// Removes the rows of an allowed plan, whose root is what `op` names, and frees the rows that stay.
    void remove(const operation& op, const removal_plan& plan) {
        for (const auto& [name, freed] : plan.freed) free_keys(op, name, freed);
        for (std::size_t i = plan.removed.size(); i-- > 0;) bury(op, plan.removed[i], i == 0);
    }

    /// True when the device knew `row` as it is now: at the base version of `op`, or changed since by earlier operations of this
    /// push alone.
    [[nodiscard]] bool is_on_base(const operation& op, const server_row& row) const {
        if (row.version == op.base_version) return true;
        if (row.version != version_ || !row.as_sent) return false;
        const auto found = bases_.find(row.writer.seq);
        return found == bases_.end() || found->second == op.base_version;
    }

    /// True when the row is no longer what the exact operations of this push made of it.
    [[nodiscard]] bool has_moved(const local_name& name) const { return !moved_.empty() && moved_.contains(name); }

    /// The version of this transaction; none while it has written no row.
    [[nodiscard]] row_version version() const noexcept { return version_; }
    [[nodiscard]] std::int64_t now_ms() const noexcept { return now_ms_; }

private:
    void stamp(server_row& row, sequence seq, bool as_sent) {
        version_ = tx_.take_version();
        row.version = version_;
        row.updated_at_ms = now_ms_;
        row.writer = {device_, seq};
        row.as_sent = as_sent;
    }

    void free_keys(const operation& op, const local_name& name, column_mask freed) {
        if (!tx_.find_by_local(name.table, name.local, row_)) return;
        for (std::size_t i = 0; i < row_.values.cells().size(); ++i)
            if (has_column(freed, i)) row_.values.set(i, cell::null());
        stamp(row_, op.seq, false);
        moved_.insert(name);
        tx_.update_row(name.table, row_, freed);
    }

    void bury(const operation& op, const doomed_row& doomed, bool is_root) {
        row_.local = doomed.name.local;
        row_.id = doomed.id;
        row_.incarnation = doomed.incarnation;
        row_.removed = true;
        row_.removal_base = op.base_version;
        row_.last_writer = doomed.last_writer;
        row_.values.reset(schema_[doomed.name.table].columns.size());
        stamp(row_, op.seq, is_root);
        if (!is_root) moved_.insert(doomed.name);
        tx_.update_row(doomed.name.table, row_, ~column_mask{0});
    }

    Tx& tx_;
    schema_view schema_;
    std::string_view device_;
    std::int64_t now_ms_;
    row_version version_;
    server_row row_;
    /// Base of the first of the operations of this push that made the row what the update with this sequence left; none where it
    /// began with a create.
    std::unordered_map<sequence, row_version> bases_;
    std::unordered_set<local_name> moved_;
};

}  // namespace syncline
