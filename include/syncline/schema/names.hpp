/// Names of tables, entities, routes and fields: what is valid or reserved, and what is derived when an application says nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace syncline {

/// Longest name of a table, entity, route or field; leaves room for a prefix within PostgreSQL's 63 characters.
inline constexpr std::size_t name_length_max = 48;

/// A name made at compile time; longer text is cut, the table it was made from is refused anyway.
struct derived_name {
    std::array<char, name_length_max> characters{};
    std::size_t length = 0;

    [[nodiscard]] constexpr std::string_view view() const noexcept { return {characters.data(), length}; }
    constexpr void append(char character) noexcept {
        if (length < characters.size()) characters[length++] = character;
    }
};

[[nodiscard]] constexpr char lower_case(char character) noexcept {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character;
}

[[nodiscard]] constexpr bool is_lower_case(char character) noexcept { return character >= 'a' && character <= 'z'; }
[[nodiscard]] constexpr bool is_digit(char character) noexcept { return character >= '0' && character <= '9'; }

/// As SQL compares the names of columns.
[[nodiscard]] constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower_case(a[i]) != lower_case(b[i])) return false;
    return true;
}

/// [A-Za-z_][A-Za-z0-9_]*, at most name_length_max characters.
[[nodiscard]] constexpr bool is_identifier(std::string_view name) noexcept {
    if (name.empty() || name.size() > name_length_max || is_digit(name.front())) return false;
    for (const char character : name)
        if (!is_lower_case(lower_case(character)) && !is_digit(character) && character != '_') return false;
    return true;
}

/// An identifier without capitals that SQLite and syncline do not keep for themselves.
[[nodiscard]] constexpr bool is_table_name(std::string_view name) noexcept {
    for (const char character : name)
        if (character != lower_case(character)) return false;
    return is_identifier(name) && !name.starts_with("sqlite_") && !name.starts_with("syncline_");
}

/// [a-z0-9_-]+, at most name_length_max characters, and not `sync`, which is the library's own path.
[[nodiscard]] constexpr bool is_route(std::string_view name) noexcept {
    if (name.empty() || name.size() > name_length_max || name == "sync") return false;
    for (const char character : name)
        if (!is_lower_case(character) && !is_digit(character) && character != '_' && character != '-') return false;
    return true;
}

/// Names of columns that every row has, or that SQLite or PostgreSQL give to every table.
[[nodiscard]] constexpr bool is_reserved_field(std::string_view name) noexcept {
    constexpr std::string_view prefix = "syncline_";
    if (name.size() >= prefix.size() && equal_ignoring_case(name.substr(0, prefix.size()), prefix)) return true;
    constexpr std::array<std::string_view, 18> reserved{"id",          "localId",     "version",    "updatedAt", "isDeleted", "incarnation",
                                                        "baseVersion", "lastWriter",  "lastSeq",    "rowid",     "oid",       "_rowid_",
                                                        "tableoid",    "ctid",        "xmin",       "xmax",      "cmin",      "cmax"};
    for (const std::string_view taken : reserved)
        if (equal_ignoring_case(name, taken)) return true;
    return false;
}

/// English singular of a table's name: "categories" is "category", "boxes" "box", "classes" "class", "exercises" "exercise",
/// "statuses" and "status" "status". It is a rule of thumb: tables such as "movies" or "caches" want an explicit `name`.
[[nodiscard]] constexpr derived_name singular_name(std::string_view table) noexcept {
    struct ending {
        std::string_view text;
        std::size_t dropped;
        char added;
    };
    constexpr std::array<ending, 16> endings{{{"series", 0, 0},
                                              {"species", 0, 0},
                                              {"ies", 3, 'y'},
                                              {"sses", 2, 0},
                                              {"shes", 2, 0},
                                              {"ches", 2, 0},
                                              {"xes", 2, 0},
                                              {"zzes", 2, 0},
                                              {"tuses", 2, 0},
                                              {"nuses", 2, 0},
                                              {"puses", 2, 0},
                                              {"ss", 0, 0},
                                              {"us", 0, 0},
                                              {"is", 0, 0},
                                              {"news", 0, 0},
                                              {"s", 1, 0}}};
    derived_name name;
    for (const ending& end : endings) {
        if (!table.ends_with(end.text) || table.size() <= end.dropped + 1) continue;
        for (const char character : table.substr(0, table.size() - end.dropped)) name.append(character);
        if (end.added != 0) name.append(end.added);
        return name;
    }
    for (const char character : table) name.append(character);
    return name;
}

/// The table's name with '-' for '_'.
[[nodiscard]] constexpr derived_name default_route(std::string_view table) noexcept {
    derived_name name;
    for (const char character : table) name.append(character == '_' ? '-' : character);
    return name;
}

/// Equal for names that SQL takes for the same: FNV-1a over the text in lower case.
[[nodiscard]] constexpr std::uint64_t folded_hash(std::string_view name) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char character : name) hash = (hash ^ static_cast<unsigned char>(lower_case(character))) * 0x100000001b3U;
    return hash;
}

}  // namespace syncline
