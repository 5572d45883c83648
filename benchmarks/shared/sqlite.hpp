/// The least that makes SQLite's C interface safe to use: a connection, prepared statements, one transaction at a time.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "verify.hpp"

namespace benchmarks {

class statement {
public:
    statement() noexcept = default;
    statement(sqlite3* database, const std::string& sql) {
        if (sqlite3_prepare_v3(database, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &handle_, nullptr) != SQLITE_OK)
            throw failure("SQLite: " + std::string(sqlite3_errmsg(database)) + " in: " + sql);
    }
    statement(statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    statement& operator=(statement&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~statement() { sqlite3_finalize(handle_); }

    [[nodiscard]] explicit operator bool() const noexcept { return handle_ != nullptr; }

    void bind(int parameter, std::int64_t value) { sqlite3_bind_int64(handle_, parameter, value); }
    void bind(int parameter, double value) { sqlite3_bind_double(handle_, parameter, value); }
    /// The text must live until the statement has run.
    void bind(int parameter, std::string_view value) {
        sqlite3_bind_text(handle_, parameter, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    }
    void bind(int parameter, const std::string& value) { bind(parameter, std::string_view(value)); }
    void bind(int parameter, const id_text& value) {
        if (value.empty())
            sqlite3_bind_null(handle_, parameter);
        else
            bind(parameter, value.view());
    }

    [[nodiscard]] bool step() {
        const int code = sqlite3_step(handle_);
        if (code != SQLITE_ROW && code != SQLITE_DONE) fail();
        return code == SQLITE_ROW;
    }
    /// Runs a statement that returns nothing.
    void run() {
        if (sqlite3_step(handle_) != SQLITE_DONE) fail();
        sqlite3_reset(handle_);
    }
    void reset() noexcept { sqlite3_reset(handle_); }

    void read(int column, std::int64_t& value) const noexcept { value = sqlite3_column_int64(handle_, column); }
    void read(int column, double& value) const noexcept { value = sqlite3_column_double(handle_, column); }
    void read(int column, std::string& value) const { value.assign(view(column)); }
    void read(int column, id_text& value) const noexcept { value = id_text(view(column)); }
    [[nodiscard]] std::string_view view(int column) const noexcept {
        const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
        if (text == nullptr) return {};
        return {text, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
    }

private:
    [[noreturn]] void fail() {
        const std::string message = sqlite3_errmsg(sqlite3_db_handle(handle_));
        sqlite3_reset(handle_);
        throw failure("SQLite: " + message);
    }

    sqlite3_stmt* handle_ = nullptr;
};

/// A connection with the durability of every contestant: write-ahead log, synchronous NORMAL.
class database {
public:
    explicit database(const std::string& path) {
        if (sqlite3_open(path.c_str(), &handle_) != SQLITE_OK) {
            const std::string message = sqlite3_errmsg(handle_);
            sqlite3_close_v2(handle_);
            throw failure("SQLite cannot open " + path + ": " + message);
        }
        execute("PRAGMA journal_mode = WAL");
        execute("PRAGMA synchronous = NORMAL");
        begin_ = statement(handle_, "BEGIN IMMEDIATE");
        commit_ = statement(handle_, "COMMIT");
    }
    database(const database&) = delete;
    database& operator=(const database&) = delete;
    ~database() { sqlite3_close_v2(handle_); }

    [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }
    [[nodiscard]] int changes() const noexcept { return sqlite3_changes(handle_); }
    [[nodiscard]] statement prepare(const std::string& sql) const { return {handle_, sql}; }

    void execute(const std::string& sql) const {
        if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
            throw failure("SQLite: " + std::string(sqlite3_errmsg(handle_)) + " in: " + sql);
    }
    void begin() { begin_.run(); }
    void commit() { commit_.run(); }

private:
    sqlite3* handle_ = nullptr;
    statement begin_;
    statement commit_;
};

/// A name as an SQL identifier.
[[nodiscard]] inline std::string identifier(std::string_view name) { return '"' + std::string(name) + '"'; }

/// `, "first", "second"` for all fields of a row.
template <class Row>
[[nodiscard]] std::string field_list() {
    std::string list;
    for_each_field<Row>([&](auto, const auto& one) { list += ", " + identifier(one.name); });
    return list;
}

/// `, ?FIRST, ?SECOND` for `count` parameters.
[[nodiscard]] inline std::string parameter_list(int first, int count) {
    std::string list;
    for (int i = 0; i < count; ++i) list += ", ?" + std::to_string(first + i);
    return list;
}

template <class Row>
void bind_fields(statement& target, int first, const Row& row) {
    for_each_field<Row>([&](auto index, const auto& one) { target.bind(first + static_cast<int>(index), row.*one.member); });
}

template <class Row>
void read_fields(const statement& source, int first, Row& row) {
    for_each_field<Row>([&](auto index, const auto& one) { source.read(first + static_cast<int>(index), row.*one.member); });
}

}  // namespace benchmarks
