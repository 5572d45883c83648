#include <syncline/client/translate.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <client/support/device.hpp>
#include <support/catch.hpp>
#include <syncline/client/local_removal.hpp>

using namespace client_tests;

namespace {

const limits bounds;

void create_folder(device& one, std::string_view row) {
    const std::vector<cell> values = folder("new");
    record_create(*one, bounds, folders, id(row), values, 0);
}

/// How a note's key to this folder goes out: "server X", "local X" or "waits".
std::string key_of(key_translator& keys, std::string_view row, bool sent_before = false) {
    std::vector<cell> values = note(row, "n");
    if (!keys.translate(tables[notes], values, folder_key, sent_before)) return "waits";
    return (values[0].kind() == cell_kind::server_key ? "server " : "local ") + std::string(values[0].view());
}

}  // namespace

TEST_CASE("a key to a row that the server knows goes out as the server's id") {
    device phone;
    phone.clean(folders, "f", folder("f"), "F");
    key_translator keys(*phone);
    CHECK(key_of(keys, "f") == "server F");
    CHECK(key_of(keys, "f", true) == "server F");
}

TEST_CASE("a key to a row that this batch creates goes out as its local id, and in the next batch no longer") {
    device phone;
    create_folder(phone, "f");
    key_translator keys(*phone);
    keys.begin_batch();
    keys.add_created(folders, id("f"));
    CHECK(key_of(keys, "f") == "local f");
    CHECK(key_of(keys, "f") == "local f");
    keys.begin_batch();
    CHECK(key_of(keys, "f") == "waits");
}

TEST_CASE("a create that was taken out of the batch again has taken its row along") {
    device phone;
    create_folder(phone, "f");
    key_translator keys(*phone);
    keys.add_created(folders, id("f"));
    CHECK(key_of(keys, "f") == "local f");
    keys.remove_created(folders, id("f"));
    CHECK(key_of(keys, "f") == "waits");
}

TEST_CASE("an operation waits for a row that the server does not know, unless it was sent before") {
    device phone;
    create_folder(phone, "f");
    key_translator keys(*phone);
    CHECK(key_of(keys, "f") == "waits");
    CHECK(key_of(keys, "f", true) == "local f");
    CHECK(key_of(keys, "of nobody") == "waits");
}

TEST_CASE("an operation waits for a row whose create was set aside, even if it was sent before") {
    device phone;
    create_folder(phone, "f");
    outbox_entry create;
    REQUIRE(phone->find_entry(1, create));
    create.state = entry_state::quarantined;
    phone->put_entry(create);
    key_translator keys(*phone);
    CHECK(key_of(keys, "f") == "waits");
    CHECK(key_of(keys, "f", true) == "waits");
}

TEST_CASE("an operation waits for a row whose create is being closed, even if it was sent before") {
    device phone;
    create_folder(phone, "f");
    outbox_entry create;
    REQUIRE(phone->find_entry(1, create));
    create.closes = std::exchange(create.kind, operation_kind::close);
    create.state = entry_state::in_flight;
    phone->put_entry(create);
    key_translator keys(*phone);
    CHECK(key_of(keys, "f") == "waits");
    CHECK(key_of(keys, "f", true) == "waits");
}

TEST_CASE("an operation waits for a row whose create is not sent for now, until rows were settled") {
    device phone;
    phone.clean(folders, "f", folder("f"), "");
    key_translator keys(*phone);
    keys.add_held(folders, id("f"));
    CHECK(key_of(keys, "f", true) == "waits");
    keys.forget();
    CHECK(key_of(keys, "f", true) == "local f");
}

TEST_CASE("a row that was removed here is still the server's row until its removal is taken") {
    device phone;
    phone.clean(folders, "f", folder("f"), "F");
    REQUIRE(record_removal(*phone, bounds, folders, id("f"), 0) == 1);
    key_translator keys(*phone);
    CHECK(key_of(keys, "f") == "server F");
}

TEST_CASE("a new life of a removed row does not go out under the id of the former life") {
    device phone;
    phone.clean(folders, "f", folder("f"), "F");
    record_removal(*phone, bounds, folders, id("f"), 0);
    create_folder(phone, "f");
    row_state state;
    REQUIRE(phone->find_state(folders, id("f"), state));
    REQUIRE(state.id == remote("F"));
    key_translator keys(*phone);
    CHECK(key_of(keys, "f") == "waits");
    CHECK(key_of(keys, "f", true) == "local f");
}

TEST_CASE("an edit of a row that the server knows does not hide the row") {
    device phone;
    phone.clean(folders, "f", folder("f"), "F");
    row_buffer row;
    REQUIRE(phone->find_row(folders, id("f"), row));
    const std::vector<cell> edited = folder("edited");
    record_update(*phone, bounds, folders, id("f"), row, edited, name_column, 0);
    key_translator keys(*phone);
    CHECK(key_of(keys, "f") == "server F");
}

TEST_CASE("a target is asked for once, until rows were settled") {
    device phone;
    phone.clean(folders, "f", folder("f"), "F");
    key_translator keys(*phone);
    CHECK(key_of(keys, "f") == "server F");
    phone->put_state(folders, id("f"), {remote("G"), at_version(5), 1, 0});
    CHECK(key_of(keys, "f") == "server F");
    keys.begin_batch();
    CHECK(key_of(keys, "f") == "server F");
    keys.forget();
    CHECK(key_of(keys, "f") == "server G");
}

TEST_CASE("only the keys of the operation's own columns are translated, and nulls and values stay as they are") {
    device phone;
    phone.clean(folders, "f", folder("f"), "F");
    phone.clean(notes, "m", note("f", "m"), "M");
    key_translator keys(*phone);
    std::vector<cell> values = note("f", "n", 3, "m");
    REQUIRE(keys.translate(tables[notes], values, next_key | title_column, false));
    CHECK(values[0] == cell::local_key("f"));
    CHECK(values[1] == cell::text("n"));
    CHECK(values[3] == cell::server_key("M"));
    values = note("f", "n");
    REQUIRE(keys.translate(tables[notes], values, whole_note, false));
    CHECK(values[3].is_null());
    // The other key may point anywhere.
    values = note("of nobody", "n", 0, "m");
    CHECK(keys.translate(tables[notes], values, next_key, false));
    CHECK_FALSE(keys.translate(tables[notes], values, folder_key | next_key, false));
}
