// expect: syncline: an entity without traits;
// culprit: note
#include <syncline/schema/schema.hpp>

struct note {
    syncline::id_of<note> id;
};
using schema = syncline::schema<note>;

constexpr auto view = schema::view();
constexpr int place = schema::index_of<note>;
constexpr bool checked = syncline::check_schema<schema>();
