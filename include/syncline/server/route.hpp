/// Pure step: which endpoint a path names, and the methods that it has.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <syncline/base/ids.hpp>
#include <syncline/schema/schema_view.hpp>
#include <syncline/server/metrics.hpp>
#include <syncline/wire/pull_target.hpp>

namespace syncline {

struct route {
    endpoint where = endpoint::unknown;
    std::string_view methods = {};  ///< as the header Allow lists them
    int table = -1;                 ///< of a row
    std::optional<server_id> id = {};  ///< of one row; none for the rows of a table

    [[nodiscard]] bool allows(std::string_view method) const noexcept {
        if (method.empty() || method.find(',') != std::string_view::npos) return false;
        const std::size_t at = methods.find(method);
        const std::size_t end = at + method.size();
        return at != std::string_view::npos && (at == 0 || methods[at - 1] == ' ') && (end == methods.size() || methods[end] == ',');
    }
};

namespace detail {

[[nodiscard]] inline route row_route(std::string_view path, const schema_view& schema) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    for (int table = 0; table < schema.size(); ++table) {
        if (schema[table].route != path.substr(0, slash)) continue;
        if (slash == path.size()) return {endpoint::row, "POST", table, std::nullopt};
        std::string encoded, id;
        // A plus is a space in a query alone.
        for (const char c : path.substr(slash + 1)) encoded += c == '+' ? "%2B" : std::string_view(&c, 1);
        if (!wire::detail::percent_decode(encoded, id) || !server_id::is_valid(id)) return {};
        return {endpoint::row, "GET, PUT, DELETE", table, server_id::trusted(id)};
    }
    return {};
}

}  // namespace detail

/// The route of a target, whatever its query.
[[nodiscard]] inline route find_route(std::string_view target, const schema_view& schema) {
    constexpr std::string_view api = "/api/";
    const std::string_view path = target.substr(0, target.find('?'));
    if (path == "/api/sync/push") return {endpoint::push, "POST"};
    if (path == "/api/sync") return {endpoint::pull, "GET"};
    if (path == "/api/sync/wait") return {endpoint::wait, "GET"};
    if (path == "/api/openapi.json") return {endpoint::description, "GET"};
    if (path == "/healthz") return {endpoint::health, "GET, HEAD"};
    if (path == "/metrics") return {endpoint::metrics, "GET"};
    return path.starts_with(api) ? detail::row_route(path.substr(api.size()), schema) : route{};
}

}  // namespace syncline
