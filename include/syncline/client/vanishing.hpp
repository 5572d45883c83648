/// What has to go when a row cannot stay: found first, so that whoever asks can show it before anything changes.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include <syncline/client/local_removal.hpp>

namespace syncline {

/// What becomes of a row when another one that it points at goes, or when its edits are given up.
enum class row_fate : std::uint8_t {
    vanishes,
    restored,   ///< shows the server's row again; all its edits go
    key_cleared ///< stays, and points no longer at a row that vanishes
};

[[nodiscard]] constexpr std::string_view name_of(row_fate fate) noexcept {
    constexpr std::string_view names[] = {"vanishes", "restored", "key cleared"};
    return names[static_cast<std::size_t>(fate)];
}

/// Whether the first row may go back to the server's values instead of vanishing.
enum class root_fate : std::uint8_t { vanishes, restored_if_possible };

/// Follows every key that points at a row that vanishes. Whoever holds one goes back to the server's row if that points only at rows that
/// stay; else the key becomes null if it may; else the holder vanishes too. Writes nothing.
class vanishing {
public:
    vanishing(store_port& store, const row_name& root, root_fate first) : store_(store) {
        if (first == root_fate::restored_if_possible && can_restore(root)) {
            mark(root, row_fate::restored);
        } else {
            let_vanish(root);
            // A row that would have gone back to another one cannot when that one vanishes too.
            for (bool again = true; again;) {
                again = false;
                for (const row_name& name : std::vector<row_name>(order_))
                    if (fates_.at(name) == row_fate::restored && !can_restore(name)) {
                        let_vanish(name);
                        again = true;
                    }
            }
        }
        std::erase_if(cleared_, [this](const outside_key& key) { return fates_.contains(key.holder); });
    }

    /// The root first, then what depends on it, each behind what it needs.
    [[nodiscard]] const std::vector<row_name>& order() const noexcept { return order_; }
    [[nodiscard]] row_fate fate(const row_name& name) const { return fates_.at(name); }
    /// Keys of rows that stay, to be set to null.
    [[nodiscard]] const std::vector<outside_key>& cleared() const noexcept { return cleared_; }

private:
    [[nodiscard]] bool vanishes(const row_name& name) const {
        const auto found = fates_.find(name);
        return found != fates_.end() && found->second == row_fate::vanishes;
    }

    /// True when the server's row is known here and points at nothing that is not, or will not be, there.
    [[nodiscard]] bool can_restore(const row_name& name) {
        if (!load_visible(store_, name.table, name.id, row_) || !row_.history.has_base()) return false;
        const table_view& table = store_.schema()[name.table];
        const cells values = row_.history.base;
        if (!keys_are_visible(store_, name.table, values)) return false;
        for (std::size_t i = 0; i < values.size(); ++i)
            if (values[i].kind() == cell_kind::local_key && vanishes({table.columns[i].target, local_id::trusted(values[i].view())})) return false;
        return true;
    }

    void let_vanish(const row_name& first) {
        std::vector<row_name> work{first};
        mark(first, row_fate::vanishes);
        while (!work.empty()) {
            const row_name target = work.back();
            work.pop_back();
            for (const referrer_view& key : store_.schema()[target.table].referrers) {
                const auto column = static_cast<std::size_t>(key.column);
                const removal_policy policy = store_.schema()[key.table].columns[column].on_remove;
                std::vector<row_name> holders;
                store_.scan_referrers(key.table, key.column, target.id, [&](const local_id& id, const row_buffer&) { holders.push_back({key.table, id}); });
                for (const row_name& holder : holders) {
                    if (vanishes(holder)) continue;
                    if (can_restore(holder)) mark(holder, row_fate::restored);
                    else if (policy == removal_policy::set_null) cleared_.push_back({holder, key.column});
                    else {
                        mark(holder, row_fate::vanishes);
                        work.push_back(holder);
                    }
                }
            }
        }
    }

    void mark(const row_name& name, row_fate fate) {
        const auto [at, is_new] = fates_.insert_or_assign(name, fate);
        static_cast<void>(at);
        if (is_new) order_.push_back(name);
    }

    store_port& store_;
    loaded_row row_;
    std::map<row_name, row_fate> fates_;
    std::vector<row_name> order_;
    std::vector<outside_key> cleared_;
};

}  // namespace syncline
