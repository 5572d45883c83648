/// Writes the answer to a push as CBOR: results with the same verdict about the same fields share a run.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <syncline/wire/cbor/write_error.hpp>
#include <syncline/wire/cbor/write_row.hpp>

namespace syncline::wire::cbor {

/// Key of a run's results, behind the places in result_member.
inline constexpr int run_results = static_cast<int>(result_member::names.size());

/// Appends one answer to `out`, which is complete after finish. `out` and the schema's tables must outlive the writer.
class push_answer_writer {
public:
    push_answer_writer(std::string& out, const schema_view& schema, std::string_view owner = {})
        : out_(out), start_(out.size()), schema_(schema), owner_(owner) {
        out_.map(owner.empty() ? 2 : 3).key(answer_member::results).open_array();
    }

    /// Adds a verdict. A row, conflicts, refused and kept fields need `result.table`.
    void add(const operation_result& result) {
        const bool has_values = result.row || (result.overwritten | result.refused | result.kept) != 0;
        SYNCLINE_ASSERT(!has_values || result.table >= 0);
        run header{true, result.outcome, has_values ? result.table : -1, result.row && !result.row->removed, result.overwritten,
                   result.refused, result.kept, {}, {}};
        if (!run_.is_same(header)) begin_run(header);
        const bool has_life = result.incarnation != 1;
        const bool same_time = result.updated_at_ms == run_.history.updated_at_ms.previous();
        out_.map(4u + (result.id.empty() ? 0u : 1u) + (has_life ? 1u : 0u) + (same_time ? 0u : 1u) + (result.permanent ? 0u : 1u) +
                 (result.row ? 1u : 0u) + (result.overwritten != 0 ? 1u : 0u) + (result.problem ? 1u : 0u));
        out_.key(result_member::seq).integer(run_.seq.difference(result.seq));
        out_.key(result_member::digest).word(result.digest);
        out_.key(result_member::local).id(result.local.view());
        if (!result.id.empty()) out_.key(result_member::id).id(result.id.view());
        write_version(out_.key(result_member::version), result.version, run_.history.version);
        if (has_life) out_.key(result_member::incarnation).integer(result.incarnation);
        if (!same_time)
            out_.key(result_member::updated_at).integer(run_.history.updated_at_ms.difference(result.updated_at_ms));
        if (!result.permanent) out_.key(result_member::permanent).boolean(false);
        if (result.row) {
            // Against its own result, so that a reader may pass it over.
            row_history of_result = run_.history;
            write_row(out_.key(result_member::row), schema_[result.table], *result.row, of_result);
        }
        if (result.overwritten != 0) write_cells(out_.key(result_member::conflicts), result.lost, result.overwritten);
        if (result.problem) write_problem(out_.key(result_member::problem), result.problem);
    }

    /// Bytes of the whole answer so far.
    [[nodiscard]] std::size_t size() const noexcept { return out_.size() - start_; }

    /// `version`: the owner's newest version after the push.
    void finish(row_version version) {
        if (run_.is_open) out_.end();
        out_.end().key(answer_member::version).version(version);
        if (!owner_.empty()) out_.key(answer_member::owner).text(owner_);
        out_.finish();
    }

private:
    /// What the results of a run have in common, and what the next one differs from.
    struct run {
        bool is_open = false;
        verdict outcome = verdict::rejected;
        int table = -1;
        bool has_fields = false;
        column_mask overwritten = 0;
        column_mask refused = 0;
        column_mask kept = 0;
        running_number seq;
        row_history history;

        [[nodiscard]] bool is_same(const run& other) const noexcept {
            return is_open == other.is_open && outcome == other.outcome && table == other.table && has_fields == other.has_fields &&
                   overwritten == other.overwritten && refused == other.refused && kept == other.kept;
        }
    };

    void begin_run(const run& header) {
        if (run_.is_open) out_.end();
        run_ = header;
        out_.map(2u + (run_.table < 0 ? 0u : 1u) + (run_.has_fields ? 1u : 0u) + (run_.overwritten != 0 ? 1u : 0u) +
                 (run_.refused != 0 ? 1u : 0u) + (run_.kept != 0 ? 1u : 0u));
        out_.key(result_member::outcome).text(name_of(run_.outcome));
        if (run_.table >= 0) {
            const table_view& table = schema_[run_.table];
            out_.key(result_member::entity).text(table.entity);
            if (run_.has_fields) write_names(out_.key(result_member::row), table, table.all_columns());
            if (run_.overwritten != 0) write_names(out_.key(result_member::conflicts), table, run_.overwritten);
            if (run_.refused != 0) write_names(out_.key(result_member::refused), table, run_.refused);
            if (run_.kept != 0) write_names(out_.key(result_member::kept), table, run_.kept);
        }
        out_.key(run_results).open_array();
    }

    sink out_;
    std::size_t start_;
    schema_view schema_;
    std::string owner_;
    run run_;
};

}  // namespace syncline::wire::cbor
