/// A verdict meets its outbox entry: the row's history is loaded, the verdict taken, the result stored.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <syncline/base/random.hpp>
#include <syncline/client/departures.hpp>
#include <syncline/client/report.hpp>
#include <syncline/client/retry.hpp>
#include <syncline/client/sent_entry.hpp>
#include <syncline/client/settled_removal.hpp>
#include <syncline/model/history/verdict.hpp>

namespace syncline {

/// What settling a push leaves to do for the rest of the sync.
struct settle_effects {
    std::vector<parked_row> removals;     ///< rows the server no longer has: to be removed at the end of the pull
    std::vector<sequence> patches;        ///< entries that verdicts made, which belong to this sync
    bool refetch = false;                 ///< the server's rows must be read again from the start
};

/// Settles results one by one, inside the caller's write transaction.
class settler {
public:
    settler(store_port& store, const limits& bounds, std::int64_t now_ms, random_source& random, sync_report& report, settle_effects& effects)
        : store_(store), bounds_(bounds), now_ms_(now_ms), random_(random), report_(report), effects_(effects) {}

    /// Settles a common result in one step, see settle_as_sent; false for any other.
    [[nodiscard]] bool settle_plain(const sent_entry& sent, const wire::operation_result& result) {
        if (!settle_as_sent(store_, sent, result, localised_)) return false;
        ended_.push_back(sent.plan.seq);
        table_report& counted = report_.tables[static_cast<std::size_t>(sent.plan.table)];
        ++counted.pushed;
        if (result.outcome == wire::verdict::merged) ++counted.merged;
        return true;
    }

    /// Settles one result; what was taken is still in the outbox then, see ended(). A result for an unknown entry, or one that names another
    /// row, changes nothing; returns false then.
    bool settle(const wire::operation_result& result) {
        outbox_entry entry;
        if (!store_.find_entry(result.seq, entry) || entry.state != entry_state::in_flight) return false;
        if (result.local != entry.id) return false;
        if (removes_row(entry)) return settle_removal(entry, result);
        loaded_row before;
        load_life_of(store_, entry, before);
        if (!answers(result, entry, before.history)) return false;
        const bool is_taken = result.outcome == wire::verdict::applied || result.outcome == wire::verdict::merged;
        if (is_taken) ++counts(entry).pushed;
        if (result.outcome == wire::verdict::merged) ++counts(entry).merged;
        if (is_taken && before.stored == loaded_row::place::nowhere) {
            // The edit was given up here, yet the server has it: its row will not come back by itself, since this device made it.
            if (!(result.row && result.row->removed)) effects_.refetch = true;
            store_.erase_entry(entry.seq);
            return true;
        }
        row_transition made = take_verdict(std::move(before.history), as_told(result, entry), bounds_, showable(entry.table));
        if (is_taken) end_with_answer(entry.seq, before);
        keep(entry, before, made, result.id);
        return true;
    }

    /// Entries of what was taken, to be erased with those of settle_plain() once all that was taken is settled.
    [[nodiscard]] std::vector<sequence>& ended() noexcept { return ended_; }

    /// Spends an attempt for a status that spoke about this entry alone.
    void postpone(const outbox_entry& entry, error_code reason, const std::string& text) { take_refusal(entry, reason, text, false); }
    /// A status refused an entry for good, which the server does not remember: the entry is closed, and then set aside.
    void set_aside(const outbox_entry& entry, error_code reason, const std::string& text) { take_refusal(entry, reason, text, true); }

private:
    /// Whether a row of this table could be shown; asked by transitions.
    struct visibility {
        store_port& store;
        int table;
        [[nodiscard]] bool operator()(cells values) const { return keys_are_visible(store, table, values); }
    };
    [[nodiscard]] visibility showable(int table) { return {store_, table}; }

    /// Leaves an entry that has its verdict to the caller, who erases many at once.
    void end_with_answer(sequence seq, loaded_row& before) {
        std::erase_if(before.edits, [&](const outbox_entry& entry) { return entry.seq == seq; });
        ended_.push_back(seq);
    }

    table_report& counts(const outbox_entry& entry) { return report_.tables[static_cast<std::size_t>(entry.table)]; }

    /// True if the result is about this very operation: a sequence alone is not enough if two stores share a device id.
    [[nodiscard]] bool answers(const wire::operation_result& result, const outbox_entry& entry, const row_history& history) {
        if (entry.kind == operation_kind::close) return result.digest == entry.digest;
        if (!has_content(history, entry)) return true;
        read_content(entry, *history.table, history.shown, history.base, history.version, content_);
        return result.digest == digest_of(operation_of(entry, content_), *history.table);
    }

    [[nodiscard]] edit_verdict as_told(const wire::operation_result& result, const outbox_entry& entry) {
        edit_verdict told;
        told.outcome = result.outcome;
        told.remote = result.id;
        told.version = result.version;
        told.incarnation = result.incarnation;
        told.permanent = result.permanent;
        told.code = result.problem.code;
        told.message = result.problem.message;
        told.tells_row = result.row.has_value();
        if (localise_row(store_, result, localised_)) told.row = remote_row{result.row->id, result.row->version, result.row->incarnation, localised_.values};
        if (result.row && !result.row->removed) told.row_as_told = result.row->cells;
        told.overwritten = result.overwritten;
        told.lost = result.lost;
        told.refused = result.refused;
        told.kept = result.kept;
        if (result.outcome == wire::verdict::waits && entry.kind != operation_kind::close) explain_wait(entry, told);
        return told;
    }

    /// Looks at the rows that the operation points at. Waiting for one whose own create has no final verdict says nothing about this entry;
    /// one that is nowhere on this device any more was never made. Reads what answers() has read.
    void explain_wait(const outbox_entry& entry, edit_verdict& told) {
        const table_view& table = store_.schema()[entry.table];
        row_state target;
        for (std::size_t i = 0; i < content_.after.size(); ++i) {
            if (!has_column(entry.mask, i) || content_.after[i].kind() != cell_kind::local_key) continue;
            const int target_table = table.columns[i].target;
            const local_id id = local_id::trusted(content_.after[i].view());
            if (id == entry.id && target_table == entry.table) continue;
            if (!store_.find_state(target_table, id, target)) {
                told.waits_for_vanished = told.waits_for_vanished || removed_lives_of(store_, target_table, id).empty();
                continue;
            }
            for (const outbox_entry& other : entries_of_row(store_, target_table, id, target.pending))
                told.waits_for_unsettled = told.waits_for_unsettled || makes_row(other);
        }
    }

    void take_refusal(const outbox_entry& entry, error_code reason, const std::string& text, bool permanent) {
        if (removes_row(entry)) {
            // The server remembers no status: only a void makes sure that it will not take the removal.
            if (permanent && entry.kind == operation_kind::remove) return stop_removal(entry, reason, text);
            return put_off_removal(entry, reason, text);
        }
        loaded_row before;
        load_life_of(store_, entry, before);
        edit_verdict told;
        told.permanent = permanent;
        told.is_remembered = false;
        told.code = reason;
        told.message = text;
        row_transition made = take_verdict(std::move(before.history), told, bounds_, showable(entry.table));
        keep(entry, before, made, {});
    }

    /// Stores what a verdict made of a row, and does what it wants besides.
    void keep(const outbox_entry& entry, const loaded_row& before, row_transition& made, const server_id& remote) {
        row_effects& wanted = made.effects;
        row_history& next = made.next;
        if (wanted.put_off) {
            outbox_entry& put_off = next.edits.front();
            put_off.not_before_ms = now_ms_ + backoff_delay_ms(put_off.attempts, bounds_, random_);
            ++counts(entry).waiting;
        }
        if (wanted.refused) ++counts(entry).refused;
        effects_.refetch = effects_.refetch || wanted.fetch;
        wanted.fetch = false;
        report_.conflicts += store_transition(store_, before, made);
        if (wanted.of_this_sync) effects_.patches.push_back(next.edits.front().seq);
        if (before.stored == loaded_row::place::removed) follow_life(before.record, next, wanted.never_made);
        if (wanted.leaves) {
            departure_counts gone(store_.schema());
            std::set<row_name> parked;
            store_.scan_parked([&](const parked_row& row) {
                if (!row.removed) parked.insert({row.table, row.id});
            });
            depart_with_referrers(store_, {entry.table, entry.id, {}, wanted.leaves_at, next.incarnation, true, {}},
                                  [&](const row_name& name) { return parked.contains(name); }, gone);
            report_.conflicts += gone.conflicts;
        }
        if (wanted.leaves_later) effects_.removals.push_back({entry.table, entry.id, remote, wanted.leaves_at, entry.incarnation, true, {}});
    }

    /// The removal behind an operation removes the life that the operation was given; a row that was never made needs none, and must not
    /// meet a row of that name that another device made.
    void follow_life(const removed_row& former, const row_history& life, bool never_made) {
        outbox_entry removal;
        if (!find_own_removal(store_, former, removal)) return;
        if (never_made) return end_removal(store_, removal);
        if (removal.incarnation == life.incarnation) return;
        removal.incarnation = life.incarnation;
        store_.put_entry(removal);
    }

    /// A verdict of a removal, or of the void that closes its sequence.
    bool settle_removal(const outbox_entry& entry, const wire::operation_result& result) {
        const bool closes = entry.kind == operation_kind::close;
        const std::uint64_t sent = closes ? entry.digest : digest_of(operation_of(entry, {}), store_.schema()[entry.table]);
        if (result.digest != sent) return false;
        switch (result.outcome) {
            case wire::verdict::applied:
            case wire::verdict::merged:
            case wire::verdict::gone:
                ++counts(entry).pushed;
                if (result.outcome == wire::verdict::merged) ++counts(entry).merged;
                end_removal(store_, entry);
                break;
            case wire::verdict::settled:
                effects_.refetch = true;
                end_removal(store_, entry);
                break;
            case wire::verdict::waits: put_off_removal(entry, error_code::not_found, "the server does not know the row"); break;
            case wire::verdict::rejected:
                if (result.permanent) refuse_removal(entry, result.problem.code, result.problem.message);
                else put_off_removal(entry, result.problem.code, result.problem.message);
                break;
            case wire::verdict::closed:
                if (closes) refuse_removal(entry, entry.reason, entry.reason_text);
                // Somebody else closed the sequence before the removal came.
                else effects_.patches.push_back(queue_removal_again(store_, entry));
                break;
        }
        return true;
    }

    /// Nothing final was said of the removal: it is sent again later, or closed if its attempts are spent.
    void put_off_removal(outbox_entry entry, error_code reason, const std::string& text) {
        if (detail::spend_attempt(entry, bounds_, reason, text)) return stop_removal(entry, error_code::attempts_spent, entry.reason_text);
        entry.not_before_ms = now_ms_ + backoff_delay_ms(entry.attempts, bounds_, random_);
        store_.put_entry(entry);
        ++counts(entry).waiting;
    }

    /// The removal is not sent any more; whether it was taken is asked in this sync.
    void stop_removal(const outbox_entry& entry, error_code reason, const std::string& text) {
        close_removal(store_, entry, reason, text);
        effects_.patches.push_back(entry.seq);
    }

    /// The server has not taken the removal and never will: everything comes back, and the application is told why.
    void refuse_removal(const outbox_entry& entry, error_code reason, const std::string& text) {
        ++counts(entry).refused;
        if (!restore_removed(store_, entry.seq)) effects_.refetch = true;
        conflict_record record;
        record.kind = conflict_kind::removal_refused;
        record.table = entry.table;
        record.id = entry.id;
        record.reason = std::string(name_of(reason)) + (text.empty() ? "" : ": " + text);
        store_.add_conflict(record);
        ++report_.conflicts;
        store_.erase_entry(entry.seq);
    }

    store_port& store_;
    const limits& bounds_;
    std::int64_t now_ms_;
    random_source& random_;
    sync_report& report_;
    settle_effects& effects_;
    edit_content content_;  ///< of the entry being settled
    localised_row localised_;
    std::vector<sequence> ended_;
};

}  // namespace syncline
