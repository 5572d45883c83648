/// The work that one row makes does not grow with the rows that are there already, and ownership is checked all the same.
#include <optional>
#include <string>

#include <integration/support/workout.hpp>
#include <syncline/testing/schemas.hpp>

using namespace syncline;
using namespace syncline::tests;
using testing::schemas::folder;
using tree = testing::schemas::tree;

namespace {

/// Counts what a device asks its store.
class counting_store : public memory_store {
public:
    using memory_store::memory_store;

    bool find_row(int table, const local_id& id, row_buffer& out) {
        ++rows;
        return memory_store::find_row(table, id, out);
    }
    template <class Visit>
    void scan_referrers(int table, int column, const local_id& id, Visit&& visit) {
        memory_store::scan_referrers(table, column, id, [&](const local_id& name, const row_buffer& row) {
            ++rows;
            visit(name, row);
        });
    }

    std::size_t rows = 0;  ///< read so far
};

struct counted_in_memory : in_memory {
    using store_type = counting_store;

    static std::unique_ptr<store_type> open_store(const std::string&, const schema_view& schema, const std::string& owner) {
        return std::make_unique<counting_store>(schema, memory_options{owner});
    }
};

folder a_folder(const std::string& name, const std::string& inside = {}) {
    folder made{.id = id<folder>(name), .name = name};
    if (!inside.empty()) made.inside_id = id<folder>(inside);
    return made;
}

template <class Act>
error_code refusal_of(Act&& act) {
    try {
        act();
    } catch (const write_refused& refused) {
        return refused.reason().code;
    }
    return error_code::none;
}

std::string numbered(const char* name, std::size_t number) { return name + std::to_string(number); }

/// Rows that a device reads while it pulls the removal of a workout with so many exercises.
std::size_t reads_of_pulled_removal(std::size_t owned) {
    world_options options;
    options.client.page_rows = options.server.page_rows = 10;
    world<counted_in_memory> home(options);
    auto& phone = home.add("phone");
    auto& tablet = home.add("tablet");
    phone->transaction([&] {
        phone->create(an_exercise());
        phone->create(a_workout("w0"));
        phone->create(a_workout());
        // What stays is more than half of it, so that nobody has to consent.
        for (std::size_t i = 0; i < 10 * owned; ++i) phone->create(a_workout_exercise(numbered("other", i), "w0"));
        for (std::size_t i = 0; i < owned; ++i) phone->create(a_workout_exercise(numbered("we", i)));
    });
    phone.sync();
    tablet.sync();
    REQUIRE(phone->remove(id<workout>("w1")) != 0);
    phone.sync();
    const std::size_t before = tablet.store().rows;
    tablet.sync();
    const std::size_t reads = tablet.store().rows - before;
    CHECK(count<workout_exercise>(tablet) == 10 * owned);
    return reads;
}

}  // namespace

TEST_CASE("creating a row inside another costs the same at every depth", "[growth]") {
    counting_store store(tree::view());
    repository<tree, counting_store> rows(store);
    rows.create(a_folder("f0"));
    std::size_t first = 0, last = 0;
    for (std::size_t depth = 1; depth <= 300; ++depth) {
        const std::size_t before = store.rows;
        rows.create(a_folder(numbered("f", depth), numbered("f", depth - 1)));
        last = store.rows - before;
        if (depth == 1) first = last;
    }
    CHECK(last == first);
}

TEST_CASE("creating a tree from its leaves upwards in one transaction costs the same at every depth", "[growth]") {
    counting_store store(tree::view());
    repository<tree, counting_store> rows(store);
    std::size_t second = 0, last = 0;
    rows.transaction([&] {
        for (std::size_t depth = 300; depth > 0; --depth) {
            const std::size_t before = store.rows;
            rows.create(a_folder(numbered("f", depth), numbered("f", depth - 1)));
            last = store.rows - before;
            if (depth == 299) second = last;
        }
        rows.create(a_folder("f0"));
    });
    CHECK(last == second);
    CHECK(rows.count<folder>() == 301);
}

TEST_CASE("a device that pulls the removal of a row reads each row that it owned as often as there are steps, not as it has siblings", "[growth]") {
    const std::size_t of_few = reads_of_pulled_removal(20);
    const std::size_t of_many = reads_of_pulled_removal(200);
    CHECK(of_many <= 11 * of_few);
}

TEMPLATE_TEST_CASE("a row that would own itself is refused, however the loop comes about", "[growth]", in_memory, on_sqlite) {
    const scratch_folder files;
    const auto opened = TestType::open_store(files.file("rows.db"), tree::view(), "alice");
    repository<tree, typename TestType::store_type> rows(*opened);
    CHECK(refusal_of([&] { rows.create(a_folder("a", "a")); }) == error_code::ownership_loop);
    // In one transaction a row may come before its owner.
    CHECK(refusal_of([&] {
              rows.transaction([&] {
                  rows.create(a_folder("a", "b"));
                  rows.create(a_folder("b", "a"));
              });
          }) == error_code::ownership_loop);
    CHECK(refusal_of([&] {
              rows.transaction([&] {
                  rows.create(a_folder("b", "c"));
                  rows.create(a_folder("a", "b"));
                  rows.create(a_folder("c", "a"));
              });
          }) == error_code::ownership_loop);
    CHECK(rows.template count<folder>() == 0);

    rows.transaction([&] {
        rows.create(a_folder("c", "b"));
        rows.create(a_folder("b", "a"));
        rows.create(a_folder("a"));
    });
    const auto move = [&](const std::string& name, const std::string& inside) {
        return refusal_of([&] { static_cast<void>(rows.update(id<folder>(name), [&](folder& row) { row.inside_id = id<folder>(inside); })); });
    };
    CHECK(move("a", "c") == error_code::ownership_loop);
    CHECK(move("a", "a") == error_code::ownership_loop);
    CHECK(move("c", "c") == error_code::ownership_loop);
    CHECK(move("c", "a") == error_code::none);
    CHECK(move("b", "c") == error_code::none);
    CHECK(move("c", "b") == error_code::ownership_loop);
}
