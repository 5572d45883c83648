/// Writes a page as CBOR: the rows of each table are one run, which grows in a buffer of its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/wire/cbor/write_row.hpp>
#include <syncline/wire/page_members.hpp>

namespace syncline::wire::cbor {

/// Keys of a run of a page.
struct page_run {
    enum place : int { table, fields, rows };
    static constexpr std::array<std::string_view, 3> names{"table", "fields", "rows"};
    static constexpr std::uint32_t required = 1u << table | 1u << fields | 1u << rows;
};

/// Appends one page to `out` when it is finished. `out` and the schema's tables must outlive the writer.
class page_writer {
public:
    page_writer(std::string& out, const schema_view& schema) : out_(out), schema_(schema), texts_(schema.tables.size()) {
        runs_.reserve(texts_.size());
        for (std::string& text : texts_) runs_.push_back({sink(text), {}});
    }
    page_writer(const page_writer&) = delete;
    page_writer& operator=(const page_writer&) = delete;

    /// Adds a row of a table of the schema. Its cells are read now and not kept.
    void add(const server_row_view& row) {
        run& taker = runs_[static_cast<std::size_t>(row.table)];
        const std::size_t before = taker.rows.size();
        write_row(taker.rows, schema_[row.table], row, taker.history);
        size_ += taker.rows.size() - before;
        ++count_;
    }

    /// Bytes of the rows so far.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    void finish(std::string_view cursor, bool more, bool snapshot, const included_operations& includes, std::string_view owner = {}) {
        sink out(out_);
        out.map(4u + (snapshot ? 1u : 0u) + (owner.empty() ? 0u : 1u)).key(page_member::changes).open_array();
        for (std::size_t table = 0; table < runs_.size(); ++table)
            if (runs_[table].rows.size() != 0) write_run(out, schema_.tables[table], runs_[table].rows.view());
        out.end().key(page_member::last_sync).text(cursor).key(page_member::more).boolean(more);
        out.key(page_member::includes).map(2).key(includes_member::floor).integer(includes.floor);
        out.key(includes_member::above).array(includes.above.size());
        for (const sequence seq : includes.above) out.integer(seq);
        if (snapshot) out.key(page_member::snapshot).boolean(true);
        if (!owner.empty()) out.key(page_member::owner).text(owner);
        out.finish();
    }

private:
    struct run {
        sink rows;
        row_history history;
    };

    static void write_run(sink& out, const table_view& table, std::string_view rows) {
        out.map(3).key(page_run::table).text(table.name);
        write_names(out.key(page_run::fields), table, table.all_columns());
        out.key(page_run::rows).open_array().raw(rows).end();
    }

    std::string& out_;
    schema_view schema_;
    std::vector<std::string> texts_;
    std::vector<run> runs_;
    std::size_t size_ = 0;
    std::size_t count_ = 0;
};

}  // namespace syncline::wire::cbor
