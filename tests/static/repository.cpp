/// What the type of a repository says: its arguments are deduced from a schema and a store, and its reads are const.
#include <concepts>
#include <string>
#include <tuple>

#include <syncline/client/repository.hpp>
#include <syncline/stores/memory.hpp>

namespace {

struct list {
    syncline::id_of<list> id{};
    std::string title{};
};
struct task {
    syncline::id_of<task> id{};
    syncline::id_of<list> list_id{};
};

}  // namespace

template <>
struct syncline::entity_traits<list> {
    static constexpr std::string_view table = "lists";
    static constexpr auto key = &list::id;
    static constexpr auto fields = std::tuple{field("title", &list::title)};
};
template <>
struct syncline::entity_traits<task> {
    static constexpr std::string_view table = "tasks";
    static constexpr auto key = &task::id;
    static constexpr auto fields = std::tuple{parent("listId", &task::list_id)};
};

namespace {

using schema = syncline::schema<list, task>;
using task_rows = syncline::repository<schema, syncline::memory_store>;

static_assert(std::same_as<decltype(syncline::repository(schema{}, std::declval<syncline::memory_store&>())), task_rows>);
static_assert(std::same_as<decltype(syncline::repository(schema{}, std::declval<syncline::memory_store&>(), syncline::repository_options{})), task_rows>);

template <class Rows>
concept readable = requires(Rows& rows, const syncline::id_of<list>& id) {
    rows.find(id);
    rows.template all<list>();
    rows.template children<task>(id);
    rows.template count<list>();
    rows.owner();
    rows.pending();
    rows.quarantine();
    rows.preview_discard(id);
    rows.conflicts();
    rows.why(id);
};
template <class Rows>
concept writable = requires(Rows& rows, const syncline::id_of<list>& id) { rows.remove(id); };
static_assert(readable<const task_rows> && !writable<const task_rows>);
static_assert(readable<task_rows> && writable<task_rows>);

}  // namespace
