/// Finds the first mistake of a schema, by value: nothing here is a template over entities.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <syncline/schema/facts.hpp>
#include <syncline/schema/names.hpp>

namespace syncline {

/// Mistakes that are found by value; the others are found with the types themselves.
enum class mistake_kind : std::uint8_t {
    none,
    invalid_table_name,
    invalid_entity_name,
    invalid_route,
    wrong_key_type,
    too_many_fields,
    member_of_another_entity,
    member_declared_twice,
    invalid_field_name,
    reserved_field_name,
    duplicate_field_name,
    unsupported_field_type,
    counter_of_another_type,
    key_declared_as_field,
    not_a_key,
    required_key_set_to_null,
    required_self_reference,
    duplicate_entity,
    duplicate_table,
    duplicate_entity_name,
    duplicate_route,
    target_not_in_schema,
    dependency_not_in_schema,
    depends_on_itself
};

/// A mistake and where it was found: indices of entities and of their fields or dependencies, 0 where the kind has none.
struct finding {
    mistake_kind kind = mistake_kind::none;
    std::size_t entity = 0;
    std::size_t other_entity = 0;
    std::size_t field = 0;
    std::size_t other_field = 0;

    [[nodiscard]] constexpr bool is_mistake() const noexcept { return kind != mistake_kind::none; }
};

[[nodiscard]] constexpr mistake_kind check_field(const field_facts& field) noexcept {
    if (!field.is_of_entity) return mistake_kind::member_of_another_entity;
    if (!is_name(field.name)) return mistake_kind::invalid_field_name;
    if (is_reserved_field(field.name)) return mistake_kind::reserved_field_name;
    if (field.role == member_role::field) {
        if (field.is_key()) return mistake_kind::key_declared_as_field;
        if (!field.shape.supported) return mistake_kind::unsupported_field_type;
        const bool counts = field.shape.kind == column_kind::integer && !field.shape.nullable;
        return field.policy == merge_policy::counter && !counts ? mistake_kind::counter_of_another_type : mistake_kind::none;
    }
    if (!field.is_key()) return mistake_kind::not_a_key;
    if (field.shape.nullable) return mistake_kind::none;
    if (field.on_remove == removal_policy::set_null) return mistake_kind::required_key_set_to_null;
    if (field.targets_itself) return mistake_kind::required_self_reference;
    return mistake_kind::none;
}

/// What is wrong with one entity by itself; its index is left at 0.
[[nodiscard]] constexpr finding check_entity(const entity_facts& entity) noexcept {
    if (!is_table_name(entity.table)) return {mistake_kind::invalid_table_name};
    if (!is_identifier(entity.name)) return {mistake_kind::invalid_entity_name};
    if (!is_route(entity.route)) return {mistake_kind::invalid_route};
    if (!entity.has_own_key) return {mistake_kind::wrong_key_type};
    if (entity.fields.size() > columns_max) return {mistake_kind::too_many_fields};
    const field_facts* const fields = entity.fields.data();
    for (std::size_t i = 0; i < entity.fields.size(); ++i) {
        if (const mistake_kind kind = check_field(fields[i]); kind != mistake_kind::none) return {kind, 0, 0, i};
        for (std::size_t earlier = 0; earlier < i; ++earlier) {
            if (fields[earlier].member == fields[i].member) return {mistake_kind::member_declared_twice, 0, 0, i};
            if (fields[earlier].name_hash == fields[i].name_hash && equal_ignoring_case(fields[earlier].name, fields[i].name))
                return {mistake_kind::duplicate_field_name, 0, 0, earlier, i};
        }
    }
    if (entity.dependency_on_itself >= 0)
        return {mistake_kind::depends_on_itself, 0, 0, static_cast<std::size_t>(entity.dependency_on_itself)};
    return {};
}

/// What two entities of different types may not share.
[[nodiscard]] constexpr mistake_kind check_pair(const entity_facts& first, const entity_facts& second) noexcept {
    if (equal_ignoring_case(first.table, second.table)) return mistake_kind::duplicate_table;
    if (equal_ignoring_case(first.name, second.name)) return mistake_kind::duplicate_entity_name;
    return first.route == second.route ? mistake_kind::duplicate_route : mistake_kind::none;
}

/// `types` are those of types_of.
[[nodiscard]] constexpr finding check_pairs(std::span<const entity_facts> entities, std::span<const int> types) noexcept {
    const entity_facts* const first = entities.data();
    const entity_facts* const last = first + entities.size();
    for (const entity_facts* entity = first; entity != last; ++entity)
        for (const entity_facts* other = entity + 1; other != last; ++other) {
            if (entity->table_hash != other->table_hash && entity->name_hash != other->name_hash &&
                entity->route_hash != other->route_hash)
                continue;
            const auto i = static_cast<std::size_t>(entity - first);
            const auto j = static_cast<std::size_t>(other - first);
            if (types[i] == types[j]) return {mistake_kind::duplicate_entity, i, j};
            if (const mistake_kind kind = check_pair(*entity, *other); kind != mistake_kind::none) return {kind, i, j};
        }
    return {};
}

/// Keys and dependencies whose target was not found; `targets` are those of find_targets.
[[nodiscard]] constexpr finding check_targets(std::span<const entity_facts> entities, std::span<const int> targets) noexcept {
    std::size_t slot = 0;
    for (std::size_t i = 0; i < entities.size(); ++i) {
        for (std::size_t field = 0; field < entities[i].fields.size(); ++field, ++slot)
            if (entities[i].fields[field].is_key() && targets[slot] < 0) return {mistake_kind::target_not_in_schema, i, 0, field};
        for (std::size_t other = 0; other < entities[i].dependency_count; ++other, ++slot)
            if (targets[slot] < 0) return {mistake_kind::dependency_not_in_schema, i, 0, other};
    }
    return {};
}

}  // namespace syncline
