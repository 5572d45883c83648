/// The entities that the server's tests work with: one of every kind of key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <syncline/schema/schema.hpp>

namespace server_tests {

/// An owner's version of this number; 0: before the first.
[[nodiscard]] constexpr syncline::row_version nth_version(std::int64_t number) noexcept {
    return syncline::row_version(syncline::first_generation, number);
}

struct exercise {
    syncline::id_of<exercise> id;
    std::string name;
};
struct workout {
    syncline::id_of<workout> id;
    std::string title;
    std::optional<std::string> remark;
    std::int16_t rating = 0;
    double load = 0;
    bool done = false;
    std::vector<std::byte> photo;
};
struct exercise_set {
    syncline::id_of<exercise_set> id;
    syncline::id_of<workout> workout_id;
    syncline::id_of<exercise> exercise_id;
    int position = 0;
};
struct note {
    syncline::id_of<note> id;
    std::optional<syncline::id_of<workout>> workout_id;
    std::string text;
};
struct folder {
    syncline::id_of<folder> id;
    std::optional<syncline::id_of<folder>> parent_id;
    std::string name;
};
struct topic {
    syncline::id_of<topic> id;
    std::optional<syncline::id_of<topic>> above_id;
    std::string name;
};
struct team;
struct person {
    syncline::id_of<person> id;
    std::optional<syncline::id_of<team>> team_id;
    std::string name;
};
struct team {
    syncline::id_of<team> id;
    std::optional<syncline::id_of<person>> captain_id;
    std::string name;
};

}  // namespace server_tests

template <>
struct syncline::entity_traits<server_tests::exercise> {
    static constexpr std::string_view table = "exercises";
    static constexpr auto key = &server_tests::exercise::id;
    static constexpr auto on_create_conflict = create_conflict_policy::refuse;
    static constexpr auto fields = std::tuple{field("name", &server_tests::exercise::name)};
};
template <>
struct syncline::entity_traits<server_tests::workout> {
    static constexpr std::string_view table = "workouts";
    static constexpr auto key = &server_tests::workout::id;
    static constexpr auto fields = std::tuple{
        field("title", &server_tests::workout::title),   field("remark", &server_tests::workout::remark),
        field("rating", &server_tests::workout::rating), field("load", &server_tests::workout::load),
        field("done", &server_tests::workout::done),     field("photo", &server_tests::workout::photo),
    };
};
template <>
struct syncline::entity_traits<server_tests::exercise_set> {
    static constexpr std::string_view table = "exercise_sets";
    static constexpr auto key = &server_tests::exercise_set::id;
    static constexpr auto fields = std::tuple{
        parent("workoutId", &server_tests::exercise_set::workout_id),
        reference("exerciseId", &server_tests::exercise_set::exercise_id),
        field("position", &server_tests::exercise_set::position),
    };
};
template <>
struct syncline::entity_traits<server_tests::note> {
    static constexpr std::string_view table = "notes";
    static constexpr auto key = &server_tests::note::id;
    static constexpr auto fields =
        std::tuple{reference("workoutId", &server_tests::note::workout_id), field("text", &server_tests::note::text)};
};
template <>
struct syncline::entity_traits<server_tests::folder> {
    static constexpr std::string_view table = "folders";
    static constexpr auto key = &server_tests::folder::id;
    static constexpr auto fields = std::tuple{parent("parentId", &server_tests::folder::parent_id), field("name", &server_tests::folder::name)};
};
template <>
struct syncline::entity_traits<server_tests::topic> {
    static constexpr std::string_view table = "topics";
    static constexpr auto key = &server_tests::topic::id;
    static constexpr auto fields = std::tuple{reference("aboveId", &server_tests::topic::above_id, removal_policy::refuse),
                                              field("name", &server_tests::topic::name)};
};
template <>
struct syncline::entity_traits<server_tests::person> {
    static constexpr std::string_view table = "people";
    static constexpr auto key = &server_tests::person::id;
    static constexpr auto on_create_conflict = create_conflict_policy::mine_wins;
    static constexpr auto fields = std::tuple{reference("teamId", &server_tests::person::team_id), field("name", &server_tests::person::name)};
};
template <>
struct syncline::entity_traits<server_tests::team> {
    static constexpr std::string_view table = "teams";
    static constexpr auto key = &server_tests::team::id;
    static constexpr auto on_create_conflict = create_conflict_policy::merge;
    static constexpr auto fields = std::tuple{reference("captainId", &server_tests::team::captain_id), field("name", &server_tests::team::name)};
};

namespace server_tests {

using schema = syncline::schema<exercise_set, note, workout, folder, exercise, topic, person, team>;

inline constexpr int exercises = schema::index_of<exercise>;
inline constexpr int workouts = schema::index_of<workout>;
inline constexpr int exercise_sets = schema::index_of<exercise_set>;
inline constexpr int notes = schema::index_of<note>;
inline constexpr int folders = schema::index_of<folder>;
inline constexpr int topics = schema::index_of<topic>;
inline constexpr int people = schema::index_of<person>;
inline constexpr int teams = schema::index_of<team>;

}  // namespace server_tests
