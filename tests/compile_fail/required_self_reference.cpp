// expect: syncline: a key to the entity itself that is never null,
// culprit: note::previous
#include <syncline/schema/schema.hpp>

struct note {
    syncline::id_of<note> id;
    syncline::id_of<note> previous;
};
template <>
struct syncline::entity_traits<note> {
    static constexpr std::string_view table = "notes";
    static constexpr auto key = &note::id;
    static constexpr auto fields = std::tuple{reference("previous", &note::previous)};
};

constexpr auto view = syncline::schema<note>::view();
