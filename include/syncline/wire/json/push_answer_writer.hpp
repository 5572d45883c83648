/// Writes the answer to a push, one verdict after the other.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <syncline/wire/messages.hpp>
#include <syncline/wire/json/write_error.hpp>
#include <syncline/wire/json/write_row.hpp>

namespace syncline::wire::json {

/// Appends one answer to `out`, which is complete after finish. `out` and the schema's tables must outlive the writer.
class push_answer_writer {
public:
    push_answer_writer(std::string& out, const schema_view& schema, std::string_view owner = {})
        : out_(out), start_(out.size()), schema_(schema), owner_(owner) {
        out_.raw(R"({"results":[)");
    }

    /// Adds a verdict. A row, conflicts, refused and kept fields need `result.table`.
    void add(const operation_result& result) {
        out_.raw(is_first_ ? std::string_view(R"({"seq":)") : std::string_view(R"(,{"seq":)")).integer(result.seq);
        is_first_ = false;
        out_.raw(R"(,"digest":)").hexadecimal(result.digest);
        out_.raw(R"(,"verdict":")").raw(name_of(result.outcome)).raw('"');
        const bool has_values = result.row || (result.overwritten | result.refused | result.kept) != 0;
        SYNCLINE_ASSERT(!has_values || result.table >= 0);
        if (has_values) out_.raw(R"(,"entity":)").text(schema_[result.table].entity);
        out_.raw(R"(,"localId":)").text(result.local.view());
        if (!result.id.empty()) out_.raw(R"(,"id":)").text(result.id.view());
        out_.raw(R"(,"version":)").version(result.version);
        out_.raw(R"(,"incarnation":)").integer(result.incarnation);
        out_.raw(R"(,"updatedAt":)").integer(result.updated_at_ms);
        if (result.outcome == verdict::rejected || !result.permanent) out_.raw(R"(,"permanent":)").boolean(result.permanent);
        if (has_values) write_values(result, schema_[result.table]);
        if (result.problem) {
            out_.raw(R"(,"error":)");
            write_problem(out_, result.problem);
        }
        out_.raw('}');
    }

    /// Bytes of the whole answer so far.
    [[nodiscard]] std::size_t size() const noexcept { return out_.size() - start_; }

    /// `version`: the owner's newest version after the push.
    void finish(row_version version) {
        out_.raw(R"(],"version":)").version(version);
        if (!owner_.empty()) out_.raw(R"(,"owner":)").text(owner_);
        out_.raw('}').finish();
    }

private:
    void write_values(const operation_result& result, const table_view& table) {
        if (result.row) {
            out_.raw(R"(,"row":)");
            write_row(out_, table, *result.row);
        }
        if (result.overwritten != 0) {
            out_.raw(R"(,"conflicts":{)");
            write_fields(out_, table, result.lost, result.overwritten, true);
            out_.raw('}');
        }
        write_names(R"(,"refused":)", table, result.refused);
        write_names(R"(,"kept":)", table, result.kept);
    }

    void write_names(std::string_view key, const table_view& table, column_mask columns) {
        if (columns == 0) return;
        char before = '[';
        out_.raw(key);
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (!has_column(columns, i)) continue;
            out_.raw(before).raw('"').raw(table.columns[i].name).raw('"');
            before = ',';
        }
        out_.raw(']');
    }

    sink out_;
    std::size_t start_;
    bool is_first_ = true;
    schema_view schema_;
    std::string owner_;
};

}  // namespace syncline::wire::json
