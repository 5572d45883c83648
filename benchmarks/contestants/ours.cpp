/// syncline itself, through nothing but its public interface.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <syncline/stores/sqlite.hpp>
#include <syncline/syncline.hpp>
#include <syncline/testing/served.hpp>

#include "../http/link.hpp"
#include "../shared/works.hpp"
#include "ours_schema.hpp"

namespace benchmarks::ours {
namespace {

struct token_check {
    std::optional<std::string> operator()(const std::string&) const { return "owner"; }
};

template <class Options>
[[nodiscard]] Options seeded(syncline::random_source random) {
    Options chosen;
    chosen.random = random;
    return chosen;
}

using server_service = syncline::service<syncline::memory_backend>;
using server_router = syncline::router<server_service, token_check>;

/// Counts the bytes that pass, in process or over loopback HTTP.
class counted_link {
public:
    counted_link(server_router& routes, traffic& moved, const syncline::testing::served<server_router>* server)
        : link_(routes, "token"), over_http_(server == nullptr ? nullptr : std::make_unique<http::link>(server->url(), "token")), moved_(moved) {}

    [[nodiscard]] syncline::exchange_result exchange(const syncline::wire::http_request& request) {
        moved_.to_server += request.target.size() + request.body.size();
        syncline::exchange_result result = over_http_ ? over_http_->exchange(request) : link_.exchange(request);
        if (const auto* const response = std::get_if<syncline::wire::http_response>(&result))
            moved_.from_server += response->body.size();
        return result;
    }

private:
    syncline::in_process_transport<server_router> link_;
    std::unique_ptr<http::link> over_http_;
    traffic& moved_;
};

/// The server. Random numbers are seeded, so that a seed repeats a round exactly but for the clock.
class world {
public:
    world(std::uint64_t seed, syncline::wire::encoding form, bool over_http)
        : seed_(seed),
          form_(form),
          database_(schema::view(), syncline::random_source(seed + 1)),
          service_(database_, seeded<syncline::service_options>(syncline::random_source(seed + 2))),
          routes_(service_, token_check()),
          served_(over_http ? std::make_unique<syncline::testing::served<server_router>>(routes_) : nullptr) {}

    [[nodiscard]] counted_link link() { return {routes_, moved_, served_.get()}; }
    [[nodiscard]] const traffic& moved() const noexcept { return moved_; }
    [[nodiscard]] syncline::wire::encoding form() const noexcept { return form_; }
    [[nodiscard]] syncline::random_source next_random() noexcept { return syncline::random_source(seed_ + 1'000 * ++devices_); }

    /// What a device that never synced before gets to see.
    [[nodiscard]] dataset rows();

private:
    std::uint64_t seed_;
    syncline::wire::encoding form_;
    std::uint64_t devices_ = 0;
    syncline::memory_backend database_;
    server_service service_;
    server_router routes_;
    std::unique_ptr<syncline::testing::served<server_router>> served_;
    traffic moved_;
};

[[nodiscard]] syncline::memory_store make_store(const syncline::memory_store*, const device_place&) {
    return syncline::memory_store(schema::view(), {.owner = "owner"});
}
[[nodiscard]] syncline::sqlite_store make_store(const syncline::sqlite_store*, const device_place& place) {
    return syncline::sqlite_store(place.path, schema::view(), {.owner = "owner", .durability = syncline::sqlite_durability::normal});
}

template <class Store>
class device {
public:
    device(world& server, const device_place& place)
        : store_(make_store(static_cast<const Store*>(nullptr), place)),
          rows_(store_, seeded<syncline::repository_options>(server.next_random())),
          link_(server.link()),
          engine_(store_, link_, options(server)) {}

    template <class Write>
    void transaction(Write&& write) {
        rows_.transaction(std::forward<Write>(write));
    }
    template <class Row>
    void create(const Row& row) {
        rows_.create(entity_of(row));
    }
    template <class Row>
    void edit(const Row& row, edit_kind kind, std::size_t) {
        const auto edited = entity_of(row);
        const bool found = rows_.update(edited.id, [&](auto& entity) {
            if (kind == edit_kind::notes)
                entity.notes = row.notes;
            else
                number_of(entity) = number_of(row);
        });
        if (!found) throw failure("a row to edit is missing: " + shown(row.id));
    }
    void sync() {
        const syncline::sync_report report = engine_.sync();
        if (report.outcome != syncline::sync_outcome::complete)
            throw failure("a sync ended " + std::string(name_of(report.outcome)) + ": " + report.problem.message);
    }
    [[nodiscard]] std::size_t pending() { return rows_.pending().size() + rows_.quarantine().size(); }
    [[nodiscard]] dataset rows() {
        dataset data;
        read<exercise>(data);
        read<workout>(data);
        read<workout_exercise>(data);
        read<workout_set>(data);
        return data;
    }

private:
    [[nodiscard]] static syncline::engine_options options(world& server) {
        auto chosen = seeded<syncline::engine_options>(server.next_random());
        chosen.form = server.form();
        return chosen;
    }

    template <class Entity>
    void read(dataset& data) {
        using row = decltype(row_of(Entity()));
        for (const Entity& entity : rows_.template all<Entity>()) rows_of<row>(data).push_back(row_of(entity));
    }

    Store store_;
    syncline::repository<schema, Store> rows_;
    counted_link link_;
    syncline::engine<Store, counted_link> engine_;
};

using memory_device = device<syncline::memory_store>;
using sqlite_device = device<syncline::sqlite_store>;

dataset world::rows() {
    memory_device newcomer(*this, {});
    newcomer.sync();
    return newcomer.rows();
}

}  // namespace
}  // namespace benchmarks::ours

int main(int count, char** arguments) {
    using namespace benchmarks;
    const program_description program{
        "ours",
        "syncline: repository, engine, store, in-process transport, router, service and memory backend.",
        {{"--as-json", "messages are JSON instead of syncline's binary default"},
         {"--over-http", "every exchange is an HTTP request to a server thread of this process, over loopback"}}};
    const settings chosen = read_settings(count, arguments, program);
    return report_round(program, chosen, [&] {
        const auto form = chosen.has("--as-json") ? syncline::wire::encoding::json : syncline::engine_options().form;
        ours::world server(chosen.seed, form, chosen.has("--over-http"));
        if (chosen.store == store_kind::memory)
            return round_of_work<ours::memory_device, ours::memory_device, ours::world>(server, chosen).run();
        return round_of_work<ours::sqlite_device, ours::memory_device, ours::world>(server, chosen).run();
    });
}
