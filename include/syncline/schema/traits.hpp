/// How an application declares an entity: `entity_traits`, and the declarations that are listed in its `fields`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <syncline/schema/field_type.hpp>
#include <syncline/schema/schema_view.hpp>

namespace syncline {

/// Specialised by the application for each entity:
/// ```
/// template <>
/// struct syncline::entity_traits<note> {
///     static constexpr std::string_view table = "notes";  // see is_table_name
///     static constexpr auto key = &note::id;              // a member of type id_of<note>
///     static constexpr auto fields = std::tuple{
///         parent("folderId", &note::folder_id),
///         field("title", &note::title),
///     };
/// };
/// ```
/// A field may have the name of a member of every row (see row_member), which then has a `$` in front in this entity.
/// Optional members: `name`, the entity's name on the wire (default: see default_name); `route`, the last part of its REST path
/// (default: see default_route); `using depends_on = syncline::depends_on<account, currency>;`, entities whose rows are
/// pushed before these ones although no foreign key says so; `static constexpr auto on_create_conflict =
/// syncline::create_conflict_policy::mine_wins;`, what becomes of a create that meets another row of its name (default: theirs_wins).
template <class T>
struct entity_traits;

/// Entities whose rows are pushed before those of the entity that says `using depends_on = syncline::depends_on<...>`.
template <class... Entities>
struct depends_on {};

/// How a member was declared.
enum class member_role : std::uint8_t {
    field,     ///< a value
    parent,    ///< a foreign key to the row that owns this one
    reference  ///< a foreign key to a row that this one mentions
};

/// One element of `entity_traits<T>::fields`: a member and what was said about it.
template <class Owner, class Member>
struct declaration {
    using owner_type = Owner;
    using value_type = Member;

    std::string_view name;  ///< on the wire and in SQL
    Member Owner::*member;
    member_role role = member_role::field;
    merge_policy policy = merge_policy::last_write;
    removal_policy on_remove = removal_policy::refuse;  ///< of foreign keys
};

/// Declares a value.
template <class Owner, class Member>
[[nodiscard]] constexpr declaration<Owner, Member> field(std::string_view name, Member Owner::*member,
                                                         merge_policy policy = merge_policy::last_write) noexcept {
    return {name, member, member_role::field, policy, removal_policy::refuse};
}

/// Declares the foreign key of the row that owns this one: pushed before it, and its removal removes it.
template <class Owner, class Member>
[[nodiscard]] constexpr declaration<Owner, Member> parent(std::string_view name, Member Owner::*member,
                                                          removal_policy on_remove = removal_policy::cascade) noexcept {
    return {name, member, member_role::parent, merge_policy::last_write, on_remove};
}

/// Declares the foreign key of a row that this one mentions: pushed before it, but not its owner. When that row is removed,
/// an optional key becomes null, and any other key refuses the removal, unless `on_remove` says otherwise.
template <class Owner, class Member>
[[nodiscard]] constexpr declaration<Owner, Member> reference(std::string_view name, Member Owner::*member,
                                                             removal_policy on_remove = member_type<Member>::nullable
                                                                                            ? removal_policy::set_null
                                                                                            : removal_policy::refuse) noexcept {
    return {name, member, member_role::reference, merge_policy::last_write, on_remove};
}

/// What `fields` may be instead of a std::tuple, `field_list{field(...), ...}`: it compiles many times faster, which shows in a
/// schema of many entities.
template <class... Declarations>
struct field_list;

template <std::size_t I, class Declaration>
struct field_list_element {
    Declaration value;
};
template <class Indices, class... Declarations>
struct field_list_elements;
template <std::size_t... I, class... Declarations>
struct field_list_elements<std::index_sequence<I...>, Declarations...> : field_list_element<I, Declarations>... {};

template <class... Declarations>
struct field_list : field_list_elements<std::index_sequence_for<Declarations...>, Declarations...> {
    constexpr explicit field_list(const Declarations&... declared) noexcept
        : field_list_elements<std::index_sequence_for<Declarations...>, Declarations...>{{declared}...} {}
};

template <std::size_t I, class... Declarations>
[[nodiscard]] constexpr const auto& element_at(const std::tuple<Declarations...>& fields) noexcept {
    return std::get<I>(fields);
}
template <std::size_t I, class Declaration>
[[nodiscard]] constexpr const Declaration& element_at(const field_list_element<I, Declaration>& element) noexcept {
    return element.value;
}

template <class Fields>
inline constexpr std::size_t element_count = 0;
template <class... Declarations>
inline constexpr std::size_t element_count<std::tuple<Declarations...>> = sizeof...(Declarations);
template <class... Declarations>
inline constexpr std::size_t element_count<field_list<Declarations...>> = sizeof...(Declarations);

/// How many fields `E` declares.
template <class E>
inline constexpr std::size_t declaration_count = element_count<std::remove_cvref_t<decltype(entity_traits<E>::fields)>>;

/// The declaration of column `I` of `E`: `declared<E, 0>().member` is a constant.
template <class E, std::size_t I>
[[nodiscard]] constexpr const auto& declared() noexcept {
    return element_at<I>(entity_traits<E>::fields);
}

template <class E, class Visit, std::size_t... I>
constexpr void visit_declarations(Visit& visit, std::index_sequence<I...>) {
    (visit(declared<E, I>()), ...);
}

/// Calls `visit` with each declaration of `E`, in the order of the columns of its table_view.
template <class E, class Visit>
constexpr void visit_declarations(Visit&& visit) {
    visit_declarations<E>(visit, std::make_index_sequence<declaration_count<E>>{});
}

/// The declarations of `E` as the application wrote them, a std::tuple or a field_list.
template <class E>
[[nodiscard]] constexpr const auto& declarations() noexcept {
    return entity_traits<E>::fields;
}

}  // namespace syncline
