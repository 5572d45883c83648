/// Servers that refuse or fail at one row, and what a device sends then.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <integration/support/world.hpp>

namespace syncline::tests {

/// The server refuses an operation on this row for good, wherever it is in a batch.
template <class Device>
void refuse(Device& one, const std::string& row) {
    one.link.intercept = [row](const wire::http_request& request) -> std::optional<exchange_result> {
        if (!is_push(request) || request.body.find("\"localId\":\"" + row + "\"") == std::string::npos) return std::nullopt;
        if (request.body.find("\"op\":\"void\"") != std::string::npos) return std::nullopt;
        return wire::http_response{422, R"({"error":{"code":"rejected","message":"not on sundays"}})", {}};
    };
}

/// The server applies operations on this row, or does not, and then fails, though not at voids; attempts run out. What it has applied is known
/// then, and what it has not is set aside.
template <class World, class Device>
void spend_attempts(World& home, Device& one, const std::string& row, bool applied, bool pulls) {
    one.link.intercept = [&home, row, applied, pulls](const wire::http_request& request) -> std::optional<exchange_result> {
        if (!is_push(request) && !pulls) return wire::http_response{503, {}, {}};
        if (!is_push(request) || request.body.find("\"localId\":\"" + row + "\"") == std::string::npos) return std::nullopt;
        if (request.body.find("\"op\":\"void\"") != std::string::npos) return std::nullopt;
        if (applied) home.send(request.method, request.target, request.body);
        return wire::http_response{500, {}, {}};
    };
    for (int i = 0; i < 20 && !one->pending().empty(); ++i) {
        one.try_sync();
        home.now_ms += 3'600'000;
    }
    one.link.heal();
    REQUIRE(one->pending().empty());
    REQUIRE(one->quarantine().size() == (applied ? 0u : 1u));
    if (!applied) REQUIRE(one->quarantine().front().reason == error_code::attempts_spent);
}

inline std::size_t voids(const std::vector<wire::http_request>& requests) {
    std::size_t count = 0;
    for (const wire::http_request& request : requests) {
        if (!is_push(request)) continue;
        const nlohmann::json body = nlohmann::json::parse(request.body);
        for (const nlohmann::json& op : body.at("operations")) count += op.at("op") == "void" ? 1u : 0u;
    }
    return count;
}

}  // namespace syncline::tests
