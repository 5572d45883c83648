/// Writes a page from rows in any order: each table's rows grow in a buffer of their own and are joined at the end.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/wire/messages.hpp>
#include <syncline/wire/json/write_row.hpp>

namespace syncline::wire::json {

/// Appends one page to `out` when it is finished. `out` and the schema's tables must outlive the writer.
class page_writer {
public:
    page_writer(std::string& out, const schema_view& schema) : out_(out), schema_(schema), texts_(schema.tables.size()) {
        sinks_.reserve(texts_.size());
        for (std::string& text : texts_) sinks_.emplace_back(text);
    }
    page_writer(const page_writer&) = delete;
    page_writer& operator=(const page_writer&) = delete;

    /// Adds a row of a table of the schema. Its cells are read now and not kept.
    void add(const server_row_view& row) {
        sink& sink = sinks_[static_cast<std::size_t>(row.table)];
        const std::size_t before = sink.size();
        if (before != 0) sink.raw(',');
        write_row(sink, schema_[row.table], row);
        size_ += sink.size() - before;
        ++count_;
    }

    /// Bytes of the rows so far.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    void finish(std::string_view cursor, bool more, bool snapshot, const included_operations& includes, std::string_view owner = {}) {
        sink sink(out_);
        sink.raw(R"({"changes":{)");
        bool is_first = true;
        for (std::size_t table = 0; table < sinks_.size(); ++table) {
            if (sinks_[table].size() == 0) continue;
            sink.raw(is_first ? std::string_view("\"") : std::string_view(",\"")).raw(schema_.tables[table].name).raw("\":[");
            sink.raw(sinks_[table].view()).raw(']');
            is_first = false;
        }
        sink.raw(R"(},"lastSync":)").text(cursor).raw(R"(,"more":)").boolean(more);
        sink.raw(R"(,"includes":{"floor":)").integer(includes.floor).raw(R"(,"above":[)");
        for (std::size_t i = 0; i < includes.above.size(); ++i) {
            if (i != 0) sink.raw(',');
            sink.integer(includes.above[i]);
        }
        sink.raw("]}");
        if (snapshot) sink.raw(R"(,"snapshot":true)");
        if (!owner.empty()) sink.raw(R"(,"owner":)").text(owner);
        sink.raw('}').finish();
    }

private:
    std::string& out_;
    schema_view schema_;
    std::vector<std::string> texts_;
    std::vector<sink> sinks_;
    std::size_t size_ = 0;
    std::size_t count_ = 0;
};

}  // namespace syncline::wire::json
