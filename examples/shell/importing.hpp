/// The command import: an application's own file, or rows of one entity from a CSV file.
#pragma once

#include <cstddef>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <shell/csv.hpp>
#include <shell/progress.hpp>
#include <shell/writing.hpp>

namespace shell {

/// What an import did: a word and a number, several times.
using import_counts = std::vector<std::pair<std::string, std::size_t>>;

/// Called now and then with records done and their total.
using import_progress = std::function<void(std::size_t, std::size_t)>;

/// Reads a file of the application's own form into the store, in one transaction. Throws std::runtime_error, with the record's
/// number, for a file that cannot be read whole.
using file_importer = std::function<import_counts(const std::string& path, const import_progress& progress)>;

namespace detail {

class row_importer {
public:
    row_importer(syncline::sqlite_store& store, row_writer& rows, int table) : store_(store), rows_(rows), table_(table) {}

    /// Writes the file's rows in one transaction. Keys are whole ids, of rows in the store or anywhere in the file.
    std::size_t run(const std::string& path, const import_progress& progress) {
        const std::vector<std::vector<std::string>> records = read(path);
        if (records.empty()) throw command_failed(path + " is empty: its first line must name the fields");
        record_ = 1;
        for (const std::string& name : records.front()) columns_.push_back(name == "id" ? id_column : static_cast<int>(column_named(description(), name)));
        rows_.transaction([&] {
            for (record_ = 2; record_ <= records.size(); ++record_) {
                const std::vector<std::string>& record = records[record_ - 1];
                const bool blank = record.size() == 1 && record.front().empty() && columns_.size() > 1;
                if (!blank) write(record);
                progress(record_ - 1, records.size() - 1);
            }
            for (const open_key& key : open_keys_) {
                record_ = key.record;
                syncline::row_state state;
                const syncline::column_view& column = description().columns[key.column];
                if (!store_.find_state(column.target, key.target, state))
                    throw command_failed("no " + std::string(store_.schema()[column.target].entity) + " '" + key.target.str() + "', which " +
                                         std::string(column.name) + " points at");
            }
        });
        return written_;
    }

    /// The record that is being written, for messages; the names of fields are the first.
    [[nodiscard]] std::size_t record() const noexcept { return record_; }

private:
    static constexpr int id_column = -1;

    struct open_key {
        std::size_t record;
        std::size_t column;
        syncline::local_id target;
    };

    [[nodiscard]] const syncline::table_view& description() const { return store_.schema()[table_]; }

    [[nodiscard]] std::vector<std::vector<std::string>> read(const std::string& path) {
        std::ifstream in(path, std::ios::binary);
        if (!in) throw command_failed("cannot open " + path);
        std::vector<std::vector<std::string>> records;
        for (std::vector<std::string> cells; record_ = records.size() + 1, read_record(in, cells);) records.push_back(cells);
        if (in.bad()) throw command_failed("cannot read " + path);
        return records;
    }

    void write(const std::vector<std::string>& record) {
        if (record.size() != columns_.size())
            throw command_failed("has " + std::to_string(record.size()) + " values for " + std::to_string(columns_.size()) + " fields");
        field_values values(description());
        syncline::local_id id;
        for (std::size_t i = 0; i < record.size(); ++i) {
            if (columns_[i] == id_column) {
                id = chosen_id(record[i]);
                continue;
            }
            const auto place = static_cast<std::size_t>(columns_[i]);
            const syncline::column_view& column = description().columns[place];
            if (column.kind == syncline::column_kind::key && !record[i].empty()) {
                const syncline::local_id target = chosen_id(record[i]);
                values.set(place, syncline::cell::local_key(values.bytes.keep(target.view())));
                open_keys_.push_back({record_, place, target});
            } else {
                values.set(place, read_field(column, record[i], values.bytes));
            }
        }
        require_keys(description(), values.mask);
        rows_.create(table_, id, values);
        ++written_;
    }

    syncline::sqlite_store& store_;
    row_writer& rows_;
    int table_;
    std::vector<int> columns_;
    std::vector<open_key> open_keys_;
    std::size_t record_ = 0;
    std::size_t written_ = 0;
};

inline void print_counts(const import_counts& counts, bool json) {
    if (json) {
        json_text out;
        out.begin('{');
        for (const auto& [what, count] : counts) out.name(what).count(count);
        out.end('}').print();
        return;
    }
    std::string text;
    for (const auto& [what, count] : counts) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + what;
    std::printf("imported %s\n", text.c_str());
}

}  // namespace detail

inline int import_rows(syncline::sqlite_store& store, row_writer& rows, const file_importer& own_form, const arguments& given) {
    progress_display bar(given.program);
    const import_progress progress = [&](std::size_t done, std::size_t total) {
        if (done % 100 == 0 || done == total) bar.show("imported", done, total);
    };
    if (given.import_from.size() == 1) {
        const import_counts counts = own_form(given.import_from.front(), progress);
        bar.end();
        detail::print_counts(counts, given.json);
        return exit_done;
    }
    const int table = table_named(store.schema(), given.import_from[0]);
    detail::row_importer importer(store, rows, table);
    const std::string& path = given.import_from[1];
    try {
        const std::size_t count = importer.run(path, progress);
        bar.end();
        detail::print_counts({{std::string(store.schema()[table].name), count}}, given.json);
    } catch (const std::exception& problem) {
        bar.end();
        if (importer.record() == 0) throw;
        throw command_failed(path + ", record " + std::to_string(importer.record()) + ": " + problem.what() + "; nothing was imported");
    }
    return exit_done;
}

}  // namespace shell
