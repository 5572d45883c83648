#include <syncline/server/sequence_set.hpp>

#include <limits>
#include <set>
#include <vector>

#include <support/catch.hpp>
#include <syncline/base/random.hpp>

using namespace syncline;

namespace {
std::vector<sequence> members_of(const sequence_set& set) {
    std::vector<sequence> members;
    set.for_each([&](sequence seq) { members.push_back(seq); });
    return members;
}
}  // namespace

TEST_CASE("an empty set of sequences has nothing") {
    sequence_set set;
    set.remove_up_to(100);
    CHECK(set.empty());
    CHECK(set.first() == 0);
    CHECK_FALSE(set.contains(1));
}

TEST_CASE("a set of sequences takes the greatest and gives it back") {
    constexpr sequence greatest = std::numeric_limits<sequence>::max();
    sequence_set set;
    set.add(std::vector<sequence>{greatest, 1});
    CHECK(members_of(set) == std::vector<sequence>{1, greatest});
    set.remove_up_to(greatest - 1);
    CHECK(set.first() == greatest);
    set.remove_up_to(greatest);
    CHECK(set.empty());
}

TEST_CASE("a set of sequences does what a set of numbers does") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        random_source random(seed);
        const std::uint64_t width = std::uint64_t{1} << random.below(20);
        sequence_set set;
        std::set<sequence> model;
        for (int step = 0; step < 30; ++step) {
            if (random.chance(1, 5)) {
                const auto floor = static_cast<sequence>(random.below(width));
                set.remove_up_to(floor);
                model.erase(model.begin(), model.upper_bound(floor));
            } else {
                std::vector<sequence> added;
                for (std::uint64_t i = random.below(40); i-- > 0;) added.push_back(static_cast<sequence>(random.below(width) + 1));
                set.add(added);
                model.insert(added.begin(), added.end());
            }
            const auto asked = static_cast<sequence>(random.below(width));
            REQUIRE(set.contains(asked) == model.contains(asked));
            REQUIRE(set.first() == (model.empty() ? 0 : *model.begin()));
            REQUIRE(members_of(set) == std::vector<sequence>(model.begin(), model.end()));
        }
    }
}
