#include <syncline/wire/json/rest_grammar.hpp>
#include <syncline/wire/json/rest_writer.hpp>

#include <wire/fixture.hpp>

using namespace syncline;
using namespace syncline::tests;
using wire::rest_shape;

namespace {

const std::vector<wire::rest_table_names> names{{"Folders", {"title", "parent"}},
                                                {"Notes", {"folder", "body", "done", "stars", "size", "weight", "picture", "taken_at", "tags"}}};

wire::rest_row_names row_names() {
    wire::rest_row_names made;
    made.local_id = "client_ref";
    made.version = "rev";
    made.updated_at = "updated_at";
    made.deleted = "deleted_at";
    made.updated_at_form = made.moments = wire::moment_form::iso8601;
    made.ids = wire::id_form::number;
    return made;
}

rest_shape list_of(int table) {
    rest_shape shape;
    shape.holds = rest_shape::content::list;
    shape.table = table;
    return shape;
}

wire::rest_rows rows;

std::string refusal_of(std::string_view body, const rest_shape& shape, const limits& bounds = {}) {
    return summary(wire::json::read_rest(body, notes_schema, row_names(), names, shape, bounds, rows));
}

constexpr std::string_view a_note =
    R"({"id":17,"client_ref":"n1","rev":4,"updated_at":"2024-02-29T00:00:00.5Z","deleted_at":null,"folder":3,"body":"x\u00e9","done":1,"stars":-5,)"
    R"("size":9,"weight":2,"picture":"AAEC","taken_at":"2024-02-29T00:00:00Z","tags":"[]","owner":{"name":["nested"]},"links":[1,{"a":2}]})";

}  // namespace

TEST_CASE("a row of a REST backend is read by its adjusted names and forms") {
    REQUIRE(refusal_of("[" + std::string(a_note) + "]", list_of(notes)) == "none");
    REQUIRE(rows.rows.size() == 1);
    const wire::rest_row& row = rows.rows[0];
    CHECK(row.id.view() == "17");
    CHECK(row.local.view() == "n1");
    CHECK(row.version == row_version(1, 4));
    CHECK(row.updated_at == 1'709'164'800'500'000);
    CHECK_FALSE(row.removed);
    CHECK(row.present == notes_schema[notes].all_columns());
    CHECK(row.values[folder_id] == cell::server_key("3"));
    CHECK(row.values[done] == cell::boolean(true));
    CHECK(row.values[weight] == cell::real(2));
    CHECK(row.values[picture] == cell::bytes(std::string_view("\0\1\2", 3)));
    CHECK(row.values[taken_at] == cell::integer(1'709'164'800'000'000));

    rest_shape item;
    item.table = notes;
    CHECK(refusal_of(a_note, item) == "none");
    CHECK(refusal_of(R"({"id":5})", item) == "none");
    CHECK(rows.rows[0].present == 0);
    item.envelope = "item";
    CHECK(refusal_of(R"({"total":[1],"item":{"id":"a-b","client_ref":"not valid!"}})", item) == "none");
    CHECK(rows.rows[0].id.view() == "a-b");
    CHECK(rows.rows[0].local.empty());
}

TEST_CASE("a REST backend counts its versions in one number, or as our own endpoints do") {
    const auto version = [](const std::string& value) {
        CHECK(refusal_of(R"([{"id":1,"deleted_at":true,"rev":)" + value + "}]", list_of(notes)) == "none");
        return rows.rows.front().version;
    };
    CHECK(version("7") == row_version(1, 7));
    CHECK(version("\"2.7\"") == row_version(2, 7));
    for (const char* none : {"0", "-7", "null"}) CHECK(version(none).is_none());
    for (const char* value : {"7.5", "\"7\"", "\"2.07\"", "true", "[2,7]"})
        CHECK(refusal_of(R"([{"id":1,"rev":)" + std::string(value) + R"(,"deleted_at":true}])", list_of(notes)) == "wrong_type note - rev");
}

TEST_CASE("a removed row of a REST backend needs no fields") {
    CHECK(refusal_of(R"([{"id":1,"deleted_at":"2024-02-29T00:00:00Z"}])", list_of(notes)) == "none");
    CHECK(rows.rows[0].removed);
    CHECK(refusal_of(R"([{"id":1,"deleted_at":true,"folder":"no such thing \" at all"}])", list_of(notes)) == "none");
    CHECK(rows.rows[0].removed);
}

TEST_CASE("a feed names the tables by lists or in each row, and may have a cursor") {
    rest_shape feed;
    feed.holds = rest_shape::content::by_table;
    feed.envelope = "changes";
    feed.cursor = "next";
    feed.more = "more";
    CHECK(refusal_of(R"({"more":true,"changes":{"Folders":[{"id":1,"title":"a","parent":null}],"Others":[{"x":[]}],"Notes":[]},"next":12})", feed) == "none");
    CHECK(rows.rows.size() == 1);
    CHECK(rows.cursor == "12");
    CHECK(rows.more);
    feed.envelope = "";
    feed.cursor = feed.more = "";
    CHECK(refusal_of(R"({"Folders":[{"id":1,"title":"a"}]})", feed) == "none");
    CHECK(rows.rows[0].values[parent_id].is_null());

    rest_shape flat = list_of(-1);
    flat.kind = "type";
    flat.envelope = "records";
    CHECK(refusal_of(R"({"records":[{"id":1,"title":"a","type":"Folders"},{"type":"Others","id":{}}]})", flat) == "none");
    CHECK(rows.rows.size() == 1);
    CHECK(rows.rows[0].table == folders);
}

TEST_CASE("what is no answer of a REST backend is refused with its place") {
    const rest_shape list = list_of(folders);
    rest_shape wrapped = list;
    wrapped.envelope = "data";
    for (const char* body : {"{}", "5", "null", "\"a\"", "[5]", "[[]]", "[null]", R"({"data":[]})"}) CHECK(refusal_of(body, list).starts_with("bad_answer"));
    for (const char* body : {"[]", R"({"data":{}})", R"({"data":5})", R"({"data":null})"}) CHECK(refusal_of(body, wrapped).starts_with("bad_answer"));
    CHECK(refusal_of("{}", wrapped) == "missing_field - - data");
    for (const char* body : {"", "<html>", "[", R"([{"id":1,"title":"a"}]])"}) CHECK(refusal_of(body, list).starts_with("malformed"));
    CHECK(refusal_of(R"([{"title":"a"}])", list) == "missing_field folder - id");
    CHECK(refusal_of(R"([{"id":1}])", list) == "missing_field folder - title");
    CHECK(refusal_of(R"([{"id":1,"title":5}])", list) == "wrong_type folder - title");
    CHECK(refusal_of(R"([{"id":1,"title":["a"]}])", list) == "wrong_type folder - title");
    CHECK(refusal_of(R"([{"id":1,"title":"a","title":"b"}])", list).starts_with("duplicate_key"));
    CHECK(refusal_of(R"([{"id":1,"title":null}])", list) == "wrong_type folder - title");
    CHECK(refusal_of(R"([{"id":"a b","title":"a"}])", list) == "invalid_id folder - id");
    CHECK(refusal_of(R"([{"id":true,"title":"a"}])", list) == "invalid_id folder - id");
    CHECK(refusal_of(R"([{"id":1.5,"title":"a"}])", list) == "invalid_id folder - id");
    CHECK(refusal_of(R"([{"id":1,"title":"a","updated_at":"yesterday"}])", list) == "wrong_type folder - updated_at");
    CHECK(refusal_of(R"([{"id":1,"title":"a","rev":"x"}])", list) == "wrong_type folder - rev");
    CHECK(refusal_of(R"([{"id":1,"title":"a","parent":{}}])", list) == "wrong_type folder - parentId");
    limits small;
    small.body_bytes = 20;
    CHECK(refusal_of(R"([{"id":1,"title":"a"}])", list, small).starts_with("too_large"));
    small = {};
    small.string_bytes = 3;
    CHECK(refusal_of(R"([{"id":1,"title":"four"}])", list, small).starts_with("too_large"));
    small = {};
    small.json_depth = 4;
    CHECK(refusal_of(R"([{"id":1,"title":"a","x":[[[[]]]]}])", list, small).starts_with("too_large"));
    std::string many = R"({"records":[{)";
    for (int i = 0; i < 2'000; ++i) many += "\"x" + std::to_string(i) + "\":1,";
    rest_shape flat = list_of(-1);
    flat.kind = "type";
    flat.envelope = "records";
    CHECK(refusal_of(many + R"("type":"Folders"}]})", flat).starts_with("too_large"));
}

TEST_CASE("moments of a REST backend are counts where that is agreed on") {
    wire::rest_row_names counted = row_names();
    counted.updated_at_form = wire::moment_form::seconds;
    const auto moment = [&](std::string_view text) {
        const std::string body = R"([{"id":1,"title":"a","updated_at":)" + std::string(text) + "}]";
        const error problem = wire::json::read_rest(body, notes_schema, counted, names, list_of(folders), {}, rows);
        return problem ? std::nullopt : rows.rows.at(0).updated_at;
    };
    CHECK(moment("2") == 2'000'000);
    CHECK(moment("2.5") == 2'500'000);
    CHECK_FALSE(moment("1e300"));
    CHECK_FALSE(moment("9223372036854775807"));
    CHECK_FALSE(moment("\"2\""));
}

TEST_CASE("the body of a create or update is written in the backend's names and forms") {
    std::vector<cell> values(notes_schema[notes].columns.size());
    values[folder_id] = cell::server_key("3");
    values[body] = cell::text("a \"b\"");
    values[taken_at] = cell::integer(1'709'164'800'000'000);
    const auto mask = only_column(folder_id) | only_column(body) | only_column(taken_at);
    const local_id local = local_id::trusted("n1");
    const auto written = [&](const wire::rest_row_names& with, std::string_view envelope, const local_id& id, column_mask columns) {
        return wire::json::write_rest_body(notes_schema[notes], with, names[notes], envelope, id, values, columns);
    };
    CHECK(written(row_names(), "", local, mask) == R"({"client_ref":"n1","folder":3,"body":"a \"b\"","taken_at":"2024-02-29T00:00:00.000Z"})");
    CHECK(written(row_names(), "item", {}, only_column(body)) == R"({"item":{"body":"a \"b\""}})");
    CHECK(written(row_names(), "", {}, 0) == "{}");
    wire::rest_row_names counted = row_names();
    counted.moments = wire::moment_form::seconds;
    counted.ids = wire::id_form::text;
    counted.local_id = "";
    CHECK(written(counted, "", local, mask) == R"({"folder":"3","body":"a \"b\"","taken_at":1709164800})");
    values[folder_id] = cell::server_key("007");
    CHECK(written(row_names(), "", {}, only_column(folder_id)) == R"({"folder":"007"})");
}
