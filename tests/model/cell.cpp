#include <syncline/model/cell.hpp>

#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <support/catch.hpp>

using namespace syncline;

namespace {

static_assert(std::is_trivially_copyable_v<cell>);
static_assert(sizeof(cell) <= 24);
// The whole value is known at compile time.
static_assert(cell::text("a") == cell::text("a"));
static_assert(!(cell::integer(1) == cell::integer(2)));

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// One value of each kind, all as alike as kinds can be.
const std::vector<cell> every_kind{cell(),           cell::boolean(true),  cell::integer(1),       cell::real(1),
                                   cell::text("1"),  cell::bytes("1"),     cell::local_key("1"),   cell::server_key("1")};

}  // namespace

TEST_CASE("a cell is of the kind it was made as") {
    const cell_kind kinds[] = {cell_kind::null, cell_kind::boolean, cell_kind::integer,   cell_kind::real,
                               cell_kind::text, cell_kind::bytes,   cell_kind::local_key, cell_kind::server_key};
    for (std::size_t i = 0; i < every_kind.size(); ++i) {
        INFO("kind " << i);
        const cell& value = every_kind[i];
        CHECK(value.kind() == kinds[i]);
        CHECK(value.is_null() == (kinds[i] == cell_kind::null));
        CHECK(value.is_key() == (kinds[i] == cell_kind::local_key || kinds[i] == cell_kind::server_key));
        CHECK(value.has_text() == (i >= 4));
        if (value.has_text()) CHECK(cell::with_text(kinds[i], "1") == value);
    }
    CHECK(cell::null() == cell());
}

TEST_CASE("a cell holds what it was made of") {
    CHECK(cell::boolean(true).as_boolean());
    CHECK_FALSE(cell::boolean(false).as_boolean());
    for (const std::int64_t number : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{0}, std::numeric_limits<std::int64_t>::max()})
        CHECK(cell::integer(number).as_integer() == number);
    for (const double number : {0.1, -1e308, std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::infinity()})
        CHECK(std::bit_cast<std::uint64_t>(cell::real(number).as_real()) == std::bit_cast<std::uint64_t>(number));
}

TEST_CASE("cells are equal if kind and value are") {
    for (std::size_t i = 0; i < every_kind.size(); ++i)
        for (std::size_t j = 0; j < every_kind.size(); ++j) {
            INFO("kinds " << i << " and " << j);
            CHECK((every_kind[i] == every_kind[j]) == (i == j));
        }
    CHECK_FALSE(cell::boolean(true) == cell::boolean(false));
    CHECK_FALSE(cell::text("a") == cell::text("b"));
    CHECK_FALSE(cell::text("") == cell());
    CHECK_FALSE(cell::integer(0) == cell());
    CHECK_FALSE(cell::real(0.1) == cell::real(0.2));
}

TEST_CASE("minus zero is zero, because stores cannot tell them apart") {
    CHECK(cell::real(-0.0) == cell::real(0.0));
    CHECK(std::bit_cast<std::uint64_t>(cell::real(-0.0).as_real()) == 0);
}

TEST_CASE("what is not a number is equal to itself, so that it is no edit to write it again") {
    CHECK(cell::real(not_a_number) == cell::real(not_a_number));
    CHECK_FALSE(cell::real(not_a_number) == cell::real(0));
    CHECK_FALSE(cell::real(not_a_number) == cell());
}

TEST_CASE("the text of a cell is a view of what it was made from") {
    std::string text = "text";
    const cell value = cell::text(text);
    CHECK(value.view().data() == text.data());
    text[0] = 'n';
    CHECK(value.view() == "next");
    // A copy is a view of the same.
    const cell copy = value;
    CHECK(copy.view().data() == text.data());
}

TEST_CASE("texts compare by their bytes, a NUL among them") {
    const std::string_view with_nul("a\0b", 3);
    CHECK(cell::bytes(with_nul).view().size() == 3);
    CHECK_FALSE(cell::bytes(with_nul) == cell::bytes("a"));
    CHECK(cell::bytes(with_nul) == cell::bytes(std::string(with_nul)));
    CHECK(cell::text("").view().empty());
    CHECK(cell::text("") == cell::text(std::string_view()));
}
