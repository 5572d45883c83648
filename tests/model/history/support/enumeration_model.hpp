/// What a device of one row has to show, to keep and to send: the promises in a few lines, without the outbox that carries them out.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include <model/history/support/enumeration_device.hpp>

namespace syncline::tests::enumeration {

/// The application changed a column. Such changes are laid, in order, over the server's row as last known.
struct intent {
    int column = 0;
    bool adds = false;
    int amount = 0;    ///< what is added, or the new value
    int seq = 0;       ///< the operation that carried it last, 0 if none may have
    int taken_at = 0;  ///< version of the server's row that contains it, 0 if none does
};

/// The server's row as far as the device has been told.
struct known_row {
    values now{};
    int version = 0;
    bool exact = true;  ///< false: the server said that it moved on, and how will come in a page
};

enum class standing : std::uint8_t {
    idle,       ///< nothing of the row is sent
    in_flight,  ///< sent, without a final verdict
    closing,    ///< the sequence is being closed
    refused     ///< set aside
};

/// One life of the row at the device.
struct life {
    int incarnation = 1;
    int removal = 0;  ///< sequence of the removal that hides it
    std::optional<values> made;
    int made_seq = 0;
    int made_taken_at = 0;
    std::optional<known_row> known;
    std::vector<intent> intents;
    standing stands = standing::idle;
    bool is_refused_once_closed = false;
    int sent = 0;
    values content{};  ///< what `sent` carries

    [[nodiscard]] bool is_clean() const { return !made && intents.empty(); }

    /// The intents that `chosen` picks, over a row of the server or over what was made.
    template <class Chosen>
    [[nodiscard]] values over(const std::optional<known_row>& ground, Chosen&& chosen) const {
        promise(ground || made, "a row has values");
        values shown = ground ? ground->now : *made;
        for (const intent& one : intents) {
            const bool contained = ground && one.taken_at != 0 && one.taken_at <= ground->version;
            if (contained || !chosen(one)) continue;
            int& cell = shown[static_cast<std::size_t>(one.column)];
            cell = one.adds ? cell + one.amount : one.amount;
        }
        return shown;
    }
    [[nodiscard]] values shown() const {
        return over(known, [](const intent&) { return true; });
    }
    /// What is shown, and what was made here where a create in flight has met another device's row, whose value is shown instead.
    [[nodiscard]] values wanted() const {
        values all = shown();
        if (!made || made_seq == 0 || !known) return all;
        for (int c = 0; c < column_count; ++c) {
            const auto i = static_cast<std::size_t>(c);
            if (all[i] == known->now[i] && !has(changed(true), c)) all[i] = content[i];
        }
        return all;
    }
    [[nodiscard]] columns changed(bool unsent_only = false) const {
        columns set = made && !unsent_only ? all_columns : 0;
        for (const intent& one : intents)
            if (!unsent_only || one.seq == 0) set |= only(one.column);
        return set;
    }

    /// The columns that what was sent edits.
    [[nodiscard]] columns carried() const {
        columns set = 0;
        for (const intent& one : intents)
            if (one.seq != 0 && one.seq == sent) set |= only(one.column);
        return set;
    }

    void drop(int seq) {
        std::erase_if(intents, [&](const intent& one) { return one.seq == seq; });
        if (made && made_seq == seq) made.reset();
    }
    /// What the operation carried is to be sent anew.
    void free(int seq) {
        for (intent& one : intents)
            if (one.seq == seq) one.seq = 0;
        if (made && made_seq == seq) made_seq = 0;
        rest();
    }
    void rest() {
        stands = standing::idle;
        is_refused_once_closed = false;
        sent = 0;
    }
    /// The server never had the row, so that nothing is an edit of it.
    void make_as_shown() {
        made = shown();
        intents.clear();
        made_seq = 0;
        rest();
    }
    /// What changes nothing is no edit.
    void drop_ineffective() {
        if (!known) return;
        const values now = shown();
        std::erase_if(intents, [&](const intent& one) {
            const auto i = static_cast<std::size_t>(one.column);
            return one.seq == 0 && now[i] == known->now[i];
        });
    }
    /// What the device shows becomes what it takes for the server's row, until a page tells.
    void guess(const values& now, int version) {
        known = known_row{now, version, false};
    }
};

/// Edits that a create carries, with its values.
struct carried_edits {
    columns of = 0;
    values content{};
};

class model {
public:
    explicit model(const rules& how) : rules_(how) {}

    std::optional<life> visible;
    std::vector<life> hidden;
    std::map<int, bool> removals;  ///< by sequence, those without a verdict; true: the sequence has to be closed
    std::map<int, bool> loose;     ///< operations whose row went; true: the sequence has to be closed
    std::map<int, std::uint64_t> digests;
    std::set<int> used;            ///< sequences of all that was ever sent
    bool leaving = false;          ///< the server told that the row is gone; the pull has to tell what is there now
    std::vector<record> expected;  ///< of the last event
    std::optional<int> renamed;    ///< a removal that goes out under another sequence

    void begin_event() {
        expected.clear();
        renamed.reset();
    }

    void edit(columns set, const values& to) {
        const values before = visible->shown();
        const standing former = visible->stands;
        if (former == standing::refused) free_refused(*visible);
        for (int c = 0; c < column_count; ++c) {
            const auto i = static_cast<std::size_t>(c);
            if (!has(set, c)) continue;
            change(*visible, c, rules_.counts[i], rules_.counts[i] ? to[i] - before[i] : to[i]);
        }
        if (former == standing::refused && visible->made) visible->make_as_shown();
    }

    void create(const values& made) {
        life fresh;
        fresh.made = made;
        for (const life& former : hidden) fresh.incarnation = std::max(fresh.incarnation, former.incarnation + 1);
        visible = fresh;
    }

    /// True if the server has to be told.
    [[nodiscard]] bool remove() {
        life taken = *visible;
        leaving = false;
        visible.reset();
        if (taken.stands == standing::refused) free_refused(taken);
        if (!taken.known && taken.sent == 0) return false;
        hidden.push_back(taken);
        return true;
    }
    void hide_behind(int removal) {
        hidden.back().removal = removal;
        removals.emplace(removal, false);
    }
    void rename_removal(int to) {
        removals.emplace(to, false);
        removals.erase(*renamed);
        for (life& one : hidden)
            if (one.removal == *renamed) one.removal = to;
    }

    void retry() { free_refused(*visible); }

    void discard() {
        expect(conflict_kind::edit_discarded, visible->changed(), false, visible->wanted());
        give_up(*visible);
        if (!visible->known) return visible.reset();
        clear(*visible);
    }

    /// Something goes out.
    void sent(const request& asked) {
        const auto known_digest = digests.find(asked.seq);
        if (known_digest != digests.end()) {
            promise(known_digest->second == asked.digest, "a sequence carries other content than before");
        } else {
            promise(used.insert(asked.seq).second, "new content goes out under a new sequence");
            promise(asked.what != deed::close, "a void closes a sequence that was used");
            digests.emplace(asked.seq, asked.digest);
        }
        if (const auto one = loose.find(asked.seq); one != loose.end()) {
            promise(!one->second || asked.what == deed::close, "what was given up is closed, and not sent again");
            return;
        }
        if (const auto removal = removals.find(asked.seq); removal != removals.end()) {
            promise(asked.what == (removal->second ? deed::close : deed::remove), "a removal removes, and is closed once its attempts are spent");
            for (const life& one : hidden) {
                if (one.removal != asked.seq) continue;
                promise(asked.incarnation == one.incarnation, "a removal names the incarnation that it removes");
                promise(one.sent == 0, "a removal waits for the verdict of the edit before it");
            }
            return;
        }
        if (life* const of = find(asked.seq); of != nullptr) {
            const bool closes = asked.what == deed::close;
            promise(closes == (of->stands == standing::closing), "a sequence is closed if what was sent is not to be sent any more, and only then");
            promise(closes || of->stands == standing::in_flight, "what was set aside is not sent");
            return;
        }
        promise(visible.has_value(), "what a removal took along is not sent");
        send_new(*visible, asked);
    }

    /// The server answered something that reached it.
    void processed(const answer& told) {
        if (!told.taken) return;
        const auto note = [&](life& one) {
            for (intent& each : one.intents)
                if (each.seq == told.seq) each.taken_at = told.taken_at;
            if (one.made && one.made_seq == told.seq) one.made_taken_at = told.taken_at;
        };
        if (visible) note(*visible);
        for (life& one : hidden) note(one);
    }

    /// A verdict reaches the device. `spent`: it was the last attempt.
    void settled(const answer& told, bool spent, bool waits_for_unsettled) {
        const bool is_final = told.what != outcome::waits && (told.what != outcome::rejected || told.permanent);
        if (loose.contains(told.seq)) {
            if (is_final) loose.erase(told.seq);
            else if (spent || told.what == outcome::waits) loose[told.seq] = true;
            return;
        }
        if (removals.contains(told.seq)) return settle_removal(told, spent, is_final);
        life* const of = find(told.seq);
        promise(of != nullptr, "a verdict is about something that was sent");
        const bool is_hidden = !visible || of != &*visible;
        switch (told.what) {
            case outcome::applied:
            case outcome::merged: return take(*of, told, is_hidden);
            case outcome::gone: return lose(*of, is_hidden);
            case outcome::settled: return forget(*of);
            case outcome::closed: return of->stands == standing::closing ? end_void(*of, is_hidden) : put_back(*of, is_hidden);
            case outcome::waits:
                if (is_hidden) of->stands = standing::closing;
                else if (!waits_for_unsettled) spend(*of, spent);
                return;
            case outcome::rejected:
                if (told.permanent && of->stands == standing::closing) end_void(*of, is_hidden);
                else if (told.permanent) refuse(*of, is_hidden);
                else spend(*of, spent);
                return;
        }
    }

    void page_row(const server_state& fresh, const std::vector<int>& includes) {
        leaving = false;
        bool still_removed = false;
        for (life& one : hidden) {
            // The server may have given what was made here another incarnation.
            const bool made_it = one.made && includes_sequence{includes}(one.made_seq);
            still_removed = still_removed || fresh.incarnation <= one.incarnation || made_it;
            if (one.incarnation != fresh.incarnation && !made_it) continue;
            move_base(one, fresh);
            one.incarnation = fresh.incarnation;
        }
        if (!visible) {
            if (still_removed) return;
            visible.emplace();
            visible->incarnation = fresh.incarnation;
            visible->known = known_row{fresh.now, fresh.version, true};
            return;
        }
        life& row = *visible;
        if (row.is_clean()) {
            if (fresh.version <= row.known->version) return;
            row.incarnation = fresh.incarnation;
            row.known = known_row{fresh.now, fresh.version, true};
            return;
        }
        // What a removal made here is about to remove is not what was made after it.
        if (row.made && still_removed) return;
        if (!row.made && fresh.incarnation < row.incarnation) return;
        if (!row.made && fresh.incarnation > row.incarnation) {
            expect(conflict_kind::edit_of_removed, row.changed(), false, row.wanted());
            give_up(row);
            clear(row);
            row.incarnation = fresh.incarnation;
            row.known = known_row{fresh.now, fresh.version, true};
            return;
        }
        const bool unsent = row.stands == standing::refused || row.made_seq == 0;
        if (row.made && unsent && !row.known) return meet(row, fresh, {all_columns, row.shown()});
        if (row.known && fresh.version <= row.known->version) return;
        if (row.made) row.incarnation = fresh.incarnation;
        expect_overwritten(row, fresh);
        move_base(row, fresh);
    }

    void page_removal(const server_state& fresh, const std::vector<int>& includes) {
        leaving = false;
        for (const life& one : hidden)
            if (one.incarnation <= fresh.incarnation && one.sent != 0) loose[one.sent] = one.stands == standing::closing;
        std::erase_if(hidden, [&](const life& one) { return one.incarnation <= fresh.incarnation; });
        if (!visible) return;
        life& row = *visible;
        const bool newer = !row.known || fresh.version > row.known->version;
        const bool contained = row.made && includes_sequence{includes}(row.made_seq);
        if (fresh.incarnation < row.incarnation && !contained) return;
        if (row.made && !contained) {
            // Another device's row of this name: the own one stays, without it.
            if (newer) row.known.reset();
            return;
        }
        if (newer || (row.is_clean() && fresh.incarnation > row.incarnation)) depart();
    }

    void end_pull() {
        if (leaving && visible) depart();
        leaving = false;
    }

    [[nodiscard]] bool is_set_aside() const {
        return visible && visible->stands == standing::refused;
    }

    /// The device is as promised.
    void compare(const device& actual) const {
        promise(actual.row.has_value() == visible.has_value(), "the row is visible if it was made or pulled, and not removed");
        if (visible) {
            const life& row = *visible;
            const device::visible_row& has = *actual.row;
            promise(has.shown == row.shown(), "what is shown is the server's row with what was edited here laid over it");
            promise(has.edits.empty() == row.is_clean(), "a row is clean if nothing of it waits for a verdict");
            promise(actual.is_set_aside() == is_set_aside(), "only what was refused is set aside");
            if (row.is_clean()) {
                promise(has.shown == row.known->now, "a clean row is the server's row");
                promise(!row.known->exact || has.version == row.known->version, "a clean row has the server's version");
            } else {
                promise(has.base.has_value() == row.known.has_value(), "the base is the server's row, if there is one");
                if (row.known) promise(*has.base == row.known->now, "the base is the server's row as last known");
                if (row.known && row.known->exact) promise(has.base_version == row.known->version, "the base has the server's version");
            }
        }
        promise(actual.removed.size() == hidden.size(), "what was removed here is kept until the removal's verdict");
        for (std::size_t i = 0; i < hidden.size(); ++i) {
            const life& row = hidden[i];
            const device::removed_life& has = actual.removed[i];
            promise(has.root == row.removal, "a removed life belongs to its removal");
            promise(has.pending.has_value() == (row.sent != 0), "what was sent of a removed life waits for its verdict");
            if (!row.known || !row.known->exact) continue;
            promise((has.base ? *has.base : has.image) == row.known->now, "the base of a removed life is the server's row as last known");
            promise(has.version == row.known->version, "the base of a removed life has the server's version");
        }
        promise(actual.removals.size() == removals.size(), "the server is told of a removal of what it may have, once");
        promise(actual.loose.size() == loose.size(), "what was sent is answered or closed");
        std::vector<record> told = actual.records, due = expected;
        std::sort(told.begin(), told.end());
        std::sort(due.begin(), due.end());
        for (const record& one : due) promise(std::find(told.begin(), told.end(), one) != told.end(), "what was lost is in a record");
        promise(told == due, "a record tells of a loss, once");
    }

private:
    void expect(conflict_kind kind, columns of, bool mine_won, const values& mine) {
        if (of == 0) return;
        record one{kind, of, mine_won, {}};
        for (int c = 0; c < column_count; ++c)
            if (has(of, c)) one.mine[static_cast<std::size_t>(c)] = mine[static_cast<std::size_t>(c)];
        expected.push_back(one);
    }

    [[nodiscard]] life* find(int seq) {
        if (visible && visible->sent == seq) return &*visible;
        for (life& one : hidden)
            if (one.sent == seq) return &one;
        return nullptr;
    }

    static void change(life& row, int column, bool adds, int amount) {
        if (!row.intents.empty()) {
            for (intent& one : row.intents) {
                if (one.column != column || one.seq != 0) continue;
                one.amount = adds ? one.amount + amount : amount;
                return;
            }
        }
        row.intents.push_back({column, adds, amount, 0, 0});
    }

    static void clear(life& row) {
        row.intents.clear();
        row.made.reset();
        row.rest();
    }

    static void free_refused(life& row) {
        row.rest();
    }

    /// Two changes of one column that go out together are one.
    static void merge_unsent(life& row) {
        std::vector<intent> merged;
        for (const intent& one : row.intents) {
            const auto same = std::find_if(merged.begin(), merged.end(), [&](const intent& each) { return each.column == one.column && each.seq == 0; });
            if (one.seq != 0 || same == merged.end()) merged.push_back(one);
            else if (one.adds) same->amount += one.amount;
            else same->amount = one.amount;
        }
        row.intents = merged;
    }

    void send_new(life& row, const request& asked) {
        promise(row.stands == standing::idle, "new content waits for the verdict of what was sent before");
        const bool makes = row.made && row.made_seq == 0;
        // The server gives a new row the incarnation that it wants.
        promise(makes || asked.incarnation == row.incarnation, "an edit names the incarnation that it is of");
        promise(asked.what == (makes ? deed::create : deed::update), "a row is made once, and edited then");
        const columns edited = row.changed(true);
        promise(makes || edited != 0, "nothing is sent of a clean row");
        promise(asked.changed == (makes ? all_columns : edited), "what was changed is sent, and nothing else");
        promise(asked.before_known == edited, "what was edited is told apart");
        if (makes)
            for (const life& one : hidden)
                promise(one.incarnation + 1 != row.incarnation || !removals.contains(one.removal), "a new life waits for the removal of the one before");
        const values now = row.shown();
        for (int c = 0; c < column_count; ++c) {
            const auto i = static_cast<std::size_t>(c);
            if (has(asked.changed, c)) promise(asked.after[i] == now[i], "the new value is what is shown");
            if (has(edited, c)) promise(asked.before[i] == (makes ? *row.made : row.known->now)[i], "the value before is what the edit was made on");
        }
        if (!makes && row.known->exact) promise(asked.base_version == row.known->version, "an edit names the version that it was made on");
        for (intent& one : row.intents) {
            promise(one.taken_at == 0, "an edit that the server took is sent again");
            one.seq = asked.seq;
        }
        promise(!makes || row.made_taken_at == 0, "a create that the server took is sent again");
        if (makes) row.made_seq = asked.seq;
        row.stands = standing::in_flight;
        row.sent = asked.seq;
        row.content = asked.after;
    }

    void settle_removal(const answer& told, bool spent, bool is_final) {
        bool& closes = removals.at(told.seq);
        if (!is_final) {
            closes = closes || spent;
            return;
        }
        if (told.what == outcome::closed && !closes) {
            renamed = told.seq;
            return;
        }
        removals.erase(told.seq);
        if (told.what != outcome::rejected && told.what != outcome::closed) {
            // With a life, those before it have ended.
            const auto ended = std::find_if(hidden.begin(), hidden.end(), [&](const life& one) { return one.removal == told.seq; });
            const int last = ended == hidden.end() ? 0 : ended->incarnation;
            const auto ends = [&](const life& one) { return one.removal == told.seq || one.incarnation < last; };
            for (const life& one : hidden)
                if (ends(one) && one.sent != 0) loose[one.sent] = one.stands == standing::closing;
            std::erase_if(hidden, ends);
            return;
        }
        expected.push_back({conflict_kind::removal_refused, 0, false, {}});
        const auto refused = std::find_if(hidden.begin(), hidden.end(), [&](const life& one) { return one.removal == told.seq; });
        if (refused == hidden.end()) return;
        life back = *refused;
        hidden.erase(refused);
        back.removal = 0;
        if (visible && !visible->made && visible->incarnation > back.incarnation) return;
        if (std::any_of(hidden.begin(), hidden.end(), [&](const life& one) { return one.incarnation > back.incarnation; })) return;
        if (visible) {
            // The application made the row anew: since the first life goes on, that is an edit of it.
            const values to = visible->shown();
            back.intents.clear();
            for (int c = 0; c < column_count; ++c) {
                const auto i = static_cast<std::size_t>(c);
                if (to[i] == back.known->now[i]) continue;
                back.intents.push_back({c, rules_.counts[i], rules_.counts[i] ? to[i] - back.known->now[i] : to[i], 0, 0});
            }
        }
        visible = back;
    }

    void take(life& row, const answer& told, bool is_hidden) {
        expect(conflict_kind::field_overwritten, told.kept, false, row.content);
        expect(conflict_kind::field_overwritten, told.overwritten, true, row.content);
        const bool makes = row.made && row.made_seq == told.seq;
        const bool closes = row.stands == standing::closing;
        const server_state& now = told.at_answer;
        for (const intent& one : row.intents) promise(one.seq != told.seq || one.taken_at != 0, "a verdict says that an edit is taken");
        if (now.lives() && !makes && now.incarnation != told.taken_in) {
            // What was taken died since: what stands behind it is of the life that died.
            const values shown = row.shown();
            if (is_hidden) guess_taken(row, told.seq);
            if (is_hidden && closes) row.drop_ineffective();
            row.drop(told.seq);
            row.rest();
            if (is_hidden) return;
            expect(conflict_kind::edit_of_removed, row.changed(), false, shown);
            clear(row);
            row.incarnation = now.incarnation;
            row.known = known_row{now.now, now.version, true};
            return;
        }
        if (now.lives()) {
            if (!row.known || now.version > row.known->version) {
                row.known = known_row{now.now, now.version, true};
                row.incarnation = now.incarnation;
            }
            row.drop(told.seq);
        } else if (row.known && row.known->version >= now.version) {
            row.drop(told.seq);
        } else {
            // A create that was applied as it was sent met no other row.
            if (makes && told.what == outcome::applied && row.known && row.known->version < row.made_taken_at) row.known.reset();
            guess_taken(row, told.seq);
            if (makes) row.incarnation = now.incarnation;
        }
        row.rest();
        if (closes) row.drop_ineffective();
    }

    static void guess_taken(life& row, int seq) {
        const values guessed = row.over(row.known, [&](const intent& one) { return one.seq == seq; });
        row.guess(guessed, row.known ? row.known->version : 0);
        row.drop(seq);
    }

    void lose(life& row, bool is_hidden) {
        if (is_hidden) {
            row.drop(row.sent);
            return row.rest();
        }
        const values now = row.shown();
        expect(conflict_kind::edit_of_removed, row.changed(), false, row.wanted());
        clear(row);
        row.guess(now, row.known ? row.known->version : 0);
        leaving = true;
    }

    /// The server no longer knows what it made of the operation.
    static void forget(life& row) {
        const int seq = row.sent;
        guess_taken(row, seq);
        row.known->version = 0;
        row.rest();
    }

    /// The operation was never taken, and never will be under its sequence.
    void put_back(life& row, bool is_hidden) {
        if (is_hidden && row.made && row.made_seq == row.sent) return end(row);
        const carried_edits edited{row.carried(), row.content};
        row.free(row.sent);
        merge_unsent(row);
        if (!is_hidden) yield(row, edited);
    }

    /// A hidden life that the server never had: nothing has to be removed.
    void end(life& row) {
        removals.erase(row.removal);
        hidden.erase(hidden.begin() + (&row - hidden.data()));
    }

    void refuse(life& row, bool is_hidden) {
        const int seq = row.sent;
        const bool makes = row.made && row.made_seq == seq;
        if (is_hidden) return put_back(row, is_hidden);
        const bool has_repair = row.changed(true) != 0;
        const bool has_edits = std::any_of(row.intents.begin(), row.intents.end(), [&](const intent& one) { return one.seq == seq; });
        if (makes && row.known) {
            const carried_edits edited{row.carried(), row.content};
            row.free(seq);
            merge_unsent(row);
            yield(row, edited);
            if (!has_repair && !row.is_clean()) row.stands = standing::refused;
            return;
        }
        // What was made is refused with the value it has now, and not only with one that it had before.
        if (makes && (has_repair || has_edits)) return row.make_as_shown();
        row.free(seq);
        merge_unsent(row);
        if (!has_repair) row.stands = standing::refused;
    }

    /// The server has nothing of what was closed.
    void end_void(life& row, bool is_hidden) {
        row.stands = standing::in_flight;
        if (std::exchange(row.is_refused_once_closed, false)) refuse(row, is_hidden);
        else put_back(row, is_hidden);
    }

    static void spend(life& row, bool spent) {
        if (!spent || row.stands == standing::closing) return;
        row.stands = standing::closing;
        row.is_refused_once_closed = true;
    }

    static void move_base(life& row, const server_state& fresh) {
        if (row.known && fresh.version <= row.known->version) return;
        row.known = known_row{fresh.now, fresh.version, true};
    }

    /// Another device's row came under a create that was not taken.
    void yield(life& row, const carried_edits& edited_before) {
        if (!row.made || row.made_seq != 0 || !row.known) return;
        server_state theirs;
        theirs.now = row.known->now;
        theirs.version = row.known->version;
        theirs.incarnation = row.incarnation;
        meet(row, theirs, edited_before);
    }

    /// The row arrives under a create that the server does not have: the row keeps its values, except in what was edited since the create.
    /// `edited_before`: what is told here, because no page has told it.
    void meet(life& row, const server_state& fresh, const carried_edits& edited_before) {
        const columns edited = row.changed(true);
        const values made = *row.made;
        columns kept = 0, replaced = 0;
        row.known = known_row{fresh.now, fresh.version, true};
        const values now = row.shown();
        for (int c = 0; c < column_count; ++c) {
            const auto i = static_cast<std::size_t>(c);
            if (!has(edited, c)) kept |= made[i] != fresh.now[i] ? only(c) : 0;
            else if (has(edited_before.of, c) && !rules_.counts[i] && fresh.now[i] != made[i] && fresh.now[i] != edited_before.content[i] && fresh.now[i] != now[i]) replaced |= only(c);
        }
        expect(conflict_kind::field_overwritten, kept, false, made);
        expect(conflict_kind::field_overwritten, replaced, true, now);
        row.made.reset();
        row.incarnation = fresh.incarnation;
        row.rest();
        row.drop_ineffective();
    }

    /// An edit that the server will see only on top of the row that arrives: the server cannot tell what it replaces.
    void expect_overwritten(const life& row, const server_state& fresh) {
        const auto sent = [&](const intent& one) { return one.seq != 0; };
        const std::optional<known_row> next = known_row{fresh.now, fresh.version, true};
        const values before = row.over(row.known, sent), now = row.over(next, sent), mine = row.over(next, [](const intent&) { return true; });
        columns replaced = 0;
        for (int c = 0; c < column_count; ++c) {
            const auto i = static_cast<std::size_t>(c);
            if (has(row.changed(true), c) && !rules_.counts[i] && now[i] != before[i] && now[i] != mine[i]) replaced |= only(c);
        }
        expect(conflict_kind::field_overwritten, replaced, true, mine);
    }

    /// What was sent of edits that end with their row is closed.
    void give_up(const life& row) {
        if (row.sent != 0) loose[row.sent] = true;
    }

    void depart() {
        expect(conflict_kind::edit_of_removed, visible->changed(), false, visible->wanted());
        give_up(*visible);
        visible.reset();
    }

    rules rules_;
};

}  // namespace syncline::tests::enumeration
