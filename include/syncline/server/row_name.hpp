/// What a row is called inside one owner: the key of everything a request remembers about rows.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

#include <syncline/base/ids.hpp>

namespace syncline {

struct local_name {
    int table = -1;
    local_id local;

    friend bool operator==(const local_name&, const local_name&) noexcept = default;
    friend std::strong_ordering operator<=>(const local_name&, const local_name&) noexcept = default;
};

/// The same by the id that the server gave.
struct server_name {
    int table = -1;
    server_id id;

    friend bool operator==(const server_name&, const server_name&) noexcept = default;
    friend std::strong_ordering operator<=>(const server_name&, const server_name&) noexcept = default;
};

}  // namespace syncline

template <>
struct std::hash<syncline::local_name> {
    std::size_t operator()(const syncline::local_name& name) const noexcept {
        return std::hash<syncline::local_id>{}(name.local) * 31 + static_cast<std::size_t>(name.table);
    }
};
template <>
struct std::hash<syncline::server_name> {
    std::size_t operator()(const syncline::server_name& name) const noexcept {
        return std::hash<syncline::server_id>{}(name.id) * 31 + static_cast<std::size_t>(name.table);
    }
};
