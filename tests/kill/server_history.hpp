/// Every value that the server's rows ever had: triggers in its database write them down in the transaction that makes them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include <syncline/schema/schema_view.hpp>
#include <syncline/sqlite/connection.hpp>
#include <syncline/sqlite/statement.hpp>

namespace kill_nine {

/// A field of a row: table, local id, column. Local ids are unique over all owners here.
using field_name = std::tuple<std::string, std::string, std::string>;

/// To be called once, on a file that a server has made.
inline void record_history(const std::string& server_file, const syncline::schema_view& schema) {
    const auto database = syncline::sqlite::connection::open(server_file, syncline::sqlite::connection_threads::locked);
    database.set_busy_timeout(10'000);
    database.execute("CREATE TABLE history (table_name TEXT, row_id TEXT, field TEXT, value TEXT)");
    for (const syncline::table_view& table : schema.tables)
        for (const syncline::column_view& column : table.columns) {
            const std::string name = std::string(table.name) + "." + std::string(column.name);
            const std::string keep = " BEGIN INSERT INTO history VALUES ('" + std::string(table.name) + "', NEW.localId, '" + std::string(column.name) +
                                     "', NEW." + syncline::sqlite::quoted(column.name) + "); END";
            database.execute("CREATE TRIGGER " + syncline::sqlite::quoted("insert." + name) + " AFTER INSERT ON " + syncline::sqlite::quoted(table.name) + keep);
            database.execute("CREATE TRIGGER " + syncline::sqlite::quoted("update." + name) + " AFTER UPDATE ON " + syncline::sqlite::quoted(table.name) + " WHEN OLD." +
                             syncline::sqlite::quoted(column.name) + " IS NOT NEW." + syncline::sqlite::quoted(column.name) + keep);
        }
}

/// How often each value became the value of its field.
class server_history {
public:
    explicit server_history(const std::string& server_file) {
        const auto database = syncline::sqlite::connection::open(server_file, syncline::sqlite::connection_threads::locked);
        syncline::sqlite::statement all(database, "SELECT table_name, row_id, field, value FROM history");
        while (all.step()) ++times_[{std::string(all.view(0)), std::string(all.view(1)), std::string(all.view(2))}][std::string(all.view(3))];
    }

    [[nodiscard]] int times(const field_name& field, std::string_view value) const {
        const auto values = times_.find(field);
        if (values == times_.end()) return 0;
        const auto found = values->second.find(value);
        return found == values->second.end() ? 0 : found->second;
    }

private:
    std::map<field_name, std::map<std::string, int, std::less<>>> times_;
};

}  // namespace kill_nine
