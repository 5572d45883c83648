/// Pages whose rows come before what they point at, and removals that come before their rows' own.
#include <syncline/client/pull.hpp>

#include <algorithm>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <client/support/device.hpp>
#include <support/catch.hpp>

using namespace client_tests;

namespace {

const limits bounds;

/// A device that takes pages, row by row in few words.
struct pulling_phone : device {
    pulling_phone() {
        report.tables.resize(tables.size());
        applier.open();
    }

    pulling_phone& add(int table, std::string_view row, std::int64_t version, std::vector<cell> values) {
        const std::vector<cell>& kept = values_.emplace_back(std::move(values));
        page.rows.push_back({.table = table, .id = remote(upper(row)), .local = id(row), .version = at_version(version), .cells = kept});
        return *this;
    }
    pulling_phone& folder_row(std::string_view row, std::int64_t version, std::string_view in = {}, std::string_view text = "f") {
        return add(folders, row, version, {cell::text(text), remote_key_to(in)});
    }
    pulling_phone& note_row(std::string_view row, std::int64_t version, std::string_view in, std::string_view next = {}, std::string_view text = "t") {
        return add(notes, row, version, {remote_key_to(in), cell::text(text), cell::integer(0), remote_key_to(next)});
    }
    pulling_phone& removal(int table, std::string_view row, std::int64_t version, incarnation_number life = 1) {
        page.rows.push_back({.table = table, .id = remote(upper(row)), .local = id(row), .version = at_version(version), .incarnation = life, .removed = true, .cells = {}});
        return *this;
    }
    /// The rows added so far arrive as one page.
    pulling_phone& arrive() {
        applier.apply(page, report);
        page.rows.clear();
        return *this;
    }
    void finish() { applier.finish(report); }
    /// The program ends and starts again between two pages.
    void restart() { applier.open(); }

    [[nodiscard]] bool shows(int table, std::string_view row) {
        row_state state;
        return (*this)->find_state(table, id(row), state);
    }
    [[nodiscard]] std::size_t pulled() const { return report.total().pulled; }
    [[nodiscard]] std::size_t parked() {
        std::size_t rows = 0;
        (*this)->scan_parked([&](const parked_row&) { ++rows; });
        return rows;
    }

    sync_report report;
    page_applier applier{**this};
    wire::page page;

private:
    /// The server's id of a row is its name in capitals.
    std::string_view upper(std::string_view row) {
        std::string& text = names_.emplace_back(row);
        std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
        return text;
    }

    std::deque<std::string> names_;
    std::deque<std::vector<cell>> values_;
};

}  // namespace

TEST_CASE("a row whose owner has not arrived is parked, unseen, until it has") {
    pulling_phone phone;
    phone.note_row("n", 5, "F").arrive();
    CHECK(phone.listing() == "parked n: F t 0 - at 5\n");
    CHECK(phone.applier.has_parked_rows());
    CHECK(phone.pulled() == 0);
    phone.folder_row("f", 6).arrive();
    CHECK(phone.listing() ==
          "f: f -, F at 6\n"
          "n: f t 0 -, N at 5\n");
    CHECK_FALSE(phone.applier.has_parked_rows());
    CHECK(phone.pulled() == 2);
}

TEST_CASE("parked rows outlive the program") {
    pulling_phone phone;
    phone.note_row("n", 5, "F").arrive();
    phone.restart();
    phone.folder_row("f", 6).arrive();
    CHECK(phone.shows(notes, "n"));
    CHECK(phone.parked() == 0);
}

TEST_CASE("a whole tree that arrives from its leaves is shown when its root does") {
    pulling_phone phone;
    phone.note_row("n", 5, "C").folder_row("c", 5, "B").folder_row("b", 5, "A").arrive();
    CHECK(phone.parked() == 3);
    CHECK_FALSE(phone.shows(folders, "c"));
    phone.folder_row("a", 5).arrive();
    CHECK(phone.parked() == 0);
    CHECK(phone.values_of(notes, "n") == "c t 0 -");
    CHECK(phone.values_of(folders, "c") == "f b");
}

TEST_CASE("rows that point at one another are shown together, when the last thing that they need is there") {
    pulling_phone phone;
    phone.folder_row("f", 4).note_row("a", 5, "F", "B").arrive();
    CHECK_FALSE(phone.shows(notes, "a"));
    phone.note_row("b", 5, "G", "A").arrive();
    CHECK_FALSE(phone.shows(notes, "a"));
    CHECK_FALSE(phone.shows(notes, "b"));
    phone.folder_row("g", 6).arrive();
    CHECK(phone.values_of(notes, "a") == "f t 0 b");
    CHECK(phone.values_of(notes, "b") == "g t 0 a");
    CHECK(phone.parked() == 0);
}

TEST_CASE("rows that point at one another are shown as soon as both are there") {
    pulling_phone phone;
    phone.folder_row("f", 4).note_row("a", 5, "F", "B").arrive();
    CHECK_FALSE(phone.shows(notes, "a"));
    phone.note_row("b", 5, "F", "A").arrive();
    CHECK(phone.values_of(notes, "a") == "f t 0 b");
    CHECK(phone.values_of(notes, "b") == "f t 0 a");
    CHECK(phone.parked() == 0);
}

TEST_CASE("a row that points at itself needs nothing else") {
    pulling_phone phone;
    phone.folder_row("f", 4).note_row("a", 5, "F", "A").arrive();
    CHECK(phone.values_of(notes, "a") == "f t 0 a");
    phone.note_row("b", 5, "G", "B").arrive();
    phone.folder_row("g", 6).arrive();
    CHECK(phone.values_of(notes, "b") == "g t 0 b");
}

TEST_CASE("of two versions of a parked row the newer one is kept, in whichever order they come") {
    for (const bool newer_first : {false, true}) {
        pulling_phone phone;
        for (const std::int64_t version : {newer_first ? 6 : 5, newer_first ? 5 : 6}) phone.note_row("n", version, "F", {}, version == 6 ? "new" : "old").arrive();
        CHECK(phone.listing() == "parked n: F new 0 - at 6\n");
    }
}

TEST_CASE("a newer version of a parked row waits for what it points at, and no longer for what the older one did") {
    pulling_phone phone;
    phone.note_row("n", 5, "F").arrive();
    phone.note_row("n", 6, "G").arrive();
    phone.folder_row("f", 7).arrive();
    CHECK_FALSE(phone.shows(notes, "n"));
    phone.folder_row("g", 8).arrive();
    CHECK(phone.values_of(notes, "n") == "g t 0 -");
}

TEST_CASE("a version that can be shown takes the place of a parked one, and an older one does not") {
    pulling_phone phone;
    phone.folder_row("f", 4).note_row("n", 5, "G").arrive();
    phone.note_row("n", 4, "F").arrive();
    CHECK_FALSE(phone.shows(notes, "n"));
    phone.note_row("n", 6, "F").arrive();
    CHECK(phone.values_of(notes, "n") == "f t 0 -");
    CHECK(phone.parked() == 0);
    phone.folder_row("g", 7).arrive();
    CHECK(phone.values_of(notes, "n") == "f t 0 -");
}

TEST_CASE("a visible row whose newer version is parked goes on to be shown as it was") {
    pulling_phone phone;
    phone.folder_row("f", 4).note_row("n", 4, "F").arrive();
    phone.note_row("n", 6, "G", {}, "moved").arrive();
    CHECK(phone.values_of(notes, "n") == "f t 0 -");
    phone.folder_row("g", 7).arrive();
    CHECK(phone.values_of(notes, "n") == "g moved 0 -");
}

TEST_CASE("a removal takes a parked row, unless that is newer") {
    pulling_phone phone;
    phone.note_row("n", 5, "F").arrive();
    phone.removal(notes, "n", 4).arrive();
    CHECK(phone.parked() == 1);
    phone.removal(notes, "n", 6).arrive();
    CHECK(phone.parked() == 0);
    phone.folder_row("f", 7).arrive();
    CHECK_FALSE(phone.shows(notes, "n"));
}

TEST_CASE("the removal of a row waits for the removals of the rows that it owns") {
    pulling_phone phone;
    phone.folder_row("f", 4).note_row("n", 4, "F").arrive();
    phone.removal(folders, "f", 6).arrive();
    CHECK(phone.shows(folders, "f"));
    CHECK(phone.applier.has_parked_rows());
    CHECK(phone.applier.removed() == std::vector<std::size_t>{0, 0});
    phone.removal(notes, "n", 6).arrive();
    CHECK(phone.listing().empty());
    CHECK(phone.applier.removed() == std::vector<std::size_t>{1, 1});
}

TEST_CASE("a row that moved away from what is removed lets the removal go") {
    pulling_phone phone;
    phone.folder_row("f", 4).folder_row("g", 4).note_row("n", 4, "F").arrive();
    phone.removal(folders, "f", 6).arrive();
    phone.note_row("n", 7, "G").arrive();
    phone.finish();
    CHECK_FALSE(phone.shows(folders, "f"));
    CHECK(phone.values_of(notes, "n") == "g t 0 -");
    CHECK(phone.parked() == 0);
}

TEST_CASE("a later version takes back a removal that waits") {
    pulling_phone phone;
    phone.folder_row("f", 4).note_row("n", 4, "F").arrive();
    phone.removal(folders, "f", 6).arrive();
    phone.folder_row("f", 7, {}, "again").arrive();
    phone.finish();
    CHECK(phone.values_of(folders, "f") == "again -");
    CHECK(phone.shows(notes, "n"));
    CHECK(phone.parked() == 0);
}

TEST_CASE("an earlier version does not") {
    pulling_phone phone;
    phone.folder_row("f", 4).note_row("n", 4, "F").arrive();
    phone.removal(folders, "f", 6).arrive();
    phone.folder_row("f", 5, {}, "late").arrive();
    phone.finish();
    CHECK(phone.listing().empty());
}

TEST_CASE("at the end of the pull a removal takes along what still points at the row, and its edits go into records") {
    pulling_phone phone;
    phone.folder_row("f", 4).arrive();
    record_create(*phone, bounds, notes, id("mine"), note("f", "made here"), 0);
    phone.removal(folders, "f", 6).arrive();
    CHECK(phone.shows(notes, "mine"));
    phone.finish();
    CHECK(phone.listing() == "conflict: edit of a removed row mine\n");
    CHECK(phone.report.conflicts == 1);
    CHECK(phone.applier.removed() == std::vector<std::size_t>{1, 1});
}

TEST_CASE("a row that waits for nothing that will come stays parked over the end of the pull") {
    pulling_phone phone;
    phone.note_row("n", 5, "F").arrive();
    phone.finish();
    CHECK(phone.parked() == 1);
    phone.folder_row("f", 6).arrive();
    CHECK(phone.shows(notes, "n"));
}

TEST_CASE("a parked version that this device has made itself meanwhile is forgotten") {
    pulling_phone phone;
    phone.folder_row("f", 4).note_row("n", 4, "F").arrive();
    phone.note_row("n", 6, "G").arrive();
    REQUIRE(phone.parked() == 1);
    phone.clean(notes, "n", note("f", "settled here"), "N", 7);
    phone.finish();
    CHECK(phone.parked() == 0);
    CHECK(phone.values_of(notes, "n") == "f settled here 0 -");
    // An older one is not newer for being seen.
    phone.note_row("n", 8, "G").arrive();
    phone.finish();
    CHECK(phone.parked() == 1);
}

TEST_CASE("nothing is shown of a parked set while one of its rows is removed here") {
    pulling_phone phone;
    phone.folder_row("f", 4).note_row("a", 4, "F").arrive();
    REQUIRE(record_removal(*phone, bounds, notes, id("a"), 0) == 1);
    phone.note_row("b", 6, "F", "A").arrive();
    CHECK_FALSE(phone.shows(notes, "b"));
    phone.note_row("a", 7, "F", "B").arrive();
    CHECK_FALSE(phone.shows(notes, "a"));
    CHECK_FALSE(phone.shows(notes, "b"));
}

TEST_CASE("an unsent edit that points at what is not here does not keep parked rows from being shown together or not at all") {
    pulling_phone phone;
    phone.folder_row("f", 4).note_row("n", 4, "F").arrive();
    row_buffer row;
    REQUIRE(phone->find_row(notes, id("n"), row));
    record_update(*phone, bounds, notes, id("n"), row, note("f", "mine"), title_column, 0);
    phone.note_row("n", 6, "G").arrive();
    CHECK(phone.values_of(notes, "n") == "f mine 0 -");
    phone.folder_row("g", 6).arrive();
    CHECK(phone.values_of(notes, "n") == "g mine 0 -");
    CHECK(phone.parked() == 0);
}

TEST_CASE("what a page includes may be listed in any order") {
    pulling_phone phone;
    phone.folder_row("f", 4).note_row("n", 4, "F").arrive();
    row_buffer row;
    REQUIRE(phone->find_row(notes, id("n"), row));
    record_update(*phone, bounds, notes, id("n"), row, note("f", "t", 2), count_column, 0);
    phone->mark_in_flight(std::vector<sequence>{1});
    phone.page.includes.above = {9, 1, 3};
    phone.add(notes, "n", 6, {cell::server_key("F"), cell::text("t"), cell::integer(2), cell()}).arrive();
    CHECK(phone.values_of(notes, "n") == "f t 2 -");
}
