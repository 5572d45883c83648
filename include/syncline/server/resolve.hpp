/// Translates foreign keys to server ids, asking the backend once for each row however many keys name it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include <syncline/model/cell.hpp>
#include <syncline/server/backend.hpp>
#include <syncline/server/id_table.hpp>

namespace syncline {

enum class key_state : std::uint8_t {
    live,         ///< points at a row
    removed,      ///< points at a tombstone
    not_arrived,  ///< a local id that the owner has no row of; it may still come
    not_found     ///< a server id that the owner has no row of
};

/// What one key points at.
struct resolved_key {
    key_state state = key_state::not_found;
    std::string_view id;  ///< of the row or tombstone; lives until the resolver is told of a removal
};

/// What the keys of one request point at, as its transaction sees it. Keeps views of the ids it is asked for.
template <backend_transaction Tx>
class key_resolver {
public:
    explicit key_resolver(Tx& tx) noexcept : tx_(tx) {}

    /// What `key`, a cell of a key to `table`, points at.
    [[nodiscard]] resolved_key resolve(int table, const cell& key) {
        const bool by_local = key.kind() == cell_kind::local_key;
        const std::uint64_t hash = hash_of(table, by_local, key.view());
        if (const known_row* const known = find(hash, table, by_local, key.view())) return {known->state, known->id.view()};
        const std::optional<row_identity> target = by_local ? tx_.identify(table, local_id::trusted(key.view()))
                                                            : tx_.identify(table, server_id::trusted(key.view()));
        if (!target) return {by_local ? key_state::not_arrived : key_state::not_found, {}};
        const known_row& known =
            note(hash, {table, by_local, target->removed ? key_state::removed : key_state::live, key.view(), target->id});
        return {known.state, known.id.view()};
    }

    /// Notes a row that this transaction created, or gave a new life (`was_there`).
    void note_created(int table, const local_id& local, const server_id& id, bool was_there) {
        note_live(table, true, local.view(), id);
        // No key of this request can name a server id that was just made.
        if (was_there) note_live(table, false, {}, id);
    }

    /// Notes that this transaction removed rows.
    void note_removal() noexcept {
        index_.clear();
        known_.clear();
    }

private:
    struct known_row {
        int table = -1;
        bool by_local = false;
        key_state state = key_state::live;
        std::string_view local;  ///< empty where it is known by its server id
        server_id id;
    };

    [[nodiscard]] static std::uint64_t hash_of(int table, bool by_local, std::string_view text) noexcept {
        return hash_of_id(text, (static_cast<std::uint64_t>(table) << 1 | (by_local ? 1u : 0u)) << 8);
    }

    [[nodiscard]] known_row* find(std::uint64_t hash, int table, bool by_local, std::string_view text) const {
        known_row* const* const found = index_.find(hash, [&](const known_row* one) {
            return one->table == table && one->by_local == by_local && (by_local ? one->local : one->id.view()) == text;
        });
        return found == nullptr ? nullptr : *found;
    }

    known_row& note(std::uint64_t hash, const known_row& one) {
        known_.push_back(one);
        index_.insert(hash, &known_.back());
        return known_.back();
    }

    void note_live(int table, bool by_local, std::string_view local, const server_id& id) {
        const std::string_view text = by_local ? local : id.view();
        const std::uint64_t hash = hash_of(table, by_local, text);
        if (known_row* const known = find(hash, table, by_local, text)) known->state = key_state::live, known->id = id;
        else note(hash, {table, by_local, key_state::live, local, id});
    }

    Tx& tx_;
    std::deque<known_row> known_;
    id_table<known_row*> index_;
};

}  // namespace syncline
