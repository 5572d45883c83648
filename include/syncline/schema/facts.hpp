/// What an entity's traits say, by value: the plain tables that mistakes and the schema_view are computed from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <syncline/base/hash.hpp>
#include <syncline/schema/concepts.hpp>
#include <syncline/schema/field_type.hpp>
#include <syncline/schema/names.hpp>
#include <syncline/schema/row_member.hpp>
#include <syncline/schema/schema_view.hpp>
#include <syncline/schema/traits.hpp>
#include <syncline/schema/type_list.hpp>

namespace syncline {

/// One declared member.
struct field_facts {
    std::string_view name;
    member_role role = member_role::field;
    field_shape shape;
    int member = -1;              ///< index of the first field of the entity that declares the same member
    bool is_of_entity = false;    ///< the member belongs to the entity or to a base of it
    bool targets_itself = false;  ///< a key that points at its own entity
    merge_policy policy = merge_policy::last_write;
    removal_policy on_remove = removal_policy::refuse;
    std::uint64_t name_hash = 0;    ///< folded_hash of the name
    std::uint64_t fingerprint = 0;  ///< of all that peers must agree on, apart from the target

    [[nodiscard]] constexpr bool is_key() const noexcept { return shape.kind == column_kind::key; }
};

/// One entity.
struct entity_facts {
    std::string_view table;
    std::string_view name;
    std::string_view route;
    std::uint64_t table_hash = 0;  ///< folded_hash, as the two others
    std::uint64_t name_hash = 0;
    std::uint64_t route_hash = 0;
    bool has_own_key = false;  ///< the key is a member of type id_of<the entity>
    std::span<const field_facts> fields;
    row_member::name_list members = row_member::names;  ///< without the names that fields have taken
    create_conflict_policy create_policy = create_conflict_policy::theirs_wins;
    std::size_t dependency_count = 0;
    int dependency_on_itself = -1;  ///< index of the first, or -1
};

/// Of the name, kind, nullability and policies; bounds of integers are left out, they differ between platforms.
[[nodiscard]] constexpr std::uint64_t make_fingerprint(const field_facts& field) noexcept {
    const auto word = [](auto value, unsigned shift) { return static_cast<std::uint64_t>(value) << shift; };
    const removal_policy on_remove = field.is_key() ? field.on_remove : removal_policy{};
    return hasher()
        .add(field.name)
        .add(word(field.shape.kind, 0) | word(field.shape.nullable, 8) | word(field.role, 16) | word(field.policy, 24) |
             word(on_remove, 32))
        .finish();
}

template <class E>
inline constexpr derived_name default_name_of = default_name(entity_traits<E>::table);
template <class E>
inline constexpr derived_name default_route_of = default_route(entity_traits<E>::table);

template <class E, class Owner, class Member>
[[nodiscard]] constexpr field_facts describe_field(const declaration<Owner, Member>& declared, int member) noexcept {
    field_facts facts{declared.name,
                      declared.role,
                      shape_of<Member>(),
                      member,
                      std::is_base_of_v<Owner, E>,
                      std::is_same_v<target_of<Member>, E>,
                      declared.policy,
                      declared.on_remove};
    facts.name_hash = folded_hash(facts.name);
    facts.fingerprint = make_fingerprint(facts);
    return facts;
}

/// A member as a type, never defined.
template <auto Member>
struct member_mark;

template <class E, std::size_t... I>
[[nodiscard]] constexpr std::array<field_facts, sizeof...(I)> describe_fields(std::index_sequence<I...>) noexcept {
    using members = type_list<member_mark<declared<E, I>().member>...>;
    return {describe_field<E>(declared<E, I>(), members::template index_of<member_mark<declared<E, I>().member>>)...};
}

template <class E>
inline constexpr auto fields_of = describe_fields<E>(std::make_index_sequence<declaration_count<E>>{});

/// The `depends_on` of the entity's traits, without entities when they have none.
template <class E>
struct dependencies_of {
    using type = depends_on<>;
};
template <has_dependencies E>
struct dependencies_of<E> {
    using type = typename entity_traits<E>::depends_on;
};

template <class E, class... Entities>
constexpr void describe_dependencies(entity_facts& facts, depends_on<Entities...>) noexcept {
    facts.dependency_count = sizeof...(Entities);
    facts.dependency_on_itself = type_list<Entities...>::template index_of<E>;
}

template <class Owner, class Member>
struct member_pointer {
    using owner_type = Owner;
    using value_type = Member;
};
template <class Owner, class Member>
[[nodiscard]] constexpr member_pointer<Owner, Member> take_apart(Member Owner::*) noexcept {
    return {};
}

template <class E>
[[nodiscard]] constexpr entity_facts describe_entity() noexcept {
    using traits = entity_traits<E>;
    using key = decltype(take_apart(traits::key));
    entity_facts facts;
    facts.table = traits::table;
    if constexpr (requires { traits::name; })
        facts.name = traits::name;
    else
        facts.name = default_name_of<E>.view();
    if constexpr (requires { traits::route; })
        facts.route = traits::route;
    else
        facts.route = default_route_of<E>.view();
    facts.table_hash = folded_hash(facts.table);
    facts.name_hash = folded_hash(facts.name);
    facts.route_hash = folded_hash(facts.route);
    facts.has_own_key = std::is_same_v<typename key::value_type, id_of<E>> && std::is_base_of_v<typename key::owner_type, E>;
    facts.fields = fields_of<E>;
    for (const field_facts& field : facts.fields) give_way(facts.members, field.name);
    if constexpr (has_create_policy<E>) facts.create_policy = traits::on_create_conflict;
    describe_dependencies<E>(facts, typename dependencies_of<E>::type{});
    return facts;
}

}  // namespace syncline
