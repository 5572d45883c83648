// expect: syncline: an entity outside the schema;
// culprit: folder
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
    std::string text;
};
template <>
struct syncline::entity_traits<note> {
    static constexpr std::string_view table = "notes";
    static constexpr auto key = &note::id;
    static constexpr auto fields = std::tuple{field("text", &note::text)};
};

constexpr int place = syncline::schema<note>::index_of<folder>;
