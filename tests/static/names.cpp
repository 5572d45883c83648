/// Names that are valid, reserved or derived.
#include <syncline/schema/row_member.hpp>

namespace {

using syncline::default_name;
using syncline::default_route;
using syncline::find_row_member;
using syncline::give_way;
using syncline::is_identifier;
using syncline::is_name;
using syncline::is_reserved_field;
using syncline::is_route;
using syncline::is_table_name;
using syncline::row_member;
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

static_assert(default_name("workout_exercises").view() == "workout_exercise" && default_name("Boxes").view() == "Box");
static_assert(default_name("My Notes").view() == "My_Note" && default_name("2024 runs").view() == "_2024_run");
static_assert(default_name("na\xc3\xafve.ones").view() == "na_ve_one" && default_name("").view().empty());

static_assert(default_route("workout_exercises").view() == "workout-exercises" && default_route("My Notes").view() == "my-notes");
static_assert(default_route("dbo.Notes%20").view() == "dbo-notes-20" && default_route("na\xc3\xafve").view() == "na-ve");

static_assert(is_name("x") && is_name("the text") && is_name("2nd") && is_name("it's a_`b`.c[1]%;$") && is_name("gr\xc3\xb6\xc3\x9f"));
static_assert(!is_name("") && !is_name("a\nb") && !is_name(std::string_view("a\0b", 3)) && !is_name("a\x7f"));
static_assert(!is_name("say \"hello\"") && !is_name("a\\b"));
static_assert(!is_name("na\xefve") && !is_name("\xc3") && !is_name("a\xc2\x85") && is_name("a\xc2\xa0"));
static_assert(is_name("a_field_with_a_name_that_is_exactly_48_bytes_lon") && !is_name("a_field_with_a_name_that_is_not_under_49_bytes_lo"));

static_assert(is_table_name("workouts") && is_table_name("_") && is_table_name("order") && is_table_name("t2"));
static_assert(is_table_name("2t") && is_table_name("Workouts") && is_table_name("work-outs") && is_table_name("My Work Outs"));
static_assert(!is_table_name("") && !is_table_name("$workouts") && is_table_name("work$outs") && !is_table_name("my \"workouts\""));
static_assert(!is_table_name("sqlite_master") && !is_table_name("syncline_outbox") && is_table_name("sqlite"));
static_assert(!is_table_name("SQLite_master") && !is_table_name("Syncline_outbox") && is_table_name("Syncline"));
static_assert(is_table_name("a_table_with_a_name_that_is_exactly_48_bytes_lon"));
static_assert(!is_table_name("a_table_with_a_name_that_is_not_under_49_bytes_lo"));

static_assert(is_identifier("workoutId") && is_identifier("_x1") && !is_identifier("1x") && !is_identifier("x y"));
static_assert(!is_identifier("na\xc3\xafve"));
static_assert(is_route("workout-exercises") && !is_route("") && !is_route("a/b") && !is_route("sync") && is_route("syncs"));

static_assert(is_reserved_field("$id") && is_reserved_field("$anything") && is_reserved_field("syncline_") && is_reserved_field("SYNCLINE_x"));
static_assert(is_reserved_field("xmin") && is_reserved_field("ctid") && !is_reserved_field("xMin") && !is_reserved_field("CTID"));
static_assert(!is_reserved_field("id") && !is_reserved_field("version") && !is_reserved_field("updatedAt") && !is_reserved_field("rowid"));
static_assert(!is_reserved_field("identifier") && !is_reserved_field("syncline") && !is_reserved_field("name"));

static_assert(find_row_member("id") == row_member::id && find_row_member("ID") == row_member::id && find_row_member("identifier") == -1);
static_assert(find_row_member("localid") == row_member::local && find_row_member("VERSION") == row_member::version);
static_assert(find_row_member("$id") == -1 && find_row_member("") == -1);

constexpr row_member::name_list names_beside(std::string_view field) {
    row_member::name_list names = row_member::names;
    give_way(names, field);
    return names;
}
static_assert(names_beside("title") == row_member::names);
static_assert(names_beside("Id") == row_member::name_list{"$id", "localId", "version", "updatedAt", "isDeleted", "incarnation", "baseVersion", "lastWriter", "lastSeq"});
static_assert(names_beside("isdeleted") == row_member::name_list{"id", "localId", "version", "updatedAt", "$isDeleted", "incarnation", "baseVersion", "lastWriter", "lastSeq"});

}  // namespace
