/// The sending half of a sync: batches from the plan, split where the server refuses one, until nothing more can go.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <syncline/client/plan.hpp>
#include <syncline/client/settle.hpp>
#include <syncline/client/translate.hpp>
#include <syncline/wire/push_writer.hpp>

namespace syncline {

/// Who speaks: travels with every request.
struct store_identity {
    std::string owner;
    std::string device;
};

template <store S>
class push_phase {
public:
    push_phase(S& store, const limits& bounds, const store_identity& speaker) : store_(store), bounds_(bounds), identity_(speaker), keys_(store) {}

    /// Fixes the horizon: entries written from now on wait for the next sync.
    void open() {
        horizon_ = 0;
        store_.scan_entries([&](const outbox_entry& entry) { horizon_ = std::max(horizon_, entry.seq); });
        progress_ = true;
    }

    /// Builds the body of the next push and makes its entries in flight, in the caller's write transaction.
    /// Nothing when everything that can go has gone.
    [[nodiscard]] std::optional<std::string> next_batch(std::int64_t now_ms) {
        for (;;) {
            if (groups_.empty() && !plan_round(now_ms)) return std::nullopt;
            std::vector<plan_item> group = std::move(groups_.back());
            groups_.pop_back();
            std::string body = encode(group);
            if (!batch_.empty()) return body;
        }
    }

    /// A push without operations: asks whether the server works at all.
    [[nodiscard]] std::string control_body() {
        std::string body;
        const wire::push_request header = make_header();
        wire::push_writer writer(body, store_.schema(), header);
        writer.finish();
        return body;
    }

    /// Settles the answer of the last batch, in the caller's write transaction.
    void settle(const wire::push_answer& answer, settler<S>& verdicts, settle_effects& effects) {
        std::unordered_set<sequence> asked;
        for (const plan_item& item : batch_) asked.insert(item.seq);
        const auto settle_those = [&](bool accepted) {
            for (const wire::operation_result& result : answer.results) {
                const bool is_accepted = result.outcome == wire::verdict::applied || result.outcome == wire::verdict::merged;
                if (is_accepted != accepted || asked.erase(result.seq) == 0 || !verdicts.settle(result)) continue;
                ++settled_;
                progress_ = true;
                tried_.insert(result.seq);
            }
        };
        // What was taken comes first, so that a row lost in the same answer takes along only what the server does not have.
        settle_those(true);
        settle_those(false);
        // What got no answer stays in flight for the next sync.
        for (const sequence seq : asked) tried_.insert(seq);
        for (const sequence seq : effects.patches) patches_.insert(seq);
        keys_.forget();
        batch_.clear();
    }

    /// The server refused the batch as a whole: its halves go one after the other. False when it was a single operation.
    [[nodiscard]] bool split() {
        if (batch_.size() < 2) return false;
        const auto middle = batch_.begin() + static_cast<std::ptrdiff_t>(batch_.size() / 2);
        groups_.emplace_back(middle, batch_.end());
        groups_.emplace_back(batch_.begin(), middle);
        batch_.clear();
        return true;
    }

    /// Sends the single operation of the last batch once more, because the request may have been damaged on its way; false the second time.
    [[nodiscard]] bool repeat_single() {
        if (batch_.size() != 1 || !repeated_.insert(batch_.front().seq).second) return false;
        batch_.front().state = entry_state::in_flight;
        groups_.push_back(std::move(batch_));
        batch_.clear();
        return true;
    }

    /// The single operation of the last batch, for a verdict that came as a status; nothing when it is gone.
    [[nodiscard]] std::optional<outbox_entry> take_single() {
        outbox_entry entry;
        const bool found = batch_.size() == 1 && store_.find_entry(batch_.front().seq, entry);
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
        store_.scan_entries([&](const outbox_entry& entry) {
            const bool moves = entry.kind == operation_kind::update && (entry.mask & owning_keys(store_.schema()[entry.table])) != 0;
            entries.push_back({entry.seq, entry.behind, entry.not_before_ms, entry.table, entry.kind, entry.state, moves});
        });
        std::vector<plan_item> plan = make_plan(entries, {horizon_, now_ms, &patches_, &tried_});
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
    std::string encode(const std::vector<plan_item>& group) {
        std::string body;
        const wire::push_request header = make_header();
        wire::push_writer writer(body, store_.schema(), header);
        keys_.begin_batch();
        batch_.clear();
        std::vector<sequence> newly_sent;
        std::size_t at = 0;
        for (; at < group.size(); ++at) {
            if (!batch_.empty() && writer.size() >= bounds_.batch_bytes) break;
            if (add(writer, group[at])) batch_.push_back(group[at]);
        }
        writer.finish();
        if (at < group.size()) groups_.emplace_back(group.begin() + static_cast<std::ptrdiff_t>(at), group.end());
        for (const plan_item& item : batch_)
            if (item.state == entry_state::queued) newly_sent.push_back(item.seq);
        if (!newly_sent.empty()) store_.mark_in_flight(newly_sent);
        return body;
    }

    /// Writes one operation; false when it must wait for another row.
    bool add(wire::push_writer& writer, const plan_item& item) {
        outbox_entry& entry = entry_;
        if (!store_.find_entry(item.seq, entry)) return false;
        const table_view& table = store_.schema()[entry.table];
        wire::sent_operation sent;
        if (entry.kind == operation_kind::remove || entry.kind == operation_kind::close) {
            sent.op = operation_of(entry, content_);
        } else {
            if (!load_content(store_, entry, content_)) return false;
            const bool sent_before = entry.state == entry_state::in_flight;
            const bool creates = entry.kind == operation_kind::create;
            ahead_.erase({entry.table, entry.id});
            const bool hides = creates && !sent_before && hide_keys_to_rows_ahead(entry, table);
            if (creates) keys_.add_created(entry.table, entry.id);
            sent.op = operation_of(entry, content_);
            sent.digest = digest_of(sent.op, table);
            if (!keys_.translate(table, content_.after, entry.mask & table.keys, sent_before)) {
                keys_.remove_created(entry.table, entry.id);
                if (creates) keys_.add_held(entry.table, entry.id);
                return false;
            }
            if (hides) store_.put_entry(entry);
            // A value before that the server cannot name is left out: it only tells conflicts apart.
            before_ = content_.before;
            column_mask known = sent.op.values.before_mask;
            for (std::size_t i = 0; i < before_.size(); ++i)
                if (has_column(known & table.keys, i) && !keys_.translate(table, before_, only_column(i), true)) known &= ~only_column(i);
            for (std::size_t i = 0; i < before_.size(); ++i)
                if (has_column(known, i) && before_[i].kind() == cell_kind::local_key) known &= ~only_column(i);
            sent.op.values.before_mask = known;
            sent.op.values.before = before_;
            sent.op.values.after = content_.after;
        }
        if (!sent.digest) sent.digest = digest_of(sent.op, table);
        writer.add(sent);
        return true;
    }

    /// New rows of one table may point at one another, so that no order serves: the key goes out in a patch then.
    /// Sets such keys to null and freezes the entry so; true when there was one.
    bool hide_keys_to_rows_ahead(outbox_entry& entry, const table_view& table) {
        bool hidden = false;
        for (std::size_t i = 0; i < content_.after.size(); ++i) {
            const cell& key = content_.after[i];
            if (key.is_null() || table.columns[i].target != entry.table || !table.columns[i].nullable) continue;
            if (!ahead_.contains({entry.table, local_id::trusted(key.view())})) continue;
            content_.after[i] = cell();
            hidden = true;
        }
        if (!hidden) return false;
        entry.frozen = make_image(content_.after, entry.mask);
        append_image(entry.frozen, content_.before, 0);
        return true;
    }

    S& store_;
    const limits& bounds_;
    const store_identity& identity_;
    key_translator<S> keys_;
    sequence horizon_ = 0;
    bool progress_ = true;
    std::size_t settled_ = 0;
    std::size_t planned_ = 0;
    std::vector<std::vector<plan_item>> groups_;  ///< the next one last
    std::vector<plan_item> batch_;                ///< what the last request carried
    std::unordered_set<sequence> tried_;
    std::unordered_set<sequence> patches_;
    std::unordered_set<sequence> repeated_;
    std::set<row_name> ahead_;  ///< creates of self-referencing tables that are planned and not written yet
    outbox_entry entry_;
    entry_content content_;
    std::vector<cell> before_;
};

}  // namespace syncline
