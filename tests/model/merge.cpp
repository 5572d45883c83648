/// The decision table of merging: what two edits of one field become.
#include <cstdint>
#include <limits>
#include <span>

#include <support/catch.hpp>
#include <syncline/model/merge.hpp>

using namespace syncline;

namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();

constexpr column_view text{.name = "text"};
constexpr column_view count{.name = "count", .kind = column_kind::integer, .policy = merge_policy::counter, .least = least, .greatest = greatest};
constexpr column_view small{.name = "small", .kind = column_kind::integer, .policy = merge_policy::counter, .least = -100, .greatest = 100};

constexpr merged_field merge(const column_view& column, std::int64_t before, std::int64_t mine, std::int64_t theirs) {
    return merge_field(column, cell::integer(before), cell::integer(mine), cell::integer(theirs));
}
constexpr bool is(const merged_field& merged, std::int64_t value, bool conflict, bool taken) {
    return merged.value == cell::integer(value) && merged.conflict == conflict && merged.taken == taken;
}

// The last write decides; it is a conflict only if both sides changed the value, to different ones.
static_assert(is(merge(text, 1, 2, 1), 2, false, true));
static_assert(is(merge(text, 1, 2, 2), 2, false, true));
static_assert(is(merge(text, 1, 2, 3), 2, true, true));
static_assert(is(merge(text, 1, 1, 3), 1, true, true));

// A counter adds what the edit changed, whichever sign it has, and never conflicts while there is room.
static_assert(is(merge(count, 5, 8, 7), 10, false, true));
static_assert(is(merge(count, 5, 2, 7), 4, false, true));
static_assert(is(merge(count, 5, 5, 7), 7, false, true));
static_assert(is(merge(count, least, greatest, 0), 0, true, false));
static_assert(is(merge(count, 0, greatest, 0), greatest, false, true));
static_assert(is(merge(count, 0, greatest, 1), 1, true, false));
static_assert(is(merge(count, 0, least, 0), least, false, true));
static_assert(is(merge(count, 0, least, -1), -1, true, false));
static_assert(is(merge(count, greatest, least, greatest), least, false, true));
static_assert(is(merge(small, 0, 60, 40), 100, false, true));
static_assert(is(merge(small, 0, 60, 41), 41, true, false));
static_assert(is(merge(small, 0, -60, -41), -41, true, false));
static_assert(is(merge(small, 0, 1, 101), 101, true, false));
// Counting without a known start begins at 0.
static_assert(is(merge_field(count, cell(), cell::integer(3), cell::integer(7)), 10, false, true));

table_view table_of(std::span<const column_view> columns) {
    table_view table{};
    table.columns = columns;
    return table;
}

}  // namespace

TEST_CASE("an edit is laid over a row in its own columns only") {
    const column_view columns[] = {text, count, text};
    const table_view table = table_of(columns);
    cell row[] = {cell::text("theirs"), cell::integer(7), cell::text("untouched")};
    const cell after[] = {cell::text("mine"), cell::integer(8), cell::text("not of the edit")};
    const cell before[] = {cell::text("before"), cell::integer(5), cell()};
    const merge_result met = merge_into(row, table, {0b011, after, 0b011, before});
    CHECK(row[0] == cell::text("mine"));
    CHECK(row[1] == cell::integer(10));
    CHECK(row[2] == cell::text("untouched"));
    CHECK(met.conflicts == 0b001);
    CHECK(met.not_taken == 0);
}

TEST_CASE("an edit whose value before is not known conflicts with nothing") {
    const column_view columns[] = {text};
    const table_view table = table_of(columns);
    cell row[] = {cell::text("theirs")};
    const cell after[] = {cell::text("mine")};
    CHECK(merge_into(row, table, {1, after, 0, {}}).conflicts == 0);
    CHECK(row[0] == cell::text("mine"));
}
