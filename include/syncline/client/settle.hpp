/// A verdict meets its outbox entry: folded into the base, refused, or left open.
#pragma once

#include <utility>
#include <vector>

#include <syncline/base/random.hpp>
#include <syncline/client/departures.hpp>
#include <syncline/client/refused_edit.hpp>
#include <syncline/client/report.hpp>
#include <syncline/client/retry.hpp>
#include <syncline/client/sent_entry.hpp>
#include <syncline/client/settled_removal.hpp>

namespace syncline {

/// What settling a push leaves to do for the rest of the sync.
struct settle_effects {
    std::vector<parked_row> removals;     ///< rows the server no longer has: to be removed at the end of the pull
    std::vector<sequence> patches;        ///< new entries that carry deferred keys
    bool refetch = false;                 ///< the server's rows must be read again from the start
};

/// Settles results one by one, inside the caller's write transaction.
template <store S>
class settler {
public:
    settler(S& store, const limits& bounds, std::int64_t now_ms, random_source& random, sync_report& report, settle_effects& effects)
        : store_(store), bounds_(bounds), now_ms_(now_ms), random_(random), report_(report), effects_(effects) {}

    /// Settles a common result in one step, see settle_as_sent, and leaves the entry to the caller; false for any other.
    [[nodiscard]] bool settle_plain(const sent_entry& sent, const wire::operation_result& result) {
        if (!settle_as_sent(store_, sent, result, merged_)) return false;
        table_report& counted = report_.tables[static_cast<std::size_t>(sent.plan.table)];
        ++counted.pushed;
        if (result.outcome == wire::verdict::merged) ++counted.merged;
        return true;
    }

    /// Settles one result. A result for an unknown entry, or one that names another row, changes nothing; returns false then.
    bool settle(const wire::operation_result& result) {
        outbox_entry entry;
        if (!store_.find_entry(result.seq, entry) || entry.state != entry_state::in_flight) return false;
        if (result.local != entry.id) return false;
        const bool has_content = load_content(store_, entry, content_);
        if (!answers(result, entry, has_content)) return false;
        const bool closes = entry.kind == operation_kind::close;
        switch (result.outcome) {
            case wire::verdict::applied:
            case wire::verdict::merged: accept(entry, result, has_content); break;
            case wire::verdict::gone: lose(entry, result); break;
            case wire::verdict::waits: wait(entry); break;
            case wire::verdict::rejected:
                if (closes && result.permanent) end_void(entry);
                else reject(entry, result);
                break;
            case wire::verdict::settled: forget(entry, result, has_content); break;
            case wire::verdict::closed:
                if (closes) end_void(entry);
                else send_anew(entry);
                break;
        }
        return true;
    }

    /// Spends an attempt: the entry is sent again later, or set aside when its attempts are spent.
    void postpone(outbox_entry& entry, error_code reason, const std::string& text) {
        ++entry.attempts;
        entry.reason = reason;
        entry.reason_text = text;
        if (entry.attempts >= bounds_.attempts_max && entry.kind != operation_kind::close) {
            entry.reason_text = std::string(name_of(reason)) + (text.empty() ? "" : ": " + text);
            set_aside(entry, error_code::attempts_spent);
            return;
        }
        entry.not_before_ms = now_ms_ + backoff_delay_ms(entry.attempts, bounds_, random_);
        store_.put_entry(entry);
        ++counts(entry).waiting;
    }

    /// Sets an entry aside; an edit that waits behind it is its repair and takes its content along.
    void set_aside(outbox_entry& entry, error_code reason) {
        if (entry.kind == operation_kind::remove) return undo_removal(entry, reason);
        // A server that does not know voids has not applied the operation either, as far as it says.
        if (entry.kind == operation_kind::close) return end_void(entry);
        const bool undecided = reason == error_code::attempts_spent;
        row_buffer row;
        std::vector<outbox_entry> chain = edits_from(store_, entry, row);
        if (!undecided && chain.size() == 1 && !entry.created.empty()) {
            // Perhaps the server only cannot take a value that was there before the last edit: once more without those.
            entry.created.clear();
            return send_anew(entry);
        }
        ++counts(entry).refused;
        if (chain.size() > 1) {
            if (load_content(store_, entry, content_)) hand_on(entry, content_, store_.schema()[entry.table], chain[1]);
            // What was refused for good never was on the server, so that nothing is an edit of it.
            if (!undecided) chain[1].created.clear();
            chain[1].behind = undecided ? entry.seq : 0;
            store_.put_entry(chain[1]);
        }
        if (undecided && chain.size() != 1) return close_sequence(store_, entry);
        if (chain.size() != 1) {
            // The row was removed here meanwhile, or the edit given up; there is nothing left to repair.
            if (chain.empty()) end_unmade(store_, entry);
            store_.erase_entry(entry.seq);
            return;
        }
        if (undecided) freeze(store_, entry);
        else entry.frozen.clear();
        entry.state = entry_state::quarantined;
        entry.reason = reason;
        store_.put_entry(entry);
    }

private:
    table_report& counts(const outbox_entry& entry) { return report_.tables[static_cast<std::size_t>(entry.table)]; }

    /// True if the result is about this very operation: a sequence alone is not enough if two stores share a device id.
    [[nodiscard]] bool answers(const wire::operation_result& result, const outbox_entry& entry, bool has_content) const {
        if (entry.kind == operation_kind::close) return result.digest == entry.digest;
        return (!has_content && entry.kind != operation_kind::remove) || result.digest == digest_of(operation_of(entry, content_), store_.schema()[entry.table]);
    }

    void wait(outbox_entry& entry) {
        removed_row record;
        // The row was removed here after it was sent, and the server has not taken it so far: it must not take it any more.
        if (find_removed_waiting(store_, entry, record)) return close_sequence(store_, entry);
        if (!needs_unsettled_row(entry)) postpone(entry, error_code::not_found, "the server does not know a row it points at");
    }

    /// The sequence was closed by somebody else before the operation came, so that the operation was not applied: nothing of it is lost.
    void send_anew(const outbox_entry& entry) {
        if (const sequence next = queue_again(store_, entry, content_); next != 0) effects_.patches.push_back(next);
    }

    /// True when the row points at one whose own create has no final verdict: waiting for that says nothing about this entry.
    bool needs_unsettled_row(const outbox_entry& entry) {
        const table_view& table = store_.schema()[entry.table];
        row_buffer target;
        for (std::size_t i = 0; i < content_.after.size(); ++i) {
            if (!has_column(entry.mask, i) || content_.after[i].kind() != cell_kind::local_key) continue;
            const local_id id = local_id::trusted(content_.after[i].view());
            if (id == entry.id || !store_.find_row(table.columns[i].target, id, target)) continue;
            for (const outbox_entry& other : entries_of_row(store_, table.columns[i].target, id, target.state.pending))
                if (other.kind == operation_kind::create) return true;
        }
        return false;
    }

    /// The operation was never applied and never will be: the edit behind it goes out whole.
    void end_void(const outbox_entry& entry) {
        row_buffer row;
        std::vector<outbox_entry> chain = edits_from(store_, entry, row);
        if (chain.size() > 1) {
            chain[1].behind = 0;
            store_.put_entry(chain[1]);
        }
        end_unmade(store_, entry);
        store_.erase_entry(entry.seq);
    }

    void accept(outbox_entry& entry, const wire::operation_result& result, bool has_content) {
        ++counts(entry).pushed;
        if (result.outcome == wire::verdict::merged) ++counts(entry).merged;
        if (entry.kind == operation_kind::remove) {
            end_removal(store_, entry);
            return;
        }
        const entry_content& content = content_;
        row_buffer row;
        const std::vector<outbox_entry> chain = edits_from(store_, entry, row);
        if (has_content && (result.overwritten | result.refused | result.kept) != 0) record_losses(entry, content, result, chain.empty() ? nullptr : &row);
        removed_row record;
        if (!chain.empty() && has_content) fold(entry, result, content, row, chain);
        else if (find_removed_waiting(store_, entry, record)) fold_into_removed(entry, result, content, record);
        // The edit was given up here, yet the server has it: its row will not come back by itself, since this device made it.
        else if (!(result.row && result.row->removed)) effects_.refetch = true;
        store_.erase_entry(entry.seq);
    }

    /// The removal behind the operation removes the life that the operation was given.
    void fold_into_removed(const outbox_entry& entry, const wire::operation_result& result, const entry_content& content, removed_row& record) {
        fold_removed(store_, entry, result, content, record);
        outbox_entry removal;
        if (!find_own_removal(store_, record, removal) || removal.incarnation == result.incarnation) return;
        removal.incarnation = result.incarnation;
        store_.put_entry(removal);
    }

    /// The keys that a create left null for a patch, seen at `row`, which has them. A key that the row has from the server was made null.
    [[nodiscard]] column_mask keys_for_patch(const outbox_entry& entry, const entry_content& content, const row_buffer& row) {
        if (!makes_row(entry)) return 0;
        column_mask hidden = hidden_keys(store_.schema()[entry.table], entry.table, content.after, row.cells());
        base_record base;
        if (hidden == 0 || !store_.find_base(entry.table, entry.id, base)) return hidden;
        return hidden & differing(read_image(base.image, content.after.size()), row.cells());
    }

    /// `row` is what is shown of the row, null if it was removed here.
    void record_losses(const outbox_entry& entry, const entry_content& content, const wire::operation_result& result, const row_buffer* row) {
        const column_mask overwritten = result.overwritten & entry.mask;
        const column_mask refused = result.refused & entry.mask;
        // A key that the create left null for a patch has lost nothing yet.
        const column_mask kept = result.kept & entry.mask & ~(row == nullptr ? column_mask{0} : keys_for_patch(entry, content, *row));
        const cells server_row = result.row && !result.row->removed ? result.row->cells : cells();
        if (kept != 0) {
            record_field_conflict(store_, conflict_kind::field_overwritten, entry.table, entry.id, kept, content.after, server_row, false,
                                  result.version);
            ++report_.conflicts;
        }
        if (overwritten != 0) {
            record_field_conflict(store_, conflict_kind::field_overwritten, entry.table, entry.id, overwritten, content.after, result.lost, true,
                                  result.version);
            ++report_.conflicts;
        }
        if (refused != 0) {
            record_field_conflict(store_, conflict_kind::edit_refused, entry.table, entry.id, refused, content.after, server_row, false, result.version);
            ++report_.conflicts;
        }
    }

    /// Folds an accepted create or update into the base of a visible row and shows what remains on top of it.
    void fold(const outbox_entry& entry, const wire::operation_result& result, const entry_content& content, const row_buffer& row,
              const std::vector<outbox_entry>& chain) {
        const table_view& table = store_.schema()[entry.table];
        base_record base;
        const bool has_base = store_.find_base(entry.table, entry.id, base);
        new_base after = base_after(store_, entry, result, content, has_base ? &base : nullptr);
        if (has_base && base.version >= after.version && base.version >= result.version) {
            std::string_view image = base.image;
            take_image(image, after.values);
            after.version = base.version;
        }
        std::vector<outbox_entry> rest(chain.begin() + 1, chain.end());
        std::vector<cell> former;
        if (has_base) former = read_image(base.image, table.columns.size());
        const edit_stack edits(table, entry.table, chain, row.cells(), former);
        std::vector<cell> shown = after.values;
        rebase(shown, table, edits.behind_first());
        const column_mask unsent = keys_for_patch(entry, content, row);
        row_state state = row.state;
        state.id = result.id.empty() ? state.id : result.id;
        state.incarnation = result.incarnation;
        if (differing(shown, row.cells()) != 0 && !keys_are_visible(store_, entry.table, shown)) {
            if (rest.empty() && (result.refused & table.keys) != 0 && keep_refused_keys(entry, result, after, row, state)) return;
            // The pull of this sync brings the row again, together with what it points at.
            shown.assign(row.cells().begin(), row.cells().end());
            after.version = has_base ? base.version : row_version();
        }
        if (entry.kind == operation_kind::close && !rest.empty()) narrow(rest, after.values, shown);
        for (outbox_entry& later : rest) {
            if (later.incarnation == result.incarnation) continue;
            later.incarnation = result.incarnation;
            if (later.state == entry_state::queued) store_.put_entry(later);
        }
        if (rest.empty() && unsent != 0) {
            outbox_entry patch;
            patch.table = entry.table;
            patch.id = entry.id;
            patch.kind = operation_kind::update;
            patch.mask = unsent;
            patch.incarnation = result.incarnation;
            patch.group = entry.group;
            state.pending = store_.append_entry(patch);
            effects_.patches.push_back(state.pending);
        } else if (rest.empty()) {
            state.pending = 0;
            state.version = after.version;
        } else if ((rest.back().mask | unsent) != rest.back().mask && rest.back().state == entry_state::queued) {
            rest.back().mask |= unsent;
            store_.put_entry(rest.back());
        }
        if (state.pending != 0) store_.put_base(entry.table, entry.id, {after.version, make_image(after.values, table.all_columns())});
        else if (has_base) store_.erase_base(entry.table, entry.id);
        if (differing(shown, row.cells()) == 0) {
            store_.put_state(entry.table, entry.id, state);
            return;
        }
        row_buffer copy;
        copy.assign(shown);
        store_.put_row(entry.table, entry.id, copy.cells(), state);
    }

    /// The server kept the row at something that was removed here, because it could not move it to where it was moved here. The move stays
    /// with the row, set aside, so that the removal waits until the application has repaired or given up the move.
    /// False, and nothing is done, if that row could not be shown either.
    [[nodiscard]] bool keep_refused_keys(const outbox_entry& entry, const wire::operation_result& result, const new_base& after, const row_buffer& row,
                           row_state state) {
        const table_view& table = store_.schema()[entry.table];
        outbox_entry move;
        move.table = entry.table;
        move.id = entry.id;
        move.kind = operation_kind::update;
        move.state = entry_state::quarantined;
        move.mask = result.refused & table.keys;
        move.incarnation = result.incarnation;
        move.group = entry.group;
        move.reason = error_code::reference_gone;
        move.reason_text = "what the row was made to point at is gone";
        std::vector<cell> shown = after.values;
        for (std::size_t i = 0; i < shown.size(); ++i)
            if (has_column(move.mask, i)) shown[i] = row[i];
        if (!keys_are_visible(store_, entry.table, shown)) return false;
        state.pending = store_.append_entry(move);
        store_.put_base(entry.table, entry.id, {after.version, make_image(after.values, table.all_columns())});
        row_buffer copy;
        copy.assign(shown);
        store_.put_row(entry.table, entry.id, copy.cells(), state);
        ++counts(entry).refused;
        return true;
    }

    /// The operation whose sequence was closed had been applied: the edit behind it carries what differs from it, and nothing twice.
    void narrow(std::vector<outbox_entry>& rest, cells base, cells shown) {
        outbox_entry& edit = rest.front();
        edit.kind = operation_kind::update;
        edit.created.clear();
        edit.mask &= differing(base, shown);
        if (edit.mask != 0) {
            store_.put_entry(edit);
            return;
        }
        store_.erase_entry(edit.seq);
        rest.clear();
    }

    /// The server no longer has the row, or what the row needs.
    void lose(outbox_entry& entry, const wire::operation_result& result) {
        if (entry.kind == operation_kind::remove) {
            ++counts(entry).pushed;
            end_removal(store_, entry);
            return;
        }
        row_buffer row;
        const std::vector<outbox_entry> chain = edits_from(store_, entry, row);
        ++counts(entry).refused;
        if (!chain.empty()) {
            if (abandon_edits(store_, entry.table, entry.id, row, result.version, std::string(name_of(result.problem.code)))) ++report_.conflicts;
            base_record base;
            row_state state = row.state;
            state.pending = 0;
            const bool server_had_it = store_.find_base(entry.table, entry.id, base);
            if (server_had_it && makes_row(entry)) {
                // The row that the server has is another device's of this name.
                store_.erase_entry(entry.seq);
                return show_namesake(entry, base, state);
            }
            if (server_had_it) state.version = base.version;
            store_.erase_base(entry.table, entry.id);
            store_.put_state(entry.table, entry.id, state);
            if (!server_had_it) {
                // What points at a row that never reached the server was made here too, and goes at once.
                departure_counts counts_gone(store_.schema());
                depart_with_referrers(store_, {entry.table, entry.id, {}, row_version().next(), entry.incarnation, true, {}}, counts_gone);
                report_.conflicts += counts_gone.conflicts;
                store_.erase_entry(entry.seq);
                return;
            }
            // The version of a later life is none of this one's removal: the pull must still bring that life.
            const row_version gone_at = result.incarnation > entry.incarnation ? row_version() : result.version;
            effects_.removals.push_back({entry.table, entry.id, result.id, std::max(gone_at, state.version.next()), entry.incarnation, true, {}});
        } else {
            end_unmade(store_, entry);
        }
        store_.erase_entry(entry.seq);
    }

    /// Shows the server's row in place of one that was made here under its name and cannot be.
    void show_namesake(const outbox_entry& entry, const base_record& base, row_state state) {
        std::vector<cell> values = read_image(base.image, store_.schema()[entry.table].columns.size());
        store_.erase_base(entry.table, entry.id);
        state.version = base.version;
        if (keys_are_visible(store_, entry.table, values)) return store_.put_row(entry.table, entry.id, values, state);
        store_.put_state(entry.table, entry.id, state);
        departure_counts gone(store_.schema());
        depart_with_referrers(store_, {entry.table, entry.id, {}, base.version.next(), state.incarnation, true, {}}, gone);
        report_.conflicts += gone.conflicts;
        effects_.refetch = true;
    }

    void reject(outbox_entry& entry, const wire::operation_result& result) {
        if (!result.permanent) {
            postpone(entry, result.problem.code, result.problem.message);
            return;
        }
        entry.reason_text = result.problem.message;
        set_aside(entry, result.problem.code);
    }

    /// The server keeps a row that was removed here: everything comes back, and the application is told why.
    void undo_removal(outbox_entry& entry, error_code reason) {
        ++counts(entry).refused;
        if (!restore_removed(store_, entry.seq)) effects_.refetch = true;
        conflict_record record;
        record.kind = conflict_kind::removal_refused;
        record.table = entry.table;
        record.id = entry.id;
        record.reason = std::string(name_of(reason)) + (entry.reason_text.empty() ? "" : ": " + entry.reason_text);
        store_.add_conflict(record);
        ++report_.conflicts;
        store_.erase_entry(entry.seq);
    }

    /// The outcome is known to the server only: the entry goes, and the server's rows are read again.
    void forget(const outbox_entry& entry, const wire::operation_result& result, bool has_content) {
        effects_.refetch = true;
        if (entry.kind == operation_kind::remove) {
            end_removal(store_, entry);
            return;
        }
        row_buffer row;
        if (store_.find_row(entry.table, entry.id, row) && row.state.pending == entry.seq) {
            row_state state = row.state;
            state.pending = 0;
            state.version = {};
            store_.erase_base(entry.table, entry.id);
            store_.put_state(entry.table, entry.id, state);
        } else if (has_content && !edits_from(store_, entry, row).empty()) {
            // The edits behind it stand on what it made, until the server's row comes.
            base_record base;
            const bool has_base = store_.find_base(entry.table, entry.id, base);
            const new_base after = base_after(store_, entry, result, content_, has_base ? &base : nullptr);
            store_.put_base(entry.table, entry.id, {after.version, make_image(after.values, store_.schema()[entry.table].all_columns())});
        } else {
            detach_from_removed(store_, entry);
        }
        store_.erase_entry(entry.seq);
    }

    S& store_;
    const limits& bounds_;
    std::int64_t now_ms_;
    random_source& random_;
    sync_report& report_;
    settle_effects& effects_;
    entry_content content_;  ///< of the entry being settled
    new_base merged_;
};

}  // namespace syncline
