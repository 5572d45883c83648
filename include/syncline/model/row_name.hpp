/// A row by its table and local id.
#pragma once

#include <compare>

#include <syncline/base/ids.hpp>

namespace syncline {

struct row_name {
    int table = -1;
    local_id id;
    friend auto operator<=>(const row_name&, const row_name&) noexcept = default;
};

}  // namespace syncline
