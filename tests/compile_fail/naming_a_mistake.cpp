// To name a mistake, or to ask a concept for it, is no error.
#include <syncline/schema/schema.hpp>

struct note {
    syncline::id_of<note> id;
};

using schema = syncline::schema<note>;
static_assert(std::is_same_v<schema::mistake, syncline::no_traits<note>>);
static_assert(!syncline::valid_schema<schema>);
