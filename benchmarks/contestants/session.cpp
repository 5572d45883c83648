/// SQLite's session extension: changesets recorded while writing, carried as bytes, applied at the server and at other devices.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../shared/sqlite.hpp"
#include "../shared/works.hpp"

namespace benchmarks::extension {
namespace {

void require_ok(int code, const char* doing) {
    if (code != SQLITE_OK) throw failure("SQLite's session extension: " + std::string(doing) + ": " + sqlite3_errstr(code));
}

/// The rows alone: no column for sync, no foreign keys, as in the bare limit.
void create_tables(const database& into) {
    dataset none;
    for_each_table(none, [&]<class Row>(const std::vector<Row>&) {
        std::string columns = "id TEXT PRIMARY KEY NOT NULL";
        for_each_field<Row>([&](auto, const auto& one) {
            columns += ", " + identifier(one.name) + " " + std::string(sql_type(Row().*one.member)) + " NOT NULL";
        });
        into.execute("CREATE TABLE " + identifier(table<Row>::name) + "(" + columns + ")");
    });
}

[[nodiscard]] dataset read_rows(const database& from) {
    dataset data;
    for_each_table(data, [&]<class Row>(std::vector<Row>& rows) {
        statement select = from.prepare("SELECT id" + field_list<Row>() + " FROM " + identifier(table<Row>::name) + " ORDER BY id");
        while (select.step()) {
            Row& row = rows.emplace_back();
            select.read(0, row.id);
            read_fields(select, 1, row);
        }
    });
    return data;
}

/// The change that is applied wins; different fields of one row are no conflict to the extension.
int resolve(void*, int kind, sqlite3_changeset_iter*) {
    return kind == SQLITE_CHANGESET_DATA || kind == SQLITE_CHANGESET_CONFLICT ? SQLITE_CHANGESET_REPLACE : SQLITE_CHANGESET_OMIT;
}

/// In the caller's transaction.
void apply_changeset(const database& into, const std::string& changeset) {
    // The interface takes the bytes as not constant and does not change them.
    void* const bytes = const_cast<char*>(changeset.data());
    require_ok(sqlite3changeset_apply(into.handle(), static_cast<int>(changeset.size()), bytes, nullptr, resolve, nullptr),
               "a changeset was not applied");
}

/// A database of the server's own, and every changeset it was sent, in memory.
class world {
public:
    world() : database_(":memory:") { create_tables(database_); }

    void push(const std::string& origin, std::string changeset) {
        moved_.to_server += changeset.size();
        database_.begin();
        apply_changeset(database_, changeset);
        database_.commit();
        log_.push_back({origin, std::move(changeset)});
    }

    /// Calls `take(changeset)` for each changeset of others since `next`, which is moved on.
    template <class Take>
    void pull(const std::string& reader, std::size_t& next, Take&& take) {
        moved_.to_server += sizeof next;
        for (; next < log_.size(); ++next) {
            if (log_[next].origin == reader) continue;
            const std::string received = log_[next].changeset;
            moved_.from_server += received.size();
            take(received);
        }
    }

    [[nodiscard]] const traffic& moved() const noexcept { return moved_; }
    [[nodiscard]] dataset rows() const { return read_rows(database_); }

private:
    struct entry {
        std::string origin;
        std::string changeset;
    };

    database database_;
    std::vector<entry> log_;
    traffic moved_;
};

class device {
public:
    device(world& server, const device_place& place) : server_(server), name_(place.name), database_(place.path) {
        create_tables(database_);
        database_.execute("CREATE TABLE sync_meta(name TEXT PRIMARY KEY NOT NULL, value NOT NULL) WITHOUT ROWID");
        put_place_ = database_.prepare(
            "INSERT INTO sync_meta(name, value) VALUES ('place', ?1) ON CONFLICT(name) DO UPDATE SET value = excluded.value");
        record();
    }

    template <class Write>
    void transaction(Write&& write) {
        database_.begin();
        std::forward<Write>(write)();
        database_.commit();
    }
    template <class Row>
    void create(const Row& row) {
        statement& insert = std::get<statements<Row>>(statements_).insert;
        if (!insert)
            insert = database_.prepare("INSERT INTO " + identifier(table<Row>::name) + "(id" + field_list<Row>() + ") VALUES (?1" +
                                       parameter_list(2, static_cast<int>(field_count<Row>)) + ")");
        insert.bind(1, row.id);
        bind_fields(insert, 2, row);
        insert.run();
    }
    template <class Row>
    void edit(const Row& row, edit_kind kind, std::size_t) {
        const field_mask mask = mask_of<Row>(kind);
        for_each_field<Row>([&](auto index, const auto& one) {
            if (!has_field(mask, index)) return;
            statement& update = std::get<statements<Row>>(statements_).updates[index];
            if (!update)
                update = database_.prepare("UPDATE " + identifier(table<Row>::name) + " SET " + identifier(one.name) +
                                           " = ?2 WHERE id = ?1");
            update.bind(1, row.id);
            update.bind(2, row.*one.member);
            update.run();
        });
    }

    void sync() {
        if (sqlite3session_isempty(session_.get()) == 0) {
            server_.push(name_, recorded());
            record();
        }
        server_.pull(name_, place_, [&](const std::string& changeset) {
            sqlite3session_enable(session_.get(), 0);
            database_.begin();
            apply_changeset(database_, changeset);
            put_place_.bind(1, static_cast<std::int64_t>(place_ + 1));
            put_place_.run();
            database_.commit();
            sqlite3session_enable(session_.get(), 1);
        });
    }

    /// Rows in the changeset that would be sent now.
    [[nodiscard]] std::size_t pending() {
        if (sqlite3session_isempty(session_.get()) != 0) return 0;
        std::string changeset = recorded();
        sqlite3_changeset_iter* changes = nullptr;
        require_ok(sqlite3changeset_start(&changes, static_cast<int>(changeset.size()), changeset.data()),
                   "a changeset cannot be read");
        std::size_t count = 0;
        while (sqlite3changeset_next(changes) == SQLITE_ROW) ++count;
        require_ok(sqlite3changeset_finalize(changes), "a changeset cannot be read to its end");
        return count;
    }
    [[nodiscard]] dataset rows() const { return read_rows(database_); }

private:
    template <class Row>
    struct statements {
        statement insert;
        std::array<statement, field_count<Row>> updates;
    };
    struct session_end {
        void operator()(sqlite3_session* ended) const noexcept { sqlite3session_delete(ended); }
    };

    /// Starts anew: what was recorded so far is forgotten.
    void record() {
        session_.reset();
        sqlite3_session* fresh = nullptr;
        require_ok(sqlite3session_create(database_.handle(), "main", &fresh), "a session cannot be created");
        session_.reset(fresh);
        for (const std::string_view name : table_names)
            require_ok(sqlite3session_attach(fresh, std::string(name).c_str()), "a table cannot be attached");
    }
    [[nodiscard]] std::string recorded() {
        int size = 0;
        void* bytes = nullptr;
        require_ok(sqlite3session_changeset(session_.get(), &size, &bytes), "the changeset cannot be made");
        std::string changeset(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
        sqlite3_free(bytes);
        return changeset;
    }

    world& server_;
    std::string name_;
    database database_;
    std::tuple<statements<exercise>, statements<workout>, statements<workout_exercise>, statements<workout_set>> statements_;
    statement put_place_;
    std::unique_ptr<sqlite3_session, session_end> session_;
    std::size_t place_ = 0;
};

}  // namespace
}  // namespace benchmarks::extension

int main(int count, char** arguments) {
    using namespace benchmarks;
    const program_description program{"session",
                                      "SQLite's session extension: local writes are recorded in memory, carried as one changeset, "
                                      "and applied at a server database\n"
                                      "in memory and at the other devices. No ids of the server, no foreign keys, no verdicts, no "
                                      "exactly-once; what was recorded\n"
                                      "is lost with the process.",
                                      {},
                                      false};
    const settings chosen = read_settings(count, arguments, program);
    return report_round(program, chosen, [&] {
        extension::world server;
        return round_of_work<extension::device, extension::device, extension::world>(server, chosen).run();
    });
}
