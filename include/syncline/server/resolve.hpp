/// Translates foreign keys to server ids, asking the backend once for each row however many keys name it.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include <syncline/server/backend.hpp>
#include <syncline/server/row_name.hpp>

namespace syncline {

enum class key_state : std::uint8_t {
    live,         ///< points at a row
    removed,      ///< points at a tombstone
    not_arrived,  ///< a local id that the owner has no row of; it may still come
    not_found     ///< a server id that the owner has no row of
};

struct resolved_key {
    key_state state = key_state::not_found;
    server_id id;  ///< of the row or tombstone
};

/// What the keys of one request point at, as its transaction sees it.
template <backend_transaction Tx>
class key_resolver {
public:
    explicit key_resolver(Tx& tx) noexcept : tx_(tx) {}

    /// What `key`, a cell of a key to `table`, points at.
    [[nodiscard]] resolved_key resolve(int table, const cell& key) {
        if (key.kind() == cell_kind::local_key) return look_up(by_local_, local_name{table, local_id::trusted(key.view())}, key_state::not_arrived);
        return look_up(by_id_, server_name{table, server_id::trusted(key.view())}, key_state::not_found);
    }

    /// Notes a row that this transaction created, or gave a new life.
    void note_created(int table, const local_id& local, const server_id& id) {
        by_local_.insert_or_assign(local_name{table, local}, resolved_key{key_state::live, id});
        by_id_.insert_or_assign(server_name{table, id}, resolved_key{key_state::live, id});
    }

    /// Notes that this transaction removed rows.
    void note_removal() noexcept {
        by_local_.clear();
        by_id_.clear();
    }

private:
    template <class Map, class Name>
    [[nodiscard]] resolved_key look_up(Map& known, const Name& name, key_state when_absent) {
        if (const auto found = known.find(name); found != known.end()) return found->second;
        const std::optional<row_identity> target = identify(name);
        if (!target) return {when_absent, {}};
        const resolved_key key{target->removed ? key_state::removed : key_state::live, target->id};
        known.emplace(name, key);
        return key;
    }

    [[nodiscard]] std::optional<row_identity> identify(const local_name& name) { return tx_.identify(name.table, name.local); }
    [[nodiscard]] std::optional<row_identity> identify(const server_name& name) { return tx_.identify(name.table, name.id); }

    Tx& tx_;
    std::unordered_map<local_name, resolved_key> by_local_;
    std::unordered_map<server_name, resolved_key> by_id_;
};

}  // namespace syncline
