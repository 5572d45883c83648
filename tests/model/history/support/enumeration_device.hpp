/// A device of one row: what a store keeps of it, and the library's transitions between loading and storing, without a store.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <model/history/support/enumeration_server.hpp>
#include <syncline/base/limits.hpp>
#include <syncline/model/history/discard.hpp>
#include <syncline/model/history/local_edit.hpp>
#include <syncline/model/history/page_removal.hpp>
#include <syncline/model/history/page_row.hpp>
#include <syncline/model/history/removal_verdict.hpp>
#include <syncline/model/history/verdict.hpp>

namespace syncline::tests::enumeration {

/// The table of the enumeration, its columns merged by `how`.
class table_of {
public:
    explicit table_of(const rules& how) {
        for (int c = 0; c < column_count; ++c) {
            const auto i = static_cast<std::size_t>(c);
            columns_[i].name = c == 0 ? "a" : "b";
            columns_[i].kind = column_kind::integer;
            columns_[i].policy = how.counts[i] ? merge_policy::counter : merge_policy::last_write;
            columns_[i].least = -1'000'000;
            columns_[i].greatest = 1'000'000;
        }
        table_.name = table_.entity = table_.route = "rows";
        table_.columns = columns_;
    }
    table_of(const table_of&) = delete;
    table_of& operator=(const table_of&) = delete;

    [[nodiscard]] const table_view& view() const noexcept { return table_; }

private:
    std::array<column_view, column_count> columns_{};
    table_view table_{};
};

[[nodiscard]] inline row_version version_at(int number) { return number == 0 ? row_version() : row_version(first_generation, number); }
[[nodiscard]] inline int number_of(row_version version) { return static_cast<int>(version.number()); }

/// A page: the row if it is news for the asker, and which of the asker's operations the server's rows contain.
struct page {
    std::optional<server_state> row;
    std::vector<int> includes;
    int cursor = 0;
};

/// What a transition told the application.
struct record {
    conflict_kind kind = conflict_kind::field_overwritten;
    columns of = 0;
    bool mine_won = false;
    values mine{};  ///< zero in other columns
    friend bool operator==(const record&, const record&) = default;
    friend auto operator<=>(const record&, const record&) = default;
};

/// Asks whether a page contains an operation of the device.
struct includes_sequence {
    const std::vector<int>& all;
    bool operator()(sequence seq) const { return std::find(all.begin(), all.end(), static_cast<int>(seq)) != all.end(); }
};

class device {
public:
    struct visible_row {
        values shown{};
        bool has_remote = false;
        int version = 0;
        int incarnation = 1;
        std::optional<values> base;
        int base_version = 0;
        std::vector<outbox_entry> edits;
    };
    struct removed_life {
        int root = 0;
        bool has_remote = false;
        int version = 0;
        int incarnation = 1;
        values image{};
        std::optional<values> base;
        std::optional<outbox_entry> pending;
        column_mask unsent = 0;
        bool unsent_create = false;
    };
    struct parked_removal {
        int version = 0;
        int incarnation = 1;
    };

    std::optional<visible_row> row;
    std::vector<removed_life> removed;
    std::vector<outbox_entry> removals;
    std::vector<outbox_entry> loose;  ///< of rows that went without them
    std::optional<parked_removal> parked;
    bool refetch = false;
    int cursor = 0;
    int next_seq = 1;
    std::vector<record> records;  ///< of the last event

    // Each event begins with begin_event().
    void begin_event(const table_view& of) {
        table_ = &of;
        records.clear();
    }

    void edit(const values& shown, columns changed) {
        row_history history = load();
        // What is shown next lives as long as the history, as the transition asks.
        const cells next = history.keep(cells_of(shown));
        edit_row(history, next, changed, 0);
        store(history);
    }

    void create(const values& made) {
        outbox_entry entry;
        entry.table = 0;
        entry.id = name();
        entry.kind = operation_kind::create;
        entry.mask = all_columns;
        visible_row fresh;
        fresh.shown = made;
        for (const removed_life& former : removed) {
            const incarnation_number next = former.incarnation + (is_never_sent(former) ? 0 : 1);
            if (next > entry.incarnation) entry.incarnation = next;
            if (is_open(former.root)) entry.behind = former.root;
            fresh.has_remote = former.has_remote;
        }
        fresh.incarnation = entry.incarnation;
        entry.seq = next_seq++;
        fresh.edits.push_back(entry);
        row = fresh;
    }

    void remove() {
        auto [next, facts] = remove_here(load());
        if (facts.known) {
            outbox_entry entry;
            entry.table = 0;
            entry.id = name();
            entry.kind = operation_kind::remove;
            entry.incarnation = next.incarnation;
            entry.base_version = next.version;
            entry.behind = facts.in_flight;
            entry.seq = next_seq++;
            next.removed_by = entry.seq;
            removals.push_back(entry);
        }
        row.reset();
        if (next.removed_by != 0) removed.push_back(record_of(next));
    }

    bool is_set_aside() const { return row && !row->edits.empty() && row->edits.back().state == entry_state::quarantined; }

    void retry() {
        row_history history = load();
        syncline::retry(history);
        store(history);
    }

    void discard() {
        row_history history = load();
        const bool restores = history.has_base();
        take_up(syncline::discard(std::move(history), restores, "given up"));
    }

    /// The operation that goes out next, marked as sent.
    [[nodiscard]] request send() {
        outbox_entry* const entry = const_cast<outbox_entry*>(next_to_send());
        row_history history;
        edit_content content;
        const operation op = content_of(*entry, history, content);
        request asked;
        asked.what = entry->kind == operation_kind::create   ? deed::create
                     : entry->kind == operation_kind::update ? deed::update
                     : entry->kind == operation_kind::remove ? deed::remove
                                                             : deed::close;
        asked.seq = static_cast<int>(entry->seq);
        asked.digest = entry->kind == operation_kind::close ? entry->digest : digest_of(op, *table_);
        asked.incarnation = entry->incarnation;
        asked.base_version = number_of(op.base_version);
        if (asked.what == deed::create || asked.what == deed::update) {
            asked.changed = static_cast<columns>(op.values.mask);
            asked.after = values_of(op.values.after);
            asked.before_known = static_cast<columns>(op.values.before_mask);
            if (!op.values.before.empty()) asked.before = values_of(op.values.before);
        }
        entry->state = entry_state::in_flight;
        return asked;
    }

    /// What goes out next; null if nothing can.
    [[nodiscard]] const outbox_entry* next_to_send() const {
        const outbox_entry* oldest = nullptr;
        each_entry([&](const outbox_entry& entry) {
            if (entry.state == entry_state::quarantined || (entry.behind != 0 && is_open(entry.behind))) return;
            if (oldest == nullptr || entry.seq < oldest->seq) oldest = &entry;
        });
        return oldest;
    }

    /// False if the answer is about nothing that is open here; then nothing has changed.
    bool settle(const answer& told, int attempts_max, bool waits_for_unsettled = false) {
        limits bounds;
        bounds.attempts_max = attempts_max;
        for (std::size_t i = 0; i < removals.size(); ++i)
            if (removals[i].seq == told.seq) return removals[i].state == entry_state::in_flight && settle_removal(i, told, bounds);
        std::vector<cell> row_told = cells_of(told.row.now), lost = cells_of(told.lost);
        const auto as_told = [&] {
            edit_verdict verdict_told;
            verdict_told.outcome = outcome_of(told.what);
            if (told.version != 0) verdict_told.remote = remote_name();
            verdict_told.version = version_at(told.version);
            verdict_told.incarnation = told.incarnation;
            verdict_told.permanent = told.permanent;
            verdict_told.code = error_code::rejected;
            verdict_told.tells_row = told.tells_row;
            if (told.tells_row && told.row.lives()) {
                verdict_told.row = remote_row{remote_name(), version_at(told.row.version), told.row.incarnation, row_told};
                verdict_told.row_as_told = row_told;
            }
            verdict_told.overwritten = told.overwritten;
            verdict_told.lost = lost;
            verdict_told.kept = told.kept;
            verdict_told.waits_for_unsettled = waits_for_unsettled;
            return verdict_told;
        };
        const auto showable = [](cells) { return true; };
        const auto answers = [&](const row_history& history, const outbox_entry& entry) {
            if (entry.state != entry_state::in_flight) return false;
            if (entry.kind == operation_kind::close) return told.digest == entry.digest;
            if (!has_content(history, entry)) return true;
            edit_content content;
            read_content(entry, *table_, history.shown, history.base, history.version, content);
            return told.digest == digest_of(operation_of(entry, content), *table_);
        };
        if (row && !row->edits.empty() && row->edits.front().seq == told.seq) {
            row_history history = load();
            if (!answers(history, history.edits.front())) return false;
            row_transition made = take_verdict(std::move(history), as_told(), bounds, showable);
            const row_effects wanted = made.effects;
            const incarnation_number of = row->edits.front().incarnation;
            const incarnation_number incarnation = made.next.incarnation;
            take_up(std::move(made));
            if (wanted.leaves) depart_at_last({number_of(wanted.leaves_at), incarnation});
            if (wanted.leaves_later) parked = {number_of(wanted.leaves_at), of};
            return true;
        }
        for (std::size_t i = 0; i < removed.size(); ++i) {
            if (!removed[i].pending || removed[i].pending->seq != told.seq) continue;
            row_history history = load(removed[i]);
            if (!answers(history, history.edits.front())) return false;
            const int root = removed[i].root;
            row_transition made = take_verdict(std::move(history), as_told(), bounds, showable);
            keep_records(made.effects);
            removed[i] = record_of(made.next);
            follow_life(root, made.next, made.effects.never_made);
            return true;
        }
        for (std::size_t i = 0; i < loose.size(); ++i) {
            if (loose[i].seq != told.seq) continue;
            row_history history;
            begin(history);
            history.visible = false;
            history.edits.assign(1, loose[i]);
            if (!answers(history, loose[i])) return false;
            loose.erase(loose.begin() + static_cast<std::ptrdiff_t>(i));
            if (told.what == outcome::applied || told.what == outcome::merged) {
                refetch = refetch || !(told.tells_row && told.row.removed);
                return true;
            }
            row_transition made = take_verdict(std::move(history), as_told(), bounds, showable);
            keep_records(made.effects);
            for (const outbox_entry& entry : made.next.edits)
                if (entry.seq != 0) loose.push_back(entry);
            return true;
        }
        return false;
    }

    void take(const page& arrived) {
        if (arrived.row && arrived.row->removed) take_removal(*arrived.row, arrived.includes);
        else if (arrived.row) take_row(*arrived.row, arrived.includes);
        finish_pull();
        cursor = arrived.cursor;
        refetch = false;
    }

    /// A row of an older version than what is known: what a page does in its middle.
    void take_row(const server_state& fresh, const std::vector<int>& includes) {
        if (parked && parked->version >= fresh.version) return;
        parked.reset();
        bool still_removed = false;
        for (removed_life& life : removed) {
            if (is_never_sent(life)) continue;
            row_history history = load(life);
            still_removed =
                still_removed || fresh.incarnation <= life.incarnation || is_same_life(history, fresh.incarnation, includes_sequence{includes});
            page_row_transition made = arrive(std::move(history), fresh, includes);
            if (made.result == arrival::taken) life = record_of(made.next);
        }
        if (still_removed && !row) return;
        if (!row || row->edits.empty()) {
            if (row && row->version >= fresh.version) return;
            visible_row clean;
            clean.shown = fresh.now;
            clean.has_remote = true;
            clean.version = fresh.version;
            clean.incarnation = fresh.incarnation;
            row = clean;
            return;
        }
        if (still_removed && makes_row(row->edits.front())) return;
        page_row_transition made = arrive(load(), fresh, includes);
        if (made.result == arrival::taken) take_up({std::move(made.next), std::move(made.effects)});
    }

    void take_removal(const server_state& fresh, const std::vector<int>& includes) {
        if (parked && parked->version > fresh.version) return;
        parked.reset();
        forget_removed_lives(fresh.incarnation);
        if (!row) return;
        row_history history = load();
        const bool marked = note_contained(history.edits, includes_sequence{includes});
        const server_removal told{version_at(fresh.version), fresh.incarnation};
        if (effect_of(told, history) == removal_effect::nothing) {
            if (marked) store(history);
            return;
        }
        take_up(page_removal(std::move(history), told, [](cells) { return true; }));
    }

    [[nodiscard]] int acknowledged() const {
        int oldest = next_seq;
        each_entry([&](const outbox_entry& entry) { oldest = std::min(oldest, static_cast<int>(entry.seq)); });
        return oldest - 1;
    }

    template <class Visit>
    void each_entry(Visit&& visit) const {
        if (row)
            for (const outbox_entry& entry : row->edits) visit(entry);
        for (const removed_life& life : removed)
            if (life.pending) visit(*life.pending);
        for (const outbox_entry& entry : removals) visit(entry);
        for (const outbox_entry& entry : loose) visit(entry);
    }

    [[nodiscard]] bool is_open(sequence seq) const {
        bool found = false;
        each_entry([&](const outbox_entry& entry) { found = found || entry.seq == seq; });
        return found;
    }

    /// What every stored state has to be like.
    void check_soundness() const {
        int in_flight = 0;
        each_entry([&](const outbox_entry& entry) {
            promise(entry.seq > 0 && entry.seq < next_seq, "an entry has a sequence of its own");
            promise(entry.kind != operation_kind::close || (entry.state == entry_state::in_flight && entry.digest != 0), "a void is sent, with a digest");
        });
        if (row) {
            for (std::size_t i = 0; i < row->edits.size(); ++i) {
                const outbox_entry& entry = row->edits[i];
                in_flight += entry.state == entry_state::in_flight ? 1 : 0;
                promise(i == 0 || entry.state != entry_state::in_flight, "only the oldest edit of a row is in flight");
                promise(i == 0 || entry.behind == row->edits[i - 1].seq, "an edit stands behind the one before it");
                promise(i + 1 == row->edits.size() || entry.state == entry_state::in_flight, "only what was sent has an edit behind it");
                promise(entry.mask != 0 || entry.kind == operation_kind::close, "an edit changes something");
                promise(i == 0 || entry.kind != operation_kind::create || row->edits[0].closes == operation_kind::create, "a row is made once");
            }
            promise(row->edits.size() <= 2, "edits behind a sent one coalesce");
            promise(!row->edits.empty() || !row->base, "a clean row is its own base");
            promise(row->edits.empty() || row->base || makes_row(row->edits.front()), "an edit of the server's row has a base");
        }
        promise(in_flight <= 1, "at most one edit of a row is in flight");
        for (const removed_life& life : removed) promise(life.root != 0, "a removed life is kept for its removal only");
    }

private:
    [[nodiscard]] static local_id name() { return local_id::trusted("r"); }
    [[nodiscard]] static server_id remote_name() { return server_id::trusted("s"); }
    [[nodiscard]] static std::vector<cell> cells_of(const values& from) { return {cell::integer(from[0]), cell::integer(from[1])}; }
    [[nodiscard]] static values values_of(cells from) {
        values out{};
        for (std::size_t i = 0; i < out.size() && i < from.size(); ++i) out[i] = static_cast<int>(from[i].as_integer());
        return out;
    }
    [[nodiscard]] static verdict outcome_of(outcome what) {
        constexpr verdict all[] = {verdict::applied,  verdict::merged,  verdict::gone,  verdict::waits,
                                   verdict::rejected, verdict::settled, verdict::closed};
        return all[static_cast<std::size_t>(what)];
    }
    [[nodiscard]] static bool is_never_sent(const removed_life& life) { return !life.pending && life.unsent_create; }

    void begin(row_history& history) const {
        history.table = table_;
        history.table_index = 0;
        history.id = name();
    }

    [[nodiscard]] row_history load() const {
        row_history history;
        begin(history);
        if (row->has_remote) history.remote = remote_name();
        history.incarnation = row->incarnation;
        history.version = version_at(row->version);
        history.shown = history.keep(cells_of(row->shown));
        history.edits = row->edits;
        if (row->base) {
            history.base = history.keep(cells_of(*row->base));
            history.version = version_at(row->base_version);
        }
        return history;
    }

    [[nodiscard]] row_history load(const removed_life& life) const {
        row_history history;
        begin(history);
        history.visible = false;
        history.removed_by = life.root;
        if (life.has_remote) history.remote = remote_name();
        history.incarnation = life.incarnation;
        history.version = version_at(life.version);
        history.shown = history.keep(cells_of(life.image));
        if (life.base) history.base = history.keep(cells_of(*life.base));
        if (life.pending) history.edits.push_back(*life.pending);
        if (!life.unsent_create && life.unsent == 0) return history;
        outbox_entry& replaced = history.edits.emplace_back();
        replaced.table = 0;
        replaced.id = name();
        replaced.kind = life.unsent_create ? operation_kind::create : operation_kind::update;
        replaced.mask = life.unsent_create ? table_->all_columns() : life.unsent;
        return history;
    }

    [[nodiscard]] static removed_life record_of(const row_history& history) {
        removed_life life;
        life.root = static_cast<int>(history.removed_by);
        life.has_remote = !history.remote.empty();
        life.version = number_of(history.version);
        life.incarnation = history.incarnation;
        life.image = values_of(history.shown);
        if (history.has_base()) life.base = values_of(history.base);
        for (const outbox_entry& entry : history.edits) {
            if (entry.seq != 0) {
                promise(!life.pending, "a removed life has one edit in flight");
                life.pending = entry;
            } else if (entry.kind == operation_kind::create) {
                life.unsent_create = true;
            } else {
                life.unsent |= entry.mask;
            }
        }
        return life;
    }

    /// Stores the visible row; edits that are new get their sequences.
    void store(row_history& history) {
        visible_row next;
        next.shown = values_of(history.shown);
        next.has_remote = !history.remote.empty();
        next.incarnation = history.incarnation;
        next.version = row && !history.is_clean() ? row->version : number_of(history.version);
        if (history.has_base()) {
            next.base = values_of(history.base);
            next.base_version = number_of(history.version);
        }
        for (outbox_entry& entry : history.edits)
            if (entry.seq == 0) entry.seq = next_seq++;
        next.edits = history.edits;
        row = next;
    }

    void keep_records(const row_effects& effects) {
        for (const conflict_record& lost : effects.conflicts) {
            record kept{lost.kind, static_cast<columns>(lost.mask), lost.mine_won, {}};
            const std::vector<cell> mine = read_image(lost.mine, column_count);
            for (int c = 0; c < column_count; ++c)
                if (has(kept.of, c)) kept.mine[static_cast<std::size_t>(c)] = static_cast<int>(mine[static_cast<std::size_t>(c)].as_integer());
            records.push_back(kept);
        }
        refetch = refetch || effects.fetch;
    }

    void take_up(row_transition made) {
        keep_records(made.effects);
        for (const outbox_entry& entry : made.effects.voids) loose.push_back(entry);
        if (made.next.exists) return store(made.next);
        row.reset();
    }

    /// The values of the operation live in `history` and `content`.
    [[nodiscard]] operation content_of(const outbox_entry& entry, row_history& history, edit_content& content) const {
        if (entry.kind != operation_kind::create && entry.kind != operation_kind::update) return operation_of(entry, {});
        const bool is_of_row = row && !row->edits.empty() && row->edits.front().seq == entry.seq;
        promise(is_of_row || !entry.frozen.empty(), "what was sent of a row that is not visible is kept");
        if (is_of_row) history = load();
        read_content(entry, *table_, history.shown, history.base, history.version, content);
        return operation_of(entry, content);
    }

    [[nodiscard]] page_row_transition arrive(row_history history, const server_state& fresh, const std::vector<int>& includes) const {
        const std::vector<cell> now = cells_of(fresh.now);
        const remote_row told{remote_name(), version_at(fresh.version), fresh.incarnation, now};
        page_row_transition made = page_row(std::move(history), told, includes_sequence{includes}, [](cells) { return true; });
        // The row's values may be the page's: they are kept longer than it.
        made.next.shown = made.next.keep_copy(made.next.shown);
        if (made.next.has_base()) made.next.base = made.next.keep_copy(made.next.base);
        return made;
    }

    void forget_removed_lives(int incarnation) {
        for (const removed_life& life : removed)
            if (life.incarnation <= incarnation && life.pending) loose.push_back(*life.pending);
        std::erase_if(removed, [&](const removed_life& life) { return life.incarnation <= incarnation; });
    }

    void depart_at_last(const parked_removal& removal) {
        forget_removed_lives(removal.incarnation);
        if (!row) return;
        take_up(page_removal(load(), {version_at(removal.version), removal.incarnation}, [](cells) { return true; }));
    }

    void finish_pull() {
        if (!parked) return;
        const parked_removal removal = *parked;
        parked.reset();
        depart_at_last(removal);
    }

    void follow_life(int root, const row_history& life, bool never_made) {
        for (std::size_t i = 0; i < removals.size(); ++i) {
            if (removals[i].seq != root || removals[i].state != entry_state::queued) continue;
            if (never_made) return end_removal(i);
            removals[i].incarnation = life.incarnation;
            return;
        }
    }

    void end_removal(std::size_t at) {
        const outbox_entry removal = removals[at];
        removals.erase(removals.begin() + static_cast<std::ptrdiff_t>(at));
        const auto ends = [&](const removed_life& life) {
            return life.root == removal.seq || life.incarnation < removal.incarnation || (life.incarnation == removal.incarnation && !is_open(life.root));
        };
        for (const removed_life& life : removed)
            if (ends(life) && life.pending) loose.push_back(*life.pending);
        std::erase_if(removed, ends);
        if (parked && parked->incarnation <= removal.incarnation) parked.reset();
        if (!row) return;
        for (outbox_entry& entry : row->edits)
            if (entry.behind == removal.seq) entry.behind = 0;
        refetch = refetch || row->incarnation <= removal.incarnation;
    }

    bool settle_removal(std::size_t at, const answer& told, const limits& bounds) {
        outbox_entry& entry = removals[at];
        const bool closes = entry.kind == operation_kind::close;
        if (told.digest != (closes ? entry.digest : digest_of(operation_of(entry, {}), *table_))) return false;
        switch (told.what) {
            case outcome::applied:
            case outcome::merged:
            case outcome::gone: end_removal(at); break;
            case outcome::settled:
                refetch = true;
                end_removal(at);
                break;
            case outcome::waits: put_off_removal(at, bounds); break;
            case outcome::rejected: told.permanent ? refuse_removal(at) : put_off_removal(at, bounds); break;
            case outcome::closed: closes ? refuse_removal(at) : queue_removal_again(at); break;
        }
        return true;
    }

    void put_off_removal(std::size_t at, const limits& bounds) {
        if (!detail::spend_attempt(removals[at], bounds, error_code::rejected, {})) return;
        row_history history;
        begin(history);
        close_sequence(history, removals[at]);
    }

    void refuse_removal(std::size_t at) {
        const sequence root = removals[at].seq;
        removals.erase(removals.begin() + static_cast<std::ptrdiff_t>(at));
        records.push_back({conflict_kind::removal_refused, 0, false, {}});
        std::vector<removed_life> taken;
        for (const removed_life& life : removed)
            if (life.root == root) taken.push_back(life);
        std::erase_if(removed, [&](const removed_life& life) { return life.root == root; });
        for (const removed_life& life : taken) {
            std::optional<row_history> anew;
            if (row) anew.emplace(load());
            if (anew && is_outlived(load(life), *anew)) continue;
            if (std::any_of(removed.begin(), removed.end(), [&](const removed_life& other) { return other.incarnation > life.incarnation && !is_never_sent(other); })) continue;
            row.reset();
            row_history back = restore(load(life), anew ? &*anew : nullptr);
            store(back);
        }
    }

    void queue_removal_again(std::size_t at) {
        const sequence former = removals[at].seq;
        removals[at].seq = next_seq++;
        removals[at].state = entry_state::queued;
        forget_refusals(removals[at]);
        for (removed_life& life : removed)
            if (life.root == former) life.root = static_cast<int>(removals[at].seq);
        if (!row) return;
        for (outbox_entry& entry : row->edits)
            if (entry.behind == former) entry.behind = removals[at].seq;
    }

    const table_view* table_ = nullptr;
};

}  // namespace syncline::tests::enumeration
