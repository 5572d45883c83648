#include <syncline/base/version.hpp>

#include <limits>
#include <string>
#include <type_traits>

#include <support/catch.hpp>

using syncline::first_generation;
using syncline::generation_number;
using syncline::row_version;

namespace {

constexpr auto generation_max = std::numeric_limits<generation_number>::max();
constexpr auto number_max = std::numeric_limits<std::int64_t>::max();

// A regular value without cost: two registers, copied without thought.
static_assert(std::regular<row_version> && std::totally_ordered<row_version>);
static_assert(std::is_trivially_copyable_v<row_version> && std::is_nothrow_default_constructible_v<row_version>);
static_assert(sizeof(row_version) == 16);

// No number is taken for a version.
static_assert(!std::is_convertible_v<int, row_version> && !std::is_constructible_v<row_version, std::int64_t>);
static_assert(!std::is_convertible_v<row_version, std::int64_t> && !std::is_convertible_v<row_version, bool>);

static_assert(row_version() == row_version(0, 0) && row_version().is_none() && !row_version().is_of_row());
static_assert(!row_version(1, 0).is_none() && !row_version(1, 0).is_of_row() && row_version(1, 1).is_of_row());
static_assert(row_version(3, 4).generation() == 3 && row_version(3, 4).number() == 4);

// The generation decides, then the number.
static_assert(row_version() < row_version(1, 0) && row_version(1, 0) < row_version(1, 1) && row_version(1, 1) < row_version(1, 2));
static_assert(row_version(1, number_max) < row_version(2, 0) && row_version(0x7FFF'FFFF, 1) < row_version(generation_max, 1));
static_assert((row_version(2, 1) <=> row_version(2, 1)) == std::strong_ordering::equal);

static_assert(row_version().next() == row_version(first_generation, 1));
static_assert(row_version(7, 0).next() == row_version(7, 1) && row_version(7, 41).next() == row_version(7, 42));

static_assert(row_version::parse("0.0") == row_version() && row_version::parse("1.0") == row_version(1, 0));
static_assert(row_version::parse("12.345") == row_version(12, 345));
static_assert(row_version::parse("4294967295.9223372036854775807") == row_version(generation_max, number_max));

constexpr bool is_refused(std::string_view text) { return !row_version::parse(text).has_value(); }
static_assert(is_refused("") && is_refused(".") && is_refused("1") && is_refused("1.") && is_refused(".1") && is_refused("1.1.1"));
static_assert(is_refused("01.1") && is_refused("1.01") && is_refused("00.0") && is_refused("0.00") && is_refused("0.1"));
static_assert(is_refused("+1.1") && is_refused("1.+1") && is_refused("-1.1") && is_refused("1.-1") && is_refused("1,1"));
static_assert(is_refused(" 1.1") && is_refused("1.1 ") && is_refused("1. 1") && is_refused("1.1\n") && is_refused("0x1.1") && is_refused("1.1e1"));
static_assert(is_refused(std::string_view("1.1\0", 4)) && is_refused(std::string_view("1\0.1", 4)));
static_assert(is_refused("4294967296.1") && is_refused("1.9223372036854775808") && is_refused("1.18446744073709551617"));
static_assert(is_refused("99999999999999999999.1") && is_refused("1.99999999999999999999"));

static_assert(row_version::of_parts(0, 0) == row_version() && row_version::of_parts(2, 0) == row_version(2, 0));
static_assert(!row_version::of_parts(0, 1) && !row_version::of_parts(-1, 1) && !row_version::of_parts(1, -1));
static_assert(row_version::of_parts(generation_max, number_max) && !row_version::of_parts(std::int64_t{generation_max} + 1, 1));

}  // namespace

TEST_CASE("a version reads back from its text") {
    for (const row_version one : {row_version(), row_version(1, 0), row_version(1, 1), row_version(10, 20), row_version(generation_max, number_max)}) {
        CHECK(row_version::parse(one.str()) == one);
        CHECK(one.str().size() <= row_version::text_bytes_max);
    }
    CHECK(row_version(3, 141).str() == "3.141");
    CHECK(row_version(generation_max, number_max).str().size() == row_version::text_bytes_max);
}
