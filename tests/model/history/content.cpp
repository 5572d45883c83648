#include <syncline/model/history/content.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <model/history/support/histories.hpp>
#include <support/catch.hpp>

using namespace history_tests;

namespace {

/// What the oldest edit sends: values after and before, and the version they are based on.
std::string content_of(const row& of) {
    const row_history history = of.history();
    edit_content content;
    read_content(history.edits.front(), *history.table, history.shown, history.base, history.version, content);
    const operation op = operation_of(history.edits.front(), content);
    std::string text = std::string(name_of(op.kind)) + " (" + text_of(op.values.after, op.values.mask) + ")";
    if (op.values.before_mask != 0) text += " over (" + text_of(op.values.before, op.values.before_mask) + ")";
    if (!op.base_version.is_none()) text += " from " + std::to_string(op.base_version.number());
    return text;
}

std::uint64_t digest_of_first(const row_history& history) {
    edit_content content;
    read_content(history.edits.front(), *history.table, history.shown, history.base, history.version, content);
    return digest_of(operation_of(history.edits.front(), content), *history.table);
}

std::string frozen(const row& of) {
    row_history history = of.history();
    freeze(history, history.edits.front());
    return text_of(history.edits.front());
}

std::string closed(const row& of) {
    row_history history = of.history();
    close_sequence(history, history.edits.front());
    return text_of(history.edits.front());
}

edit removal(sequence seq, std::int64_t from) {
    edit made = make_edit(operation_kind::remove, 0).at(seq);
    made.entry.base_version = at_version(from);
    return made;
}

}  // namespace

TEST_CASE("what an edit sends is read from the row while the row holds it, and from what was kept afterwards") {
    struct content_case {
        std::string_view says;
        row of;
        std::string_view sends;
    };
    const content_case table[] = {
        {"an update sends its columns, with the base's values and version",
         {.shown = {"b", 2, "x"}, .base = note{"a", 1}, .edits = {update(title | above).at(7)}},
         "update (b . x) over (a . -) from 4"},
        {"an update of a row whose base is not known has no values before",
         {.shown = {"b", 2}, .edits = {update(title).at(7)}},
         "update (b . .)"},
        {"an update that is frozen sends what was frozen",
         {.shown = {"z", 9}, .base = note{"y", 8}, .version = 6, .edits = {update(title | count).in_flight(7).sent({"b", 2}, {"a", 1}, 4)}},
         "update (b 2 .) over (a 1 .) from 4"},
        {"a create sends the whole row, and no version", {.shown = {"a", 1, "x"}, .edits = {create().at(7)}}, "create (a 1 x)"},
        {"a create tells what it was made with where it was edited since",
         {.shown = {"b", 1}, .edits = {create().at(7).made({"a"}, title)}},
         "create (b 1 -) over (a . .)"},
        {"a create in a cycle of tables leaves the key to its patch",
         {.shown = {"b", 1, "x"}, .edits = {create().at(7).made({"a", 0, "y"}, title | above)}, .table = &in_cycle},
         "create (b 1 -) over (a . .)"},
        {"a create that is frozen sends what was frozen", {.shown = {"z", 9, "x"}, .edits = {create().in_flight(7).sent({"a", 1})}}, "create (a 1 -)"},
        {"a removal sends no values, and the version that it removes", {.shown = {"a"}, .edits = {removal(7, 3)}}, "remove () from 3"},
    };
    for (const content_case& one : table) {
        INFO(one.says);
        CHECK(content_of(one.of) == one.sends);
    }
}

TEST_CASE("a void sends no values") {
    const row_history history = row{.shown = {"b"}, .base = note{"a"}, .edits = {close(update(title).sent({"b"}, {"a"}, 4), 7)}}.history();
    edit_content content;
    read_content(history.edits.front(), *history.table, history.shown, history.base, history.version, content);
    const operation op = operation_of(history.edits.front(), content);
    CHECK(op.kind == operation_kind::close);
    CHECK(op.seq == 7);
    CHECK((op.values.mask | op.values.before_mask) == 0);
}

TEST_CASE("what was read of one edit is not left in what is read of the next") {
    edit_content content;
    const row_history update_first = row{.shown = {"b", 2}, .base = note{"a", 1}, .edits = {update(title).at(7)}}.history();
    read_content(update_first.edits.front(), theirs_wins, update_first.shown, update_first.base, update_first.version, content);
    const row_history create_next = row{.shown = {"n", 3}, .edits = {create().at(8)}}.history();
    read_content(create_next.edits.front(), theirs_wins, create_next.shown, {}, {}, content);
    CHECK(text_of(content.after) == "n 3 -");
    CHECK(content.before_mask == 0);
    CHECK(content.base_version.is_none());
}

TEST_CASE("only what is in flight is frozen, and once") {
    struct freeze_case {
        std::string_view says;
        row of;
        std::string_view after;
    };
    const freeze_case table[] = {
        {"an update in flight", {.shown = {"b", 2}, .base = note{"a", 1}, .edits = {update(title).in_flight(7)}},
         "update title #7 in flight sent (b . .) over (a . .) from 4"},
        {"a create in flight", {.shown = {"a", 1, "x"}, .edits = {create().in_flight(7)}}, "create #7 in flight sent (a 1 x)"},
        {"frozen already", {.shown = {"z"}, .base = note{"y"}, .version = 6, .edits = {update(title).in_flight(7).sent({"b"}, {"a"}, 4)}},
         "update title #7 in flight sent (b . .) over (a . .) from 4"},
        {"never sent", {.shown = {"b"}, .base = note{"a"}, .edits = {update(title).at(7)}}, "update title #7"},
        {"refused for good", {.shown = {"b"}, .base = note{"a"}, .edits = {update(title).set_aside(7)}}, "update title #7 set aside because rejected"},
        {"a void", {.shown = {"b"}, .base = note{"a"}, .edits = {close(update(title), 7)}}, "void of update title #7 in flight"},
        {"of a row that is no longer there", {.shown = {"b"}, .base = note{"a"}, .edits = {update(title).in_flight(7)}, .visible = false},
         "update title #7 in flight"},
    };
    for (const freeze_case& one : table) {
        INFO(one.says);
        CHECK(frozen(one.of) == one.after);
    }
}

TEST_CASE("freezing changes neither content nor digest") {
    for (const row& of : {row{.shown = {"b", 2, "x"}, .base = note{"a", 1}, .edits = {update(whole).in_flight(7)}},
                          row{.shown = {"b", 2, "x"}, .edits = {create().in_flight(7).made({"a", 1}, title | count)}},
                          row{.shown = {"b", 2, "x"}, .edits = {create().in_flight(7).made({"a", 1}, whole)}, .table = &in_cycle}}) {
        row_history history = of.history();
        const std::uint64_t before = digest_of_first(history);
        freeze(history, history.edits.front());
        const std::string kept = history.edits.front().frozen;
        CHECK_FALSE(kept.empty());
        CHECK(digest_of_first(history) == before);
        freeze(history, history.edits.front());
        CHECK(history.edits.front().frozen == kept);
    }
}

TEST_CASE("a void keeps the sequence and what was sent under it, and looks as if it was never refused") {
    struct close_case {
        std::string_view says;
        row of;
        std::string_view after;
    };
    const close_case table[] = {
        {"an update in flight", {.shown = {"b"}, .base = note{"a"}, .edits = {update(title).in_flight(7).tried(3)}},
         "void of update title #7 in flight sent (b . .) over (a . .) from 4"},
        {"a create in flight", {.shown = {"a", 1}, .edits = {create().in_flight(7)}}, "void of create #7 in flight sent (a 1 -)"},
        {"a removal", {.shown = {"a"}, .edits = {removal(7, 3)}}, "void of remove #7 in flight from 3"},
        {"a void stays what it is", {.shown = {"a"}, .edits = {close(create(), 7).tried(2)}}, "void of create #7 in flight"},
    };
    for (const close_case& one : table) {
        INFO(one.says);
        CHECK(closed(one.of) == one.after);
    }
}

TEST_CASE("a void carries the digest of what it closes") {
    for (const row& of : {row{.shown = {"b"}, .base = note{"a"}, .edits = {update(title).in_flight(7)}},
                          row{.shown = {"z"}, .base = note{"y"}, .version = 6, .edits = {update(title).in_flight(7).sent({"b"}, {"a"}, 4)}},
                          row{.shown = {"a", 1, "x"}, .edits = {create().in_flight(7).made({"c"}, title)}, .table = &in_cycle},
                          row{.shown = {"a"}, .edits = {removal(7, 3)}}}) {
        row_history history = of.history();
        const std::uint64_t sent = digest_of_first(history);
        close_sequence(history, history.edits.front());
        CHECK(history.edits.front().digest == sent);
        // Closing what is closed already names the first content and not the void.
        close_sequence(history, history.edits.front());
        CHECK(history.edits.front().digest == sent);
        CHECK(history.edits.front().closes == of.edits.front().entry.kind);
    }
}

TEST_CASE("a void of an edit whose content is gone names no content") {
    row_history history = row{.shown = {"b"}, .base = note{"a"}, .edits = {update(title).in_flight(7)}, .visible = false}.history();
    close_sequence(history, history.edits.front());
    CHECK(history.edits.front().digest == 0);
    CHECK(text_of(history.edits.front()) == "void of update title #7 in flight");
}
