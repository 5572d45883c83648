/// Writes a page from rows in any order; the rows of each table come together.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <syncline/wire/cbor/page_writer.hpp>
#include <syncline/wire/encoding.hpp>
#include <syncline/wire/json/page_writer.hpp>

namespace syncline::wire {

/// Appends one page to `out` when it is finished. `out` and the schema's tables must outlive the writer.
class page_writer {
public:
    page_writer(std::string& out, const schema_view& schema, encoding form = encoding::json) {
        if (form == encoding::cbor) cbor_.emplace(out, schema);
        else json_.emplace(out, schema);
    }

    /// Adds a row of a table of the schema. Its cells are read now and not kept.
    void add(const server_row_view& row) { cbor_ ? cbor_->add(row) : json_->add(row); }

    /// Bytes of the rows so far.
    [[nodiscard]] std::size_t size() const noexcept { return cbor_ ? cbor_->size() : json_->size(); }
    [[nodiscard]] std::size_t count() const noexcept { return cbor_ ? cbor_->count() : json_->count(); }

    /// `owner`: the owner that the token stands for; empty if the request named it.
    void finish(std::string_view cursor, bool more, bool snapshot, const included_operations& includes, std::string_view owner = {}) {
        cbor_ ? cbor_->finish(cursor, more, snapshot, includes, owner) : json_->finish(cursor, more, snapshot, includes, owner);
    }

private:
    std::optional<json::page_writer> json_;
    std::optional<cbor::page_writer> cbor_;
};

}  // namespace syncline::wire
