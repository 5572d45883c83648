/// The tables that a schema yields: order, columns, keys, referrers, fingerprint.
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include <support/catch.hpp>
#include <syncline/schema/diagram.hpp>
#include <syncline/schema/schema.hpp>

namespace fitness {

using syncline::id_of;

struct exercise;
struct workout;
struct member;
struct workout_exercise;

template <class T>
struct named_row {
    id_of<T> id;
    std::string name;
};

struct exercise : named_row<exercise> {
    std::set<std::string> tags;
    std::optional<id_of<exercise>> variant_of;
};
struct member : named_row<member> {
    std::optional<id_of<workout>> current_workout;
};
struct workout : named_row<workout> {
    id_of<member> member_id;
};
struct workout_exercise {
    id_of<workout_exercise> id;
    id_of<workout> workout_id;
    id_of<exercise> exercise_id;
    std::uint8_t position = 0;
};
struct setting : named_row<setting> {};

}  // namespace fitness

namespace syncline {

using namespace fitness;

template <>
struct entity_traits<exercise> {
    static constexpr std::string_view table = "exercises";
    static constexpr auto key = &exercise::id;
    static constexpr auto fields =
        std::tuple{field("name", &exercise::name), field("tags", &exercise::tags), reference("variantOf", &exercise::variant_of)};
};
template <>
struct entity_traits<member> {
    static constexpr std::string_view table = "people";
    static constexpr std::string_view name = "member";
    static constexpr std::string_view route = "members";
    static constexpr auto key = &member::id;
    static constexpr auto fields = std::tuple{reference("currentWorkout", &member::current_workout)};
};
template <>
struct entity_traits<workout> {
    static constexpr std::string_view table = "workouts";
    static constexpr auto key = &workout::id;
    static constexpr auto fields = std::tuple{parent("memberId", &workout::member_id), field("name", &workout::name)};
};
template <>
struct entity_traits<workout_exercise> {
    static constexpr std::string_view table = "workout_exercises";
    static constexpr auto key = &workout_exercise::id;
    static constexpr auto fields = std::tuple{
        parent("workoutId", &workout_exercise::workout_id),
        reference("exerciseId", &workout_exercise::exercise_id),
        field("position", &workout_exercise::position),
    };
};
template <>
struct entity_traits<setting> {
    static constexpr std::string_view table = "settings";
    static constexpr auto key = &setting::id;
    static constexpr auto fields = std::tuple{field("name", &setting::name)};
    using depends_on = syncline::depends_on<workout, exercise>;
};

}  // namespace syncline

namespace fitness {

using syncline::column_kind;
using syncline::removal_policy;
using syncline::schema_view;

using schema = syncline::schema<workout_exercise, setting, workout, member, exercise>;
using reordered = syncline::schema<exercise, member, workout, workout_exercise, setting>;
constexpr schema_view view = schema::view();

static_assert(syncline::valid_schema<schema>);

// Tables are in push order: by rank, then by name.
static_assert(view.size() == 5);
static_assert(view[0].name == "exercises" && view[0].rank == 0);
static_assert(view[1].name == "people" && view[1].rank == 0);
static_assert(view[2].name == "workouts" && view[2].rank == 1);
static_assert(view[3].name == "settings" && view[3].rank == 2);
static_assert(view[4].name == "workout_exercises" && view[4].rank == 2);
static_assert(schema::index_of<exercise> == 0 && schema::index_of<workout_exercise> == 4);
static_assert(schema::contains<workout> && !schema::contains<int>);
static_assert(view.find_table("people") == 1 && view.find_entity("member") == 1 && view.find_entity("workout_exercise") == 4);

// Names are derived unless given.
static_assert(view[4].entity == "workout_exercise" && view[4].route == "workout-exercises" && view[4].name_of(syncline::row_member::id) == "id");
static_assert(view[1].entity == "member" && view[1].route == "members");

// Columns are in the order of declarations.
static_assert(view[4].columns.size() == 3);
static_assert(view[4].columns[0].name == "workoutId" && view[4].columns[0].kind == column_kind::key);
static_assert(view[4].columns[0].target == 2 && view[4].columns[0].owning && !view[4].columns[0].nullable);
static_assert(view[4].columns[0].on_remove == removal_policy::cascade);
static_assert(view[4].columns[1].target == 0 && !view[4].columns[1].owning);
static_assert(view[4].columns[1].on_remove == removal_policy::refuse);
static_assert(view[4].columns[2].kind == column_kind::integer && view[4].columns[2].target == -1);
static_assert(view[4].columns[2].least == 0 && view[4].columns[2].greatest == 255);
static_assert(view[0].columns[1].kind == column_kind::set);
static_assert(view[0].columns[2].nullable && view[0].columns[2].on_remove == removal_policy::set_null);
static_assert(view[4].keys == 0b011 && view[0].keys == 0b100 && view[3].keys == 0);

// A key to the entity itself orders rows, not tables; a nullable key on a cycle of tables is deferred.
static_assert(view[0].self_referencing && !view[1].self_referencing);
static_assert(view[1].columns[0].deferred && view[1].deferred_keys == 1 && view[1].columns[0].target == 2);
static_assert(view[0].deferred_keys == 0 && view[2].deferred_keys == 0);
static_assert(!view[0].in_ownership_cycle && !view[1].in_ownership_cycle && !view[2].in_ownership_cycle);

constexpr bool is_referrer(const syncline::referrer_view& referrer, int table, int column) {
    return referrer.table == table && referrer.column == column;
}
static_assert(view[0].referrers.size() == 2 && view[3].referrers.empty() && view[4].referrers.empty());
static_assert(is_referrer(view[0].referrers[0], 0, 2) && is_referrer(view[0].referrers[1], 4, 1));
static_assert(view[2].referrers.size() == 2);
static_assert(is_referrer(view[2].referrers[0], 1, 0) && is_referrer(view[2].referrers[1], 4, 0));

static_assert(view[3].dependencies.size() == 2 && view[3].dependencies[0] == 0 && view[3].dependencies[1] == 2);
static_assert(view[4].dependencies.empty());

// Nothing depends on the order of the schema's arguments.
constexpr bool is_same_view(const schema_view& a, const schema_view& b) {
    if (a.size() != b.size() || a.fingerprint != b.fingerprint) return false;
    for (int i = 0; i < a.size(); ++i)
        if (a[i].name != b[i].name || a[i].rank != b[i].rank || a[i].deferred_keys != b[i].deferred_keys) return false;
    return true;
}
static_assert(is_same_view(view, reordered::view()));

// The typed declarations are in the order of the columns.
static_assert(std::tuple_size_v<std::remove_cvref_t<decltype(syncline::declarations<workout_exercise>())>> == 3);
static_assert(std::get<1>(syncline::declarations<workout_exercise>()).member == &workout_exercise::exercise_id);
static_assert(std::get<1>(syncline::declarations<workout_exercise>()).name == view[4].columns[1].name);
static_assert(std::get<1>(syncline::declarations<workout_exercise>()).role == syncline::member_role::reference);

constexpr int count_keys() {
    int keys = 0;
    syncline::visit_declarations<workout_exercise>(
        [&](const auto& declared) { keys += declared.role == syncline::member_role::field ? 0 : 1; });
    return keys;
}
static_assert(count_keys() == 2);
static_assert(syncline::declaration_count<workout_exercise> == 3);
static_assert(syncline::declared<workout_exercise, 2>().member == &workout_exercise::position);

// What two peers must agree on changes the fingerprint; the order of fields and the width of integers do not.
template <int Variant>
struct row {
    id_of<row> id;
    std::optional<std::string> note;
    std::string text;
    std::optional<id_of<row>> previous;
    std::int32_t small = 0;
    std::int64_t large = 0;
};

}  // namespace fitness

namespace syncline {

template <int Variant>
struct row_traits {
    static constexpr std::string_view table = "rows";
    static constexpr auto key = &row<Variant>::id;
};
template <>
struct entity_traits<row<0>> : row_traits<0> {
    static constexpr auto fields =
        std::tuple{field("text", &row<0>::text), reference("previous", &row<0>::previous), field("count", &row<0>::small)};
};
template <>
struct entity_traits<row<1>> : row_traits<1> {
    static constexpr auto fields =
        std::tuple{field("count", &row<1>::large), field("text", &row<1>::text), reference("previous", &row<1>::previous)};
};
template <>
struct entity_traits<row<2>> : row_traits<2> {
    static constexpr auto fields =
        std::tuple{field("text", &row<2>::note), reference("previous", &row<2>::previous), field("count", &row<2>::small)};
};
template <>
struct entity_traits<row<3>> : row_traits<3> {
    static constexpr auto fields =
        std::tuple{field("text", &row<3>::text), parent("previous", &row<3>::previous), field("count", &row<3>::small)};
};
template <>
struct entity_traits<row<4>> : row_traits<4> {
    static constexpr auto fields =
        std::tuple{field("text", &row<4>::text), reference("previous", &row<4>::previous, removal_policy::refuse),
                   field("count", &row<4>::small)};
};
template <>
struct entity_traits<row<5>> : row_traits<5> {
    static constexpr auto fields = std::tuple{field("text", &row<5>::text), reference("previous", &row<5>::previous)};
};
template <>
struct entity_traits<row<6>> : row_traits<6> {
    static constexpr std::string_view route = "other-rows";
    static constexpr auto fields =
        std::tuple{field("text", &row<6>::text), reference("previous", &row<6>::previous), field("count", &row<6>::small)};
};

template <>
struct entity_traits<row<7>> : row_traits<7> {
    static constexpr auto on_create_conflict = create_conflict_policy::merge;
    static constexpr auto fields =
        std::tuple{field("text", &row<7>::text), reference("previous", &row<7>::previous), field("count", &row<7>::small)};
};

}  // namespace syncline

namespace fitness {

template <int Variant>
inline constexpr std::uint64_t fingerprint = syncline::schema<row<Variant>>::view().fingerprint;

static_assert(fingerprint<0> == fingerprint<1>);
static_assert(fingerprint<0> != fingerprint<2> && fingerprint<0> != fingerprint<3> && fingerprint<0> != fingerprint<4>);
static_assert(fingerprint<0> != fingerprint<5> && fingerprint<0> != fingerprint<6> && fingerprint<0> != fingerprint<7>);
static_assert(syncline::schema<row<0>>::view()[0].create_policy == syncline::create_conflict_policy::theirs_wins);
static_assert(syncline::schema<row<7>>::view()[0].create_policy == syncline::create_conflict_policy::merge);
static_assert(syncline::schema<row<3>>::view()[0].in_ownership_cycle);

TEST_CASE("a mermaid diagram shows push order and every kind of arrow") {
    REQUIRE(syncline::to_mermaid<schema>() ==
            "flowchart BT\n"
            "    t1[\"1: exercises (rank 0)\"]\n"
            "    t2[\"2: people (rank 0)\"]\n"
            "    t3[\"3: workouts (rank 1)\"]\n"
            "    t4[\"4: settings (rank 2)\"]\n"
            "    t5[\"5: workout_exercises (rank 2)\"]\n"
            "    t1 -.->|\"variantOf (nullable)\"| t1\n"
            "    t2 -.-x|\"currentWorkout (deferred)\"| t3\n"
            "    t3 ==>|\"memberId\"| t2\n"
            "    t4 -->|\"depends on\"| t1\n"
            "    t4 -->|\"depends on\"| t3\n"
            "    t5 ==>|\"workoutId\"| t3\n"
            "    t5 -->|\"exerciseId\"| t1\n");
}

TEST_CASE("a graphviz diagram shows push order and every kind of arrow") {
    const std::string dot = syncline::to_dot<schema>();
    using syncline::tests::contains;
    REQUIRE_THAT(dot, contains("t3 [label=\"3: workouts (rank 1)\"];"));
    REQUIRE_THAT(dot, contains("t1 -> t1 [label=\"variantOf (nullable)\", style=dashed];"));
    REQUIRE_THAT(dot, contains("t2 -> t3 [label=\"currentWorkout (deferred)\", style=dotted, color=red, constraint=false];"));
    REQUIRE_THAT(dot, contains("t3 -> t2 [label=\"memberId\", style=bold];"));
    REQUIRE_THAT(dot, contains("t5 -> t1 [label=\"exerciseId\", style=solid];"));
    REQUIRE_THAT(dot, contains("t4 -> t3 [label=\"depends on\", style=solid];"));
    REQUIRE(dot.starts_with("digraph schema {"));
    REQUIRE(dot.ends_with("}\n"));
}

}  // namespace fitness
