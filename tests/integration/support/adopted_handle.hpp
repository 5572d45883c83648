/// Devices whose store lives in a database that the application has open.
#pragma once

#include <memory>
#include <string>

#include <integration/support/world.hpp>

namespace syncline::tests {

/// A store on a handle that the application has open.
struct on_adopted_handle : on_sqlite {
    struct store_type : private sqlite::connection, public sqlite_store {
        store_type(const std::string& path, const schema_view& schema, const sqlite_options& options)
            : sqlite::connection(sqlite::connection::open(path)), sqlite_store(sqlite::connection::handle(), schema, options) {}
        using sqlite_store::handle;
        using sqlite_store::in_transaction;
    };

    static std::unique_ptr<store_type> open_store(const std::string& path, const schema_view& schema, const std::string& owner) {
        return std::make_unique<store_type>(path, schema, sqlite_options{.owner = owner});
    }
};

template <class Device>
void execute(Device& one, const std::string& sql) {
    REQUIRE(sqlite3_exec(one.store().handle(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
}

}  // namespace syncline::tests
