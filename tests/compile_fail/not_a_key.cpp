// expect: syncline: parent() or reference() of a member that is no key;
// culprit: note::text
#include <syncline/schema/schema.hpp>

struct note {
    syncline::id_of<note> id;
    std::string text;
};
template <>
struct syncline::entity_traits<note> {
    static constexpr std::string_view table = "notes";
    static constexpr auto key = &note::id;
    static constexpr auto fields = std::tuple{reference("text", &note::text)};
};

constexpr auto view = syncline::schema<note>::view();
