#include <iostream>

#include <sqlite3.h>

#include <syncline/syncline.hpp>

int main() {
    std::cout << "syncline on SQLite " << sqlite3_libversion() << '\n';
}
