/// Two entities whose tables and fields have names that need care: capitals, spaces, and those of the members that every row has.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include <syncline/schema/schema.hpp>

namespace releases {

struct release {
    syncline::id_of<release> id{};
    std::string store_id{};
    std::string version{};
    std::int64_t updated_at = 0;
    std::string notes{};
};

struct change {
    syncline::id_of<change> id{};
    syncline::id_of<release> release_id{};
    std::string local_id{};
    bool is_deleted = false;
};

}  // namespace releases

template <>
struct syncline::entity_traits<releases::release> {
    using row = releases::release;
    static constexpr std::string_view table = "App Releases";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{field("Id", &row::store_id), field("version", &row::version),
                                              field("updatedAt", &row::updated_at), field("the notes", &row::notes)};
};
template <>
struct syncline::entity_traits<releases::change> {
    using row = releases::change;
    static constexpr std::string_view table = "CHANGES";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{parent("release", &row::release_id), field("localId", &row::local_id),
                                              field("ISDELETED", &row::is_deleted)};
};

namespace releases {

using schema = syncline::schema<change, release>;
inline constexpr int release_table = schema::index_of<release>;
inline constexpr int change_table = schema::index_of<change>;

}  // namespace releases
