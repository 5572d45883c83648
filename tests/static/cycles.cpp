/// Cycles of tables: which key is deferred, and which entities are named when none can be.
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>

#include <syncline/schema/schema.hpp>

namespace cycles {

using syncline::id_of;

struct author;
struct book;
struct chapter;
struct remark;
struct ink;
struct paper;

struct author {
    id_of<author> id;
    std::optional<id_of<book>> favourite;
};
struct book {
    id_of<book> id;
    std::optional<id_of<author>> author_id;
};
struct chapter {
    id_of<chapter> id;
    id_of<book> book_id;
    id_of<remark> remark_id;
};
struct remark {
    id_of<remark> id;
    id_of<chapter> chapter_id;
    id_of<book> book_id;
};
struct reader {
    id_of<reader> id;
    id_of<chapter> chapter_id;
};
struct ink {
    id_of<ink> id;
    std::optional<id_of<paper>> paper_id;
};
struct paper {
    id_of<paper> id;
};

}  // namespace cycles

namespace syncline {

using namespace cycles;

template <>
struct entity_traits<author> {
    static constexpr std::string_view table = "authors";
    static constexpr auto key = &author::id;
    static constexpr auto fields = std::tuple{reference("favourite", &author::favourite)};
};
template <>
struct entity_traits<book> {
    static constexpr std::string_view table = "books";
    static constexpr auto key = &book::id;
    static constexpr auto fields = std::tuple{parent("authorId", &book::author_id)};
};
template <>
struct entity_traits<chapter> {
    static constexpr std::string_view table = "chapters";
    static constexpr auto key = &chapter::id;
    static constexpr auto fields = std::tuple{parent("bookId", &chapter::book_id), reference("remarkId", &chapter::remark_id)};
};
template <>
struct entity_traits<remark> {
    static constexpr std::string_view table = "a_remark_before_all";
    static constexpr auto key = &remark::id;
    static constexpr auto fields = std::tuple{parent("chapterId", &remark::chapter_id), reference("bookId", &remark::book_id)};
};
template <>
struct entity_traits<reader> {
    static constexpr std::string_view table = "readers";
    static constexpr auto key = &reader::id;
    static constexpr auto fields = std::tuple{reference("chapterId", &reader::chapter_id)};
};
template <>
struct entity_traits<ink> {
    static constexpr std::string_view table = "inks";
    static constexpr auto key = &ink::id;
    static constexpr auto fields = std::tuple{};
    using depends_on = syncline::depends_on<paper>;
};
template <>
struct entity_traits<paper> {
    static constexpr std::string_view table = "papers";
    static constexpr auto key = &paper::id;
    static constexpr auto fields = std::tuple{};
    using depends_on = syncline::depends_on<ink>;
};

}  // namespace syncline

namespace cycles {

// The reference is deferred and the parent is not, in whatever order the entities are listed.
using two = syncline::schema<author, book>;
using two_reversed = syncline::schema<book, author>;
static_assert(two::view()[0].name == "authors" && two::view()[0].deferred_keys == 1 && two::view()[1].deferred_keys == 0);
static_assert(two_reversed::view()[0].name == "authors" && two_reversed::view()[0].deferred_keys == 1);

// Only the entities on the cycle are named, along its keys, the first table by name first.
using expected = syncline::cycle_without_nullable_key<remark, chapter>;
static_assert(std::is_same_v<syncline::schema<author, book, chapter, remark, reader>::mistake, expected>);
static_assert(std::is_same_v<syncline::schema<reader, remark, chapter, book, author>::mistake, expected>);

static_assert(std::is_same_v<syncline::schema<ink, paper>::mistake, syncline::cycle_without_nullable_key<ink, paper>>);

}  // namespace cycles
