/// The application of a simulated device: edits any schema at random, through the same functions as the typed repository.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <syncline/client/quarantine.hpp>
#include <syncline/testing/generators.hpp>
#include <syncline/testing/world_swarm.hpp>

namespace syncline::testing {

/// What the applications of one owner did that others of them may meddle with.
struct owner_past {
    std::vector<row_name> removed;   ///< names that may be used again
    std::vector<row_name> left;      ///< rows that another row was moved away from, or to: removals of them are of interest
};

/// One transaction of an application.
template <store S>
class application_act {
public:
    application_act(S& store, const swarm& world, random_source& random, std::uint64_t first_number, const std::string& tag, const owner_past& past)
        : store_(store), world_(world), random_(random), values_(random, bytes_, first_number, tag), past_(past), first_number_(first_number) {}

    /// Rows made by this act, in the order of their creation.
    [[nodiscard]] const std::vector<row_name>& made() const noexcept { return made_; }
    /// Rows removed by this act by their name, without those that went along.
    [[nodiscard]] const std::vector<row_name>& removed() const noexcept { return removed_; }

    /// Rows whose edits were given up.
    [[nodiscard]] const std::vector<row_name>& discarded() const noexcept { return discarded_; }

    /// The former and the new owners of rows that were moved.
    [[nodiscard]] const std::vector<row_name>& left() const noexcept { return left_; }

    /// Edits one to four times in one transaction.
    void run() {
        auto writing = store_.begin_write();
        const std::uint64_t acts = random_.chance(3, 4) ? 1 : 1 + random_.below(4);
        group_ = acts == 1 ? 0 : static_cast<std::int64_t>(1 + (random_.next() >> 2));
        for (std::uint64_t i = 0; i < acts; ++i) act();
        writing.commit();
    }

    /// Makes one row, with the rows it needs, in a transaction of its own.
    void run_create(int table) {
        auto writing = store_.begin_write();
        create(table, new_name(table), 0);
        writing.commit();
    }

private:
    void act() {
        if (world_.repairs != 0 && random_.chance(world_.repairs, 100)) return repair();
        if (world_.moves != 0 && random_.chance(world_.moves, 100)) return move();
        const int table = static_cast<int>(random_.below(static_cast<std::uint64_t>(store_.schema().size())));
        const std::uint64_t what = random_.below(100);
        if (what < world_.removals) return remove(table);
        if (what < world_.removals + (100 - world_.removals) / 2) return create(table, new_name(table), 0);
        update(table);
    }

    /// Some visible row; an empty id where there is none.
    [[nodiscard]] local_id some_row(int table) {
        std::vector<local_id> ids;
        store_.scan_rows(table, [&](const local_id& id, const row_buffer&) { ids.push_back(id); });
        return ids.empty() ? local_id() : ids[random_.below(ids.size())];
    }

    /// Some visible row to edit or remove, often one whose name other devices use as well: what happens to such a row meets most.
    [[nodiscard]] local_id some_row_to_change(int table) {
        if (world_.shared_rows != 0 && random_.chance(world_.shared_rows, 100)) {
            const local_id id = shared_name();
            row_state state;
            if (store_.find_state(table, id, state)) return id;
        }
        return some_row(table);
    }

    [[nodiscard]] local_id shared_name() { return local_id::trusted("shared" + std::to_string(random_.below(3))); }

    [[nodiscard]] local_id new_name(int table) {
        const std::uint64_t how = random_.below(100);
        if (how < world_.shared_ids) return shared_name();
        if (how < world_.shared_ids + world_.revivals) {
            std::vector<local_id> ids;
            for (const row_name& name : past_.removed)
                if (name.table == table) ids.push_back(name.id);
            if (!ids.empty()) return ids[random_.below(ids.size())];
        }
        const std::string number = std::to_string(first_number_ + next_name_++);
        if (random_.chance(1, 20)) return local_id::trusted("Az09._~-" + std::string(32 - number.size(), '-') + number);
        return local_id::trusted("r" + number);
    }

    /// Makes a row, and first or afterwards the rows it cannot be without.
    void create(int table, const local_id& id, int depth) {
        row_buffer existing;
        if (store_.find_row(table, id, existing)) return;
        const table_view& view = store_.schema()[table];
        std::vector<cell> values(view.columns.size());
        std::vector<std::pair<int, local_id>> afterwards;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const column_view& column = view.columns[i];
            if (column.kind != column_kind::key) {
                values[i] = values_.value(column);
                continue;
            }
            if (column.nullable && random_.chance(1, 3)) continue;
            local_id target = some_row(column.target);
            const bool fresh = (target.empty() || random_.chance(1, 4)) && depth < 7;
            if (target.empty() && (!fresh || (column.nullable && random_.chance(1, 2)))) {
                if (column.nullable) continue;
                return;
            }
            if (fresh) {
                target = local_id::trusted("r" + std::to_string(first_number_ + next_name_++));
                if (random_.chance(1, 2)) create(column.target, target, depth + 1);
                else afterwards.emplace_back(column.target, target);
            }
            if (column.target == table && leads_to({table, target}, id)) continue;
            values[i] = cell::local_key(bytes_.keep(target.view()));
        }
        // A row made meanwhile may have taken the name.
        if (store_.find_row(table, id, existing)) return;
        record_create(store_, world_.bounds, table, id, values, group_);
        made_.push_back({table, id});
        for (const auto& [target, name] : afterwards) create(target, name, depth + 1);
    }

    void update(int table) {
        const local_id id = some_row_to_change(table);
        row_buffer row;
        if (id.empty() || !store_.find_row(table, id, row)) return;
        const table_view& view = store_.schema()[table];
        std::vector<cell> values(row.cells().begin(), row.cells().end());
        const std::size_t only = random_.below(values.size());
        const bool all = random_.chance(1, 4);
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!all && i != only) continue;
            const column_view& column = view.columns[i];
            if (column.kind != column_kind::key) values[i] = values_.value(column);
            else values[i] = new_key(table, id, column, values[i]);
        }
        row_buffer copy;
        copy.assign(values);
        record_update(store_, world_.bounds, table, id, row, copy.cells(), differing(copy.cells(), row.cells()), group_);
    }

    [[nodiscard]] cell new_key(int table, const local_id& id, const column_view& column, const cell& current) {
        if (column.nullable && random_.chance(1, 3)) return cell::null();
        const local_id target = some_row(column.target);
        if (target.empty()) return current;
        if (column.target == table && leads_to({table, target}, id)) return current;
        return cell::local_key(bytes_.keep(target.view()));
    }

    /// True when the keys to its own table lead from a row to `id`.
    [[nodiscard]] bool leads_to(row_name from, const local_id& id) {
        const table_view& view = store_.schema()[from.table];
        row_buffer row;
        // Two devices may have closed a loop together, which is legal for references.
        std::set<local_id> seen;
        while (seen.insert(from.id).second) {
            if (from.id == id) return true;
            if (!store_.find_row(from.table, from.id, row)) return false;
            for (std::size_t i = 0; i < view.columns.size(); ++i)
                if (view.columns[i].target == from.table && !row[i].is_null()) from.id = local_id::trusted(row[i].view());
        }
        return false;
    }

    /// Points a key of some row at another row, which may have been made for that; then one of the two owners may go at once.
    void move() {
        std::vector<std::pair<int, std::size_t>> keys;
        for (int table = 0; table < store_.schema().size(); ++table)
            for (std::size_t i = 0; i < store_.schema()[table].columns.size(); ++i)
                if (store_.schema()[table].columns[i].kind == column_kind::key) keys.emplace_back(table, i);
        if (keys.empty()) return;
        const auto [table, column] = keys[random_.below(keys.size())];
        const local_id id = some_row_to_change(table);
        row_buffer row;
        if (id.empty() || !store_.find_row(table, id, row)) return;
        const int owner_table = store_.schema()[table].columns[column].target;
        if (random_.chance(1, 3)) create(owner_table, new_name(owner_table), 0);
        // Making the owner may have changed the row.
        if (!store_.find_row(table, id, row)) return;
        const local_id target = some_row(owner_table);
        if (target.empty() || (owner_table == table && leads_to({table, target}, id))) return;
        std::vector<cell> values(row.cells().begin(), row.cells().end());
        if (!values[column].is_null()) left_.push_back({owner_table, local_id::trusted(values[column].view())});
        left_.push_back({owner_table, target});
        values[column] = cell::local_key(bytes_.keep(target.view()));
        row_buffer copy;
        copy.assign(values);
        record_update(store_, world_.bounds, table, id, row, copy.cells(), differing(copy.cells(), row.cells()), group_);
        if (random_.chance(1, 3)) remove_row(left_[random_.below(left_.size())]);
    }

    void remove(int table) {
        if (world_.moves != 0 && !past_.left.empty() && random_.chance(1, 3)) {
            // The newest are those whose move may still be on the way.
            const std::size_t newest = std::min<std::size_t>(past_.left.size(), 6);
            return remove_row(past_.left[past_.left.size() - 1 - random_.below(newest)]);
        }
        const local_id id = some_row_to_change(table);
        if (!id.empty()) remove_row({table, id});
    }

    void remove_row(const row_name& name) {
        const auto [table, id] = name;
        row_state state;
        if (!store_.find_state(table, id, state)) return;
        try {
            record_removal(store_, world_.bounds, table, id, group_);
            removed_.push_back({table, id});
        } catch (const write_refused& refusal) {
            if (refusal.reason().code != error_code::restricted) throw;
        }
    }

    /// Sends some operation that was set aside again, or gives it up.
    void repair() {
        std::vector<row_name> set_aside;
        store_.scan_entries([&](const outbox_entry& entry) {
            if (entry.state == entry_state::quarantined) set_aside.push_back({entry.table, entry.id});
        });
        if (set_aside.empty()) return;
        const row_name name = set_aside[random_.below(set_aside.size())];
        if (random_.chance(1, 2)) {
            retry_set_aside(store_, name.table, name.id);
            return;
        }
        for (const discarded_row& row : discard_set_aside(store_, world_.bounds, name.table, name.id))
            if (row.fate != row_fate::key_cleared) discarded_.push_back({row.table, row.id});
    }

    store_adapter<S> store_;
    const swarm& world_;
    random_source& random_;
    arena bytes_;
    value_generator values_;
    const owner_past& past_;
    std::uint64_t first_number_;
    std::uint64_t next_name_ = 0;
    std::int64_t group_ = 0;
    std::vector<row_name> made_;
    std::vector<row_name> removed_;
    std::vector<row_name> discarded_;
    std::vector<row_name> left_;
};

}  // namespace syncline::testing
