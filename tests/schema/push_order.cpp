/// What schema_view says of tables, for schemas of every shape; the graph behind it is tested in tests/static.
#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include <support/catch.hpp>
#include <syncline/testing/schemas.hpp>

using namespace syncline;

TEST_CASE("tables stand in the order in which they are pushed: by rank, then by name") {
    for (const testing::named_schema& one : testing::all_schemas()) {
        INFO(one.name);
        CHECK(std::ranges::is_sorted(one.view.tables, [](const table_view& a, const table_view& b) { return std::tie(a.rank, a.name) < std::tie(b.rank, b.name); }));
    }
}

TEST_CASE("a table has a greater rank than every table that a key of its own points at, unless the key is deferred or points at its own rows") {
    for (const testing::named_schema& one : testing::all_schemas())
        for (int table = 0; table < one.view.size(); ++table) {
            const table_view& view = one.view[table];
            int least = 0;
            for (const column_view& column : view.columns)
                if (column.target >= 0 && column.target != table && !column.deferred) least = std::max(least, one.view[column.target].rank + 1);
            INFO(one.name << ", " << view.name);
            CHECK(view.rank == least);
        }
}

TEST_CASE("only keys that may be null are deferred") {
    for (const testing::named_schema& one : testing::all_schemas())
        for (const table_view& view : one.view.tables) {
            INFO(one.name << ", " << view.name);
            column_mask keys = 0, deferred = 0;
            for (std::size_t i = 0; i < view.columns.size(); ++i) {
                const column_view& column = view.columns[i];
                if (column.target >= 0) keys |= column_mask{1} << i;
                if (column.deferred) deferred |= column_mask{1} << i;
                CHECK((!column.deferred || column.nullable));
                CHECK((column.kind == column_kind::key) == (column.target >= 0));
                CHECK((!column.owning || column.target >= 0));
            }
            CHECK(view.keys == keys);
            CHECK(view.deferred_keys == deferred);
        }
}

TEST_CASE("a table knows every key that points at it, in the order of tables and columns") {
    for (const testing::named_schema& one : testing::all_schemas())
        for (int target = 0; target < one.view.size(); ++target) {
            INFO(one.name << ", " << one.view[target].name);
            std::vector<std::pair<int, int>> expected, found;
            bool points_at_itself = false;
            for (int table = 0; table < one.view.size(); ++table)
                for (std::size_t i = 0; i < one.view[table].columns.size(); ++i) {
                    if (one.view[table].columns[i].target != target) continue;
                    expected.emplace_back(table, static_cast<int>(i));
                    points_at_itself = points_at_itself || table == target;
                }
            for (const referrer_view& key : one.view[target].referrers) found.emplace_back(key.table, key.column);
            CHECK(found == expected);
            CHECK(one.view[target].self_referencing == points_at_itself);
        }
}

TEST_CASE("a cycle of two tables is cut at one key, and its tables are pushed one after the other") {
    const schema_view view = testing::schemas::cycle::view();
    int deferred = 0;
    for (const table_view& table : view.tables)
        for (const column_view& column : table.columns) deferred += column.deferred ? 1 : 0;
    CHECK(deferred == 1);
    CHECK(view[0].rank == 0);
    CHECK(view[1].rank == 1);
}

TEST_CASE("tables, entities and columns are found by their names, and nothing by another name") {
    for (const testing::named_schema& one : testing::all_schemas())
        for (int table = 0; table < one.view.size(); ++table) {
            const table_view& view = one.view[table];
            CHECK(one.view.find_table(view.name) == table);
            CHECK(one.view.find_entity(view.entity) == table);
            for (std::size_t i = 0; i < view.columns.size(); ++i) CHECK(view.find_column(view.columns[i].name) == static_cast<int>(i));
            CHECK(view.find_column("nothing") == -1);
        }
    CHECK(testing::schemas::tree::view().find_table("nothing") == -1);
    CHECK(testing::schemas::tree::view().find_entity("folders") == -1);
}

TEST_CASE("the set of all columns has one for each, also of a table with as many as there may be") {
    const std::vector<column_view> many(64);
    table_view table{};
    CHECK(table.all_columns() == 0);
    table.columns = std::span(many).first(3);
    CHECK(table.all_columns() == 0b111);
    table.columns = std::span(many).first(63);
    CHECK(table.all_columns() == ~column_mask{0} >> 1);
    table.columns = many;
    CHECK(table.all_columns() == ~column_mask{0});
}
