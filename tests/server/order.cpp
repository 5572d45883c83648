#include <syncline/server/order.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <server/support/batch.hpp>
#include <support/catch.hpp>
#include <syncline/base/random.hpp>

using namespace server_tests;

namespace {

/// The names of the rows in the order in which they are worked on; a removal has a minus.
std::vector<std::string> order_of(const batch& sent, std::span<const syncline::precedence> more = {}) {
    std::vector<std::string> names;
    for (const std::size_t i : syncline::batch_order(sent.request.operations, schema::view(), more).indices()) {
        const syncline::operation& op = sent.request.operations[i].op;
        names.push_back((op.kind == syncline::operation_kind::remove ? "-" : "") + op.id.str());
    }
    return names;
}

using names = std::vector<std::string>;

void shuffle(std::vector<syncline::wire::sent_operation>& operations, std::uint64_t seed) {
    syncline::random_source random(seed);
    for (std::size_t i = operations.size(); i > 1; --i) std::swap(operations[i - 1], operations[static_cast<std::size_t>(random.below(i))]);
}

}  // namespace

TEST_CASE("an empty batch has an empty order") { CHECK(order_of(batch()).empty()); }

TEST_CASE("creates go by the rank of their tables, then updates, then removals the other way round") {
    batch sent;
    sent.remove(workouts, "w9").remove(exercise_sets, "s9");
    sent.update(exercise_sets, "s8", {{"position", number(1)}}).update(workouts, "w8", {{"rating", number(1)}});
    sent.create(exercise_sets, "s1", {{"workoutId", local("w1")}, {"exerciseId", local("e1")}}).create(workouts, "w1").create(exercises, "e1");
    names expected = exercises < workouts ? names{"e1", "w1", "s1"} : names{"w1", "e1", "s1"};
    for (const char* rest : {"w8", "s8", "-s9", "-w9"}) expected.emplace_back(rest);
    CHECK(order_of(sent) == expected);
}

TEST_CASE("what closes a sequence goes before everything") {
    batch sent;
    sent.create(workouts, "w1").close(workouts, "w2", 9);
    CHECK(order_of(sent) == names{"w2", "w1"});
}

TEST_CASE("rows of a self-referencing table are created after the row they point at") {
    batch sent;
    sent.create(folders, "c", {{"parentId", local("b")}}).create(folders, "b", {{"parentId", local("a")}}).create(folders, "a");
    CHECK(order_of(sent) == names{"a", "b", "c"});
}

TEST_CASE("a key may name a row of the batch by its server id") {
    batch sent;
    sent.create(folders, "b", {{"parentId", remote("A-ON-SERVER")}}).create(folders, "a");
    sent.request.operations.back().id = *syncline::server_id::parse("A-ON-SERVER");
    CHECK(order_of(sent) == names{"a", "b"});
}

TEST_CASE("operations on one row go life by life: create, updates by sequence, removal, the next create") {
    batch sent;
    sent.create(workouts, "w", {}).life(2).seq(5);
    sent.remove(workouts, "w").seq(4);
    sent.update(workouts, "w", {{"rating", number(2)}}).seq(3);
    sent.update(workouts, "w", {{"rating", number(1)}}).seq(2);
    sent.create(workouts, "w").seq(1);
    std::vector<syncline::sequence> sequences;
    for (const std::size_t i : syncline::batch_order(sent.request.operations, schema::view()).indices())
        sequences.push_back(sent.request.operations[i].op.seq);
    CHECK(sequences == std::vector<syncline::sequence>{1, 2, 3, 4, 5});
}

TEST_CASE("a child of the next life is created after it") {
    batch sent;
    sent.remove(folders, "p").create(folders, "p").life(2).create(folders, "c", {{"parentId", local("p")}});
    CHECK(order_of(sent) == names{"-p", "p", "c"});
}

TEST_CASE("an update whose key names a row of the batch comes after its create") {
    batch sent;
    sent.update(folders, "x", {{"parentId", local("p")}}).remove(folders, "p").create(folders, "p").life(2);
    CHECK(order_of(sent) == names{"-p", "p", "x"});
}

TEST_CASE("rows that wait for each other in a circle are all ordered") {
    batch sent;
    sent.create(folders, "a", {{"parentId", local("c")}}).create(folders, "b", {{"parentId", local("a")}});
    sent.create(folders, "c", {{"parentId", local("b")}}).create(folders, "d", {{"parentId", local("c")}});
    CHECK(order_of(sent) == names{"a", "b", "c", "d"});
}

TEST_CASE("a row that points at itself waits for nobody") {
    batch sent;
    sent.create(topics, "t", {{"aboveId", local("t")}});
    CHECK(order_of(sent) == names{"t"});
}

TEST_CASE("known precedences order removals") {
    batch sent;
    sent.remove(topics, "above").remove(topics, "below");
    const syncline::precedence children_first[] = {{1, 0}};
    CHECK(order_of(sent) == names{"-above", "-below"});
    CHECK(order_of(sent, children_first) == names{"-below", "-above"});
}

TEST_CASE("a chain of 100,000 rows in any order is ordered without recursion") {
    constexpr int depth = 100'000;
    batch sent;
    for (int i = depth; i-- > 0;) {
        if (i == 0) sent.create(folders, "f0");
        else sent.create(folders, "f" + std::to_string(i), {{"parentId", local("f" + std::to_string(i - 1))}});
    }
    for (const std::uint64_t seed : {0u, 1u}) {
        if (seed != 0) shuffle(sent.request.operations, seed);
        const auto order = syncline::batch_order(sent.request.operations, schema::view()).indices();
        REQUIRE(order.size() == depth);
        bool in_order = true;
        for (int i = 0; i < depth; ++i)
            in_order = in_order && sent.request.operations[order[static_cast<std::size_t>(i)]].op.id.view() == "f" + std::to_string(i);
        CHECK(in_order);
    }
}

TEST_CASE("many operations on one row do not make the order slow") {
    constexpr int count = 10'000;
    batch sent;
    for (int i = 0; i < count; ++i) {
        sent.update(folders, "f", {{"parentId", local("f")}});
        sent.create(folders, "f").life(i + 1);
    }
    CHECK(syncline::batch_order(sent.request.operations, schema::view()).indices().size() == 2 * count);
}

TEST_CASE("the order does not depend on how the batch was shuffled") {
    batch sent;
    for (int i = 0; i < 40; ++i) {
        const std::string row = std::to_string(i);
        sent.create(workouts, "w" + row).create(exercises, "e" + row);
        sent.create(exercise_sets, "s" + row, {{"workoutId", local("w" + row)}, {"exerciseId", local("e" + std::to_string(39 - i))}});
        sent.update(workouts, "w" + row, {{"rating", number(i)}}).remove(notes, "n" + row);
    }
    const names expected = order_of(sent);
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        shuffle(sent.request.operations, seed);
        CHECK(order_of(sent) == expected);
    }
}

TEST_CASE("places alone order a batch as the whole algorithm does") {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        syncline::random_source random(seed);
        const bool simple = seed % 3 == 0;
        batch sent;
        for (std::uint64_t i = random.below(25); i-- > 0;) {
            const std::string row = std::to_string(random.below(6));
            const std::string target = std::to_string(random.below(6));
            switch (random.below(simple ? 5 : 7)) {
                case 0: sent.create(workouts, "w" + row); break;
                case 1: sent.create(notes, "n" + row, {{"workoutId", local("w" + target)}}); break;
                case 2: sent.update(notes, "n" + row, {{"workoutId", local("w" + target)}}); break;
                case 3: sent.remove(workouts, "w" + row); break;
                case 4: sent.close(workouts, "w" + row, static_cast<syncline::sequence>(1'000 + i)); break;
                case 5: sent.create(folders, "f" + row, {{"parentId", local("f" + target)}}); break;
                case 6: sent.update(folders, "f" + row, {{"parentId", local("f" + target)}}); break;
            }
            if (!simple && random.chance(1, 8)) sent.life(2);
        }
        if (sent.request.operations.empty()) continue;
        shuffle(sent.request.operations, seed);
        // A precedence that says nothing keeps the short cut from being taken.
        const syncline::precedence nothing[] = {{0, 0}};
        CHECK(syncline::batch_order(sent.request.operations, schema::view()).indices() ==
              syncline::batch_order(sent.request.operations, schema::view(), nothing).indices());
    }
}
