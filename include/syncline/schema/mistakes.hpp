/// Mistakes in declarations: each is a type whose arguments are the culprits, and whose text says what to do.
#pragma once

namespace syncline {

/// The schema can be used.
struct no_mistake {};

// Each `report` is a template so that naming a mistake is no error; it is never called, since that would make two errors of one.

struct empty_schema {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed, "syncline: a schema without entities; write schema<...> with at least one entity");
    }
};

template <class Entity>
struct duplicate_entity {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed, "syncline: an entity is listed twice; remove one of the two from schema<...>");
    }
};

template <class Entity>
struct no_traits {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed,
                      "syncline: an entity without traits; specialise syncline::entity_traits for it before the schema is used");
    }
};

template <class Entity>
struct no_table {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed, "syncline: traits without a table; add `static constexpr std::string_view table` to them");
    }
};

template <class Entity>
struct no_key {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed,
                      "syncline: traits without a key; add `static constexpr auto key = &entity::id;` to them, "
                      "where id is a member of type id_of<entity>");
    }
};

template <class Entity>
struct no_fields {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed,
                      "syncline: traits without fields; add `static constexpr auto fields = std::tuple{...};` to them, "
                      "with nothing but field(...), parent(...) and reference(...) in it");
    }
};

template <class Entity>
struct no_create_policy {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed,
                      "syncline: on_create_conflict is not a policy; write "
                      "`static constexpr auto on_create_conflict = syncline::create_conflict_policy::theirs_wins;`");
    }
};

template <class Entity>
struct no_dependency_list {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed,
                      "syncline: depends_on is not a list of entities; write "
                      "`using depends_on = syncline::depends_on<first, second>;`");
    }
};

template <class Entity>
struct invalid_table_name {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed,
                      "syncline: not a name for a table; use 1 to 48 bytes of UTF-8 without quotation marks, backslashes and "
                      "control characters, beginning neither with $ nor with sqlite_ nor with syncline_");
    }
};

template <class Entity>
struct invalid_entity_name {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed, "syncline: not a name for an entity; use [A-Za-z_][A-Za-z0-9_]*, at most 48 characters");
    }
};

template <class Entity>
struct invalid_route {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed,
                      "syncline: not a route; use [a-z0-9_-]+, at most 48 characters, but not `sync`, "
                      "which is the library's own path; give the traits a `route`");
    }
};

template <class Entity, auto Member>
struct counter_of_another_type {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed, "syncline: a counter that is no integer; merge_policy::counter is for members of an integer type, never null");
    }
};

template <class Entity>
struct wrong_key_type {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed,
                      "syncline: the key is not the entity's own id; let `key` point at a member of the entity "
                      "whose type is id_of<entity>");
    }
};

template <class Entity>
struct too_many_fields {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed, "syncline: an entity of more than 64 fields; split it, or keep some of them in one taught type");
    }
};

template <class Entity, auto Member>
struct member_of_another_entity {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed, "syncline: a member of another entity; declare members of the entity itself or of its bases");
    }
};

template <class Entity, auto Member>
struct member_declared_twice {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed, "syncline: a member is declared twice; let one of the two point at the member that was meant");
    }
};

template <class Entity, auto Member>
struct invalid_field_name {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed,
                      "syncline: not a name for a field; use 1 to 48 bytes of UTF-8 without quotation marks, backslashes and "
                      "control characters");
    }
};

template <class Entity, auto Member>
struct reserved_field_name {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed,
                      "syncline: a reserved field name; choose one that begins neither with $ nor with syncline_, and that is none of "
                      "tableoid, ctid, xmin, xmax, cmin, cmax, which PostgreSQL has in every table");
    }
};

template <class Entity, auto First, auto Second>
struct duplicate_field_name {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed, "syncline: two fields of one name; rename one of them, in more than the case of its letters");
    }
};

template <class Entity, auto Member>
struct unsupported_field_type {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed,
                      "syncline: not a type for a field; use bool, an integer, float, double, an enum, std::string, "
                      "std::set of these, std::vector<std::byte>, a time_point of system_clock or std::optional of one "
                      "of them, or teach the type with syncline::field_type");
    }
};

template <class Entity, auto Member>
struct key_declared_as_field {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed, "syncline: a foreign key declared with field(); declare it with parent() or reference()");
    }
};

template <class Entity, auto Member>
struct not_a_key {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed,
                      "syncline: parent() or reference() of a member that is no key; make it an id_of<target> or a "
                      "std::optional<id_of<target>>, or declare it with field()");
    }
};

template <class Entity, auto Member>
struct required_key_set_to_null {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed,
                      "syncline: set_null for a key that is never null; make it a std::optional<id_of<target>>, "
                      "or choose cascade or refuse");
    }
};

template <class Entity, auto Member>
struct required_self_reference {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed,
                      "syncline: a key to the entity itself that is never null, so no first row could exist; "
                      "make it a std::optional<id_of<entity>>");
    }
};

template <class First, class Second>
struct duplicate_table {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed, "syncline: two entities in one table; give each a table of its own");
    }
};

template <class First, class Second>
struct duplicate_entity_name {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed, "syncline: two entities of one name; give the traits of one of them another `name`");
    }
};

template <class First, class Second>
struct duplicate_route {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed, "syncline: two entities on one route; give the traits of one of them another `route`");
    }
};

template <class Entity, auto Member, class Target>
struct target_not_in_schema {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed, "syncline: a key to an entity outside the schema; add its target to schema<...>");
    }
};

template <class Entity, class Dependency>
struct dependency_not_in_schema {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed, "syncline: depends_on names an entity outside the schema; add it to schema<...>");
    }
};

template <class Entity>
struct depends_on_itself {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed, "syncline: an entity depends on itself; remove it from its own depends_on");
    }
};

/// The arguments are the entities on the cycle, each pushed after the next and the last after the first.
template <class... Entities>
struct cycle_without_nullable_key {
    template <bool Fixed = false>
    static void report() noexcept {
        static_assert(Fixed,
                      "syncline: a cycle without a nullable key, so no first row could exist; make one of the keys between "
                      "these entities a std::optional<id_of<target>>, or drop a depends_on");
    }
};

}  // namespace syncline
