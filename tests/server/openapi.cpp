#include <syncline/server/openapi.hpp>

#include <functional>
#include <set>

#include <nlohmann/json.hpp>

#include <server/support/world.hpp>

using namespace server_tests;
using nlohmann::json;

namespace openapi_tests {

/// Entities that bear the names of the protocol's own messages.
struct push {
    syncline::id_of<push> id;
    std::string text;
};
struct page {
    syncline::id_of<page> id;
    std::optional<syncline::id_of<push>> push_id;
    std::int64_t number = 0;
};
struct refusal {
    syncline::id_of<refusal> id;
    std::optional<std::string> text;
};
struct row_name {
    syncline::id_of<row_name> id;
    bool flag = false;
};

}  // namespace openapi_tests

template <>
struct syncline::entity_traits<openapi_tests::push> {
    static constexpr std::string_view table = "pushes";
    static constexpr std::string_view name = "push";
    static constexpr std::string_view route = "push";
    static constexpr auto key = &openapi_tests::push::id;
    static constexpr auto fields = std::tuple{field("text", &openapi_tests::push::text)};
};
template <>
struct syncline::entity_traits<openapi_tests::page> {
    static constexpr std::string_view table = "pages";
    static constexpr std::string_view name = "page";
    static constexpr std::string_view route = "wait";
    static constexpr auto key = &openapi_tests::page::id;
    static constexpr auto fields = std::tuple{reference("push", &openapi_tests::page::push_id), field("number", &openapi_tests::page::number)};
};
template <>
struct syncline::entity_traits<openapi_tests::refusal> {
    static constexpr std::string_view table = "errors";
    static constexpr std::string_view name = "error";
    static constexpr std::string_view route = "healthz";
    static constexpr auto key = &openapi_tests::refusal::id;
    static constexpr auto fields = std::tuple{field("text", &openapi_tests::refusal::text)};
};
template <>
struct syncline::entity_traits<openapi_tests::row_name> {
    static constexpr std::string_view table = "row_names";
    static constexpr std::string_view name = "row_name";
    static constexpr auto key = &openapi_tests::row_name::id;
    static constexpr auto fields = std::tuple{field("flag", &openapi_tests::row_name::flag)};
};

namespace {

using awkward_schema = syncline::schema<openapi_tests::push, openapi_tests::page, openapi_tests::refusal, openapi_tests::row_name>;

/// The document, which must have no member twice.
json read(const std::string& text) {
    std::vector<std::set<std::string>> open;
    bool distinct = true;
    const json document = json::parse(text, [&](int, json::parse_event_t event, json& parsed) {
        if (event == json::parse_event_t::object_start) open.emplace_back();
        if (event == json::parse_event_t::key) distinct = open.back().insert(parsed.get<std::string>()).second && distinct;
        if (event == json::parse_event_t::object_end) open.pop_back();
        return true;
    });
    CHECK(distinct);
    return document;
}

void for_each_object(const json& part, const std::function<void(const json&)>& visit) {
    if (part.is_object()) visit(part);
    if (part.is_structured())
        for (const json& child : part) for_each_object(child, visit);
}

/// What every document has to keep: references that lead somewhere, operations with names of their own, answers for each.
void require_sound(const json& document) {
    CHECK(document.at("openapi") == "3.1.0");
    for_each_object(document, [&](const json& one) {
        if (!one.contains("$ref")) return;
        const std::string target = one.at("$ref");
        INFO(target);
        REQUIRE(target.starts_with("#/"));
        CHECK(document.contains(json::json_pointer(target.substr(1))));
    });
    std::set<std::string> operations;
    for (const auto& [path, methods] : document.at("paths").items())
        for (const auto& [method, operation] : methods.items()) {
            if (method == "parameters") continue;
            INFO(path << " " << method);
            CHECK(operations.insert(operation.at("operationId")).second);
            CHECK(operation.at("responses").contains("default"));
            CHECK(operation.at("responses").size() >= 2);
            CHECK((path.find("{id}") == std::string::npos) == !methods.contains("parameters"));
        }
    for (const auto& [name, content] : document.at("components").at("schemas").items()) CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == std::string::npos);
}

void require_entity(const json& document, const syncline::table_view& table) {
    const std::string entity(table.entity), rows = "/api/" + std::string(table.route);
    INFO(entity);
    const json& paths = document.at("paths");
    CHECK(paths.at(rows).contains("post"));
    for (const char* method : {"get", "put", "delete"}) CHECK(paths.at(rows + "/{id}").contains(method));
    const json& schemas = document.at("components").at("schemas");
    std::set<std::string> required, fields, optional_required;
    for (const syncline::column_view& column : table.columns) {
        fields.insert(std::string(column.name));
        if (!column.nullable) required.insert(std::string(column.name));
    }
    const json& created = schemas.at(entity + ".new");
    CHECK(created.value("required", json::array()).get<std::set<std::string>>() == required);
    CHECK_FALSE(schemas.at(entity + ".changed").contains("required"));
    for (const char* kind : {".new", ".changed"}) {
        std::set<std::string> named;
        for (const auto& [name, content] : schemas.at(entity + kind).at("properties").items()) named.insert(name);
        std::set<std::string> expected = fields;
        expected.insert("localId");
        CHECK(named == expected);
        CHECK(schemas.at(entity + kind).at("additionalProperties") == false);
    }
    for (const std::string& field : fields) CHECK(schemas.at(entity).at("properties").contains(field));
}

}  // namespace

TEST_CASE("the server describes itself to its owners") {
    SERVER_TESTS_WORLD(here);
    const auto response = here.server->handle({"GET", "/api/openapi.json", {}, "token of alice"});
    CHECK(response.status == 200);
    const json document = read(response.body);
    require_sound(document);
    for (const syncline::table_view& table : schema::view().tables) require_entity(document, table);
    for (const char* path : {"/api/sync", "/api/sync/push", "/api/sync/wait", "/api/openapi.json", "/healthz", "/metrics"}) CHECK(document.at("paths").contains(path));
    CHECK(document.at("paths").at("/healthz").at("get").at("security").empty());
    CHECK(here.server->handle({"GET", "/api/openapi.json", {}, "wrong"}).status == 401);
}

TEST_CASE("the description says of each field what the server takes") {
    const json document = read(syncline::openapi_document(schema::view()));
    const json& properties = document.at("components").at("schemas").at("workout.new").at("properties");
    CHECK(properties.at("title").at("type") == "string");
    CHECK(properties.at("remark").at("type") == json::array({"string", "null"}));
    CHECK(properties.at("rating").at("type") == "integer");
    CHECK(properties.at("rating").at("minimum") == -32'768);
    CHECK(properties.at("rating").at("maximum") == 32'767);
    CHECK(properties.at("load").at("type") == "number");
    CHECK(properties.at("done").at("type") == "boolean");
    CHECK(properties.at("photo").at("contentEncoding") == "base64");
    const json& schemas = document.at("components").at("schemas");
    CHECK(schemas.at("exercise_set.new").at("properties").at("workoutId").at("anyOf").size() == 2);
    CHECK(schemas.at("note.new").at("properties").at("workoutId").at("anyOf").size() == 3);
    CHECK(schemas.at("note").at("properties").at("workoutId").at("anyOf").size() == 2);
}

TEST_CASE("rows and their names are as the description says") {
    world here;
    const json document = read(syncline::openapi_document(schema::view()));
    const json& schemas = document.at("components").at("schemas");
    const auto require_described = [&](const std::string& body, const std::string& entity) {
        const json value = json::parse(body), &described = schemas.at(entity);
        for (const auto& [name, content] : value.items()) {
            INFO(entity << " " << name);
            CHECK(described.at("properties").contains(name));
        }
        for (const std::string name : described.value("required", json::array())) CHECK(value.contains(name));
    };
    const auto created = here.server->handle({"POST", "/api/workouts", R"({"localId":"w","title":"a","rating":1,"load":1,"done":true,"photo":""})", "token of alice"});
    REQUIRE(created.status == 201);
    require_described(created.body, "sync.row_name");
    const auto read_row = here.server->handle({"GET", "/api/workouts/" + here.id_of(workouts, "w"), {}, "token of alice"});
    require_described(read_row.body, "workout");
    require_described(here.server->handle({"GET", "/api/sync", {}, "token of alice"}).body, "sync.page");
    const auto pushed = here.server->handle({"POST", "/api/sync/push", R"({"device":"d","operations":[{"seq":1,"op":"remove","entity":"topic","localId":"x"}]})", "token of alice"});
    require_described(pushed.body, "sync.push_answer");
    require_described(here.server->handle({"GET", "/api/nowhere", {}, "token of alice"}).body, "sync.error");
}

TEST_CASE("entities that bear the protocol's own names clash with nothing in the description") {
    const json document = read(syncline::openapi_document(awkward_schema::view()));
    require_sound(document);
    for (const syncline::table_view& table : awkward_schema::view().tables) require_entity(document, table);
    const json& schemas = document.at("components").at("schemas");
    for (const char* name : {"sync.push", "sync.page", "sync.error", "sync.row_name", "push", "page", "error", "row_name"}) CHECK(schemas.contains(name));
    CHECK(schemas.size() == 6 + 3 * 4);
    CHECK(document.at("paths").size() == 6 + 2 * 4);
}
