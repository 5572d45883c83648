#include <iostream>

#include <syncline/stores/sqlite.hpp>

#include "note.hpp"

int main() {
    syncline::sqlite_store store(":memory:", schema::view(), {.owner = "ann"});
    std::cout << "SQLite " << sqlite3_libversion() << ", " << store.schema().size() << " table\n";
}
