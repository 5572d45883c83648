#include <syncline/client/histories.hpp>

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

/// A device with a folder and a note that the server has.
struct phone_with_a_note : device {
    phone_with_a_note() {
        clean(folders, "f", folder("f"), "F");
        clean(notes, "n", note("f", "a", 1), "N");
    }

    void edit(const std::vector<cell>& values, column_mask changed) {
        row_buffer row;
        REQUIRE((*this)->find_row(notes, id("n"), row));
        record_update(**this, bounds, notes, id("n"), row, values, changed, 0);
    }
    void send(std::vector<sequence> several) { (*this)->mark_in_flight(several); }
    void remove() { REQUIRE(record_removal(**this, bounds, notes, id("n"), 0) == 1); }
    void create(const std::vector<cell>& values) { record_create(**this, bounds, notes, id("n"), values, 0); }
};

loaded_row load(device& one, std::string_view row = "n") {
    loaded_row loaded;
    REQUIRE(load_visible(*one, notes, id(row), loaded));
    return loaded;
}

loaded_row load_only_removed(device& one) {
    const std::vector<removed_row> lives = removed_lives_of(*one, notes, id("n"));
    REQUIRE(lives.size() == 1);
    loaded_row loaded;
    load_removed(*one, lives.front(), loaded);
    return loaded;
}

std::string edits_of(const row_history& history) {
    std::string text;
    for (const outbox_entry& entry : history.edits) text += (text.empty() ? "" : " | ") + text_of(entry);
    return text;
}

}  // namespace

TEST_CASE("a row that is not there has no history") {
    device phone;
    loaded_row loaded;
    CHECK_FALSE(load_visible(*phone, notes, id("n"), loaded));
}

TEST_CASE("a clean row's history is the row") {
    phone_with_a_note phone;
    const loaded_row loaded = load(phone);
    CHECK(loaded.history.is_clean());
    CHECK_FALSE(loaded.history.has_base());
    CHECK(loaded.history.remote == remote("N"));
    CHECK(loaded.history.version == at_version(4));
    CHECK(text_of(loaded.history.shown) == "f a 1 -");
    CHECK(loaded.history.table_index == notes);
    CHECK(loaded.history.id == id("n"));
}

TEST_CASE("an edited row's history has its base, with that one's version, and its edits from the oldest on") {
    phone_with_a_note phone;
    phone.edit(note("f", "b", 1), title_column);
    phone.send({1});
    phone.edit(note("f", "b", 3), count_column);
    const loaded_row loaded = load(phone);
    CHECK(text_of(loaded.history.shown) == "f b 3 -");
    CHECK(text_of(loaded.history.base) == "f a 1 -");
    CHECK(loaded.history.version == at_version(4));
    CHECK(edits_of(loaded.history) == "#1 update n title in flight sent b | #2 update n count behind 1");
}

TEST_CASE("what was loaded of one row is not left in what is loaded of the next") {
    phone_with_a_note phone;
    phone.clean(notes, "m", note("f", "m"), "M", 5);
    phone.edit(note("f", "b", 1), title_column);
    loaded_row loaded;
    REQUIRE(load_visible(*phone, notes, id("n"), loaded));
    REQUIRE(load_visible(*phone, notes, id("m"), loaded));
    CHECK(loaded.history.is_clean());
    CHECK_FALSE(loaded.history.has_base());
    CHECK(loaded.edits.empty());
    CHECK(loaded.base_image.empty());
    CHECK(loaded.base_holder == 0);
    CHECK(loaded.history.version == at_version(5));
}

TEST_CASE("what was loaded and not changed is stored as it was") {
    phone_with_a_note phone;
    phone.edit(note("f", "b", 1), title_column);
    phone.send({1});
    phone.edit(note("f", "b", 3), count_column);
    const std::string before = phone.listing();
    loaded_row loaded = load(phone);
    store_history(*phone, loaded, loaded.history);
    CHECK(phone.listing() == before);
}

TEST_CASE("a new edit gets its sequence when it is stored, and the row names the newest") {
    phone_with_a_note phone;
    loaded_row loaded = load(phone);
    row_history& next = loaded.history;
    next.base = next.keep_copy(next.shown);
    next.shown = next.keep(note("f", "b", 1));
    outbox_entry entry;
    entry.table = notes;
    entry.id = id("n");
    entry.kind = operation_kind::update;
    entry.mask = title_column;
    next.edits.push_back(entry);
    store_history(*phone, loaded, next);
    CHECK(next.edits.front().seq == 1);
    CHECK(phone.listing() ==
          "f: f -, F at 4\n"
          "n: f b 1 -, N at 4 #1\n"
          "base of n: f a 1 - at 4\n"
          "#1 update n title\n");
}

TEST_CASE("a row that becomes clean has no base and no entry left, and the version that the server gave it") {
    phone_with_a_note phone;
    phone.edit(note("f", "b", 1), title_column);
    loaded_row loaded = load(phone);
    loaded.history.edits.clear();
    loaded.history.base = {};
    loaded.history.version = at_version(6);
    store_history(*phone, loaded, loaded.history);
    CHECK(phone.listing() ==
          "f: f -, F at 4\n"
          "n: f b 1 -, N at 6\n");
}

TEST_CASE("the base stands with the oldest edit alone, and holds what edits may change or the row has otherwise") {
    phone_with_a_note phone;
    phone.edit(note("f", "b", 1), title_column);
    phone.send({1});
    phone.edit(note("f", "b", 3), count_column);
    const auto base_of = [&](sequence seq) {
        outbox_entry entry;
        REQUIRE(phone->find_entry(seq, entry));
        std::vector<cell> values(schema[notes].columns.size());
        std::string_view image = entry.base;
        if (image.empty()) return std::string("none");
        const column_mask columns = take_image(image, values);
        return std::to_string(columns) + " " + text_of(values);
    };
    CHECK(base_of(1) == std::to_string(title_column | count_column) + " - a 1 -");
    CHECK(base_of(2) == "none");
    // The server has another folder: the row may differ from it in a column that no edit changed.
    loaded_row loaded = load(phone);
    loaded.history.base = loaded.history.keep(note("g", "a", 1));
    store_history(*phone, loaded, loaded.history);
    CHECK(text_of(load(phone).history.base) == "g a 1 -");
    loaded = load(phone);
    loaded.history.edits.erase(loaded.history.edits.begin());
    loaded.history.base = loaded.history.keep(note("f", "b", 1));
    store_history(*phone, loaded, loaded.history);
    CHECK(base_of(2) == std::to_string(count_column) + " - - 1 -");
    CHECK(text_of(load(phone).history.base) == "f b 1 -");
}

TEST_CASE("of an edited row the version is that of its base") {
    phone_with_a_note phone;
    phone.edit(note("f", "b", 1), title_column);
    loaded_row loaded = load(phone);
    loaded.history.base = loaded.history.keep(note("f", "a", 9));
    loaded.history.version = at_version(6);
    store_history(*phone, loaded, loaded.history);
    CHECK(phone.listing() ==
          "f: f -, F at 4\n"
          "n: f b 1 -, N at 6 #1\n"
          "base of n: f a 9 - at 6\n"
          "#1 update n title\n");
    // The same values under a newer version are a newer base.
    loaded = load(phone);
    CHECK(loaded.history.version == at_version(6));
    loaded.history.version = at_version(7);
    store_history(*phone, loaded, loaded.history);
    CHECK(phone.listing().find("base of n: f a 9 - at 7\n") != std::string::npos);
}

TEST_CASE("a row that goes leaves nothing but the voids of what was sent") {
    phone_with_a_note phone;
    phone.edit(note("f", "b", 1), title_column);
    phone.send({1});
    phone.edit(note("f", "b", 3), count_column);
    loaded_row loaded = load(phone);
    outbox_entry closing = loaded.history.edits.front();
    closing.kind = operation_kind::close;
    const std::vector<outbox_entry> voids{closing};
    loaded.history.exists = false;
    store_history(*phone, loaded, loaded.history, voids);
    CHECK(phone.listing() ==
          "f: f -, F at 4\n"
          "#1 void n in flight sent b\n");
}

TEST_CASE("a row that was removed here is kept whole, and comes back as it was") {
    phone_with_a_note phone;
    phone.edit(note("f", "b", 1), title_column);
    phone.send({1});
    phone.edit(note("f", "b", 3), count_column);
    phone.remove();
    CHECK(phone.listing() ==
          "f: f -, F at 4\n"
          "#1 update n title in flight sent b\n"
          "#3 remove n behind 1\n"
          "removed by 3 n: f b 3 -, N at 4 #1, base f a 1 -, unsent 4\n");
    outbox_entry sent;
    CHECK(phone->find_entry(1, sent));
    CHECK(sent.base.empty());
    loaded_row loaded = load_only_removed(phone);
    CHECK_FALSE(loaded.history.visible);
    CHECK(loaded.history.removed_by == 3);
    CHECK(text_of(loaded.history.base) == "f a 1 -");
    CHECK(edits_of(loaded.history) == "#1 update n title in flight sent b | #0 update n count");
    const std::string hidden = phone.listing();
    store_history(*phone, loaded, loaded.history);
    CHECK(phone.listing() == hidden);

    phone->erase_entry(3);
    loaded = load_only_removed(phone);
    row_history back = restore(std::move(loaded.history), nullptr);
    store_history(*phone, loaded, back);
    // What was never sent goes out under a sequence of its own.
    REQUIRE(back.edits.size() == 2);
    CHECK(phone.listing() ==
          "f: f -, F at 4\n"
          "n: f b 3 -, N at 4 #" + std::to_string(back.edits.back().seq) + "\n"
          "base of n: f a 1 - at 4\n"
          "#1 update n title in flight sent b\n"
          "#" + std::to_string(back.edits.back().seq) + " update n count behind 1\n");
}

TEST_CASE("a create that was never sent is known from its record, whatever it changed") {
    phone_with_a_note phone;
    phone->erase_row(notes, id("n"));
    phone->put_removed({notes, id("n"), 9, {{}, {}, 2, 0}, make_image(note("f", "x"), whole_note), {}, 0, true});
    const loaded_row loaded = load_only_removed(phone);
    CHECK(edits_of(loaded.history) == "#0 create n");
    CHECK(loaded.history.edits.front().mask == whole_note);
    CHECK(loaded.history.incarnation == 2);
    CHECK(is_never_sent(loaded.record));
}

TEST_CASE("an entry is of the life whose oldest edit it is") {
    phone_with_a_note phone;
    phone.edit(note("f", "b", 1), title_column);
    phone.send({1});
    phone.remove();
    phone.create(note("f", "new life"));
    phone.send({3});
    loaded_row loaded;
    outbox_entry entry;

    REQUIRE(phone->find_entry(1, entry));
    load_life_of(*phone, entry, loaded);
    CHECK(loaded.stored == loaded_row::place::removed);
    CHECK(text_of(loaded.history.shown) == "f b 1 -");

    REQUIRE(phone->find_entry(3, entry));
    load_life_of(*phone, entry, loaded);
    CHECK(loaded.stored == loaded_row::place::visible);
    CHECK(text_of(loaded.history.shown) == "f new life 0 -");

    entry.seq = 99;
    load_life_of(*phone, entry, loaded);
    CHECK(loaded.stored == loaded_row::place::nowhere);
    CHECK_FALSE(loaded.history.visible);
    CHECK(loaded.history.edits.size() == 1);
    CHECK(loaded.edits.size() == 1);
    CHECK(loaded.base_image.empty());
}

TEST_CASE("two removed lives of a row are two records") {
    phone_with_a_note phone;
    phone.remove();
    phone.create(note("f", "second"));
    phone.send({2});
    phone.remove();
    const std::vector<removed_row> lives = removed_lives_of(*phone, notes, id("n"));
    REQUIRE(lives.size() == 2);
    CHECK(lives[0].root == 1);
    CHECK(lives[1].root == 3);
    CHECK(lives[1].state.incarnation == 2);
    CHECK(removed_by(*phone, 3).size() == 1);
    loaded_row loaded;
    load_removed(*phone, lives[0], loaded);
    loaded.history.exists = false;
    store_history(*phone, loaded, loaded.history);
    CHECK(removed_lives_of(*phone, notes, id("n")).size() == 1);
    CHECK(removed_lives_of(*phone, notes, id("n")).front().root == 3);
}

TEST_CASE("a life that another removal takes is a record of that removal only") {
    phone_with_a_note phone;
    phone.remove();
    loaded_row loaded = load_only_removed(phone);
    loaded.history.removed_by = 7;
    store_history(*phone, loaded, loaded.history);
    CHECK(removed_by(*phone, 1).empty());
    CHECK(removed_by(*phone, 7).size() == 1);
}

TEST_CASE("a transition's records and wishes are stored with its row") {
    phone_with_a_note phone;
    loaded_row loaded = load(phone);
    row_transition made{std::move(loaded.history), {}};
    conflict_record record;
    record.table = notes;
    record.id = id("n");
    made.effects.conflicts = {record, record};
    CHECK(store_transition(*phone, loaded, made) == 2);
    CHECK_FALSE(phone->find_meta("refetch_wanted").has_value());
    loaded = load(phone);
    made = {std::move(loaded.history), {}};
    made.effects.fetch = true;
    CHECK(store_transition(*phone, loaded, made) == 0);
    CHECK(phone->find_meta("refetch_wanted") == "1");
    CHECK(phone.listing().find("conflict: field overwritten n\nconflict: field overwritten n\n") != std::string::npos);
}

TEST_CASE("a row can be shown if each of its keys is null or names a visible row") {
    phone_with_a_note phone;
    CHECK(keys_are_visible(*phone, notes, note("f", "x")));
    CHECK(keys_are_visible(*phone, notes, note("f", "x", 0, "n")));
    CHECK_FALSE(keys_are_visible(*phone, notes, note("of nobody", "x")));
    CHECK_FALSE(keys_are_visible(*phone, notes, note("f", "x", 0, "of nobody")));
    // A folder's name is no note's.
    CHECK_FALSE(keys_are_visible(*phone, notes, note("f", "x", 0, "f")));
    const std::vector<cell> not_translated{cell::server_key("F"), cell::text("x"), cell::integer(0), cell()};
    CHECK_FALSE(keys_are_visible(*phone, notes, not_translated));
    phone.remove();
    CHECK_FALSE(keys_are_visible(*phone, notes, note("f", "x", 0, "n")));
}

TEST_CASE("the server cannot know a removed life of which nothing was sent") {
    const auto never_sent = [](std::string_view known_as, sequence pending, bool unsent_create) {
        return is_never_sent({notes, id("n"), 9, {remote(known_as), {}, 1, pending}, {}, {}, 0, unsent_create});
    };
    CHECK(never_sent("", 0, true));
    // It may know another life of that name.
    CHECK(never_sent("N", 0, true));
    CHECK_FALSE(never_sent("N", 0, false));
    CHECK_FALSE(never_sent("", 0, false));
    CHECK_FALSE(never_sent("", 7, false));
    CHECK_FALSE(never_sent("", 7, true));
}
