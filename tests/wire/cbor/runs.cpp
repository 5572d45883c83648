/// Runs: what operations, rows and results have in common is said once, and said right.
#include <string>

#include <support/catch.hpp>
#include <wire/fixture.hpp>
#include <wire/support/random_messages.hpp>
#include <wire/support/whole_messages.hpp>

using namespace syncline;
using namespace syncline::tests;

namespace {

std::string push_refusal_in_cbor(const std::string& body) { return refusal(message::push, body, wire::encoding::cbor); }

/// A push of one run with these members and operations.
std::string push_of_run(cbor::pairs header, const std::vector<cbor::pairs>& operations) {
    std::vector<std::string> items;
    for (const cbor::pairs& one : operations) items.push_back(cbor::map(one));
    header.emplace_back(cbor::number(12), cbor::array(items));
    return cbor::map({{cbor::number(3), cbor::text("d")}, {cbor::number(7), cbor::array({cbor::map(header)})}});
}

cbor::pairs header_of(const char* kind, const char* entity, const std::vector<std::string>& names) {
    std::vector<std::string> texts;
    for (const std::string& name : names) texts.push_back(cbor::text(name));
    return {{cbor::number(2), cbor::text(kind)}, {cbor::number(3), cbor::text(entity)}, {cbor::number(9), cbor::array(texts)}};
}

cbor::pairs operation_with(const std::string& seq, const std::vector<std::string>& values) {
    return {{cbor::number(0), seq}, {cbor::number(4), cbor::text("f1")}, {cbor::number(9), cbor::array(values)}};
}

std::size_t count_of(std::string_view needle, std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(needle, at)) != std::string_view::npos; ++at) ++count;
    return count;
}

}  // namespace

TEST_CASE("operations of one kind name their entity and fields once") {
    wire::push_request push;
    push.device = "d";
    const cell row[] = {cell::text("A"), cell::null()};
    for (sequence seq = 1; seq <= 100; ++seq) {
        wire::sent_operation one;
        one.op.seq = seq;
        one.op.table = folders;
        one.op.id = local_id::trusted("f" + std::to_string(seq));
        one.op.values = {0b11, row, 0, {}};
        push.operations.push_back(one);
    }
    const std::string body = written(push, notes_schema, wire::encoding::cbor);
    CHECK(count_of("folder", body) == 1);
    CHECK(count_of("title", body) == 1);
    CHECK(body.size() < 100 * 16);
    push.operations[50].op.values.mask = 0b01;
    push.operations[50].op.kind = operation_kind::update;
    CHECK(count_of("folder", written(push, notes_schema, wire::encoding::cbor)) == 3);
}

TEST_CASE("a foreign key, a sequence and a group of a run read back as they were") {
    using namespace cbor;
    wire::push_request out;
    pairs second = operation_with(number(5), {text("B"), array({text("f1")})});
    second.insert(second.begin() + 2, {number(8), number(3)});
    pairs third = operation_with(number(-4), {text("C"), text("F1")});
    const std::string body = push_of_run(header_of("create", "folder", {"title", "parentId"}),
                                         {operation_with(number(10), {text("A"), null()}), second, third});
    REQUIRE(summary(wire::read_push(body, notes_schema, {}, out, wire::encoding::cbor)) == "none");
    REQUIRE(out.operations.size() == 3);
    CHECK(out.operations[0].op.seq == 10);
    CHECK(out.operations[0].op.group == 0);
    CHECK(out.operations[1].op.seq == 15);
    CHECK(out.operations[1].op.group == 3);
    CHECK(out.operations[1].op.values.after[parent_id] == cell::local_key("f1"));
    CHECK(out.operations[2].op.seq == 11);
    CHECK(out.operations[2].op.group == 3);
    CHECK(out.operations[2].op.values.after[parent_id] == cell::server_key("F1"));
}

TEST_CASE("a local key is a list of one id, and no other list") {
    using namespace cbor;
    const auto refused = [](const std::string& key) {
        return push_refusal_in_cbor(push_of_run(header_of("create", "folder", {"parentId", "title"}),
                                                {operation_with(number(1), {key, text("A")})}));
    };
    const std::string uuid = bytes(std::string(16, 'x'));
    for (const std::string& good : {uuid, array({uuid}), array({text("f1")}), "\x9F" + uuid + "\xFF", text("F1"), null()})
        CHECK(refused(good) == "none");
    for (const std::string& bad : {array({}), array({uuid, uuid}), array({uuid, null()}), array({null()}), array({number(1)}), array({array({uuid})}),
                                   array({map({})}), "\x9F" + uuid + uuid + "\xFF", std::string("\x9F\xFF"), map({}), bytes("F1"), number(1)})
        CHECK(refused(bad) == "wrong_type folder f1 parentId");
    for (const std::string& bad : {array({text("")}), array({text("a b")}), array({text(std::string(41, 'x'))}), text("a b")})
        CHECK(refused(bad) == "invalid_id folder f1 parentId");
    CHECK(refused(array({bytes(std::string(15, 'x'))})) == "wrong_type folder f1 parentId");
}

TEST_CASE("a sequence that differences lead out of its range is refused") {
    using namespace cbor;
    const auto refused = [](const std::string& first, const std::string& second) {
        return push_refusal_in_cbor(push_of_run({{number(2), text("remove")}, {number(3), text("folder")}},
                                                {{{number(0), first}, {number(4), text("f1")}}, {{number(0), second}, {number(4), text("f2")}}}));
    };
    CHECK(refused(number(1), number(1)) == "none");
    CHECK(refused(number(1), number(0)) == "malformed folder f2 seq");
    CHECK(refused(number(1), number(-1)) == "out_of_range folder f2 seq");
    CHECK(refused(number(int64_greatest), number(1)) == "out_of_range folder f2 seq");
    CHECK(refused(number(1), head(0, UINT64_MAX)) == "out_of_range folder f2 seq");
    CHECK(refused(number(1), text("1")) == "wrong_type folder f2 seq");
}

TEST_CASE("what is wrong in the header of a run names its first operation") {
    using namespace cbor;
    const pairs good = operation_with(number(1), {text("A")});
    CHECK(push_refusal_in_cbor(push_of_run(header_of("create", "folder", {"title"}), {good})) == "none");
    CHECK(push_refusal_in_cbor(push_of_run(header_of("create", "folder", {"colour"}), {good})) == "unknown_field folder f1 colour");
    CHECK(push_refusal_in_cbor(push_of_run(header_of("create", "folder", {"colour"}), {})) == "unknown_field folder - colour");
    CHECK(push_refusal_in_cbor(push_of_run(header_of("create", "folder", {"parentId"}), {good})) == "missing_field folder f1 title");
    CHECK(push_refusal_in_cbor(push_of_run(header_of("remove", "folder", {"title"}), {good})) == "malformed folder f1 fields");
    CHECK(push_refusal_in_cbor(push_of_run(header_of("update", "folder", {}), {operation_with(number(1), {})})) == "missing_field folder f1 fields");
    CHECK(push_refusal_in_cbor(push_of_run(header_of("create", "ghost", {"title"}), {good})) == "unknown_entity ghost f1 entity");
    CHECK(push_refusal_in_cbor(push_of_run(header_of("upsert", "folder", {"title"}), {good})) == "malformed folder f1 op");
}

TEST_CASE("an operation has as many values as its run has names") {
    using namespace cbor;
    const auto refused = [](const std::vector<std::string>& values) {
        return push_refusal_in_cbor(push_of_run(header_of("create", "folder", {"title", "parentId"}), {operation_with(number(1), values)}));
    };
    CHECK(refused({text("A"), null()}) == "none");
    CHECK(refused({text("A")}) == "malformed folder f1 fields");
    CHECK(refused({}) == "malformed folder f1 fields");
    CHECK(refused({text("A"), null(), null()}) == "malformed folder f1 fields");
    CHECK(push_refusal_in_cbor(push_of_run(header_of("create", "folder", {"title"}), {{{number(0), number(1)}, {number(4), text("f1")}}})) ==
          "missing_field folder f1 fields");
    CHECK(push_refusal_in_cbor(push_of_run({{number(2), text("remove")}, {number(3), text("folder")}}, {operation_with(number(1), {text("A")})})) ==
          "malformed folder f1 fields");
}

TEST_CASE("a run is whole, and says what belongs to it once") {
    using namespace cbor;
    const auto push = [](const std::string& run) {
        return push_refusal_in_cbor(map({{number(3), text("d")}, {number(7), array({run})}}));
    };
    CHECK(push(map({{number(2), text("remove")}, {number(3), text("folder")}})) == "missing_field folder - operations");
    CHECK(push(map({{number(2), text("remove")}, {number(3), text("folder")}, {number(12), number(1)}})) == "wrong_type folder - operations");
    CHECK(push(map({{number(2), text("remove")}, {number(3), text("folder")}, {number(12), array({number(1)})}})) == "malformed - - operations");
    CHECK(push(map({{number(0), number(1)}, {number(2), text("remove")}, {number(3), text("folder")}, {number(12), array({})}})) ==
          "unknown_field folder - -");
    CHECK(push(number(1)) == "malformed - - operations");
    std::vector<std::string> names(257, text("x"));
    CHECK(push(map({{number(2), text("create")}, {number(3), text("folder")}, {number(9), array(names)}, {number(12), array({})}})) ==
          "unknown_field folder - x");
}

TEST_CASE("a page may have several runs of one table, and names that mean nothing are bounded") {
    using namespace cbor;
    const auto page = [](const std::vector<std::string>& runs) {
        return map({{number(0), array(runs)}, {number(1), text("c")}, {number(2), boolean(false)}, {number(3), map({})}});
    };
    const auto run = [](const std::vector<std::string>& names, const std::vector<std::string>& rows) {
        return map({{number(0), text("folders")}, {number(1), array(names)}, {number(2), array(rows)}});
    };
    const auto row = [](const std::string& version, const std::vector<std::string>& values) {
        return map({{number(0), text("F")}, {number(1), text("f")}, {number(2), version}, {number(9), array(values)}});
    };
    const auto refused = [](const std::string& body) { return refusal(message::page, body, wire::encoding::cbor); };
    const std::string first = run({text("title")}, {row(version(1, 3), {text("A")}), row(version(0, -1), {text("B")})});
    const std::string second = run({text("x"), text("parentId"), text("title")}, {row(version(1, 9), {map({}), text("F1"), text("C")})});
    wire::page out;
    REQUIRE(summary(wire::read_page(page({first, second}), notes_schema, {}, out, wire::encoding::cbor)) == "none");
    REQUIRE(out.rows.size() == 3);
    CHECK(out.rows[0].version == row_version(1, 3));
    CHECK(out.rows[1].version == row_version(1, 2));
    CHECK(out.rows[2].version == row_version(1, 9));
    CHECK(out.rows[2].cells[parent_id] == cell::server_key("F1"));
    CHECK(refused(page({run({text("title")}, {row(version(1, 3), {text("A")}), row(version(0, -3), {text("B")})})})) == "out_of_range folder f version");
    CHECK(refused(page({run({text("title"), text("title")}, {row(version(1, 3), {text("A"), text("B")})})})) == "duplicate_key folder f title");
    CHECK(refused(page({run({number(1)}, {row(version(1, 3), {text("A")})})})) == "wrong_type folder f fields");
    CHECK(refused(page({run(std::vector<std::string>(256, text("x")), {})})) == "none");
    CHECK(refused(page({run(std::vector<std::string>(257, text("x")), {})})) == "too_large folder - fields");
    CHECK(refused(page({map({{number(0), text("folders")}})})) == "missing_field folder - fields");
    CHECK(refused(page({map({{number(1), array({})}, {number(2), array({})}})})) == "missing_field - - table");
    CHECK(refused(page({map({{number(0), number(1)}, {number(1), array({})}, {number(2), array({})}})})) == "wrong_type - - table");
    CHECK(refused(page({number(1)})) == "wrong_type - - changes");
}

TEST_CASE("a version in CBOR is a list of two numbers and nothing else") {
    using namespace cbor;
    const auto refused = [](const std::string& base_version) {
        const std::string item = map({{number(0), number(1)}, {number(4), text("f1")}, {number(7), base_version}});
        const std::string run = map({{number(2), text("remove")}, {number(3), text("folder")}, {number(12), array({item})}});
        return push_refusal_in_cbor(map({{number(3), text("d")}, {number(7), array({run})}}));
    };
    CHECK(refused(version(0, 0)) == "none");
    CHECK(refused(version(1, 1)) == "none");
    CHECK(refused(version(0xFFFF'FFFF, int64_greatest)) == "none");
    for (const auto& [generation, count] : {std::pair<std::int64_t, std::int64_t>{0, 1}, {1, 0}, {-1, 1}, {1, -1}, {0x1'0000'0000, 1}, {int64_greatest, 1}, {1, int64_least}})
        CHECK(refused(version(generation, count)) == "out_of_range folder f1 baseVersion");
    for (const std::string& value : {number(1), text("1.1"), bytes("1.1"), null(), boolean(true), real(1.1), map({}), map({{number(1), number(1)}})})
        CHECK(refused(value) == "wrong_type folder f1 baseVersion");
    for (const std::string& value : {array({}), array({number(1)}), array({number(1), number(1), number(1)}), array({text("1"), number(1)}), array({number(1), real(1)}),
                                     array({number(1), array({})}), array({number(1), head(0, 1ull << 63)}), "\x9F" + number(1) + number(1) + "\xFF"})
        CHECK(refused(value) == "malformed folder f1 baseVersion");
    // Short and long numbers are read in two ways.
    for (const std::int64_t large : {23, 24, 255, 256, 65'536}) {
        CHECK(refused(version(large, 1)) == "none");
        CHECK(refused(version(1, large)) == "none");
        CHECK(refused(version(large, 0)) == "out_of_range folder f1 baseVersion");
        CHECK(refused(version(0, large)) == "out_of_range folder f1 baseVersion");
    }
    CHECK(refused("\x82\x01\x18\x01") == "malformed folder f1 -");
}

TEST_CASE("a result's row differs from its own result, so that a client may pass it over") {
    schema_view without_notes = notes_schema;
    without_notes.tables = without_notes.tables.first(1);
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const wire::push_answer sent = random_push_answer(seed);
        wire::push_answer out;
        REQUIRE_FALSE(read(written(sent, notes_schema, wire::encoding::cbor), without_notes, out, wire::encoding::cbor));
        REQUIRE(out.results.size() == sent.results.size());
        for (std::size_t i = 0; i < out.results.size(); ++i) {
            REQUIRE(out.results[i].version == sent.results[i].version);
            REQUIRE(out.results[i].updated_at_ms == sent.results[i].updated_at_ms);
        }
    }
}
