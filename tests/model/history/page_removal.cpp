#include <syncline/model/history/page_removal.hpp>

#include <string>
#include <string_view>
#include <utility>

#include <model/history/support/histories.hpp>
#include <support/catch.hpp>

using namespace history_tests;

namespace {

struct removal_case {
    std::string_view says;
    row before;
    server_removal removal;
    removal_effect effect;
    std::string_view after;
};

const edit sent_5_to_7 = update(count).in_flight(7).sent({"a", 7}, {"a", 5}, 4);

std::string after_removal(const row& before, const server_removal& removal, row_is_showable can_show = showable) {
    const row_transition made = page_removal(before.history(), removal, can_show);
    return text_of(made.next, made.effects);
}

}  // namespace

TEST_CASE("a removal by the server takes the life that it is about, if the device has not seen a newer row of it") {
    using enum removal_effect;
    const removal_case table[] = {
        {"a clean row", {.shown = {"a"}}, {.version = at_version(6)}, takes, "gone"},
        {"a clean row that is newer", {.shown = {"a"}}, {.version = at_version(3)}, nothing, "shows a 0 -"},
        {"a clean row of that very version", {.shown = {"a"}}, {.version = at_version(4)}, nothing, "shows a 0 -"},
        {"an earlier life", {.shown = {"a"}, .life = 2}, {.version = at_version(6)}, nothing, "shows a 0 - life 2"},
        {"an earlier life of a row with edits", {.shown = {"b"}, .base = note{"a"}, .edits = {update(title).at(7)}, .life = 2},
         {.version = at_version(6)}, nothing,
         "shows b 0 - life 2 | base a 0 - at 4 | update title #7"},
        {"a later life says that this one is over, whatever the versions", {.shown = {"a"}}, {.version = at_version(3), .incarnation = 2}, takes, "gone"},
        {"an unsent edit goes whole into a record", {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).at(7)}},
         {.version = at_version(6)}, takes,
         "gone => edit of a removed row at 6: title mine (b 1 -)"},
        {"so does everything that was edited since",
         {.shown = {"b", 10}, .base = note{"a", 5}, .edits = {sent_5_to_7, update(title).at(8).behind(7)}},
         {.version = at_version(6)},
         takes,
         "gone => edit of a removed row at 6: title,count mine (b 10 -) | void of update #7 in flight"},
        {"the base is newer than the removal", {.shown = {"b"}, .base = note{"a"}, .edits = {update(title).at(7)}}, {.version = at_version(4)}, nothing,
         "shows b 0 - | base a 0 - at 4 | update title #7"},
        {"an edited row whose base is not known", {.shown = {"b", 1}, .edits = {update(title).at(7)}}, {.version = at_version(3)}, takes,
         "gone => edit of a removed row at 3: title mine (b 1 -)"},
        {"a create that the server has taken", {.shown = {"a", 1}, .version = 0, .edits = {create().in_flight(7).contained()}},
         {.version = at_version(3)}, takes,
         "gone => edit of a removed row at 3: title,count,above mine (a 1 -) | void of create no column #7 in flight contained"},
        {"a create that the server has taken, in an earlier life than it wanted",
         {.shown = {"a", 1}, .version = 0, .edits = {create().in_flight(7).life(2).contained()}, .life = 2},
         {.version = at_version(3)},
         takes,
         "gone life 2 => edit of a removed row at 3: title,count,above mine (a 1 -) | void of create no column #7 in flight life 2 contained"},
        {"a create that the server has taken, under a newer base",
         {.shown = {"a", 1}, .base = note{"a", 1}, .edits = {create().in_flight(7).contained()}},
         {.version = at_version(4)},
         nothing,
         "shows a 1 - | base a 1 - at 4 | create #7 in flight contained"},
    };
    for (const removal_case& one : table) {
        INFO(one.says);
        CHECK(effect_of(one.removal, one.before.history()) == one.effect);
        CHECK(after_removal(one.before, one.removal) == one.after);
    }
}

TEST_CASE("the removal of another row of the name does not take the row that is made here") {
    using enum removal_effect;
    const removal_case table[] = {
        {"nothing of it has arrived, and the create is not sent", {.shown = {"a"}, .version = 0, .edits = {create().at(7)}, .remote = ""},
         {.version = at_version(6)},
         nothing, "shows a 0 - unknown | create #7"},
        {"nothing of it has arrived, and the create is in flight",
         {.shown = {"a"}, .version = 0, .edits = {create().in_flight(7)}, .remote = ""},
         {.version = at_version(6)},
         nothing,
         "shows a 0 - unknown | create #7 in flight"},
        {"a create whose sequence is being closed is one all the same",
         {.shown = {"b"}, .version = 0, .edits = {close(create(), 7), update(title).at(8).behind(7)}, .remote = ""},
         {.version = at_version(6)},
         nothing,
         "shows b 0 - unknown | void of create #7 in flight | update title #8 behind 7"},
        {"it was under the row, which shows what was made here again",
         {.shown = {"theirs", 9}, .base = note{"theirs", 9}, .edits = {create().in_flight(7).sent({"mine", 3})}},
         {.version = at_version(6)},
         uncovers,
         "shows mine 3 - | create #7 in flight sent (mine 3 -)"},
        {"the edits made on top of it are laid over what was made here",
         {.shown = {"theirs", 12}, .base = note{"theirs", 7}, .edits = {create().in_flight(7).sent({"mine", 3}), update(count).at(8).behind(7)}},
         {.version = at_version(6)},
         uncovers,
         "shows mine 8 - | create #7 in flight sent (mine 3 -) | update count #8 behind 7"},
        {"the server has taken it, and another device's row of its name had met it: what was made here is in the record",
         {.shown = {"theirs", 9}, .base = note{"theirs", 9}, .edits = {create().in_flight(7).sent({"mine", 3}).contained()}},
         {.version = at_version(6)},
         takes,
         "gone => edit of a removed row at 6: title,count,above mine (mine 3 -) | void of create no column #7 in flight contained"},
        {"a field that was edited since is told as the edit left it",
         {.shown = {"theirs", 9},
          .base = note{"theirs", 9},
          .edits = {create().in_flight(7).sent({"mine", 3}).contained(), update(title).at(8).behind(7)}},
         {.version = at_version(6)},
         takes,
         "gone => edit of a removed row at 6: title,count,above mine (theirs 3 -) | void of create no column #7 in flight contained"},
        {"a field in which the row shows more than the server's row is told as it is shown",
         {.shown = {"theirs", 12}, .base = note{"theirs", 9}, .edits = {create().in_flight(7).sent({"mine", 3}).contained()}},
         {.version = at_version(6)},
         takes,
         "gone => edit of a removed row at 6: title,count,above mine (mine 12 -) | void of create no column #7 in flight contained"},
        {"what was counted here and is in the server's row already is told as the row shows it",
         {.shown = {"a", 12}, .base = note{"a", 12}, .edits = {update(count).in_flight(7).sent({"a", 7}, {"a", 5}, 4).contained()}},
         {.version = at_version(6)},
         takes,
         "gone => edit of a removed row at 6: count mine (a 12 -) | void of update #7 in flight contained"},
        {"a newer row is under it", {.shown = {"theirs", 9}, .base = note{"theirs", 9}, .edits = {create().in_flight(7).sent({"mine", 3})}},
         {.version = at_version(4)},
         nothing, "shows theirs 9 - | base theirs 9 - at 4 | create #7 in flight sent (mine 3 -)"},
    };
    for (const removal_case& one : table) {
        INFO(one.says);
        CHECK(effect_of(one.removal, one.before.history()) == one.effect);
        CHECK(after_removal(one.before, one.removal) == one.after);
    }
}

TEST_CASE("a row that would point at what is gone without its namesake goes on to show what it showed") {
    const row before{.shown = {"theirs", 9}, .base = note{"theirs", 9}, .edits = {create().in_flight(7).sent({"mine", 3, "x"})}};
    CHECK(after_removal(before, {.version = at_version(6)}, showable_without("x")) == "shows theirs 9 - | create #7 in flight sent (mine 3 x)");
}

TEST_CASE("a row that goes with another one leaves its edits in a record, and no record if it has none") {
    const auto away = [](const row& before) {
        const row_transition made = take_away(before.history(), at_version(6), "its owner is gone");
        return text_of(made.next, made.effects);
    };
    CHECK(away({.shown = {"a"}}) == "gone");
    CHECK(away({.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).at(7)}}) ==
          "gone => edit of a removed row at 6: title mine (b 1 -) because its owner is gone");
    CHECK(away({.shown = {"a", 1}, .version = 0, .edits = {create().at(7)}}) ==
          "gone => edit of a removed row at 6: title,count,above mine (a 1 -) because its owner is gone");
}

TEST_CASE("a row whose edits are given up shows the server's row, if that is known") {
    const auto back = [](const row& before) {
        const row_transition made = give_back(before.history());
        return text_of(made.next, made.effects);
    };
    CHECK(back({.shown = {"b", 10}, .base = note{"a", 5}, .edits = {sent_5_to_7, update(title).at(8).behind(7)}}) ==
          "shows a 5 - => edit of a removed row at 4: title,count mine (b 10 -) | void of update #7 in flight");
    CHECK(back({.shown = {"a", 1}, .version = 0, .edits = {create().at(7)}}) == "shows a 1 - | create #7");
    CHECK(back({.shown = {"a", 1}}) == "shows a 1 -");
}
