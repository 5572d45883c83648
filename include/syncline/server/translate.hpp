/// The values of an operation as the server keeps them: every foreign key as the server id of a row of the same owner.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <syncline/model/operation.hpp>
#include <syncline/server/resolve.hpp>

namespace syncline {

/// The keys of an operation that do not simply point at another row.
struct unusual_keys {
    [[nodiscard]] bool empty() const noexcept { return (removed | not_arrived | not_found | to_itself) == 0; }

    column_mask removed = 0;      ///< point at tombstones
    column_mask not_arrived = 0;  ///< point at local ids that the owner has no row of
    column_mask not_found = 0;    ///< point at server ids that the owner has no row of
    column_mask to_itself = 0;    ///< point at the row that holds them
};

/// Translates one operation after the other. The cells point into the operation, its row's id and the resolver, and live until the
/// next operation.
template <backend_transaction Tx>
class operation_translator {
public:
    operation_translator(Tx& tx, const schema_view& tables) : schema_(tables), keys_(tx) {}

    /// Fills after() for the columns of `mask`. `self` is the row's server id, or the one it will have.
    unusual_keys translate_after(const operation& op, const server_id& self, column_mask mask) {
        const table_view& table = schema_[op.table];
        unusual_keys unusual;
        after_.resize(table.columns.size());
        for (std::size_t i = 0; i < after_.size(); ++i) after_[i] = has_column(mask, i) ? op.values.after[i] : cell();
        for (column_mask keys = mask & table.keys; keys != 0; keys &= keys - 1) {
            const auto i = static_cast<std::size_t>(std::countr_zero(keys));
            if (!after_[i].is_key()) continue;
            if (table.columns[i].target == op.table && is_itself(op, self, after_[i])) {
                unusual.to_itself |= only_column(i);
                after_[i] = cell::server_key(self.view());
                continue;
            }
            const resolved_key key = keys_.resolve(table.columns[i].target, after_[i]);
            switch (key.state) {
                case key_state::live: after_[i] = cell::server_key(key.id); break;
                case key_state::removed: unusual.removed |= only_column(i); break;
                case key_state::not_arrived: unusual.not_arrived |= only_column(i); break;
                case key_state::not_found: unusual.not_found |= only_column(i); break;
            }
        }
        return unusual;
    }

    /// Fills before() for the columns of `mask` and returns those whose value before the edit can be compared with the row's:
    /// a key to a row that never arrived cannot.
    column_mask translate_before(const operation& op, column_mask mask) {
        before_.assign(after_.size(), cell());
        column_mask known = mask;
        for (std::size_t i = 0; i < before_.size(); ++i) {
            if (!has_column(mask, i)) continue;
            before_[i] = op.values.before[i];
            if (!before_[i].is_key()) continue;
            const resolved_key key = keys_.resolve(schema_[op.table].columns[i].target, before_[i]);
            if (key.id.empty()) known &= ~only_column(i);
            else before_[i] = cell::server_key(key.id);
        }
        return known;
    }

    [[nodiscard]] cells after() const noexcept { return after_; }
    [[nodiscard]] cells before() const noexcept { return before_; }
    void set_null(std::size_t column) noexcept { after_[column] = cell::null(); }

    [[nodiscard]] key_resolver<Tx>& keys() noexcept { return keys_; }

private:
    [[nodiscard]] static bool is_itself(const operation& op, const server_id& self, const cell& key) noexcept {
        return key.view() == (key.kind() == cell_kind::local_key ? op.id.view() : self.view());
    }

    schema_view schema_;
    key_resolver<Tx> keys_;
    std::vector<cell> after_;
    std::vector<cell> before_;
};

}  // namespace syncline
