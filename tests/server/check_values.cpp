#include <syncline/server/check_values.hpp>

#include <limits>
#include <string>

#include <server/support/batch.hpp>
#include <support/catch.hpp>

using namespace server_tests;
using syncline::error_code;

namespace {

syncline::error check(const batch& sent, const syncline::limits& bounds = {}) {
    const syncline::operation& op = sent.request.operations.front().op;
    return check_values(schema::view()[op.table], op, bounds);
}

syncline::error check_field(std::string_view field, const cell& value, const syncline::limits& bounds = {}) {
    return check(batch().update(workouts, "w1", {{field, value}}), bounds);
}

}  // namespace

TEST_CASE("values of the right types pass") {
    CHECK_FALSE(check(batch().create(workouts, "w1")));
    CHECK_FALSE(check(batch().create(exercise_sets, "s1", {{"workoutId", local("w1")}, {"exerciseId", remote("E1")}})));
    CHECK_FALSE(check_field("remark", null()));
    CHECK_FALSE(check_field("rating", number(32'767)));
    CHECK_FALSE(check_field("photo", cell::bytes(std::string_view("\0\xff", 2))));
    CHECK_FALSE(check(batch().remove(workouts, "w1")));
}

TEST_CASE("null where null is not allowed is of the wrong type") { CHECK(check_field("title", null()).code == error_code::wrong_type); }

TEST_CASE("a value of another type is refused") {
    CHECK(check_field("title", number(1)).code == error_code::wrong_type);
    CHECK(check_field("title", cell::bytes("a")).code == error_code::wrong_type);
    CHECK(check_field("rating", text("1")).code == error_code::wrong_type);
    CHECK(check_field("rating", cell::real(1)).code == error_code::wrong_type);
    CHECK(check_field("done", number(1)).code == error_code::wrong_type);
    CHECK(check_field("load", number(1)).code == error_code::wrong_type);
    CHECK(check_field("photo", text("a")).code == error_code::wrong_type);
    CHECK(check(batch().update(notes, "n1", {{"workoutId", text("w1")}})).code == error_code::wrong_type);
}

TEST_CASE("a number that the member cannot hold is out of range") {
    CHECK(check_field("rating", number(32'768)).code == error_code::out_of_range);
    CHECK(check_field("rating", number(-32'769)).code == error_code::out_of_range);
    CHECK(check_field("load", cell::real(std::numeric_limits<double>::infinity())).code == error_code::out_of_range);
    CHECK(check_field("load", cell::real(std::numeric_limits<double>::quiet_NaN())).code == error_code::out_of_range);
}

TEST_CASE("text that is not UTF-8 or has a NUL is refused") {
    CHECK(check_field("title", text("\xc3\x28")).code == error_code::invalid_text);
    CHECK(check_field("title", text(std::string_view("a\0b", 3))).code == error_code::invalid_text);
}

TEST_CASE("text and bytes are bounded") {
    syncline::limits bounds;
    bounds.string_bytes = 3;
    CHECK_FALSE(check_field("title", text("abc"), bounds));
    CHECK(check_field("title", text("abcd"), bounds).code == error_code::too_large);
    CHECK(check_field("photo", cell::bytes("abcd"), bounds).code == error_code::too_large);
}

TEST_CASE("ids that are none are refused") {
    CHECK(check(batch().create(workouts, "")).code == error_code::invalid_id);
    CHECK(check(batch().update(notes, "n1", {{"workoutId", local("a b")}})).code == error_code::invalid_id);
    CHECK(check(batch().update(notes, "n1", {{"workoutId", remote("a\"b")}})).code == error_code::invalid_id);
    CHECK(check(batch().create(workouts, "w1").life(0)).code == error_code::out_of_range);
}

TEST_CASE("a create without a field that may not be null is refused by that field's name") {
    batch sent;
    sent.create(workouts, "w1");
    sent.request.operations.front().op.values.mask &= ~syncline::only_column(0);
    const syncline::error problem = check(sent);
    CHECK(problem.code == error_code::missing_field);
    CHECK(problem.entity == "workout");
    CHECK(problem.local_id == "w1");
    CHECK(problem.field == "title");
}

TEST_CASE("values of another width than the table are refused") {
    batch sent;
    sent.update(workouts, "w1", {{"title", text("a")}});
    sent.request.operations.front().op.values.after = sent.request.operations.front().op.values.after.first(2);
    CHECK(check(sent).code == error_code::malformed);
}
