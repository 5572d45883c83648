/// Which entries go out, and in which order.
#include <unordered_set>
#include <vector>

#include <support/catch.hpp>
#include <syncline/client/plan.hpp>

using namespace syncline;

namespace {

plan_item item(sequence seq, operation_kind kind, int table, sequence behind = 0, entry_state state = entry_state::queued) {
    return {seq, behind, 0, table, kind, state};
}

std::vector<sequence> sequences(const std::vector<plan_item>& plan) {
    std::vector<sequence> found;
    for (const plan_item& one : plan) found.push_back(one.seq);
    return found;
}

using list = std::vector<sequence>;

}  // namespace

TEST_CASE("creates go parents first, then updates, then removals children first") {
    const std::vector<plan_item> entries{item(1, operation_kind::remove, 0), item(2, operation_kind::remove, 1), item(3, operation_kind::update, 1),
                                         item(4, operation_kind::create, 1), item(5, operation_kind::update, 0), item(6, operation_kind::create, 0)};
    CHECK(sequences(make_plan(entries, {.horizon = 6})) == list{6, 4, 5, 3, 2, 1});
}

TEST_CASE("operations of one kind and table go in the order in which they were made, and voids come last") {
    const std::vector<plan_item> entries{item(1, operation_kind::close, 0), item(2, operation_kind::remove, 0), item(3, operation_kind::create, 0),
                                         item(4, operation_kind::create, 0), item(5, operation_kind::remove, 0), item(6, operation_kind::create, 0)};
    CHECK(sequences(make_plan(entries, {.horizon = 6})) == list{3, 4, 6, 2, 5, 1});
}

TEST_CASE("what is in flight is sent again") {
    const std::vector<plan_item> entries{item(1, operation_kind::create, 0, 0, entry_state::in_flight)};
    CHECK(sequences(make_plan(entries, {.horizon = 1})) == list{1});
}

TEST_CASE("an entry waits behind an older one of its row, and goes once that one is gone") {
    const std::vector<plan_item> both{item(1, operation_kind::create, 0), item(2, operation_kind::update, 0, 1)};
    CHECK(sequences(make_plan(both, {.horizon = 2})) == list{1});
    const std::vector<plan_item> rest{item(2, operation_kind::update, 0, 1)};
    CHECK(sequences(make_plan(rest, {.horizon = 2})) == list{2});
}

TEST_CASE("what was set aside, comes after the horizon, was tried or is put off does not go") {
    std::vector<plan_item> entries{item(1, operation_kind::create, 0, 0, entry_state::quarantined), item(2, operation_kind::create, 0),
                                   item(3, operation_kind::create, 0), item(4, operation_kind::create, 0), item(5, operation_kind::create, 0)};
    entries[1].not_before_ms = 10;
    const std::unordered_set<sequence> tried{3};
    CHECK(sequences(make_plan(entries, {.horizon = 4, .now_ms = 9, .tried = &tried})) == list{4});
    CHECK(sequences(make_plan(entries, {.horizon = 4, .now_ms = 10, .tried = &tried})) == list{2, 4});
    const std::unordered_set<sequence> also{5};
    CHECK(sequences(make_plan(entries, {.horizon = 4, .now_ms = 9, .also = &also, .tried = &tried})) == list{4, 5});
}

TEST_CASE("a removal that is held does not go, and nothing else waits for it") {
    const std::vector<plan_item> entries{item(1, operation_kind::update, 1), item(2, operation_kind::remove, 0), item(3, operation_kind::remove, 0)};
    const std::unordered_set<sequence> held{2};
    CHECK(sequences(make_plan(entries, {.horizon = 3, .held = &held})) == list{1, 3});
}

TEST_CASE("a tree is created from the root, and rows on a loop keep their order") {
    const auto id = [](const char* text) { return local_id::trusted(text); };
    const std::vector<tree_item> rows{{id("c"), id("b")}, {id("b"), id("a")}, {id("a"), {}}, {id("x"), id("y")}, {id("y"), id("x")}, {id("s"), id("s")}};
    CHECK(order_tree(rows) == std::vector<std::size_t>{2, 1, 0, 4, 3, 5});
}
