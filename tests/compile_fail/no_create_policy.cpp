// expect: syncline: on_create_conflict is not a policy;
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
    static constexpr bool on_create_conflict = true;
};

constexpr auto view = syncline::schema<note>::view();
