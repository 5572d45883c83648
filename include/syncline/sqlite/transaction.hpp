/// A transaction of a connection: an outermost one, or a savepoint inside one that is already open.
#pragma once

#include <string>
#include <utility>

#include <syncline/sqlite/statement.hpp>

namespace syncline::sqlite {

enum class transaction_mode : std::uint8_t {
    read,  ///< one consistent state, no lock against writers
    write  ///< waits for other writers, at most the busy timeout
};

/// Begins, commits and rolls back with statements that are prepared once for each connection.
class transaction_statements {
public:
    explicit transaction_statements(const connection& database) noexcept : database_(database) {}

    /// Begins. True for an outermost transaction, false for a savepoint, because one was open: ours or the application's.
    [[nodiscard]] bool begin(transaction_mode mode) {
        if (database_.in_transaction()) {
            prepared(savepoint, "SAVEPOINT syncline").run();
            return false;
        }
        if (mode == transaction_mode::write) prepared(begin_write, "BEGIN IMMEDIATE").run();
        else prepared(begin_read, "BEGIN").run();
        return true;
    }

    /// Commits what begin() began. Throws store_error when SQLite refuses; the transaction is then still to be rolled back.
    void commit(bool outermost) {
        if (!database_.in_transaction()) throw store_error("SQLite: the transaction was rolled back because a statement in it failed");
        if (outermost) prepared(end_outermost, "COMMIT").run();
        else prepared(release, "RELEASE syncline").run();
    }

    /// Undoes what begin() began; never throws, because SQLite rolls back by itself what cannot be rolled back.
    void roll_back(bool outermost) noexcept {
        if (!database_.in_transaction()) return;
        try {
            if (outermost) {
                prepared(undo_outermost, "ROLLBACK").run();
            } else {
                prepared(undo, "ROLLBACK TO syncline").run();
                prepared(release, "RELEASE syncline").run();
            }
        } catch (const store_error&) {
            sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
        }
    }

private:
    enum slot : std::size_t { savepoint, begin_write, begin_read, end_outermost, release, undo_outermost, undo };

    statement& prepared(slot which, const char* sql) {
        return statements_.at(database_, which, [sql] { return std::string_view(sql); });
    }

    const connection& database_;
    statement_cache statements_;
};

}  // namespace syncline::sqlite
