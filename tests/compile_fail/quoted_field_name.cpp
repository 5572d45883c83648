// expect: syncline: not a name for a field;
// culprit: note::text
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
    static constexpr auto fields = std::tuple{field("the \"text\"", &note::text)};
};

constexpr auto view = syncline::schema<note>::view();
