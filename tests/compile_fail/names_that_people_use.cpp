#include <syncline/schema/schema.hpp>

struct note {
    syncline::id_of<note> id;
    std::string text;
    std::string more;
};
template <>
struct syncline::entity_traits<note> {
    static constexpr std::string_view table = "My Notes";
    static constexpr auto key = &note::id;
    static constexpr auto fields = std::tuple{field("Id", &note::text), field("updatedAt", &note::more)};
};

constexpr auto view = syncline::schema<note>::view();
