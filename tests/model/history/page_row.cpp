#include <syncline/model/history/page_row.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <model/history/support/histories.hpp>
#include <support/catch.hpp>

using namespace history_tests;

namespace {

struct fresh_row {
    note values;
    std::int64_t version = 6;
    incarnation_number life = 1;
    sequence includes = 0;  ///< the only operation of this device that the server's rows contain
};

struct page_case {
    std::string_view says;
    row before;
    fresh_row fresh;
    std::string_view after;
};

page_row_transition take(const row& before, const fresh_row& fresh, row_is_showable can_show) {
    const std::vector<cell> values = fresh.values.values();
    const auto includes = [&](sequence seq) { return seq == fresh.includes; };
    return page_row(before.history(), {server_id::trusted("R"), at_version(fresh.version), fresh.life, values}, includes, can_show);
}

std::string after_page(const row& before, const fresh_row& fresh) {
    const page_row_transition made = take(before, fresh, showable);
    return made.result == arrival::known ? "known" : text_of(made.next, made.effects);
}

template <std::size_t Size>
void check_all(const page_case (&table)[Size]) {
    for (const page_case& one : table) {
        INFO(one.says);
        CHECK(after_page(one.before, one.fresh) == one.after);
    }
}

const edit sent_5_to_7 = update(count).in_flight(7).sent({"a", 7}, {"a", 5}, 4);

}  // namespace

TEST_CASE("a newer row of the server becomes the base, and the edits are laid over it") {
    const page_case table[] = {
        {"fields that only the server changed arrive",
         {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).at(7)}},
         {{"a", 5, "x"}},
         "shows b 5 x | base a 5 x at 6 | update title #7"},
        {"an unsent edit that disagrees wins here and leaves a record, because the server will not see that it did",
         {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).at(7)}},
         {{"c", 1}},
         "shows b 1 - | base c 1 - at 6 | update title #7 => field overwritten at 6: title mine (b . .) theirs (c . .) mine won"},
        {"both made the same of it", {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).at(7)}}, {{"b", 1}},
         "shows b 1 - | base b 1 - at 6 | update title #7"},
        {"an edit in flight keeps what was sent, and the server will tell of the conflict",
         {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).in_flight(7)}},
         {{"c", 1}},
         "shows b 1 - | base c 1 - at 6 | update title #7 in flight sent (b . .) over (a . .) from 4"},
        {"an edit that the row contains is marked so and not laid over it",
         {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).in_flight(7)}},
         {.values = {"c", 1}, .includes = 7},
         "shows c 1 - | base c 1 - at 6 | update title #7 in flight contained sent (b . .) over (a . .) from 4"},
        {"what two devices added to a counter is added, sent or not",
         {.shown = {"a", 10}, .base = note{"a", 5}, .edits = {sent_5_to_7, update(count).at(8).behind(7)}},
         {{"a", 8}},
         "shows a 13 - | base a 8 - at 6 | update count #7 in flight sent (. 7 .) over (. 5 .) from 4 | update count #8 behind 7"},
        {"what the server's counter contains is not added again",
         {.shown = {"a", 10}, .base = note{"a", 5}, .edits = {sent_5_to_7, update(count).at(8).behind(7)}},
         {.values = {"a", 10}, .includes = 7},
         "shows a 13 - | base a 10 - at 6 | update count #7 in flight contained sent (. 7 .) over (. 5 .) from 4 | update count #8 behind 7"},
        {"an edit that was refused for good is kept over the newer row, which leaves a record as for any unsent one",
         {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).set_aside(7)}},
         {{"c", 1}},
         "shows b 1 - | base c 1 - at 6 | update title #7 set aside because rejected"
         " => field overwritten at 6: title mine (b . .) theirs (c . .) mine won"},
        {"a create that waits for a removal is contained in an earlier life than it wanted, which the edits behind it follow",
         {.shown = {"b", 1}, .version = 0, .edits = {create().in_flight(7).behind(5).life(2).sent({"a", 1}), update(title).at(8).behind(7).life(2)}, .life = 2},
         {.values = {"a", 1}, .includes = 7},
         "shows b 1 - | base a 1 - at 6 | create #7 behind 5 in flight life 2 contained sent (a 1 -) | update title #8 behind 7"},
        {"the server tells the row's id", {.shown = {"a", 1}, .version = 0, .edits = {create().in_flight(7)}, .remote = ""},
         {.values = {"a", 1}, .includes = 7},
         "shows a 1 - | base a 1 - at 6 | create #7 in flight contained sent (a 1 -)"},
    };
    check_all(table);
}

TEST_CASE("the base moves only forward") {
    const page_case table[] = {
        {"the version that the base has", {.shown = {"b"}, .base = note{"a"}, .edits = {update(title).at(7)}}, {.values = {"c"}, .version = 4}, "known"},
        {"an older one", {.shown = {"b"}, .base = note{"a"}, .edits = {update(title).at(7)}}, {.values = {"c"}, .version = 3}, "known"},
        {"a create has no base to be behind of",
         {.shown = {"a"}, .edits = {create().in_flight(7)}, .remote = ""},
         {.values = {"a"}, .version = 3, .includes = 7},
         "shows a 0 - | base a 0 - at 3 | create #7 in flight contained sent (a 0 -)"},
        {"a row that was removed here while it was clean, at its version",
         {.shown = {"a"}, .visible = false, .removed_by = 9},
         {.values = {"c"}, .version = 4},
         "known"},
        {"an older life of a row that was made and settled since", {.shown = {"b"}, .base = note{"a"}, .edits = {update(title).at(7)}, .life = 2},
         {.values = {"c"}, .version = 9}, "known"},
    };
    check_all(table);
}

TEST_CASE("a create in flight shows what the server will make of it when it meets another device's row") {
    const auto in_flight = [](const table_view& table) {
        return row{.shown = {"mine", 3}, .version = 0, .edits = {create().in_flight(7)}, .remote = "", .table = &table};
    };
    const page_case table[] = {
        {"the row keeps its values, and the verdict will tell what was lost", in_flight(theirs_wins), {{"theirs", 7}},
         "shows theirs 7 - | base theirs 7 - at 6 | create #7 in flight sent (mine 3 -)"},
        {"the create replaces them", in_flight(mine_wins), {{"theirs", 7}}, "shows mine 3 - | base theirs 7 - at 6 | create #7 in flight sent (mine 3 -)"},
        {"each field by its policy", in_flight(merging), {{"theirs", 7}}, "shows mine 10 - | base theirs 7 - at 6 | create #7 in flight sent (mine 3 -)"},
        {"the create will be refused, and is shown until then", in_flight(refusing), {{"theirs", 0}},
         "shows mine 3 - | base theirs 0 - at 6 | create #7 in flight sent (mine 3 -)"},
        {"what was edited since the row was made is an edit of theirs",
         {.shown = {"mine", 8}, .version = 0, .edits = {create().in_flight(7).sent({"mine", 3}), update(count).at(8).behind(7)}, .remote = ""},
         {{"theirs", 7}},
         "shows theirs 12 - | base theirs 7 - at 6 | create #7 in flight sent (mine 3 -) | update count #8 behind 7"},
        {"the row may have lived before", in_flight(theirs_wins), {.values = {"theirs", 7}, .life = 3},
         "shows theirs 7 - life 3 | base theirs 7 - at 6 | create #7 in flight sent (mine 3 -)"},
    };
    check_all(table);
}

TEST_CASE("a create that was never sent becomes an edit of the row that arrives under its name") {
    const auto unsent = [](const table_view& table, note made = {"mine", 3}) {
        return row{.shown = made, .version = 0, .edits = {create().at(7)}, .remote = "", .table = &table};
    };
    const page_case table[] = {
        {"the row keeps its values, the device a record of its own", unsent(theirs_wins), {{"theirs", 7}},
         "shows theirs 7 - at 6 => field overwritten at 6: title,count mine (mine 3 .) theirs (theirs 7 .)"},
        {"both are the same", unsent(theirs_wins), {{"mine", 3}}, "shows mine 3 - at 6"},
        {"what was made replaces the row, and a record keeps theirs", unsent(mine_wins), {{"theirs", 7}},
         "shows mine 3 - | base theirs 7 - at 6 | update title,count => field overwritten at 6: title,count mine (mine 3 .) theirs (theirs 7 .) mine won"},
        {"each field by its policy", unsent(merging), {{"theirs", 7}}, "shows mine 10 - | base theirs 7 - at 6 | update title,count"},
        {"what was edited since it was made is an edit, if the row was made alike",
         {.shown = {"edited", 3}, .version = 0, .edits = {create().at(7).made({"made"}, title)}, .remote = ""},
         {{"made", 3}},
         "shows edited 3 - | base made 3 - at 6 | update title"},
        {"what was edited since wins over theirs, and the rest does not",
         {.shown = {"edited", 3}, .version = 0, .edits = {create().at(7).made({"made"}, title)}, .remote = ""},
         {{"theirs", 7}},
         "shows edited 7 - | base theirs 7 - at 6 | update title => field overwritten at 6: count mine (. 3 .) theirs (. 7 .) | "
         "field overwritten at 6: title mine (edited . .) theirs (theirs . .) mine won"},
        {"what was added to a counter since is added to theirs",
         {.shown = {"same", 8}, .version = 0, .edits = {create().at(7).made({"", 3}, count)}, .remote = ""},
         {{"same", 7}},
         "shows same 12 - | base same 7 - at 6 | update count"},
        {"a create that was refused for good is one that the server has nothing of",
         {.shown = {"mine", 3}, .version = 0, .edits = {create().set_aside(7)}, .remote = "", .table = &mine_wins},
         {{"theirs", 3}},
         "shows mine 3 - | base theirs 3 - at 6 | update title => field overwritten at 6: title mine (mine . .) theirs (theirs . .) mine won"},
        {"the row's life and the transaction's group go on",
         {.shown = {"mine", 3}, .version = 0, .edits = {create().at(7).in_group(5)}, .remote = "", .table = &merging},
         {.values = {"theirs", 7}, .life = 3},
         "shows mine 10 - life 3 | base theirs 7 - at 6 | update title,count life 3 group 5"},
        {"a former life of the row, whose removal has its verdict, is met like any other",
         {.shown = {"mine", 3}, .version = 0, .edits = {create().at(7).life(2)}, .life = 2},
         {{"theirs", 7}},
         "shows theirs 7 - at 6 => field overwritten at 6: title,count mine (mine 3 .) theirs (theirs 7 .)"},
        {"a former life whose removal waits for its verdict is what that removes",
         {.shown = {"mine", 3}, .version = 0, .edits = {create().at(7).behind(5).life(2)}, .life = 2},
         {{"theirs", 7}},
         "known"},
        {"by the policy that refuses, the create is still sent and still refused, and is shown until then", unsent(refusing), {{"theirs", 0}},
         "shows mine 3 - | base theirs 0 - at 6 | create #7"},
    };
    check_all(table);
}

TEST_CASE("a row that died and lives again takes no edit of its former life, which goes into a record whole") {
    const page_case table[] = {
        {"an unsent edit", {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).at(7)}}, {.values = {"new", 7}, .life = 2},
         "shows new 7 - at 6 life 2 => edit of a removed row at 6: title mine (b 1 -)"},
        {"several, one of them sent",
         {.shown = {"b", 10}, .base = note{"a", 5}, .edits = {sent_5_to_7, update(title).at(8).behind(7)}},
         {.values = {"new", 7}, .life = 2},
         "shows new 7 - at 6 life 2 => edit of a removed row at 6: title,count mine (b 10 -) | void of update #7 in flight"},
    };
    check_all(table);
    const page_row_transition made = take({.shown = {"b"}, .base = note{"a"}, .edits = {update(title).at(7)}}, {.values = {"new"}, .life = 2}, unshowable);
    CHECK(made.result == arrival::unshowable);
    CHECK(text_of(made.effects).empty());
}

TEST_CASE("of a row that was removed here the base moves, nothing is shown, and nothing is recorded") {
    const auto removed = [](std::vector<edit> edits, std::optional<note> base = note{"a", 5}) {
        return row{.shown = {"b", 7}, .base = base, .edits = std::move(edits), .visible = false, .removed_by = 9};
    };
    const page_case table[] = {
        {"an edit in flight", removed({sent_5_to_7}), {{"c", 8}},
         "hidden c 10 - by 9 | base c 8 - at 6 | update count #7 in flight sent (. 7 .) over (. 5 .) from 4"},
        {"an edit that the removal has replaced", removed({update(title)}), {{"c", 8}}, "hidden b 8 - by 9 | base c 8 - at 6 | update title"},
        {"none", removed({}, {}), {{"c", 8}}, "hidden c 8 - at 6 by 9 | base c 8 - at 6"},
        {"a later life is another device's", removed({}, {}), {.values = {"c", 8}, .life = 2}, "known"},
        {"unless it contains the create, to which the server gave that life", removed({create().in_flight(7).sent({"b", 7})}, {}),
         {.values = {"c", 8}, .life = 2, .includes = 7},
         "hidden c 8 - by 9 life 2 | base c 8 - at 6 | create #7 in flight contained sent (b 7 -)"},
        {"so is an earlier one", {.shown = {"b"}, .visible = false, .removed_by = 9, .life = 2}, {.values = {"c"}, .life = 1}, "known"},
    };
    check_all(table);
    const page_row_transition made = take(removed({}, {}), {{"c", 8, "x"}}, unshowable);
    CHECK(made.result == arrival::taken);
}

TEST_CASE("a row that would point at what is not visible waits, and what counts is what would be shown") {
    const row to_x{.shown = {"a", 1, "x"}, .base = note{"a", 1}, .edits = {update(above).at(7)}};
    CHECK(take(to_x, {{"a", 5, "y"}}, showable_without("y")).result == arrival::taken);
    CHECK(take(to_x, {{"a", 5}}, showable_without("x")).result == arrival::unshowable);
    CHECK(text_of(take(to_x, {{"c", 5}}, showable_without("x")).effects).empty());
    const row made{.shown = {"a", 1, "x"}, .version = 0, .edits = {create().at(7)}, .remote = "", .table = &mine_wins};
    CHECK(take(made, {{"theirs", 1}}, showable_without("x")).result == arrival::unshowable);
    CHECK(text_of(take(made, {{"theirs", 1}}, showable_without("x")).effects).empty());
}

TEST_CASE("a null from the server does not overwrite a key that waits for its patch") {
    const page_case table[] = {
        {"left null to send the create before the row it points at",
         {.shown = {"a", 1, "x"}, .version = 0, .edits = {create().in_flight(7).sent({"a", 1})}, .remote = ""},
         {.values = {"a", 1}, .includes = 7},
         "shows a 1 x | base a 1 - at 6 | create #7 in flight contained sent (a 1 -)"},
        {"left null to cut a cycle of tables",
         {.shown = {"a", 1, "x"}, .version = 0, .edits = {create().in_flight(7)}, .remote = "", .table = &in_cycle},
         {.values = {"a", 1}, .includes = 7},
         "shows a 1 x | base a 1 - at 6 | create #7 in flight contained sent (a 1 -)"},
    };
    check_all(table);
}

TEST_CASE("only what was sent can be contained in the server's rows, and that is new once") {
    struct mark_case {
        std::string_view says;
        edit of;
        bool is_new;
        bool contained;
    };
    const mark_case table[] = {
        {"in flight", update(title).in_flight(7), true, true},
        {"in flight and marked already", update(title).in_flight(7).contained(), false, true},
        {"another one", update(title).in_flight(8), false, false},
        {"never sent", update(title).at(7), false, false},
        {"refused for good", update(title).set_aside(7), false, false},
        {"a void, whose content may have been applied", close(update(title), 7), true, true},
    };
    for (const mark_case& one : table) {
        INFO(one.says);
        std::vector<outbox_entry> edits{one.of.entry};
        CHECK(note_contained(edits, [](sequence seq) { return seq == 7; }) == one.is_new);
        CHECK(edits.front().contained == one.contained);
    }
    std::vector<outbox_entry> without_sequence{update(title).in_flight(0).entry};
    CHECK_FALSE(note_contained(without_sequence, [](sequence) { return true; }));
}
