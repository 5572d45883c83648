/// Which member types are fields, and what their columns hold.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <syncline/schema/field_type.hpp>

namespace field_types {

enum class colour : std::uint8_t { red, green };
enum class direction { back = -1, forth = 1 };

struct thing {};
struct money {
    std::int64_t cents = 0;
};
struct label {
    std::string text;
};
struct taught_with_a_taught_type {};
struct half_taught {};

}  // namespace field_types

template <>
struct syncline::field_type<field_types::money> {
    using stored = std::int64_t;
    static stored store(const field_types::money& value) { return value.cents; }
    static field_types::money load(const stored& cents) { return {cents}; }
};
template <>
struct syncline::field_type<field_types::label> {
    using stored = std::string;
    static stored store(const field_types::label& value) { return value.text; }
    static field_types::label load(const stored& text) { return {text}; }
};
template <>
struct syncline::field_type<field_types::taught_with_a_taught_type> {
    using stored = field_types::money;
    static stored store(const field_types::taught_with_a_taught_type&) { return {}; }
    static field_types::taught_with_a_taught_type load(const stored&) { return {}; }
};
template <>
struct syncline::field_type<field_types::half_taught> {
    using stored = std::string;
    static stored store(const field_types::half_taught&) { return {}; }
};

namespace field_types {

using syncline::column_kind;
using syncline::shape_of;

template <class Member>
inline constexpr bool is_supported = shape_of<Member>().supported;

template <class Member>
constexpr bool holds(column_kind kind, bool nullable = false) {
    return is_supported<Member> && shape_of<Member>().kind == kind && shape_of<Member>().nullable == nullable;
}

template <class Member>
constexpr bool ranges(std::int64_t least, std::int64_t greatest) {
    return holds<Member>(column_kind::integer) && shape_of<Member>().least == least && shape_of<Member>().greatest == greatest;
}

static_assert(holds<bool>(column_kind::boolean));
static_assert(holds<float>(column_kind::real) && holds<double>(column_kind::real));
static_assert(holds<std::string>(column_kind::text));
static_assert(holds<std::vector<std::byte>>(column_kind::bytes));
static_assert(holds<std::chrono::system_clock::time_point>(column_kind::timestamp));
static_assert(holds<std::chrono::sys_days>(column_kind::timestamp));
static_assert(holds<std::set<std::string>>(column_kind::set) && holds<std::set<int>>(column_kind::set));
static_assert(holds<std::set<colour>>(column_kind::set));
static_assert(holds<syncline::id_of<thing>>(column_kind::key));

static_assert(holds<std::optional<bool>>(column_kind::boolean, true));
static_assert(holds<std::optional<std::string>>(column_kind::text, true));
static_assert(holds<std::optional<std::set<int>>>(column_kind::set, true));
static_assert(holds<std::optional<syncline::id_of<thing>>>(column_kind::key, true));
static_assert(holds<std::optional<money>>(column_kind::integer, true));

static_assert(ranges<std::int8_t>(-128, 127) && ranges<std::uint8_t>(0, 255) && ranges<char16_t>(0, 65535));
static_assert(ranges<std::int32_t>(-2147483648LL, 2147483647) && ranges<std::uint32_t>(0, 4294967295LL));
static_assert(ranges<std::int64_t>(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()));
static_assert(ranges<std::uint64_t>(0, std::numeric_limits<std::int64_t>::max()));
static_assert(ranges<colour>(0, 255) && ranges<direction>(-2147483648LL, 2147483647));
static_assert(ranges<money>(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()));
static_assert(holds<label>(column_kind::text));

static_assert(!is_supported<thing> && !is_supported<std::map<int, int>> && !is_supported<long double>);
static_assert(!is_supported<int*> && !is_supported<const int> && !is_supported<int()> && !is_supported<int[3]>);
static_assert(!is_supported<std::optional<std::optional<int>>> && !is_supported<std::vector<int>>);
static_assert(!is_supported<std::set<std::vector<std::byte>>> && !is_supported<std::set<syncline::id_of<thing>>>);
static_assert(!is_supported<std::chrono::steady_clock::time_point> && !is_supported<std::chrono::seconds>);
static_assert(!is_supported<syncline::local_id> && !is_supported<syncline::server_id>);
static_assert(!is_supported<taught_with_a_taught_type> && !is_supported<half_taught>);

}  // namespace field_types
