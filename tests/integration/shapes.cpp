/// Schemas of other shapes: a tree in one table, a cycle of two tables, and owned rows that others mention.
#include <string>
#include <string_view>

#include <integration/support/world.hpp>

namespace shapes {

struct node {
    syncline::id_of<node> id{};
    std::optional<syncline::id_of<node>> parent_id{};
    std::string name{};
};

struct player;
struct team {
    syncline::id_of<team> id{};
    std::optional<syncline::id_of<player>> captain_id{};
    std::string name{};
};
struct player {
    syncline::id_of<player> id{};
    syncline::id_of<team> team_id{};
    std::string name{};
};

struct album {
    syncline::id_of<album> id{};
    std::string name{};
};
struct track {
    syncline::id_of<track> id{};
    syncline::id_of<album> album_id{};
    std::string name{};
};
struct favourite {
    syncline::id_of<favourite> id{};
    syncline::id_of<track> track_id{};
};

}  // namespace shapes

template <>
struct syncline::entity_traits<shapes::node> {
    using row = shapes::node;
    static constexpr std::string_view table = "nodes";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{parent("parentId", &row::parent_id), field("name", &row::name)};
};
template <>
struct syncline::entity_traits<shapes::team> {
    using row = shapes::team;
    static constexpr std::string_view table = "teams";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{reference("captainId", &row::captain_id), field("name", &row::name)};
};
template <>
struct syncline::entity_traits<shapes::player> {
    using row = shapes::player;
    static constexpr std::string_view table = "players";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{parent("teamId", &row::team_id), field("name", &row::name)};
};
template <>
struct syncline::entity_traits<shapes::album> {
    using row = shapes::album;
    static constexpr std::string_view table = "albums";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{field("name", &row::name)};
};
template <>
struct syncline::entity_traits<shapes::track> {
    using row = shapes::track;
    static constexpr std::string_view table = "tracks";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{parent("albumId", &row::album_id), field("name", &row::name)};
};
template <>
struct syncline::entity_traits<shapes::favourite> {
    using row = shapes::favourite;
    static constexpr std::string_view table = "favourites";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{reference("trackId", &row::track_id)};
};

using namespace syncline;
using namespace syncline::tests;
using namespace shapes;

namespace {

// One schema for all of them, because each further one costs a minute of compiling.
using all_shapes = syncline::schema<node, team, player, album, track, favourite>;

template <class Kind>
using shapes_world = world<Kind, all_shapes>;

const auto seed = [](auto& rows) {
    rows.transaction([&] {
        rows.create(node{.id = id<node>("n0"), .name = "bob's"});
        rows.create(node{.id = id<node>("n1"), .parent_id = id<node>("n0"), .name = "bob's"});
        rows.create(team{.id = id<team>("t0"), .captain_id = id<player>("p0"), .name = "bob's"});
        rows.create(player{.id = id<player>("p0"), .team_id = id<team>("t0"), .name = "bob's"});
        rows.create(album{.id = id<album>("a0"), .name = "bob's"});
        rows.create(track{.id = id<track>("k0"), .album_id = id<album>("a0"), .name = "bob's"});
        rows.create(favourite{.id = id<favourite>("f0"), .track_id = id<track>("k0")});
    });
};

std::string numbered(char letter, int number) { return std::string(1, letter) + std::to_string(number); }

template <class Device>
void write_album(Device& one) {
    one->transaction([&] {
        one->create(track{.id = id<track>("k0"), .album_id = id<album>("a0"), .name = "first"});
        one->create(track{.id = id<track>("k1"), .album_id = id<album>("a0"), .name = "second"});
        one->create(album{.id = id<album>("a0"), .name = "album"});
    });
}

}  // namespace

TEMPLATE_TEST_CASE("a tree of depth 1000 syncs, is renamed and is removed", "[shapes]", in_memory, on_sqlite) {
    const std::size_t page = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{100});
    INFO("rows of a page " << page);
    world_options options;
    options.client.page_rows = page;
    shapes_world<TestType> home(seed, options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    constexpr int depth = 1'000;
    // Names whose order is not the order of the tree.
    const auto name = [](int level) { return numbered('n', level * 7'919 % 1'000); };
    phone->transaction([&] {
        for (int level = depth; level-- > 0;) {
            node made{.id = id<node>(name(level)), .name = "level " + std::to_string(level)};
            if (level > 0) made.parent_id = id<node>(name(level - 1));
            phone->create(made);
        }
    });
    CHECK(phone.sync().total().pushed == depth);
    CHECK(phone.pushes() == 1);
    CHECK(tablet.sync().total().pulled == depth);
    home.require_agreement();

    REQUIRE(phone->update(id<node>(name(0)), [](node& row) { row.name = "root"; }));
    phone.sync();
    CHECK(tablet.sync().total().pulled == 1);
    CHECK(phone->remove(id<node>(name(1))) == depth - 1);
    CHECK(phone.sync().total().pushed == 1);
    tablet.allow_removals();
    CHECK(tablet.sync().total().pulled == depth - 1);
    CHECK(tablet.list().size() == 1);
    home.require_agreement();
    home.require_quiet();
}

TEMPLATE_TEST_CASE("a nullable cycle of two tables syncs in one go", "[shapes]", in_memory, on_sqlite) {
    const std::size_t page = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{100});
    INFO("rows of a page " << page);
    world_options options;
    options.client.page_rows = page;
    shapes_world<TestType> home(seed, options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    constexpr int teams = 20;
    phone->transaction([&] {
        for (int i = 0; i < teams; ++i) {
            phone->create(team{.id = id<team>(numbered('t', i)), .captain_id = id<player>(numbered('p', i)), .name = "team"});
            phone->create(player{.id = id<player>(numbered('p', i)), .team_id = id<team>(numbered('t', i)), .name = "captain"});
        }
    });
    phone.sync();
    CHECK(phone->pending().empty());
    CHECK(get<team>(phone, "t3").captain_id == id<player>("p3"));
    CHECK(phone.pushes() == 2);
    CHECK(tablet.sync().total().pulled == 2 * teams);
    CHECK(get<team>(tablet, "t19").captain_id == id<player>("p19"));
    home.converge();
    CHECK(home.server_rows().size() == 2 * teams);
}

TEMPLATE_TEST_CASE("a cycle closed by later edits syncs and opens again when one side is removed", "[shapes]", in_memory, on_sqlite) {
    shapes_world<TestType> home(seed);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    phone->create(team{.id = id<team>("t0"), .name = "team"});
    phone.sync();
    tablet.sync();
    tablet->create(player{.id = id<player>("p0"), .team_id = id<team>("t0"), .name = "captain"});
    REQUIRE(tablet->update(id<team>("t0"), [](team& row) { row.captain_id = id<player>("p0"); }));
    tablet.sync();
    phone.sync();
    CHECK(get<team>(phone, "t0").captain_id == id<player>("p0"));
    CHECK(phone->remove(id<player>("p0")) == 1);
    home.converge();
    CHECK_FALSE(get<team>(tablet, "t0").captain_id.has_value());
    CHECK(phone->remove(id<team>("t0")) == 1);
    home.converge();
    CHECK(home.server_rows().empty());
}

TEMPLATE_TEST_CASE("a cycle whose first answer was lost is completed", "[shapes]", in_memory, on_sqlite) {
    const testing::fault instead = GENERATE(testing::fault::lose_answer, testing::fault::lose_request, testing::fault::cut_answer);
    const std::size_t good_before = GENERATE(std::size_t{0}, std::size_t{1});
    INFO(testing::name_of(instead) << " after " << good_before);
    shapes_world<TestType> home(seed);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    phone->transaction([&] {
        phone->create(team{.id = id<team>("t0"), .captain_id = id<player>("p0"), .name = "team"});
        phone->create(player{.id = id<player>("p0"), .team_id = id<team>("t0"), .name = "captain"});
    });
    phone.link.next_fault(testing::fault::none, good_before);
    phone.link.next_fault(instead);
    CHECK(phone.try_sync().outcome != sync_outcome::complete);
    CHECK(get<team>(phone, "t0").captain_id == id<player>("p0"));
    tablet.sync();
    phone.sync();
    CHECK(get<team>(phone, "t0").captain_id == id<player>("p0"));
    home.converge();
    CHECK(get<team>(tablet, "t0").captain_id == id<player>("p0"));
    CHECK(home.server_rows().size() == 2);
}

TEMPLATE_TEST_CASE("a deferred key is not lost when another device edits the row before it arrives", "[shapes]", in_memory, on_sqlite) {
    shapes_world<TestType> home(seed);
    auto& phone = home.add("phone");
    phone.sync();
    auto& tablet = home.add("tablet");
    phone->transaction([&] {
        phone->create(team{.id = id<team>("t0"), .captain_id = id<player>("p0"), .name = "team"});
        phone->create(player{.id = id<player>("p0"), .team_id = id<team>("t0"), .name = "captain"});
    });
    phone.link.next_fault(testing::fault::none);
    phone.link.next_fault(testing::fault::lose_request);
    CHECK(phone.try_sync().outcome == sync_outcome::offline);
    tablet.sync();
    CHECK_FALSE(get<team>(tablet, "t0").captain_id.has_value());
    REQUIRE(tablet->update(id<team>("t0"), [](team& row) { row.name = "renamed"; }));
    tablet.sync();
    phone.sync();
    home.converge();
    CHECK(get<team>(tablet, "t0").captain_id == id<player>("p0"));
    CHECK(get<team>(phone, "t0").name == "renamed");
}

TEMPLATE_TEST_CASE("two moves that together would close a loop leave a tree, the same everywhere", "[shapes]", in_memory, on_sqlite) {
    shapes_world<TestType> home(seed);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    phone->create(node{.id = id<node>("n0"), .name = "a"});
    phone->create(node{.id = id<node>("n1"), .name = "b"});
    phone.sync();
    tablet.sync();
    REQUIRE(phone->update(id<node>("n0"), [](node& row) { row.parent_id = id<node>("n1"); }));
    REQUIRE(tablet->update(id<node>("n1"), [](node& row) { row.parent_id = id<node>("n0"), row.name = "kept"; }));
    phone.sync();
    tablet.sync();
    home.converge();
    CHECK(get<node>(phone, "n0").parent_id == id<node>("n1"));
    CHECK_FALSE(get<node>(phone, "n1").parent_id.has_value());
    CHECK(get<node>(phone, "n1").name == "kept");
    CHECK(tablet->conflicts().size() == 1);
    CHECK_THROWS_AS(phone->update(id<node>("n1"), [](node& row) { row.parent_id = id<node>("n0"); }), write_refused);
}

TEMPLATE_TEST_CASE("a refused removal brings the whole subtree back", "[shapes]", in_memory, on_sqlite) {
    const std::size_t page = GENERATE(std::size_t{1}, std::size_t{100});
    world_options options;
    options.client.page_rows = page;
    shapes_world<TestType> home(seed, options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    write_album(phone);
    phone.sync();
    tablet.sync();
    tablet->create(favourite{.id = id<favourite>("f0"), .track_id = id<track>("k1")});
    tablet.sync();
    REQUIRE(phone->update(id<track>("k0"), [](track& row) { row.name = "edited before the removal"; }));
    CHECK(phone->remove(id<album>("a0")) == 3);
    CHECK(phone.list().empty());
    const sync_report report = phone.sync();
    CHECK(report.total().refused == 1);
    CHECK(phone.list().size() == 4);
    REQUIRE(phone->conflicts().size() == 1);
    CHECK(phone->conflicts().front().kind == conflict_kind::removal_refused);
    CHECK(phone->conflicts().front().entity == "album");
    home.converge();
    CHECK(home.server_rows().size() == 4);
    CHECK(get<track>(tablet, "k0").name == "edited before the removal");
    CHECK(get<favourite>(phone, "f0").track_id == id<track>("k1"));
}

TEMPLATE_TEST_CASE("a reference made elsewhere to a row removed here first is told to its maker", "[shapes]", in_memory, on_sqlite) {
    shapes_world<TestType> home(seed);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    write_album(phone);
    phone.sync();
    tablet.sync();
    CHECK(phone->remove(id<album>("a0")) == 3);
    phone.sync();
    tablet->create(favourite{.id = id<favourite>("f0"), .track_id = id<track>("k1")});
    tablet.sync();
    home.converge();
    CHECK(home.server_rows().empty());
    CHECK(tablet->conflicts().size() == 1);
}
