/// The sources whose compilation is measured, as texts.
#pragma once

#include <string>
#include <vector>

namespace syncline::benchmarks {

struct source {
    std::string title;  ///< as the table shows it
    std::string text;
};

/// A schema of `entities` entities with a parent and two references each, none on a cycle; its tables and push order are used.
[[nodiscard]] inline std::string schema_source(int entities) {
    const auto type = [](int number) { return "e" + std::to_string(number); };
    std::string text =
        "#include <optional>\n#include <string>\n#include <syncline/schema/schema.hpp>\nnamespace made {\nusing syncline::id_of;\n";
    for (int i = 0; i < entities; ++i) text += "struct " + type(i) + ";\n";
    for (int i = 0; i < entities; ++i) {
        text += "struct " + type(i) + " {\n    id_of<" + type(i) + "> id;\n";
        if (i > 0) text += "    id_of<" + type(i / 2) + "> one;\n    std::optional<id_of<" + type(i / 3) + ">> two;\n    std::optional<id_of<" +
                           type(i - 1) + ">> three;\n";
        text += "    std::string text;\n    int number = 0;\n};\n";
    }
    text += "}\nnamespace syncline {\n";
    for (int i = 0; i < entities; ++i) {
        const std::string name = "made::" + type(i);
        text += "template <>\nstruct entity_traits<" + name + "> {\n    static constexpr std::string_view table = \"table_" + std::to_string(i) +
                "\";\n    static constexpr auto key = &" + name + "::id;\n    static constexpr auto fields = field_list{";
        if (i > 0) text += "parent(\"one\", &" + name + "::one), reference(\"two\", &" + name + "::two), reference(\"three\", &" + name + "::three), ";
        text += "field(\"text\", &" + name + "::text), field(\"number\", &" + name + "::number)};\n};\n";
    }
    text += "}\nusing all = syncline::schema<";
    for (int i = 0; i < entities; ++i) text += (i == 0 ? "made::" : ", made::") + type(i);
    return text + ">;\nint main() { return all::view().size() == " + std::to_string(entities) + " ? 0 : 1; }\n";
}

/// Everything in one file: declaration, SQLite store, engine, and the server on SQLite.
[[nodiscard]] inline std::string workout_source() {
    return R"(#include <optional>
#include <string>
#include <syncline/backends/sqlite.hpp>
#include <syncline/stores/sqlite.hpp>
#include <syncline/syncline.hpp>
#include <workout/schema.hpp>
using tracker = workout_tracker::schema;
int main() {
    syncline::sqlite_backend database(":memory:", tracker::view());
    syncline::service server(database);
    syncline::router routes(server, [](const std::string&) -> std::optional<std::string> { return "owner"; });
    syncline::in_process_transport link(routes, "token");
    syncline::sqlite_store phone(":memory:", tracker::view(), {.owner = "owner"});
    syncline::repository<tracker, syncline::sqlite_store> rows(phone);
    rows.create(workout_tracker::exercise{.name = "squat"});
    syncline::engine sync(phone, link);
    return sync.sync().outcome == syncline::sync_outcome::complete ? 0 : 1;
}
)";
}

/// What is measured; the first is what the others are compared with.
[[nodiscard]] inline std::vector<source> sources_to_compile() {
    return {{"#include <nlohmann/json.hpp>", "#include <nlohmann/json.hpp>\nint main() {}\n"},
            {"#include <syncline/syncline.hpp>", "#include <syncline/syncline.hpp>\nint main() {}\n"},
            {"workout, engine, SQLite, server", workout_source()},
            {"schema of 6 entities", schema_source(6)},
            {"schema of 40 entities", schema_source(40)},
            {"schema of 100 entities", schema_source(100)}};
}

}  // namespace syncline::benchmarks
