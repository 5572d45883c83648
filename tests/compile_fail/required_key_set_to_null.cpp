// expect: syncline: set_null for a key that is never null;
// culprit: note::folder_id
#include <syncline/schema/schema.hpp>

struct folder {
    syncline::id_of<folder> id;
    std::string title;
};
template <>
struct syncline::entity_traits<folder> {
    static constexpr std::string_view table = "folders";
    static constexpr auto key = &folder::id;
    static constexpr auto fields = std::tuple{field("title", &folder::title)};
};
struct note {
    syncline::id_of<note> id;
    syncline::id_of<folder> folder_id;
};
template <>
struct syncline::entity_traits<note> {
    static constexpr std::string_view table = "notes";
    static constexpr auto key = &note::id;
    static constexpr auto fields = std::tuple{parent("folderId", &note::folder_id, removal_policy::set_null)};
};

constexpr auto view = syncline::schema<note, folder>::view();
