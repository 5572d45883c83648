/// Transitions of a row that was removed here: taken by the removal, and brought back if the server refuses it.
#pragma once

#include <utility>
#include <vector>

#include <syncline/model/history/content.hpp>

namespace syncline {

/// What a row that is removed here means to the server.
struct removal_facts {
    bool known = false;      ///< the server has the row, or may have it
    bool elsewhere = false;  ///< the server has it under other owners than the ones it has here
    sequence in_flight = 0;  ///< edit that must be settled before the row's removal is sent
};

struct local_removal_transition {
    row_history next;
    removal_facts facts;
};

/// The application removes the row. An edit in flight waits for its verdict; what was never sent becomes what a refusal of the removal
/// would have to bring back.
[[nodiscard]] inline local_removal_transition remove_here(row_history history) {
    local_removal_transition result{std::move(history), {}};
    row_history& next = result.next;
    removal_facts& facts = result.facts;
    // The server has what is clean, although it may have to be read again to tell its id.
    facts.known = !next.remote.empty() || next.has_base() || next.is_clean();
    std::vector<outbox_entry> edits = std::move(next.edits);
    next.edits.clear();
    outbox_entry replaced;
    replaced.table = next.table_index;
    replaced.id = next.id;
    replaced.kind = operation_kind::update;
    for (outbox_entry& entry : edits) {
        if (entry.state == entry_state::in_flight) {
            freeze(next, entry);
            facts.in_flight = entry.seq;
            next.edits.push_back(std::move(entry));
            continue;
        }
        // If a pull brought the row under its unsent create, the server has this life: the create is an edit of it.
        if (entry.kind == operation_kind::create && !next.has_base()) replaced.kind = operation_kind::create;
        replaced.mask |= entry.mask;
        facts.elsewhere = facts.elsewhere || (entry.mask & owning_keys(*next.table)) != 0;
    }
    facts.known = facts.known || facts.in_flight != 0;
    // A life that was never sent is nothing to the server, even if it knows the row's earlier life.
    if (replaced.kind == operation_kind::create && facts.in_flight == 0) facts.known = false;
    if (replaced.mask != 0) next.edits.push_back(std::move(replaced));
    next.visible = false;
    return result;
}

/// True if the server has made a later life of the row than the one that was removed here: then that one has ended, whatever became of its
/// removal.
[[nodiscard]] inline bool is_outlived(const row_history& life, const row_history& visible) noexcept {
    return visible.incarnation > life.incarnation && (visible.is_clean() || !makes_row(visible.edits.front()));
}

/// The server refused the removal: the row is shown as it was, with its edits. `anew`: the life that the application made of it meanwhile,
/// null if there is none; since the first life goes on, that is an edit of it.
[[nodiscard]] inline row_history restore(row_history life, const row_history* anew) {
    life.visible = true;
    life.removed_by = 0;
    const bool has_in_flight = !life.edits.empty() && life.edits.front().seq != 0;
    const sequence in_flight = has_in_flight ? life.edits.front().seq : 0;
    if (anew != nullptr) {
        const cells ground = life.has_base() ? life.base : life.shown;
        life.edits.resize(has_in_flight ? 1 : 0);
        outbox_entry edit;
        edit.table = life.table_index;
        edit.id = life.id;
        edit.kind = operation_kind::update;
        edit.mask = differing(ground, anew->shown);
        edit.incarnation = life.incarnation;
        edit.behind = in_flight;
        life.shown = life.keep_copy(anew->shown);
        if (edit.mask != 0) life.edits.push_back(std::move(edit));
        if (life.edits.empty()) life.base = {};
        else if (!has_in_flight) life.base = ground;
        return life;
    }
    for (outbox_entry& entry : life.edits) {
        if (entry.seq != 0) continue;
        entry.incarnation = life.incarnation;
        entry.behind = in_flight;
        // Under a create in flight there is no row of the server yet.
        if (entry.kind == operation_kind::update && !life.has_base() && !has_in_flight) life.base = life.shown;
    }
    if (life.edits.empty()) life.base = {};
    return life;
}

}  // namespace syncline
