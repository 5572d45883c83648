/// Schemas of every shape a dependency graph can have, for suites and simulations that run over any schema.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <syncline/schema/schema.hpp>

namespace syncline::testing {

/// A schema and what to call it in a failure.
struct named_schema {
    std::string_view name;
    schema_view view;
};

namespace schemas {

/// A chain: each link belongs to the one before.
template <int Link>
struct link {
    id_of<link> id{};
    id_of<link<Link - 1>> above_id{};
    std::string text{};
    std::int64_t number = 0;
};
template <>
struct link<0> {
    id_of<link> id{};
    std::string text{};
};

/// A diamond: the bottom belongs to both sides, which belong to the top.
struct top {
    id_of<top> id{};
    std::string text{};
};
struct left {
    id_of<left> id{};
    id_of<top> top_id{};
    std::string text{};
};
struct right {
    id_of<right> id{};
    id_of<top> top_id{};
    std::string text{};
};
struct bottom {
    id_of<bottom> id{};
    id_of<left> left_id{};
    std::optional<id_of<right>> right_id{};
    std::string text{};
};

/// A tree: removing a folder removes what is in it.
struct folder {
    id_of<folder> id{};
    std::optional<id_of<folder>> inside_id{};
    std::string name{};
    bool open = false;
};

/// A cycle of two tables, cut at a nullable key.
struct person;
struct team {
    id_of<team> id{};
    std::optional<id_of<person>> captain_id{};
    std::string name{};
};
struct person {
    id_of<person> id{};
    std::optional<id_of<team>> team_id{};
    std::string name{};
    std::int16_t points = 0;
};

/// References: a loan forbids the removal of its book, a mark forgets the book it was in; every kind of value.
enum class genre : std::uint8_t { other, prose, verse };
struct book {
    id_of<book> id{};
    std::string title{};
    genre kind = genre::other;
    std::vector<std::byte> cover{};
    std::chrono::sys_time<std::chrono::microseconds> printed{};
    std::set<std::string> words{};
    std::optional<double> weight{};
};
struct loan {
    id_of<loan> id{};
    id_of<book> book_id{};
    std::optional<id_of<loan>> former_id{};
    std::optional<std::string> reader{};
    bool returned = false;
};
struct mark {
    id_of<mark> id{};
    std::optional<id_of<book>> book_id{};
    std::optional<id_of<loan>> loan_id{};
    double place = 0;
    std::optional<std::int64_t> page{};
};

}  // namespace schemas
}  // namespace syncline::testing

template <int Link>
struct syncline::entity_traits<syncline::testing::schemas::link<Link>> {
    using row = syncline::testing::schemas::link<Link>;
    static constexpr std::array<std::string_view, 6> tables{"links_a", "links_b", "links_c", "links_d", "links_e", "links_f"};
    static constexpr std::string_view table = tables[static_cast<std::size_t>(Link)];
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{parent("aboveId", &row::above_id), field("text", &row::text), field("number", &row::number)};
};
template <>
struct syncline::entity_traits<syncline::testing::schemas::link<0>> {
    using row = syncline::testing::schemas::link<0>;
    static constexpr std::string_view table = "links_a";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{field("text", &row::text)};
};
template <>
struct syncline::entity_traits<syncline::testing::schemas::top> {
    using row = syncline::testing::schemas::top;
    static constexpr std::string_view table = "tops";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{field("text", &row::text)};
};
template <>
struct syncline::entity_traits<syncline::testing::schemas::left> {
    using row = syncline::testing::schemas::left;
    static constexpr std::string_view table = "lefts";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{parent("topId", &row::top_id), field("text", &row::text)};
};
template <>
struct syncline::entity_traits<syncline::testing::schemas::right> {
    using row = syncline::testing::schemas::right;
    static constexpr std::string_view table = "rights";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{parent("topId", &row::top_id), field("text", &row::text)};
};
template <>
struct syncline::entity_traits<syncline::testing::schemas::bottom> {
    using row = syncline::testing::schemas::bottom;
    static constexpr std::string_view table = "bottoms";
    static constexpr auto key = &row::id;
    static constexpr auto fields =
        std::tuple{parent("leftId", &row::left_id), parent("rightId", &row::right_id), field("text", &row::text)};
};
template <>
struct syncline::entity_traits<syncline::testing::schemas::folder> {
    using row = syncline::testing::schemas::folder;
    static constexpr std::string_view table = "folders";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{parent("insideId", &row::inside_id), field("name", &row::name), field("open", &row::open)};
};
template <>
struct syncline::entity_traits<syncline::testing::schemas::team> {
    using row = syncline::testing::schemas::team;
    static constexpr std::string_view table = "teams";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{reference("captainId", &row::captain_id), field("name", &row::name)};
};
template <>
struct syncline::entity_traits<syncline::testing::schemas::person> {
    using row = syncline::testing::schemas::person;
    static constexpr std::string_view table = "people";
    static constexpr auto key = &row::id;
    static constexpr auto fields =
        std::tuple{reference("teamId", &row::team_id), field("name", &row::name), field("points", &row::points)};
};
template <>
struct syncline::entity_traits<syncline::testing::schemas::book> {
    using row = syncline::testing::schemas::book;
    static constexpr std::string_view table = "books";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{field("title", &row::title),     field("kind", &row::kind),   field("cover", &row::cover),
                                              field("printed", &row::printed), field("words", &row::words), field("weight", &row::weight)};
};
template <>
struct syncline::entity_traits<syncline::testing::schemas::loan> {
    using row = syncline::testing::schemas::loan;
    static constexpr std::string_view table = "loans";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{reference("bookId", &row::book_id), reference("formerId", &row::former_id),
                                              field("reader", &row::reader), field("returned", &row::returned)};
};
template <>
struct syncline::entity_traits<syncline::testing::schemas::mark> {
    using row = syncline::testing::schemas::mark;
    static constexpr std::string_view table = "marks";
    static constexpr auto key = &row::id;
    static constexpr auto fields =
        std::tuple{reference("bookId", &row::book_id), parent("loanId", &row::loan_id), field("place", &row::place), field("page", &row::page)};
};

namespace syncline::testing::schemas {

using chain = schema<link<5>, link<4>, link<3>, link<2>, link<1>, link<0>>;
using diamond = schema<bottom, right, left, top>;
using tree = schema<folder>;
using cycle = schema<person, team>;
using references = schema<mark, loan, book>;

}  // namespace syncline::testing::schemas

namespace syncline::testing {

/// All of the above.
[[nodiscard]] inline std::span<const named_schema> all_schemas() noexcept {
    static constexpr named_schema list[] = {{"chain of six", schemas::chain::view()},
                                            {"diamond", schemas::diamond::view()},
                                            {"tree", schemas::tree::view()},
                                            {"nullable cycle", schemas::cycle::view()},
                                            {"references", schemas::references::view()}};
    return list;
}

}  // namespace syncline::testing
