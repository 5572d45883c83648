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
    std::function<bool(situation&)> happen;  ///< false if it cannot, and then nothing has changed
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
        begin(at);
        if (!what.happen(at)) return false;
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
        check_agreement(again);
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
            else if (at.held_page) static_cast<void>(deliver_page(at));
            else if (at.here.can_send()) push(at);
            else if (at.here.refetch || at.here.parked || at.here.cursor != at.there.clock) arrive(at, read(at));
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

    [[nodiscard]] bool edit(situation& at, columns set, bool back) const {
        if (!at.here.row) return false;
        const values now = at.here.row->shown;
        values next = now;
        const values ground = at.here.row->base.value_or(now);
        for (int c = 0; c < column_count; ++c) {
            const auto i = static_cast<std::size_t>(c);
            if (!has(set, c)) continue;
            if (back) next[i] = ground[i];
            else if (how_.counts[i]) next[i] += 1;
            else next[i] = now[i] == 1 ? 2 : 1;
            if (next[i] == now[i]) return false;
        }
        at.expected.edit(set, next);
        at.here.edit(next, set);
        return true;
    }

    [[nodiscard]] static bool create(situation& at) {
        if (at.here.row) return false;
        at.here.create({3, 3});
        at.expected.create({3, 3});
        return true;
    }

    [[nodiscard]] static bool remove(situation& at) {
        if (!at.here.row) return false;
        at.here.remove();
        if (!at.expected.remove()) return true;
        promise(!at.here.removals.empty(), "the server is told of a removal of what it may have");
        at.expected.hide_behind(static_cast<int>(at.here.removals.back().seq));
        return true;
    }

    [[nodiscard]] static bool retry(situation& at) {
        if (!at.here.is_set_aside()) return false;
        at.here.retry();
        at.expected.retry();
        return true;
    }

    [[nodiscard]] static bool discard(situation& at) {
        if (!at.here.is_set_aside()) return false;
        at.here.discard();
        at.expected.discard();
        return true;
    }

    // The device's requests. One at a time is under way.

    [[nodiscard]] static std::optional<request> send(situation& at) {
        if (at.held || at.held_page || !at.here.can_send()) return std::nullopt;
        std::optional<request> asked = at.here.send();
        at.expected.sent(*asked);
        return asked;
    }

    [[nodiscard]] answer process(situation& at, const request& asked) const {
        answer told = at.there.take(asked, how_);
        at.expected.processed(told);
        if (at.late && at.there.answered.contains(at.late->seq)) at.late.reset();
        return told;
    }

    static void settle(situation& at, const answer& told, bool spent = false, bool waits_for_unsettled = false) {
        promise(at.here.settle(told, spent ? 1 : 100, waits_for_unsettled), "a device knows the verdict of what it sent");
        at.expected.settled(told, spent, waits_for_unsettled);
        if (at.expected.renamed) at.expected.rename_removal(at.here.next_seq - 1);
    }

    bool push(situation& at) const {
        const auto asked = send(at);
        if (!asked) return false;
        settle(at, process(at, *asked));
        return true;
    }

    [[nodiscard]] bool push_and_hold(situation& at) const {
        const auto asked = send(at);
        if (!asked) return false;
        at.held = process(at, *asked);
        return true;
    }

    static bool deliver(situation& at) {
        if (!at.held) return false;
        const answer told = *at.held;
        at.held.reset();
        settle(at, told);
        return true;
    }

    [[nodiscard]] static bool lose_answer(situation& at) {
        if (!at.held) return false;
        at.held.reset();
        return true;
    }

    /// The answer comes, though not for what the device asks: nothing changes.
    [[nodiscard]] static bool deliver_foreign(situation& at) {
        if (!at.held) return false;
        answer foreign = *at.held;
        ++foreign.digest;
        promise(!at.here.settle(foreign, 100), "a verdict of other content changes nothing");
        foreign = *at.held;
        foreign.seq = at.here.next_seq;
        promise(!at.here.settle(foreign, 100), "a verdict of another sequence changes nothing");
        return true;
    }

    [[nodiscard]] static bool push_late(situation& at) {
        if (at.late) return false;
        const auto asked = send(at);
        if (!asked) return false;
        if (!at.there.answered.contains(asked->seq)) at.late = asked;
        return true;
    }

    bool take_late(situation& at) const {
        if (!at.late) return false;
        const request asked = *at.late;
        at.late.reset();
        static_cast<void>(process(at, asked));
        return true;
    }

    /// The server has no answer yet, and gives `what` instead of taking the operation.
    template <class Answer>
    [[nodiscard]] static bool push_refused(situation& at, bool also_removals, Answer&& give, bool spent = false, bool unsettled = false,
                                           bool only_what_could_be_taken = false) {
        situation before = at;
        const auto asked = send(at);
        if (!asked) return false;
        const bool answered = at.there.answered.contains(asked->seq);
        const bool plain = asked->what == deed::create || asked->what == deed::update || (asked->what == deed::remove && also_removals);
        // The device restores what a removal took after the last attempt, so that the removal must not be on its way still.
        const bool comes_late = spent && asked->what == deed::remove && at.late && at.late->seq == asked->seq;
        const server_state& row = at.there.row;
        const bool could_be_taken = asked->what == deed::create || (row.lives() && row.incarnation == asked->incarnation);
        if (answered || !plain || comes_late || (only_what_could_be_taken && !could_be_taken)) {
            at = std::move(before);
            return false;
        }
        settle(at, give(*asked), spent, unsettled);
        return true;
    }

    [[nodiscard]] static answer for_now(const request& asked, outcome what) {
        answer told = server::plain(asked, what);
        told.permanent = false;
        return told;
    }

    /// What could have been applied is refused by a rule of the server.
    [[nodiscard]] static bool push_refused_for_good(situation& at) {
        return push_refused(at, true, [&](const request& asked) { return at.there.refuse(asked); }, false, false, true);
    }

    /// Something between server and device answers the last attempt with an error, though the server took it.
    [[nodiscard]] bool spend_though_taken(situation& at) const {
        situation before = at;
        const auto asked = send(at);
        if (!asked || asked->what == deed::close || asked->what == deed::remove) {
            at = std::move(before);
            return false;
        }
        static_cast<void>(process(at, *asked));
        settle(at, for_now(*asked, outcome::rejected), true);
        return true;
    }

    /// The server took it, and no longer knows how.
    [[nodiscard]] static bool push_forgotten(situation& at) {
        situation before = at;
        const auto asked = send(at);
        const auto stored = asked ? at.there.answered.find(asked->seq) : at.there.answered.end();
        // An incarnation that only the forgotten verdict tells is not known to anybody.
        if (stored == at.there.answered.end() || stored->second.what == outcome::closed ||
            (stored->second.taken && stored->second.taken_in != asked->incarnation)) {
            at = std::move(before);
            return false;
        }
        settle(at, server::plain(*asked, outcome::settled));
        return true;
    }

    // Pages.

    [[nodiscard]] static page read(const situation& at) {
        page told;
        told.asked_since = at.here.cursor;
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
        at.held_page.reset();
        at.here.take(told);
        if (told.row && told.row->removed) at.expected.page_removal(*told.row, told.includes);
        else if (told.row) at.expected.page_row(*told.row, told.includes);
        at.expected.end_pull();
    }

    [[nodiscard]] static bool pull(situation& at) {
        if (at.held) return false;
        if (!at.here.refetch && !at.here.parked && at.here.cursor == at.there.clock) return false;
        arrive(at, read(at));
        return true;
    }
    /// A pull of everything, as after a verdict that left a row in doubt.
    [[nodiscard]] static bool pull_all(situation& at) {
        if (at.held || at.here.refetch) return false;
        at.here.refetch = true;
        arrive(at, read(at));
        return true;
    }
    [[nodiscard]] static bool pull_and_hold(situation& at) {
        if (at.held || at.held_page || at.here.cursor == at.there.clock) return false;
        at.held_page = read(at);
        return true;
    }
    [[nodiscard]] static bool deliver_page(situation& at) {
        if (!at.held_page) return false;
        const page told = *at.held_page;
        arrive(at, told);
        return true;
    }

    /// A row, or a tombstone, that is older than what is known: nothing changes.
    [[nodiscard]] static bool take_older(situation& at, bool removed) {
        if (at.held || at.here.parked || !at.expected.visible || !at.expected.visible->known || !at.expected.visible->known->exact) return false;
        server_state old;
        old.known = true;
        old.removed = removed;
        old.now = {7, 7};
        old.version = at.expected.visible->known->version - (removed ? 1 : 0);
        old.incarnation = at.expected.visible->incarnation - (removed ? 1 : 0);
        if (old.version == 0 || old.incarnation == 0 || !at.here.removed.empty()) return false;
        if (removed) at.here.take_removal(old, {});
        else at.here.take_row(old, {});
        return true;
    }

    // Another device.

    [[nodiscard]] bool write_elsewhere(situation& at, int column) const {
        const server_state& row = at.there.row;
        if (!row.lives()) return false;
        const int now = row.now[static_cast<std::size_t>(column)];
        at.there.write(column, how_.counts[static_cast<std::size_t>(column)] ? now + 10 : now == 5 ? 6 : 5);
        return true;
    }
    /// Another device happens to write what is shown here.
    [[nodiscard]] static bool agree_elsewhere(situation& at) {
        if (!at.there.row.lives() || !at.here.row || at.there.row.now[0] == at.here.row->shown[0]) return false;
        at.there.write(0, at.here.row->shown[0]);
        return true;
    }
    [[nodiscard]] static bool remove_elsewhere(situation& at) {
        if (!at.there.row.lives()) return false;
        at.there.bury();
        return true;
    }
    [[nodiscard]] static bool create_elsewhere(situation& at) {
        if (at.there.row.lives()) return false;
        at.there.begin_life({4, 3});
        return true;
    }

    void fill() {
        const auto add = [&](std::string_view name, std::function<bool(situation&)> happen) { events_.push_back({name, std::move(happen)}); };
        add("edit a", [this](situation& at) { return edit(at, only(0), false); });
        add("edit b", [this](situation& at) { return edit(at, only(1), false); });
        add("edit a and b", [this](situation& at) { return edit(at, all_columns, false); });
        add("edit a back to the server's value", [this](situation& at) { return edit(at, only(0), true); });
        add("create", create);
        add("remove", remove);
        add("retry", retry);
        add("discard", discard);
        add("push, answered", [this](situation& at) { return push(at); });
        add("push, its answer under way", [this](situation& at) { return push_and_hold(at); });
        add("the answer arrives", deliver);
        add("the answer is lost", lose_answer);
        add("an answer with another digest or sequence arrives", deliver_foreign);
        add("push, under way for long", push_late);
        add("a push arrives that the device no longer waits for", [this](situation& at) { return take_late(at); });
        add("push, refused for good", push_refused_for_good);
        add("push, refused for now", [](situation& at) { return push_refused(at, true, [](const request& asked) { return for_now(asked, outcome::rejected); }); });
        add("push, refused for the last time", [](situation& at) { return push_refused(at, true, [](const request& asked) { return for_now(asked, outcome::rejected); }, true); });
        add("push, taken, and refused on the way back for the last time", [this](situation& at) { return spend_though_taken(at); });
        add("push, waits for what the server does not have", [](situation& at) { return push_refused(at, false, [](const request& asked) { return for_now(asked, outcome::waits); }); });
        add("push, waits for what this device has not sent", [](situation& at) { return push_refused(at, false, [](const request& asked) { return for_now(asked, outcome::waits); }, false, true); });
        add("push, its sequence closed by another holder of the name", [](situation& at) { return push_refused(at, true, [&](const request& asked) { return at.there.close(asked); }); });
        add("push, settled and forgotten", push_forgotten);
        add("pull", pull);
        add("pull of everything", pull_all);
        add("pull, its page under way", pull_and_hold);
        add("the page arrives", deliver_page);
        add("a row of an older version arrives", [](situation& at) { return take_older(at, false); });
        add("a removal of an earlier incarnation arrives", [](situation& at) { return take_older(at, true); });
        add("another device edits a", [this](situation& at) { return write_elsewhere(at, 0); });
        add("another device edits b", [this](situation& at) { return write_elsewhere(at, 1); });
        add("another device edits a to what is shown here", agree_elsewhere);
        add("another device removes the row", remove_elsewhere);
        add("another device creates the row", create_elsewhere);
    }

    rules how_;
    table_of table_;
    std::vector<event> events_;
};

}  // namespace syncline::tests::enumeration
