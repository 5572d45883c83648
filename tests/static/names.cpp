/// Names that are valid, reserved or derived.
#include <syncline/schema/names.hpp>

namespace {

using syncline::default_route;
using syncline::is_identifier;
using syncline::is_reserved_field;
using syncline::is_route;
using syncline::is_table_name;
using syncline::singular_name;

static_assert(singular_name("workout_exercises").view() == "workout_exercise");
static_assert(singular_name("categories").view() == "category");
static_assert(singular_name("boxes").view() == "box");
static_assert(singular_name("classes").view() == "class");
static_assert(singular_name("matches").view() == "match");
static_assert(singular_name("sizes").view() == "size");
static_assert(singular_name("houses").view() == "house");
static_assert(singular_name("statuses").view() == "status");
static_assert(singular_name("status").view() == "status");
static_assert(singular_name("address").view() == "address");
static_assert(singular_name("analysis").view() == "analysis");
static_assert(singular_name("time_series").view() == "time_series");
static_assert(singular_name("sheep").view() == "sheep");
static_assert(singular_name("s").view() == "s");
static_assert(singular_name("").view().empty());

static_assert(default_route("workout_exercises").view() == "workout-exercises");

static_assert(is_table_name("workouts") && is_table_name("_") && is_table_name("order") && is_table_name("t2"));
static_assert(!is_table_name("") && !is_table_name("2t") && !is_table_name("Workouts") && !is_table_name("work-outs"));
static_assert(!is_table_name("sqlite_master") && !is_table_name("syncline_outbox") && is_table_name("sqlite"));
static_assert(is_table_name("a_table_with_a_name_that_is_exactly_48_bytes_lon"));
static_assert(!is_table_name("a_table_with_a_name_that_is_not_under_49_bytes_lo"));

static_assert(is_identifier("workoutId") && is_identifier("_x1") && !is_identifier("1x") && !is_identifier("x y"));
static_assert(!is_identifier("na\xc3\xafve"));
static_assert(is_route("workout-exercises") && !is_route("") && !is_route("a/b") && !is_route("sync") && is_route("syncs"));

static_assert(is_reserved_field("id") && is_reserved_field("ID") && is_reserved_field("localid") && is_reserved_field("version") && is_reserved_field("lastWriter"));
static_assert(is_reserved_field("isDeleted") && is_reserved_field("incarnation") && is_reserved_field("syncline_") &&
              is_reserved_field("rowid") && is_reserved_field("xmin"));
static_assert(!is_reserved_field("identifier") && !is_reserved_field("syncline") && !is_reserved_field("name"));

}  // namespace
