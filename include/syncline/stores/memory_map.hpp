/// A map that remembers what it held before each change, so that a transaction can be undone.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace syncline::detail {

/// Number of a transaction level: greater than that of every level begun before it.
using undo_level = std::uint64_t;

/// A std::map or std::unordered_map whose changes since `forget` can be undone, newest first.
template <class Map>
class undoable_map {
public:
    using key_type = typename Map::key_type;
    using mapped_type = typename Map::mapped_type;

    [[nodiscard]] const Map& all() const noexcept { return map_; }
    [[nodiscard]] const mapped_type* find(const key_type& key) const {
        const auto found = map_.find(key);
        return found == map_.end() ? nullptr : &found->second;
    }

    void put(undo_level level, const key_type& key, mapped_type value) {
        log_.push_back({key, std::nullopt, level});
        const auto [found, is_new] = map_.try_emplace(key);
        if (!is_new) log_.back().before.emplace(std::move(found->second));
        found->second = std::move(value);
    }

    void erase(undo_level level, const key_type& key) {
        const auto found = map_.find(key);
        if (found == map_.end()) return;
        log_.push_back({key, std::nullopt, level});
        log_.back().before.emplace(std::move(found->second));
        map_.erase(found);
    }

    /// Undoes the changes made at `level` and at later ones.
    void roll_back(undo_level level) {
        for (; !log_.empty() && log_.back().level >= level; log_.pop_back()) {
            change& last = log_.back();
            if (last.before) map_.insert_or_assign(last.key, std::move(*last.before));
            else map_.erase(last.key);
        }
    }

    void forget() noexcept { log_.clear(); }

private:
    struct change {
        key_type key;
        std::optional<mapped_type> before;
        undo_level level;
    };

    Map map_;
    std::vector<change> log_;
};

}  // namespace syncline::detail
