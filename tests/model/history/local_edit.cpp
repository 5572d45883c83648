#include <syncline/model/history/local_edit.hpp>

#include <string>
#include <string_view>
#include <vector>

#include <model/history/support/histories.hpp>
#include <support/catch.hpp>

using namespace history_tests;

namespace {

struct edit_case {
    std::string_view says;
    row before;
    note values;
    column_mask changed;
    std::string_view after;
};

std::string after_edit(const row& before, const note& values, column_mask changed, std::int64_t group = 0) {
    row_history history = before.history();
    edit_row(history, history.keep(values.values()), changed, group);
    return text_of(history);
}

/// The digest of what an edit sends, read from the history it is in.
std::uint64_t digest_of_edit(const row_history& history, const outbox_entry& entry) {
    edit_content content;
    read_content(entry, *history.table, history.shown, history.base, history.version, content);
    return digest_of(operation_of(entry, content), *history.table);
}

}  // namespace

TEST_CASE("an edit that was not sent takes a later one in") {
    const edit_case table[] = {
        {"a clean row keeps the server's row as its base", {.shown = {"a", 1}}, {"b", 1}, title, "shows b 1 - | base a 1 - at 4 | update title"},
        {"columns are added to an update that waits",
         {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).at(7)}},
         {"b", 3},
         count,
         "shows b 3 - | base a 1 - at 4 | update title,count #7"},
        {"a column is edited twice", {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).at(7)}}, {"c", 1}, title,
         "shows c 1 - | base a 1 - at 4 | update title #7"},
        {"an update that waits behind another takes the edit in, and the other stays as it is",
         {.shown = {"c", 1}, .base = note{"a", 1}, .edits = {update(title).in_flight(7).sent({"b", 1}, {"a", 1}, 4), update(title).at(8).behind(7)}},
         {"c", 2},
         count,
         "shows c 2 - | base a 1 - at 4 | update title #7 in flight sent (b . .) over (a . .) from 4 | update title,count #8 behind 7"},
        {"a create stays a create, and remembers what it was made with",
         {.shown = {"a", 1}, .version = 0, .edits = {create().at(7)}, .remote = ""},
         {"b", 1},
         title,
         "shows b 1 - unknown | create #7 made (a . .)"},
        {"what a create was made with is what it was made with first",
         {.shown = {"b", 1}, .version = 0, .edits = {create().at(7).made({"a"}, title)}, .remote = ""},
         {"c", 2},
         title | count,
         "shows c 2 - unknown | create #7 made (a 1 .)"},
    };
    for (const edit_case& one : table) {
        INFO(one.says);
        CHECK(after_edit(one.before, one.values, one.changed) == one.after);
    }
}

TEST_CASE("an edit queues behind what is in flight, which keeps what was sent") {
    const edit_case table[] = {
        {"of an update", {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).in_flight(7)}}, {"c", 1}, title,
         "shows c 1 - | base a 1 - at 4 | update title #7 in flight sent (b . .) over (a . .) from 4 | update title behind 7"},
        {"of an update that is frozen already, what was sent is not read again from the row",
         {.shown = {"z", 9}, .base = note{"y", 9}, .version = 6, .edits = {update(title).in_flight(7).sent({"b"}, {"a"}, 4)}},
         {"z", 10},
         count,
         "shows z 10 - | base y 9 - at 6 | update title #7 in flight sent (b . .) over (a . .) from 4 | update count behind 7"},
        {"of a create, all of it", {.shown = {"a", 1, "x"}, .version = 0, .edits = {create().in_flight(7)}, .remote = ""}, {"b", 1, "x"}, title,
         "shows b 1 x unknown | create #7 in flight sent (a 1 x) | update title behind 7"},
        {"of a create that was edited before it was sent, with what it was made with",
         {.shown = {"b", 1}, .version = 0, .edits = {create().in_flight(7).made({"a"}, title)}, .remote = ""},
         {"b", 2},
         count,
         "shows b 2 - unknown | create #7 in flight sent (b 1 -) over (a . .) made (a . .) | update count behind 7"},
        {"of a create in a cycle of tables, without the key that travels in a patch",
         {.shown = {"a", 1, "x"}, .version = 0, .edits = {create().in_flight(7)}, .remote = "", .table = &in_cycle},
         {"b", 1, "x"},
         title,
         "shows b 1 x unknown | create #7 in flight sent (a 1 -) | update title behind 7"},
    };
    for (const edit_case& one : table) {
        INFO(one.says);
        CHECK(after_edit(one.before, one.values, one.changed) == one.after);
    }
}

TEST_CASE("an edit of what was set aside is its repair, with fresh attempts") {
    const edit_case table[] = {
        {"an update refused for good goes out under a new sequence with both",
         {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).set_aside(7).tried(8)}},
         {"b", 2},
         count,
         "shows b 2 - | base a 1 - at 4 | update title,count"},
        {"a create refused for good stays a create, and is no edit of anything",
         {.shown = {"a", 1}, .version = 0, .edits = {create().set_aside(7)}, .remote = ""},
         {"b", 1},
         title,
         "shows b 1 - unknown | create"},
        {"the repair waits for what the refused edit has waited for",
         {.shown = {"b", 1}, .version = 0, .edits = {create().set_aside(7).behind(5)}, .remote = "", .life = 2},
         {"c", 1},
         title,
         "shows c 1 - unknown life 2 | create behind 5 life 2"},
        {"behind an update that is being closed it has its own fields only",
         {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {close(update(title).sent({"b"}, {"a"}, 4), 7)}},
         {"b", 2},
         count,
         "shows b 2 - | base a 1 - at 4 | void of update title #7 in flight sent (b . .) over (a . .) from 4 | update count behind 7"},
        {"behind a create that is being closed it is an edit of what the server may have made",
         {.shown = {"a", 1}, .version = 0, .edits = {close(create().sent({"a", 1}), 7)}, .remote = ""},
         {"b", 1},
         title,
         "shows b 1 - unknown | void of create #7 in flight sent (a 1 -) | update title behind 7"},
        {"what it was made with stays with the void",
         {.shown = {"b", 1},
          .version = 0,
          .edits = {close(create().sent({"b", 1}).made({"a"}, title), 7)},
          .remote = ""},
         {"c", 2},
         title | count,
         "shows c 2 - unknown | void of create #7 in flight sent (b 1 -) made (a . .) | update title,count behind 7"},
    };
    for (const edit_case& one : table) {
        INFO(one.says);
        CHECK(after_edit(one.before, one.values, one.changed) == one.after);
    }
}

TEST_CASE("a new edit belongs to the life of its row and to the group of its transaction") {
    CHECK(after_edit({.shown = {"a"}, .life = 3}, {"b"}, title, 9) == "shows b 0 - life 3 | base a 0 - at 4 | update title life 3 group 9");
    CHECK(after_edit({.shown = {"b"}, .base = note{"a"}, .edits = {update(title).in_flight(7)}}, {"c"}, title, 9) ==
          "shows c 0 - | base a 0 - at 4 | update title #7 in flight sent (b . .) over (a . .) from 4 | update title behind 7 group 9");
}

TEST_CASE("an edit never changes the content of what was sent before it") {
    for (const row& before : {row{.shown = {"b", 2}, .base = note{"a", 1}, .edits = {update(title | count).in_flight(7)}},
                              row{.shown = {"b", 2, "x"}, .version = 0, .edits = {create().in_flight(7)}, .remote = ""},
                              row{.shown = {"b", 2, "x"}, .version = 0, .edits = {create().in_flight(7)}, .remote = "", .table = &in_cycle},
                              row{.shown = {"b", 2}, .version = 0, .edits = {create().in_flight(7).made({"a"}, title)}, .remote = ""}}) {
        row_history history = before.history();
        const std::uint64_t sent = digest_of_edit(history, history.edits.front());
        edit_row(history, history.keep(note{"c", 5}.values()), whole, 0);
        CHECK(digest_of_edit(history, history.edits.front()) == sent);
        CHECK(history.edits.front().seq == 7);
    }
}
