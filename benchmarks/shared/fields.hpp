/// Names and members of the rows' fields, for the contestants that write their SQL, JSON and comparisons from one description.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "domain.hpp"

namespace benchmarks {

/// Index of a table in `dataset`; no_table is the target of a field that is no foreign key.
inline constexpr int no_table = -1;

template <class Row, class Value>
struct field {
    std::string_view name;
    Value Row::*member;
    int target = no_table;
};

template <class Row>
struct table;

template <>
struct table<exercise> {
    static constexpr int number = 0;
    static constexpr std::string_view name = "exercises";
    static constexpr auto fields =
        std::tuple{field{"name", &exercise::name}, field{"muscles", &exercise::muscles}, field{"notes", &exercise::notes}};
};

template <>
struct table<workout> {
    static constexpr int number = 1;
    static constexpr std::string_view name = "workouts";
    static constexpr auto fields =
        std::tuple{field{"name", &workout::name}, field{"startedAt", &workout::started_at}, field{"minutes", &workout::minutes},
                   field{"bodyKg", &workout::body_kg}, field{"notes", &workout::notes}};
};

template <>
struct table<workout_exercise> {
    static constexpr int number = 2;
    static constexpr std::string_view name = "workout_exercises";
    static constexpr auto fields =
        std::tuple{field{"workoutId", &workout_exercise::workout_id, 1}, field{"exerciseId", &workout_exercise::exercise_id, 0},
                   field{"position", &workout_exercise::position}, field{"restSeconds", &workout_exercise::rest_seconds},
                   field{"notes", &workout_exercise::notes}};
};

template <>
struct table<workout_set> {
    static constexpr int number = 3;
    static constexpr std::string_view name = "workout_sets";
    static constexpr auto fields = std::tuple{field{"workoutExerciseId", &workout_set::workout_exercise_id, 2},
                                              field{"name", &workout_set::name},
                                              field{"position", &workout_set::position},
                                              field{"reps", &workout_set::reps},
                                              field{"restSeconds", &workout_set::rest_seconds},
                                              field{"weightKg", &workout_set::weight_kg},
                                              field{"doneAt", &workout_set::done_at},
                                              field{"notes", &workout_set::notes}};
};

inline constexpr std::size_t table_count = std::tuple_size_v<dataset>;
inline constexpr std::array<std::string_view, table_count> table_names{table<exercise>::name, table<workout>::name,
                                                                       table<workout_exercise>::name, table<workout_set>::name};

template <class Row>
inline constexpr std::size_t field_count = std::tuple_size_v<decltype(table<Row>::fields)>;

/// Calls `visit(index, field)` for each field; `index` is a std::integral_constant.
template <class Row, class Visit>
constexpr void for_each_field(Visit&& visit) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (visit(std::integral_constant<std::size_t, I>{}, std::get<I>(table<Row>::fields)), ...);
    }
    (std::make_index_sequence<field_count<Row>>{});
}

/// Set of fields, by index.
using field_mask = std::uint64_t;

[[nodiscard]] constexpr bool has_field(field_mask mask, std::size_t index) noexcept { return (mask >> index & 1u) != 0; }

template <class Row>
inline constexpr field_mask all_fields = (field_mask{1} << field_count<Row>)-1;

/// The field that `make_edit` changes.
template <class Row>
[[nodiscard]] field_mask mask_of(edit_kind kind) {
    field_mask mask = 0;
    Row before, after;
    make_edit(after, kind, 1);
    for_each_field<Row>([&](auto index, const auto& one) {
        if (!(before.*one.member == after.*one.member)) mask |= field_mask{1} << index;
    });
    return mask;
}

/// SQL type of a field's values.
[[nodiscard]] constexpr std::string_view sql_type(std::int64_t) noexcept { return "INTEGER"; }
[[nodiscard]] constexpr std::string_view sql_type(double) noexcept { return "REAL"; }
[[nodiscard]] inline std::string_view sql_type(const std::string&) noexcept { return "TEXT"; }
[[nodiscard]] inline std::string_view sql_type(const id_text&) noexcept { return "TEXT"; }

}  // namespace benchmarks
