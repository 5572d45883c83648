/// Writes a push operation by operation, so that the sender can stop at a bound of bytes.
#pragma once

#include <cstddef>
#include <string>

#include <syncline/wire/messages.hpp>
#include <syncline/wire/json/write_row.hpp>

namespace syncline::wire::json {

/// Appends one push to `out`, which is complete after finish. `out` and the schema's tables must outlive the writer.
class push_writer {
public:
    /// Writes the header; `header.operations` are not looked at.
    push_writer(std::string& out, const schema_view& schema, const push_request& header)
        : out_(out), start_(out.size()), schema_(schema) {
        out_.raw(R"({"protocol":)").integer(header.protocol);
        if (header.schema) out_.raw(R"(,"schema":)").hexadecimal(*header.schema);
        if (!header.owner.empty()) out_.raw(R"(,"owner":)").text(header.owner);
        out_.raw(R"(,"device":)").text(header.device);
        out_.raw(R"(,"acknowledged":)").integer(header.acknowledged);
        if (!header.cursor.empty()) out_.raw(R"(,"cursor":)").text(header.cursor);
        if (header.atomic) out_.raw(R"(,"atomic":true)");
        out_.raw(R"(,"operations":[)");
    }

    /// Adds an operation of a table of the schema. Its cells are read now and not kept.
    void add(const sent_operation& sent) {
        const operation& op = sent.op;
        const table_view& table = schema_[op.table];
        out_.raw(count_++ == 0 ? std::string_view(R"({"seq":)") : std::string_view(R"(,{"seq":)")).integer(op.seq);
        if (sent.digest) out_.raw(R"(,"digest":)").hexadecimal(*sent.digest);
        out_.raw(R"(,"op":")").raw(name_of(op.kind));
        out_.raw(R"(","entity":)").text(table.entity);
        out_.raw(R"(,"localId":)").text(op.id.view());
        if (!sent.id.empty()) out_.raw(R"(,"id":)").text(sent.id.view());
        if (op.incarnation != 1) out_.raw(R"(,"incarnation":)").integer(op.incarnation);
        if (!op.base_version.is_none()) out_.raw(R"(,"baseVersion":)").version(op.base_version);
        if (op.group != 0) out_.raw(R"(,"group":)").integer(op.group);
        if (op.values.mask != 0) write_object(R"(,"fields":{)", table, op.values.after, op.values.mask);
        if (op.values.before_mask != 0) {
            const bool creates = op.kind == operation_kind::create;
            write_object(creates ? R"(,"edited":{)" : R"(,"before":{)", table, op.values.before, op.values.before_mask);
        }
        out_.raw('}');
    }

    /// Bytes of the whole push if it were finished now.
    [[nodiscard]] std::size_t size() const noexcept { return out_.size() - start_ + 2; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    void finish() { out_.raw("]}").finish(); }

private:
    void write_object(std::string_view opening, const table_view& table, cells values, column_mask mask) {
        out_.raw(opening);
        write_fields(out_, table, values, mask, true);
        out_.raw('}');
    }

    sink out_;
    std::size_t start_;
    std::size_t count_ = 0;
    schema_view schema_;
};

}  // namespace syncline::wire::json
