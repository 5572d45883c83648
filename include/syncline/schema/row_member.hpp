/// The members that every row has beside its fields, and their names in messages and in SQL.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <syncline/schema/names.hpp>

namespace syncline {

/// The members by their places in `names`, in the order they are written.
struct row_member {
    enum place : int { id, local, version, updated_at, is_deleted, incarnation, base_version, last_writer, last_seq };
    using name_list = std::array<std::string_view, 9>;

    static constexpr name_list names{"id", "localId", "version", "updatedAt", "isDeleted", "incarnation", "baseVersion", "lastWriter", "lastSeq"};
    /// In an entity that has a field of the member's name, in any case.
    static constexpr name_list names_beside_fields{"$id",          "$localId",     "$version",    "$updatedAt", "$isDeleted",
                                                   "$incarnation", "$baseVersion", "$lastWriter", "$lastSeq"};

    /// Those that our writers give to every row; the others are told of removed rows only.
    static constexpr std::uint32_t of_every_row = (1u << base_version) - 1;
    static constexpr std::uint32_t of_last_writer = 1u << last_writer | 1u << last_seq;
    static constexpr std::uint32_t required = 1u << id | 1u << local | 1u << version;
};

/// The place of the member that SQL would take a field of this name for, or -1.
[[nodiscard]] constexpr int find_row_member(std::string_view field) noexcept {
    for (std::size_t i = 0; i < row_member::names.size(); ++i)
        if (equal_ignoring_case(row_member::names[i], field)) return static_cast<int>(i);
    return -1;
}

/// Lets a field of this name have it: the member of the same name, if there is one, gets another in `names`.
constexpr void give_way(row_member::name_list& names, std::string_view field) noexcept {
    const int member = find_row_member(field);
    if (member < 0) return;
    names[static_cast<std::size_t>(member)] = row_member::names_beside_fields[static_cast<std::size_t>(member)];
}

}  // namespace syncline
