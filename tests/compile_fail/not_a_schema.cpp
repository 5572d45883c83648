// expect: syncline: not a schema;
// culprit: note
#include <syncline/schema/schema.hpp>

struct note {};

void use() { static_cast<void>(syncline::check_schema<note>()); }
