// expect: syncline: an entity without traits;
// culprit: note
#include <syncline/schema/schema.hpp>

struct note {
    syncline::id_of<note> id;
};

constexpr auto view = syncline::schema<note>::view();
