/// Every way a push can be right, and every way it can be wrong.
#include <string>

#include <support/catch.hpp>
#include <wire/fixture.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {
const std::string create_folder = R"({"seq":1,"op":"create","entity":"folder","localId":"f1","fields":{"title":"A"}})";
}

TEST_CASE("a push is read with every kind of value") {
    const auto form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    wire::push_request out;
    const std::string text =
        R"({"protocol":1,"schema":"0123456789abcdef","owner":"anna","device":"phone","acknowledged":4,"cursor":"c","atomic":true,"operations":[)"
        R"({"seq":5,"digest":"00000000000000AF","op":"create","entity":"note","localId":"n1","id":"N1","incarnation":2,"baseVersion":"1.8",)"
        R"("group":3,"fields":{"folderId":{"localId":"f1"},"body":null,"done":true,"stars":-128,"size":9223372036854775807,"weight":2,)"
        R"("picture":"AAE=","takenAt":-1,"tags":"[1]"}},)"
        R"({"seq":6,"op":"update","entity":"note","localId":"n2","fields":{"folderId":"F9","size":-9223372036854775808},"before":{"size":0}},)"
        R"({"seq":7,"op":"remove","entity":"folder","localId":"f2"},{"seq":8,"op":"void","entity":"folder","localId":"f3","fields":{}}]})";
    REQUIRE(summary(wire::read_push(body_in(form, message::push, text), notes_schema, {}, out, form)) == "none");
    CHECK(out.protocol == 1);
    CHECK(out.schema == 0x0123456789abcdefu);
    CHECK(out.owner == "anna");
    CHECK(out.device == "phone");
    CHECK(out.acknowledged == 4);
    CHECK(out.cursor == "c");
    CHECK(out.atomic);
    REQUIRE(out.operations.size() == 4);

    const wire::sent_operation& create = out.operations[0];
    CHECK(create.digest == 0xafu);
    CHECK(create.id.view() == "N1");
    CHECK(create.op.seq == 5);
    CHECK(create.op.kind == operation_kind::create);
    CHECK(create.op.table == notes);
    CHECK(create.op.id.view() == "n1");
    CHECK(create.op.incarnation == 2);
    CHECK(create.op.base_version == row_version(1, 8));
    CHECK(create.op.group == 3);
    CHECK(create.op.values.mask == notes_tables[notes].all_columns());
    CHECK(create.op.values.before_mask == 0);
    const cells created = create.op.values.after;
    REQUIRE(created.size() == 9);
    CHECK(created[folder_id] == cell::local_key("f1"));
    CHECK(created[body] == cell::null());
    CHECK(created[done] == cell::boolean(true));
    CHECK(created[stars] == cell::integer(-128));
    CHECK(created[size] == cell::integer(int64_greatest));
    CHECK(created[weight] == cell::real(2));
    CHECK(created[picture] == cell::bytes(std::string_view("\0\1", 2)));
    CHECK(created[taken_at] == cell::integer(-1));
    CHECK(created[tags] == cell::text("[1]"));

    const operation& update = out.operations[1].op;
    CHECK(update.values.mask == (only_column(folder_id) | only_column(size)));
    CHECK(update.values.after[folder_id] == cell::server_key("F9"));
    CHECK(update.values.after[size] == cell::integer(int64_least));
    CHECK(update.values.before_mask == only_column(size));
    CHECK(update.values.before[size] == cell::integer(0));
    CHECK(out.operations[2].op.kind == operation_kind::remove);
    CHECK(out.operations[2].op.values.mask == 0);
    CHECK(out.operations[3].op.kind == operation_kind::close);
}

TEST_CASE("a stranger may leave out what has a default") {
    const auto form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    wire::push_request out;
    out.atomic = true;
    out.acknowledged = 9;
    out.schema = 1;
    REQUIRE(summary(wire::read_push(body_in(form, message::push, push_of(create_folder)), notes_schema, {}, out, form)) == "none");
    CHECK(out.protocol == wire::protocol_version);
    CHECK_FALSE(out.schema);
    CHECK_FALSE(out.atomic);
    CHECK(out.acknowledged == 0);
    REQUIRE(out.operations.size() == 1);
    CHECK_FALSE(out.operations[0].digest);
    CHECK(out.operations[0].id.empty());
    CHECK(out.operations[0].op.incarnation == 1);
    CHECK(out.operations[0].op.base_version.is_none());
    CHECK(out.operations[0].op.values.mask == 0b11);
    CHECK(out.operations[0].op.values.after[parent_id] == cell::null());
    CHECK(push_refusal(push_of("")) == "none");
}

TEST_CASE("the keys of an operation come in any order") {
    const auto form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    wire::push_request out;
    const std::string text =
        R"({"operations":[{"before":{"folderId":{"localId":"f0"}},"fields":{"tags":"[]","folderId":{"localId":"f1"},"body":"long enough to move"},)"
        R"("localId":"n1","entity":"note","op":"update","seq":1}],"device":"d"})";
    REQUIRE(summary(wire::read_push(body_in(form, message::push, text), notes_schema, {}, out, form)) == "none");
    const operation_values& values = out.operations[0].op.values;
    CHECK(values.mask == (only_column(tags) | only_column(folder_id) | only_column(body)));
    CHECK(values.after[folder_id] == cell::local_key("f1"));
    CHECK(values.after[body] == cell::text("long enough to move"));
    CHECK(values.before_mask == only_column(folder_id));
    CHECK(values.before[folder_id] == cell::local_key("f0"));
}

TEST_CASE("a create may say which fields were edited since it was made, with the values as made") {
    const auto form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    wire::push_request out;
    const std::string text = push_of(
        R"({"edited":{"parentId":{"localId":"f0"},"title":"as made"},"seq":1,"op":"create","entity":"folder","localId":"f1","fields":{"title":"now"}})");
    REQUIRE(summary(wire::read_push(body_in(form, message::push, text), notes_schema, {}, out, form)) == "none");
    const operation_values& values = out.operations[0].op.values;
    CHECK(values.mask == 0b11);
    CHECK(values.after[title] == cell::text("now"));
    CHECK(values.after[parent_id] == cell::null());
    CHECK(values.before_mask == 0b11);
    CHECK(values.before[title] == cell::text("as made"));
    CHECK(values.before[parent_id] == cell::local_key("f0"));
}

TEST_CASE("what was edited is part of a create's digest") {
    wire::push_request with, without;
    const std::string plain = R"({"seq":1,"op":"create","entity":"folder","localId":"f1","fields":{"title":"now"})";
    REQUIRE(summary(wire::read_push(push_of(plain + R"(,"edited":{"title":"as made"}})"), notes_schema, {}, with, wire::encoding::json)) == "none");
    REQUIRE(summary(wire::read_push(push_of(plain + "}"), notes_schema, {}, without, wire::encoding::json)) == "none");
    CHECK(digest_of(with.operations[0].op, notes_schema[folders]) != digest_of(without.operations[0].op, notes_schema[folders]));
}

TEST_CASE("a message is reused without traces of the one before") {
    const auto form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    wire::push_request out;
    for (int round = 0; round < 3; ++round) {
        const std::string body = body_in(form, message::push, push_of_note());
        REQUIRE(summary(wire::read_push(body, notes_schema, {}, out, form)) == "none");
        REQUIRE(out.operations.size() == 1);
        REQUIRE(summary(wire::read_push(std::string_view(body).substr(0, 1), notes_schema, {}, out, form)) == "malformed - - -");
    }
}

TEST_CASE("what a push must have is missed") {
    for (const char* text : {"[]", "1", "null", "\"x\""}) CHECK(push_refusal(text) == "malformed - - -");
    CHECK(push_refusal("{}") == "missing_field - - device");
    CHECK(push_refusal(R"({"device":"d"})") == "missing_field - - operations");
    CHECK(push_refusal(R"({"operations":[]})") == "missing_field - - device");
}

TEST_CASE("the envelope of a push is checked") {
    const auto envelope = [](const std::string& more) { return push_refusal(R"({"device":"d","operations":[],)" + more + "}"); };
    CHECK(envelope(R"("protocol":2)") == "unsupported_protocol - - protocol");
    CHECK(envelope(R"("protocol":"1")") == "wrong_type - - protocol");
    CHECK(envelope(R"("schema":1)") == "wrong_type - - schema");
    CHECK(envelope(R"("schema":"12")") == "malformed - - schema");
    CHECK(envelope(R"("schema":"0123456789abcdeg")") == "malformed - - schema");
    CHECK(envelope(R"("owner":null)") == "wrong_type - - owner");
    CHECK(envelope(R"("owner":{})") == "wrong_type - - owner");
    CHECK(envelope(R"("owner":[])") == "wrong_type - - owner");
    CHECK(envelope(R"("owner":")" + std::string(2'000, 'a') + "\"") == "too_large - - owner");
    CHECK(envelope(R"("owner":"a\u0000")") == "invalid_text - - owner");
    CHECK(envelope(R"("acknowledged":-1)") == "out_of_range - - acknowledged");
    CHECK(envelope(R"("acknowledged":1.0)") == "wrong_type - - acknowledged");
    CHECK(envelope(R"("atomic":1)") == "wrong_type - - atomic");
    CHECK(envelope(R"("cursor":7)") == "wrong_type - - cursor");
    CHECK(envelope(R"("surprise":7)") == "unknown_field - - surprise");
    CHECK(envelope(R"("not a name":7)") == "unknown_field - - -");
    CHECK(envelope(R"("device":"e")") == "duplicate_key - - device");
    CHECK(push_refusal(R"({"device":"","operations":[]})") == "invalid_id - - device");
    CHECK(push_refusal(R"({"device":"d","operations":{}})") == "wrong_type - - operations");
    CHECK(push_refusal(R"({"device":"d","operations":null})") == "wrong_type - - operations");
    CHECK(push_refusal(R"({"device":"d","operations":[1]})") == "malformed - - operations");
    CHECK(push_refusal(R"({"device":"d","operations":[[]]})") == "malformed - - operations");
}

TEST_CASE("an operation needs a sequence, a kind, an entity and a local id") {
    CHECK(push_refusal(push_of(R"({"op":"remove","entity":"folder","localId":"f1"})")) == "missing_field folder f1 seq");
    CHECK(push_refusal(push_of(R"({"seq":1,"entity":"folder","localId":"f1"})")) == "missing_field folder f1 op");
    CHECK(push_refusal(push_of(R"({"seq":1,"op":"remove","localId":"f1"})")) == "missing_field - f1 entity");
    CHECK(push_refusal(push_of(R"({"seq":1,"op":"remove","entity":"folder"})")) == "missing_field folder - localId");
}

TEST_CASE("wrong members of an operation are refused, naming entity and local id that come later") {
    const auto member = [](const std::string& first) {
        return push_refusal(push_of("{" + first + R"(,"seq":1,"op":"remove","entity":"folder","localId":"f1"})"));
    };
    CHECK(member(R"("id":"N 1")") == "invalid_id folder f1 id");
    CHECK(member(R"("id":"")") == "invalid_id folder f1 id");
    CHECK(member(R"("id":7)") == "wrong_type folder f1 id");
    CHECK(member(R"("digest":"xyz")") == "malformed folder f1 digest");
    CHECK(member(R"("incarnation":0)") == "out_of_range folder f1 incarnation");
    CHECK(member(R"("incarnation":2147483648)") == "out_of_range folder f1 incarnation");
    CHECK(member(R"("baseVersion":"0.0")") == "none");
    CHECK(member(R"("baseVersion":"4294967295.9223372036854775807")") == "none");
    CHECK(member(R"("baseVersion":"1.0")") == "out_of_range folder f1 baseVersion");
    for (const char* text : {"", ".", "1", "1.", ".1", "01.1", "1.01", "00.0", "0.00", "0.1", "+1.1", "1.+1", "-1.1", "1.-1", " 1.1", "1.1 ", "1. 1", "1.1.1", "1,1", "0x1.1",
                             "1.1e1", "4294967296.1", "1.9223372036854775808", "1.99999999999999999999", "99999999999999999999.1"})
        CHECK(member(R"("baseVersion":")" + std::string(text) + '"') == "malformed folder f1 baseVersion");
    for (const char* value : {"1", "0", "-1", "1.1", "true", "null", "[1,1]", "{}"})
        CHECK(member(R"("baseVersion":)" + std::string(value)) == "wrong_type folder f1 baseVersion");
    CHECK(member(R"("group":{"a":[1,{"b":2}]})") == "wrong_type folder f1 group");
    CHECK(member(R"("group":[[]])") == "wrong_type folder f1 group");
    CHECK(member(R"("fields":3)") == "wrong_type folder f1 fields");
    CHECK(member(R"("fields":[])") == "wrong_type folder f1 fields");
    CHECK(member(R"("before":null)") == "wrong_type folder f1 before");
    CHECK(member(R"("edited":[])") == "wrong_type folder f1 edited");
    CHECK(member(R"("edited":7)") == "wrong_type folder f1 edited");
    CHECK(member(R"("colour":1)") == "unknown_field folder f1 colour");
    CHECK(member(R"("colour":{"a":1})") == "unknown_field folder f1 colour");
    CHECK(member(R"("seq":1)") == "duplicate_key folder f1 seq");
    const auto second = [](const std::string& seq) {
        return push_refusal(push_of(R"({"seq":)" + seq + R"(,"op":"remove","entity":"folder","localId":"f1"})"));
    };
    CHECK(second("0") == "out_of_range folder f1 seq");
    CHECK(second("-1") == "out_of_range folder f1 seq");
    CHECK(second("18446744073709551615") == "out_of_range folder f1 seq");
    CHECK(second("\"1\"") == "wrong_type folder f1 seq");
}

TEST_CASE("an unknown operation, entity or an invalid local id is refused") {
    CHECK(push_refusal(push_of(R"({"seq":1,"op":"upsert","entity":"folder","localId":"f1"})")) == "malformed folder f1 op");
    CHECK(push_refusal(push_of(R"({"seq":1,"op":5,"entity":"folder","localId":"f1"})")) == "wrong_type folder f1 op");
    CHECK(push_refusal(push_of(R"({"seq":1,"op":"create","entity":"ghost","fields":{"a":1},"localId":"f1"})")) ==
          "unknown_entity ghost f1 entity");
    CHECK(push_refusal(push_of(R"({"seq":1,"op":"create","entity":"my secret","localId":"f1"})")) == "unknown_entity - f1 entity");
    CHECK(push_refusal(push_of(R"({"seq":1,"op":"create","entity":"folders","localId":"f1"})")) ==
          "unknown_entity folders f1 entity");
    CHECK(push_refusal(push_of(R"({"seq":1,"op":"remove","entity":"folder","localId":"a b"})")) == "invalid_id folder - localId");
    CHECK(push_refusal(push_of(R"({"seq":1,"op":"remove","entity":"folder","localId":""})")) == "invalid_id folder - localId");
    CHECK(push_refusal(push_of(R"({"seq":1,"op":"remove","entity":"folder","localId":")" + std::string(41, 'a') + "\"}")) ==
          "invalid_id folder - localId");
}

TEST_CASE("each kind of operation carries the fields it may") {
    const auto refusal = [](const std::string& op, const std::string& more) {
        return push_refusal(push_of(R"({"seq":1,"op":")" + op + R"(","entity":"folder","localId":"f1")" + more + "}"));
    };
    CHECK(refusal("create", "") == "missing_field folder f1 title");
    CHECK(refusal("create", R"(,"fields":{})") == "missing_field folder f1 title");
    CHECK(refusal("create", R"(,"fields":{"parentId":null})") == "missing_field folder f1 title");
    CHECK(refusal("create", R"(,"fields":{"title":"A"},"before":{"title":"B"})") == "malformed folder f1 before");
    CHECK(refusal("update", "") == "missing_field folder f1 fields");
    CHECK(refusal("update", R"(,"fields":{})") == "missing_field folder f1 fields");
    CHECK(refusal("update", R"(,"before":{"title":"B"})") == "missing_field folder f1 fields");
    CHECK(refusal("update", R"(,"fields":{"title":"A"},"before":{})") == "none");
    CHECK(refusal("remove", R"(,"fields":{"title":"A"})") == "malformed folder f1 fields");
    CHECK(refusal("void", R"(,"fields":{"title":"A"})") == "malformed folder f1 fields");
    CHECK(refusal("remove", R"(,"before":{"title":"A"})") == "malformed folder f1 fields");
    CHECK(refusal("create", R"(,"fields":{"title":"A"},"edited":{"title":"B"})") == "none");
    CHECK(refusal("create", R"(,"fields":{"title":"A"},"edited":{})") == "none");
    CHECK(refusal("create", R"(,"fields":{"title":"A"},"edited":{"colour":"B"})") == "unknown_field folder f1 colour");
    CHECK(refusal("create", R"(,"fields":{"title":"A"},"edited":{"title":3})") == "wrong_type folder f1 title");
    CHECK(refusal("create", R"(,"fields":{"title":"A"},"edited":{"title":"B"},"before":{"title":"B"})") == "malformed folder f1 before");
    CHECK(refusal("update", R"(,"fields":{"title":"A"},"edited":{"title":"B"})") == "malformed folder f1 edited");
    CHECK(refusal("update", R"(,"fields":{"title":"A"},"before":{"title":"C"},"edited":{"title":"B"})") == "malformed folder f1 edited");
    CHECK(refusal("remove", R"(,"edited":{"title":"A"})") == "malformed folder f1 fields");
    CHECK(refusal("void", R"(,"edited":{"title":"A"})") == "malformed folder f1 fields");
    CHECK(push_refusal(push_of(R"({"fields":{"title":"A"},"seq":1,"op":"remove","entity":"folder","localId":"f1"})")) ==
          "malformed folder f1 fields");
}

TEST_CASE("a value of another type than its field's is refused") {
    const auto refusal = [](std::string_view from, std::string_view to) { return push_refusal(push_of_note(from, to)); };
    REQUIRE(refusal({}, {}) == "none");
    for (const char* value : {"1", "0", "\"true\"", "null", "{}", "[]", "[true]"}) {
        INFO(value);
        CHECK(refusal("true", value) == "wrong_type note n1 done");
    }
    for (const char* value : {"true", "3.9", "3.0", "1e2", "\"3\"", "null", "[3]", R"({"localId":"x"})", R"({"a":{}})"}) {
        INFO(value);
        CHECK(refusal(R"("stars":3)", std::string(R"("stars":)") + value) == "wrong_type note n1 stars");
        CHECK(refusal(R"("takenAt":5)", std::string(R"("takenAt":)") + value) == "wrong_type note n1 takenAt");
    }
    for (const char* value : {"true", "\"0.5\"", "null", "\"NaN\"", "[0.5]"}) {
        INFO(value);
        CHECK(refusal("0.5", value) == "wrong_type note n1 weight");
    }
    for (const char* value : {"7", "false", "[]", "{}", R"({"localId":"x"})"}) {
        INFO(value);
        CHECK(refusal(R"("b")", value) == "wrong_type note n1 body");
        CHECK(refusal(R"("[]")", value) == "wrong_type note n1 tags");
        CHECK(refusal(R"("AAEC")", value) == "wrong_type note n1 picture");
    }
    CHECK(refusal(R"("[]")", "null") == "wrong_type note n1 tags");
    CHECK(refusal(R"("b")", "null") == "none");
    CHECK(refusal("0.5", "7") == "none");
}

TEST_CASE("a number that its field cannot hold is refused") {
    const auto stars_refusal = [](const std::string& value) {
        return push_refusal(push_of_note(R"("stars":3)", R"("stars":)" + value));
    };
    CHECK(stars_refusal("127") == "none");
    CHECK(stars_refusal("-128") == "none");
    CHECK(stars_refusal("-0") == "none");
    CHECK(stars_refusal("128") == "out_of_range note n1 stars");
    CHECK(stars_refusal("-129") == "out_of_range note n1 stars");
    for (const char* value :
         {"9223372036854775808", "18446744073709551615", "-9223372036854775809", "123456789012345678901234567890"}) {
        INFO(value);
        CHECK(stars_refusal(value) == "out_of_range note n1 stars");
        CHECK(push_refusal(push_of_note(R"("takenAt":5)", std::string(R"("takenAt":)") + value)) == "out_of_range note n1 takenAt");
        CHECK(push_refusal(push_of_note("0.5", value)) == "none");
    }
}

TEST_CASE("a text with a NUL is refused") {
    const auto refusal = [](const std::string& value) { return push_refusal(push_of_note(R"("b")", '"' + value + '"')); };
    CHECK(refusal("\xF0\x9F\x98\x80 \\ud83d\\ude00 \\n") == "none");
    CHECK(refusal("a\\u0000b") == "invalid_text note n1 body");
    CHECK(refusal("\\u0000") == "invalid_text note n1 body");
    CHECK(refusal("long enough for more than a word \\u0000") == "invalid_text note n1 body");
}

TEST_CASE("a foreign key is a server id, a local id as object, or null where it may be") {
    const auto refusal = [](const std::string& value) { return push_refusal(push_of_note(R"("F1")", value)); };
    CHECK(refusal(R"({"localId":"f1"})") == "none");
    CHECK(refusal("null") == "wrong_type note n1 folderId");
    CHECK(refusal("1") == "wrong_type note n1 folderId");
    CHECK(refusal("{}") == "wrong_type note n1 folderId");
    CHECK(refusal(R"({"localId":1})") == "wrong_type note n1 folderId");
    CHECK(refusal(R"({"localId":{"localId":"f1"}})") == "wrong_type note n1 folderId");
    CHECK(refusal(R"({"localId":["f1"]})") == "wrong_type note n1 folderId");
    CHECK(refusal(R"({"id":"F1"})") == "wrong_type note n1 folderId");
    CHECK(refusal(R"({"localId":"f1","id":"F1"})") == "wrong_type note n1 folderId");
    CHECK(refusal(R"({"id":"F1","localId":"f1"})") == "wrong_type note n1 folderId");
    CHECK(refusal(R"([{"localId":"f1"}])") == "wrong_type note n1 folderId");
    CHECK(refusal(R"({"localId":"f1","localId":"f1"})") == "duplicate_key note n1 -");
    CHECK(refusal(R"({"localId":"not valid"})") == "invalid_id note n1 folderId");
    CHECK(refusal(R"({"localId":""})") == "invalid_id note n1 folderId");
    CHECK(refusal(R"("")") == "invalid_id note n1 folderId");
    CHECK(refusal(R"("a b")") == "invalid_id note n1 folderId");
    CHECK(refusal('"' + std::string(64, 'x') + '"') == "invalid_id note n1 folderId");
}

TEST_CASE("undeclared, reserved and repeated fields are refused") {
    const auto refusal = [](const std::string& more) { return push_refusal(push_of_note(R"("tags")", more + R"(,"tags")")); };
    CHECK(refusal(R"("colour":1)") == "unknown_field note n1 colour");
    CHECK(refusal(R"("colour":{"deep":[{}]})") == "unknown_field note n1 colour");
    CHECK(refusal(R"("drop table notes":1)") == "unknown_field note n1 -");
    CHECK(refusal(R"("")"
                  ":1") == "unknown_field note n1 -");
    CHECK(refusal(R"("Body":"x")") == "unknown_field note n1 Body");
    for (const char* name : {"id", "localId", "version", "updatedAt", "isDeleted", "incarnation", "ID", "syncline_x"}) {
        INFO(name);
        CHECK(refusal('"' + std::string(name) + "\":1") == "reserved_field note n1 " + std::string(name));
    }
    CHECK(refusal(R"("$version":1)") == "reserved_field note n1 -");
    CHECK(refusal(R"("done":true)") == "duplicate_key note n1 done");
    CHECK(refusals(message::push, push_of(R"({"fields":{"title":"a","title":"a"},"seq":1,"op":"create","entity":"folder","localId":"f1"})")) ==
          "duplicate_key - - - / duplicate_key folder f1 title");
    CHECK(push_refusal(push_of(R"({"fields":{"size":"a"},"seq":1,"op":"update","entity":"note","localId":"n1"})")) ==
          "wrong_type note n1 size");
    CHECK(push_refusal(push_of(R"({"fields":{"size":[1,2]},"seq":1,"op":"update","entity":"note","localId":"n1"})")) ==
          "wrong_type note n1 size");
    CHECK(push_refusal(push_of(R"({"fields":{"id":"x"},"seq":1,"op":"update","entity":"note","localId":"n1"})")) ==
          "reserved_field note n1 id");
}

TEST_CASE("a key is refused when it is there twice, at any depth") {
    CHECK(push_refusal(R"({"device":"d","operations":[],"operations":[]})") == "duplicate_key - - operations");
    CHECK(push_refusal(push_of_note(R"("b")", R"({"x":1,"y":2,"x":3})")) == "duplicate_key note n1 -");
    CHECK(push_refusal(push_of_note(R"("b")", R"({"x":[{"q":1,"q":1}]})")) == "duplicate_key note n1 -");
    CHECK(push_refusal(push_of_note(R"("b")", R"({"x":1,"\u0078":3})")) == "duplicate_key note n1 -");
    CHECK(push_refusal(push_of(R"({"seq":1,"op":"remove","entity":"folder","localId":"f1","localId":"f1"})")) ==
          "duplicate_key folder f1 localId");
}

TEST_CASE("two operations of one sequence are refused") {
    const auto remove = [](int seq, const std::string& local) {
        return R"({"seq":)" + std::to_string(seq) + R"(,"op":"remove","entity":"folder","localId":")" + local + "\"}";
    };
    CHECK(push_refusal(push_of(remove(3, "a") + ',' + remove(1, "b") + ',' + remove(2, "c"))) == "none");
    CHECK(push_refusal(push_of(remove(3, "a") + ',' + remove(1, "b") + ',' + remove(3, "c"))) == "malformed folder c seq");
    CHECK(push_refusal(push_of(remove(3, "a") + ',' + remove(3, "b"))) == "malformed folder b seq");
}

TEST_CASE("every bound of a push holds") {
    limits bounds;
    bounds.batch_operations = 2;
    const auto remove = [](int seq) {
        return R"({"seq":)" + std::to_string(seq) + R"(,"op":"remove","entity":"folder","localId":"a"})";
    };
    CHECK(push_refusal(push_of(remove(1) + ',' + remove(2)), bounds) == "none");
    CHECK(push_refusal(push_of(remove(1) + ',' + remove(2) + ',' + remove(3)), bounds) == "too_large - - operations");

    bounds = {};
    bounds.string_bytes = 8;
    CHECK(push_refusal(push_of_note(R"("b")", "\"12345678\""), bounds) == "none");
    CHECK(push_refusal(push_of_note(R"("b")", "\"123456789\""), bounds) == "too_large note n1 body");
    CHECK(push_refusal(push_of_note(R"("b")", '"' + std::string(100, 'x') + '"'), bounds) == "too_large note n1 -");
    CHECK(push_refusal(push_of_note(R"("AAEC")", R"("AAECAAECAAE=")"), bounds) == "none");
    CHECK(push_refusal(push_of_note(R"("AAEC")", R"("AAECAAECAAEC")"), bounds) == "too_large note n1 picture");

    bounds = {};
    bounds.body_bytes = 12;
    CHECK(push_refusal(push_of(R"({"seq":1,"op":"remove","entity":"folder","localId":"a"})"), bounds) == "too_large - - -");
    CHECK(push_refusal(push_of_note(R"("body")", '"' + std::string(2'000, 'k') + '"')) == "too_large note n1 -");
}

TEST_CASE("depth bombs end the reading at the bound") {
    const std::string bomb(100'000, '[');
    std::string objects;
    for (int i = 0; i < 100'000; ++i) objects += R"({"a":)";
    CHECK(push_refusal(bomb) == "malformed - - -");
    CHECK(push_refusal(R"({"owner":)" + bomb) == "wrong_type - - owner");
    CHECK(push_refusal(R"({"device":"d","operations":)" + bomb) == "malformed - - operations");
    CHECK(push_refusal(push_of_note(R"("b")", bomb)) == "wrong_type note n1 body");
    CHECK(push_refusal(push_of_note(R"("b")", objects)) == "too_large note n1 -");
    CHECK(push_refusal(push_of_note(R"("F1")", objects)) == "too_large note n1 -");
    CHECK(push_refusal(push_of(R"({"surprise":)" + objects)) == "unknown_field - - surprise");
    limits bounds;
    bounds.json_depth = 4;
    CHECK(refusals(message::push, push_of_note(), bounds) == "none / too_large note - -");
    CHECK(refusals(message::push, push_of_note(R"("F1")", R"({"localId":"f1"})"), bounds) == "too_large note n1 - / too_large note - -");
    bounds.json_depth = 7;
    CHECK(push_refusal(push_of_note(R"("F1")", R"({"localId":"f1"})"), bounds) == "none");
    bounds.json_depth = 6;
    CHECK(refusals(message::push, push_of_note(R"("F1")", R"({"localId":"f1"})"), bounds) == "none / too_large note n1 -");
}

TEST_CASE("error texts hold nothing of a row's content") {
    const auto form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    const std::string secret = "attack at dawn";
    for (const std::string& text :
         {push_of_note(R"("stars":3)", R"("stars":")" + secret + '"'), push_of_note(R"("AAEC")", '"' + secret + '"'),
          push_of_note(R"("F1")", '"' + secret + '"'), push_of_note(R"("body")", '"' + secret + '"'),
          push_of_note(R"("b")", '"' + secret + "\\u0000\"")}) {
        wire::push_request out;
        const error problem = wire::read_push(body_in(form, message::push, text), notes_schema, {}, out, form);
        CHECK(problem);
        CHECK_THAT(to_string(problem), !contains("dawn"));
    }
}
