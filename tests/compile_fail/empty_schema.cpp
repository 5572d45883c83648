// expect: syncline: a schema without entities;
// culprit: empty_schema
#include <syncline/schema/schema.hpp>

constexpr auto view = syncline::schema<>::view();
