#include <syncline/model/history/removal_verdict.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <model/history/support/histories.hpp>
#include <support/catch.hpp>

using namespace history_tests;

namespace {

const edit sent_5_to_7 = update(count).in_flight(7).sent({"a", 7}, {"a", 5}, 4);

std::string after_removal(const row& before) {
    const auto [life, facts] = remove_here(before.history());
    std::string text = text_of(life) + " =>";
    text += facts.known ? " known" : " unknown";
    if (facts.known && facts.elsewhere) text += ", elsewhere";
    if (facts.in_flight != 0) text += ", behind " + std::to_string(facts.in_flight);
    return text;
}

std::string restored(const row& before) { return text_of(restore(before.history(), nullptr)); }
std::string restored(const row& before, const row& anew) {
    const row_history later = anew.history();
    return text_of(restore(before.history(), &later));
}

}  // namespace

TEST_CASE("a removal waits for what is in flight, and replaces what was never sent") {
    struct removal_case {
        std::string_view says;
        row before;
        std::string_view after;
    };
    const removal_case table[] = {
        {"a clean row", {.shown = {"a"}}, "hidden a 0 - => known"},
        {"a clean row whose id the pull has yet to tell", {.shown = {"a"}, .version = 0, .remote = ""}, "hidden a 0 - at 0 unknown => known"},
        {"an edit of a row whose id the pull has yet to tell", {.shown = {"b"}, .base = note{"a"}, .edits = {update(title).at(7)}, .remote = ""},
         "hidden b 0 - unknown | base a 0 - at 4 | update title => known"},
        {"an update that was never sent", {.shown = {"b"}, .base = note{"a"}, .edits = {update(title).at(7)}},
         "hidden b 0 - | base a 0 - at 4 | update title => known"},
        {"an update in flight keeps what was sent", {.shown = {"b"}, .base = note{"a"}, .edits = {update(title).in_flight(7)}},
         "hidden b 0 - | base a 0 - at 4 | update title #7 in flight sent (b . .) over (a . .) from 4 => known, behind 7"},
        {"with an edit behind it",
         {.shown = {"b", 7}, .base = note{"a", 5}, .edits = {sent_5_to_7, update(title).at(8).behind(7)}},
         "hidden b 7 - | base a 5 - at 4 | update count #7 in flight sent (. 7 .) over (. 5 .) from 4 | update title => known, behind 7"},
        {"a create that was never sent is nothing to the server",
         {.shown = {"a"}, .version = 0, .edits = {create().at(7)}, .remote = ""},
         "hidden a 0 - unknown | create => unknown"},
        {"even if the server knows an earlier life of the row",
         {.shown = {"a"}, .version = 0, .edits = {create().at(7).behind(5).life(2)}, .life = 2},
         "hidden a 0 - life 2 | create => unknown"},
        {"a create in flight may be on the server",
         {.shown = {"a", 1}, .version = 0, .edits = {create().in_flight(7)}, .remote = ""},
         "hidden a 1 - unknown | create #7 in flight sent (a 1 -) => known, behind 7"},
        {"a create in flight with an edit behind it",
         {.shown = {"b", 1}, .version = 0, .edits = {create().in_flight(7).sent({"a", 1}), update(title).at(8).behind(7)}, .remote = ""},
         "hidden b 1 - unknown | create #7 in flight sent (a 1 -) | update title => known, behind 7"},
        {"a create that was refused for good is nothing to the server",
         {.shown = {"a"}, .version = 0, .edits = {create().set_aside(7)}, .remote = ""},
         "hidden a 0 - unknown | create => unknown"},
        {"an update that was refused for good was never taken", {.shown = {"b"}, .base = note{"a"}, .edits = {update(title).set_aside(7)}},
         "hidden b 0 - | base a 0 - at 4 | update title => known"},
        {"a void that keeps why it was sent",
         {.shown = {"b"}, .base = note{"a"}, .edits = {close(update(title).sent({"b"}, {"a"}, 4), 7).because(error_code::attempts_spent)}},
         "hidden b 0 - | base a 0 - at 4 | void of update title #7 in flight sent (b . .) over (a . .) from 4 because attempts_spent => known, behind 7"},
        {"a void in flight with the edit behind it",
         {.shown = {"b"}, .version = 0, .edits = {close(create().sent({"a"}), 7), update(title).at(8).behind(7)}, .remote = ""},
         "hidden b 0 - unknown | void of create #7 in flight sent (a 0 -) | update title => known, behind 7"},
        {"an unsent create under which another device's row was shown is an edit of that row",
         {.shown = {"a", 1}, .base = note{"theirs", 9}, .edits = {create().at(7)}, .table = &refusing},
         "hidden a 1 - | base theirs 9 - at 4 | update title,count,above => known, elsewhere"},
        {"an unsent move: the server has the row elsewhere", {.shown = {"a", 1, "x"}, .base = note{"a", 1}, .edits = {update(above).at(7)}},
         "hidden a 1 x | base a 1 - at 4 | update above => known, elsewhere"},
        {"a move in flight is settled before the removal goes out", {.shown = {"a", 1, "x"}, .base = note{"a", 1}, .edits = {update(above).in_flight(7)}},
         "hidden a 1 x | base a 1 - at 4 | update above #7 in flight sent (. . x) over (. . -) from 4 => known, behind 7"},
    };
    for (const removal_case& one : table) {
        INFO(one.says);
        CHECK(after_removal(one.before) == one.after);
    }
}

TEST_CASE("a row whose removal is refused is shown as it was, with its edits") {
    struct restore_case {
        std::string_view says;
        row life;
        std::string_view after;
    };
    const restore_case table[] = {
        {"a clean row", {.shown = {"a"}, .visible = false, .removed_by = 9}, "shows a 0 -"},
        {"a row whose last edit was settled meanwhile", {.shown = {"a"}, .base = note{"a"}, .visible = false, .removed_by = 9}, "shows a 0 -"},
        {"an edit that the removal has replaced", {.shown = {"b"}, .base = note{"a"}, .edits = {update(title)}, .visible = false, .removed_by = 9},
         "shows b 0 - | base a 0 - at 4 | update title"},
        {"an edit whose base is not known stands on what was shown",
         {.shown = {"b"}, .edits = {update(title)}, .visible = false, .removed_by = 9},
         "shows b 0 - | base b 0 - at 4 | update title"},
        {"a create that was never sent has no base", {.shown = {"a"}, .edits = {create()}, .visible = false, .removed_by = 9}, "shows a 0 - | create"},
        {"an edit waits behind what is in flight, in the life of the row",
         {.shown = {"b", 7}, .base = note{"a", 5}, .edits = {sent_5_to_7, update(title)}, .visible = false, .removed_by = 9, .life = 2},
         "shows b 7 - life 2 | base a 5 - at 4 | update count #7 in flight sent (. 7 .) over (. 5 .) from 4 | update title behind 7 life 2"},
    };
    for (const restore_case& one : table) {
        INFO(one.says);
        CHECK(restored(one.life) == one.after);
    }
}

TEST_CASE("what the application made of the row meanwhile is an edit of the life that goes on") {
    const row anew{.shown = {"n", 2}, .version = 0, .edits = {create().at(11).behind(9).life(2)}, .life = 2};
    struct anew_case {
        std::string_view says;
        row life;
        std::string_view after;
    };
    const anew_case table[] = {
        {"of a clean row", {.shown = {"a", 2}, .visible = false, .removed_by = 9}, "shows n 2 - | base a 2 - at 4 | update title"},
        {"nothing differs", {.shown = {"n", 2}, .visible = false, .removed_by = 9}, "shows n 2 -"},
        {"an edit that the removal has replaced is replaced by what was made",
         {.shown = {"b", 3}, .base = note{"a", 2}, .edits = {update(title | count)}, .visible = false, .removed_by = 9},
         "shows n 2 - | base a 2 - at 4 | update title"},
        {"nothing differs from the server's row", {.shown = {"b"}, .base = note{"n", 2}, .edits = {update(title)}, .visible = false, .removed_by = 9},
         "shows n 2 -"},
        {"it waits behind what is in flight",
         {.shown = {"b", 7}, .base = note{"a", 5}, .edits = {sent_5_to_7, update(title)}, .visible = false, .removed_by = 9},
         "shows n 2 - | base a 5 - at 4 | update count #7 in flight sent (. 7 .) over (. 5 .) from 4 | update title,count behind 7"},
    };
    for (const anew_case& one : table) {
        INFO(one.says);
        CHECK(restored(one.life, anew) == one.after);
    }
}

TEST_CASE("a removed life is outlived by a later one that the server has made, and by no other") {
    const row removed{.shown = {"a"}, .visible = false, .removed_by = 9};
    const auto outlives = [&](const row& visible) { return is_outlived(removed.history(), visible.history()); };
    CHECK(outlives({.shown = {"b"}, .life = 2}));
    CHECK(outlives({.shown = {"b"}, .base = note{"a"}, .edits = {update(title).at(11)}, .life = 2}));
    CHECK_FALSE(outlives({.shown = {"b"}}));
    CHECK_FALSE(outlives({.shown = {"b"}, .edits = {create().at(11).behind(9).life(2)}, .life = 2}));
    CHECK_FALSE(outlives({.shown = {"b"}, .edits = {close(create().life(2), 11)}, .life = 2}));
}
