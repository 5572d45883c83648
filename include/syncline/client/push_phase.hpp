/// The sending half of a sync: batches from the plan, split where the server refuses one, until nothing more can go.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <syncline/client/held_removals.hpp>
#include <syncline/client/plan.hpp>
#include <syncline/client/settle.hpp>
#include <syncline/client/store_identity.hpp>
#include <syncline/client/translate.hpp>
#include <syncline/wire/push_writer.hpp>

namespace syncline {

/// Builds pushes and settles their answers, one batch at a time.
class push_phase {
public:
    push_phase(store_port& store, const limits& bounds, const store_identity& speaker) : store_(store), bounds_(bounds), identity_(speaker), keys_(store) {}

    /// Fixes the horizon: entries written from now on wait for the next sync.
    void open() {
        horizon_ = store_.newest_sequence();
        progress_ = true;
    }

    /// Builds the body of the next push and makes its entries in flight, in the caller's write transaction.
    /// Nothing when everything that can go has gone.
    [[nodiscard]] std::optional<std::string> next_batch(std::int64_t now_ms, wire::encoding form) {
        for (;;) {
            if (groups_.empty() && !plan_round(now_ms)) return std::nullopt;
            std::vector<plan_item> group = std::move(groups_.back());
            groups_.pop_back();
            std::string body = encode(group, form);
            if (!batch_.empty()) return body;
        }
    }

    /// A push without operations: asks whether the server works at all.
    [[nodiscard]] std::string control_body(wire::encoding form) {
        std::string body;
        const wire::push_request header = make_header();
        wire::push_writer writer(body, store_.schema(), header, form);
        writer.finish();
        return body;
    }

    /// Settles the answer of the last batch, in the caller's write transaction.
    void settle(const wire::push_answer& answer, settler& verdicts, settle_effects& effects) {
        answered_.assign(batch_.size(), false);
        const auto settle_those = [&](bool accepted) {
            std::size_t expected = 0;
            for (const wire::operation_result& result : answer.results) {
                const bool is_accepted = result.outcome == wire::verdict::applied || result.outcome == wire::verdict::merged;
                if (is_accepted != accepted) continue;
                const std::size_t at = find_sent(result.seq, expected);
                if (at == batch_.size() || answered_[at]) continue;
                answered_[at] = true;
                expected = at + 1;
                if (!verdicts.settle_plain(batch_[at], result)) {
                    if (!verdicts.settle(result)) continue;
                    tried_.insert(result.seq);
                }
                ++settled_;
                progress_ = true;
            }
        };
        // What was taken comes first, so that a row lost in the same answer takes along only what the server does not have.
        settle_those(true);
        store_.erase_entries(verdicts.ended());
        settle_those(false);
        // What got no answer stays in flight for the next sync.
        for (std::size_t i = 0; i < batch_.size(); ++i)
            if (!answered_[i]) tried_.insert(batch_[i].plan.seq);
        include(effects);
        keys_.forget();
        batch_.clear();
    }

    /// Entries that verdicts of this sync made belong to it, although they are newer than its horizon, or were sent as something else before.
    void include(const settle_effects& effects) {
        for (const sequence seq : effects.patches) {
            patches_.insert(seq);
            tried_.erase(seq);
        }
    }

    /// The server refused the batch as a whole: its halves go one after the other. False when it was a single operation.
    [[nodiscard]] bool split() {
        if (batch_.size() < 2) return false;
        const std::size_t middle = batch_.size() / 2;
        groups_.push_back(plan_of(middle, batch_.size()));
        groups_.push_back(plan_of(0, middle));
        batch_.clear();
        return true;
    }

    /// Sends the last batch once more, in another form.
    void repeat() {
        groups_.push_back(plan_of(0, batch_.size()));
        for (plan_item& item : groups_.back()) item.state = entry_state::in_flight;
        batch_.clear();
    }

    /// Sends the single operation of the last batch once more, because the request may have been damaged on its way; false the second time.
    [[nodiscard]] bool repeat_single() {
        if (batch_.size() != 1 || !repeated_.insert(batch_.front().plan.seq).second) return false;
        repeat();
        return true;
    }

    /// The single operation of the last batch, for a verdict that came as a status; nothing when it is gone.
    [[nodiscard]] std::optional<outbox_entry> take_single() {
        outbox_entry entry;
        const bool found = batch_.size() == 1 && store_.find_entry(batch_.front().plan.seq, entry);
        if (found) tried_.insert(entry.seq);
        batch_.clear();
        progress_ = true;
        if (!found) return std::nullopt;
        return entry;
    }

    [[nodiscard]] std::size_t settled() const noexcept { return settled_; }
    [[nodiscard]] std::size_t planned() const noexcept { return planned_; }
    [[nodiscard]] sequence horizon() const noexcept { return horizon_; }

private:
    /// The place in the last batch of the operation with this sequence, or the batch's size; tries `expected` first.
    [[nodiscard]] std::size_t find_sent(sequence seq, std::size_t expected) {
        if (expected < batch_.size() && batch_[expected].plan.seq == seq) return expected;
        if (by_sequence_.empty()) {
            for (std::size_t i = 0; i < batch_.size(); ++i) by_sequence_.emplace_back(batch_[i].plan.seq, i);
            std::sort(by_sequence_.begin(), by_sequence_.end());
        }
        const auto found = std::lower_bound(by_sequence_.begin(), by_sequence_.end(), std::pair<sequence, std::size_t>(seq, 0));
        return found != by_sequence_.end() && found->first == seq ? found->second : batch_.size();
    }

    [[nodiscard]] std::vector<plan_item> plan_of(std::size_t begin, std::size_t end) const {
        std::vector<plan_item> plan;
        for (std::size_t i = begin; i < end; ++i) plan.push_back(batch_[i].plan);
        return plan;
    }

    wire::push_request make_header() {
        wire::push_request header;
        header.schema = store_.schema().fingerprint;
        header.owner = identity_.owner;
        header.device = identity_.device;
        header.acknowledged = store_.first_open_sequence() - 1;
        if (auto cursor = store_.find_meta("cursor")) header.cursor = std::move(*cursor);
        return header;
    }

    /// Plans everything that can go now. False when a round brought nothing new.
    bool plan_round(std::int64_t now_ms) {
        if (!progress_) return false;
        progress_ = false;
        std::vector<plan_item> entries;
        bool removes = false;
        store_.scan_entries([&](const outbox_entry& entry) {
            removes = removes || entry.kind == operation_kind::remove;
            entries.push_back({entry.seq, entry.behind, entry.not_before_ms, entry.table, entry.kind, entry.state});
        });
        const std::unordered_set<sequence> held = removes ? held_removals(store_) : std::unordered_set<sequence>();
        std::vector<plan_item> plan = make_plan(entries, {horizon_, now_ms, &patches_, &tried_, &held});
        if (plan.empty()) return false;
        order_trees(plan);
        planned_ = std::max(planned_, settled_ + plan.size());
        for (std::size_t end = plan.size(); end > 0;) {
            const std::size_t begin = (end - 1) / bounds_.batch_operations * bounds_.batch_operations;
            groups_.emplace_back(plan.begin() + static_cast<std::ptrdiff_t>(begin), plan.begin() + static_cast<std::ptrdiff_t>(end));
            end = begin;
        }
        return true;
    }

    /// Puts the creates of self-referencing tables in an order in which each row follows the row it points at.
    void order_trees(std::vector<plan_item>& plan) {
        const auto same_run = [](const plan_item& a, const plan_item& b) { return a.table == b.table && a.kind == b.kind; };
        for (auto begin = plan.begin(); begin != plan.end();) {
            const auto end = std::find_if(begin, plan.end(), [&](const plan_item& item) { return !same_run(*begin, item); });
            if (store_.schema()[begin->table].self_referencing && begin->kind != operation_kind::remove) order_run(begin, end);
            begin = end;
        }
    }

    void order_run(std::vector<plan_item>::iterator begin, std::vector<plan_item>::iterator end) {
        const table_view& table = store_.schema()[begin->table];
        std::vector<tree_item> rows;
        outbox_entry entry;
        row_buffer row;
        for (auto item = begin; item != end; ++item) {
            tree_item one;
            if (store_.find_entry(item->seq, entry)) one.id = entry.id;
            if (item->kind == operation_kind::create) ahead_.insert({item->table, one.id});
            if (store_.find_row(item->table, one.id, row))
                for (std::size_t i = 0; i < table.columns.size() && one.parent.empty(); ++i)
                    if (table.columns[i].target == item->table && !row[i].is_null()) one.parent = local_id::trusted(row[i].view());
            rows.push_back(one);
        }
        const std::vector<plan_item> run(begin, end);
        for (const std::size_t at : order_tree(rows)) *begin++ = run[at];
    }

    /// Writes as much of the group as the bounds allow; the rest becomes a group of its own. Fills batch_ with what was written.
    std::string encode(const std::vector<plan_item>& group, wire::encoding form) {
        std::string body;
        const wire::push_request header = make_header();
        wire::push_writer writer(body, store_.schema(), header, form);
        keys_.begin_batch();
        batch_.clear();
        by_sequence_.clear();
        batch_.reserve(group.size());
        std::vector<sequence> newly_sent;
        std::size_t at = 0;
        for (; at < group.size(); ++at) {
            if (!batch_.empty() && writer.size() >= bounds_.batch_bytes) break;
            batch_.push_back({group[at], {}, {}, 0, {}, false});
            if (!add(writer, batch_.back())) batch_.pop_back();
        }
        writer.finish();
        if (at < group.size()) groups_.emplace_back(group.begin() + static_cast<std::ptrdiff_t>(at), group.end());
        for (const sent_entry& sent : batch_)
            if (sent.plan.state == entry_state::queued) newly_sent.push_back(sent.plan.seq);
        if (!newly_sent.empty()) store_.mark_in_flight(newly_sent);
        return body;
    }

    /// Writes one operation and notes what went out; false when it must wait for another row.
    bool add(wire::push_writer& writer, sent_entry& record) {
        outbox_entry& entry = entry_;
        if (!store_.find_entry(record.plan.seq, entry)) return false;
        const table_view& table = store_.schema()[entry.table];
        const bool is_edit = entry.kind == operation_kind::create || entry.kind == operation_kind::update;
        wire::sent_operation sent;
        if (is_edit && !fill(entry, table, sent, record)) {
            if (!close_if_removed(entry)) return false;
            sent = {};
        }
        if (entry.kind == operation_kind::remove || entry.kind == operation_kind::close) {
            sent.op = operation_of(entry, content_);
            sent.digest = entry.kind == operation_kind::close ? entry.digest : digest_of(sent.op, table);
        }
        record.id = entry.id;
        record.remote = content_.state.id;
        record.digest = *sent.digest;
        record.base_version = sent.op.base_version;
        writer.add(sent);
        return true;
    }

    /// Fills in a create or update; false when it must wait for another row.
    bool fill(outbox_entry& entry, const table_view& table, wire::sent_operation& sent, sent_entry& record) {
        if (!load_content(store_, entry, content_)) return false;
        const bool sent_before = entry.state == entry_state::in_flight;
        const bool creates = entry.kind == operation_kind::create;
        // Only rows that something can point at need to be remembered.
        const bool is_target = creates && !table.referrers.empty();
        if (!ahead_.empty()) ahead_.erase({entry.table, entry.id});
        const bool hides = creates && !sent_before && hide_keys_to_rows_ahead(entry, table);
        if (is_target) keys_.add_created(entry.table, entry.id);
        sent.op = operation_of(entry, content_);
        sent.digest = digest_of(sent.op, table);
        if (!keys_.translate(table, content_.after, entry.mask & table.keys, sent_before)) {
            if (is_target) {
                keys_.remove_created(entry.table, entry.id);
                keys_.add_held(entry.table, entry.id);
            }
            return false;
        }
        if (hides) store_.put_entry(entry);
        sent.op.values.after = content_.after;
        if (sent.op.values.before_mask != 0) translate_before(sent.op, table);
        record.as_sent = entry.frozen.empty() && (!creates || hideable_keys(table, entry.table) == 0);
        return true;
    }

    /// What was sent of a row that was removed here need not wait for the row that it needs, which may never come: a void closes it, and the
    /// removal follows. Makes a void of such an entry; false for any other.
    bool close_if_removed(outbox_entry& entry) {
        if (entry.state != entry_state::in_flight) return false;
        loaded_row row;
        load_life_of(store_, entry, row);
        if (row.stored != loaded_row::place::removed) return false;
        close_sequence(row.history, entry);
        store_.put_entry(entry);
        return true;
    }

    /// A value before that the server cannot name is left out: it only tells conflicts apart.
    void translate_before(operation& op, const table_view& table) {
        before_ = content_.before;
        column_mask known = op.values.before_mask;
        for (std::size_t i = 0; i < before_.size(); ++i)
            if (has_column(known & table.keys, i) && !keys_.translate(table, before_, only_column(i), true)) known &= ~only_column(i);
        for (std::size_t i = 0; i < before_.size(); ++i)
            if (has_column(known, i) && before_[i].kind() == cell_kind::local_key) known &= ~only_column(i);
        op.values.before_mask = known;
        op.values.before = before_;
    }

    /// New rows of one table may point at one another, so that no order serves: the key goes out in a patch then.
    /// Sets such keys to null and freezes the entry so; true when there was one.
    bool hide_keys_to_rows_ahead(outbox_entry& entry, const table_view& table) {
        column_mask hidden = 0;
        for (std::size_t i = 0; i < content_.after.size(); ++i) {
            const cell& key = content_.after[i];
            if (key.is_null() || table.columns[i].target != entry.table || !table.columns[i].nullable) continue;
            if (!ahead_.contains({entry.table, local_id::trusted(key.view())})) continue;
            content_.after[i] = cell();
            hidden |= only_column(i);
        }
        if (hidden == 0) return false;
        content_.before_mask &= ~hidden;
        entry.frozen = make_image(content_.after, entry.mask);
        append_image(entry.frozen, content_.before, content_.before_mask);
        return true;
    }

    store_port& store_;
    const limits& bounds_;
    const store_identity& identity_;
    key_translator keys_;
    sequence horizon_ = 0;
    bool progress_ = true;
    std::size_t settled_ = 0;
    std::size_t planned_ = 0;
    std::vector<std::vector<plan_item>> groups_;  ///< the next one last
    std::vector<sent_entry> batch_;               ///< what the last request carried
    std::vector<std::pair<sequence, std::size_t>> by_sequence_;  ///< places in the batch, made when an answer comes in another order
    std::vector<bool> answered_;                  ///< of the batch
    std::unordered_set<sequence> tried_;
    std::unordered_set<sequence> patches_;
    std::unordered_set<sequence> repeated_;
    std::set<row_name> ahead_;  ///< creates of self-referencing tables that are planned and not written yet
    outbox_entry entry_;
    entry_content content_;
    std::vector<cell> before_;
};

}  // namespace syncline
