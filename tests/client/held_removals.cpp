#include <syncline/client/held_removals.hpp>

#include <set>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <client/support/device.hpp>
#include <support/catch.hpp>

using namespace client_tests;

namespace {

const limits bounds;

/// Folders f and g, and a note in f, all known to the server.
struct moving_phone : device {
    moving_phone() {
        clean(folders, "f", folder("f"), "F");
        clean(folders, "g", folder("g"), "G");
        clean(notes, "n", note("f", "a", 1), "N");
    }

    void edit(int table, std::string_view row, const std::vector<cell>& values, column_mask changed) {
        row_buffer former;
        REQUIRE((*this)->find_row(table, id(row), former));
        record_update(**this, bounds, table, id(row), former, values, changed, 0);
    }
    void move(std::string_view row, std::string_view to) { edit(notes, row, note(to, "a", 1), folder_key); }
    void create(int table, std::string_view row, const std::vector<cell>& values) { record_create(**this, bounds, table, id(row), values, 0); }
    /// The sequence of the removal.
    sequence remove(int table, std::string_view row) {
        REQUIRE(record_removal(**this, bounds, table, id(row), 0) != 0);
        return (*this)->newest_sequence();
    }
    [[nodiscard]] std::set<sequence> held() {
        const std::unordered_set<sequence> found = held_removals(**this);
        return {found.begin(), found.end()};
    }
};

using list = std::set<sequence>;

}  // namespace

TEST_CASE("a removal waits for the edit that moves a row out of what it would take") {
    moving_phone phone;
    phone.move("n", "g");
    const sequence removal = phone.remove(folders, "f");
    CHECK(phone.held() == list{removal});
    const removal_holds holds(*phone);
    REQUIRE(holds.all().size() == 1);
    CHECK(holds.all().front().moved == row_name{notes, id("n")});
}

TEST_CASE("a removal that no row has to leave waits for nothing") {
    moving_phone phone;
    phone.edit(notes, "n", note("f", "edited", 1), title_column);
    phone.remove(folders, "g");
    CHECK(phone.held().empty());
    phone.remove(folders, "f");
    CHECK(phone.held().empty());
}

TEST_CASE("an edit of another field moves nothing") {
    moving_phone phone;
    phone.move("n", "g");
    outbox_entry entry;
    REQUIRE(phone->find_entry(1, entry));
    entry.mask = title_column;
    phone->put_entry(entry);
    phone.remove(folders, "f");
    CHECK(phone.held().empty());
}

TEST_CASE("a move in flight holds the removal, because the server may put it off") {
    moving_phone phone;
    phone.move("n", "g");
    phone->mark_in_flight(std::vector<sequence>{1});
    const sequence removal = phone.remove(folders, "f");
    CHECK(phone.held() == list{removal});
}

TEST_CASE("a move that was set aside holds the removal until it is repaired or given up") {
    moving_phone phone;
    phone.move("n", "g");
    outbox_entry entry;
    REQUIRE(phone->find_entry(1, entry));
    entry.state = entry_state::quarantined;
    phone->put_entry(entry);
    const sequence removal = phone.remove(folders, "f");
    CHECK(phone.held() == list{removal});
}

TEST_CASE("a move from where a row was moved before holds both removals") {
    moving_phone phone;
    phone.clean(folders, "h", folder("h"), "H");
    phone.move("n", "g");
    phone->mark_in_flight(std::vector<sequence>{1});
    phone.move("n", "h");
    const sequence first = phone.remove(folders, "f"), second = phone.remove(folders, "g");
    CHECK(phone.held() == list{first, second});
}

TEST_CASE("the removal of an owner's owner waits as well") {
    moving_phone phone;
    phone.clean(folders, "top", folder("top"), "T");
    phone.clean(folders, "f", folder("f", "top"), "F");
    phone.move("n", "g");
    const sequence removal = phone.remove(folders, "top");
    CHECK(phone.held() == list{removal});
}

TEST_CASE("where an owner was before it was moved is known to the server as well") {
    moving_phone phone;
    phone.clean(folders, "top", folder("top"), "T");
    phone.clean(folders, "f", folder("f", "top"), "F");
    phone.move("n", "g");
    phone.edit(folders, "f", folder("f"), inside_key);
    const sequence of_folder = phone.remove(folders, "f"), of_top = phone.remove(folders, "top");
    CHECK(phone.held() == list{of_folder, of_top});
}

TEST_CASE("a row that the server does not know is taken by no removal") {
    moving_phone phone;
    phone.create(notes, "new", note("f", "a", 1));
    phone.move("new", "g");
    phone.remove(folders, "f");
    CHECK(phone.held().empty());
}

TEST_CASE("a row that was created where it no longer is may be taken, once its create is under way") {
    moving_phone phone;
    phone.create(notes, "new", note("f", "a", 1));
    phone->mark_in_flight(std::vector<sequence>{1});
    phone.move("new", "g");
    const sequence removal = phone.remove(folders, "f");
    CHECK(phone.held() == list{removal});
}

TEST_CASE("a row that was removed itself waits for nobody") {
    moving_phone phone;
    phone.move("n", "g");
    phone.remove(folders, "f");
    phone.remove(notes, "n");
    CHECK(phone.held().empty());
}

TEST_CASE("a removal that the server has taken is held no longer") {
    moving_phone phone;
    phone.move("n", "g");
    phone->erase_entry(phone.remove(folders, "f"));
    CHECK(phone.held().empty());
}

TEST_CASE("a removal whose sequence is being closed is held no longer") {
    moving_phone phone;
    phone.move("n", "g");
    outbox_entry closing;
    REQUIRE(phone->find_entry(phone.remove(folders, "f"), closing));
    closing.kind = operation_kind::close;
    closing.closes = operation_kind::remove;
    closing.state = entry_state::in_flight;
    phone->put_entry(closing);
    CHECK(phone.held().empty());
}

TEST_CASE("a move to a later life of what is removed does not hold the removal that has to come first") {
    moving_phone phone;
    phone.move("n", "g");
    phone.remove(folders, "f");
    phone.create(folders, "f", folder("second life"));
    phone.move("n", "f");
    CHECK(phone.held().empty());
}

TEST_CASE("a move into what is new inside of a later life does not hold the removal either") {
    moving_phone phone;
    phone.move("n", "g");
    phone.remove(folders, "f");
    phone.create(folders, "f", folder("second life"));
    phone.create(folders, "in f", folder("inside of it", "f"));
    phone.move("n", "in f");
    CHECK(phone.held().empty());
}
