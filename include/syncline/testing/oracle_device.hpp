/// Watches one device's store: keys point at visible rows, the outbox matches the rows, and what was removed does not come back.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <syncline/client/entries.hpp>
#include <syncline/testing/oracle_server.hpp>

namespace syncline::testing {

/// Every key of every row points at a row the application can see.
inline void check_closure(const schema_view& schema, const seen_rows& rows, const std::string& device) {
    for (const auto& [name, row] : rows) {
        for (std::size_t i = 0; i < row.fields.size(); ++i) {
            const int target = schema[name.table].columns[i].target;
            if (target < 0 || row.fields[i] == "null") continue;
            const std::string_view text(row.fields[i]);
            if (!rows.contains({target, local_id::trusted(text.substr(1, text.size() - 2))}))
                throw invariant_broken("INV5", text_of(schema, name, i) + " on " + device + " points at " + row.fields[i] + ", which is not there");
        }
    }
}

/// Rows and outbox tell one story: a dirty row has its entries and, unless it was made here, a base; a clean row has neither.
/// `is_copied`: the store was put back or doubled, so that the server may call an operation settled without a word about its row, which
/// is fetched again in the same sync.
template <store S>
void check_outbox(S& store, const seen_rows& rows, const std::string& device, bool is_copied = false) {
    const schema_view& schema = store.schema();
    std::set<sequence> reached;
    std::set<row_name> leaving;
    store.scan_parked([&](const parked_row& parked) {
        if (parked.removed) leaving.insert({parked.table, parked.id});
    });
    const bool fetches = is_copied && store.find_meta("refetch_wanted").value_or("") == "1";
    store_adapter port(store);
    for (const auto& [name, row] : rows) {
        if (row.state.pending == 0) {
            if (row.state.id.empty() && !leaving.contains(name) && !fetches) throw invariant_broken("INV4", text_of(schema, name) + " on " + device + " is clean, but the server never told its id");
            continue;
        }
        const std::vector<outbox_entry> chain = entries_of_row(port, name.table, name.id, row.state.pending);
        if (chain.empty()) throw invariant_broken("INV19", text_of(schema, name) + " on " + device + " is dirty without an entry");
        for (const outbox_entry& entry : chain) {
            reached.insert(entry.seq);
            if (!entry.base.empty() && entry.seq != chain.front().seq)
                throw invariant_broken("INV19", text_of(schema, name) + " on " + device + " has a base that is not with its oldest edit");
        }
        if (chain.front().kind == operation_kind::update && chain.front().base.empty())
            throw invariant_broken("INV19", text_of(schema, name) + " on " + device + " has an update and no base");
    }
    store.scan_entries([&](const outbox_entry& entry) {
        if (entry.kind == operation_kind::remove || entry.state == entry_state::in_flight || reached.contains(entry.seq)) return;
        throw invariant_broken("INV19", "entry " + std::to_string(entry.seq) + " of " + text_of(schema, {entry.table, entry.id}) + " on " + device +
                                            " belongs to no visible row");
    });
}

/// Rows that went from a device, with the incarnation they had.
class departed_rows {
public:
    /// Compares what the device shows before and after one of its events. `removed`: what the application removed by name, null if the
    /// event was not the application's. `undone`: rows whose removal here was refused, which brings them back, now or when a pull brings what
    /// they point at.
    /// `unborn(name, incarnation)`: this life was made here and never began at the server, so that another device's life of the same
    /// number is another one.
    template <class Unborn>
    void check(const schema_view& schema, const seen_rows& before, const seen_rows& after, const server_mirror& server,
               const std::vector<row_name>* removed, const std::vector<row_name>& undone, const std::string& device, Unborn&& unborn) {
        for (const auto& [name, row] : before) {
            if (after.contains(name) || unborn(name, row.state.incarnation)) continue;
            departure& gone = gone_[name];
            gone.incarnation = std::max(gone.incarnation, row.state.incarnation);
            gone.last_seen = row.state.version;
            gone.went_along = removed != nullptr && std::find(removed->begin(), removed->end(), name) == removed->end();
        }
        for (const row_name& name : undone) gone_.erase(name);
        if (removed != nullptr || !undone.empty()) return;
        for (const auto& [name, row] : after) {
            const auto former = gone_.find(name);
            if (before.contains(name) || former == gone_.end() || former->second.incarnation < row.state.incarnation) continue;
            // It had another owner elsewhere, so that the removal here did not take it there; it was removed only later.
            if (former->second.went_along && row.state.pending == 0 && row.state.version > former->second.last_seen) continue;
            const mirrored_row* const held = server.find(name);
            if (held != nullptr && held->removed && held->incarnation >= row.state.incarnation)
                throw invariant_broken("INV14", text_of(schema, name) + " came back on " + device + " in incarnation " +
                                                    std::to_string(row.state.incarnation) + ", which was removed for good");
        }
    }

private:
    struct departure {
        incarnation_number incarnation = 0;
        row_version last_seen;  ///< of the server
        bool went_along = false;    ///< the application removed another row
    };

    std::map<row_name, departure> gone_;
};

}  // namespace syncline::testing
