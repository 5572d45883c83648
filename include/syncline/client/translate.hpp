/// Foreign keys of an operation on their way out: server id, local id of a row of the same batch, or not yet.
#pragma once

#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <syncline/client/entries.hpp>

namespace syncline {

/// Where the row that a key points at stands.
enum class target_state : std::uint8_t { on_server, in_batch, unsent, set_aside };

/// How a key is written: decides for a queued operation and for one that was sent before.
enum class key_form : std::uint8_t { server_id, local_id, wait };

/// An operation that was sent before is sent again whole, since the server may know what its keys mean; not while what it needs is set
/// aside or being closed, because then the server does not, or is asked.
[[nodiscard]] constexpr key_form form_of_key(target_state target, bool sent_before) noexcept {
    if (target == target_state::on_server) return key_form::server_id;
    if (target == target_state::in_batch || (sent_before && target == target_state::unsent)) return key_form::local_id;
    return key_form::wait;
}
static_assert(form_of_key(target_state::unsent, false) == key_form::wait);
static_assert(form_of_key(target_state::unsent, true) == key_form::local_id);
static_assert(form_of_key(target_state::set_aside, true) == key_form::wait);
static_assert(form_of_key(target_state::in_batch, false) == key_form::local_id);
static_assert(form_of_key(target_state::on_server, true) == key_form::server_id);

/// Translates the keys of the operations of one push, asking the store at most once for each target.
class key_translator {
public:
    explicit key_translator(store_port& store) : store_(store), by_table_(static_cast<std::size_t>(store.schema().size())) {}

    /// Starts a new batch; what is known of the server's ids is kept.
    void begin_batch() {
        for (auto& table : by_table_) {
            table.batch.clear();
            table.last_in_batch = {};
        }
    }

    /// Tells that the batch creates this row.
    void add_created(int table, const local_id& id) { by_table_[static_cast<std::size_t>(table)].batch.insert(id); }
    void remove_created(int table, const local_id& id) {
        table_keys& keys = by_table_[static_cast<std::size_t>(table)];
        keys.batch.erase(id);
        keys.last_in_batch = {};
    }

    /// Tells that the row's create is not sent for now, so that what needs the row waits too.
    void add_held(int table, const local_id& id) { by_table_[static_cast<std::size_t>(table)].held.insert(id); }

    /// Forgets what is known, because rows were settled.
    void forget() {
        for (auto& table : by_table_) {
            table.known.clear();
            table.held.clear();
        }
    }

    /// Replaces local keys in the columns of `mask` by server ids where the server knows the row. False when the operation must wait.
    [[nodiscard]] bool translate(const table_view& table, std::vector<cell>& values, column_mask mask, bool sent_before) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!has_column(mask, i) || values[i].kind() != cell_kind::local_key) continue;
            const local_id target = local_id::trusted(values[i].view());
            auto& known = by_table_[static_cast<std::size_t>(table.columns[i].target)];
            const bool in_batch = known.last_in_batch == target || known.batch.contains(target);
            if (in_batch) known.last_in_batch = target;
            bool set_aside = !in_batch && known.held.contains(target);
            const server_id* remote = in_batch ? nullptr : find_remote(table.columns[i].target, target, set_aside);
            const target_state state = in_batch            ? target_state::in_batch
                                       : remote != nullptr ? target_state::on_server
                                       : set_aside         ? target_state::set_aside
                                                           : target_state::unsent;
            switch (form_of_key(state, sent_before)) {
                case key_form::server_id: values[i] = cell::server_key(remote->view()); break;
                case key_form::local_id: break;
                case key_form::wait: return false;
            }
        }
        return true;
    }

private:
    struct table_keys {
        std::unordered_set<local_id> batch;
        local_id last_in_batch;  ///< found last: children of one parent follow each other
        std::unordered_set<local_id> held;
        std::unordered_map<local_id, server_id> known;  ///< node-based: a server id stays where it is
    };

    const server_id* find_remote(int table, const local_id& id, bool& set_aside) {
        auto& known = by_table_[static_cast<std::size_t>(table)].known;
        const auto found = known.find(id);
        if (found != known.end()) return &found->second;
        server_id remote;
        if (row_state state; store_.find_state(table, id, state)) {
            if (state.pending != 0)
                for (const outbox_entry& entry : entries_of_row(store_, table, id, state.pending)) {
                    if (!makes_row(entry)) continue;
                    // A new life of a removed row has the id of the former one, but does not live on the server yet.
                    set_aside = set_aside || entry.state == entry_state::quarantined || entry.kind == operation_kind::close;
                    return nullptr;
                }
            remote = state.id;
        } else store_.scan_removed_of(table, id, [&](const removed_row& record) { remote = record.state.id; });
        if (remote.empty()) return nullptr;
        return &known.emplace(id, remote).first->second;
    }

    store_port& store_;
    std::vector<table_keys> by_table_;
};

}  // namespace syncline
