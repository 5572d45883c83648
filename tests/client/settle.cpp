#include <syncline/client/settle.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <client/support/device.hpp>
#include <support/catch.hpp>

using namespace client_tests;

namespace {

limits make_bounds() {
    limits bounds;
    bounds.attempts_max = 2;
    bounds.backoff_base_ms = 1'000;
    return bounds;
}
const limits bounds = make_bounds();
constexpr std::int64_t now = 1'000'000;

/// A device with a folder and a note that the server has, whose outbox can be answered.
struct answered_phone : device {
    answered_phone() {
        clean(folders, "f", folder("f"), "F");
        clean(notes, "n", note("f", "a", 1), "N");
        report.tables.resize(tables.size());
    }

    void edit(const std::vector<cell>& values, column_mask changed, std::string_view name = "n") {
        row_buffer row;
        REQUIRE((*this)->find_row(notes, id(name), row));
        record_update(**this, bounds, notes, id(name), row, values, changed, 0);
    }
    void create(int table, std::string_view row, const std::vector<cell>& values) { record_create(**this, bounds, table, id(row), values, 0); }
    void remove(int table, std::string_view row) { REQUIRE(record_removal(**this, bounds, table, id(row), 0) != 0); }
    void send(sequence seq) { (*this)->mark_in_flight(std::vector<sequence>{seq}); }
    /// The server refuses what was sent under this sequence for now, until its attempts are spent.
    void spend(sequence seq) {
        for (int i = 0; i < bounds.attempts_max; ++i) REQUIRE(settle(answer_to(seq, verdict::waits)));
    }

    /// What the records of refused removals tell.
    [[nodiscard]] std::string refused_removals() {
        std::string reasons;
        (*this)->scan_conflicts([&](const conflict_record& record) {
            if (record.kind == conflict_kind::removal_refused) reasons += record.id.str() + ": " + record.reason + "\n";
        });
        return reasons;
    }

    [[nodiscard]] outbox_entry entry(sequence seq) {
        outbox_entry found;
        REQUIRE((*this)->find_entry(seq, found));
        return found;
    }

    /// The server's answer to what is in flight under this sequence.
    [[nodiscard]] wire::operation_result answer_to(sequence seq, verdict outcome, std::int64_t version = 6) {
        const outbox_entry sent = entry(seq);
        wire::operation_result result;
        result.seq = seq;
        result.outcome = outcome;
        result.local = sent.id;
        result.version = at_version(version);
        result.table = sent.table;
        result.incarnation = sent.incarnation;
        if (sent.kind == operation_kind::close) {
            result.digest = sent.digest;
            return result;
        }
        loaded_row life;
        load_life_of(**this, sent, life);
        edit_content content;
        if (sent.kind != operation_kind::remove)
            read_content(sent, *life.history.table, life.history.shown, life.history.base, life.history.version, content);
        result.digest = digest_of(operation_of(sent, content), schema[sent.table]);
        return result;
    }

    bool settle(const wire::operation_result& result) {
        settler verdicts(**this, bounds, now, random, report, effects);
        const bool is_settled = verdicts.settle(result);
        (*this)->erase_entries(verdicts.ended());
        return is_settled;
    }

    random_source random{1};
    sync_report report;
    settle_effects effects;
};

}  // namespace

TEST_CASE("a verdict is folded into the row, and counted") {
    answered_phone phone;
    phone.edit(note("f", "b", 1), title_column);
    phone.send(1);
    CHECK(phone.settle(phone.answer_to(1, verdict::applied)));
    CHECK(phone.listing() ==
          "f: f -, F at 4\n"
          "n: f b 1 -, N at 6\n");
    CHECK(phone.report.tables[notes] == table_report{.pushed = 1});
    CHECK(phone.report.conflicts == 0);
}

TEST_CASE("an answer that is not about what was sent changes nothing") {
    answered_phone phone;
    phone.edit(note("f", "b", 1), title_column);
    phone.send(1);
    const std::string before = phone.listing();
    wire::operation_result result = phone.answer_to(1, verdict::applied);
    const auto is_ignored = [&](const wire::operation_result& answer) { return !phone.settle(answer) && phone.listing() == before; };
    result.digest ^= 1;
    CHECK(is_ignored(result));
    result.digest ^= 1;
    result.seq = 2;
    CHECK(is_ignored(result));
    result.seq = 1;
    result.local = id("m");
    CHECK(is_ignored(result));
    CHECK(phone.report.tables[notes] == table_report{});
}

TEST_CASE("an answer to what was never sent changes nothing") {
    answered_phone phone;
    phone.edit(note("f", "b", 1), title_column);
    const std::string before = phone.listing();
    CHECK_FALSE(phone.settle(phone.answer_to(1, verdict::applied)));
    CHECK(phone.listing() == before);
    phone->erase_row(notes, id("n"));
    phone->erase_entry(1);
    phone.clean(notes, "n", note("f", "a", 1), "N");
    phone.remove(notes, "n");
    CHECK_FALSE(phone.settle(phone.answer_to(phone->newest_sequence(), verdict::applied)));
}

TEST_CASE("an answer to a removal or a void names what was sent as well") {
    answered_phone phone;
    phone.remove(notes, "n");
    phone.send(1);
    wire::operation_result result = phone.answer_to(1, verdict::applied);
    result.digest ^= 1;
    CHECK_FALSE(phone.settle(result));
    CHECK(phone->count_removed() == 1);
    outbox_entry closing;
    closing.table = notes;
    closing.id = id("m");
    closing.kind = operation_kind::close;
    closing.closes = operation_kind::update;
    closing.digest = 77;
    closing.state = entry_state::in_flight;
    const sequence seq = phone->append_entry(closing);
    result = phone.answer_to(seq, verdict::closed);
    result.digest = 78;
    CHECK_FALSE(phone.settle(result));
    result.digest = 77;
    CHECK(phone.settle(result));
    CHECK(phone->count_entries() == 1);
}

TEST_CASE("what the server has of an edit that was given up here is read from it") {
    answered_phone phone;
    outbox_entry closing;
    closing.table = notes;
    closing.id = id("m");
    closing.kind = operation_kind::close;
    closing.closes = operation_kind::update;
    closing.state = entry_state::in_flight;
    const sequence seq = phone->append_entry(closing);
    CHECK(phone.settle(phone.answer_to(seq, verdict::applied)));
    CHECK(phone.effects.refetch);
    CHECK(phone->count_entries() == 0);
}

TEST_CASE("the removal of a row that was given up here needs no reading") {
    answered_phone phone;
    outbox_entry closing;
    closing.table = notes;
    closing.id = id("m");
    closing.kind = operation_kind::close;
    closing.closes = operation_kind::update;
    closing.state = entry_state::in_flight;
    const sequence seq = phone->append_entry(closing);
    wire::operation_result result = phone.answer_to(seq, verdict::merged);
    result.row.emplace().removed = true;
    CHECK(phone.settle(result));
    CHECK_FALSE(phone.effects.refetch);
}

TEST_CASE("an edit that is put off is put off by a delay from now") {
    answered_phone phone;
    phone.edit(note("f", "b", 1), title_column);
    phone.send(1);
    wire::operation_result result = phone.answer_to(1, verdict::rejected);
    result.permanent = false;
    result.problem.code = error_code::rate_limited;
    CHECK(phone.settle(result));
    const outbox_entry entry = phone.entry(1);
    CHECK(entry.attempts == 1);
    CHECK(entry.not_before_ms > now);
    CHECK(entry.not_before_ms <= now + 1'000);
    CHECK(phone.report.tables[notes] == table_report{.waiting = 1});
    // The second is the last.
    CHECK(phone.settle(result));
    CHECK(phone.entry(1).kind == operation_kind::close);
    CHECK(phone.entry(1).not_before_ms == 0);
    CHECK(phone.effects.patches == std::vector<sequence>{1});
    CHECK(phone.settle(phone.answer_to(1, verdict::closed)));
    CHECK(phone.entry(1).state == entry_state::quarantined);
    CHECK(phone.report.tables[notes] == table_report{.refused = 1, .waiting = 1});
}

TEST_CASE("an edit that a verdict has made belongs to the same sync") {
    answered_phone phone;
    phone.edit(note("f", "b", 1), title_column);
    phone.send(1);
    CHECK(phone.settle(phone.answer_to(1, verdict::closed)));
    REQUIRE(phone.effects.patches.size() == 1);
    CHECK(phone.effects.patches.front() > 1);
    CHECK(text_of(phone.entry(phone.effects.patches.front())) == "#2 update n title");
    CHECK(phone.listing().find("n: f b 1 -, N at 4 #2\n") != std::string::npos);
}

TEST_CASE("waiting for a row without a verdict of its own spends no attempt") {
    answered_phone phone;
    phone.create(folders, "new", folder("new"));
    phone.edit(note("new", "a", 1), folder_key);
    phone.send(2);
    CHECK(phone.settle(phone.answer_to(2, verdict::waits)));
    CHECK(phone.entry(2).attempts == 0);
    // Nor does a row that points at itself.
    phone.create(notes, "self", note("f", "a", 1, "self"));
    phone.send(3);
    CHECK(phone.settle(phone.answer_to(3, verdict::waits)));
    CHECK(phone.entry(3).attempts == 1);
    // The folder is the server's.
    phone.create(notes, "other", note("f", "a", 1));
    phone.send(4);
    CHECK(phone.settle(phone.answer_to(4, verdict::waits)));
    CHECK(phone.entry(4).attempts == 1);
}

TEST_CASE("waiting for a row that is nowhere on this device any more ends with the sequence, but not for one that was removed here") {
    for (const bool vanished : {true, false}) {
        INFO((vanished ? "given up" : "removed here"));
        answered_phone phone;
        phone.clean(folders, "g", folder("g"), "G");
        phone.create(notes, "m", note("g", "in it"));
        phone.send(1);
        // What was sent still names the folder.
        phone.edit(note("f", "in it"), folder_key, "m");
        if (vanished) phone->erase_row(folders, id("g"));
        else phone.remove(folders, "g");
        CHECK(phone.settle(phone.answer_to(1, verdict::waits)));
        CHECK((phone.entry(1).kind == operation_kind::close) == vanished);
        CHECK(phone.effects.patches.size() == (vanished ? 1u : 0u));
    }
}

TEST_CASE("a row that never reached the server goes with everything that points at it") {
    answered_phone phone;
    phone.create(folders, "new", folder("new"));
    phone.create(notes, "m", note("new", "in it"));
    phone.send(1);
    wire::operation_result result = phone.answer_to(1, verdict::gone, 0);
    CHECK(phone.settle(result));
    CHECK(phone.listing() ==
          "f: f -, F at 4\n"
          "n: f a 1 -, N at 4\n"
          "conflict: edit of a removed row new\n"
          "conflict: edit of a removed row m\n");
    CHECK(phone.report.conflicts == 2);
    CHECK(phone.report.tables[folders] == table_report{.refused = 1});
}

TEST_CASE("a row that the server no longer has waits for the end of the pull, which may bring it again") {
    answered_phone phone;
    phone.edit(note("f", "b", 1), title_column);
    phone.send(1);
    CHECK(phone.settle(phone.answer_to(1, verdict::gone)));
    REQUIRE(phone.effects.removals.size() == 1);
    const parked_row& removal = phone.effects.removals.front();
    CHECK(removal.removed);
    CHECK(removal.id == id("n"));
    CHECK(removal.version == at_version(6));
    CHECK(removal.incarnation == 1);
    CHECK(phone.values_of(notes, "n") == "f b 1 -");
    CHECK(phone->count_entries() == 0);
}

TEST_CASE("the removal behind a create removes the life that the create was given") {
    answered_phone phone;
    phone.create(notes, "m", note("f", "m"));
    phone.send(1);
    phone.remove(notes, "m");
    wire::operation_result result = phone.answer_to(1, verdict::applied);
    result.incarnation = 3;
    result.id = remote("M");
    CHECK(phone.settle(result));
    CHECK(text_of(phone.entry(2)) == "#2 remove m behind 1 life 3");
    CHECK(phone.listing().find("removed by 2 m: f m 0 -, M at 6 life 3, base f m 0 -\n") != std::string::npos);
}

TEST_CASE("a create that was never taken needs no removal") {
    answered_phone phone;
    phone.create(notes, "m", note("f", "m"));
    phone.send(1);
    phone.remove(notes, "m");
    CHECK(phone.settle(phone.answer_to(1, verdict::closed)));
    CHECK(phone->count_entries() == 0);
    CHECK(phone->count_removed() == 0);
}

TEST_CASE("a removal that was taken leaves what went along hidden, until the pull tells what the server took") {
    answered_phone phone;
    phone.remove(folders, "f");
    phone.send(1);
    CHECK(phone.settle(phone.answer_to(1, verdict::applied)));
    CHECK(phone.listing() == "removed by 1 n: f a 1 -, N at 4\n");
    CHECK(phone.report.tables[folders] == table_report{.pushed = 1});
    CHECK_FALSE(phone.effects.refetch);
}

TEST_CASE("a removal of which only the server knows what became of it is done, and the server's rows are read again") {
    answered_phone phone;
    phone.remove(notes, "n");
    phone.send(1);
    CHECK(phone.settle(phone.answer_to(1, verdict::settled)));
    CHECK(phone->count_removed() == 0);
    CHECK(phone.effects.refetch);
}

TEST_CASE("a removal that was closed goes out under another sequence, and what it took follows") {
    answered_phone phone;
    phone.remove(folders, "f");
    phone.send(1);
    CHECK(phone.settle(phone.answer_to(1, verdict::closed)));
    REQUIRE(phone.effects.patches.size() == 1);
    const sequence again = phone.effects.patches.front();
    CHECK(again != 1);
    CHECK(text_of(phone.entry(again)) == "#" + std::to_string(again) + " remove f");
    CHECK(removed_by(*phone, again).size() == 2);
    CHECK(removed_by(*phone, 1).empty());
}

TEST_CASE("a removal that is refused for good brings everything back, and a record tells why") {
    answered_phone phone;
    phone.edit(note("f", "b", 1), title_column);
    phone.remove(folders, "f");
    const sequence removal = phone->newest_sequence();
    phone.send(removal);
    wire::operation_result result = phone.answer_to(removal, verdict::rejected);
    result.problem = {error_code::restricted, "still in use", {}, {}, {}};
    CHECK(phone.settle(result));
    CHECK(phone.values_of(folders, "f") == "f -");
    CHECK(phone.values_of(notes, "n") == "f b 1 -");
    CHECK(phone->count_removed() == 0);
    CHECK(phone.refused_removals() == "f: restricted: still in use\n");
    CHECK(phone.report.tables[folders] == table_report{.refused = 1});
    CHECK(phone.report.conflicts == 1);
    // The edit that the removal had replaced waits again.
    CHECK(phone->count_entries() == 1);
}

TEST_CASE("a removal that is refused for now is put off, and its sequence is closed after the last attempt") {
    answered_phone phone;
    phone.remove(folders, "f");
    phone.send(1);
    const std::uint64_t sent = phone.answer_to(1, verdict::waits).digest;
    CHECK(phone.settle(phone.answer_to(1, verdict::waits)));
    CHECK(phone.entry(1).attempts == 1);
    CHECK(phone.entry(1).not_before_ms > now);
    CHECK(phone.effects.patches.empty());
    CHECK(phone.settle(phone.answer_to(1, verdict::waits)));
    const outbox_entry closing = phone.entry(1);
    CHECK(text_of(closing) == "#1 void f in flight");
    CHECK(closing.closes == operation_kind::remove);
    CHECK(closing.digest == sent);
    CHECK(closing.reason == error_code::attempts_spent);
    CHECK(closing.reason_text == "not_found: the server does not know the row");
    // It goes out in the same sync, and what the removal took stays removed until it is answered.
    CHECK(phone.effects.patches == std::vector<sequence>{1});
    CHECK(removed_by(*phone, 1).size() == 2);
    CHECK(phone.values_of(folders, "f") == "nothing");
    CHECK(phone.report.tables[folders] == table_report{.waiting = 1});
    CHECK(phone.report.conflicts == 0);
}

TEST_CASE("a removal that the server has not taken when its sequence is closed brings everything back, and a record tells why") {
    answered_phone phone;
    phone.edit(note("f", "b", 1), title_column);
    phone.remove(folders, "f");
    const sequence removal = phone->newest_sequence();
    phone.send(removal);
    phone.spend(removal);
    CHECK(phone.settle(phone.answer_to(removal, verdict::closed)));
    CHECK(phone.values_of(folders, "f") == "f -");
    CHECK(phone.values_of(notes, "n") == "f b 1 -");
    CHECK(phone->count_removed() == 0);
    CHECK(phone.refused_removals() == "f: attempts_spent: not_found: the server does not know the row\n");
    CHECK(phone.report.tables[folders] == table_report{.refused = 1, .waiting = 1});
    CHECK(phone.report.conflicts == 1);
    // The edit that the removal had replaced waits again.
    CHECK(phone->count_entries() == 1);
}

TEST_CASE("a removal that the server had taken before its sequence was closed is done") {
    for (const verdict told : {verdict::applied, verdict::merged, verdict::gone, verdict::settled}) {
        INFO(name_of(told));
        answered_phone phone;
        phone.remove(folders, "f");
        phone.send(1);
        phone.spend(1);
        wire::operation_result result = phone.answer_to(1, told);
        result.digest ^= 1;
        CHECK_FALSE(phone.settle(result));
        CHECK(phone.settle(phone.answer_to(1, told)));
        CHECK(phone.listing() == "removed by 1 n: f a 1 -, N at 4\n");
        CHECK(phone.effects.refetch == (told == verdict::settled));
        CHECK(phone.report.tables[folders].pushed == (told == verdict::settled ? 0 : 1));
        CHECK(phone.report.tables[folders].refused == 0);
    }
}

TEST_CASE("a removal that had been refused for good before its sequence was closed tells the server's reason") {
    answered_phone phone;
    phone.remove(notes, "n");
    phone.send(1);
    phone.spend(1);
    wire::operation_result result = phone.answer_to(1, verdict::rejected);
    result.problem = {error_code::restricted, "still in use", {}, {}, {}};
    CHECK(phone.settle(result));
    CHECK(phone.values_of(notes, "n") == "f a 1 -");
    CHECK(phone.refused_removals() == "n: restricted: still in use\n");
    CHECK(phone->count_entries() == 0);
}

TEST_CASE("the void of a removal is asked for without end, whatever speaks against it for now") {
    answered_phone phone;
    phone.remove(notes, "n");
    phone.send(1);
    phone.spend(1);
    phone.effects = {};
    wire::operation_result result = phone.answer_to(1, verdict::rejected);
    result.permanent = false;
    result.problem = {error_code::server_failed, "busy", {}, {}, {}};
    for (int attempts = 1; attempts < 10; attempts += 4) {
        CHECK(phone.settle(result));
        CHECK(phone.settle(phone.answer_to(1, verdict::waits)));
        settler verdicts(*phone, bounds, now, phone.random, phone.report, phone.effects);
        verdicts.postpone(phone.entry(1), error_code::server_failed, "500");
        verdicts.set_aside(phone.entry(1), error_code::too_large, "413");
        const outbox_entry closing = phone.entry(1);
        CHECK(text_of(closing) == "#1 void n in flight tried " + std::to_string(attempts + 3) + " put off");
        CHECK(closing.not_before_ms > now);
        CHECK(closing.reason == error_code::attempts_spent);
        CHECK(closing.reason_text == "not_found: the server does not know the row");
    }
    CHECK(phone->count_removed() == 1);
    CHECK(phone.report.conflicts == 0);
    CHECK(phone.effects.patches.empty());
}

TEST_CASE("a row that was made anew waits behind the void of its removal, and becomes an edit of what comes back") {
    for (const bool taken : {false, true}) {
        INFO((taken ? "the removal had been taken" : "the removal had not been taken"));
        answered_phone phone;
        phone.remove(notes, "n");
        phone.send(1);
        phone.spend(1);
        phone.create(notes, "n", note("f", "anew", 1));
        CHECK(text_of(phone.entry(2)) == "#2 create n behind 1 life 2");
        loaded_row visible;
        REQUIRE(load_visible(*phone, notes, id("n"), visible));
        CHECK(visible.edits.size() == 1);
        CHECK(phone.settle(phone.answer_to(1, taken ? verdict::applied : verdict::closed)));
        CHECK(phone.listing() == (taken ? "f: f -, F at 4\n"
                                          "n: f anew 1 -, N at 0 life 2 #2\n"
                                          "#2 create n life 2\n"
                                        : "f: f -, F at 4\n"
                                          "n: f anew 1 -, N at 4 #3\n"
                                          "base of n: f a 1 - at 4\n"
                                          "#3 update n title\n"
                                          "conflict: removal refused n\n"));
    }
}

TEST_CASE("an edit that was in flight when its row was removed gets its verdict after the row is back") {
    answered_phone phone;
    phone.edit(note("f", "b", 1), title_column);
    phone.send(1);
    phone.remove(folders, "f");
    phone.send(2);
    phone.spend(2);
    CHECK(phone.settle(phone.answer_to(2, verdict::closed)));
    CHECK(phone.listing() ==
          "f: f -, F at 4\n"
          "n: f b 1 -, N at 4 #1\n"
          "base of n: f a 1 - at 4\n"
          "#1 update n title in flight sent b\n"
          "conflict: removal refused f\n");
    CHECK(phone.settle(phone.answer_to(1, verdict::applied)));
    CHECK(phone.listing() ==
          "f: f -, F at 4\n"
          "n: f b 1 -, N at 6\n"
          "conflict: removal refused f\n");
}

TEST_CASE("what a status said about one operation alone is told once its sequence is closed") {
    answered_phone phone;
    phone.edit(note("f", "b", 1), title_column);
    phone.send(1);
    settler verdicts(*phone, bounds, now, phone.random, phone.report, phone.effects);
    verdicts.postpone(phone.entry(1), error_code::server_failed, "500");
    CHECK(phone.entry(1).attempts == 1);
    verdicts.set_aside(phone.entry(1), error_code::too_large, "413");
    CHECK(phone.entry(1).kind == operation_kind::close);
    CHECK(phone.effects.patches == std::vector<sequence>{1});
    CHECK(phone.settle(phone.answer_to(1, verdict::closed)));
    CHECK(phone.entry(1).state == entry_state::quarantined);
    CHECK(phone.entry(1).reason == error_code::too_large);
    CHECK(phone.entry(1).reason_text == "413");
    phone.clean(notes, "m", note("f", "m"), "M");
    phone.remove(notes, "m");
    phone.send(2);
    phone.effects = {};
    verdicts.set_aside(phone.entry(2), error_code::rejected, "no");
    CHECK(text_of(phone.entry(2)) == "#2 void m in flight");
    CHECK(phone.entry(2).reason == error_code::rejected);
    CHECK(phone.entry(2).reason_text == "no");
    CHECK(phone.effects.patches == std::vector<sequence>{2});
    CHECK(phone.values_of(notes, "m") == "nothing");
}

TEST_CASE("the server's row of a verdict is shown in this device's ids") {
    answered_phone phone;
    phone.edit(note("f", "b", 1), title_column);
    phone.edit(note("f", "b", 3), count_column);
    phone.send(1);
    wire::operation_result result = phone.answer_to(1, verdict::merged, 9);
    const std::vector<cell> theirs{cell::server_key("F"), cell::text("b"), cell::integer(8), cell::server_key("N")};
    result.row = wire::server_row_view{.table = notes, .id = remote("N"), .local = id("n"), .version = at_version(9), .cells = theirs};
    result.overwritten = title_column;
    const std::vector<cell> lost{cell(), cell::text("c"), cell(), cell()};
    result.lost = lost;
    CHECK(phone.settle(result));
    CHECK(phone.listing() ==
          "f: f -, F at 4\n"
          "n: f b 8 n, N at 9\n"
          "conflict: field overwritten n\n");
    CHECK(phone.report.tables[notes] == table_report{.pushed = 1, .merged = 1});
    CHECK(phone.report.conflicts == 1);
}
