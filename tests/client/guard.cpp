#include <syncline/client/removal_guard.hpp>

#include <cstddef>
#include <string>

#include <client/support/device.hpp>
#include <support/catch.hpp>

using namespace client_tests;

namespace {

/// From ten rows on, half of them may go unasked.
limits make_bounds() {
    limits bounds;
    bounds.removal_rows = 10;
    bounds.removal_share = 0.5;
    return bounds;
}
const limits bounds = make_bounds();

void fill(device& one, int rows) {
    for (int i = 0; i < rows; ++i) {
        const std::string row = "f" + std::to_string(i);
        one.clean(folders, row, folder("f"), "F" + std::to_string(i));
    }
}

removal_guard open_guard(device& one, removal_consent consent = removal_consent::withheld) {
    removal_guard guard(bounds, consent);
    guard.open(*one, true, false);
    return guard;
}

}  // namespace

TEST_CASE("a share of a device's rows may be removed unasked, and all of a few") {
    CHECK(is_removal_allowed(9, 9, bounds));
    CHECK(is_removal_allowed(5, 10, bounds));
    CHECK_FALSE(is_removal_allowed(6, 10, bounds));
    CHECK(is_removal_allowed(5, 11, bounds));
    CHECK_FALSE(is_removal_allowed(6, 11, bounds));
    CHECK(is_removal_allowed(0, 1'000'000, bounds));
}

TEST_CASE("the removals of all pages of a pull count together, in all tables") {
    device phone;
    fill(phone, 10);
    removal_guard guard = open_guard(phone);
    CHECK(guard.allows({2, 1}));
    CHECK(guard.allows({0, 2}));
    CHECK_FALSE(guard.allows({1, 0}));
}

TEST_CASE("a page that may not go does not count, and one without removals always goes") {
    device phone;
    fill(phone, 10);
    removal_guard guard = open_guard(phone);
    CHECK_FALSE(guard.allows({6, 0}));
    CHECK(guard.allows({0, 0}));
    CHECK(guard.allows({5, 0}));
    CHECK(guard.allows({0, 0}));
    CHECK_FALSE(guard.allows({0, 1}));
}

TEST_CASE("rows of every table count, and rows that the pull brings do not raise what it may remove") {
    device phone;
    fill(phone, 6);
    for (int i = 0; i < 4; ++i) phone.clean(notes, "n" + std::to_string(i), note("f0", "n"), "N" + std::to_string(i));
    removal_guard guard = open_guard(phone);
    fill(phone, 100);
    guard.open(*phone, true, false);
    CHECK(guard.allows({5, 0}));
    CHECK_FALSE(guard.allows({1, 0}));
}

TEST_CASE("a device of few rows loses all of them unasked") {
    device phone;
    fill(phone, 9);
    CHECK(open_guard(phone).allows({9, 0}));
}

TEST_CASE("what an interrupted pull has removed counts when it goes on, against the rows it began with") {
    device phone;
    fill(phone, 10);
    removal_guard guard = open_guard(phone);
    REQUIRE(guard.allows({4, 0}));
    guard.save(*phone, false);
    for (int i = 0; i < 4; ++i) phone->erase_row(folders, id("f" + std::to_string(i)));
    removal_guard later = open_guard(phone);
    CHECK_FALSE(later.allows({2, 0}));
    CHECK(later.allows({1, 0}));
    CHECK_FALSE(later.allows({1, 0}));
}

TEST_CASE("a pull that has ended counts for nothing afterwards") {
    device phone;
    fill(phone, 20);
    removal_guard guard = open_guard(phone);
    REQUIRE(guard.allows({10, 0}));
    guard.save(*phone, true);
    CHECK(phone->find_meta("removals").value_or("").empty());
    CHECK(open_guard(phone).allows({10, 0}));
}

TEST_CASE("consent is for the whole pull, also over an interruption, and for no later one") {
    device phone;
    fill(phone, 10);
    removal_guard asked = open_guard(phone);
    REQUIRE(asked.allows({3, 0}));
    asked.save(*phone, false);
    removal_guard guard = open_guard(phone, removal_consent::given);
    CHECK(guard.allows({6, 0}));
    guard.save(*phone, false);
    removal_guard later = open_guard(phone);
    CHECK(later.allows({1, 0}));
    later.save(*phone, true);
    CHECK_FALSE(open_guard(phone).allows({6, 0}));
}

TEST_CASE("a page that removes nothing and ends the pull costs nothing") {
    device phone;
    fill(phone, 10);
    removal_guard guard(bounds, removal_consent::withheld);
    guard.open(*phone, false, true);
    guard.save(*phone, true);
    CHECK_FALSE(phone->find_meta("removals").has_value());
}

TEST_CASE("a pull of several pages is counted from its first page on, and the rows are those of its beginning") {
    device phone;
    fill(phone, 10);
    removal_guard guard(bounds, removal_consent::withheld);
    guard.open(*phone, false, false);
    REQUIRE(guard.allows({0, 0}));
    guard.save(*phone, false);
    fill(phone, 100);
    removal_guard later = open_guard(phone);
    CHECK_FALSE(later.allows({6, 0}));
    // The last page of a pull that was interrupted belongs to it, whether it removes anything or not.
    removal_guard last(bounds, removal_consent::withheld);
    last.open(*phone, false, true);
    last.save(*phone, true);
    CHECK(phone->find_meta("removals").value_or("").empty());
}

TEST_CASE("a copy made before a page undoes what its roll-back undoes") {
    device phone;
    fill(phone, 10);
    removal_guard guard = open_guard(phone);
    removal_guard before = guard;
    REQUIRE(guard.allows({5, 0}));
    CHECK(before.allows({5, 0}));
}
