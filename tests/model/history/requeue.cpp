#include <syncline/model/history/requeue.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <model/history/support/histories.hpp>
#include <support/catch.hpp>

using namespace history_tests;

namespace {

struct requeue_case {
    std::string_view says;
    row before;
    std::string_view after;
};

template <class F>
std::string after(const row& before, F&& transition) {
    row_history history = before.history();
    row_effects effects;
    transition(history, effects);
    return text_of(history, effects);
}

template <class F, std::size_t Size>
void check_all(const requeue_case (&table)[Size], F&& transition) {
    for (const requeue_case& one : table) {
        INFO(one.says);
        CHECK(after(one.before, transition) == one.after);
    }
}

row with(std::vector<edit> edits, std::optional<note> base = note{"a", 1}) {
    return {.shown = {"c", 5}, .base = base, .edits = std::move(edits)};
}
row removed(std::vector<edit> edits) { return {.shown = {"c", 5}, .base = note{"a", 1}, .edits = std::move(edits), .visible = false, .removed_by = 9}; }

const edit title_sent = update(title).in_flight(7).sent({"b"}, {"a"}, 4);
const edit create_sent = create().in_flight(7).sent({"a", 1});

}  // namespace

TEST_CASE("the edit behind an operation that was not taken carries that one's fields as well") {
    struct hand_on_case {
        std::string_view says;
        edit first;
        edit behind;
        std::string_view after;
    };
    const hand_on_case table[] = {
        {"an update behind an update", title_sent, update(count).at(8), "update title,count #8"},
        {"an update behind a create becomes the create, which tells what it changed", create_sent, update(title).at(8), "create #8 made (a . .)"},
        {"what was edited before the create was sent stays told", create_sent.made({"0"}, title), update(title | count).at(8), "create #8 made (0 1 .)"},
        {"behind the void of a create as well", close(create_sent, 7), update(title).at(8), "create #8 made (a . .)"},
        {"behind the void of an update, an update", close(title_sent, 7), update(count).at(8), "update title,count #8"},
        {"the life is that of what was sent", title_sent.life(3), update(count).at(8).life(2), "update title,count #8 life 3"},
    };
    for (const hand_on_case& one : table) {
        INFO(one.says);
        const row_history history = with({one.first}).history();
        edit_content content;
        read_content(history.edits.front(), *history.table, history.shown, history.base, history.version, content);
        outbox_entry next = one.behind.entry;
        detail::hand_on(history.edits.front(), content, *history.table, next);
        CHECK(text_of(next) == one.after);
    }
}

TEST_CASE("what was not taken of a row that was removed here is what a refusal of the removal would have to bring back") {
    const requeue_case table[] = {
        {"an update", removed({title_sent}), "hidden c 5 - by 9 | base a 1 - at 4 | update title"},
        {"with what was edited behind it", removed({title_sent, update(count)}), "hidden c 5 - by 9 | base a 1 - at 4 | update title,count"},
        {"the void of an update", removed({close(title_sent, 7), update(count)}), "hidden c 5 - by 9 | base a 1 - at 4 | update title,count"},
        {"a create was never made, and the pull may have to bring another device's row of its name", removed({create_sent}),
         "hidden c 5 - by 9 | base a 1 - at 4 | create => fetch | never made"},
        {"nor was what was edited behind it", removed({create_sent, update(count)}),
         "hidden c 5 - by 9 | base a 1 - at 4 | create => fetch | never made"},
        {"the void of a create", removed({close(create_sent, 7)}), "hidden c 5 - by 9 | base a 1 - at 4 | create => fetch | never made"},
    };
    check_all(table, [](row_history& history, row_effects& effects) { detail::take_back(history, effects); });
}

TEST_CASE("a create that was not taken is an edit of the row of its name that a pull has brought") {
    const auto met = [](const table_view& table, const note& shown, std::vector<edit> edits) {
        return row{.shown = shown, .base = note{"theirs", 9}, .edits = std::move(edits), .table = &table};
    };
    const edit mine = create().in_flight(7).sent({"mine", 3});
    const row theirs_stay = met(theirs_wins, {"theirs", 9}, {mine}), mine_replaces = met(mine_wins, {"mine", 3}, {mine});
    const row edited_since = met(theirs_wins, {"theirs", 14}, {mine, update(count).at(8).behind(7)});
    const row refused_to_meet = met(refusing, {"mine", 3}, {mine});
    const requeue_case closed[] = {
        {"the row keeps its values", theirs_stay, "shows theirs 9 - => field overwritten at 4: title,count mine (mine 3 .) theirs (theirs 9 .)"},
        {"the create replaces them", mine_replaces,
         "shows mine 3 - | base theirs 9 - at 4 | update title,count"
         " => field overwritten at 4: title,count mine (mine 3 .) theirs (theirs 9 .) mine won | of this sync"},
        {"what was edited behind it is an edit of that row, and only the rest was lost", edited_since,
         "shows theirs 14 - | base theirs 9 - at 4 | update count => field overwritten at 4: title mine (mine . .) theirs (theirs . .) | of this sync"},
        {"the void of a create", met(theirs_wins, {"theirs", 9}, {close(mine, 7)}),
         "shows theirs 9 - => field overwritten at 4: title,count mine (mine 3 .) theirs (theirs 9 .)"},
        {"a create that must meet no row goes out anew", refused_to_meet, "shows mine 3 - | base theirs 9 - at 4 | create => of this sync"},
    };
    check_all(closed, [](row_history& history, row_effects& effects) { detail::queue_again(history, effects); });
    const requeue_case refused[] = {
        {"the row keeps its values, and nothing is set aside", theirs_stay,
         "shows theirs 9 - => field overwritten at 4: title,count mine (mine 3 .) theirs (theirs 9 .) | refused"},
        {"the edit that replaces them is set aside", mine_replaces,
         "shows mine 3 - | base theirs 9 - at 4 | update title,count set aside because rejected"
         " => field overwritten at 4: title,count mine (mine 3 .) theirs (theirs 9 .) mine won | refused"},
        {"what was edited behind the create goes on", edited_since,
         "shows theirs 14 - | base theirs 9 - at 4 | update count => field overwritten at 4: title mine (mine . .) theirs (theirs . .) | refused"},
        {"a create that must meet no row is set aside itself", refused_to_meet,
         "shows mine 3 - | base theirs 9 - at 4 | create #7 set aside because rejected => refused"},
    };
    check_all(refused, [](row_history& history, row_effects& effects) { detail::set_aside(history, error_code::rejected, effects); });
    const requeue_case closed_to_set_aside[] = {
        {"the row keeps its values here too", met(theirs_wins, {"theirs", 9}, {close(mine, 7).because(error_code::attempts_spent)}),
         "shows theirs 9 - => field overwritten at 4: title,count mine (mine 3 .) theirs (theirs 9 .) | refused"},
    };
    check_all(closed_to_set_aside, [](row_history& history, row_effects& effects) { detail::end_void(history, effects); });
}

TEST_CASE("an operation that will never be applied under its sequence goes out anew") {
    const requeue_case table[] = {
        {"alone: what goes out is read from the row again, under a sequence that is not known yet",
         with({title_sent.behind(5).contained().tried(3)}),
         "shows c 5 - | base a 1 - at 4 | update title => of this sync"},
        {"a create, which still tells what it was made with",
         with({create_sent.made({"0"}, title)}, {}),
         "shows c 5 - | create made (0 . .) => of this sync"},
        {"alone: a void goes out as what it has closed", with({close(title_sent, 7)}), "shows c 5 - | base a 1 - at 4 | update title => of this sync"},
        {"with the edit behind it, which waits for nothing any more",
         with({title_sent, update(count).at(8).behind(7)}),
         "shows c 5 - | base a 1 - at 4 | update title,count #8 => of this sync"},
        {"a row that was removed here sends nothing again", removed({title_sent, update(count)}),
         "hidden c 5 - by 9 | base a 1 - at 4 | update title,count"},
    };
    check_all(table, [](row_history& history, row_effects& effects) { detail::queue_again(history, effects); });
}

TEST_CASE("what was refused for good is set aside with its reason") {
    const requeue_case table[] = {
        {"what goes out when it is repaired is read from the row", with({title_sent}),
         "shows c 5 - | base a 1 - at 4 | update title #7 set aside because rejected => refused"},
        {"a repair that waits takes the fields along, and waits for nothing",
         with({title_sent, update(count).at(8).behind(7)}),
         "shows c 5 - | base a 1 - at 4 | update title,count #8 => refused"},
        {"a repair of a create makes the row, and is no edit of what never was on the server",
         with({create_sent.made({"0"}, title), update(count).at(8).behind(7)}, {}),
         "shows c 5 - | create #8 => refused"},
        {"a create that was edited before it was sent is tried once more without what it was made with",
         with({create().in_flight(7).made({"0"}, title)}, {}),
         "shows c 5 - | create => of this sync"},
        {"a row that was removed here needs no repair", removed({title_sent, update(count)}),
         "hidden c 5 - by 9 | base a 1 - at 4 | update title,count => refused"},
        {"nor does a create of such a row, which is removed already", removed({create_sent.made({"0"}, title)}),
         "hidden c 5 - by 9 | base a 1 - at 4 | create => fetch | refused | never made"},
    };
    check_all(table, [](row_history& history, row_effects& effects) { detail::set_aside(history, error_code::rejected, effects); });
}

TEST_CASE("what the server has no verdict of is closed before it is set aside, and the void keeps why") {
    const requeue_case table[] = {
        {"an update", with({update(title).in_flight(7).because(error_code::rejected, "no")}),
         "shows c 5 - | base a 1 - at 4 | void of update title #7 in flight sent (c . .) over (a . .) from 4 because attempts_spent: no => of this sync"},
        {"a create with what it was made with", with({create().in_flight(7).made({"0"}, title)}, {}),
         "shows c 5 - | void of create #7 in flight sent (c 5 -) over (0 . .) made (0 . .) because attempts_spent => of this sync"},
        {"the edit behind it has its own fields until then",
         with({title_sent, update(count).at(8).behind(7)}),
         "shows c 5 - | base a 1 - at 4 | void of update title #7 in flight sent (b . .) over (a . .) from 4 because attempts_spent"
         " | update count #8 behind 7 => of this sync"},
        {"a row that was removed here stays removed", removed({title_sent, update(count)}),
         "hidden c 5 - by 9 | base a 1 - at 4 | void of update title #7 in flight sent (b . .) over (a . .) from 4 because attempts_spent"
         " | update count => of this sync"},
    };
    check_all(table, [](row_history& history, row_effects& effects) { detail::close_before_set_aside(history, error_code::attempts_spent, effects); });
}

TEST_CASE("what a void has closed is set aside if the void tells why, and else goes out anew") {
    const auto closing = [](const edit& one) { return close(one, 7).because(error_code::attempts_spent, "no"); };
    const requeue_case table[] = {
        {"without a reason", with({close(title_sent, 7)}), "shows c 5 - | base a 1 - at 4 | update title => of this sync"},
        {"with one", with({closing(title_sent).tried(3)}), "shows c 5 - | base a 1 - at 4 | update title #7 set aside tried 3 because attempts_spent: no => refused"},
        {"a repair that waits takes the fields along", with({closing(title_sent), update(count).at(8).behind(7)}),
         "shows c 5 - | base a 1 - at 4 | update title,count #8 => refused"},
        {"a repair of a create makes the row, and is no edit of what never was on the server",
         with({closing(create_sent.made({"0"}, title)), update(count).at(8).behind(7)}, {}), "shows c 5 - | create #8 => refused"},
        {"a create that was edited before it was sent is tried once more without what it was made with",
         with({closing(create_sent.made({"0"}, title))}, {}), "shows c 5 - | create => of this sync"},
        {"a row that was removed here needs no repair", removed({closing(title_sent), update(count)}),
         "hidden c 5 - by 9 | base a 1 - at 4 | update title,count => refused"},
        {"a create that was removed here", removed({closing(create_sent)}), "hidden c 5 - by 9 | base a 1 - at 4 | create => fetch | refused | never made"},
    };
    check_all(table, [](row_history& history, row_effects& effects) { detail::end_void(history, effects); });
}

TEST_CASE("attempts are counted, and each answer leaves its reason, unless it is about a void") {
    limits bounds;
    bounds.attempts_max = 2;
    outbox_entry entry = title_sent.entry;
    CHECK_FALSE(detail::spend_attempt(entry, bounds, error_code::server_failed, "try later"));
    CHECK(entry.attempts == 1);
    CHECK(entry.reason == error_code::server_failed);
    CHECK(entry.reason_text == "try later");
    CHECK(detail::spend_attempt(entry, bounds, error_code::not_found, "who is that"));
    CHECK(entry.reason_text == "not_found: who is that");
    entry.attempts = 1;
    CHECK(detail::spend_attempt(entry, bounds, error_code::not_found, ""));
    CHECK(entry.reason_text == "not_found");
    outbox_entry closing = close(title_sent, 7).tried(100).because(error_code::attempts_spent, "who is that").entry;
    CHECK_FALSE(detail::spend_attempt(closing, bounds, error_code::server_failed, "try later"));
    CHECK(closing.attempts == 101);
    CHECK(closing.reason == error_code::attempts_spent);
    CHECK(closing.reason_text == "who is that");
}

TEST_CASE("an edit is put off until its attempts are spent") {
    limits bounds;
    bounds.attempts_max = 2;
    const auto postponed = [&](int tried) {
        return after(with({title_sent.tried(tried)}), [&](row_history& history, row_effects& effects) {
            detail::postpone(history, bounds, error_code::server_failed, "try later", effects);
        });
    };
    CHECK(postponed(0) ==
          "shows c 5 - | base a 1 - at 4 | update title #7 in flight sent (b . .) over (a . .) from 4 tried 1 because server_failed: try later => put off");
    CHECK(postponed(1) ==
          "shows c 5 - | base a 1 - at 4 | void of update title #7 in flight sent (b . .) over (a . .) from 4 tried 2 because attempts_spent: "
          "server_failed: try later => of this sync");
}
