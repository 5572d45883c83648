#include <syncline/model/history/discard.hpp>

#include <string>
#include <string_view>

#include <model/history/support/histories.hpp>
#include <support/catch.hpp>

using namespace history_tests;

namespace {

const edit closing = close(update(title).sent({"b"}, {"a"}, 4), 7).because(error_code::attempts_spent);
const edit refused = update(title).set_aside(7).tried(8);

}  // namespace

TEST_CASE("only a row whose newest edit was set aside waits for the application") {
    const auto waits = [](std::vector<edit> edits) { return is_set_aside(row{.shown = {"b"}, .base = note{"a"}, .edits = std::move(edits)}.history()); };
    CHECK(waits({update(title).set_aside(7)}));
    CHECK_FALSE(waits({closing}));
    CHECK_FALSE(waits({}));
    CHECK_FALSE(waits({update(title).in_flight(7)}));
    CHECK_FALSE(waits({update(title).set_aside(7), update(title).at(8).behind(7)}));
}

TEST_CASE("an edit that goes out again has fresh attempts and a new sequence") {
    row_history history = row{.shown = {"b"}, .base = note{"a"}, .edits = {refused}}.history();
    history.edits.back().not_before_ms = 99;
    retry(history);
    CHECK(history.edits.back().not_before_ms == 0);
    CHECK(text_of(history) == "shows b 0 - | base a 0 - at 4 | update title");
}

TEST_CASE("what is given up goes whole into a record, and what was sent of it without a final verdict is closed") {
    struct discard_case {
        std::string_view says;
        row before;
        bool restores;
        std::string_view after;
    };
    const discard_case table[] = {
        {"the row shows the server's values again", {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {refused}}, true,
         "shows a 1 - => edit discarded at 4: title mine (b 1 -) theirs (a 1 -) because enough"},
        {"the server's row cannot be shown, and is read again once it can", {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {refused}}, false,
         "gone => edit discarded at 4: title mine (b 1 -) theirs (a 1 -) because enough | fetch"},
        {"a void that is under way closes it for good",
         {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {closing}}, true,
         "shows a 1 - => edit discarded at 4: title mine (b 1 -) theirs (a 1 -) because enough | void of update #7 in flight"},
        {"a create that may be on the server",
         {.shown = {"a", 1}, .version = 0, .edits = {create().sent({"a", 1}).in_flight(7)}, .remote = ""},
         false,
         "gone unknown => edit discarded at 0: title,count,above mine (a 1 -) because enough | void of create no column #7 in flight"},
        {"what waits behind it was never sent",
         {.shown = {"b", 2}, .base = note{"a", 1}, .edits = {update(title).in_flight(7).sent({"b"}, {"a"}, 4), update(count).at(8).behind(7)}},
         true,
         "shows a 1 - => edit discarded at 4: title,count mine (b 2 -) theirs (a 1 -) because enough | void of update #7 in flight"},
        {"nothing was sent", {.shown = {"b", 1}, .base = note{"a", 1}, .edits = {update(title).at(7)}}, true,
         "shows a 1 - => edit discarded at 4: title mine (b 1 -) theirs (a 1 -) because enough"},
    };
    for (const discard_case& one : table) {
        INFO(one.says);
        const row_transition made = discard(one.before.history(), one.restores, "enough");
        CHECK(text_of(made.next, made.effects) == one.after);
    }
}

TEST_CASE("the void of what was given up names the content that was sent, whatever the row shows by then") {
    row_history history = row{.shown = {"z", 9}, .base = note{"y", 9}, .version = 6, .edits = {update(title).sent({"b"}, {"a"}, 4).in_flight(7)}}.history();
    edit_content content;
    read_content(history.edits.front(), theirs_wins, history.shown, history.base, history.version, content);
    const std::uint64_t sent = digest_of(operation_of(history.edits.front(), content), theirs_wins);
    const row_transition made = discard(std::move(history), true, {});
    REQUIRE(made.effects.voids.size() == 1);
    CHECK(made.effects.voids.front().digest == sent);
    CHECK(made.effects.voids.front().seq == 7);
}
