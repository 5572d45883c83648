/// Rows whose fields have the names of the members that every row has: those members have a `$` in front, in these rows alone.
#include <array>
#include <string>
#include <string_view>

#include <support/rapidcheck.hpp>
#include <support/releases.hpp>
#include <syncline/testing/respelled.hpp>
#include <syncline/wire/read_row_body.hpp>
#include <syncline/wire/write_row.hpp>
#include <wire/fixture.hpp>
#include <wire/support/random_messages.hpp>
#include <wire/support/whole_messages.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

constexpr schema_view tables = releases::schema::view();

template <class Message>
bool survives(const Message& message, const schema_view& schema, wire::encoding form) {
    Message out;
    return !read(written(message, schema, form), schema, out, form) && same(message, out);
}

/// A row of each table.
struct sample_rows {
    std::array<cell, 4> release_values{cell::text("com.example"), cell::text("2.1"), cell::integer(5), cell::text("none")};
    std::array<cell, 3> change_values{cell::server_key("R1"), cell::text("c-7"), cell::boolean(true)};
    wire::server_row_view release{releases::release_table, server_id::trusted("R1"), local_id::trusted("r1"), row_version(1, 7), 2, 8, false, release_values};
    wire::server_row_view change{releases::change_table, server_id::trusted("C1"), local_id::trusted("c1"), row_version(1, 9), 1, 8, false, change_values};
};

const std::string release_json =
    R"({"$id":"R1","localId":"r1","$version":"1.7","$updatedAt":8,"isDeleted":false,"incarnation":2,)"
    R"("Id":"com.example","version":"2.1","updatedAt":5,"the notes":"none"})";
const std::string change_json =
    R"({"id":"C1","$localId":"c1","version":"1.9","updatedAt":8,"$isDeleted":false,"incarnation":1,"release":"R1","localId":"c-7","ISDELETED":true})";

std::string page_of_release(std::string_view from, std::string_view to) {
    std::string row = release_json;
    row.replace(row.find(from), from.size(), to);
    return page_of(R"("App Releases":[)" + row + "]");
}

}  // namespace

TEST_CASE("messages of a schema whose names need care read back as they were written") {
    const testing::respelled_schema respelled(notes_schema);
    syncline_property("round trips under other names", [&](std::uint64_t seed) {
        for (const wire::encoding form : encodings) {
            RC_ASSERT(survives(random_push(seed), respelled.view(), form));
            RC_ASSERT(survives(random_page(seed), respelled.view(), form));
            RC_ASSERT(survives(random_push_answer(seed), respelled.view(), form));
        }
    });
}

TEST_CASE("only the member whose name a field has takes a $") {
    const sample_rows rows;
    CHECK(wire::write_row(tables[releases::release_table], rows.release) == release_json);
    CHECK(wire::write_row(tables[releases::change_table], rows.change) == change_json);
    wire::page page;
    page.rows = {rows.release, rows.change};
    page.cursor = "c1";
    CHECK(written(page, tables, wire::encoding::json) == page_of(R"("App Releases":[)" + release_json + R"(],"CHANGES":[)" + change_json + "]"));
    for (const wire::encoding form : encodings) CHECK(survives(page, tables, form));
}

TEST_CASE("what a request to one row is answered names the members as its rows do") {
    const sample_rows rows;
    CHECK(wire::write_row_name(tables[releases::release_table], rows.release) ==
          R"({"$id":"R1","localId":"r1","$version":"1.7","$updatedAt":8,"incarnation":2})");
    CHECK(wire::write_row_name(tables[releases::change_table], rows.change) ==
          R"({"id":"C1","$localId":"c1","version":"1.9","updatedAt":8,"incarnation":1})");
}

TEST_CASE("the row of a verdict is read wherever its entity stands") {
    const std::string row = R"("row":)" + release_json;
    const std::string entity = R"("entity":"App_Release")";
    for (const std::string& more : {entity + "," + row, row + "," + entity}) {
        INFO(more);
        wire::push_answer answer;
        const error problem = wire::read_push_answer(answer_of("," + more), tables, limits(), answer, wire::encoding::json);
        REQUIRE(to_string(problem) == to_string(error()));
        const sample_rows rows;
        REQUIRE(answer.results.front().row.has_value());
        CHECK(same(*answer.results.front().row, rows.release));
    }
}

TEST_CASE("a row of a verdict is refused for the same whether its entity is known before or after") {
    struct flaw {
        std::string_view from, to, refusal;
    };
    const std::array flaws{flaw{R"("$version":"1.7")", R"("$version":"7")", "malformed App_Release n1 $version"},
                           flaw{R"("$version":"1.7",)", "", "missing_field App_Release n1 $version"},
                           flaw{R"("version":"2.1")", R"("version":2)", "wrong_type App_Release n1 version"},
                           flaw{R"("$id":"R1",)", R"("$id":"R1","$id":"R1",)", "duplicate_key App_Release n1 $id"}};
    for (const flaw& one : flaws) {
        std::string row = release_json;
        row.replace(row.find(one.from), one.from.size(), one.to);
        wire::push_answer answer;
        const std::string known = answer_of(R"(,"entity":"App_Release","row":)" + row), unknown = answer_of(R"(,"row":)" + row + R"(,"entity":"App_Release")");
        CHECK(summary(wire::read_push_answer(known, tables, limits(), answer, wire::encoding::json)) == one.refusal);
        // A key that is there twice is noticed before anything is known of it.
        if (one.refusal.starts_with("duplicate_key")) continue;
        CHECK(summary(wire::read_push_answer(unknown, tables, limits(), answer, wire::encoding::json)) == one.refusal);
    }
}

TEST_CASE("a plain name is the field's, where a field has it") {
    wire::page page;
    const auto refusal = [&](std::string_view from, std::string_view to) {
        return summary(wire::read_page(page_of_release(from, to), tables, limits(), page, wire::encoding::json));
    };
    CHECK(refusal(R"("$id":"R1",)", "") == "missing_field App_Release r1 $id");
    CHECK(refusal(R"("$id":"R1",)", R"("id":"R1",)") == "missing_field App_Release r1 $id");
    CHECK(refusal(R"(,"version":"2.1")", "") == "missing_field App_Release r1 version");
    CHECK(refusal(R"("incarnation":2)", R"("$incarnation":2)") == "none");
    CHECK(page.rows.front().incarnation == 1);
}

TEST_CASE("the body of a request to one row names its local id as the entity's rows do") {
    const auto refusal = [](int table, std::string_view body) {
        wire::push_request out;
        const error problem = wire::read_row_body(body, tables[table], limits(), out);
        return problem ? summary(problem) : "none " + out.operations.front().op.id.str();
    };
    CHECK(refusal(releases::release_table, R"({"localId":"r1","version":"2","Id":"x"})") == "none r1");
    CHECK(refusal(releases::change_table, R"({"$localId":"c1","localId":"c-7"})") == "none c1");
    CHECK(refusal(releases::change_table, R"({"localId":"c-7"})") == "none ");
    CHECK(refusal(releases::change_table, R"({"$localId":"a b"})") == "invalid_id CHANGES - $localId");
    CHECK(refusal(releases::release_table, R"({"$localId":"r1"})") == "reserved_field App_Release - -");
    CHECK(refusal(releases::release_table, R"({"$version":3})") == "reserved_field App_Release - -");
    CHECK(refusal(releases::release_table, R"({"id":"R1"})") == "reserved_field App_Release - id");
}

TEST_CASE("an operation's own members are beside no fields and keep their names") {
    wire::push_request push;
    push.device = "d";
    const sample_rows rows;
    wire::sent_operation& one = push.operations.emplace_back();
    one.op.seq = 1;
    one.op.table = releases::release_table;
    one.op.id = local_id::trusted("r1");
    one.op.values = {tables[releases::release_table].all_columns(), rows.release_values, 0, {}};
    CHECK_THAT(written(push, tables, wire::encoding::json),
               contains(R"("entity":"App_Release","localId":"r1")") && contains(R"("fields":{"Id":"com.example","version":"2.1","updatedAt":5,"the notes":"none"})"));
}
