/// A schema of a hundred entities with three keys each, on cycles everywhere, and an entity of as many fields as there may be.
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <syncline/schema/schema.hpp>

namespace large {

using syncline::id_of;

inline constexpr int entity_count = 100;

template <int N>
struct thing {
    static constexpr int wrap(int number) { return number % entity_count; }

    id_of<thing> id;
    id_of<thing<N / 2>> half;
    std::optional<id_of<thing<wrap(N + 1)>>> next;
    std::optional<id_of<thing<wrap(N * 7 + 3)>>> other;
    std::string text;
};

template <>
struct thing<0> {
    id_of<thing> id;
    std::optional<id_of<thing<1>>> next;
    std::optional<id_of<thing<3>>> other;
    std::optional<id_of<thing>> half;
    std::string text;
};

/// "things_07" and the like.
template <int N>
inline constexpr std::array<char, 9> name{'t', 'h', 'i', 'n', 'g', 's', '_', '0' + N / 10, '0' + N % 10};

template <int Number>
struct part {
    int value = 0;
};

template <class Indices>
struct wide_row;
template <int... I>
struct wide_row<std::integer_sequence<int, I...>> : part<I>... {
    id_of<wide_row> id;
};
using widest = wide_row<std::make_integer_sequence<int, syncline::columns_max>>;
using too_wide = wide_row<std::make_integer_sequence<int, syncline::columns_max + 1>>;

}  // namespace large

namespace syncline {

using namespace large;

template <int N>
struct entity_traits<thing<N>> {
    static constexpr std::string_view table{name<N>.data(), name<N>.size()};
    static constexpr auto key = &thing<N>::id;
    static constexpr auto fields = field_list{parent("halfId", &thing<N>::half), reference("nextId", &thing<N>::next),
                                              reference("otherId", &thing<N>::other), field("text", &thing<N>::text)};
};

template <int... I>
struct entity_traits<wide_row<std::integer_sequence<int, I...>>> {
    using row = wide_row<std::integer_sequence<int, I...>>;
    static constexpr std::string_view table = "wide_rows";
    static constexpr auto key = &row::id;
    static constexpr auto fields = field_list{field({name<I>.data(), name<I>.size()}, &part<I>::value)...};
};

}  // namespace syncline

namespace large {

template <class Indices>
struct all_things;
template <int... I>
struct all_things<std::integer_sequence<int, I...>> {
    using schema = syncline::schema<thing<I>...>;
    using reversed = syncline::schema<thing<entity_count - 1 - I>...>;
};
using things = all_things<std::make_integer_sequence<int, entity_count>>;
constexpr syncline::schema_view view = things::schema::view();

constexpr bool keys_point_backwards() {
    for (int table = 0; table < view.size(); ++table)
        for (const syncline::column_view& column : view[table].columns)
            if (column.target >= 0 && column.target != table && !column.deferred && view[column.target].rank >= view[table].rank)
                return false;
    return true;
}

static_assert(view.size() == entity_count);
static_assert(keys_point_backwards());
static_assert(view.fingerprint == things::reversed::view().fingerprint);
static_assert(view[view.find_table("things_63")].rank == things::reversed::view()[view.find_table("things_63")].rank);
static_assert(view[0].name == "things_00" && view[1].name == "things_01");

static_assert(syncline::schema<widest>::view()[0].columns.size() == 64);
static_assert(syncline::schema<widest>::view()[0].all_columns() == ~syncline::column_mask{0});
static_assert(std::is_same_v<syncline::schema<too_wide>::mistake, syncline::too_many_fields<too_wide>>);

}  // namespace large
