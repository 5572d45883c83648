/// What a push remembers of each operation until its answer comes, and the one step that settles most answers.
#pragma once

#include <cstdint>

#include <syncline/client/localised_row.hpp>
#include <syncline/client/plan.hpp>

namespace syncline {

/// What a push remembers of an operation until its answer comes.
struct sent_entry {
    plan_item plan;
    local_id id;
    server_id remote;              ///< of the row, where it was known
    std::uint64_t digest = 0;
    row_version base_version;
    bool as_sent = false;          ///< the row itself held what was sent, so that its newest entry tells whether it still does
};

/// Settles a row in one step when what was sent was applied, or merged without a loss, and the row has not been touched since: what
/// take_verdict() makes of a history whose only edit is the one that was sent, without loading it. False, and nothing done, for any
/// other result. `merged` is scratch space. Leaves the entry to the caller.
[[nodiscard]] inline bool settle_as_sent(store_port& store, const sent_entry& sent, const wire::operation_result& result, localised_row& merged) {
    if (!sent.as_sent || (result.overwritten | result.refused | result.kept) != 0 || result.digest != sent.digest || result.local != sent.id) return false;
    const int table = sent.plan.table;
    const server_id& remote = result.id.empty() ? sent.remote : result.id;
    if (result.outcome == wire::verdict::applied && !result.row)
        return result.version > sent.base_version &&
               store.settle_row(table, sent.id, sent.plan.seq, {remote, result.version, result.incarnation, 0}, {});
    if (result.outcome != wire::verdict::merged || !result.row || result.row->version <= sent.base_version) return false;
    return localise_row(store, result, merged) &&
           store.settle_row(table, sent.id, sent.plan.seq, {remote, result.row->version, result.incarnation, 0}, merged.values);
}

}  // namespace syncline
