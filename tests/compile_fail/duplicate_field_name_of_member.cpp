// expect: syncline: two fields of one name;
// culprit: note::text
// culprit: note::more
#include <syncline/schema/schema.hpp>

struct note {
    syncline::id_of<note> id;
    std::string text;
    std::string more;
};
template <>
struct syncline::entity_traits<note> {
    static constexpr std::string_view table = "notes";
    static constexpr auto key = &note::id;
    static constexpr auto fields = std::tuple{field("id", &note::text), field("ID", &note::more)};
};

constexpr auto view = syncline::schema<note>::view();
