/// The alphabet of the enumeration: what can happen to a row between a device, its application, the network, a server and another device.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include <model/history/support/enumeration_model.hpp>

namespace syncline::tests::enumeration {

/// Everything that there is at one moment.
struct situation {
    explicit situation(const rules& how) : expected(how) {}

    device here;
    server there;
    model expected;
    std::optional<answer> held;       ///< on its way to the device
    std::optional<request> late;      ///< on its way to the server; the device has given up waiting for an answer
    std::optional<page> held_page;    ///< on its way to the device
};

struct event {
    std::string_view name;
    std::function<bool(const situation&)> can;
    std::function<void(situation&)> happen;
};

/// What the events have in common.
class world {
public:
    explicit world(const rules& how) : how_(how), table_(how) { fill(); }
    world(const world&) = delete;
    world& operator=(const world&) = delete;

    [[nodiscard]] const rules& how() const { return how_; }
    [[nodiscard]] const std::vector<event>& alphabet() const { return events_; }

    /// One event, with all that has to be true after it. False if it cannot happen.
    bool step(situation& at, const event& what) const {
        if (!what.can(at)) return false;
        begin(at);
        what.happen(at);
        check(at);
        return true;
    }

    /// A row that device and server have alike.
    void share_row(situation& at) const {
        begin(at);
        at.there.begin_life({0, 0});
        arrive(at, read(at));
        check(at);
    }
    /// A row that only the server has.
    void make_elsewhere(situation& at) const {
        begin(at);
        at.there.begin_life({4, 3});
        check(at);
    }

    /// Sends and pulls until nothing changes any more: then the device has what the server has, and nothing waits, except what was set aside.
    void drain(situation at) const {
        settle_down(at);
        if (!at.here.is_set_aside()) return check_agreement(at);
        situation again = at;
        begin(again);
        again.here.retry();
        again.expected.retry();
        check(again);
        settle_down(again);
        if (!again.here.is_set_aside()) check_agreement(again);
        begin(at);
        at.here.discard();
        at.expected.discard();
        check(at);
        settle_down(at);
        check_agreement(at);
    }

private:
    void begin(situation& at) const {
        at.here.begin_event(table_.view());
        at.expected.begin_event();
    }

    void check(situation& at) const {
        at.here.check_soundness();
        at.expected.compare(at.here);
    }

    void settle_down(situation& at) const {
        // What arrives late is about nothing that is still wanted, or in order.
        if (at.late) take_late(at);
        for (int round = 0; round < 16; ++round) {
            begin(at);
            if (at.held) deliver(at);
            else if (at.held_page) deliver_page(at);
            else if (can_send(at)) push(at);
            else if (has_news(at)) pull(at);
            else return;
            check(at);
        }
        promise(false, "a sync comes to an end");
    }

    static void check_agreement(const situation& at) {
        promise(at.here.removals.empty() && at.here.loose.empty() && at.here.removed.empty(), "nothing waits after a sync");
        promise(at.here.row.has_value() == at.there.row.lives(), "device and server have the same rows after a sync");
        if (!at.here.row) return;
        promise(at.here.row->edits.empty(), "no edit waits after a sync");
        promise(at.here.row->shown == at.there.row.now, "device and server have the same values after a sync");
        promise(at.here.row->version == at.there.row.version, "device and server have the same version after a sync");
        promise(at.here.row->incarnation == at.there.row.incarnation, "device and server have the same incarnation after a sync");
    }

    // The application.

    /// What the edit makes of the row; the row as it is if it changes nothing.
    [[nodiscard]] values edited(const situation& at, columns set, bool back) const {
        const values now = at.here.row->shown;
        const values ground = at.here.row->base.value_or(now);
        values next = now;
        for (int c = 0; c < column_count; ++c) {
            const auto i = static_cast<std::size_t>(c);
            if (!has(set, c)) continue;
            if (back) next[i] = ground[i];
            else if (how_.counts[i]) next[i] += 1;
            else next[i] = now[i] == 1 ? 2 : 1;
        }
        return next;
    }

    void edit(situation& at, columns set, bool back) const {
        const values next = edited(at, set, back);
        at.expected.edit(set, next);
        at.here.edit(next, set);
    }

    static void create(situation& at) {
        at.here.create({3, 3});
        at.expected.create({3, 3});
    }

    static void remove(situation& at) {
        at.here.remove();
        if (!at.expected.remove()) return;
        promise(!at.here.removals.empty(), "the server is told of a removal of what it may have");
        at.expected.hide_behind(static_cast<int>(at.here.removals.back().seq));
    }

    static void retry(situation& at) {
        at.here.retry();
        at.expected.retry();
    }

    static void discard(situation& at) {
        at.here.discard();
        at.expected.discard();
    }

    // The device's requests. One at a time is under way.

    [[nodiscard]] static bool is_asking(const situation& at) { return at.held.has_value() || at.held_page.has_value(); }
    [[nodiscard]] static bool can_send(const situation& at) { return !is_asking(at) && at.here.next_to_send() != nullptr; }

    /// True if the server has no final answer to what goes out next, so that it may refuse it.
    [[nodiscard]] static bool is_open(const situation& at) { return can_send(at) && stored(at) == nullptr; }
    /// The same, of content.
    [[nodiscard]] static bool is_open_content(const situation& at) { return is_open(at) && !sends(at, operation_kind::close); }
    /// The server's answer to what goes out next; null if it has none.
    [[nodiscard]] static const answer* stored(const situation& at) {
        const auto found = at.there.answered.find(static_cast<int>(at.here.next_to_send()->seq));
        return found == at.there.answered.end() ? nullptr : &found->second;
    }
    [[nodiscard]] static bool sends(const situation& at, operation_kind what) { return at.here.next_to_send()->kind == what; }

    [[nodiscard]] static request send(situation& at) {
        const request asked = at.here.send();
        at.expected.sent(asked);
        return asked;
    }

    answer process(situation& at, const request& asked) const {
        const answer told = at.there.take(asked, how_);
        at.expected.processed(told);
        forget_late(at);
        return told;
    }

    /// What comes late to a sequence that is answered changes nothing.
    static void forget_late(situation& at) {
        if (at.late && at.there.answered.contains(at.late->seq)) at.late.reset();
    }

    static void settle(situation& at, const answer& told, bool spent = false, bool waits_for_unsettled = false) {
        // A page that came before the answer may have ended what it is about.
        const bool is_wanted = at.here.is_open(told.seq);
        promise(at.here.settle(told, spent ? 1 : 100, waits_for_unsettled) == is_wanted, "a device knows the verdict of what it sent");
        if (!is_wanted) return;
        at.expected.settled(told, spent, waits_for_unsettled);
        if (at.expected.renamed) at.expected.rename_removal(at.here.next_seq - 1);
    }

    void push(situation& at) const { settle(at, process(at, send(at))); }
    void push_and_hold(situation& at) const { at.held = process(at, send(at)); }

    static void deliver(situation& at) {
        const answer told = *at.held;
        at.held.reset();
        settle(at, told);
    }

    /// The answer comes, though not for what the device asked: nothing changes.
    static void deliver_foreign(situation& at) {
        answer foreign = *at.held;
        ++foreign.digest;
        promise(!at.here.settle(foreign, 100), "a verdict of other content changes nothing");
        foreign = *at.held;
        foreign.seq = at.here.next_seq;
        promise(!at.here.settle(foreign, 100), "a verdict of another sequence changes nothing");
    }

    static void push_late(situation& at) {
        at.late = send(at);
        forget_late(at);
    }
    void take_late(situation& at) const {
        const request asked = *at.late;
        at.late.reset();
        process(at, asked);
    }

    [[nodiscard]] static answer for_now(const request& asked, outcome what) {
        answer told = server::plain(asked, what);
        told.permanent = false;
        return told;
    }

    /// The server refuses what it could take.
    [[nodiscard]] static bool can_be_refused_for_good(const situation& at) {
        if (!is_open_content(at)) return false;
        const server_state& row = at.there.row;
        return sends(at, operation_kind::create) || (row.lives() && row.incarnation == at.here.next_to_send()->incarnation);
    }
    static void push_refused_for_good(situation& at) {
        const request asked = send(at);
        settle(at, at.there.refuse(asked));
        forget_late(at);
    }

    static void push_refused_unheard(situation& at) {
        at.there.refuse(send(at));
        forget_late(at);
    }

    static void push_spent(situation& at) { settle(at, for_now(send(at), outcome::rejected), true); }

    [[nodiscard]] static bool can_be_spent_though_taken(const situation& at) {
        return can_send(at) && !sends(at, operation_kind::close);
    }
    /// Something between server and device answers the last attempt with an error, though the server took it.
    void push_spent_though_taken(situation& at) const {
        const request asked = send(at);
        process(at, asked);
        settle(at, for_now(asked, outcome::rejected), true);
    }

    /// Another holder of the device's name has closed the sequence.
    static void push_closed(situation& at) {
        const request asked = send(at);
        settle(at, at.there.close(asked));
        forget_late(at);
    }

    /// The server no longer knows its answer. That a row was never made, or under which incarnation, would be told by that answer alone.
    [[nodiscard]] static bool can_be_forgotten(const situation& at) {
        if (!can_send(at)) return false;
        const answer* const told = stored(at);
        const outbox_entry& entry = *at.here.next_to_send();
        if (told == nullptr || told->what == outcome::closed) return false;
        return told->taken ? told->taken_in == incarnation_known(at, entry) : !makes_row(entry);
    }
    [[nodiscard]] static int incarnation_known(const situation& at, const outbox_entry& entry) {
        if (at.here.row && !at.here.row->edits.empty() && at.here.row->edits.front().seq == entry.seq) return at.here.row->incarnation;
        for (const device::removed_life& one : at.here.removed)
            if (one.pending && one.pending->seq == entry.seq) return one.incarnation;
        return entry.incarnation;
    }

    // Pages.

    [[nodiscard]] static bool has_news(const situation& at) { return at.here.refetch || at.here.parked || at.here.cursor != at.there.clock; }

    [[nodiscard]] static page read(const situation& at) {
        page told;
        told.cursor = at.there.clock;
        const server_state& row = at.there.row;
        const bool echo = row.origin != 0 && row.origin <= at.here.acknowledged();
        if (row.known && (at.here.refetch || (row.version > at.here.cursor && !echo))) told.row = row;
        at.here.each_entry([&](const outbox_entry& entry) {
            const auto answered = at.there.answered.find(static_cast<int>(entry.seq));
            if (answered != at.there.answered.end() && (answered->second.taken || answered->second.what == outcome::gone))
                told.includes.push_back(answered->first);
        });
        return told;
    }

    static void arrive(situation& at, const page& told) {
        at.here.take(told);
        if (told.row && told.row->removed) at.expected.page_removal(*told.row, told.includes);
        else if (told.row) at.expected.page_row(*told.row, told.includes);
        at.expected.end_pull();
    }

    static void pull(situation& at) { arrive(at, read(at)); }
    static void pull_all(situation& at) {
        at.here.refetch = true;
        pull(at);
    }
    static void deliver_page(situation& at) {
        const page told = *at.held_page;
        at.held_page.reset();
        arrive(at, told);
    }

    /// Older than what is known.
    [[nodiscard]] static bool can_be_older(const situation& at, int by) {
        const std::optional<life>& row = at.expected.visible;
        if (is_asking(at) || at.here.parked || !at.here.removed.empty() || !row || !row->known || !row->known->exact) return false;
        return row->known->version > by && row->incarnation > by;
    }
    /// A row, or a tombstone, that is older than what is known: nothing changes.
    static void take_older(situation& at, bool removed) {
        server_state old;
        old.known = true;
        old.removed = removed;
        old.now = {7, 7};
        old.version = at.expected.visible->known->version - (removed ? 1 : 0);
        old.incarnation = at.expected.visible->incarnation - (removed ? 1 : 0);
        if (removed) at.here.take_removal(old, {});
        else at.here.take_row(old, {});
    }

    // Another device.

    void write_elsewhere(situation& at, int column) const {
        const int now = at.there.row.now[static_cast<std::size_t>(column)];
        at.there.write(column, how_.counts[static_cast<std::size_t>(column)] ? now + 10 : now == 5 ? 6 : 5);
    }

    void fill() {
        using at_moment = const situation&;
        const auto add = [&](std::string_view name, std::function<bool(at_moment)> can, std::function<void(situation&)> happen) {
            events_.push_back({name, std::move(can), std::move(happen)});
        };
        const auto add_edit = [&](std::string_view name, columns set, bool back) {
            add(name, [this, set, back](at_moment at) { return at.here.row && edited(at, set, back) != at.here.row->shown; },
                [this, set, back](situation& at) { edit(at, set, back); });
        };
        const auto is_visible = [](at_moment at) { return at.here.row.has_value(); };
        const auto is_hidden = [](at_moment at) { return !at.here.row; };
        const auto is_set_aside = [](at_moment at) { return at.here.is_set_aside(); };
        const auto has_answer = [](at_moment at) { return at.held.has_value(); };
        const auto is_edit = [](at_moment at) { return is_open_content(at) && !sends(at, operation_kind::remove); };
        const auto lives_elsewhere = [](at_moment at) { return at.there.row.lives(); };

        add_edit("edit a", only(0), false);
        add_edit("edit b", only(1), false);
        add_edit("edit a and b", all_columns, false);
        add_edit("edit a back to the server's value", only(0), true);
        add("create", is_hidden, create);
        add("remove", is_visible, remove);
        add("retry", is_set_aside, retry);
        add("discard", is_set_aside, discard);

        add("push: answered", can_send, [this](situation& at) { push(at); });
        add("push: the answer under way", can_send, [this](situation& at) { push_and_hold(at); });
        add("the answer arrives", has_answer, deliver);
        add("the answer is lost", has_answer, [](situation& at) { at.held.reset(); });
        add("an answer with another digest or sequence arrives", has_answer, deliver_foreign);
        add("push: the request under way for long", [](at_moment at) { return can_send(at) && !at.late; }, push_late);
        add("a request arrives that the device no longer waits for", [](at_moment at) { return at.late.has_value(); }, [this](situation& at) { take_late(at); });
        add("push: refused for good", can_be_refused_for_good, push_refused_for_good);
        add("push: refused for good, and the answer lost", can_be_refused_for_good, push_refused_unheard);
        add("push: refused for now", is_open, [](situation& at) { settle(at, for_now(send(at), outcome::rejected)); });
        add("push: refused for the last time", is_open, push_spent);
        add("push: taken, and refused on the way back for the last time", can_be_spent_though_taken, [this](situation& at) { push_spent_though_taken(at); });
        add("push: waits for what the server does not have", is_edit, [](situation& at) { settle(at, for_now(send(at), outcome::waits)); });
        add("push: waits for what this device has not sent", is_edit, [](situation& at) { settle(at, for_now(send(at), outcome::waits), true, true); });
        add("push: the sequence closed by another holder of the name", is_open_content, push_closed);
        add("push: settled and forgotten", can_be_forgotten, [](situation& at) { settle(at, server::plain(send(at), outcome::settled)); });

        // Also before an answer arrives: then the page may be newer than the answer.
        add("pull", [](at_moment at) { return !at.held_page && has_news(at); }, pull);
        add("pull of everything", [](at_moment at) { return !is_asking(at) && !at.here.refetch; }, pull_all);
        add("pull: the page under way", [](at_moment at) { return !is_asking(at) && has_news(at); }, [](situation& at) { at.held_page = read(at); });
        add("the page arrives", [](at_moment at) { return at.held_page.has_value(); }, deliver_page);
        add("a row of an older version arrives", [](at_moment at) { return can_be_older(at, 0); }, [](situation& at) { take_older(at, false); });
        add("a removal of an earlier incarnation arrives", [](at_moment at) { return can_be_older(at, 1); }, [](situation& at) { take_older(at, true); });

        add("another device edits a", lives_elsewhere, [this](situation& at) { write_elsewhere(at, 0); });
        add("another device edits b", lives_elsewhere, [this](situation& at) { write_elsewhere(at, 1); });
        add("another device edits a to what is shown here",
            [](at_moment at) { return at.there.row.lives() && at.here.row && at.there.row.now[0] != at.here.row->shown[0]; },
            [](situation& at) { at.there.write(0, at.here.row->shown[0]); });
        add("another device removes the row", lives_elsewhere, [](situation& at) { at.there.bury(); });
        add("another device creates the row", [](at_moment at) { return !at.there.row.lives(); }, [](situation& at) { at.there.begin_life({4, 3}); });
    }

    rules how_;
    table_of table_;
    std::vector<event> events_;
};

}  // namespace syncline::tests::enumeration
