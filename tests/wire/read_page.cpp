/// Pages: what a client declares must be right, what it does not declare is passed over.
#include <string>

#include <support/catch.hpp>
#include <wire/fixture.hpp>

using namespace syncline;
using namespace syncline::tests;

TEST_CASE("a page is read with rows, tombstones and what it includes") {
    const auto form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    wire::page out;
    const std::string text =
        R"({"changes":{"folders":[{"id":"F1","localId":"f1","version":"1.3","updatedAt":1700000000000,"isDeleted":false,"incarnation":2,"title":"A","parentId":"F0"},)"
        R"({"id":"F2","localId":"f2","version":"1.4","isDeleted":true}],)"
        R"("notes":[{"id":"N1","localId":"n1","version":"1.5","folderId":"F1","done":false,"stars":1,"size":2,"weight":3,"takenAt":4,"tags":"[]"}]},)"
        R"("lastSync":"c7","more":true,"includes":{"floor":8,"above":[10,12]},"snapshot":true,"owner":"anna"})";
    REQUIRE(summary(wire::read_page(body_in(form, message::page, text), notes_schema, {}, out, form)) == "none");
    CHECK(out.cursor == "c7");
    CHECK(out.more);
    CHECK(out.snapshot);
    CHECK(out.owner == "anna");
    CHECK(out.includes.floor == 8);
    CHECK(out.includes.above == std::vector<sequence>{10, 12});
    CHECK(out.includes.contains(12));
    CHECK_FALSE(out.includes.contains(11));
    REQUIRE(out.rows.size() == 3);
    const wire::server_row_view& folder = out.rows[0];
    CHECK(folder.table == folders);
    CHECK(folder.id.view() == "F1");
    CHECK(folder.local.view() == "f1");
    CHECK(folder.version == row_version(1, 3));
    CHECK(folder.incarnation == 2);
    CHECK(folder.updated_at_ms == 1'700'000'000'000);
    CHECK_FALSE(folder.removed);
    CHECK(folder.cells[title] == cell::text("A"));
    CHECK(folder.cells[parent_id] == cell::server_key("F0"));
    CHECK(out.rows[1].removed);
    CHECK(out.rows[1].cells.empty());
    CHECK(out.rows[2].table == notes);
    CHECK(out.rows[2].incarnation == 1);
    CHECK(out.rows[2].cells[body] == cell::null());
    CHECK(out.rows[2].cells[weight] == cell::real(3));
}

TEST_CASE("an empty page is a page") {
    const auto form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    wire::page out;
    out.more = out.snapshot = true;
    out.owner = "of the page before";
    REQUIRE(summary(wire::read_page(body_in(form, message::page, page_of("")), notes_schema, {}, out, form)) == "none");
    CHECK(out.rows.empty());
    CHECK_FALSE(out.more);
    CHECK_FALSE(out.snapshot);
    CHECK(out.owner.empty());
    CHECK(page_refusal(R"({"changes":{"notes":[]},"lastSync":"c","more":false,"includes":{}})") == "none");
}

TEST_CASE("rows come in push order, whatever the order of the tables in the message") {
    const auto form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    wire::page out;
    const auto folder = [](const std::string& local) {
        return R"({"id":"F","localId":")" + local + R"(","version":"1.1","isDeleted":true})";
    };
    const std::string text = page_of(R"("notes":[{"id":"N","localId":"n","version":"1.1","isDeleted":true}],"folders":[)" +
                                     folder("b") + ',' + folder("a") + "]");
    REQUIRE(summary(wire::read_page(body_in(form, message::page, text), notes_schema, {}, out, form)) == "none");
    REQUIRE(out.rows.size() == 3);
    CHECK(out.rows[0].local.view() == "b");
    CHECK(out.rows[1].local.view() == "a");
    CHECK(out.rows[2].table == notes);
}

TEST_CASE("tables, fields and keys that the client does not declare are passed over") {
    const auto form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    wire::page out;
    const std::string nested = R"({"a":[1,{"b":null,"c":[]}],"d":1e3})";
    const std::string text = R"({"later":)" + nested + R"(,"changes":{"ghosts":[{"id":5},7,[]],"spirits":3,"folders":[{"colour":)" +
                             nested + R"(,"id":"F1","shape":"x","localId":"f1","version":"1.3","tags":[1],"title":"A","last":)" +
                             nested + R"(}]},"lastSync":"c","more":false,"includes":{"floor":1,"below":[{}]}})";
    REQUIRE(summary(wire::read_page(body_in(form, message::page, text), notes_schema, {}, out, form)) == "none");
    REQUIRE(out.rows.size() == 1);
    CHECK(out.rows[0].cells[title] == cell::text("A"));
    CHECK(out.rows[0].cells[parent_id] == cell::null());
}

TEST_CASE("a row whose last field nobody knows takes nothing from the row behind it") {
    const auto form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    const auto row = [](const std::string& local, const std::string& more) {
        return R"({"id":"F","localId":")" + local + R"(","version":"1.1","title":"A")" + more + "}";
    };
    for (const char* const unknown : {R"({"a":1})", R"({"a":{"b":[]}})", R"([{"a":1}])", "[1]", "1"}) {
        wire::page out;
        const std::string text = page_of(R"("folders":[)" + row("f1", std::string(R"(,"colour":)") + unknown) + "," + row("f2", "") + "]");
        INFO(text);
        REQUIRE(summary(wire::read_page(body_in(form, message::page, text), notes_schema, {}, out, form)) == "none");
        REQUIRE(out.rows.size() == 2);
        CHECK(out.rows[1].local.view() == "f2");
    }
}

TEST_CASE("a removed row needs no fields") {
    CHECK(page_refusal(page_of(R"("notes":[{"id":"N1","localId":"n1","version":"1.1","isDeleted":true}])")) == "none");
    CHECK(page_refusal(page_of(R"("notes":[{"folderId":"F1","isDeleted":true,"version":"1.1","localId":"n1","id":"N1"}])")) == "none");
    CHECK(page_refusal(page_of(R"("notes":[{"id":"N1","localId":"n1","version":"1.1","isDeleted":false}])")) ==
          "missing_field note n1 folderId");
}

TEST_CASE("what a page must have is missed") {
    CHECK(page_refusal("{}") == "missing_field - - changes");
    CHECK(page_refusal(R"({"changes":{}})") == "missing_field - - lastSync");
    CHECK(page_refusal(R"({"changes":{},"lastSync":"c"})") == "missing_field - - more");
    CHECK(page_refusal(R"({"changes":{},"lastSync":"c","more":true})") == "missing_field - - includes");
    CHECK(page_refusal(R"({"changes":{},"lastSync":"","more":true,"includes":{}})") == "malformed - - lastSync");
    CHECK(page_refusal(page_of_note(R"("id":"N1",)", "")) == "missing_field note n1 id");
    CHECK(page_refusal(page_of_note(R"("localId":"n1",)", "")) == "missing_field note - localId");
    CHECK(page_refusal(page_of_note(R"("version":"1.7",)", "")) == "missing_field note n1 version");
    CHECK(page_refusal(page_of_note(R"("done":true,)", "")) == "missing_field note n1 done");
    CHECK(page_refusal(page_of_note(R"("body":"b",)", "")) == "none");
}

TEST_CASE("what is wrong in a page is refused") {
    const auto page = [](const std::string& from, const std::string& to) {
        std::string text = page_of_note();
        text.replace(text.find(from), from.size(), to);
        return page_refusal(text);
    };
    CHECK(page("{\"changes\"", "[{\"changes\"") == "malformed - - -");
    CHECK(page_refusal("1") == "malformed - - -");
    CHECK(page_refusal(R"({"changes":[]})") == "wrong_type - - changes");
    CHECK(page_refusal(R"({"changes":1})") == "wrong_type - - changes");
    CHECK(page_refusal(R"({"changes":{"notes":{}}})") == "wrong_type - - notes");
    CHECK(page_refusal(R"({"changes":{"notes":1}})") == "wrong_type - - notes");
    CHECK(page_refusal(R"({"changes":{"notes":[1]}})") == "wrong_type note - notes");
    CHECK(page_refusal(R"({"changes":{"notes":[[]]}})") == "wrong_type note - notes");
    CHECK(page_refusal(R"({"changes":{},"changes":{}})") == "duplicate_key - - changes");
    CHECK(page_refusal(R"({"later":1,"later":2})") == "duplicate_key - - -");
    CHECK(page(R"("c1")", "7") == "wrong_type - - lastSync");
    CHECK(page(R"("more":false)", R"("more":0)") == "wrong_type - - more");
    CHECK(page(R"("floor":0)", R"("floor":-1)") == "out_of_range - - floor");
    CHECK(page(R"("floor":0)", R"("floor":[])") == "wrong_type - - floor");
    CHECK(page(R"("above":[])", R"("above":1)") == "wrong_type - - above");
    CHECK(page(R"("above":[])", R"("above":[1,0])") == "out_of_range - - above");
    CHECK(page(R"("above":[])", R"("above":[1.0])") == "wrong_type - - above");
    CHECK(page(R"("above":[])", R"("above":[[1]])") == "wrong_type - - above");
    CHECK(page(R"("includes":{)", R"("snapshot":1,"includes":{)") == "wrong_type - - snapshot");
    CHECK(page(R"("includes":{)", R"("owner":1,"includes":{)") == "wrong_type - - owner");
    CHECK(page(R"("includes":{)", R"("owner":"a\u0000","includes":{)") == "invalid_text - - owner");
    CHECK(page(R"("includes":{)", R"("owner":")" + std::string(1'024, 'a') + R"(","includes":{)") == "none");
    CHECK(page(R"("includes":{)", R"("owner":")" + std::string(1'025, 'a') + R"(","includes":{)") == "too_large - - owner");
}

TEST_CASE("what is wrong in a row is refused, naming the row") {
    const auto row = [](std::string_view from, std::string_view to) { return page_refusal(page_of_note(from, to)); };
    REQUIRE(row({}, {}) == "none");
    CHECK(row(R"("N1")", R"("N 1")") == "invalid_id note n1 id");
    CHECK(row(R"("N1")", "1") == "wrong_type note n1 id");
    CHECK(row(R"("N1")", "{}") == "wrong_type note n1 id");
    CHECK(row(R"("n1")", R"("n/1")") == "invalid_id note - localId");
    CHECK(row(R"("version":"1.7")", R"("version":"0.0")") == "out_of_range note n1 version");
    CHECK(row(R"("version":"1.7")", R"("version":7.0)") == "wrong_type note n1 version");
    CHECK(row(R"("version":"1.7")", R"("version":7)") == "wrong_type note n1 version");
    CHECK(row(R"("version":"1.7")", R"("version":[1,7])") == "wrong_type note n1 version");
    CHECK(row(R"("version":"1.7")", R"("version":"1.0")") == "out_of_range note n1 version");
    CHECK(row(R"("version":"1.7")", R"("version":"0.7")") == "malformed note n1 version");
    CHECK(row(R"("updatedAt":8)", R"("updatedAt":"8")") == "wrong_type note n1 updatedAt");
    CHECK(row(R"("isDeleted":false)", R"("isDeleted":0)") == "wrong_type note n1 isDeleted");
    CHECK(row(R"("incarnation":1)", R"("incarnation":0)") == "out_of_range note n1 incarnation");
    CHECK(row(R"("F1")", R"({"localId":"f1"})") == "wrong_type note n1 folderId");
    CHECK(row(R"("F1")", "null") == "wrong_type note n1 folderId");
    CHECK(row(R"("done":true)", R"("done":1)") == "wrong_type note n1 done");
    CHECK(row(R"("stars":3)", R"("stars":300)") == "out_of_range note n1 stars");
    CHECK(row(R"("b")", R"("\u0000")") == "invalid_text note n1 body");
    CHECK(row(R"("b")", R"(["b"])") == "wrong_type note n1 body");
    CHECK(row(R"("body":"b")", R"("done":false)") == "duplicate_key note n1 done");
    CHECK(row(R"("body":"b")", R"("id":"N1")") == "duplicate_key note n1 id");
    CHECK(page_refusal(page_of(R"("notes":[{"done":1,"version":"1.2","id":"N9","localId":"n9"}])")) == "wrong_type note n9 done");
}

TEST_CASE("every bound of a page holds") {
    limits bounds;
    bounds.page_rows = 1;
    const std::string row = R"({"id":"F","localId":"f","version":"1.1","isDeleted":true})";
    CHECK(page_refusal(page_of("\"folders\":[" + row + "]"), bounds) == "none");
    CHECK(page_refusal(page_of("\"folders\":[" + row + ',' + row + "]"), bounds) == "too_large folder - -");
    CHECK(page_refusal(page_of("\"ghosts\":[" + row + ',' + row + "],\"folders\":[" + row + "]"), bounds) == "none");

    const std::string bomb(100'000, '[');
    CHECK(page_refusal(R"({"later":)" + bomb) == "too_large - - -");
    CHECK(page_refusal(page_of(R"("ghosts":)" + bomb)) == "too_large - - -");
    CHECK(page_refusal(page_of(R"("folders":[{"x":)" + bomb)) == "too_large folder - -");
    CHECK(page_refusal(R"({"changes":)" + bomb) == "wrong_type - - changes");
}

TEST_CASE("a removed row tells the base of its removal and its last writer, each if it is known") {
    const auto refused = [](const std::string& more) {
        return page_refusal(page_of(R"("notes":[{"id":"N1","localId":"n1","version":"1.7","isDeleted":true)" + more + "}]"));
    };
    wire::page out;
    const std::string whole = R"("notes":[{"id":"N1","localId":"n1","version":"1.7","isDeleted":true,"baseVersion":"1.5","lastWriter":"phone","lastSeq":12}])";
    for (const wire::encoding form : encodings) {
        REQUIRE(summary(wire::read_page(body_in(form, message::page, page_of(whole)), notes_schema, {}, out, form)) == "none");
        CHECK(out.rows[0].base_version == row_version(1, 5));
        CHECK(out.rows[0].last_writer == "phone");
        CHECK(out.rows[0].last_seq == 12);
    }
    CHECK(refused("") == "none");
    CHECK(refused(R"(,"baseVersion":"1.5")") == "none");
    CHECK(refused(R"(,"lastSeq":1,"lastWriter":"d")") == "none");
    CHECK(refused(R"(,"baseVersion":"0.0")") == "out_of_range note n1 baseVersion");
    CHECK(refused(R"(,"baseVersion":5)") == "wrong_type note n1 baseVersion");
    CHECK(refused(R"(,"baseVersion":"5")") == "malformed note n1 baseVersion");
    CHECK(refused(R"(,"lastWriter":"d")") == "missing_field note n1 lastSeq");
    CHECK(refused(R"(,"lastSeq":1)") == "missing_field note n1 lastWriter");
    CHECK(refused(R"(,"lastWriter":1,"lastSeq":1)") == "wrong_type note n1 lastWriter");
    CHECK(refused(R"(,"lastWriter":"","lastSeq":1)") == "malformed note n1 lastWriter");
    CHECK(refused(R"(,"lastWriter":"a\u0000","lastSeq":1)") == "invalid_text note n1 lastWriter");
    CHECK(refused(R"(,"lastSeq":1,"lastWriter":")" + std::string(1'024, 'a') + '"') == "none");
    CHECK(refused(R"(,"lastSeq":1,"lastWriter":")" + std::string(1'025, 'a') + '"') == "too_large note n1 lastWriter");
    CHECK(refused(R"(,"lastWriter":"d","lastSeq":0)") == "out_of_range note n1 lastSeq");
    CHECK(refused(R"(,"lastWriter":"d","lastSeq":9223372036854775808)") == "out_of_range note n1 lastSeq");
    CHECK(refused(R"(,"lastWriter":"d","lastSeq":"1")") == "wrong_type note n1 lastSeq");
    CHECK(refused(R"(,"baseVersion":"1.5","baseVersion":"1.5")") == "duplicate_key note n1 baseVersion");
}

TEST_CASE("a row that lives tells nothing of a removal") {
    for (const char* more : {R"("baseVersion":"1.5",)", R"("lastWriter":"d","lastSeq":1,)"})
        CHECK(page_refusal(page_of_note(R"("incarnation":1,)", R"("incarnation":1,)" + std::string(more))).starts_with("malformed note n1 "));
}
