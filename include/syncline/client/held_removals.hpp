/// Removals that must not overtake an edit which moves a row out of what the server would take along.
#pragma once

#include <set>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <syncline/client/closure.hpp>
#include <syncline/client/settled_removal.hpp>

namespace syncline {

/// A removal and the row whose move it waits for.
struct held_removal {
    sequence removal = 0;
    row_name moved;
};

/// Finds, for each visible row that has an edit of who owns it, the removals by which the server would take it, because it does not
/// know of the move, or has not taken it.
class removal_holds {
public:
    explicit removal_holds(store_port& store) : store_(store) {
        std::vector<outbox_entry> moving;
        store_.scan_entries([&](const outbox_entry& entry) {
            const bool on_server = entry.kind != operation_kind::create || !is_unsent(entry);
            if (on_server && (entry.mask & owning_keys(store_.schema()[entry.table])) != 0) moving.push_back(entry);
        });
        std::set<row_name> seen;
        for (const outbox_entry& entry : moving)
            if (seen.insert({entry.table, entry.id}).second) look_at({entry.table, entry.id});
    }

    /// One for each removal and row, in the order of the moves.
    [[nodiscard]] const std::vector<held_removal>& all() const noexcept { return held_; }

private:
    void look_at(const row_name& moved) {
        if (!store_.find_row(moved.table, moved.id, row_)) return;
        std::vector<row_name> work;
        add_known_owners(moved, row_.state.pending, work);
        std::set<sequence> taking;
        std::set<row_name> seen;
        while (!work.empty()) {
            const row_name owner = work.back();
            work.pop_back();
            if (!seen.insert(owner).second) continue;
            std::vector<removed_row> lives;
            store_.scan_removed_of(owner.table, owner.id, [&](const removed_row& record) { lives.push_back(record); });
            for (const removed_row& record : lives) {
                if (may_take(record.root)) taking.insert(record.root);
                add_owners(owner.table, record.base.empty() ? record.image : record.base, work);
            }
        }
        if (taking.empty()) return;
        const std::set<sequence> needed = removals_before(moved);
        for (const sequence removal : taking)
            if (!needed.contains(removal)) held_.push_back({removal, moved});
    }

    /// A removal whose sequence is being closed is asked back as soon as possible.
    [[nodiscard]] bool may_take(sequence removal) {
        outbox_entry entry;
        return store_.find_entry(removal, entry) && entry.kind == operation_kind::remove;
    }

    /// The rows that own this one as far as the server knows, or will know when what was sent arrives.
    void add_known_owners(const row_name& name, sequence newest, std::vector<row_name>& out) {
        for (const outbox_entry& entry : entries_of_row(store_, name.table, name.id, newest)) {
            if (!entry.base.empty()) add_owners(name.table, read_image_over(entry.base, row_.cells()), out);
            if (!entry.frozen.empty()) add_owners(name.table, entry.frozen, out);
        }
    }

    void add_owners(int index, std::string_view image, std::vector<row_name>& out) {
        add_owners(index, read_image(image, store_.schema()[index].columns.size()), out);
    }
    void add_owners(int index, const std::vector<cell>& values, std::vector<row_name>& out) {
        const table_view& table = store_.schema()[index];
        for (std::size_t i = 0; i < values.size(); ++i)
            if (table.columns[i].owning && values[i].kind() == cell_kind::local_key)
                out.push_back({table.columns[i].target, local_id::trusted(values[i].view())});
    }

    /// Removals that must be settled before the move can be sent, because it needs a later life of what they remove: no order serves both,
    /// so that the removal goes first and the row goes with it, into a conflict record.
    [[nodiscard]] std::set<sequence> removals_before(const row_name& moved) {
        std::set<sequence> before;
        std::vector<row_name> work{moved};
        std::set<row_name> seen;
        row_buffer row;
        while (!work.empty()) {
            const row_name current = work.back();
            work.pop_back();
            if (!seen.insert(current).second || !store_.find_row(current.table, current.id, row)) continue;
            const std::vector<outbox_entry> chain = entries_of_row(store_, current.table, current.id, row.state.pending);
            const bool is_new = !chain.empty() && makes_row(chain.front());
            if (is_new && chain.front().behind != 0) before.insert(chain.front().behind);
            if (!is_new && current != moved) continue;
            const table_view& table = store_.schema()[current.table];
            for (std::size_t i = 0; i < table.columns.size(); ++i)
                if (row[i].kind() == cell_kind::local_key) work.push_back({table.columns[i].target, local_id::trusted(row[i].view())});
        }
        return before;
    }

    store_port& store_;
    row_buffer row_;
    std::vector<held_removal> held_;
};

/// The sequences of the removals that wait.
[[nodiscard]] inline std::unordered_set<sequence> held_removals(store_port& store) {
    std::unordered_set<sequence> held;
    const removal_holds holds(store);
    for (const held_removal& one : holds.all()) held.insert(one.removal);
    return held;
}

}  // namespace syncline
