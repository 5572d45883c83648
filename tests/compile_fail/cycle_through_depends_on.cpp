// expect: syncline: a cycle without a nullable key,
// culprit: note, task
#include <syncline/schema/schema.hpp>

struct task;
struct note {
    syncline::id_of<note> id;
    std::string text;
};
template <>
struct syncline::entity_traits<note> {
    static constexpr std::string_view table = "notes";
    static constexpr auto key = &note::id;
    static constexpr auto fields = std::tuple{field("text", &note::text)};
    using depends_on = syncline::depends_on<task>;
};
struct task {
    syncline::id_of<task> id;
    syncline::id_of<note> note_id;
};
template <>
struct syncline::entity_traits<task> {
    static constexpr std::string_view table = "tasks";
    static constexpr auto key = &task::id;
    static constexpr auto fields = std::tuple{reference("noteId", &task::note_id)};
};

constexpr auto view = syncline::schema<task, note>::view();
