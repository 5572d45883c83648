#include <syncline/stores/memory.hpp>
#include <syncline/testing/schemas.hpp>
#include <syncline/transports/rest_backend.hpp>
#include <syncline/transports/rest_cursor.hpp>
#include <syncline/transports/rest_guard.hpp>
#include <syncline/transports/rest_mapping.hpp>
#include <syncline/transports/rest_removal.hpp>

#include <support/catch.hpp>
#include <support/releases.hpp>
#include <workout/schema.hpp>

using namespace syncline;
using tests::contains;

namespace {

/// What check() says about a mapping that was changed.
template <class Change>
std::string complaint(Change&& change) {
    rest_mapping mapping = rest_mapping_of<workout_tracker::schema>();
    try {
        change(mapping);
        static_cast<void>(mapping.check());
    } catch (const std::invalid_argument& mistake) {
        return mistake.what();
    }
    return "none";
}

constexpr bool forged_policy_is_refused() {
    const column_view columns[] = {{.name = "reps", .kind = column_kind::integer, .policy = static_cast<merge_policy>(1)}};
    const table_view tables[] = {{.name = "sets", .entity = "set", .route = "sets", .columns = columns, .referrers = {}}};
    return !can_sync_over_rest({tables, 0});
}
static_assert(forged_policy_is_refused());
static_assert(can_sync_over_rest(workout_tracker::schema::view()));

}  // namespace

TEST_CASE("the mapping begins with syncline's own endpoints") {
    rest_mapping mapping = rest_mapping_of<workout_tracker::schema>();
    CHECK(mapping["workout_sets"].route == "/api/workout-sets");
    CHECK(mapping["workout_sets"].feed == "workout_sets");
    CHECK(mapping.rows.id == "id");
    CHECK(mapping.rows.local_id == "localId");
    CHECK(std::get<rest_feed>(mapping.pull).path == "/api/sync");
    const auto names = mapping.check();
    const int sets = mapping.schema().find_table("workout_sets");
    CHECK(names[static_cast<std::size_t>(sets)].columns.at(0) == "workoutExerciseId");
    mapping.use_snake_case();
    CHECK(mapping.check()[static_cast<std::size_t>(sets)].columns.at(0) == "workout_exercise_id");
}

TEST_CASE("a mapping calls the members of rows beside fields of their names as syncline's own endpoints do") {
    rest_mapping mapping = rest_mapping_of<releases::schema>();
    const auto names = [&](int table) { return mapping.check().at(static_cast<std::size_t>(table)).names_of_rows(mapping.rows); };
    CHECK(names(releases::release_table).id == "$id");
    CHECK(names(releases::release_table).local_id == "localId");
    CHECK(names(releases::release_table).version == "$version");
    CHECK(names(releases::release_table).updated_at == "$updatedAt");
    CHECK(names(releases::change_table).local_id == "$localId");
    CHECK(names(releases::change_table).deleted == "$isDeleted");
    mapping["CHANGES"].lookup = {"$localId", "localId"};
    CHECK_NOTHROW(mapping.check());
    mapping.rows.version = "revision";
    mapping["App Releases"].fields["Id"] = "storeId";
    CHECK(names(releases::release_table).id == "id");
    CHECK(names(releases::release_table).version == "revision");
    mapping.rows.version = "";
    CHECK(names(releases::release_table).version.empty());
}

TEST_CASE("a mapping that cannot work is refused with its reason") {
    CHECK(complaint([](rest_mapping&) {}) == "none");
    CHECK_THAT(complaint([](rest_mapping& m) { static_cast<void>(m["nothing"]); }), contains("nothing"));
    CHECK_THAT(complaint([](rest_mapping& m) { m["workouts"].route = "api/workouts"; }), contains("route of workouts"));
    CHECK_THAT(complaint([](rest_mapping& m) { m["workouts"].route = "/api/a b"; }), contains("route of workouts"));
    CHECK_THAT(complaint([](rest_mapping& m) { m["workouts"].route = "/api/workouts/"; }), contains("route of workouts"));
    CHECK_THAT(complaint([](rest_mapping& m) { m["workouts"].route = "/api/x?y=1"; }), contains("route of workouts"));
    CHECK_THAT(complaint([](rest_mapping& m) { m["workouts"].route = "/api/exercises"; }), contains("two entities"));
    CHECK_THAT(complaint([](rest_mapping& m) { m["workouts"].feed = "exercises"; }), contains("two entities"));
    CHECK_THAT(complaint([](rest_mapping& m) { m["workouts"].listing = "x"; }), contains("listing of workouts"));
    CHECK_THAT(complaint([](rest_mapping& m) { m["workouts"].fields["titel"] = "title"; }), contains("titel"));
    CHECK_THAT(complaint([](rest_mapping& m) { m["workouts"].fields["name"] = "notes"; }), contains("two members called notes"));
    CHECK_THAT(complaint([](rest_mapping& m) { m["workouts"].fields["name"] = "id"; }), contains("two members called id"));
    CHECK_THAT(complaint([](rest_mapping& m) { m["workouts"].fields["name"] = ""; }), contains("no name"));
    CHECK_THAT(complaint([](rest_mapping& m) { m["workouts"].lookup = {"titel"}; }), contains("looked up by titel"));
    CHECK_THAT(complaint([](rest_mapping& m) { m.rows.id = ""; }), contains("rows.id"));
    CHECK_THAT(complaint([](rest_mapping& m) { m.update_method = "POST"; }), contains("PUT or a PATCH"));
    CHECK_THAT(complaint([](rest_mapping& m) {
                   m.rows.updated_at = "";
                   m.pull = rest_listings{.since = "since"};
               }),
               contains("updated_at"));
    CHECK_THAT(complaint([](rest_mapping& m) { m.pull = rest_feed{.path = "api"}; }), contains("the feed"));
    CHECK_THAT(complaint([](rest_mapping& m) { m.pull = rest_feed{.since = ""}; }), contains("since"));
    CHECK_THAT(complaint([](rest_mapping& m) { m.pull = rest_feed{.changes = ""}; }), contains("member that holds"));
    CHECK_THAT(complaint([](rest_mapping& m) { m.pull = rest_listings{.page = "page", .page_rows = 0}; }), contains("page"));
    CHECK_THAT(complaint([](rest_mapping& m) {
                   m.rows.local_id = "";
                   m["workouts"].lookup = {"localId"};
               }),
               contains("looked up by localId"));
}

TEST_CASE("a cursor reads back as it was, and any other text is the beginning") {
    rest_cursor cursor;
    cursor.moments = {0, 1'700'000'000'123, 5};
    CHECK(rest_cursor::parse(cursor.text(), 3) == cursor);
    CHECK(rest_cursor::parse(cursor.text(7), 3) == cursor);
    CHECK(cursor.text(7) != cursor.text(8));
    rest_cursor given;
    given.given = "opaque~#.text";
    CHECK(rest_cursor::parse(given.text(2), 0) == given);
    rest_cursor start;
    start.moments = {0, 0, 0};
    for (const std::string text : {"", "v1.AAAA", "rest1", "rest1.1.2", "rest1.1.2.", "rest1.-1.2.3", "rest1.1.2.3.4", "rest1.zzzzzzzzzzzzzzzzzzzz.1.1"})
        CHECK(rest_cursor::parse(text, 3) == start);
    rest_cursor wide;
    wide.moments.assign(100, 4'000'000'000'000);
    CHECK(wide.text(1'000'000).size() < wire::tag_bytes_max);
}

TEST_CASE("a derived local id is the same everywhere and valid whatever the server id") {
    CHECK(derived_local_id(server_id::trusted("17")).view() == "r-17");
    CHECK(derived_local_id(server_id::trusted("0190b2c4-7d5e-7000-8000-000000000001")).view() == "r-0190b2c4-7d5e-7000-8000-000000000001");
    const local_id hashed = derived_local_id(server_id::trusted("urn:row/17"));
    CHECK(local_id::is_valid(hashed.view()));
    CHECK(hashed.view().starts_with("h-"));
    CHECK(hashed == derived_local_id(server_id::trusted("urn:row/17")));
    CHECK(hashed != derived_local_id(server_id::trusted("urn:row/18")));
    CHECK(local_id::is_valid(derived_local_id(server_id::trusted(std::string(63, 'x'))).view()));
}

TEST_CASE("consent is for the rows that were shown, until they are gone") {
    rest_guard guard;
    guard.allow();
    CHECK_FALSE(guard.allows("exercises", 30, 40, 10));
    guard.allow();
    CHECK_FALSE(guard.allows("exercises", 31, 40, 9));
    CHECK(guard.awaiting().at(0).absent == 31);
    guard.allow();
    CHECK(guard.allows("exercises", 31, 40, 9));
    CHECK(guard.awaiting().empty());
    CHECK(guard.allows("exercises", 31, 40, 9));
    CHECK(guard.allows("exercises", 0, 40, 40));
    CHECK_FALSE(guard.allows("exercises", 31, 40, 9));
    CHECK(guard.awaiting().size() == 1);
    CHECK(guard.allows("exercises", 0, 40, 40));
    CHECK(guard.awaiting().empty());
}

TEST_CASE("moments are read in every form that programs write") {
    using wire::parse_iso8601, wire::write_iso8601;
    for (const std::int64_t moment : {std::int64_t{0}, std::int64_t{1'709'164'800'123'456}, std::int64_t{-1}, std::int64_t{951'782'400'000'000}})
        CHECK(parse_iso8601(write_iso8601(moment)) == moment);
    CHECK(write_iso8601(1'709'164'800'123'000) == "2024-02-29T00:00:00.123Z");
    CHECK(write_iso8601(1'709'164'800'123'456) == "2024-02-29T00:00:00.123456Z");
    CHECK(parse_iso8601("2024-02-29T00:00:00.123456789Z") == 1'709'164'800'123'456);
    CHECK(parse_iso8601("2024-02-29 02:00:00+0200") == 1'709'164'800'000'000);
    CHECK(parse_iso8601("2024-02-29T00:00:00") == 1'709'164'800'000'000);
    for (const char* text : {"", "yesterday", "2024-13-01T00:00:00Z", "2024-02-30T00:00:00Z", "2024-02-29T24:00:00Z", "2024-02-29T00:00:00X", "2024-02-29T00:00:00Zx",
                             "2024-02-29T00:00:00+1", "2024-02-29"})
        CHECK_FALSE(parse_iso8601(text));
    CHECK_FALSE(wire::microseconds_of(std::numeric_limits<std::int64_t>::max(), moment_form::seconds));
}

TEST_CASE("rows of a tree are removed leaves first, and rows on a loop in some order, each once") {
    using schema = testing::schemas::tree;
    memory_store store(schema::view(), memory_options{"alice"});
    auto writing = store.begin_write();
    const table_view& table = store.schema()[0];
    const auto key = static_cast<std::size_t>(std::find_if(table.columns.begin(), table.columns.end(), [](const column_view& c) { return c.target == 0; }) - table.columns.begin());
    const auto add = [&](const char* name, const char* parent, sequence root) {
        std::vector<cell> values(table.columns.size());
        if (*parent != 0) values[key] = cell::local_key(parent);
        removed_row row;
        row.table = 0;
        row.id = local_id::trusted(name);
        row.root = root;
        row.state.id = server_id::trusted(name);
        row.image = make_image(values, table.all_columns());
        store.put_removed(row);
    };
    add("a", "", 1), add("b", "a", 1), add("c", "b", 1), add("d", "a", 1), add("e", "c", 1);
    add("x", "y", 2), add("y", "x", 2), add("z", "x", 2);
    store_adapter port(store);
    const auto names = [&](sequence root) {
        std::string text;
        for (const rest_row_name& row : rows_of_removal(port, root)) text += row.local.str();
        return text;
    };
    const std::string tree = names(1);
    CHECK(tree.size() == 5);
    CHECK(tree.find('e') < tree.find('c'));
    CHECK(tree.find('c') < tree.find('b'));
    CHECK(tree.find('b') < tree.find('a'));
    CHECK(tree.find('d') < tree.find('a'));
    CHECK(names(2).size() == 3);
    CHECK(names(2).front() == 'z');
    writing.commit();
}

TEST_CASE("what a removal took keeps its name until the removal has its verdict, also while its sequence is being closed") {
    memory_store store(testing::schemas::tree::view(), memory_options{"alice"});
    auto writing = store.begin_write();
    outbox_entry removal;
    removal.table = 0;
    removal.id = local_id::trusted("a");
    removal.kind = operation_kind::remove;
    removed_row row;
    row.table = 0;
    row.id = removal.id;
    row.root = store.append_entry(removal);
    row.state.id = server_id::trusted("A");
    row.image = make_image(std::vector<cell>(store.schema()[0].columns.size()), store.schema()[0].all_columns());
    store.put_removed(row);
    store_adapter port(store);
    rest_known known(port);
    wire::rest_row listed;
    listed.table = 0;
    listed.id = row.state.id;
    const auto name_of_row = [&] {
        known.open();
        return known.local_of(listed).str();
    };
    CHECK(name_of_row() == "a");
    REQUIRE(store.find_entry(row.root, removal));
    close_removal(port, removal, error_code::attempts_spent, "busy");
    CHECK(name_of_row() == "a");
    CHECK(known.taken().empty());
    store.erase_removed(row.table, row.id, row.root);
    CHECK(name_of_row() == derived_local_id(listed.id).str());
    writing.commit();
}
