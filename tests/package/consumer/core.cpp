#include <iostream>

#include <syncline/stores/memory.hpp>

#include "note.hpp"

int main() {
    syncline::memory_store store(schema::view(), {.owner = "ann"});
    std::cout << store.schema()[0].name << '\n';
}
