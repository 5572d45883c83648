#include <syncline/server/id_table.hpp>

#include <map>
#include <string>

#include <support/catch.hpp>
#include <syncline/base/random.hpp>

using namespace syncline;

TEST_CASE("a table of ids does what a map does, also where hashes are the same") {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        random_source random(seed);
        const bool crowded = seed % 2 == 0;
        const auto hash_of = [&](int key) { return crowded ? (hash_of_id(std::to_string(key)) & 7u) | 8u : hash_of_id(std::to_string(key)); };
        id_table<int> table;
        std::map<int, int> model;
        for (int step = 0; step < 2'000; ++step) {
            const int key = static_cast<int>(random.below(60));
            const int* const found = table.find(hash_of(key), [&](int value) { return value == key; });
            REQUIRE((found != nullptr) == model.contains(key));
            if (found == nullptr) {
                table.insert(hash_of(key), key);
                model.emplace(key, key);
            } else if (random.chance(1, 2)) {
                table.erase(hash_of(key), key);
                model.erase(key);
            }
        }
    }
}

TEST_CASE("every byte of an id and its length count in its hash") {
    for (const std::size_t size : {0u, 1u, 7u, 8u, 9u, 16u, 26u, 36u, 40u}) {
        const std::string id(size, 'a');
        CHECK(hash_of_id(id) != 0);
        CHECK(hash_of_id(id) != hash_of_id(id + 'a'));
        CHECK(hash_of_id(id) != hash_of_id(id, 1));
        for (std::size_t i = 0; i < size; ++i) {
            std::string other = id;
            other[i] = 'b';
            CHECK(hash_of_id(id) != hash_of_id(other));
        }
    }
}
