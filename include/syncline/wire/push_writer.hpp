/// Writes a push operation by operation, so that the sender can stop at a bound of bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <syncline/wire/cbor/push_writer.hpp>
#include <syncline/wire/encoding.hpp>
#include <syncline/wire/json/push_writer.hpp>

namespace syncline::wire {

/// Appends one push to `out`, which is complete after finish. `out` and the schema's tables must outlive the writer.
class push_writer {
public:
    /// Writes the header; `header.operations` are not looked at.
    push_writer(std::string& out, const schema_view& schema, const push_request& header, encoding form = encoding::json) {
        if (form == encoding::cbor) cbor_.emplace(out, schema, header);
        else json_.emplace(out, schema, header);
    }

    /// Adds an operation of a table of the schema. Its cells are read now and not kept.
    void add(const sent_operation& sent) { cbor_ ? cbor_->add(sent) : json_->add(sent); }

    /// Bytes of the whole push if it were finished now.
    [[nodiscard]] std::size_t size() const noexcept { return cbor_ ? cbor_->size() : json_->size(); }
    [[nodiscard]] std::size_t count() const noexcept { return cbor_ ? cbor_->count() : json_->count(); }

    void finish() { cbor_ ? cbor_->finish() : json_->finish(); }

private:
    std::optional<json::push_writer> json_;
    std::optional<cbor::push_writer> cbor_;
};

}  // namespace syncline::wire
