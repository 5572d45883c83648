/// Answers to pushes and error answers, as a client reads them from a server it does not trust.
#include <string>

#include <support/catch.hpp>
#include <wire/fixture.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {
const std::string row_keys = R"("id":"N1","localId":"n1","version":"1.9","updatedAt":1,"isDeleted":false,"incarnation":1,)";
const std::string note_row = '{' + row_keys + note_fields + '}';
}  // namespace

TEST_CASE("an answer is read with verdicts, rows, conflicts and problems") {
    const auto form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    wire::push_answer out;
    const std::string text =
        R"({"results":[{"seq":1,"digest":"00000000000000ff","verdict":"merged","entity":"note","localId":"n1","id":"N1","version":"1.9","incarnation":2,)"
        R"("updatedAt":77,"row":)" +
        note_row +
        R"(,"conflicts":{"body":"lost","stars":4},"refused":["folderId","tags"],"kept":["done","size"]},)"
        R"({"seq":2,"digest":"0000000000000001","verdict":"rejected","localId":"f1","version":"0.0","permanent":false,)"
        R"("error":{"code":"restricted","message":"m","entity":"folder","localId":"f1","field":"title"}},)"
        R"({"seq":3,"digest":"0000000000000002","verdict":"void","localId":"f2","version":"0.0"}],"version":"1.12","owner":"anna"})";
    REQUIRE(summary(wire::read_push_answer(body_in(form, message::push_answer, text), notes_schema, {}, out, form)) == "none");
    CHECK(out.version == row_version(1, 12));
    CHECK(out.owner == "anna");
    REQUIRE(out.results.size() == 3);
    const wire::operation_result& merged = out.results[0];
    CHECK(merged.seq == 1);
    CHECK(merged.digest == 255);
    CHECK(merged.outcome == wire::verdict::merged);
    CHECK(merged.table == notes);
    CHECK(merged.local.view() == "n1");
    CHECK(merged.id.view() == "N1");
    CHECK(merged.version == row_version(1, 9));
    CHECK(merged.incarnation == 2);
    CHECK(merged.updated_at_ms == 77);
    REQUIRE(merged.row);
    CHECK(merged.row->table == notes);
    CHECK(merged.row->cells[weight] == cell::real(0.5));
    CHECK(merged.overwritten == (only_column(body) | only_column(stars)));
    CHECK(merged.lost[body] == cell::text("lost"));
    CHECK(merged.lost[stars] == cell::integer(4));
    CHECK(merged.refused == (only_column(folder_id) | only_column(tags)));
    CHECK(merged.kept == (only_column(done) | only_column(size)));
    const wire::operation_result& rejected = out.results[1];
    CHECK(rejected.outcome == wire::verdict::rejected);
    CHECK_FALSE(rejected.permanent);
    CHECK(rejected.table == -1);
    CHECK_FALSE(rejected.row);
    CHECK(rejected.problem == error{error_code::restricted, "m", "folder", "f1", "title"});
    CHECK(out.results[2].outcome == wire::verdict::closed);
    CHECK(out.results[2].permanent);
}

TEST_CASE("a result's entity may come behind everything that needs it") {
    const auto form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    wire::push_answer out;
    const std::string text =
        answer_of(R"(,"refused":["body"],"conflicts":{"body":"lost text"},"row":)" + note_row + R"(,"entity":"note")");
    REQUIRE(summary(wire::read_push_answer(body_in(form, message::push_answer, text), notes_schema, {}, out, form)) == "none");
    CHECK(out.results[0].row->cells[body] == cell::text("b"));
    CHECK(out.results[0].row->cells[picture] == cell::bytes(std::string_view("\0\1\2", 3)));
    CHECK(out.results[0].lost[body] == cell::text("lost text"));
    CHECK(out.results[0].refused == only_column(body));
    CHECK(answer_refusal(answer_of(R"(,"conflicts":{"stars":400},"entity":"note")")) == "out_of_range note n1 stars");
    CHECK(refusals(message::push_answer, answer_of(R"(,"conflicts":{"stars":4,"stars":4},"entity":"note")")) ==
          "duplicate_key - n1 - / duplicate_key note n1 stars");
}

TEST_CASE("the row of a removed row has no values") {
    const auto form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    wire::push_answer out;
    const std::string text = answer_of(R"(,"entity":"note","row":{"id":"N1","localId":"n1","version":"1.9","isDeleted":true})");
    REQUIRE(summary(wire::read_push_answer(body_in(form, message::push_answer, text), notes_schema, {}, out, form)) == "none");
    CHECK(out.results[0].row->removed);
    CHECK(out.results[0].row->cells.empty());
}

TEST_CASE("what the client does not declare in an answer is passed over") {
    const auto form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    const std::string nested = R"({"a":[{"b":1}]})";
    CHECK(answer_refusal(answer_of(R"(,"later":)" + nested)) == "none");
    CHECK(answer_refusal(answer_of(R"(,"entity":"note","conflicts":{"colour":)" + nested + R"(},"refused":["colour"])")) == "none");
    CHECK(answer_refusal(answer_of(R"(,"conflicts":{"colour":)" + nested + R"(},"entity":"note")")) == "none");
    CHECK(answer_refusal(answer_of(R"(,"error":{"code":"rejected","hint":)" + nested + "}")) == "none");
    wire::push_answer out;
    const std::string ghost = answer_of(R"(,"entity":"ghost","row":{"any":)" + nested + R"(},"conflicts":{"x":1})");
    REQUIRE(summary(wire::read_push_answer(body_in(form, message::push_answer, ghost), notes_schema, {}, out, form)) == "none");
    CHECK(out.results[0].table == -1);
    CHECK_FALSE(out.results[0].row);
    CHECK(out.results[0].overwritten == 0);
}

TEST_CASE("a code that this version does not know is a rejection") {
    const auto form = GENERATE(wire::encoding::json, wire::encoding::cbor);
    wire::push_answer out;
    const std::string body = body_in(form, message::push_answer, answer_of(R"(,"error":{"code":"from_the_future"})"));
    REQUIRE(summary(wire::read_push_answer(body, notes_schema, {}, out, form)) == "none");
    CHECK(out.results[0].problem.code == error_code::rejected);
}

TEST_CASE("what is wrong in an answer is refused") {
    CHECK(answer_refusal("[]") == "malformed - - -");
    CHECK(answer_refusal("{}") == "missing_field - - results");
    CHECK(answer_refusal(R"({"results":[]})") == "missing_field - - version");
    CHECK(answer_refusal(R"({"results":{},"version":"1.1"})") == "wrong_type - - results");
    CHECK(answer_refusal(R"({"results":1,"version":"1.1"})") == "wrong_type - - results");
    CHECK(answer_refusal(R"({"results":[1],"version":"1.1"})") == "wrong_type - - results");
    CHECK(answer_refusal(R"({"results":[[]],"version":"1.1"})") == "wrong_type - - results");
    CHECK(answer_refusal(R"({"results":[],"version":"1.0"})") == "none");
    CHECK(answer_refusal(R"({"results":[],"version":"0.0"})") == "none");
    CHECK(answer_refusal(R"({"results":[],"version":"0.1"})") == "malformed - - version");
    CHECK(answer_refusal(R"({"results":[],"version":1})") == "wrong_type - - version");
    CHECK(answer_refusal(R"({"results":[],"version":"1.1","version":"1.1"})") == "duplicate_key - - version");
    CHECK(answer_refusal(R"({"results":[],"version":"1.1","owner":null})") == "wrong_type - - owner");
    CHECK(answer_refusal(R"({"results":[],"version":"1.1","owner":[]})") == "wrong_type - - owner");
    CHECK(answer_refusal(R"({"results":[],"version":"1.1","owner":"a\u0000"})") == "invalid_text - - owner");
    CHECK(answer_refusal(R"({"results":[],"version":"1.1","owner":")" + std::string(1'024, 'a') + "\"}") == "none");
    CHECK(answer_refusal(R"({"results":[],"version":"1.1","owner":")" + std::string(1'025, 'a') + "\"}") == "too_large - - owner");
    const std::string good = answer_of("");
    REQUIRE(answer_refusal(good) == "none");
    for (const char* key : {"seq", "digest", "verdict", "localId", "version"}) {
        std::string text = good;
        text.insert(text.find('"' + std::string(key)) + 1, "no_");
        INFO(text);
        CHECK(answer_refusal(text) == std::string("missing_field - ") + (key == std::string("localId") ? "- " : "n1 ") + key);
    }
    const auto changed = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        return answer_refusal(text.replace(text.find(from), from.size(), to));
    };
    CHECK(changed(R"("seq":1)", R"("seq":0)") == "out_of_range - n1 seq");
    CHECK(changed(R"("00000000000000ff")", "255") == "wrong_type - n1 digest");
    CHECK(changed(R"("merged")", R"("maybe")") == "malformed - n1 verdict");
    CHECK(changed(R"("n1")", R"("n 1")") == "invalid_id - - localId");
    CHECK(answer_refusal(answer_of(R"(,"seq":1)")) == "duplicate_key - n1 seq");
    CHECK(answer_refusal(answer_of(R"(,"id":"")")) == "invalid_id - n1 id");
    CHECK(answer_refusal(answer_of(R"(,"permanent":1)")) == "wrong_type - n1 permanent");
    CHECK(answer_refusal(answer_of(R"(,"incarnation":-1)")) == "out_of_range - n1 incarnation");
    CHECK(answer_refusal(answer_of(R"(,"updatedAt":1.5)")) == "wrong_type - n1 updatedAt");
    CHECK(answer_refusal(answer_of(R"(,"entity":7)")) == "wrong_type - n1 entity");
    CHECK(answer_refusal(answer_of(R"(,"row":)" + note_row)) == "missing_field - n1 entity");
    CHECK(answer_refusal(answer_of(R"(,"entity":"note","row":{})")) == "missing_field note n1 id");
    CHECK(answer_refusal(answer_of(R"(,"entity":"note","row":{)" + row_keys + R"("x":1})")) == "missing_field note n1 folderId");
    CHECK(answer_refusal(answer_of(R"(,"entity":"note","row":1)")) == "wrong_type note n1 row");
    CHECK(answer_refusal(answer_of(R"(,"entity":"note","conflicts":[])")) == "wrong_type note n1 conflicts");
    CHECK(answer_refusal(answer_of(R"(,"entity":"note","conflicts":{"done":1})")) == "wrong_type note n1 done");
    CHECK(answer_refusal(answer_of(R"(,"entity":"note","conflicts":{"folderId":{"localId":"f1"}})")) ==
          "wrong_type note n1 folderId");
    CHECK(answer_refusal(answer_of(R"(,"entity":"note","refused":[1])")) == "wrong_type note n1 refused");
    CHECK(answer_refusal(answer_of(R"(,"entity":"note","refused":[["body"]])")) == "wrong_type note n1 refused");
    CHECK(answer_refusal(answer_of(R"(,"entity":"note","kept":1)")) == "wrong_type note n1 kept");
    CHECK(answer_refusal(answer_of(R"(,"entity":"note","kept":[1])")) == "wrong_type note n1 kept");
    CHECK(answer_refusal(answer_of(R"(,"entity":"note","kept":["tags","colour","tags"])")) == "duplicate_key note n1 tags");
    CHECK(answer_refusal(answer_of(R"(,"kept":["tags"])")) == "missing_field - n1 entity");
    CHECK(answer_refusal(answer_of(R"(,"entity":"note","kept":["tags","colour"])")) == "none");
    CHECK(answer_refusal(answer_of(R"(,"entity":"note","refused":["tags","colour","colour","tags"])")) == "duplicate_key note n1 tags");
    std::string names = R"("tags")";
    for (int left = 255; left > 0; --left) names += R"(,"colour")";
    CHECK(answer_refusal(answer_of(R"(,"entity":"note","refused":[)" + names + "]")) == "none");
    CHECK(answer_refusal(answer_of(R"(,"entity":"note","kept":[)" + names + "]")) == "none");
    CHECK(refusals(message::push_answer, answer_of(R"(,"entity":"note","kept":[)" + names + R"(,"colour"])")) ==
          "too_large note n1 kept / too_large note - kept");
    CHECK(refusals(message::push_answer, answer_of(R"(,"entity":"note","refused":[)" + names + R"(,"colour"])")) ==
          "too_large note n1 refused / too_large note - refused");
    CHECK(answer_refusal(answer_of(R"(,"error":"no")")) == "wrong_type - n1 error");
    CHECK(answer_refusal(answer_of(R"(,"error":{})")) == "missing_field - n1 code");
    CHECK(answer_refusal(answer_of(R"(,"error":{"code":"none"})")) == "malformed - n1 code");
    CHECK(answer_refusal(answer_of(R"(,"error":{"code":{}})")) == "wrong_type - n1 code");
    CHECK(answer_refusal(answer_of(R"(,"error":{"code":"rejected","code":"rejected"})")) == "duplicate_key - n1 code");
}

TEST_CASE("an answer may repeat results, but not without end") {
    limits bounds;
    bounds.batch_operations = 1;
    const std::string one = R"({"seq":1,"digest":"00000000000000ff","verdict":"applied","localId":"n1","version":"1.9"})";
    CHECK(answer_refusal(R"({"results":[)" + one + ',' + one + R"(],"version":"1.1"})", bounds) == "none");
    CHECK(answer_refusal(R"({"results":[)" + one + ',' + one + ',' + one + R"(],"version":"1.1"})", bounds) == "too_large - - results");
}

TEST_CASE("an error answer is read, or refused like any other message") {
    const error sent{error_code::invalid_text, "said \"no\"\n", "note", "n1", "body"};
    for (const wire::encoding form : encodings) {
        error out;
        CHECK(summary(wire::read_error(wire::write_error(sent, form), {}, out, form)) == "none");
        CHECK(out == sent);
    }
    const auto refused = [&](std::string_view text) { return refusal(message::error_answer, text); };
    CHECK(refused("<html><body>502</body></html>") == "malformed - - -");
    CHECK(refused("{}") == "missing_field - - error");
    CHECK(refused(R"({"error":"x"})") == "malformed - - -");
    CHECK(refused(R"({"error":[]})") == "malformed - - -");
    CHECK(refused(R"({"error":{}})") == "missing_field - - code");
    CHECK(refused(R"({"error":{"code":5}})") == "wrong_type - - code");
    CHECK(refused(R"({"error":{"code":{}}})") == "wrong_type - - code");
    CHECK(refused(R"({"error":{"code":"none"}})") == "malformed - - code");
    CHECK(refused(R"({"error":{"code":"reset","code":"reset"}})") == "duplicate_key - - code");
    CHECK(refusals(message::error_answer, R"({"error":{"code":"reset"},"error":{"code":"reset"}})") ==
          "duplicate_key - - - / duplicate_key - - error");
    CHECK(refused(R"({"more":[{"x":1}],"error":{"x":{},"code":"unheard_of"}})") == "none");
}
