/// Watches what a device says to the server: its keys are translated, and an attempt is spent only where an answer was heard.
#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <string>

#include <syncline/testing/oracle_server.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline::testing {

/// Every key of a push is a server id that the server has given, or says that it is the local id of a row that was made.
inline void check_translation(const schema_view& schema, const wire::push_request& push, const server_mirror& server, const std::string& device) {
    for (const wire::sent_operation& one : push.operations) {
        if (one.op.table < 0 || one.op.values.mask == 0) continue;
        for (std::size_t i = 0; i < schema[one.op.table].columns.size(); ++i) {
            if (!has_column(one.op.values.mask, i) || !one.op.values.after[i].is_key()) continue;
            const int target = schema[one.op.table].columns[i].target;
            const std::string_view text = one.op.values.after[i].view();
            const bool is_remote = one.op.values.after[i].kind() == cell_kind::server_key;
            if (is_remote ? server.knows(target, server_id::trusted(text)) : server.is_made({target, local_id::trusted(text)})) continue;
            throw invariant_broken("INV7", device + " sends " + text_of(schema, {one.op.table, one.op.id}, i) + " = " +
                                               value_text(one.op.values.after[i]) + ", which means nothing to the server");
        }
    }
}

/// Attempts by sequence; more than any number for an entry that was set aside.
using spent_attempts = std::map<sequence, int>;

/// Inside a transaction of the caller.
template <store S>
[[nodiscard]] spent_attempts read_attempts(S& store) {
    spent_attempts spent;
    store.scan_entries([&](const outbox_entry& entry) {
        spent[entry.seq] = entry.state == entry_state::quarantined ? std::numeric_limits<int>::max() : entry.attempts;
    });
    return spent;
}

/// Nothing was answered between the two, so nothing was spent.
inline void check_nothing_spent(const spent_attempts& before, const spent_attempts& after, const std::string& device) {
    for (const auto& [seq, attempts] : after) {
        const auto former = before.find(seq);
        if (attempts > (former == before.end() ? 0 : former->second))
            throw invariant_broken("INV12", device + " spent an attempt of operation " + std::to_string(seq) + " without an answer about it");
    }
}

}  // namespace syncline::testing
