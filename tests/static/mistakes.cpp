/// Each mistake in a declaration is found by its type, and naming that type is no error.
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <syncline/schema/schema.hpp>

namespace mistakes {

using syncline::id_of;

struct folder {
    id_of<folder> id;
    std::string title;
};
struct note {
    id_of<note> id;
    id_of<folder> folder_id;
    std::string text;
};
struct stranger {
    id_of<stranger> id;
};

// What is wrong with a subject, as the name of its case.
struct without_table;
struct without_key;
struct without_fields;
struct fields_of_something_else;
struct depending_on_no_list;
struct dollar_in_table;
struct quoted_table;
struct table_in_capitals;
struct sqlite_prefix;
struct long_table;
struct name_of_two_words;
struct reserved_route;
struct taken_table;
struct taken_name;
struct taken_route;
struct syncline_prefix;
struct key_of_another_type;
struct key_of_another_entity;
struct foreign_member;
struct repeated_member;
struct repeated_field_name;
struct field_without_name;
struct field_name_on_two_lines;
struct reserved_field;
struct fields_named_as_members;
struct reserved_prefix;
struct map_member;
struct constant_member;
struct key_as_field;
struct text_as_parent;
struct null_for_required_key;
struct required_key_to_itself;
struct target_outside;
struct dependency_outside;
struct dependency_on_itself;
struct nullable_key;

template <class Case>
struct subject {
    id_of<subject> id;
    id_of<folder> folder_id;
    id_of<subject> self_id;
    id_of<stranger> stranger_id;
    std::optional<id_of<folder>> seen_in;
    std::string text;
    std::string other_text;
    std::map<int, int> table;
    const int constant = 1;
};

struct bare_traits {
    static constexpr std::string_view table = "subjects";
    static constexpr auto fields = std::tuple{};
};

template <class Case>
struct plain_traits : bare_traits {
    static constexpr auto key = &subject<Case>::id;
};

}  // namespace mistakes

namespace syncline {

using namespace mistakes;

template <>
struct entity_traits<folder> {
    static constexpr std::string_view table = "folders";
    static constexpr auto key = &folder::id;
    static constexpr auto fields = std::tuple{field("title", &folder::title)};
};
template <>
struct entity_traits<note> {
    static constexpr std::string_view table = "notes";
    static constexpr auto key = &note::id;
    static constexpr auto fields = std::tuple{parent("folderId", &note::folder_id), field("text", &note::text)};
};

// Traits of the wrong shape.
template <>
struct entity_traits<subject<without_table>> {
    static constexpr auto key = &subject<without_table>::id;
    static constexpr auto fields = std::tuple{};
};
template <>
struct entity_traits<subject<without_key>> : mistakes::bare_traits {};
template <>
struct entity_traits<subject<without_fields>> {
    static constexpr std::string_view table = "subjects";
    static constexpr auto key = &subject<without_fields>::id;
};
template <>
struct entity_traits<subject<fields_of_something_else>> {
    static constexpr std::string_view table = "subjects";
    static constexpr auto key = &subject<fields_of_something_else>::id;
    static constexpr auto fields = std::tuple{1};
};
template <>
struct entity_traits<subject<depending_on_no_list>> : plain_traits<depending_on_no_list> {
    using depends_on = folder;
};

// Names.
template <>
struct entity_traits<subject<dollar_in_table>> : plain_traits<dollar_in_table> {
    static constexpr std::string_view table = "$subjects";
};
template <>
struct entity_traits<subject<quoted_table>> : plain_traits<quoted_table> {
    static constexpr std::string_view table = "my \"subjects\"";
};
template <>
struct entity_traits<subject<sqlite_prefix>> : plain_traits<sqlite_prefix> {
    static constexpr std::string_view table = "SQLite_subjects";
};
template <>
struct entity_traits<subject<long_table>> : plain_traits<long_table> {
    static constexpr std::string_view table = "a_table_with_a_name_that_is_longer_than_48_bytes_";
};
template <>
struct entity_traits<subject<name_of_two_words>> : plain_traits<name_of_two_words> {
    static constexpr std::string_view name = "two words";
};
template <>
struct entity_traits<subject<reserved_route>> : plain_traits<reserved_route> {
    static constexpr std::string_view route = "sync";
};
template <>
struct entity_traits<subject<taken_table>> : plain_traits<taken_table> {
    static constexpr std::string_view table = "folders";
    static constexpr std::string_view name = "another";
};
template <>
struct entity_traits<subject<table_in_capitals>> : plain_traits<table_in_capitals> {
    static constexpr std::string_view table = "FOLDERS";
    static constexpr std::string_view name = "another";
    static constexpr std::string_view route = "others";
};
template <>
struct entity_traits<subject<taken_name>> : plain_traits<taken_name> {
    static constexpr std::string_view name = "Folder";
};
template <>
struct entity_traits<subject<taken_route>> : plain_traits<taken_route> {
    static constexpr std::string_view route = "folders";
};
template <>
struct entity_traits<subject<syncline_prefix>> : plain_traits<syncline_prefix> {
    static constexpr std::string_view table = "Syncline_subjects";
};

// Keys and members.
template <>
struct entity_traits<subject<key_of_another_type>> : plain_traits<key_of_another_type> {
    static constexpr auto key = &subject<key_of_another_type>::folder_id;
};
template <>
struct entity_traits<subject<key_of_another_entity>> : plain_traits<key_of_another_entity> {
    static constexpr auto key = &folder::id;
};
template <>
struct entity_traits<subject<foreign_member>> : plain_traits<foreign_member> {
    static constexpr auto fields = std::tuple{field("title", &folder::title)};
};
template <>
struct entity_traits<subject<repeated_member>> : plain_traits<repeated_member> {
    static constexpr auto fields =
        std::tuple{field("text", &subject<repeated_member>::text), field("otherText", &subject<repeated_member>::text)};
};
template <>
struct entity_traits<subject<repeated_field_name>> : plain_traits<repeated_field_name> {
    static constexpr auto fields =
        std::tuple{field("text", &subject<repeated_field_name>::text), field("Text", &subject<repeated_field_name>::other_text)};
};
template <>
struct entity_traits<subject<field_without_name>> : plain_traits<field_without_name> {
    static constexpr auto fields = std::tuple{field("", &subject<field_without_name>::text)};
};
template <>
struct entity_traits<subject<field_name_on_two_lines>> : plain_traits<field_name_on_two_lines> {
    static constexpr auto fields = std::tuple{field("the\ntext", &subject<field_name_on_two_lines>::text)};
};
template <>
struct entity_traits<subject<reserved_field>> : plain_traits<reserved_field> {
    static constexpr auto fields = std::tuple{field("$updatedAt", &subject<reserved_field>::text)};
};
template <>
struct entity_traits<subject<fields_named_as_members>> : plain_traits<fields_named_as_members> {
    static constexpr std::string_view table = "My Subjects";
    static constexpr auto fields = std::tuple{field("UPDATEDAT", &subject<fields_named_as_members>::text),
                                              field("id", &subject<fields_named_as_members>::other_text),
                                              parent("2nd folder", &subject<fields_named_as_members>::folder_id)};
};
template <>
struct entity_traits<subject<reserved_prefix>> : plain_traits<reserved_prefix> {
    static constexpr auto fields = std::tuple{field("Syncline_text", &subject<reserved_prefix>::text)};
};
template <>
struct entity_traits<subject<map_member>> : plain_traits<map_member> {
    static constexpr auto fields = std::tuple{field("table", &subject<map_member>::table)};
};
template <>
struct entity_traits<subject<constant_member>> : plain_traits<constant_member> {
    static constexpr auto fields = std::tuple{field("constant", &subject<constant_member>::constant)};
};

// Foreign keys and dependencies.
template <>
struct entity_traits<subject<key_as_field>> : plain_traits<key_as_field> {
    static constexpr auto fields = std::tuple{field("folderId", &subject<key_as_field>::folder_id)};
};
template <>
struct entity_traits<subject<text_as_parent>> : plain_traits<text_as_parent> {
    static constexpr auto fields = std::tuple{parent("text", &subject<text_as_parent>::text)};
};
template <>
struct entity_traits<subject<null_for_required_key>> : plain_traits<null_for_required_key> {
    static constexpr auto fields =
        std::tuple{reference("folderId", &subject<null_for_required_key>::folder_id, removal_policy::set_null)};
};
template <>
struct entity_traits<subject<required_key_to_itself>> : plain_traits<required_key_to_itself> {
    static constexpr auto fields = std::tuple{parent("selfId", &subject<required_key_to_itself>::self_id)};
};
template <>
struct entity_traits<subject<target_outside>> : plain_traits<target_outside> {
    static constexpr auto fields =
        std::tuple{field("text", &subject<target_outside>::text), reference("strangerId", &subject<target_outside>::stranger_id)};
};
template <>
struct entity_traits<subject<dependency_outside>> : plain_traits<dependency_outside> {
    using depends_on = syncline::depends_on<folder, mistakes::stranger>;
};
template <>
struct entity_traits<subject<dependency_on_itself>> : plain_traits<dependency_on_itself> {
    using depends_on = syncline::depends_on<folder, subject<dependency_on_itself>>;
};
template <>
struct entity_traits<subject<nullable_key>> : plain_traits<nullable_key> {
    static constexpr auto fields = std::tuple{reference("seenIn", &subject<nullable_key>::seen_in)};
};

}  // namespace syncline

namespace mistakes {

template <class Case>
using mistake = typename syncline::schema<note, subject<Case>, folder>::mistake;

template <class Expected, class Case>
inline constexpr bool finds = std::is_same_v<mistake<Case>, Expected>;

static_assert(std::is_same_v<syncline::schema<note, folder>::mistake, syncline::no_mistake>);
static_assert(std::is_same_v<syncline::schema<>::mistake, syncline::empty_schema>);
static_assert(std::is_same_v<syncline::schema<note, folder, note>::mistake, syncline::duplicate_entity<note>>);
static_assert(std::is_same_v<syncline::schema<note>::mistake, syncline::target_not_in_schema<note, &note::folder_id, folder>>);

static_assert(std::is_same_v<syncline::schema<folder, stranger>::mistake, syncline::no_traits<stranger>>);
static_assert(finds<syncline::no_table<subject<without_table>>, without_table>);
static_assert(finds<syncline::no_key<subject<without_key>>, without_key>);
static_assert(finds<syncline::no_fields<subject<without_fields>>, without_fields>);
static_assert(finds<syncline::no_fields<subject<fields_of_something_else>>, fields_of_something_else>);
static_assert(finds<syncline::no_dependency_list<subject<depending_on_no_list>>, depending_on_no_list>);

static_assert(finds<syncline::invalid_table_name<subject<dollar_in_table>>, dollar_in_table>);
static_assert(finds<syncline::invalid_table_name<subject<quoted_table>>, quoted_table>);
static_assert(finds<syncline::invalid_table_name<subject<sqlite_prefix>>, sqlite_prefix>);
static_assert(finds<syncline::invalid_table_name<subject<long_table>>, long_table>);
static_assert(finds<syncline::invalid_entity_name<subject<name_of_two_words>>, name_of_two_words>);
static_assert(finds<syncline::invalid_route<subject<reserved_route>>, reserved_route>);
static_assert(finds<syncline::duplicate_table<subject<taken_table>, folder>, taken_table>);
static_assert(finds<syncline::duplicate_table<subject<table_in_capitals>, folder>, table_in_capitals>);
static_assert(finds<syncline::duplicate_entity_name<subject<taken_name>, folder>, taken_name>);
static_assert(finds<syncline::duplicate_route<subject<taken_route>, folder>, taken_route>);
static_assert(finds<syncline::invalid_table_name<subject<syncline_prefix>>, syncline_prefix>);

static_assert(finds<syncline::wrong_key_type<subject<key_of_another_type>>, key_of_another_type>);
static_assert(finds<syncline::wrong_key_type<subject<key_of_another_entity>>, key_of_another_entity>);
static_assert(finds<syncline::member_of_another_entity<subject<foreign_member>, &folder::title>, foreign_member>);
static_assert(finds<syncline::member_declared_twice<subject<repeated_member>, &subject<repeated_member>::text>, repeated_member>);
static_assert(finds<syncline::duplicate_field_name<subject<repeated_field_name>, &subject<repeated_field_name>::text,
                                                   &subject<repeated_field_name>::other_text>,
                    repeated_field_name>);
static_assert(finds<syncline::invalid_field_name<subject<field_without_name>, &subject<field_without_name>::text>, field_without_name>);
static_assert(finds<syncline::invalid_field_name<subject<field_name_on_two_lines>, &subject<field_name_on_two_lines>::text>,
                    field_name_on_two_lines>);
static_assert(finds<syncline::reserved_field_name<subject<reserved_field>, &subject<reserved_field>::text>, reserved_field>);
static_assert(finds<syncline::reserved_field_name<subject<reserved_prefix>, &subject<reserved_prefix>::text>, reserved_prefix>);
static_assert(finds<syncline::unsupported_field_type<subject<map_member>, &subject<map_member>::table>, map_member>);
static_assert(
    finds<syncline::unsupported_field_type<subject<constant_member>, &subject<constant_member>::constant>, constant_member>);

static_assert(finds<syncline::key_declared_as_field<subject<key_as_field>, &subject<key_as_field>::folder_id>, key_as_field>);
static_assert(finds<syncline::not_a_key<subject<text_as_parent>, &subject<text_as_parent>::text>, text_as_parent>);
static_assert(finds<syncline::required_key_set_to_null<subject<null_for_required_key>, &subject<null_for_required_key>::folder_id>,
                    null_for_required_key>);
static_assert(finds<syncline::required_self_reference<subject<required_key_to_itself>, &subject<required_key_to_itself>::self_id>,
                    required_key_to_itself>);
static_assert(finds<syncline::target_not_in_schema<subject<target_outside>, &subject<target_outside>::stranger_id, stranger>,
                    target_outside>);
static_assert(finds<syncline::dependency_not_in_schema<subject<dependency_outside>, stranger>, dependency_outside>);
static_assert(finds<syncline::depends_on_itself<subject<dependency_on_itself>>, dependency_on_itself>);
static_assert(finds<syncline::no_mistake, nullable_key>);
static_assert(finds<syncline::no_mistake, fields_named_as_members>);

// A concept can ask without an error.
static_assert(syncline::valid_schema<syncline::schema<note, folder>>);
static_assert(!syncline::valid_schema<syncline::schema<note>>);
static_assert(!syncline::valid_schema<syncline::schema<>>);
static_assert(!syncline::valid_schema<int>);
static_assert(syncline::check_schema<syncline::schema<note, folder>>());
static_assert(syncline::entity<note> && !syncline::entity<stranger> && !syncline::entity<subject<fields_of_something_else>>);

}  // namespace mistakes
