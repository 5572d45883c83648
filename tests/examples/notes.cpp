/// Another schema for the same shell and server: every kind of field, a tree, and no form of import of its own.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <server_shell.hpp>
#include <shell.hpp>

namespace notes {

enum class color : std::int16_t { none = -1, red = 1, green = 2 };

struct folder {
    syncline::id_of<folder> id{};
    std::optional<syncline::id_of<folder>> inside{};
    std::string name{};
};

struct note {
    syncline::id_of<note> id{};
    syncline::id_of<folder> folder_id{};
    std::string title = "untitled";
    std::optional<std::string> text{};
    bool done = false;
    std::int8_t stars = 3;
    std::optional<float> weight{};
    color mark = color::none;
    std::vector<std::byte> thumbnail{};
    std::set<std::string> tags{};
    std::optional<std::set<std::int32_t>> pages{};
    std::chrono::sys_time<std::chrono::milliseconds> written{};
    std::optional<std::chrono::sys_days> due{};
};

}  // namespace notes

template <>
struct syncline::entity_traits<notes::folder> {
    using row = notes::folder;
    static constexpr std::string_view table = "folders";
    static constexpr auto key = &row::id;
    static constexpr auto fields = std::tuple{parent("inside", &row::inside), field("name", &row::name)};
};

template <>
struct syncline::entity_traits<notes::note> {
    using row = notes::note;
    static constexpr std::string_view table = "notes";
    static constexpr auto key = &row::id;
    static constexpr auto fields =
        std::tuple{parent("folder", &row::folder_id), field("title", &row::title),     field("text", &row::text),
                   field("done", &row::done),         field("stars", &row::stars),     field("weight", &row::weight),
                   field("mark", &row::mark),         field("thumbnail", &row::thumbnail), field("tags", &row::tags),
                   field("pages", &row::pages),       field("written", &row::written), field("due", &row::due)};
};

int main(int count, char** words) {
    using schema = syncline::schema<notes::note, notes::folder>;
    if (count > 1 && words[1] == std::string_view("serve")) {
        words[1] = words[0];
        return shell::run_server_shell(count - 1, words + 1, schema::view(), {.name = "notes serve", .description = "Serves notes."});
    }
    return shell::run_shell<schema>(count, words, {.texts = {.name = "notes", .description = "Notes in folders.", .import_form = {}}, .import_file = {}});
}
