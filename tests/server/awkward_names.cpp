/// Single rows, and the description, of entities whose fields have the names of the members that every row has.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <support/catch.hpp>
#include <support/releases.hpp>
#include <syncline/backends/memory.hpp>
#include <syncline/backends/sqlite.hpp>
#include <syncline/server/openapi.hpp>
#include <syncline/server/router.hpp>
#include <syncline/server/service.hpp>

using namespace syncline;
using nlohmann::json;

namespace {

struct memory_kind {
    static auto open() { return std::make_unique<memory_backend>(releases::schema::view(), random_source(1)); }
};
struct sqlite_kind {
    static auto open() { return std::make_unique<sqlite_backend>(":memory:", releases::schema::view()); }
};

struct any_token {
    std::optional<std::string> operator()(const std::string& token) const { return token; }
};

template <class Kind>
class release_server {
public:
    wire::http_response ask(const std::string& method, const std::string& target, const json& body = nullptr) {
        return router_.handle({method, target, body.is_null() ? std::string() : body.dump(), "alice"});
    }

private:
    using backend_type = typename decltype(Kind::open())::element_type;

    std::unique_ptr<backend_type> backend_ = Kind::open();
    service<backend_type> service_{*backend_, service_options{limits(), [] { return std::int64_t{1'700'000'000'000}; }, random_source(2)}};
    router<service<backend_type>, any_token> router_{service_, any_token()};
};

const json a_release{{"localId", "r1"}, {"Id", "com.example"}, {"version", "2.1"}, {"updatedAt", 5}, {"the notes", "none"}};

}  // namespace

TEMPLATE_TEST_CASE("a row whose fields are called as its members is created, read, changed and removed", "", memory_kind, sqlite_kind) {
    release_server<TestType> server;
    const wire::http_response made = server.ask("POST", "/api/app-releases", a_release);
    INFO(made.body);
    REQUIRE(made.status == 201);
    const json name = json::parse(made.body);
    CHECK(name.size() == 5);
    CHECK(name.at("localId") == "r1");
    CHECK(name.at("$version") == "1.1");
    CHECK(name.at("$updatedAt") == 1'700'000'000'000);
    const std::string target = "/api/app-releases/" + name.at("$id").get<std::string>();

    const json changed = json::parse(server.ask("PUT", target, {{"version", "2.2"}, {"updatedAt", 6}}).body);
    CHECK(changed.at("$id") == name.at("$id"));
    CHECK(changed.at("$version") == "1.2");

    const json row = json::parse(server.ask("GET", target).body);
    CHECK(row == json{{"$id", name.at("$id")}, {"localId", "r1"}, {"$version", "1.2"}, {"$updatedAt", 1'700'000'000'000}, {"isDeleted", false},
                      {"incarnation", 1}, {"Id", "com.example"}, {"version", "2.2"}, {"updatedAt", 6}, {"the notes", "none"}});

    const json change = json::parse(server.ask("POST", "/api/changes", {{"$localId", "c1"}, {"localId", "r1"}, {"ISDELETED", true}, {"release", {{"localId", "r1"}}}}).body);
    CHECK(change.at("$localId") == "c1");
    const std::string change_target = "/api/changes/" + change.at("id").get<std::string>();
    CHECK(json::parse(server.ask("GET", change_target).body) ==
          json{{"id", change.at("id")}, {"$localId", "c1"}, {"version", "1.3"}, {"updatedAt", 1'700'000'000'000}, {"$isDeleted", false}, {"incarnation", 1},
               {"release", name.at("$id")}, {"localId", "r1"}, {"ISDELETED", true}});

    CHECK(server.ask("DELETE", target).status == 204);
    CHECK(server.ask("GET", target).status == 404);
    CHECK(server.ask("GET", change_target).status == 404);
    const json page = json::parse(server.ask("GET", "/api/sync?device=d&since=").body);
    CHECK(page.at("changes").empty());
}

TEMPLATE_TEST_CASE("a tombstone of a row whose fields are called as its members has those members alone", "", memory_kind, sqlite_kind) {
    release_server<TestType> server;
    const std::string cursor = json::parse(server.ask("GET", "/api/sync?device=d").body).at("lastSync");
    const json name = json::parse(server.ask("POST", "/api/app-releases", a_release).body);
    REQUIRE(server.ask("DELETE", "/api/app-releases/" + name.at("$id").get<std::string>()).status == 204);
    const json page = json::parse(server.ask("GET", "/api/sync?device=d&since=" + cursor).body);
    CHECK(page.at("changes").at("App Releases") == json::array({{{"$id", name.at("$id")}, {"localId", "r1"}, {"$version", "1.2"},
                                                                 {"$updatedAt", 1'700'000'000'000}, {"isDeleted", true}, {"incarnation", 1}, {"baseVersion", "1.1"}}}));
}

TEST_CASE("the description names members as the entity's rows do") {
    const json document = json::parse(openapi_document(releases::schema::view()));
    const json& schemas = document.at("components").at("schemas");
    const auto members = [&](const std::string& schema) {
        std::string text;
        for (const auto& [name, value] : schemas.at(schema).at("properties").items()) text += name + ' ';
        return text;
    };
    CHECK(members("App_Release") == "$id $updatedAt $version Id incarnation isDeleted localId the notes updatedAt version ");
    CHECK(schemas.at("App_Release").at("required") == json{"$id", "localId", "$version"});
    CHECK(members("App_Release.new") == "Id localId the notes updatedAt version ");
    CHECK(members("App_Release.name") == "$id $updatedAt $version incarnation localId ");
    CHECK(members("CHANGES.changed") == "$localId ISDELETED localId release ");
    CHECK(document.at("paths").contains("/api/app-releases/{id}"));
    const json& created = document.at("paths").at("/api/changes").at("post").at("responses").at("201");
    CHECK(created.at("content").at("application/json").at("schema").at("$ref") == "#/components/schemas/CHANGES.name");
}
