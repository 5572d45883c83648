/// Writes a push as CBOR: operations that say the same about themselves share a run, whose header says it once.
#pragma once

#include <cstddef>
#include <string>

#include <syncline/wire/cbor/write_row.hpp>
#include <syncline/wire/push_members.hpp>

namespace syncline::wire::cbor {

/// Key of a run's operations, behind the places in operation_member.
inline constexpr int run_operations = static_cast<int>(operation_member::names.size());

/// Appends one push to `out`, which is complete after finish. `out` and the schema's tables must outlive the writer.
class push_writer {
public:
    /// Writes the header; `header.operations` are not looked at.
    push_writer(std::string& out, const schema_view& schema, const push_request& header)
        : out_(out), start_(out.size()), schema_(schema) {
        const std::size_t optional = (header.schema ? 1u : 0u) + (header.owner.empty() ? 0u : 1u) +
                                     (header.acknowledged == 0 ? 0u : 1u) + (header.cursor.empty() ? 0u : 1u) +
                                     (header.atomic ? 1u : 0u);
        out_.map(3 + optional).key(push_member::protocol).integer(header.protocol);
        if (header.schema) out_.key(push_member::schema).word(*header.schema);
        if (!header.owner.empty()) out_.key(push_member::owner).text(header.owner);
        out_.key(push_member::device).text(header.device);
        if (header.acknowledged != 0) out_.key(push_member::acknowledged).integer(header.acknowledged);
        if (!header.cursor.empty()) out_.key(push_member::cursor).text(header.cursor);
        if (header.atomic) out_.key(push_member::atomic).boolean(true);
        out_.key(push_member::operations).open_array();
    }

    /// Adds an operation of a table of the schema. Its cells are read now and not kept.
    void add(const sent_operation& sent) {
        const operation& op = sent.op;
        if (!run_.takes(op)) begin_run(op);
        const bool same_group = op.group == run_.group.previous();
        const bool has_life = op.incarnation != 1;
        const bool has_fields = op.values.mask != 0;
        const bool has_before = op.values.before_mask != 0;
        out_.map(2u + (sent.digest ? 1u : 0u) + (sent.id.empty() ? 0u : 1u) + (has_life ? 1u : 0u) +
                 (op.base_version.is_none() ? 0u : 1u) + (same_group ? 0u : 1u) + (has_fields ? 1u : 0u) + (has_before ? 1u : 0u));
        out_.key(operation_member::seq).integer(run_.seq.difference(op.seq));
        if (sent.digest) out_.key(operation_member::digest).word(*sent.digest);
        out_.key(operation_member::local).id(op.id.view());
        if (!sent.id.empty()) out_.key(operation_member::id).id(sent.id.view());
        if (has_life) out_.key(operation_member::incarnation).integer(op.incarnation);
        if (!op.base_version.is_none()) out_.key(operation_member::base_version).version(op.base_version);
        if (!same_group) out_.key(operation_member::group).integer(run_.group.difference(op.group));
        if (has_fields) write_cells(out_.key(operation_member::fields), op.values.after, op.values.mask);
        if (has_before) write_cells(out_.key(member_of_before(op.kind)), op.values.before, op.values.before_mask);
        ++count_;
    }

    /// Bytes of the whole push if it were finished now.
    [[nodiscard]] std::size_t size() const noexcept { return out_.size() - start_ + (run_.is_open() ? 2 : 1); }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    void finish() {
        if (run_.is_open()) out_.end();
        out_.end().finish();
    }

private:
    /// What the operations of a run have in common, and what the next one differs from.
    struct run {
        int table = -1;
        operation_kind kind = operation_kind::create;
        column_mask fields = 0;
        column_mask before = 0;
        running_number seq;
        running_number group;

        [[nodiscard]] bool is_open() const noexcept { return table >= 0; }
        [[nodiscard]] bool takes(const operation& op) const noexcept {
            return op.table == table && op.kind == kind && op.values.mask == fields && op.values.before_mask == before;
        }
    };

    [[nodiscard]] static operation_member::place member_of_before(operation_kind kind) noexcept {
        return kind == operation_kind::create ? operation_member::edited : operation_member::before;
    }

    void begin_run(const operation& op) {
        if (run_.is_open()) out_.end();
        run_ = {op.table, op.kind, op.values.mask, op.values.before_mask, {}, {}};
        const table_view& table = schema_[op.table];
        out_.map(3u + (run_.fields != 0 ? 1u : 0u) + (run_.before != 0 ? 1u : 0u));
        out_.key(operation_member::op).text(name_of(op.kind));
        out_.key(operation_member::entity).text(table.entity);
        if (run_.fields != 0) write_names(out_.key(operation_member::fields), table, run_.fields);
        if (run_.before != 0) write_names(out_.key(member_of_before(op.kind)), table, run_.before);
        out_.key(run_operations).open_array();
    }

    sink out_;
    std::size_t start_;
    std::size_t count_ = 0;
    schema_view schema_;
    run run_;
};

}  // namespace syncline::wire::cbor
