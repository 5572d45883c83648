/// Prepared statements: values bound without copies, columns read as views, and a cache that prepares each once.
#pragma once

#include <sqlite3.h>

#include <cmath>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include <syncline/model/cell.hpp>
#include <syncline/sqlite/connection.hpp>

namespace syncline::sqlite {

/// Move-only. Parameters count from 1 and columns from 0, as in SQLite. Every failure is a store_error.
class statement {
public:
    statement() noexcept = default;

    /// Prepares one statement, to be used many times.
    statement(const connection& database, std::string_view sql) {
        const int code = sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                            &handle_, nullptr);
        if (code != SQLITE_OK) fail(database.handle(), code, "cannot prepare a statement");
    }

    statement(statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    statement& operator=(statement&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~statement() { sqlite3_finalize(handle_); }

    [[nodiscard]] explicit operator bool() const noexcept { return handle_ != nullptr; }
    [[nodiscard]] sqlite3_stmt* handle() const noexcept { return handle_; }

    void bind_null(int parameter) { check(sqlite3_bind_null(handle_, parameter)); }
    void bind_integer(int parameter, std::int64_t value) { check(sqlite3_bind_int64(handle_, parameter, value)); }
    void bind_real(int parameter, double value) {
        // SQLite would store NULL in silence.
        if (std::isnan(value)) throw store_error("SQLite: a value that is not a number cannot be stored");
        check(sqlite3_bind_double(handle_, parameter, value));
    }
    /// The text must live until the statement has run.
    void bind_text(int parameter, std::string_view value) {
        check(sqlite3_bind_text64(handle_, parameter, start_of(value), value.size(), SQLITE_STATIC, SQLITE_UTF8));
    }
    /// The bytes must live until the statement has run.
    void bind_blob(int parameter, std::string_view value) {
        check(sqlite3_bind_blob64(handle_, parameter, start_of(value), value.size(), SQLITE_STATIC));
    }
    /// An empty text is bound as null.
    void bind_text_or_null(int parameter, std::string_view value) {
        if (value.empty()) bind_null(parameter);
        else bind_text(parameter, value);
    }
    /// Empty bytes are bound as null.
    void bind_blob_or_null(int parameter, std::string_view value) {
        if (value.empty()) bind_null(parameter);
        else bind_blob(parameter, value);
    }
    /// The cell's text must live until the statement has run.
    void bind_cell(int parameter, const cell& value) {
        switch (value.kind()) {
            case cell_kind::null: return bind_null(parameter);
            case cell_kind::boolean:
            case cell_kind::integer: return bind_integer(parameter, value.as_integer());
            case cell_kind::real: return bind_real(parameter, value.as_real());
            case cell_kind::bytes: return bind_blob(parameter, value.view());
            default: return bind_text(parameter, value.view());
        }
    }

    /// True when there is a row to read, false at the end. After an error the statement is reset.
    [[nodiscard]] bool step() {
        const int code = sqlite3_step(handle_);
        if (code == SQLITE_ROW) return true;
        if (code == SQLITE_DONE) return false;
        throw_after_reset(code);
    }
    /// Runs to the end and resets: for statements that return nothing.
    void run() {
        const int code = sqlite3_step(handle_);
        if (code != SQLITE_DONE && code != SQLITE_ROW) throw_after_reset(code);
        sqlite3_reset(handle_);
    }
    void reset() noexcept { sqlite3_reset(handle_); }

    /// SQLITE_NULL, SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT or SQLITE_BLOB.
    [[nodiscard]] int type(int column) const noexcept { return sqlite3_column_type(handle_, column); }
    [[nodiscard]] bool is_null(int column) const noexcept { return type(column) == SQLITE_NULL; }
    [[nodiscard]] std::int64_t integer(int column) const noexcept { return sqlite3_column_int64(handle_, column); }
    [[nodiscard]] double real(int column) const noexcept { return sqlite3_column_double(handle_, column); }
    /// Text or bytes, valid until the next step or reset; empty for null.
    [[nodiscard]] std::string_view view(int column) const noexcept {
        // A null pointer means no bytes, and the size must be asked for after the pointer.
        const void* const bytes = sqlite3_column_blob(handle_, column);
        const int size = sqlite3_column_bytes(handle_, column);
        return bytes == nullptr ? std::string_view("", 0) : std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
    }

    /// The same, in one step for null, where null is what most rows have.
    [[nodiscard]] std::string_view view_or_empty(int column) const noexcept {
        return is_null(column) ? std::string_view("", 0) : view(column);
    }

private:
    // SQLite takes a null pointer for null, also where the size is 0.
    static const char* start_of(std::string_view value) noexcept { return value.empty() ? "" : value.data(); }

    void check(int code) const {
        if (code != SQLITE_OK) fail(sqlite3_db_handle(handle_), code, "cannot bind a value");
    }
    [[noreturn]] void throw_after_reset(int code) {
        try {
            fail(sqlite3_db_handle(handle_), code, "cannot run a statement");
        } catch (...) {
            sqlite3_reset(handle_);
            throw;
        }
    }

    sqlite3_stmt* handle_ = nullptr;
};

/// One run of a statement: reset when the scope ends, also by an exception, so that no read stays open.
class run_guard {
public:
    explicit run_guard(statement& run) noexcept : run_(run) {}
    run_guard(const run_guard&) = delete;
    run_guard& operator=(const run_guard&) = delete;
    ~run_guard() { run_.reset(); }

private:
    statement& run_;
};

/// Statements by slot number, each prepared at its first use. References stay valid while others are added.
class statement_cache {
public:
    /// `make_sql` is called, with no arguments, only when the slot is still empty.
    template <class MakeSql>
    [[nodiscard]] statement& at(const connection& database, std::size_t slot, MakeSql&& make_sql) {
        if (slot >= slots_.size()) slots_.resize(slot + 1);
        statement& found = slots_[slot];
        if (!found) found = statement(database, std::forward<MakeSql>(make_sql)());
        return found;
    }

    void clear() noexcept { slots_.clear(); }

private:
    std::deque<statement> slots_;
};

}  // namespace syncline::sqlite
