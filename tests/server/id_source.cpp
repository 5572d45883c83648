#include <syncline/server/id_source.hpp>

#include <set>
#include <string>

#include <support/catch.hpp>

using namespace syncline;

TEST_CASE("the ids of a push ascend and begin with its time") {
    constexpr std::int64_t now_ms = 1'700'000'123'456;
    shared_random random(random_source(1));
    random_source any(2);
    const std::string time = new_server_id(now_ms, any).str().substr(0, 10);
    std::set<std::string> all;
    for (int push = 0; push < 20; ++push) {
        server_id_source ids(now_ms, random.branch());
        server_id before;
        for (int i = 0; i < 2'000; ++i) {
            const server_id next = ids.next();
            REQUIRE(next.view().size() == 26);
            REQUIRE(next.view().substr(0, 10) == time);
            REQUIRE(next.view().find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ") == std::string_view::npos);
            REQUIRE(before < next);
            REQUIRE(all.insert(next.str()).second);
            before = next;
        }
    }
}
