// expect: syncline: an entity depends on itself;
// culprit: note
#include <syncline/schema/schema.hpp>

struct note {
    syncline::id_of<note> id;
    std::string text;
};
template <>
struct syncline::entity_traits<note> {
    static constexpr std::string_view table = "notes";
    static constexpr auto key = &note::id;
    static constexpr auto fields = std::tuple{field("text", &note::text)};
    using depends_on = syncline::depends_on<note>;
};

constexpr auto view = syncline::schema<note>::view();
