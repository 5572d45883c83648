#include <syncline/backends/memory.hpp>
#include <syncline/backends/sqlite.hpp>
#include <syncline/testing/backend_suite_rows.hpp>

#include <memory>

#include <support/catch.hpp>

using namespace syncline;
namespace suite = syncline::testing::backend_suite;

namespace {
template <class Backend>
std::unique_ptr<Backend> make_backend() {
    if constexpr (std::same_as<Backend, memory_backend>)
        return std::make_unique<memory_backend>(suite::schema);
    else
        return std::make_unique<sqlite_backend>(":memory:", suite::schema);
}
}  // namespace

TEMPLATE_TEST_CASE("a reading transaction cannot write", "", memory_backend, sqlite_backend) {
    const auto database = make_backend<TestType>();
    auto tx = database->begin_read("ada");
    CHECK_THROWS_AS(tx.take_version(), store_error);
    CHECK_THROWS_AS((void)tx.insert_row(suite::labels, suite::label(1)), store_error);
    CHECK_THROWS_AS(tx.update_row(suite::labels, suite::label(1), ~column_mask{0}), store_error);
    CHECK_THROWS_AS(tx.save_device("phone", 1, 0, {}), store_error);
}

TEMPLATE_TEST_CASE("a backend refuses null in a column that does not allow it", "", memory_backend, sqlite_backend) {
    const auto database = make_backend<TestType>();
    auto tx = database->begin_write("ada");
    server_row row = suite::label(1);
    row.values.reset(1);
    CHECK_THROWS_AS(suite::insert(tx, suite::labels, std::move(row)), store_error);
}

TEMPLATE_TEST_CASE("a row keeps its server id", "", memory_backend, sqlite_backend) {
    const auto database = make_backend<TestType>();
    auto tx = database->begin_write("ada");
    suite::insert(tx, suite::labels, suite::label(1));
    server_row row = suite::label(1);
    row.id = suite::id_of_number(suite::labels, 2);
    CHECK_THROWS_AS(suite::update(tx, suite::labels, std::move(row)), store_error);
}

TEMPLATE_TEST_CASE("a transaction whose commit was refused leaves nothing", "", memory_backend, sqlite_backend) {
    const auto database = make_backend<TestType>();
    {
        auto tx = database->begin_write("ada");
        suite::insert(tx, suite::labels, suite::label(1));
        suite::insert(tx, suite::notes, suite::note(1, 9));
        CHECK_THROWS_AS(tx.commit(), store_error);
    }
    auto tx = database->begin_read("ada");
    CHECK(tx.version() == row_version(first_generation, 0));
    CHECK(suite::changes(tx, {}, 10).empty());
}

TEMPLATE_TEST_CASE("an update that says which columns it changes leaves the keys it does not name", "", memory_backend,
                   sqlite_backend) {
    const auto database = make_backend<TestType>();
    auto tx = database->begin_write("ada");
    suite::insert(tx, suite::folders, suite::folder(1));
    suite::insert(tx, suite::folders, suite::folder(2));
    suite::insert(tx, suite::notes, suite::note(1, 1));
    const auto update = [&](int folder, std::int64_t stars, column_mask changed) {
        server_row row = suite::note(1, folder);
        row.values.set(suite::note_stars, cell::integer(stars));
        row.version = tx.take_version();
        tx.update_row(suite::notes, row, changed);
        server_row found;
        REQUIRE(tx.find_by_local(suite::notes, row.local, found));
        CHECK(suite::difference(found, row).empty());
    };
    update(1, 7, only_column(suite::note_stars));
    update(2, 8, only_column(suite::note_stars) | only_column(suite::note_folder));
    std::vector<suite::seen_row> pointing;
    tx.scan_referrers(suite::notes, suite::note_folder, suite::id_of_number(suite::folders, 2), suite::into(pointing));
    CHECK(pointing.size() == 1);
    tx.commit();
}
