/// What a simulated world is made of, which part of its script runs, and how it ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <syncline/client/store.hpp>
#include <syncline/server/backend.hpp>
#include <syncline/testing/schemas.hpp>
#include <syncline/testing/world_swarm.hpp>

namespace syncline::testing {

/// What a world is made of: how to make stores and the backend, and what else may be slipped in between.
template <store S, backend B>
struct world_parts {
    using store_type = S;
    using backend_type = B;

    std::span<const named_schema> schemas;
    std::function<std::unique_ptr<S>(const schema_view& schema, const std::string& owner)> make_store;
    std::function<std::unique_ptr<B>(const schema_view& schema, random_source random)> make_backend;
    /// Another store with the same content, and nothing in common. Empty: no store of this world is put back from a copy or doubled.
    std::function<std::unique_ptr<S>(S& store)> copy_store = {};
    /// Called with what the seed drew; may change it, for worlds of a kind. Empty: unchanged.
    std::function<void(swarm& drawn)> adjust = {};
    /// Called for every request on its way to the server, and for every answer on its way back; may change them. Empty: unchanged.
    std::function<void(const schema_view& schema, wire::http_request& request)> on_request = {};
    std::function<void(const schema_view& schema, const wire::http_request& request, wire::http_response& response)> on_answer = {};
    /// Called when a device's program starts again after a crash. Empty: nothing happens.
    std::function<void(S& store)> on_restart = {};
};

/// Which part of a seed's script runs.
struct script {
    std::uint64_t seed = 0;
    std::size_t events = 300;            ///< of the chaos
    std::vector<bool> skipped = {};      ///< by event; shorter means that the rest runs
    std::size_t lines_kept = 30;

    [[nodiscard]] bool runs(std::size_t event) const noexcept { return event >= skipped.size() || !skipped[event]; }
};

/// How a world ended.
struct world_result {
    bool failed = false;
    std::string invariant;   ///< "INV5", where a checker failed
    std::string message;     ///< what was broken
    std::string swarm_text;
    std::string story;       ///< the newest events
    std::uint64_t hash = 0;  ///< of all events
    std::size_t requests = 0;
    std::size_t drain_rounds = 0;

    [[nodiscard]] std::string text(const script& ran) const {
        return "seed " + std::to_string(ran.seed) + " breaks " + message + "\n" + swarm_text + "\n" + story;
    }
};

}  // namespace syncline::testing
