/// The world over a store, a backend and a conversation of which one may be wrong.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <mutants/support/mutant_backend.hpp>
#include <mutants/support/mutant_store.hpp>
#include <properties/support/worlds.hpp>
#include <syncline/testing/world.hpp>

namespace syncline::tests {

namespace {

void send_local_ids_as_server_ids(const schema_view&, wire::http_request& request) {
    constexpr std::string_view opening = R"({"localId":)";
    // An operation begins with its sequence, so that only keys open like this.
    for (std::size_t at = request.body.find(opening); at != std::string::npos; at = request.body.find(opening, at)) {
        request.body.erase(request.body.find('}', at), 1);
        request.body.erase(at, opening.size());
    }
}

void take_results_by_position(const schema_view& schema, const wire::http_request& request, wire::http_response& response) {
    wire::push_request push;
    wire::push_answer answer;
    if (request.method != "POST" || wire::read_push(request.body, schema, limits{}, push)) return;
    if (push.operations.size() < 2 || response.status != 200 || wire::read_push_answer(response.body, schema, limits{}, answer)) return;
    response.body.clear();
    wire::push_answer_writer writer(response.body, schema);
    for (std::size_t i = 1; i < answer.results.size(); ++i) {
        wire::operation_result moved = answer.results[i];
        moved.seq = push.operations[i - 1].op.seq;
        moved.local = push.operations[i - 1].op.id;
        moved.digest = push.operations[i - 1].digest.value_or(0);
        writer.add(moved);
    }
    writer.finish(answer.version);
}

/// Keeps the newest page of owner A with texts in it, and answers everybody else with it.
class careless_cache {
public:
    void operator()(const schema_view&, const wire::http_request& request, wire::http_response& response) {
        if (request.method != "GET" || response.status != 200) return;
        if (request.token != "token-A") response.body = page_.empty() ? response.body : page_;
        else if (response.body.find("A!") != std::string::npos) page_ = response.body;
    }

private:
    std::string page_;
};

testing::world_result run_with(mutation what, std::uint64_t seed, const swarm_change& change) {
    testing::world_parts<mutant_store, mutant_backend> parts;
    parts.schemas = world_schemas();
    parts.make_store = [what](const schema_view& schema, const std::string& owner) { return std::make_unique<mutant_store>(schema, owner, what); };
    parts.make_backend = [what](const schema_view& schema, random_source random) { return std::make_unique<mutant_backend>(schema, random, what); };
    parts.on_restart = [](mutant_store& store) { store.restart(); };
    if (what == mutation::local_ids_as_server_ids) parts.on_request = send_local_ids_as_server_ids;
    if (what == mutation::results_by_position) parts.on_answer = take_results_by_position;
    if (what == mutation::answers_cached_across_owners) parts.on_answer = careless_cache();
    parts.adjust = [&change](testing::swarm& world) {
        if (change) change(world);
        // Some mutants edit what passes as text.
        world.form = wire::encoding::json;
    };
    testing::script plan;
    plan.seed = seed;
    plan.events = 200;
    return testing::run_world(parts, plan);
}

/// The worlds in which a mistake shows soon.
swarm_change worlds_for(mutation what) {
    if (what == mutation::few_rows_counted) return bound_removals;
    if (what != mutation::parked_forgotten_at_restart) return {};
    return [](testing::swarm& world) {
        world.bounds.page_rows = 1;
        world.crashes = 100;
    };
}

}  // namespace

testing::world_result run_mutant(mutation what, std::uint64_t seed) { return run_with(what, seed, worlds_for(what)); }
testing::world_result run_sound(mutation what, std::uint64_t seed) { return run_with(mutation::none, seed, worlds_for(what)); }

}  // namespace syncline::tests
