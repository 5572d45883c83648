#include <syncline/server/server.hpp>

#include <string>
#include <type_traits>

#include <server/support/world.hpp>
#include <stores/scratch_folder.hpp>
#include <syncline/backends/memory.hpp>
#include <syncline/backends/sqlite.hpp>
#include <syncline/transports/in_process.hpp>

using namespace server_tests;
using memory_server = syncline::server<syncline::memory_backend>;
using file_server = syncline::server<syncline::sqlite_backend>;

namespace {

std::optional<std::string> only_ann(const std::string& token) { return token == "secret" ? std::optional<std::string>("ann") : std::nullopt; }

const std::string create_workout =
    R"({"device":"curl","operations":[{"seq":1,"op":"create","entity":"workout","localId":"w","fields":{"title":"legs","rating":3,"load":1.5,"done":false,"photo":""}}]})";

static_assert(syncline::request_handler<memory_server> && syncline::thread_safe<memory_server> && syncline::thread_safe<file_server>);
static_assert(!std::is_copy_constructible_v<memory_server> && !std::is_move_constructible_v<memory_server>);
// Who answers tokens is the application's to say.
static_assert(std::is_constructible_v<memory_server, syncline::schema_view, decltype(&only_ann)>);
static_assert(!std::is_constructible_v<memory_server, syncline::schema_view>);
static_assert(std::is_constructible_v<file_server, const char*, syncline::schema_view, decltype(&only_ann)>);
static_assert(!std::is_constructible_v<file_server, syncline::schema_view, decltype(&only_ann)>);

}  // namespace

TEST_CASE("a server in one object answers those whom its authenticator knows, and nobody else") {
    memory_server server(schema::view(), only_ann);
    CHECK(server.handle({"POST", "/api/sync/push", create_workout, "secret"}).status == 200);
    CHECK(server.handle({"GET", "/api/sync", {}, "guessed"}).status == 401);
    CHECK(server.refuse_head({"POST", "/api/sync/push", {}, "guessed"})->status == 401);
    CHECK_FALSE(server.refuse_head({"POST", "/api/sync/push", {}, "secret"}));
    CHECK(server.service().newest_version("ann").number() == 1);
}

TEST_CASE("a server that ends its waits answers them at once") {
    memory_server server(schema::view(), only_ann);
    server.end_waits();
    CHECK(server.handle({"GET", "/api/sync/wait?timeout=60", {}, "secret"}).status == 200);
    syncline::wire::page page;
    REQUIRE_FALSE(syncline::wire::read_page(server.handle({"GET", "/api/sync", {}, "secret"}).body, schema::view(), {}, page));
    CHECK(server.handle({"GET", "/api/sync/wait?timeout=60&since=" + page.cursor, {}, "secret"}).status == 503);
}

TEST_CASE("a server over a file has its rows again when the file is opened again") {
    const syncline::tests::scratch_folder folder;
    const std::string path = folder.file("server.db");
    {
        file_server server(path, schema::view(), only_ann);
        REQUIRE(server.handle({"POST", "/api/sync/push", create_workout, "secret"}).status == 200);
    }
    file_server again(path, schema::view(), only_ann, {.database = {.connections_max = 2}});
    CHECK(again.handle({"GET", "/api/sync", {}, "secret"}).body.find("legs") != std::string::npos);
}

TEST_CASE("a server hands its options on to its parts") {
    syncline::server_options<syncline::memory_backend> options;
    options.service.bounds.body_bytes = 100;
    options.router.may_read_metrics = [](const std::string& token) { return token == "operator"; };
    memory_server server(schema::view(), only_ann, options);
    CHECK(server.handle({"POST", "/api/sync/push", create_workout, "secret"}).status == 413);
    CHECK(server.handle({"GET", "/metrics", {}, "operator"}).status == 200);
}
