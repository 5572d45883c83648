#include <syncline/server/row_endpoint.hpp>

#include <set>
#include <thread>

#include <nlohmann/json.hpp>

#include <server/support/world.hpp>

using namespace server_tests;
using nlohmann::json;
using syncline::tests::contains;
using syncline::wire::http_request;
using syncline::wire::http_response;

namespace {

/// Headers of a request, and whose it is.
struct conditions {
    std::string key = {};
    std::string match = {};
    std::string token = "token of alice";
    std::string content_type = {};
};

std::string route_of(int table) { return "/api/" + std::string(schema::view()[table].route); }

http_response ask(world& here, const std::string& method, const std::string& target, const std::string& body = {}, const conditions& with = {}) {
    return here.server->handle({method, target, body, with.token, with.content_type, {}, with.key, with.match});
}
http_response post(world& here, int table, const std::string& body, const conditions& with = {}) { return ask(here, "POST", route_of(table), body, with); }
http_response put(world& here, int table, const std::string& id, const std::string& body, const conditions& with = {}) {
    return ask(here, "PUT", route_of(table) + "/" + id, body, with);
}
http_response get(world& here, int table, const std::string& id, const conditions& with = {}) { return ask(here, "GET", route_of(table) + "/" + id, {}, with); }
http_response remove(world& here, int table, const std::string& id, const conditions& with = {}) {
    return ask(here, "DELETE", route_of(table) + "/" + id, {}, with);
}

std::string id_in(const http_response& response) { return json::parse(response.body).at("id"); }
/// The error's code, and the field where it names one: "missing_field title".
std::string refusal_in(const http_response& response) {
    INFO(response.body);
    CHECK(response.status >= 400);
    const json reason = json::parse(response.body).at("error");
    return reason.at("code").get<std::string>() + (reason.contains("field") ? " " + reason.at("field").get<std::string>() : "");
}

/// Creates a row, and gives its server id.
std::string made(world& here, int table, const std::string& body, const conditions& with = {}) {
    const http_response response = post(here, table, body, with);
    INFO(response.body);
    REQUIRE(response.status == 201);
    return id_in(response);
}

struct sample {
    int table;
    std::string body;
    std::string change;
    std::string changed_field;
};

/// A row of each entity, those that others need first.
const std::vector<sample>& samples() {
    static const std::vector<sample> all{
        {exercises, R"("name":"squat")", R"({"name":"lunge"})", "name"},
        {workouts, R"("title":"legs","remark":"heavy","rating":3,"load":1.5,"done":true,"photo":"AAEC")", R"({"rating":-4})", "rating"},
        {exercise_sets, R"("workoutId":{"localId":"new"},"exerciseId":{"localId":"new"},"position":1)", R"({"position":2})", "position"},
        {notes, R"("workoutId":{"localId":"new"},"text":"t")", R"({"text":"u"})", "text"},
        {folders, R"("name":"f")", R"({"name":"g"})", "name"},
        {topics, R"("name":"t")", R"({"name":"u"})", "name"},
        {people, R"("name":"p")", R"({"name":"q"})", "name"},
        {teams, R"("captainId":{"localId":"new"},"name":"t")", R"({"name":"u"})", "name"},
    };
    return all;
}

constexpr const char* a_workout = R"({"localId":"w","title":"legs","rating":3,"load":1.5,"done":false,"photo":""})";

}  // namespace

TEST_CASE("rows of every entity are created, read, changed and removed") {
    SERVER_TESTS_WORLD(here);
    std::set<std::string> ids;
    for (const sample& one : samples()) {
        INFO(schema::view()[one.table].entity);
        const http_response created = post(here, one.table, R"({"localId":"new",)" + one.body + "}");
        INFO(created.body);
        REQUIRE(created.status == 201);
        const json name = json::parse(created.body);
        CHECK(name.at("localId") == "new");
        CHECK(name.at("incarnation") == 1);
        CHECK(name.at("updatedAt") > 1'600'000'000'000);
        CHECK(created.etag == "\"" + name.at("version").get<std::string>() + "\"");
        const std::string id = name.at("id");
        CHECK(ids.insert(id).second);

        const http_response read = get(here, one.table, id);
        CHECK(read.status == 200);
        CHECK(read.etag == created.etag);
        const json before = json::parse(read.body);
        CHECK(before.at("id") == id);
        CHECK(before.at("version") == name.at("version"));
        const http_response changed = put(here, one.table, id, one.change);
        INFO(changed.body);
        CHECK(changed.status == 200);
        CHECK(json::parse(changed.body).at("version") != name.at("version"));
        json after = json::parse(get(here, one.table, id).body);
        CHECK(after.at(one.changed_field) == json::parse(one.change).at(one.changed_field));
        for (const char* part : {"version", "updatedAt"}) after[part] = before.at(part);
        after[one.changed_field] = before.at(one.changed_field);
        CHECK(after == before);
    }
    for (auto one = samples().rbegin(); one != samples().rend(); ++one) {
        const std::string id = here.id_of(one->table, "new");
        INFO(schema::view()[one->table].entity);
        const http_response removed = remove(here, one->table, id);
        CHECK(removed.status == 204);
        CHECK(removed.body.empty());
        CHECK(get(here, one->table, id).status == 404);
        CHECK(remove(here, one->table, id).status == 404);
        CHECK(put(here, one->table, id, one->change).status == 409);
    }
    CHECK(here.rows().empty());
}

TEST_CASE("a create of a row that is there replaces its fields, those that are left out too") {
    SERVER_TESTS_WORLD(here);
    const http_response first = post(here, workouts, R"({"localId":"w","title":"legs","remark":"heavy","rating":3,"load":1.5,"done":true,"photo":"AAEC"})");
    REQUIRE(first.status == 201);
    const http_response second = post(here, workouts, a_workout);
    CHECK(second.status == 200);
    CHECK(id_in(second) == id_in(first));
    CHECK(here.row(workouts, "w") == "'legs' null 3 1.500000 false ''");
    CHECK(here.rows().size() == 1);
    const std::string cursor = here.cursor();
    CHECK(post(here, workouts, a_workout).status == 200);
    CHECK(here.cursor() == cursor);
}

TEST_CASE("a row without a local id is given one, each time another") {
    SERVER_TESTS_WORLD(here);
    const std::string first = made(here, topics, R"({"name":"a"})"), second = made(here, topics, R"({"name":"a"})");
    CHECK(first != second);
    CHECK(here.rows().size() == 2);
    const std::string name = json::parse(get(here, topics, first).body).at("localId");
    CHECK(syncline::local_id::is_valid(name));
    CHECK(id_in(post(here, topics, R"({"name":"b","localId":")" + name + "\"}")) == first);
}

TEST_CASE("what a device made is read and changed as single rows, and the other way round") {
    SERVER_TESTS_WORLD(here);
    here.push(batch("phone").create(topics, "t", {{"name", text("pushed")}}));
    const std::string id = here.id_of(topics, "t");
    CHECK(json::parse(get(here, topics, id).body).at("name") == "pushed");
    const std::string cursor = here.cursor();
    CHECK(put(here, topics, id, R"({"name":"put"})").status == 200);
    const auto page = here.pull(cursor, 0, "phone");
    REQUIRE(page.rows.size() == 1);
    CHECK(page.rows[0].local.view() == "t");
    here.push(batch("phone", 2).update(topics, "t", {{"name", text("again")}}, page.rows[0].version));
    CHECK(here.row(topics, "t") == "null 'again'");
    here.push(batch("phone", 3).remove(topics, "t"));
    here.push(batch("phone", 4).create(topics, "t", {{"name", text("second life")}}).life(2));
    CHECK(json::parse(get(here, topics, id).body).at("incarnation") == 2);
    CHECK(put(here, topics, id, R"({"name":"put"})").status == 200);
    CHECK(post(here, topics, R"({"localId":"t","name":"posted"})").status == 200);
    CHECK(remove(here, topics, id).status == 204);
    CHECK(here.rows().empty());
}

TEST_CASE("keys are server ids or local ids") {
    SERVER_TESTS_WORLD(here);
    const std::string workout_id = made(here, workouts, a_workout);
    const std::string note_id = made(here, notes, R"({"localId":"n","text":"t","workoutId":")" + workout_id + "\"}");
    CHECK(here.row(notes, "n") == "->w 't'");
    CHECK(json::parse(get(here, notes, note_id).body).at("workoutId") == workout_id);
    CHECK(put(here, notes, note_id, R"({"workoutId":null})").status == 200);
    CHECK(here.row(notes, "n") == "null 't'");
    CHECK(put(here, notes, note_id, R"({"workoutId":{"localId":"w"}})").status == 200);
    CHECK(here.row(notes, "n") == "->w 't'");
    for (const char* key : {R"({"localId":"unknown"})", R"("unknown")", R"("AAAAAAAAAAAAAAAAAAAAAAAAAA")"}) {
        const http_response refused = put(here, notes, note_id, R"({"workoutId":)" + std::string(key) + "}");
        CHECK(refused.status == 422);
        CHECK(refusal_in(refused) == "not_found workoutId");
        CHECK(refusal_in(post(here, notes, R"({"localId":"m","text":"","workoutId":)" + std::string(key) + "}")) == "not_found workoutId");
    }
    CHECK(here.rows().size() == 2);
    CHECK(here.row(notes, "n") == "->w 't'");
}

TEST_CASE("a key cannot make a row its own owner, nor point at a removed row") {
    SERVER_TESTS_WORLD(here);
    const std::string upper = made(here, folders, R"({"localId":"upper","name":""})");
    const std::string lower = made(here, folders, R"({"localId":"lower","name":"","parentId":")" + upper + "\"}");
    const std::string gone = made(here, folders, R"({"localId":"gone","name":""})");
    CHECK(remove(here, folders, gone).status == 204);
    for (const std::string& parent : {upper, lower, gone}) {
        const http_response refused = put(here, folders, upper, R"({"name":"changed","parentId":")" + parent + "\"}");
        CHECK(refused.status == 409);
        CHECK(refusal_in(refused) == "reference_gone parentId");
    }
    CHECK(post(here, folders, R"({"localId":"self","name":"","parentId":{"localId":"self"}})").status >= 400);
    CHECK(here.row(folders, "upper") == "null ''");
    CHECK(here.rows().size() == 2);
}

TEST_CASE("a removal takes what the row owns, and is refused where rows need it") {
    SERVER_TESTS_WORLD(here);
    for (const sample& one : samples()) made(here, one.table, R"({"localId":"new",)" + one.body + "}");
    const std::string exercise_id = here.id_of(exercises, "new"), workout_id = here.id_of(workouts, "new");
    const http_response refused = remove(here, exercises, exercise_id);
    CHECK(refused.status == 409);
    CHECK(refusal_in(refused) == "restricted");
    CHECK(get(here, exercises, exercise_id).status == 200);
    CHECK(remove(here, workouts, workout_id).status == 204);
    CHECK(here.row(exercise_sets, "new").empty());
    CHECK(here.row(notes, "new") == "null 't'");
    CHECK(remove(here, exercises, exercise_id).status == 204);
    const std::string top = made(here, topics, R"({"localId":"top","name":""})");
    made(here, topics, R"({"localId":"below","name":"","aboveId":")" + top + "\"}");
    CHECK(remove(here, topics, top).status == 409);
    CHECK(here.rows().size() == 7);
}

TEST_CASE("a removed row that is created again under its name begins another life with the same server id") {
    SERVER_TESTS_WORLD(here);
    const std::string id = made(here, workouts, a_workout);
    CHECK(remove(here, workouts, id).status == 204);
    const http_response again = post(here, workouts, a_workout);
    CHECK(again.status == 201);
    CHECK(id_in(again) == id);
    CHECK(here.rows().size() == 1);
}

TEST_CASE("a create of a row that is there replaces nothing where the entity refuses such creates") {
    SERVER_TESTS_WORLD(here);
    const http_response first = post(here, exercises, R"({"localId":"e","name":"squat"})");
    CHECK(post(here, exercises, R"({"localId":"e","name":"squat"})").status == 200);
    const http_response refused = post(here, exercises, R"({"localId":"e","name":"other"})");
    CHECK(refused.status == 409);
    CHECK(refusal_in(refused) == "already_exists name");
    CHECK(here.rows() == listing{{"exercises/e", "'squat'"}});
}

TEST_CASE("a request with a key changes nothing when it is repeated, at once or much later, and is answered alike") {
    SERVER_TESTS_WORLD(here);
    const auto repeat = [&](auto request) {
        const http_response first = request();
        INFO(first.body);
        const std::string cursor = here.cursor();
        for (int i = 0; i < 3; ++i) {
            const http_response again = request();
            CHECK(again.status == first.status);
            CHECK(again.body == first.body);
            CHECK(again.etag == first.etag);
        }
        CHECK(here.cursor() == cursor);
        return first;
    };
    const conditions named{"one"}, unnamed{"two"}, upsert{"three"}, change{"four"}, removal{"five"};
    const http_response created = repeat([&] { return post(here, topics, R"({"localId":"t","name":"a"})", named); });
    CHECK(created.status == 201);
    CHECK(repeat([&] { return post(here, topics, R"({"name":"b"})", unnamed); }).status == 201);
    CHECK(repeat([&] { return post(here, topics, R"({"localId":"t","name":"c"})", upsert); }).status == 200);
    CHECK(repeat([&] { return put(here, topics, id_in(created), R"({"name":"d"})", change); }).status == 200);
    CHECK(here.rows().size() == 2);
    here.push(batch("tablet").update(topics, "t", {{"name", text("e")}}));
    const std::string cursor = here.cursor();
    CHECK(post(here, topics, R"({"localId":"t","name":"a"})", named).status == 201);
    CHECK(post(here, topics, R"({"localId":"t","name":"c"})", upsert).status == 200);
    CHECK(put(here, topics, id_in(created), R"({"name":"d"})", change).status == 200);
    CHECK(here.row(topics, "t") == "null 'e'");
    CHECK(here.cursor() == cursor);
    CHECK(repeat([&] { return remove(here, topics, id_in(created), removal); }).status == 204);
    for (const int status : {post(here, topics, R"({"localId":"t","name":"a"})", named).status, post(here, topics, R"({"localId":"t","name":"c"})", upsert).status - 1,
                             put(here, topics, id_in(created), R"({"name":"d"})", change).status + 1})
        CHECK((status == 201 || status == 199));
    CHECK(here.row(topics, "t").empty());
    // The row's second life is none of what these requests were about.
    here.push(batch("tablet", 2).create(topics, "t", {{"name", text("f")}}).life(2));
    for (int i = 0; i < 50; ++i) post(here, topics, R"({"name":"noise"})", {"noise " + std::to_string(i)});
    const std::string latest = here.cursor();
    CHECK(remove(here, topics, id_in(created), removal).status == 204);
    CHECK(put(here, topics, id_in(created), R"({"name":"d"})", change).status == 200);
    CHECK(post(here, topics, R"({"localId":"t","name":"a"})", named).status == 201);
    CHECK(here.row(topics, "t") == "null 'f'");
    CHECK(here.cursor() == latest);
}

TEST_CASE("a request that was refused under a key stays refused, with the same answer, when it could be done") {
    SERVER_TESTS_WORLD(here);
    const std::string exercise_id = made(here, exercises, R"({"localId":"e","name":"squat"})");
    const std::string workout_id = made(here, workouts, a_workout);
    const std::string set_id = made(here, exercise_sets, R"({"localId":"s","workoutId":{"localId":"w"},"exerciseId":{"localId":"e"},"position":1})");
    const std::string note_id = made(here, notes, R"({"localId":"n","text":"t"})");
    const std::string later = R"({"localId":"m","text":"t","workoutId":{"localId":"later"}})";
    const std::vector<std::function<http_response()>> requests{
        [&] { return post(here, notes, later, {"create"}); },
        [&] { return post(here, notes, R"({"text":"t","workoutId":{"localId":"later"}})", {"create unnamed"}); },
        [&] { return put(here, notes, note_id, R"({"workoutId":{"localId":"later"}})", {"change"}); },
        [&] { return remove(here, exercises, exercise_id, {"remove"}); },
        [&] { return put(here, notes, note_id, R"({"text":"conditional"})", {"if", "\"1.1000000\""}); },
        [&] { return remove(here, notes, note_id, {"remove if", "\"1.1000000\""}); },
        [&] { return post(here, workouts, R"({"localId":"fresh","title":"a","rating":1,"load":1,"done":true,"photo":""})", {"create if", "\"1.1\""}); },
        [&] { return post(here, workouts, R"({"localId":"fresh","title":"a"})", {"incomplete"}); },
    };
    std::vector<http_response> firsts;
    for (const auto& request : requests) firsts.push_back(request());
    CHECK(refusal_in(firsts[0]) == "not_found workoutId");
    CHECK(refusal_in(firsts[2]) == "not_found workoutId");
    CHECK(refusal_in(firsts[3]) == "restricted");
    CHECK(refusal_in(firsts[4]) == "version_mismatch");
    CHECK(firsts[6].status == 412);
    CHECK(refusal_in(firsts[7]) == "missing_field rating");
    // Now each could be done.
    made(here, workouts, R"({"localId":"later","title":"a","rating":1,"load":1,"done":true,"photo":""})");
    CHECK(remove(here, exercise_sets, set_id).status == 204);
    const std::string cursor = here.cursor();
    for (std::size_t i = 0; i < requests.size(); ++i) {
        INFO(firsts[i].body);
        const http_response again = requests[i]();
        CHECK(again.status == firsts[i].status);
        CHECK(again.body == firsts[i].body);
    }
    CHECK(here.cursor() == cursor);
    CHECK(post(here, notes, later, {"another"}).status == 201);
    CHECK(remove(here, exercises, exercise_id, {"yet another"}).status == 204);
}

TEST_CASE("a key that was used for another request is a conflict, whatever the other request") {
    SERVER_TESTS_WORLD(here);
    const conditions key{"k"};
    const std::string id = made(here, topics, R"({"localId":"t","name":"a"})", key);
    const std::string other = made(here, topics, R"({"localId":"u","name":"a"})");
    const std::string cursor = here.cursor();
    for (const http_response& refused :
         {post(here, topics, R"({"localId":"t","name":"b"})", key), post(here, topics, R"({"localId":"v","name":"a"})", key), post(here, topics, R"({"name":"a"})", key),
          post(here, folders, R"({"localId":"t","name":"a"})", key), put(here, topics, id, R"({"name":"a"})", key), remove(here, topics, id, key), remove(here, topics, other, key)}) {
        CHECK(refused.status == 409);
        CHECK(refusal_in(refused) == "device_forked");
    }
    CHECK(here.cursor() == cursor);
    CHECK(post(here, topics, R"({"localId":"t","name":"a"})", key).status == 201);
}

TEST_CASE("an owner's key is nobody else's") {
    SERVER_TESTS_WORLD(here);
    const conditions of_alice{"k"}, of_carol{"k", {}, "token of carol"};
    const http_response first = post(here, topics, R"({"name":"a"})", of_alice);
    const http_response second = post(here, topics, R"({"name":"b"})", of_carol);
    CHECK(first.status == 201);
    CHECK(second.status == 201);
    CHECK(id_in(first) != id_in(second));
    CHECK(get(here, topics, id_in(second), of_carol).status == 200);
    CHECK(get(here, topics, id_in(second)).status == 404);
    CHECK(post(here, topics, R"({"name":"b"})", of_carol).body == second.body);
    CHECK(here.rows().size() == 1);
}

TEST_CASE("repeats that arrive at once make one row") {
    SERVER_TESTS_WORLD(here);
    std::vector<std::string> ids(6);
    std::vector<std::thread> threads;
    for (std::string& id : ids)
        threads.emplace_back([&] {
            const http_response response = post(here, topics, R"({"name":"a"})", {"k"});
            id = response.status == 201 ? id_in(response) : "refused";
        });
    for (std::thread& one : threads) one.join();
    CHECK(std::set<std::string>(ids.begin(), ids.end()).size() == 1);
    CHECK(here.rows().size() == 1);
}

TEST_CASE("a device that bears the name of a key and says that all is settled disturbs nothing") {
    SERVER_TESTS_WORLD(here);
    const conditions key{"k"};
    const http_response created = post(here, topics, R"({"localId":"t","name":"a"})", key);
    here.pull({}, 0, syncline::device_of_key("k"), 1);
    const http_response again = post(here, topics, R"({"localId":"t","name":"a"})", key);
    CHECK(again.status == 200);
    CHECK(id_in(again) == id_in(created));
    const http_response other = put(here, topics, id_in(created), R"({"name":"b"})", key);
    CHECK(other.status == 409);
    CHECK(refusal_in(other) == "device_forked");
    CHECK(here.row(topics, "t") == "null 'a'");
}

TEST_CASE("a key has at most 255 bytes of UTF-8") {
    SERVER_TESTS_WORLD(here);
    CHECK(post(here, topics, R"({"name":"a"})", {std::string(255, 'k')}).status == 201);
    for (const std::string& key : {std::string(256, 'k'), std::string("\xff"), std::string("a\0b", 3)}) {
        const http_response refused = post(here, topics, R"({"name":"a"})", {key});
        CHECK(refused.status == 400);
        CHECK(refusal_in(refused) == "malformed");
    }
    CHECK(here.rows().size() == 1);
}

TEST_CASE("a conditional request is done where the row has that version, and nowhere else") {
    SERVER_TESTS_WORLD(here);
    const http_response created = post(here, topics, R"({"localId":"t","name":"a"})");
    const std::string id = id_in(created), first = created.etag;
    const http_response changed = put(here, topics, id, R"({"name":"b"})", {{}, first});
    CHECK(changed.status == 200);
    for (const http_response& refused : {put(here, topics, id, R"({"name":"c"})", {{}, first}), remove(here, topics, id, {{}, first}),
                                         post(here, topics, R"({"localId":"t","name":"c"})", {{}, first}), post(here, topics, R"({"localId":"u","name":"c"})", {{}, first}),
                                         post(here, topics, R"({"localId":"u","name":"c"})", {{}, "*"})}) {
        CHECK(refused.status == 412);
        CHECK(refusal_in(refused) == "version_mismatch");
    }
    CHECK(here.rows() == listing{{"topics/t", "null 'b'"}});
    CHECK(put(here, topics, id, R"({"name":"c"})", {{}, "*"}).status == 200);
    CHECK(put(here, topics, "unknown", R"({"name":"c"})", {{}, "*"}).status == 404);
    const std::string now = get(here, topics, id).etag;
    CHECK(remove(here, topics, id, {{}, now}).status == 204);
    CHECK(put(here, topics, id, R"({"name":"d"})", {{}, now}).status == 412);
    CHECK(remove(here, topics, id, {{}, now}).status == 412);
}

TEST_CASE("a condition that is no version in quotes is malformed") {
    SERVER_TESTS_WORLD(here);
    const std::string id = made(here, topics, R"({"localId":"t","name":"a"})");
    const std::string version = here.version_of(topics, "t").str();
    for (const std::string& match : {version, "\"" + version, version + "\"", "\"" + version + " \"", "\" " + version + "\"", "W/\"" + version + "\"", "\"" + version + "\", \"9\"",
                                     std::string("\"\""), std::string("\""), std::string("\"x\""), std::string("\"1.9223372036854775808\""), std::string("\"4294967296.1\""), std::string("\"1.+1\""),
                                     std::string("\"1.01\""), std::string("\"1\""), std::string("\"1.0\""), std::string("\"0.0\""), std::string("\"1.-1\"")}) {
        INFO(match);
        CHECK(put(here, topics, id, R"({"name":"b"})", {{}, match}).status == 400);
        CHECK(remove(here, topics, id, {{}, match}).status == 400);
    }
    CHECK(put(here, topics, id, R"({"name":"b"})", {{}, "\"2.1\""}).status == 412);
    CHECK(here.row(topics, "t") == "null 'a'");
}

TEST_CASE("a conditional request with a key is answered again as it was, though the version has moved") {
    SERVER_TESTS_WORLD(here);
    const http_response created = post(here, topics, R"({"localId":"t","name":"a"})");
    const std::string id = id_in(created);
    CHECK(put(here, topics, id, R"({"name":"b"})", {"k", created.etag}).status == 200);
    CHECK(put(here, topics, id, R"({"name":"c"})").status == 200);
    CHECK(put(here, topics, id, R"({"name":"b"})", {"k", created.etag}).status == 200);
    CHECK(here.row(topics, "t") == "null 'c'");
    const std::string now = get(here, topics, id).etag;
    CHECK(remove(here, topics, id, {"r", now}).status == 204);
    CHECK(remove(here, topics, id, {"r", now}).status == 204);
}

TEST_CASE("a body that is no row of the entity is refused and changes nothing") {
    SERVER_TESTS_WORLD(here);
    made(here, workouts, a_workout);
    const std::string note_id = made(here, notes, R"({"localId":"n","text":"t","workoutId":{"localId":"w"}})");
    const std::string cursor = here.cursor();
    struct flaw {
        std::string body, refusal;
    };
    const std::vector<flaw> flaws{
        {"", "malformed"},
        {"{", "malformed"},
        {"[]", "malformed"},
        {"null", "malformed"},
        {"5", "malformed"},
        {R"("text")", "malformed"},
        {R"({"text":"x"} )" "{}", "malformed"},
        {R"({"text":"x",})", "malformed"},
        {R"({"nothing":1})", "unknown_field nothing"},
        {R"({"Text":"x"})", "unknown_field Text"},
        {R"({"text":"x","id":"1"})", "reserved_field id"},
        {R"({"text":"x","version":1})", "reserved_field version"},
        {R"({"text":"x","updatedAt":1})", "reserved_field updatedAt"},
        {R"({"text":"x","isDeleted":true})", "reserved_field isDeleted"},
        {R"({"text":"x","incarnation":7})", "reserved_field incarnation"},
        {R"({"text":"x","owner":"bob"})", "unknown_field owner"},
        {R"({"text":"x","text":"x"})", "duplicate_key text"},
        {R"({"text":"x","localId":"n","localId":"n"})", "duplicate_key localId"},
        {R"({"text":"x","localId":"a b"})", "invalid_id localId"},
        {R"({"text":"x","localId":""})", "invalid_id localId"},
        {R"({"text":"x","localId":"01234567890123456789012345678901234567890"})", "invalid_id localId"},
        {R"({"text":"x","localId":5})", "wrong_type localId"},
        {R"({"text":"x","localId":null})", "wrong_type localId"},
        {R"({"text":"x","localId":{"localId":"n"}})", "wrong_type localId"},
        {R"({"text":"x","localId":["n"]})", "wrong_type localId"},
        {R"({"text":null})", "wrong_type text"},
        {R"({"text":5})", "wrong_type text"},
        {R"({"text":["x"]})", "wrong_type text"},
        {R"({"text":{"localId":"w"}})", "wrong_type text"},
        {R"({"text":"x","workoutId":5})", "wrong_type workoutId"},
        {R"({"text":"x","workoutId":true})", "wrong_type workoutId"},
        {R"({"text":"x","workoutId":["w"]})", "wrong_type workoutId"},
        {R"({"text":"x","workoutId":{}})", "wrong_type workoutId"},
        {R"({"text":"x","workoutId":{"id":"w"}})", "wrong_type workoutId"},
        {R"({"text":"x","workoutId":{"localId":5}})", "wrong_type workoutId"},
        {R"({"text":"x","workoutId":{"localId":"w","more":1}})", "wrong_type workoutId"},
        {R"({"text":"x","workoutId":{"localId":{"localId":"w"}}})", "wrong_type workoutId"},
        {"{\"text\":\"\xff\"}", "invalid_text"},
        {"{\"text\":\"\xc0\xaf\"}", "invalid_text"},
        {"{\"text\":\"\xed\xa0\x80\"}", "invalid_text"},
        {R"({"text":"\ud800"})", "invalid_text"},
        {R"({"text":"a\u0000b"})", "invalid_text text"},
        {std::string("{\"text\":\"a\0b\"}", 14), "malformed"},
        {std::string("{\"text\":\"x\"}\0", 13), "malformed"},
        {R"({"nothing":)" + std::string(100, '[') + std::string(100, ']') + "}", "unknown_field nothing"},
        {R"({"text":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}", "wrong_type text"},
        {"{\"" + std::string(2'000, 'k') + "\":1}", "too_large"},
    };
    for (const flaw& one : flaws) {
        INFO(one.body.substr(0, 100));
        for (const http_response& refused : {post(here, notes, one.body), put(here, notes, note_id, one.body)}) {
            CHECK((refused.status == 400 || refused.status == 413));
            const std::string refusal = refusal_in(refused);
            CHECK(refusal.substr(0, refusal.find(' ')) == one.refusal.substr(0, one.refusal.find(' ')));
            if (one.refusal.find(' ') != std::string::npos) CHECK(refusal == one.refusal);
        }
    }
    CHECK(here.cursor() == cursor);
}

TEST_CASE("a number is taken as what it is, or not at all") {
    SERVER_TESTS_WORLD(here);
    const std::string id = made(here, workouts, a_workout);
    const auto status = [&](const std::string& field, const std::string& number) {
        const http_response response = put(here, workouts, id, "{\"" + field + "\":" + number + "}");
        if (response.status == 400) {
            const std::string refusal = refusal_in(response);
            CHECK((refusal.starts_with("wrong_type") || refusal.starts_with("out_of_range") || refusal == "malformed"));
        }
        return response.status;
    };
    for (const char* taken : {"0", "-0", "32767", "-32768"}) CHECK(status("rating", taken) == 200);
    CHECK(here.row(workouts, "w") == "'legs' null -32768 1.500000 false ''");
    for (const char* refused : {"32768", "-32769", "65536", "65539", "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551619", "-9223372036854775808",
                                "-9223372036854775809", "340282366920938463463374607431768211456", "3.9", "3.0000000001", "1e400", "-1e400", "true", "false", "null", "\"3\"", "[3]", "{}"}) {
        INFO(refused);
        CHECK(status("rating", refused) == 400);
    }
    CHECK(here.row(workouts, "w") == "'legs' null -32768 1.500000 false ''");
    for (const char* taken : {"2", "-2.25", "1e300", "4.9e-324", "-0.0", "0"}) CHECK(status("load", taken) == 200);
    for (const char* refused : {"1e400", "-1e400", "true", "null", "\"1.5\"", "NaN", "Infinity"}) CHECK(status("load", refused) == 400);
    for (const char* refused : {"0", "1", "null", "\"true\"", "{}"}) CHECK(status("done", refused) == 400);
    CHECK(status("done", "true") == 200);
    for (const char* refused : {"\"*\"", "\"AAE\"", "5", "null"}) CHECK(put(here, workouts, id, R"({"photo":)" + std::string(refused) + "}").status == 400);
    CHECK(here.row(workouts, "w") == "'legs' null -32768 0.000000 true ''");
}

TEST_CASE("a text above the bound is refused") {
    syncline::limits bounds;
    bounds.string_bytes = 1'000;
    bounds.body_bytes = 5'000;
    world here(backend_kind::memory, bounds);
    const std::string id = made(here, topics, R"({"localId":"t","name":"a"})");
    CHECK(put(here, topics, id, R"({"name":")" + std::string(1'000, 'x') + "\"}").status == 200);
    for (const std::size_t size : {1'001u, 4'000u, 6'000u}) {
        const http_response refused = put(here, topics, id, R"({"name":")" + std::string(size, 'y') + "\"}");
        CHECK(refused.status == 413);
        CHECK(refusal_in(refused).starts_with("too_large"));
    }
    CHECK(here.row(topics, "t") == "null '" + std::string(1'000, 'x') + "'");
}

TEST_CASE("a new row needs all its fields, a change at least one") {
    SERVER_TESTS_WORLD(here);
    CHECK(refusal_in(post(here, workouts, R"({"localId":"w","title":"legs","rating":3,"load":1.5,"photo":""})")) == "missing_field done");
    CHECK(refusal_in(post(here, notes, "{}")) == "missing_field text");
    CHECK(refusal_in(post(here, exercise_sets, R"({"position":1,"workoutId":{"localId":"w"}})")) == "missing_field exerciseId");
    CHECK(here.rows().empty());
    const std::string id = made(here, workouts, a_workout);
    const std::string cursor = here.cursor();
    for (const char* body : {"{}", R"({"localId":"w"})"}) {
        const http_response refused = put(here, workouts, id, body);
        CHECK(refused.status == 422);
        CHECK(refusal_in(refused) == "missing_field");
    }
    CHECK(refusal_in(put(here, workouts, id, R"({"localId":"another","title":"x"})")) == "invalid_id");
    CHECK(here.cursor() == cursor);
    CHECK(put(here, workouts, id, R"({"localId":"w","title":"x"})").status == 200);
}

TEST_CASE("another owner's rows are answered for as if they were not there") {
    SERVER_TESTS_WORLD(here);
    made(here, workouts, a_workout);
    const std::string note_id = made(here, notes, R"({"localId":"n","text":"t"})");
    const std::string of_bob = here.id_of(workouts, "w1", "bob");
    REQUIRE_FALSE(of_bob.empty());
    const std::string unknown(of_bob.size(), 'A');
    const auto alike = [&](auto request) {
        const http_response theirs = request(of_bob), nobodys = request(unknown);
        CHECK(theirs.status == nobodys.status);
        CHECK(theirs.body == nobodys.body);
        CHECK(theirs.status >= 400);
        CHECK_THAT(theirs.body, !contains(of_bob));
    };
    for (const std::string& key : {std::string(), std::string("k")}) {
        alike([&](const std::string& id) { return get(here, workouts, id); });
        alike([&](const std::string& id) { return put(here, workouts, id, R"({"title":"stolen"})", {key}); });
        alike([&](const std::string& id) { return remove(here, workouts, id, {key}); });
        alike([&](const std::string& id) { return put(here, workouts, id, R"({"title":"stolen"})", {key, "\"1.1\""}); });
        alike([&](const std::string& id) { return put(here, workouts, id, R"({"title":"stolen","localId":"w1"})", {key.empty() ? key : id}); });
        alike([&](const std::string& id) { return post(here, notes, R"({"localId":"m","text":"","workoutId":")" + id + "\"}", {key.empty() ? key : id + " note"}); });
        alike([&](const std::string& id) { return put(here, notes, note_id, R"({"workoutId":")" + id + "\"}", {key.empty() ? key : id + " change"}); });
        alike([&](const std::string& id) {
            return post(here, exercise_sets, R"({"localId":"s","position":1,"exerciseId":")" + id + R"(","workoutId":")" + id + "\"}", {key.empty() ? key : id + " set"});
        });
    }
    // The names of his rows are free for hers.
    CHECK(refusal_in(post(here, notes, R"({"text":"","workoutId":{"localId":"w1"}})")) == "not_found workoutId");
    CHECK(post(here, workouts, R"({"localId":"w1","title":"mine","rating":3,"load":1.5,"done":false,"photo":""})").status == 201);
    CHECK(get(here, workouts, of_bob, {{}, {}, "token of bob"}).status == 200);
    CHECK(here.rows().size() == 3);
}

TEST_CASE("an id in a path may be percent-encoded") {
    SERVER_TESTS_WORLD(here);
    const std::string id = made(here, topics, R"({"localId":"t","name":"a"})");
    std::string encoded;
    for (const char c : id) {
        char hexadecimal[4];
        std::snprintf(hexadecimal, sizeof hexadecimal, "%%%02x", static_cast<unsigned>(c));
        encoded += hexadecimal;
    }
    CHECK(get(here, topics, encoded).status == 200);
    CHECK(get(here, topics, id + "?query=x").status == 200);
    for (const std::string& wrong : {id + "%", id + "%2", id + "%zz", id + "%00", id + "%ff", id + "/", id + "%2f", "%20" + id, id + "#x", std::string("..%2f..%2fetc"), std::string(),
                                     std::string(500, 'a'), std::string("'%20OR%20'1'='1"), std::string("%22")}) {
        INFO(wrong);
        const http_response refused = get(here, topics, wrong);
        CHECK(refused.status == 404);
        CHECK(refusal_in(refused) == "not_found");
    }
    const syncline::route with_plus = syncline::find_route("/api/topics/a+b%2B/c", schema::view());
    REQUIRE(with_plus.id);
    CHECK(with_plus.id->view() == "a+b+/c");
}

TEST_CASE("a row travels as JSON and as nothing else") {
    SERVER_TESTS_WORLD(here);
    for (const char* type : {"text/html", "application/cbor", "application/x-www-form-urlencoded", "text/plain", "json"}) {
        conditions with;
        with.content_type = type;
        const http_response refused = post(here, topics, R"({"localId":"t","name":"a"})", with);
        INFO(type);
        CHECK(refused.status == 415);
        CHECK(refusal_in(refused) == "malformed");
    }
    CHECK(here.rows().empty());
    for (const char* type : {"application/json", "application/json; charset=utf-8", ""}) {
        conditions with;
        with.content_type = type;
        CHECK(post(here, topics, R"({"localId":"t","name":"a"})", with).status < 300);
    }
}

TEST_CASE("a method that a path has not is refused with those it has") {
    SERVER_TESTS_WORLD(here);
    const std::string id = made(here, topics, R"({"localId":"t","name":"a"})");
    for (const char* method : {"GET", "PUT", "DELETE", "PATCH", "HEAD", "", "post", "POST,", ","}) {
        INFO(method);
        const http_response refused = ask(here, method, "/api/topics", R"({"name":"b"})");
        CHECK(refused.status == 405);
        CHECK(refused.allow == "POST");
    }
    for (const char* method : {"POST", "PATCH", "HEAD", "", "put", "GET,", "GET, PUT", " PUT"}) {
        INFO(method);
        const http_response refused = ask(here, method, "/api/topics/" + id, R"({"name":"b"})");
        CHECK(refused.status == 405);
        CHECK(refused.allow == "GET, PUT, DELETE");
    }
    CHECK(here.row(topics, "t") == "null 'a'");
    for (const char* path : {"/api/spies", "/api/Topics", "/api/topic", "/api", "/api/", "/topics", "/api//topics"}) {
        INFO(path);
        CHECK(ask(here, "POST", path, R"({"name":"b"})").status == 404);
    }
}

TEST_CASE("without a valid token no row is read or changed") {
    SERVER_TESTS_WORLD(here);
    const std::string id = made(here, topics, R"({"localId":"t","name":"a"})");
    for (const char* token : {"", "alice", "Token of alice"}) {
        conditions with;
        with.token = token;
        CHECK(get(here, topics, id, with).status == 401);
        CHECK(put(here, topics, id, R"({"name":"b"})", with).status == 401);
        CHECK(post(here, topics, R"({"name":"b"})", with).status == 401);
        CHECK(remove(here, topics, id, with).status == 401);
        CHECK(get(here, topics, "unknown", with).status == 401);
    }
    CHECK(here.rows() == listing{{"topics/t", "null 'a'"}});
}

TEST_CASE("a backend that fails at a single row is a 500 that tells nothing of the machine") {
    SERVER_TESTS_WORLD(here);
    const auto failing = running_server::start(backend, {});
    failing->break_backend();
    for (const char* method : {"GET", "PUT", "DELETE"}) {
        const http_response response = failing->handle({method, "/api/topics/1", R"({"name":"a"})", "token of alice"});
        CHECK(response.status == 500);
        CHECK_THAT(response.body, !contains("secret"));
    }
}

TEST_CASE("a row that a request without a key wrote last has no last writer when it is removed, and the request's removal is of what was there") {
    SERVER_TESTS_WORLD(here);
    const std::string unnamed = made(here, notes, R"({"localId":"a","text":"t"})");
    here.push(batch("phone").create(notes, "b"));
    const auto newest = here.version_of(notes, "b");
    const std::string since = here.cursor();
    CHECK(remove(here, notes, unnamed).status == 204);
    CHECK(remove(here, notes, here.id_of(notes, "b")).status == 204);
    const auto page = here.pull(since);
    REQUIRE(page.rows.size() == 2);
    CHECK(page.rows[0].local.view() == "a");
    CHECK(page.rows[0].base_version == nth_version(1));
    CHECK(page.rows[0].last_writer.empty());
    CHECK(page.rows[0].last_seq == 0);
    CHECK(page.rows[1].base_version == newest);
    CHECK(page.rows[1].last_writer == "phone");
    CHECK(page.rows[1].last_seq == 1);
}
