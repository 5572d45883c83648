/// Closing a sequence: a void goes out under it, to which the server answers what it made of the operation, if it made anything of it,
/// and which otherwise keeps it from ever being applied.
#pragma once

#include <syncline/client/entries.hpp>

namespace syncline {

/// True for an entry that was set aside without a final verdict: the server may have applied it, or may still when a request arrives late.
/// What was sent is kept with it.
[[nodiscard]] inline bool is_undecided(const outbox_entry& entry) noexcept {
    return entry.state == entry_state::quarantined && !entry.frozen.empty();
}

/// Makes an entry look as if it was never refused.
inline void forget_refusals(outbox_entry& entry) {
    entry.attempts = 0;
    entry.not_before_ms = 0;
    entry.reason = error_code::none;
    entry.reason_text.clear();
}

/// Makes a void of an entry that was sent. It names what it closes by its digest, and keeps what was sent, so that a verdict of the
/// operation can still be folded into the base if the row has an edit behind it.
template <store S>
void close_sequence(S& store, outbox_entry& entry) {
    freeze(store, entry);
    if (entry.kind != operation_kind::close) {
        entry_content content;
        const table_view& table = store.schema()[entry.table];
        if (entry.kind == operation_kind::remove || load_content(store, entry, content)) entry.digest = digest_of(operation_of(entry, content), table);
        entry.closes = entry.kind;
    }
    entry.kind = operation_kind::close;
    entry.state = entry_state::in_flight;
    forget_refusals(entry);
    store.put_entry(entry);
}

/// Gives up an edit: what was never sent just goes, anything else must not be applied any more.
template <store S>
void give_up(S& store, outbox_entry& entry) {
    if (entry.state == entry_state::queued) {
        store.erase_entry(entry.seq);
        return;
    }
    close_sequence(store, entry);
    entry.mask = 0;
    entry.behind = 0;
    entry.frozen.clear();
    store.put_entry(entry);
}

}  // namespace syncline
