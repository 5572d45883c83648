#include <syncline/model/history/verdict.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <model/history/support/histories.hpp>
#include <support/catch.hpp>

using namespace history_tests;

namespace {

/// A verdict in few words.
struct answer {
    verdict outcome = verdict::applied;
    std::int64_t version = 6;
    std::optional<note> row = {};  ///< the server's row, of that version
    bool readable = true;          ///< false: one of its keys is no row of this device
    column_mask overwritten = 0;
    note lost = {};
    column_mask refused = 0;
    column_mask kept = 0;
    incarnation_number life = 1;
    std::string_view remote = "R";
    bool permanent = true;
    bool is_remembered = true;
    error_code code = error_code::none;
    std::string_view message = {};
    bool waits_for_unsettled = false;
    bool waits_for_vanished = false;
};

struct verdict_case {
    std::string_view says;
    row before;
    answer told;
    std::string_view after;
};

std::string after_verdict(const row& before, const answer& told, row_is_showable can_show = showable) {
    limits bounds;
    bounds.attempts_max = 3;
    edit_verdict understood;
    understood.outcome = told.outcome;
    understood.remote = server_id::trusted(told.remote);
    understood.version = at_version(told.version);
    understood.incarnation = told.life;
    understood.permanent = told.permanent;
    understood.is_remembered = told.is_remembered;
    understood.code = told.code;
    understood.message = std::string(told.message);
    std::vector<cell> values, lost = told.lost.values();
    if (told.row) {
        values = told.row->values();
        understood.tells_row = true;
        understood.row_as_told = values;
        if (told.readable) understood.row = remote_row{understood.remote, at_version(told.version), told.life, values};
    }
    understood.overwritten = told.overwritten;
    understood.lost = lost;
    understood.refused = told.refused;
    understood.kept = told.kept;
    understood.waits_for_unsettled = told.waits_for_unsettled;
    understood.waits_for_vanished = told.waits_for_vanished;
    const row_transition made = take_verdict(before.history(), understood, bounds, can_show);
    return text_of(made.next, made.effects);
}

template <std::size_t Size>
void check_all(const verdict_case (&table)[Size]) {
    for (const verdict_case& one : table) {
        INFO(one.says);
        CHECK(after_verdict(one.before, one.told) == one.after);
    }
}

const edit sent_5_to_7 = update(count).in_flight(7).sent({"a", 7}, {"a", 5}, 4);
const edit added_3 = update(count).at(8).behind(7);
const row title_sent{.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).in_flight(7)}};
const row made_here{.shown = {"a", 1}, .version = 0, .edits = {create().in_flight(7)}, .remote = ""};

constexpr auto merged = verdict::merged, gone = verdict::gone, waits = verdict::waits, rejected = verdict::rejected,
               settled = verdict::settled, closed = verdict::closed;

}  // namespace

TEST_CASE("what was applied is folded into the base, and the row is clean once nothing is left") {
    const verdict_case table[] = {
        {"an update", title_sent, {}, "shows b 1 - at 6"},
        {"a create, whose server id becomes known", made_here, {.remote = "S"}, "shows a 1 - at 6 as S"},
        {"the server's id stays known if it is not told again", title_sent, {.remote = ""}, "shows b 1 - at 6"},
        {"an edit behind it stands on what it made",
         {.shown = {"a", 10}, .base = note{"a", 5}, .edits = {sent_5_to_7, added_3}},
         {},
         "shows a 10 - | base a 7 - at 6 | update count #8 behind 7"},
        {"a create with an edit behind it",
         {.shown = {"b", 1}, .version = 0, .edits = {create().in_flight(7).sent({"a", 1}), update(title).at(8).behind(7)}, .remote = ""},
         {.remote = "S"},
         "shows b 1 - as S | base a 1 - at 6 | update title #8 behind 7"},
        {"the life that the server gave a create is the row's, and that of the edits behind it",
         {.shown = {"b", 1}, .version = 0, .edits = {create().in_flight(7).sent({"a", 1}), update(title).at(8).behind(7)}, .remote = ""},
         {.life = 3},
         "shows b 1 - life 3 | base a 1 - at 6 | update title #8 behind 7 life 3"},
        {"a create that was taken as it was sent met no other row, whatever a page brought before",
         {.shown = {"theirs", 7}, .base = note{"theirs", 7}, .edits = {create().in_flight(7).sent({"mine", 3})}},
         {},
         "shows mine 3 - at 6"},
        {"a page of the same version had it already",
         {.shown = {"a", 13}, .base = note{"a", 10}, .version = 6, .edits = {sent_5_to_7.contained(), added_3}},
         {},
         "shows a 13 - | base a 10 - at 6 | update count #8 behind 7"},
        {"a page has brought something newer", {.shown = {"z", 7}, .base = note{"z", 7}, .version = 9, .edits = {sent_5_to_7.contained()}}, {}, "shows z 7 - at 9"},
    };
    check_all(table);
}

TEST_CASE("a merged row is what the server made of it, and the edits behind are laid over that") {
    const verdict_case table[] = {
        {"nothing is behind", {.shown = {"a", 7}, .base = note{"a", 5}, .edits = {sent_5_to_7}}, {.outcome = merged, .row = note{"c", 10}}, "shows c 10 - at 6"},
        {"what three edits added to a counter is all there",
         {.shown = {"a", 10}, .base = note{"a", 5}, .edits = {sent_5_to_7, added_3}},
         {.outcome = merged, .row = note{"c", 10}},
         "shows c 13 - | base c 10 - at 6 | update count #8 behind 7"},
        {"an answer that is repeated brings the row as it is now",
         {.shown = {"a", 7}, .base = note{"a", 5}, .edits = {sent_5_to_7}},
         {.version = 9, .row = note{"z", 20}},
         "shows z 20 - at 9"},
        {"a row that points at what is not here is left to the pull, which brings it because the version stays low",
         {.shown = {"a", 7}, .base = note{"a", 5}, .edits = {sent_5_to_7}},
         {.outcome = merged, .row = note{"c", 10, "?"}, .readable = false},
         "shows a 7 -"},
        {"and what a page brought of it already is not added again",
         {.shown = {"a", 10}, .base = note{"a", 10}, .version = 5, .edits = {sent_5_to_7.contained()}},
         {.outcome = merged, .version = 9, .row = note{"c", 11, "?"}, .readable = false},
         "shows a 10 - at 5"},
        {"what a create in flight met is told by the page that brought it, if the answer cannot be read",
         {.shown = {"theirs", 7}, .base = note{"theirs", 7}, .edits = {create().in_flight(7).sent({"mine", 3})}},
         {.outcome = merged, .version = 9, .row = note{"theirs", 7, "?"}, .readable = false},
         "shows theirs 7 -"},
        {"a create that the pull must bring has no version", made_here, {.outcome = merged, .row = note{"c", 10, "?"}, .readable = false}, "shows a 1 - at 0"},
    };
    check_all(table);
}

TEST_CASE("what a verdict says was lost goes into a record") {
    const verdict_case table[] = {
        {"another device's value, which this edit replaced",
         title_sent,
         {.outcome = merged, .row = note{"b", 1}, .overwritten = title, .lost = {"c", 9}},
         "shows b 1 - at 6 => field overwritten at 6: title mine (b . .) theirs (c . .) mine won"},
        {"this device's values, where a create met a row",
         {.shown = {"mine", 3}, .version = 0, .edits = {create().in_flight(7)}, .remote = ""},
         {.outcome = merged, .row = note{"theirs", 7}, .kept = title | count},
         "shows theirs 7 - at 6 => field overwritten at 6: title,count mine (mine 3 .) theirs (theirs 7 .)"},
        {"a key that was not taken, because what it points at is gone",
         {.shown = {"b", 1, "x"}, .base = note{"a", 1}, .edits = {update(title | above).in_flight(7)}},
         {.outcome = merged, .row = note{"b", 1}, .refused = above},
         "shows b 1 - at 6 => edit refused at 6: above mine (. . x) theirs (. . -)"},
        {"what was not taken is not folded into a base that the answer does not tell",
         {.shown = {"b", 1, "x"}, .base = note{"a", 1, "y"}, .edits = {update(title | above).in_flight(7)}},
         {.outcome = merged, .row = note{"b", 1, "?"}, .readable = false, .refused = above},
         "shows b 1 y => edit refused at 6: above mine (. . x) theirs (. . ?)"},
        {"what was not taken is shown until the pull if nothing else is known of the row",
         {.shown = {"a", 1, "x"}, .version = 0, .edits = {create().in_flight(7)}, .remote = ""},
         {.outcome = merged, .row = note{"a", 1, "?"}, .readable = false, .refused = above},
         "shows a 1 x at 0 => edit refused at 6: above mine (. . x) theirs (. . ?)"},
        {"columns that the edit did not have are not its losses",
         title_sent,
         {.outcome = merged, .row = note{"b", 2}, .overwritten = title | count, .lost = {"c", 9}, .refused = count, .kept = count},
         "shows b 2 - at 6 => field overwritten at 6: title mine (b . .) theirs (c . .) mine won"},
    };
    check_all(table);
}

TEST_CASE("a key that a create left null goes out in a patch of the same sync") {
    const row hiding{.shown = {"a", 1, "x"}, .version = 0, .edits = {create().in_flight(7).sent({"a", 1}).in_group(5)}, .remote = ""};
    const verdict_case table[] = {
        {"the patch belongs to the create's transaction", hiding, {}, "shows a 1 x | base a 1 - at 6 | update above group 5 => of this sync"},
        {"and to the life that the server gave the row", hiding, {.life = 2}, "shows a 1 x life 2 | base a 1 - at 6 | update above life 2 group 5 => of this sync"},
        {"in a cycle of tables",
         {.shown = {"a", 1, "x"}, .version = 0, .edits = {create().in_flight(7)}, .remote = "", .table = &in_cycle},
         {},
         "shows a 1 x | base a 1 - at 6 | update above => of this sync"},
        {"an edit that waits carries the key along",
         {.shown = {"b", 1, "x"}, .version = 0, .edits = {create().in_flight(7).sent({"a", 1}), update(title).at(8).behind(7)}, .remote = ""},
         {},
         "shows b 1 x | base a 1 - at 6 | update title,above #8 behind 7"},
        {"the create met a row, which has lost nothing to a key that is still to come",
         hiding,
         {.outcome = merged, .row = note{"t", 1, "y"}, .kept = title | above},
         "shows t 1 x | base t 1 y at 6 | update above group 5 => field overwritten at 6: title mine (a . .) theirs (t . .) | of this sync"},
        {"a key that was sent needs no patch", {.shown = {"a", 1, "x"}, .version = 0, .edits = {create().in_flight(7)}, .remote = ""}, {}, "shows a 1 x at 6"},
    };
    check_all(table);
}

TEST_CASE("a row that cannot be shown as the server has it stays as it is until the pull brings what it points at") {
    const row moved{.shown = {"b", 1, "x"}, .base = note{"a", 1}, .edits = {update(title).in_flight(7)}};
    CHECK(after_verdict(moved, {.outcome = merged, .row = note{"b", 1, "y"}}, showable_without("y")) == "shows b 1 x");
    const row made{.shown = {"b", 1, "x"}, .version = 0, .edits = {create().in_flight(7)}, .remote = ""};
    CHECK(after_verdict(made, {.outcome = merged, .row = note{"b", 1, "y"}}, showable_without("y")) == "shows b 1 x at 0");
    const row edited_since{.shown = {"b", 10}, .base = note{"a", 5}, .edits = {sent_5_to_7, added_3}};
    CHECK(after_verdict(edited_since, {.outcome = merged, .row = note{"c", 8, "y"}}, showable_without("y")) ==
          "shows b 10 - | base c 8 y at 4 | update count #8 behind 7");
    // What is shown already needs no leave.
    CHECK(after_verdict(title_sent, {}, unshowable) == "shows b 1 - at 6");
}

TEST_CASE("a move that was not taken stays with the row, set aside, if the row cannot be shown where the server kept it") {
    const row moved{.shown = {"b", 1, "x"}, .base = note{"a", 1, "y"}, .edits = {update(title | above).in_flight(7).in_group(5)}};
    const answer refused{.outcome = merged, .row = note{"b", 1, "y"}, .refused = above};
    CHECK(after_verdict(moved, refused, showable_without("y")) ==
          "shows b 1 x | base b 1 y at 6 | update above set aside group 5 because reference_gone: what the row was made to point at is gone"
          " => edit refused at 6: above mine (. . x) theirs (. . y) | refused");
    // With nowhere to be, the row stays as it is until the pull.
    CHECK(after_verdict(moved, refused, unshowable) == "shows b 1 x => edit refused at 6: above mine (. . x) theirs (. . y)");
    // An edit behind it may move the row again.
    row edited_since = moved;
    edited_since.edits = {update(title | above).in_flight(7).sent({"b", 1, "x"}, {"a", 1, "y"}, 4), update(count).at(8).behind(7)};
    edited_since.shown.count = 2;
    CHECK(after_verdict(edited_since, refused, showable_without("y")) ==
          "shows b 2 x | base b 1 y at 4 | update count #8 behind 7 => edit refused at 6: above mine (. . x) theirs (. . y)");
}

TEST_CASE("a void that finds its operation applied leaves the edit behind it what differs, and nothing twice") {
    const edit closing = close(update(title).sent({"b"}, {"a"}, 4), 7);
    const edit closing_create = close(create().sent({"a", 1}), 7);
    const verdict_case table[] = {
        {"all of it differs", {.shown = {"c", 2}, .base = note{"a", 1}, .edits = {closing, update(title | count).at(8).behind(7)}}, {},
         "shows c 2 - | base b 1 - at 6 | update title,count #8 behind 7"},
        {"a part of it", {.shown = {"b", 2}, .base = note{"a", 1}, .edits = {closing, update(title | count).at(8).behind(7)}}, {},
         "shows b 2 - | base b 1 - at 6 | update count #8 behind 7"},
        {"nothing", {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {closing, update(title | count).at(8).behind(7)}}, {}, "shows b 1 - at 6"},
        {"what was added to a counter is not added again",
         {.shown = {"a", 10}, .base = note{"a", 5}, .edits = {close(sent_5_to_7, 7), update(count).at(8).behind(7)}},
         {.outcome = merged, .row = note{"a", 8}},
         "shows a 11 - | base a 8 - at 6 | update count #8 behind 7"},
        {"a create that was taken is not made again",
         {.shown = {"b", 1}, .version = 0, .edits = {closing_create, update(title).at(8).behind(7)}, .remote = ""},
         {.remote = "S"},
         "shows b 1 - as S | base a 1 - at 6 | update title #8 behind 7"},
    };
    check_all(table);
}

TEST_CASE("what was applied of a row that was removed here moves the base and shows nothing") {
    const auto removed = [](std::vector<edit> edits) {
        return row{.shown = {"b", 7}, .base = note{"b", 5}, .edits = std::move(edits), .visible = false, .removed_by = 9};
    };
    const verdict_case table[] = {
        {"the removal is refused, perhaps, and needs the base", removed({sent_5_to_7}), {}, "hidden b 7 - at 6 by 9 | base b 7 - at 6"},
        {"with what the removal has replaced", removed({sent_5_to_7, update(title)}), {.outcome = merged, .row = note{"c", 8}},
         "hidden b 8 - by 9 | base c 8 - at 6 | update title"},
        {"what a row points at does not matter as long as it is hidden", removed({sent_5_to_7}), {.outcome = merged, .row = note{"c", 8, "y"}},
         "hidden c 8 y at 6 by 9 | base c 8 y at 6"},
    };
    for (const verdict_case& one : table) {
        INFO(one.says);
        CHECK(after_verdict(one.before, one.told, unshowable) == one.after);
    }
}

TEST_CASE("an edit of what is gone goes whole into a record, and the row goes") {
    const auto over_theirs = row{.shown = {"theirs", 7}, .base = note{"theirs", 7}, .edits = {create().in_flight(7).sent({"mine", 3})}};
    const verdict_case table[] = {
        {"the row was removed: the pull tells whether it lives again", title_sent, {.outcome = gone, .code = error_code::not_found},
         "shows b 1 - => edit of a removed row at 6: title mine (b 1 -) because not_found | refused | leaves later at 6"},
        {"with the edits behind it",
         {.shown = {"b", 10}, .base = note{"a", 5}, .edits = {sent_5_to_7, update(title).at(8).behind(7)}},
         {.outcome = gone, .code = error_code::not_found},
         "shows b 10 - => edit of a removed row at 6: title,count mine (b 10 -) because not_found | refused | leaves later at 6"},
        {"the removal is newer than the base, whatever version was told", title_sent, {.outcome = gone, .version = 3, .code = error_code::not_found},
         "shows b 1 - => edit of a removed row at 3: title mine (b 1 -) because not_found | refused | leaves later at 5"},
        {"the version of a later life is not that of the removal", title_sent, {.outcome = gone, .version = 9, .life = 2, .code = error_code::not_found},
         "shows b 1 - => edit of a removed row at 9: title mine (b 1 -) because not_found | refused | leaves later at 5"},
        {"a row that never reached the server goes at once, because what it needs is gone", made_here, {.outcome = gone, .code = error_code::reference_gone},
         "shows a 1 - at 0 unknown => edit of a removed row at 6: title,count,above mine (a 1 -) because reference_gone | refused | leaves at 1"},
        {"another device's row of the name stays", over_theirs, {.outcome = gone, .code = error_code::reference_gone},
         "shows theirs 7 - => edit of a removed row at 6: title,count,above mine (mine 3 -) because reference_gone | refused"},
    };
    check_all(table);
    CHECK(after_verdict(over_theirs, {.outcome = gone, .code = error_code::reference_gone}, unshowable) ==
          "shows theirs 7 - => edit of a removed row at 6: title,count,above mine (mine 3 -) because reference_gone | fetch | refused | leaves at 5");
}

TEST_CASE("of a row that was removed here no edit is sent again, whatever the verdict, and what was not taken waits for a refusal of the removal") {
    const auto removed = [](std::vector<edit> edits) {
        return row{.shown = {"b", 7}, .base = note{"a", 5}, .edits = std::move(edits), .visible = false, .removed_by = 9};
    };
    const row never_taken{.shown = {"a", 1}, .version = 0, .edits = {create().in_flight(7).sent({"a", 1})}, .visible = false, .removed_by = 9, .remote = ""};
    const verdict_case table[] = {
        {"gone", removed({sent_5_to_7, update(title)}), {.outcome = gone}, "hidden b 5 - by 9 | base a 5 - at 4 | update title => refused"},
        {"a create that is gone was never made, so that there is nothing to remove", never_taken, {.outcome = gone},
         "hidden a 1 - at 0 by 9 unknown => fetch | refused | never made"},
        {"refused for good", removed({sent_5_to_7, update(title)}), {.outcome = rejected, .code = error_code::rejected},
         "hidden b 7 - by 9 | base a 5 - at 4 | update title,count => refused"},
        {"a create that was refused for good", never_taken, {.outcome = rejected, .code = error_code::rejected},
         "hidden a 1 - by 9 unknown | create => fetch | refused | never made"},
        {"settled, and the server does not know how: what was sent is the base until the row comes", removed({sent_5_to_7, update(title)}),
         {.outcome = settled},
         "hidden b 7 - by 9 | base a 7 - at 0 | update title => fetch"},
        {"closed before it came", removed({sent_5_to_7, update(title)}), {.outcome = closed},
         "hidden b 7 - by 9 | base a 5 - at 4 | update title,count"},
        {"a create that was closed before it came", never_taken, {.outcome = closed},
         "hidden a 1 - by 9 unknown | create => fetch | never made"},
    };
    check_all(table);
}

TEST_CASE("an answer that is not final spends an attempt, and the last one sets the edit aside") {
    const answer later{.outcome = rejected, .permanent = false, .code = error_code::server_failed, .message = "try later"};
    const auto tried = [](edit one, int attempts) { return row{.shown = {"b", 1}, .base = note{"a", 1}, .edits = {one.tried(attempts)}}; };
    const verdict_case table[] = {
        {"refused for now", title_sent, later, "shows b 1 - | base a 1 - at 4 | update title #7 in flight tried 1 because server_failed: try later => put off"},
        {"it waits for a row that the server does not know", title_sent, {.outcome = waits},
         "shows b 1 - | base a 1 - at 4 | update title #7 in flight tried 1 because not_found: the server does not know a row it points at => put off"},
        {"it waits for a row that has no verdict itself, which says nothing of the edit", title_sent, {.outcome = waits, .waits_for_unsettled = true},
         "shows b 1 - | base a 1 - at 4 | update title #7 in flight"},
        {"the last attempt: it is closed first, because the server may have taken it",
         tried(update(title).in_flight(7), 2),
         later,
         "shows b 1 - | base a 1 - at 4 | void of update title #7 in flight sent (b . .) over (a . .) from 4 tried 3 because attempts_spent: "
         "server_failed: try later => of this sync"},
        {"a void is asked for without end", tried(close(update(title).sent({"b"}, {"a"}, 4), 7), 100), later,
         "shows b 1 - | base a 1 - at 4 | void of update title #7 in flight sent (b . .) over (a . .) from 4 tried 101 => put off"},
    };
    check_all(table);
    // What the create points at was given up here, and the row with it or the key: what was sent must not be taken any more.
    CHECK(after_verdict({.shown = {"b", 1}, .version = 0, .edits = {create().in_flight(7).sent({"b", 1, "x"})}, .remote = ""},
                        {.outcome = waits, .waits_for_vanished = true}) ==
          "shows b 1 - unknown | void of create #7 in flight sent (b 1 x) => of this sync");
    // The server has not taken an edit that waits, and must not take it any more once the row was removed here.
    row removed = title_sent;
    removed.edits = {update(title).in_flight(7).sent({"b"}, {"a"}, 4)};
    removed.visible = false;
    removed.removed_by = 9;
    CHECK(after_verdict(removed, {.outcome = waits}) ==
          "hidden b 1 - by 9 | base a 1 - at 4 | void of update title #7 in flight sent (b . .) over (a . .) from 4 => of this sync");
}

TEST_CASE("a refusal for good sets the edit aside with its reason, or hands it to its repair") {
    const answer refusal{.outcome = rejected, .code = error_code::rejected, .message = "not on sundays"};
    const verdict_case table[] = {
        {"the row goes on to show the edit", title_sent, refusal,
         "shows b 1 - | base a 1 - at 4 | update title #7 set aside because rejected: not on sundays => refused"},
        {"an edit that waits behind it is its repair",
         {.shown = {"b", 10}, .base = note{"b", 5}, .edits = {update(title).in_flight(7).sent({"b"}, {"a"}, 4), added_3}},
         refusal,
         "shows b 10 - | base b 5 - at 4 | update title,count #8 => refused"},
        {"the repair of a create is a create",
         {.shown = {"b", 1}, .version = 0, .edits = {create().in_flight(7).sent({"a", 1}), update(title).at(8).behind(7)}, .remote = ""},
         refusal,
         "shows b 1 - unknown | create #8 => refused"},
        {"what a status said is not remembered, so that a void closes the sequence first",
         title_sent,
         {.outcome = rejected, .is_remembered = false, .code = error_code::rejected, .message = "not on sundays"},
         "shows b 1 - | base a 1 - at 4 | void of update title #7 in flight sent (b . .) over (a . .) from 4 because rejected: not on sundays => of this sync"},
        {"a void that keeps why it was sent, and that the server does not know",
         {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {close(update(title).sent({"b"}, {"a"}, 4), 7).because(error_code::attempts_spent, "busy")}},
         refusal,
         "shows b 1 - | base a 1 - at 4 | update title #7 set aside because attempts_spent: busy => refused"},
        {"a server that knows no voids has not applied the operation, as far as it says",
         {.shown = {"c", 1}, .base = note{"a", 1}, .edits = {close(update(title).sent({"b"}, {"a"}, 4), 7), update(title).at(8).behind(7)}},
         refusal,
         "shows c 1 - | base a 1 - at 4 | update title #8 => of this sync"},
    };
    check_all(table);
}

TEST_CASE("content that was closed is queued again, because a void answered to content is never an end") {
    const verdict_case table[] = {
        {"under a new sequence, as if it was never sent",
         {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).in_flight(7).sent({"b"}, {"a"}, 4).contained().behind(5).tried(2).because(error_code::server_failed, "later")}},
         {.outcome = closed},
         "shows b 1 - | base a 1 - at 4 | update title => of this sync"},
        {"with the edit behind it",
         {.shown = {"b", 10}, .base = note{"b", 5}, .edits = {sent_5_to_7, update(title).at(8).behind(7)}},
         {.outcome = closed},
         "shows b 10 - | base b 5 - at 4 | update title,count #8 => of this sync"},
        {"a create with the edit behind it, which goes on to be an edit of what was made",
         {.shown = {"b", 1}, .version = 0, .edits = {create().in_flight(7).sent({"a", 1}), update(title).at(8).behind(7)}, .remote = ""},
         {.outcome = closed},
         "shows b 1 - unknown | create #8 made (a . .) => of this sync"},
        {"a void that closed its sequence has done its work, and what was behind it may go",
         {.shown = {"c", 1}, .base = note{"a", 1}, .edits = {close(update(title).sent({"b"}, {"a"}, 4), 7), update(title).at(8).behind(7)}},
         {.outcome = closed},
         "shows c 1 - | base a 1 - at 4 | update title #8 => of this sync"},
        {"and takes along what was closed",
         {.shown = {"c", 7}, .base = note{"c", 5}, .edits = {close(sent_5_to_7, 7), update(title).at(8).behind(7)}},
         {.outcome = closed},
         "shows c 7 - | base c 5 - at 4 | update title,count #8 => of this sync"},
        {"a void that keeps why it was sent sets the edit aside",
         {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {close(update(title).sent({"b"}, {"a"}, 4), 7).because(error_code::attempts_spent, "busy")}},
         {.outcome = closed},
         "shows b 1 - | base a 1 - at 4 | update title #7 set aside because attempts_spent: busy => refused"},
        {"a void of a create as well, so that the row is made with what was edited since",
         {.shown = {"b", 1}, .version = 0, .edits = {close(create().sent({"a", 1}), 7), update(title).at(8).behind(7)}, .remote = ""},
         {.outcome = closed},
         "shows b 1 - unknown | create #8 made (a . .) => of this sync"},
    };
    check_all(table);
}

TEST_CASE("an outcome that only the server knows ends the edit, and the server's rows are read again") {
    const verdict_case table[] = {
        {"the row has no version, so that any row replaces it", title_sent, {.outcome = settled}, "shows b 1 - at 0 => fetch"},
        {"an edit behind it stands on what it made until the row comes, whatever its version",
         {.shown = {"a", 10}, .base = note{"a", 5}, .edits = {sent_5_to_7, added_3}},
         {.outcome = settled},
         "shows a 10 - | base a 7 - at 0 | update count #8 behind 7 => fetch"},
        {"a create with an edit behind it",
         {.shown = {"b", 1}, .version = 0, .edits = {create().in_flight(7).sent({"a", 1}), update(title).at(8).behind(7)}, .remote = ""},
         {.outcome = settled},
         "shows b 1 - unknown | base a 1 - at 0 | update title #8 behind 7 => fetch"},
    };
    check_all(table);
}

TEST_CASE("an edit whose life has ended takes the life that the server has now, and what was made behind it goes into a record") {
    const row edited_since{.shown = {"a", 10}, .base = note{"a", 5}, .edits = {sent_5_to_7, added_3}};
    const verdict_case table[] = {
        {"nothing is behind it", title_sent, {.outcome = merged, .row = note{"z", 9}, .life = 2}, "shows z 9 - at 6 life 2"},
        {"an edit is behind it", edited_since, {.outcome = merged, .row = note{"z", 9}, .life = 2},
         "shows z 9 - at 6 life 2 => edit of a removed row at 6: count mine (a 10 -)"},
        {"the later life is not told: the pull brings it", edited_since, {.life = 2}, "shows a 10 - | base a 7 - at 6 | update count #8 behind 7"},
        {"a row that was removed here keeps the life that its removal names",
         {.shown = {"b", 7}, .base = note{"b", 5}, .edits = {sent_5_to_7}, .visible = false, .removed_by = 9},
         {.outcome = merged, .row = note{"z", 9}, .life = 2},
         "hidden b 7 - by 9 | base b 7 - at 4"},
        {"a create follows the row into the life that it has now", made_here, {.outcome = merged, .row = note{"z", 9}, .life = 2}, "shows z 9 - at 6 life 2"},
    };
    check_all(table);
    // A later life that cannot be shown yet is left to the pull as well.
    CHECK(after_verdict(edited_since, {.outcome = merged, .row = note{"z", 9, "y"}, .life = 2}, showable_without("y")) ==
          "shows a 10 - | base a 7 - at 4 | update count #8 behind 7");
}
