/// A store in memory whose device makes one mistake.
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <mutants/support/mutation.hpp>
#include <syncline/client/closure.hpp>
#include <syncline/client/entries.hpp>
#include <syncline/stores/memory.hpp>

namespace syncline::tests {

class mutant_store : public memory_store {
public:
    mutant_store(const schema_view& schema, const std::string& owner, mutation what) : memory_store(schema, memory_options{owner}), what_(what) {}

    bool find_row(int table, const local_id& id, row_buffer& out) { return !hidden_.contains({table, id}) && memory_store::find_row(table, id, out); }

    bool find_state(int table, const local_id& id, row_state& out) {
        return !hidden_.contains({table, id}) && memory_store::find_state(table, id, out);
    }

    bool settle_row(int table, const local_id& id, sequence seq, row_state clean, cells values) {
        if (is(mutation::version_counted_here)) clean.version = clean.version.next();
        return !hidden_.contains({table, id}) && memory_store::settle_row(table, id, seq, clean, values);
    }

    void put_row(int table, const local_id& id, cells values, const row_state& state) {
        hidden_.erase({table, id});
        memory_store::put_row(table, id, values, state);
    }

    bool create_row(int table, const local_id& id, cells values, const row_state& state, outbox_entry& entry) {
        if (hidden_.erase({table, id}) != 0) memory_store::erase_row(table, id);
        return memory_store::create_row(table, id, values, state, entry);
    }

    clean_put put_clean_row(int table, const local_id& id, cells values, const row_state& state) {
        hidden_.erase({table, id});
        row_buffer row;
        const bool known = memory_store::find_row(table, id, row);
        if (is(mutation::pull_never_inserts) && !known) return clean_put::stored;
        if (is(mutation::cursor_without_rows) && ++pulled_ % 5 == 0) return clean_put::stored;
        if (is(mutation::pull_overwrites_edits) && known) {
            memory_store::put_row(table, id, values, state);
            return clean_put::stored;
        }
        return memory_store::put_clean_row(table, id, values, state);
    }

    void put_state(int table, const local_id& id, row_state state) {
        if (is(mutation::version_counted_here) && state.pending == 0) state.version = state.version.next();
        if (is(mutation::verdict_clears_later_edits) && state.pending != 0) {
            store_adapter port(*this);
            for (const outbox_entry& entry : entries_of_row(port, table, id, state.pending)) erase_entry(entry.seq);
            state.pending = 0;
        }
        memory_store::put_state(table, id, state);
    }

    void erase_row(int table, const local_id& id) {
        // The store beneath would refuse to lose a row that others point at.
        if (is(mutation::removal_keeps_referrers)) hidden_.insert({table, id});
        else memory_store::erase_row(table, id);
    }

    template <class Visit>
    void scan_rows(int table, Visit&& visit) {
        memory_store::scan_rows(table, [&](const local_id& id, const row_buffer& row) {
            if (!hidden_.contains({table, id})) visit(id, row);
        });
    }

    template <class Visit>
    void scan_referrers(int table, int column, const local_id& id, Visit&& visit) {
        if (!is(mutation::removal_keeps_referrers)) memory_store::scan_referrers(table, column, id, visit);
    }

    [[nodiscard]] bool has_referrer(int table, int column, const local_id& id, const local_id& except) {
        return !is(mutation::removal_keeps_referrers) && memory_store::has_referrer(table, column, id, except);
    }

    [[nodiscard]] std::size_t count_rows(int table) { return is(mutation::few_rows_counted) ? 0 : memory_store::count_rows(table); }

    sequence append_entry(outbox_entry& entry) {
        const sequence seq = memory_store::append_entry(entry);
        if (is(mutation::removal_in_flight_dropped) && entry.kind == operation_kind::remove && entry.behind != 0) erase_entry(seq);
        return seq;
    }

    void mark_in_flight(std::span<const sequence> sent) {
        memory_store::mark_in_flight(sent);
        if (!is(mutation::attempts_spent_by_sending)) return;
        for (const sequence seq : sent) {
            outbox_entry entry;
            if (!find_entry(seq, entry)) continue;
            ++entry.attempts;
            memory_store::put_entry(entry);
        }
    }

    sequence first_open_sequence() {
        sequence open = memory_store::first_open_sequence();
        if (is(mutation::newest_acknowledged)) scan_entries([&](const outbox_entry& entry) { open = entry.seq + 1; });
        return open;
    }

    std::int64_t add_conflict(conflict_record& record) {
        if (is(mutation::conflict_not_recorded)) return ++record.number;
        return memory_store::add_conflict(record);
    }

    /// The device's program starts again after a crash.
    void restart() {
        if (!is(mutation::parked_forgotten_at_restart)) return;
        auto writing = begin_write();
        std::vector<row_name> parked;
        scan_parked([&](const parked_row& row) { parked.push_back({row.table, row.id}); });
        for (const row_name& name : parked) erase_parked(name.table, name.id);
        writing.commit();
    }

private:
    [[nodiscard]] bool is(mutation one) const noexcept { return what_ == one; }

    mutation what_;
    std::size_t pulled_ = 0;
    std::set<std::pair<int, local_id>> hidden_;
};

static_assert(store<mutant_store>);

}  // namespace syncline::tests
