#include <syncline/model/history/edit_stack.hpp>

#include <string>
#include <string_view>

#include <model/history/support/histories.hpp>
#include <support/catch.hpp>

using namespace history_tests;

namespace {

std::string text_of(const pending_edit& edit) {
    std::string text = edit.creates ? "create " : "update ";
    text += history_tests::text_of(edit.values.after, edit.values.mask);
    if (edit.values.before_mask != 0) text += " over " + history_tests::text_of(edit.values.before, edit.values.before_mask);
    if (edit.contained) text += " contained";
    if (edit.unsent) text += " unsent";
    return text;
}

std::string stack_of(const row& of) {
    const row_history history = of.history();
    const edit_stack stack(history);
    std::string text;
    for (const pending_edit& edit : stack.all()) text += (text.empty() ? "" : " | ") + text_of(edit);
    return text;
}

const edit sent_5_to_7 = update(count).in_flight(7).sent({"a", 7}, {"a", 5}, 4);

}  // namespace

TEST_CASE("the value before an edit is what the base with every edit before it makes") {
    struct stack_case {
        std::string_view says;
        row of;
        std::string_view edits;
    };
    const stack_case table[] = {
        {"a single edit stands on the base", {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).at(7)}}, "update b . . over a . . unsent"},
        {"what is in flight will be met by the server",
         {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).in_flight(7)}},
         "update b . . over a . ."},
        {"an edit stands on the one that it waits for",
         {.shown = {"a", 10}, .base = note{"a", 5}, .edits = {sent_5_to_7, update(count).at(8).behind(7)}},
         "update . 7 . over . 5 . | update . 10 . over . 7 . unsent"},
        {"what another device added to the base is not an edit of this one",
         {.shown = {"a", 13}, .base = note{"a", 8}, .version = 6, .edits = {sent_5_to_7, update(count).at(8).behind(7)}},
         "update . 7 . over . 5 . | update . 13 . over . 10 . unsent"},
        {"what the base contains is not counted twice",
         {.shown = {"a", 13}, .base = note{"a", 10}, .version = 6, .edits = {sent_5_to_7.contained(), update(count).at(8).behind(7)}},
         "update . 7 . over . 5 . contained | update . 13 . over . 10 . unsent"},
        {"an edit of a row that is being made stands on what it was made with",
         {.shown = {"b", 4}, .version = 0, .edits = {create().in_flight(7).sent({"a", 1}), update(title | count).at(8).behind(7)}},
         "create a 1 - | update b 4 . over a 1 . unsent"},
        {"a create tells what was edited before it was sent",
         {.shown = {"b", 1}, .version = 0, .edits = {create().at(7).made({"a"}, title)}},
         "create b 1 - over a . . unsent"},
        {"what a void closes may have been taken, whatever it was sent for",
         {.shown = {"b", 7},
          .base = note{"a", 5},
          .edits = {close(update(count).sent({"a", 7}, {"a", 5}, 4), 7).because(error_code::attempts_spent), update(title).at(8).behind(7)}},
         "update . 7 . over . 5 . | update b . . over a . . unsent"},
        {"a void is what it closes",
         {.shown = {"b", 2},
          .version = 0,
          .edits = {close(create().sent({"a", 1}), 7), update(title | count).at(8).behind(7)}},
         "create a 1 - | update b 2 . over a 1 . unsent"},
    };
    for (const stack_case& one : table) {
        INFO(one.says);
        CHECK(stack_of(one.of) == one.edits);
    }
}

TEST_CASE("a key that a create has left null for a patch stays with the row as an edit") {
    CHECK(stack_of({.shown = {"a", 1, "x"}, .version = 0, .edits = {create().in_flight(7).sent({"a", 1})}}) == "create a 1 - | update . . x");
    // The row is read where nothing was frozen; in a cycle of tables the key was left out all the same.
    CHECK(stack_of({.shown = {"a", 1, "x"}, .version = 0, .edits = {create().in_flight(7)}, .table = &in_cycle}) == "create a 1 - | update . . x");
    // What was never sent can still be sent with its key.
    CHECK(stack_of({.shown = {"a", 1, "x"}, .version = 0, .edits = {create().at(7)}}) == "create a 1 x unsent");
    // The key is the server's.
    CHECK(stack_of({.shown = {"a", 1, "x"}, .base = note{"t", 7, "x"}, .version = 6, .edits = {create().in_flight(7).sent({"a", 1})}}) == "create a 1 -");
    CHECK(stack_of({.shown = {"a", 1, "x"}, .base = note{"t", 7}, .version = 6, .edits = {create().in_flight(7).sent({"a", 1})}}) ==
          "create a 1 - | update . . x");
}

TEST_CASE("what a newer row of the server contains is told later") {
    row_history history = row{.shown = {"a", 10}, .base = note{"a", 5}, .edits = {sent_5_to_7, update(count).at(8).behind(7)}}.history();
    edit_stack stack(history);
    history.edits.front().contained = true;
    stack.note_contained(history.edits);
    CHECK(stack.all().front().contained);
    CHECK_FALSE(stack.all().back().contained);
    CHECK(stack.behind_first().size() == 1);
    CHECK(text_of(stack.behind_first().front()) == "update . 10 . over . 7 . unsent");
}
