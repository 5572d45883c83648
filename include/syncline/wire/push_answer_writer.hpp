/// Writes the answer to a push, one verdict after the other.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <syncline/wire/cbor/push_answer_writer.hpp>
#include <syncline/wire/encoding.hpp>
#include <syncline/wire/json/push_answer_writer.hpp>

namespace syncline::wire {

/// Appends one answer to `out`, which is complete after finish. `out` and the schema's tables must outlive the writer.
class push_answer_writer {
public:
    /// `owner`: the owner that the token stands for; empty if the request named it.
    push_answer_writer(std::string& out, const schema_view& schema, encoding form = encoding::json, std::string_view owner = {}) {
        if (form == encoding::cbor) cbor_.emplace(out, schema, owner);
        else json_.emplace(out, schema, owner);
    }

    /// Adds a verdict. A row, conflicts and refused fields need `result.table`.
    void add(const operation_result& result) { cbor_ ? cbor_->add(result) : json_->add(result); }

    /// Bytes of the whole answer so far.
    [[nodiscard]] std::size_t size() const noexcept { return cbor_ ? cbor_->size() : json_->size(); }

    /// `version`: the owner's newest version after the push.
    void finish(row_version version) { cbor_ ? cbor_->finish(version) : json_->finish(version); }

private:
    std::optional<json::push_answer_writer> json_;
    std::optional<cbor::push_answer_writer> cbor_;
};

}  // namespace syncline::wire
