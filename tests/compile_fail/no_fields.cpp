// expect: syncline: traits without fields;
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
};

constexpr auto view = syncline::schema<note>::view();
