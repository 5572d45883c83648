/// What `worlds.hpp` promises, for one kind of store and backend; included by one source for each kind.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <properties/support/worlds.hpp>
#include <syncline/testing/world_shrink.hpp>

namespace syncline::tests {

/// `Kind` has store_type and backend_type and makes both.
template <class Kind>
struct world_on {
    using store_type = typename Kind::store_type;
    using backend_type = typename Kind::backend_type;
    using parts_type = testing::world_parts<store_type, backend_type>;

    static parts_type parts(const swarm_change& change) {
        parts_type made;
        made.schemas = world_schemas();
        made.make_store = Kind::make_store;
        made.make_backend = Kind::make_backend;
        made.adjust = change;
        if constexpr (requires { Kind::copy_store; }) made.copy_store = Kind::copy_store;
        return made;
    }

    static testing::world_result run(const testing::script& plan, const swarm_change& change) { return testing::run_world(parts(change), plan); }

    static testing::script shortened(const testing::script& failing, const testing::world_result& failure, const swarm_change& change,
                                     std::size_t runs_max) {
        return testing::shrink_script(parts(change), failing, failure, runs_max);
    }

    static lone_sync sync_alone(std::uint64_t seed, std::size_t edits, std::size_t batch_operations) {
        std::vector<const schema_view*> schemas;
        for (const testing::named_schema& one : world_schemas())
            if (one.name != "nullable cycle") schemas.push_back(&one.view);
        random_source random(seed);
        const schema_view& schema = *schemas[random.below(schemas.size())];
        testing::swarm world;
        world.bounds.batch_operations = batch_operations;
        world.removals = random.below(30);
        const auto rows = Kind::make_store(schema, "A");
        const testing::owner_past no_past;
        for (std::size_t edit = 0; edit < edits; ++edit)
            testing::application_act<store_type>(*rows, world, random, (edit + 1) * 256, "A!", no_past).run();

        lone_sync went;
        went.entries = count_entries(*rows);
        const auto database = Kind::make_backend(schema, random_source(seed + 1));
        const auto clock = [] { return std::int64_t{1'700'000'000'000}; };
        service<backend_type> server(*database, {limits{}, clock, random_source(seed + 2)});
        router routes(server, [](const std::string& token) { return std::optional(token); });
        session sync(*rows, {world.bounds, clock, 0, "A1"}, random_source(seed + 3));
        for (auto next = sync.next(); auto* const request = std::get_if<wire::http_request>(&next); next = sync.next()) {
            if (request->method == "POST") ++went.pushes;
            request->token = "A";
            sync.answer(routes.handle(*request));
        }
        went.waiting = count_entries(*rows);
        return went;
    }

private:
    static std::size_t count_entries(store_type& rows) {
        auto reading = rows.begin_read();
        const std::size_t count = rows.count_entries();
        reading.commit();
        return count;
    }
};

}  // namespace syncline::tests
