/// Checks of what travels in a URL: the query of a pull and the cursor in it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fuzz/bounds.hpp>
#include <syncline/server/cursor.hpp>
#include <syncline/wire/pull_target.hpp>

namespace syncline::fuzz {
namespace detail {

/// No parameter of ours is there twice, as far as names are written without escapes.
inline void promise_names_once(std::string_view target) {
    std::string_view query = target.substr(std::min(target.size(), target.find('?')));
    std::vector<std::string_view> names;
    while (!query.empty()) {
        query.remove_prefix(1);
        const std::string_view pair = query.substr(0, query.find('&'));
        const std::string_view name = pair.substr(0, pair.find('='));
        const auto& known = wire::detail::pull_names;
        if (std::find(known.begin(), known.end(), name) != known.end()) names.push_back(name);
        query.remove_prefix(pair.size());
    }
    std::sort(names.begin(), names.end());
    promise(std::adjacent_find(names.begin(), names.end()) == names.end(), "no parameter is there twice");
}

}  // namespace detail

inline void pull_target(std::string_view input) {
    static wire::pull_request first, second;
    if (const error problem = wire::read_pull_target(input, small_bounds, first)) return promise_refusal(problem);
    promise(input.size() <= small_bounds.body_bytes, "the size of a target is bounded");
    detail::promise_names_once(input);
    for (const std::string* const text : {&first.since, &first.device, &first.owner})
        promise(text->size() <= wire::tag_bytes_max && is_clean_utf8(*text), "tags are short and clean");
    promise(first.acknowledged >= 0, "the floor is a sequence");
    promise(first.protocol == wire::protocol_version, "the protocol is ours");
    promise(first.limit <= static_cast<std::uint64_t>(INT64_MAX), "the bound of rows is a number");
    const std::string again = wire::pull_target(first);
    promise(!wire::read_pull_target(again, rewriting_bounds, second), "what was read and written can be read");
    promise(wire::pull_target(second) == again, "what was read and written is written the same");
    promise(first.since == second.since && first.device == second.device && first.owner == second.owner &&
                first.acknowledged == second.acknowledged && first.schema == second.schema && first.limit == second.limit,
            "what was read and written reads as the same");
}

namespace detail {

inline const server_identity writer{"server", {7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}};
inline const server_identity another_server{"other", writer.secret};
inline const server_identity another_secret{writer.id, {7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8}};

/// The text of the cursor whose body is `input`, as somebody would forge it who knows the server's secret.
inline std::string forged_cursor(std::string_view input, std::string_view owner, bool sums_schema) {
    std::string checked = "1";
    for (const std::string_view part : {std::string_view(writer.id), owner, input}) checked.append(std::to_string(part.size())).append(1, ':').append(part);
    if (sums_schema) checked += std::to_string(tables.fingerprint);
    char sum[16];
    wire::write_hexadecimal(sum, siphash(writer.secret, checked));
    return "1" + std::string(sum, sizeof sum).append(input);
}

inline constexpr row_version newest(first_generation, 1'000);
inline const cursor_codec codec("anna", writer, tables);

/// Some place for each input: what a server writes must be what it reads.
inline cursor place_in(std::string_view input) {
    const std::size_t first = input.empty() ? 0 : static_cast<unsigned char>(input.front());
    cursor place{first % 2 == 0 ? cursor::kind::feed : cursor::kind::snapshot, row_version(first_generation, static_cast<std::int64_t>(first * 4 % 1'001)), -1, {}, static_cast<version_nonce>(first * 0x0101'0101u)};
    if (!local_id::is_valid(input)) return place;
    place.table = static_cast<int>(first) % tables.size();
    place.local = local_id::trusted(input);
    return place;
}

inline void check_cursor(std::string_view text) {
    const std::optional<cursor> place = codec.decode(text, newest);
    if (!place) return;
    promise(!place->version.is_none() && place->version <= newest, "a cursor has a version, which does not lie in the future");
    promise(place->table >= -1 && place->table < tables.size(), "a cursor names a table or none");
    promise(place->local.empty() == (place->table < 0), "a cursor names a row of a table or none");
    promise(place->local.empty() || local_id::is_valid(place->local.view()), "a cursor's row has a valid name");
    promise(codec.encode(*place) == text, "a cursor has one text");
    if (const std::int64_t number = place->version.number(); number > 0)
        promise(!codec.decode(text, row_version(place->version.generation(), number - 1)), "a cursor before its version is in the future");
    promise(!cursor_codec("bert", writer, tables).decode(text, newest), "a cursor has one owner");
    promise(!cursor_codec("anna", another_server, tables).decode(text, newest), "a cursor has one server");
    promise(!cursor_codec("anna", another_secret, tables).decode(text, newest), "a cursor has one secret");
}

}  // namespace detail

inline void cursor_text(std::string_view input) {
    const cursor place = detail::place_in(input);
    const std::string text = detail::codec.encode(place);
    promise(detail::codec.decode(text, detail::newest) == place, "a server reads the cursors it wrote");
    detail::check_cursor(text);
    detail::check_cursor(input);
    for (const bool sums_schema : {false, true}) detail::check_cursor(detail::forged_cursor(input, "anna", sums_schema));
}

}  // namespace syncline::fuzz
