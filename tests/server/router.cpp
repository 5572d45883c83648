#include <syncline/server/router.hpp>

#include <server/support/world.hpp>
#include <syncline/backends/memory.hpp>
#include <syncline/wire/reader.hpp>

using namespace server_tests;
using syncline::tests::contains;
using syncline::wire::http_response;

namespace {

http_response post(world& here, std::string body, std::string token = "token of alice") {
    return here.server->handle({"POST", "/api/sync/push", std::move(body), std::move(token)});
}

http_response get(world& here, std::string query = {}, std::string token = "token of alice") {
    return here.server->handle({"GET", "/api/sync" + query, {}, std::move(token)});
}

syncline::error error_in(const http_response& response) {
    syncline::error found;
    const syncline::error problem = syncline::wire::read_error(response.body, {}, found);
    INFO(response.body);
    CHECK_FALSE(problem);
    return found;
}

const std::string create_workout =
    R"({"device":"curl","operations":[{"seq":1,"op":"create","entity":"workout","localId":"w","fields":{"title":"legs","rating":3,"load":1.5,"done":false,"photo":""}}]})";

}  // namespace

TEST_CASE("a stranger with curl can push and pull") {
    SERVER_TESTS_WORLD(here);
    const http_response pushed = post(here, create_workout);
    CHECK(pushed.status == 200);
    CHECK_THAT(pushed.body, contains(R"("verdict":"applied")"));
    CHECK(here.row(workouts, "w") == "'legs' null 3 1.500000 false ''");
    const http_response pulled = get(here);
    CHECK(pulled.status == 200);
    CHECK_THAT(pulled.body, contains(R"("workouts":[{)"));
    CHECK_THAT(pulled.body, contains(R"("title":"legs")"));
}

TEST_CASE("a pull's answer reads back as the page it was") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "w").create(notes, "n", {{"workoutId", local("w")}}));
    const http_response response = get(here, "?limit=1&device=tablet&acknowledged=0");
    syncline::wire::page page;
    REQUIRE_FALSE(syncline::wire::read_page(response.body, schema::view(), {}, page));
    CHECK(page.rows.size() == 1);
    CHECK(page.more);
    CHECK(page.snapshot);
    CHECK(page.includes.above == std::vector<syncline::sequence>{1, 2});
    const http_response next = get(here, "?since=" + page.cursor);
    CHECK(next.status == 200);
}

namespace {
struct anybody {
    std::optional<std::string> operator()(const std::string&) const { return "anybody"; }
};
using some_service = syncline::service<syncline::memory_backend>;
using some_router = syncline::router<some_service, anybody>;
// Who answers tokens is the application's to say: there is no router that does without.
static_assert(std::is_constructible_v<some_router, some_service&, anybody>);
static_assert(!std::is_constructible_v<some_router, some_service&>);

/// A part of a program whose type has to be named.
struct site {
    syncline::memory_backend database{schema::view()};
    some_service answers{database};
    syncline::router<some_service> routes;

    explicit site(syncline::authenticate_function authenticate) : routes(answers, std::move(authenticate)) {}
};
}  // namespace

TEST_CASE("a router over a lambda can be a member of a class") {
    site here([](const std::string& token) { return token == "secret" ? std::optional<std::string>("ann") : std::nullopt; });
    CHECK(here.routes.handle({"GET", "/api/sync", {}, "secret"}).status == 200);
    CHECK(here.routes.handle({"GET", "/api/sync", {}, "guessed"}).status == 401);
}

TEST_CASE("a router over an empty function is a broken assumption of the caller") {
    struct broken : std::logic_error {
        using std::logic_error::logic_error;
    };
    const syncline::assert_handler before = syncline::set_assert_handler([](const char* condition, const char*, int) { throw broken(condition); });
    CHECK_THROWS_AS(site(syncline::authenticate_function()), broken);
    syncline::set_assert_handler(before);
}

TEST_CASE("without a valid token nothing is answered, not even which paths there are") {
    SERVER_TESTS_WORLD(here);
    for (const char* token : {"", "alice", "token", "Token of alice"}) {
        CHECK(post(here, create_workout, token).status == 401);
        CHECK(get(here, "", token).status == 401);
        CHECK(here.server->handle({"GET", "/nowhere", {}, token}).status == 401);
        CHECK(error_in(get(here, "", token)).code == error_code::unauthorized);
    }
    CHECK(here.rows().empty());
}

TEST_CASE("the owner comes from the token and from nothing else") {
    SERVER_TESTS_WORLD(here);
    post(here, create_workout);
    CHECK_THAT(get(here, "", "token of carol").body, !contains("legs"));
    const http_response response = post(here, R"({"owner":"bob","device":"curl","operations":[]})");
    CHECK(response.status == 409);
    CHECK(error_in(response).code == error_code::wrong_owner);
    CHECK(get(here, "?owner=bob").status == 409);
    CHECK(get(here, "?owner=alice").status == 200);
}

TEST_CASE("an answer names the owner if the request did not, and only then") {
    SERVER_TESTS_WORLD(here);
    const std::string header = R"({"device":"curl",)";
    const auto push_naming = [&](const std::string& owner) {
        syncline::wire::push_answer answer;
        const http_response response = post(here, header + owner + R"("operations":[]})");
        REQUIRE_FALSE(syncline::wire::read_push_answer(response.body, schema::view(), {}, answer));
        return answer.owner;
    };
    const auto pull_naming = [&](const std::string& query) {
        syncline::wire::page page;
        REQUIRE_FALSE(syncline::wire::read_page(get(here, query).body, schema::view(), {}, page));
        return page.owner;
    };
    CHECK(push_naming("") == "alice");
    CHECK(push_naming(R"("owner":"alice",)").empty());
    CHECK(pull_naming("") == "alice");
    CHECK(pull_naming("?owner=alice").empty());
    CHECK(post(here, header + R"("owner":"bob","operations":[]})").body.find("alice") == std::string::npos);
}

TEST_CASE("other paths and methods have their statuses") {
    SERVER_TESTS_WORLD(here);
    const auto status = [&](const char* method, const char* target) {
        const http_response response = here.server->handle({method, target, {}, "token of alice"});
        CHECK(error_in(response));
        return response.status;
    };
    CHECK(status("GET", "/") == 404);
    CHECK(status("GET", "") == 404);
    CHECK(status("GET", "/api/sync/") == 404);
    CHECK(status("POST", "/api/sync/push/more") == 404);
    CHECK(status("GET", "/api/sync/push") == 405);
    CHECK(status("DELETE", "/api/sync") == 405);
    CHECK(status("get", "/api/sync") == 405);
}

TEST_CASE("what is no message of the protocol is a 400 that changes nothing") {
    SERVER_TESTS_WORLD(here);
    for (const char* body : {"", "{", "[]", "null", "<html>", R"({"device":"curl"})", R"({"device":"curl","operations":[{}]})",
                             R"({"device":"curl","operations":[{"seq":1,"op":"create","entity":"spy","localId":"w","fields":{}}]})",
                             R"({"device":"curl","operations":[{"seq":1,"op":"create","entity":"workout","localId":"w","fields":{"version":1}}]})"}) {
        const http_response response = post(here, body);
        INFO(body);
        CHECK(response.status == 400);
        CHECK(error_in(response));
    }
    for (std::size_t length = 0; length < create_workout.size(); ++length) CHECK(post(here, create_workout.substr(0, length)).status == 400);
    CHECK(get(here, "?limit=x").status == 400);
    CHECK(get(here, "?acknowledged=-1").status == 400);
    CHECK(here.rows().empty());
}

TEST_CASE("a body above the bound is a 413") {
    syncline::limits bounds;
    bounds.body_bytes = 2'000;
    world here(backend_kind::memory, bounds);
    const http_response response = post(here, create_workout + std::string(2'000, ' '));
    CHECK(response.status == 413);
    CHECK(error_in(response).code == error_code::too_large);
    CHECK(post(here, create_workout).status == 200);
}

TEST_CASE("a cursor that cannot be continued is a 410") {
    SERVER_TESTS_WORLD(here);
    const http_response response = get(here, "?since=stolen");
    CHECK(response.status == 410);
    CHECK(error_in(response).code == error_code::reset);
    CHECK(post(here, R"({"device":"curl","cursor":"stolen","operations":[]})").status == 410);
}

TEST_CASE("a forked device is a 409") {
    SERVER_TESTS_WORLD(here);
    post(here, create_workout);
    std::string other = create_workout;
    other.replace(other.find("legs"), 4, "arms");
    const http_response response = post(here, other);
    CHECK(response.status == 409);
    CHECK(error_in(response).code == error_code::device_forked);
}

TEST_CASE("an atomic push that is refused is a 422 that names the operation") {
    SERVER_TESTS_WORLD(here);
    const http_response response = post(
        here,
        R"({"device":"curl","atomic":true,"operations":[{"seq":1,"op":"create","entity":"note","localId":"n","fields":{"workoutId":{"localId":"later"},"text":""}}]})");
    CHECK(response.status == 422);
    const syncline::error reason = error_in(response);
    CHECK(reason.entity == "note");
    CHECK(reason.local_id == "n");
    CHECK(reason.field == "workoutId");
}

TEST_CASE("other protocols and schemas are a 409 with their own codes") {
    SERVER_TESTS_WORLD(here);
    CHECK(error_in(post(here, R"({"protocol":2,"device":"curl","operations":[]})")).code == error_code::unsupported_protocol);
    const http_response response = post(here, R"({"schema":"0000000000000001","device":"curl","operations":[]})");
    CHECK(response.status == 409);
    CHECK(error_in(response).code == error_code::schema_mismatch);
}

TEST_CASE("a backend that fails is a 500 that tells nothing of the machine") {
    const auto kind = GENERATE(backend_kind::memory, backend_kind::sqlite);
    const auto server = running_server::start(kind, {});
    server->break_backend();
    for (const http_response& response : {server->handle({"POST", "/api/sync/push", create_workout, "token of alice"}),
                                          server->handle({"GET", "/api/sync", {}, "token of alice"})}) {
        CHECK(response.status == 500);
        CHECK(error_in(response).code == error_code::server_failed);
        CHECK_THAT(response.body, !contains("secret"));
    }
}

TEST_CASE("no answer holds the token") {
    SERVER_TESTS_WORLD(here);
    for (const http_response& response : {post(here, create_workout), post(here, "{"), get(here), get(here, "?since=x")})
        CHECK_THAT(response.body, !contains("token of alice"));
}

TEST_CASE("the answer comes in the encoding that the request accepts") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("tablet").create(workouts, "w"));
    syncline::wire::http_request ask{"GET", "/api/sync", {}, "token of alice", {}, "application/cbor, application/json"};
    const http_response packed = here.server->handle(ask);
    CHECK(packed.status == 200);
    CHECK(packed.content_type == "application/cbor");
    syncline::wire::page page;
    REQUIRE_FALSE(syncline::wire::read_page(packed.body, schema::view(), {}, page, syncline::wire::encoding::cbor));
    CHECK(page.rows.size() == 1);
    for (const char* const accept : {"", "*/*", "text/html, application/json", "application/json"}) {
        ask.accept = accept;
        const http_response plain = here.server->handle(ask);
        CHECK(plain.content_type == "application/json");
        CHECK_THAT(plain.body, contains(R"("workouts":[{)"));
    }
    ask.accept = "application/cbor";
    ask.target = "/api/sync?since=nonsense";
    const http_response refused = here.server->handle(ask);
    CHECK(refused.status == 410);
    syncline::error found;
    REQUIRE_FALSE(syncline::wire::read_error(refused.body, {}, found, syncline::wire::encoding::cbor));
}

TEST_CASE("a push in an encoding nobody speaks is refused with 415 and applies nothing") {
    SERVER_TESTS_WORLD(here);
    syncline::wire::http_request push{"POST", "/api/sync/push", create_workout, "token of alice", "text/html", {}};
    const http_response refused = here.server->handle(push);
    CHECK(refused.status == 415);
    CHECK_THAT(refused.body, contains(R"("code":"malformed")"));
    CHECK(here.row(workouts, "w").empty());
    // Labelled as CBOR it is no message at all.
    push.content_type = "application/cbor";
    CHECK(here.server->handle(push).status == 400);
    CHECK(here.row(workouts, "w").empty());
    push.content_type = "application/json; charset=utf-8";
    CHECK(here.server->handle(push).status == 200);
}
