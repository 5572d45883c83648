/// How a REST backend names and frames what syncline syncs with it: routes, fields, ids, moments, feed or listings.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <syncline/schema/schema.hpp>
#include <syncline/transports/rest_capabilities.hpp>
#include <syncline/wire/rest_rows.hpp>

namespace syncline {

using wire::id_form;
using wire::moment_form;

/// Where the rows of one entity live.
struct rest_entity {
    std::string route = {};    ///< POST to it creates; with /ID behind it PUT updates and DELETE removes. Default: /api/ROUTE
    std::string listing = {};  ///< GET lists the entity's rows; empty: the route
    std::string feed = {};     ///< its name in a feed. Default: the table's name
    std::map<std::string, std::string> fields = {};  ///< names in bodies by names in the schema; those not listed are the same
    /// Members of the schema, or "localId" ("$localId" beside a field of that name), by which GET of the listing with ?NAME=VALUE finds a row that a lost answer may have left
    /// behind. Empty: a create is sent again as it is, which a backend that knows local ids has to take for the same row.
    std::vector<std::string> lookup = {};
};

/// One route that brings the changes of all entities.
struct rest_feed {
    std::string path = "/api/sync";
    std::string since = "since";      ///< parameter: the cursor
    std::string limit = "limit";      ///< parameter: rows of an answer at most; empty: there is none
    std::string changes = "changes";  ///< member that holds the rows; empty: the body does
    std::string kind = {};            ///< empty: lists by entity. Else one list, in whose rows this member names the entity
    std::string cursor = "lastSync";  ///< member that is the next cursor, handed back as it is; empty: `since` takes moments
    std::string more = "more";        ///< member that tells whether there is more behind the cursor
};

/// A listing for each entity.
struct rest_listings {
    std::string since = {};     ///< parameter: only rows changed at or after this moment; empty: listings are whole
    std::string envelope = {};  ///< member that holds the rows; empty: the body does
    std::string page = {};      ///< parameter: number of the page, or of the first row where `counts_rows`; empty: one answer has all rows
    bool counts_rows = false;
    std::size_t first_page = 1;
    std::string size = {};        ///< parameter: rows of a page
    std::size_t page_rows = 500;  ///< rows of a page
};

/// What the body of an update holds.
enum class rest_update : std::uint8_t {
    changed_fields,
    whole_row  ///< for backends that set what is missing to null; edits of other devices in other fields can be lost then
};

/// Made by rest_mapping_of; the defaults are syncline's own endpoints.
class rest_mapping {
public:
    wire::rest_row_names rows;
    std::string request_envelope;        ///< member that holds the row in the body of a create or update; empty: the body does
    std::string answer_envelope;         ///< the same for answers with one row
    std::string update_method = "PUT";   ///< or PATCH
    rest_update updates = rest_update::changed_fields;
    /// Header that makes a repeat of a create or update the same request, as Idempotency-Key does; empty: the backend knows none.
    std::string idempotency_header;
    std::variant<rest_feed, rest_listings> pull;

    /// The entity with this table. Throws std::invalid_argument where there is none.
    [[nodiscard]] rest_entity& operator[](std::string_view table) {
        const int found = schema_.find_table(table);
        if (found < 0) throw std::invalid_argument("syncline: no table of the schema is called " + std::string(table));
        return entities_[static_cast<std::size_t>(found)];
    }
    [[nodiscard]] const rest_entity& operator[](int table) const { return entities_[static_cast<std::size_t>(table)]; }

    /// Names every field in bodies as the schema does, but in snake_case.
    void use_snake_case() {
        for (std::size_t i = 0; i < entities_.size(); ++i)
            for (const column_view& column : schema_[static_cast<int>(i)].columns)
                entities_[i].fields[std::string(column.name)] = snake_case(column.name);
    }

    /// The names of each table. Throws std::invalid_argument that says what is wrong with the mapping.
    [[nodiscard]] std::vector<wire::rest_table_names> check() const;

    [[nodiscard]] const schema_view& schema() const noexcept { return schema_; }

    /// startedAt becomes started_at.
    [[nodiscard]] static std::string snake_case(std::string_view name) {
        std::string snake;
        for (const char c : name) {
            if (c != lower_case(c) && !snake.empty()) snake.push_back('_');
            snake.push_back(lower_case(c));
        }
        return snake;
    }

private:
    template <any_schema Schema>
    friend rest_mapping rest_mapping_of();

    explicit rest_mapping(const schema_view& schema) : schema_(schema) {
        for (const table_view& table : schema.tables) {
            rest_entity entity;
            entity.route = "/api/" + std::string(table.route);
            entity.feed = table.name;
            entities_.push_back(std::move(entity));
        }
    }

    /// Where a field, the last column of `made`, is called in bodies as a member of syncline's own rows, and that member has not
    /// been given another name, it is called as syncline's own endpoints call it.
    void give_way(wire::rest_table_names& made, std::string_view field) const {
        const int member = find_row_member(field);
        if (member < 0 || !equal_ignoring_case(made.columns.back(), field)) return;
        wire::rest_row_names own = made.names_of_rows(rows);
        const std::array<std::string*, 5> names{&own.id, &own.local_id, &own.version, &own.updated_at, &own.deleted};
        const auto place = static_cast<std::size_t>(member);
        if (place >= names.size() || *names[place] != row_member::names[place]) return;
        *names[place] = row_member::names_beside_fields[place];
        made.rows = std::move(own);
    }

    schema_view schema_;
    std::vector<rest_entity> entities_;
};

/// The mapping to syncline's own endpoints, as a start. A schema that needs what no REST backend can give does not compile.
template <any_schema Schema>
[[nodiscard]] rest_mapping rest_mapping_of() {
    static_assert(check_schema<Schema>());
    static_assert(can_sync_over_rest(Schema::view()),
                  "syncline: a REST backend stores what it is sent and merges nothing, so that every field has to be last_write; change the field's "
                  "policy, or sync with syncline's own server");
    return rest_mapping(Schema::view());
}

namespace detail {

[[noreturn]] inline void refuse_mapping(const std::string& text) { throw std::invalid_argument("syncline: " + text); }

inline void require_path(const std::string& path, const std::string& what) {
    const bool clean = std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c <= '~' && c != '?' && c != '#'; });
    if (!path.starts_with('/') || (path.size() > 1 && path.ends_with('/')) || !clean)
        refuse_mapping(what + " is not a path such as /api/things: \"" + path + "\"");
}

}  // namespace detail

inline std::vector<wire::rest_table_names> rest_mapping::check() const {
    using detail::refuse_mapping;
    if (rows.id.empty()) refuse_mapping("a REST backend has to give its rows an id: `rows.id` is empty");
    if (update_method != "PUT" && update_method != "PATCH") refuse_mapping("an update is a PUT or a PATCH, not \"" + update_method + "\"");
    const auto* const feed = std::get_if<rest_feed>(&pull);
    const auto* const listings = std::get_if<rest_listings>(&pull);
    const bool by_moments = feed != nullptr ? feed->cursor.empty() : !listings->since.empty();
    if (by_moments && rows.updated_at.empty()) refuse_mapping("changes since a moment need `rows.updated_at`");
    if (feed != nullptr) {
        detail::require_path(feed->path, "the feed");
        if (feed->since.empty()) refuse_mapping("a feed needs the name of its parameter `since`");
        if (!feed->cursor.empty() && feed->changes.empty()) refuse_mapping("a feed with a cursor needs the name of the member that holds the changes");
    } else if (!listings->page.empty() && listings->page_rows == 0) {
        refuse_mapping("a page of a listing has at least one row");
    }
    constexpr std::size_t cursor_entities_max = 100;
    if (listings != nullptr && by_moments && entities_.size() > cursor_entities_max)
        refuse_mapping("more than 100 entities want one feed: a cursor has no room for as many moments");

    std::vector<wire::rest_table_names> names;
    std::set<std::string> routes, feeds;
    for (std::size_t i = 0; i < entities_.size(); ++i) {
        const table_view& table = schema_[static_cast<int>(i)];
        const rest_entity& entity = entities_[i];
        const std::string said(table.name);
        detail::require_path(entity.route, "the route of " + said);
        if (!entity.listing.empty()) detail::require_path(entity.listing, "the listing of " + said);
        if (!routes.insert(entity.route).second) refuse_mapping("two entities have the route " + entity.route);
        if (!feeds.insert(entity.feed).second) refuse_mapping("two entities have the name \"" + entity.feed + "\" in feeds");
        for (const auto& [field, name] : entity.fields)
            if (table.find_column(field) < 0) refuse_mapping(said + " has no field " + field);
        for (const std::string& field : entity.lookup)
            if (field == table.name_of(row_member::local) ? rows.local_id.empty() : table.find_column(field) < 0)
                refuse_mapping("rows of " + said + " cannot be looked up by " + field);
        wire::rest_table_names& made = names.emplace_back();
        made.feed = entity.feed;
        for (const column_view& column : table.columns) {
            const auto renamed = entity.fields.find(std::string(column.name));
            made.columns.push_back(renamed == entity.fields.end() ? std::string(column.name) : renamed->second);
            give_way(made, column.name);
        }
        const wire::rest_row_names& own = made.names_of_rows(rows);
        std::set<std::string> taken{own.id, own.local_id, own.version, own.updated_at, own.deleted};
        for (std::size_t at = 0; at < table.columns.size(); ++at) {
            const column_view& column = table.columns[at];
            const std::string& name = made.columns[at];
            if (name.empty()) refuse_mapping("the field " + std::string(column.name) + " of " + said + " has no name in bodies");
            if (!taken.insert(name).second) refuse_mapping(said + " has two members called " + name);
        }
    }
    return names;
}

}  // namespace syncline
