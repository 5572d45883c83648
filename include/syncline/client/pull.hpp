/// Pages of the server become rows of the store; rows that point at what has not arrived are parked, unseen, until it has.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include <syncline/client/departures.hpp>
#include <syncline/client/report.hpp>
#include <syncline/client/settled_removal.hpp>

namespace syncline {

/// Applies the pages of one pull. Every call runs inside a write transaction of the caller, who commits it with the cursor.
/// Parked rows live in the store and survive a crash; this object only indexes them.
class page_applier {
public:
    explicit page_applier(store_port& store) : store_(store), departed_(store.schema()), removed_(departed_.removed) {}

    /// Reads the parked rows of an earlier pull.
    void open() {
        parked_.clear();
        parked_remotes_.clear();
        waiting_.clear();
        lacks_.clear();
        store_.scan_parked([&](const parked_row& row) { remember(row); });
    }

    /// Rows that the last page has removed here, by table, with those that finish() removed after it.
    [[nodiscard]] const std::vector<std::size_t>& removed() const noexcept { return removed_; }
    /// True when removals wait for rows of a later page, or for the end of the pull.
    [[nodiscard]] bool has_parked_rows() const noexcept { return !parked_.empty(); }
    [[nodiscard]] std::size_t parked_rows() const noexcept { return parked_.size(); }

    /// Applies one page; counts go into `report`.
    void apply(const wire::page& page, sync_report& report) {
        departed_ = departure_counts(store_.schema());
        removed_ = departed_.removed;
        known_.assign(static_cast<std::size_t>(store_.schema().size()), {});
        // A stranger's server may list them in any order.
        includes_ = page.includes;
        std::sort(includes_.above.begin(), includes_.above.end());
        any_removed_ = store_.count_removed() != 0;
        report_ = &report;
        for (const wire::server_row_view& row : page.rows)
            if (!row.removed) take(row);
        for (auto row = page.rows.rbegin(); row != page.rows.rend(); ++row)
            if (row->removed) take_removal(*row);
        release_blocked();
        count_departed();
    }

    /// Ends a pull that reached the server's newest version: removals that still wait are carried through.
    void finish(sync_report& report) {
        report_ = &report;
        for (const parked_row& row : take_undecided(store_)) park(row);
        any_removed_ = store_.count_removed() != 0;
        retry_parked();
        std::vector<parked_row> removals;
        for (const auto& [name, row] : parked_)
            if (row.removed) removals.push_back(row);
        const auto is_parked = [this](const row_name& name) {
            const auto found = parked_.find(name);
            return found != parked_.end() && !found->second.removed;
        };
        for (const parked_row& removal : removals) {
            depart_with_referrers(store_, removal, is_parked, departed_);
            forget({removal.table, removal.id});
        }
        count_departed();
    }

private:
    using parked_map = std::map<row_name, parked_row>;

    struct remote_name {
        int table = -1;
        server_id id;
        friend auto operator<=>(const remote_name&, const remote_name&) noexcept = default;
    };

    void count_departed() {
        for (std::size_t table = 0; table < removed_.size(); ++table) {
            removed_[table] += departed_.removed[table];
            report_->tables[table].pulled += departed_.removed[table];
        }
        report_->conflicts += departed_.conflicts;
        departed_ = departure_counts(store_.schema());
    }

    void remember(const parked_row& row) {
        parked_[{row.table, row.id}] = row;
        if (row.removed) return;
        parked_remotes_[{row.table, row.remote}] = row.id;
        for_each_key(row, [&](int target, const server_id& key) { waiting_[{target, key}].insert({row.table, row.id}); });
    }

    void park(const parked_row& row) {
        const auto former = parked_.find({row.table, row.id});
        if (former != parked_.end()) {
            if (former->second.version > row.version) return;
            unindex(former->second);
        }
        store_.put_parked(row);
        remember(row);
    }

    void unindex(const parked_row& row) {
        if (row.removed) return;
        parked_remotes_.erase({row.table, row.remote});
        lacks_.erase({row.table, row.id});
        for_each_key(row, [&](int target, const server_id& key) {
            const auto waiters = waiting_.find({target, key});
            if (waiters == waiting_.end()) return;
            waiters->second.erase({row.table, row.id});
            if (waiters->second.empty()) waiting_.erase(waiters);
        });
    }

    void forget(const row_name& name) {
        if (parked_.empty()) return;
        const auto found = parked_.find(name);
        if (found == parked_.end()) return;
        unindex(found->second);
        parked_.erase(found);
        store_.erase_parked(name.table, name.id);
    }

    template <class F>
    void for_each_key(const parked_row& row, F&& visit) {
        const table_view& table = store_.schema()[row.table];
        std::vector<cell> values = read_image(row.image, table.columns.size());
        for (std::size_t i = 0; i < values.size(); ++i)
            if (values[i].is_key()) visit(table.columns[i].target, server_id::trusted(values[i].view()));
    }

    /// Local id of the visible row with this server id, or an empty id; asks the store once a page for each key.
    local_id local_of(int table, std::string_view remote) {
        auto& cache = known_[static_cast<std::size_t>(table)];
        const auto [at, is_new] = cache.try_emplace(server_id::trusted(remote));
        if (is_new || at->second.empty()) at->second = store_.local_of(table, at->first);
        return at->second;
    }

    /// Replaces server ids by local ids in `values`; false when a target is not visible.
    bool localise(int table, std::span<cell> values, const local_id& self, const server_id& self_remote) {
        const table_view& description = store_.schema()[table];
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (values[i].kind() != cell_kind::server_key) continue;
            const int target = description.columns[i].target;
            if (target == table && values[i].view() == self_remote.view()) {
                values[i] = cell::local_key(locals_.keep(self.view()));
                continue;
            }
            const local_id local = local_of(target, values[i].view());
            if (local.empty()) return false;
            values[i] = cell::local_key(locals_.keep(local.view()));
        }
        return true;
    }

    void take(const wire::server_row_view& row) {
        locals_.clear();
        scratch_.assign(row.cells.begin(), row.cells.end());
        if (!parked_.empty()) {
            const auto former = parked_.find({row.table, row.local});
            if (former != parked_.end()) {
                if (former->second.version >= row.version) return;
                if (former->second.removed) forget({row.table, row.local});
            }
        }
        if (!localise(row.table, scratch_, row.local, row.id) || !show(row.table, row.local, row.id, row.version, row.incarnation)) {
            const column_mask all = store_.schema()[row.table].all_columns();
            park({row.table, row.local, row.id, row.version, row.incarnation, false, make_image(row.cells, all)});
            release_from({row.table, row.local});
            return;
        }
        forget({row.table, row.local});
        release_waiting({row.table, row.id});
    }

    /// Hands a localised row to the store; false when it cannot be shown yet.
    bool show(int table, const local_id& id, const server_id& remote, row_version version, incarnation_number incarnation) {
        const arrival result = arrive(store_, incoming_row{table, id, {remote, version, incarnation, scratch_}}, includes_, any_removed_,
                                      report_->conflicts);
        if (result == arrival::taken) {
            ++report_->tables[static_cast<std::size_t>(table)].pulled;
            // Only rows that something can point at are asked for again.
            if (!store_.schema()[table].referrers.empty()) known_[static_cast<std::size_t>(table)].insert_or_assign(remote, id);
        }
        return result != arrival::unshowable;
    }

    /// A row became visible: rows that waited for it may follow.
    void release_waiting(const remote_name& arrived) {
        if (waiting_.empty()) return;
        std::vector<remote_name> work{arrived};
        while (!work.empty()) {
            const auto found = waiting_.find(work.back());
            work.pop_back();
            if (found == waiting_.end()) continue;
            const std::vector<row_name> waiters(found->second.begin(), found->second.end());
            for (const row_name& name : waiters) release_set(name, work);
        }
    }

    /// True when the visible row is as new as the parked one: this device made it so itself, and was spared the echo.
    bool is_superseded(const row_name& name) {
        row_state state;
        return store_.find_state(name.table, name.id, state) && state.version >= parked_.at(name).version;
    }

    /// What was parked may have become complete without a page: a removal that was undone, or that left rows alone, brings rows back.
    void retry_parked() {
        std::vector<row_name> names;
        for (const auto& [name, row] : parked_)
            if (!row.removed) names.push_back(name);
        for (const row_name& name : names)
            if (is_superseded(name)) forget(name);
        for (const row_name& name : names) release_from(name);
    }

    /// A parked row arrived: with it, rows parked earlier may be complete.
    void release_from(const row_name& name) {
        std::vector<remote_name> work;
        if (!release_set(name, work)) return;
        while (!work.empty()) {
            const remote_name next = work.back();
            work.pop_back();
            release_waiting(next);
        }
    }

    [[nodiscard]] bool is_missing(const remote_name& target) {
        return !parked_remotes_.contains(target) && local_of(target.table, target.id.view()).empty();
    }
    /// Remembers what a parked row waits for, so that the rows behind it need not look for it again. Returns false.
    bool note_lacking(const row_name& row, const remote_name& missing) {
        lacks_.insert_or_assign(row, missing);
        return false;
    }

    /// Shows a parked row together with the parked rows it needs, if every key of them points at visible rows or at one another.
    bool release_set(const row_name& first, std::vector<remote_name>& released) {
        if (!parked_.contains(first)) return false;
        std::vector<row_name> members{first};
        std::set<row_name> inside{first};
        for (std::size_t at = 0; at < members.size(); ++at) {
            if (const auto lacking = lacks_.find(members[at]); lacking != lacks_.end()) {
                const remote_name missing = lacking->second;
                if (is_missing(missing)) return note_lacking(first, missing);
            }
            bool complete = !any_removed_ || !is_removed_here(members[at]);
            for_each_key(parked_.at(members[at]), [&](int target, const server_id& key) {
                if (!complete || !local_of(target, key.view()).empty()) return;
                const auto other = parked_remotes_.find({target, key});
                if (other == parked_remotes_.end()) complete = note_lacking(first, {target, key});
                else if (inside.insert({target, other->second}).second) members.push_back({target, other->second});
            });
            if (!complete) return false;
        }
        // The whole set goes in one nested transaction, because one of its rows may meet an edit that hides what it needs.
        auto part = store_.begin_write();
        for (const row_name& name : members) {
            const parked_row& row = parked_.at(name);
            known_[static_cast<std::size_t>(name.table)].insert_or_assign(row.remote, name.id);
        }
        const sync_report before = *report_;
        for (std::size_t i = members.size(); i-- > 0;) {
            const parked_row& row = parked_.at(members[i]);
            if (show_parked(row)) continue;
            *report_ = before;
            for (const row_name& name : members) known_[static_cast<std::size_t>(name.table)].erase(parked_.at(name).remote);
            return false;
        }
        part.commit();
        for (const row_name& name : members) {
            released.push_back({name.table, parked_.at(name).remote});
            forget(name);
        }
        return true;
    }

    /// True while a removal of the row waits for its verdict: until then nothing of it is shown.
    bool is_removed_here(const row_name& name) {
        row_state state;
        if (store_.find_state(name.table, name.id, state)) return false;
        bool removed = false;
        store_.scan_removed_of(name.table, name.id, [&](const removed_row& record) { removed = removed || !is_never_sent(record); });
        return removed;
    }

    bool show_parked(const parked_row& row) {
        locals_.clear();
        image_ = row.image;
        scratch_.assign(store_.schema()[row.table].columns.size(), cell());
        std::string_view image = image_;
        take_image(image, scratch_);
        return localise(row.table, scratch_, row.id, row.remote) && show(row.table, row.id, row.remote, row.version, row.incarnation);
    }

    void take_removal(const wire::server_row_view& row) {
        const parked_row removal{row.table, row.local, row.id, row.version, row.incarnation, true, {}};
        const auto former = parked_.find({row.table, row.local});
        if (former != parked_.end()) {
            if (former->second.version > row.version) return;
            forget({row.table, row.local});
        }
        try_removal(removal);
    }

    /// Removes the row, or parks the removal; what the row pointed at may go after it.
    void try_removal(const parked_row& removal) {
        loaded_row departed;
        const departure result = depart(store_, removal, includes_, departed, departed_);
        if (result == departure::blocked) {
            park(removal);
            return;
        }
        forget({removal.table, removal.id});
        if (result != departure::gone) return;
        const row_buffer& row = departed.row;
        known_[static_cast<std::size_t>(removal.table)].erase(row.state.id);
        const table_view& table = store_.schema()[removal.table];
        for (std::size_t i = 0; i < table.columns.size(); ++i)
            if (row[i].kind() == cell_kind::local_key) freed_.push_back({table.columns[i].target, local_id::trusted(row[i].view())});
    }

    /// Carries through removals whose last referrer has gone.
    void release_blocked() {
        while (!freed_.empty()) {
            const row_name name = freed_.back();
            freed_.pop_back();
            const auto found = parked_.find(name);
            if (found == parked_.end() || !found->second.removed) continue;
            const parked_row removal = found->second;
            try_removal(removal);
        }
    }

    store_port& store_;
    sync_report* report_ = nullptr;
    wire::included_operations includes_;  ///< of the page being applied, in order
    bool any_removed_ = false;
    departure_counts departed_;
    std::vector<std::size_t> removed_;
    std::vector<std::unordered_map<server_id, local_id>> known_;  ///< by table: visible rows seen in this page
    parked_map parked_;
    std::map<remote_name, local_id> parked_remotes_;
    std::map<remote_name, std::set<row_name>> waiting_;  ///< target that is not visible -> parked rows that point at it
    std::map<row_name, remote_name> lacks_;  ///< of parked rows: a target, perhaps of a row it needs, that had not arrived when last looked for
    std::vector<row_name> freed_;
    std::vector<cell> scratch_;
    arena locals_;
    std::string image_;
};

}  // namespace syncline
