#include <server/support/world.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

#include <syncline/backends/memory.hpp>
#include <syncline/backends/sqlite.hpp>
#include <syncline/server/router.hpp>
#include <syncline/transports/in_process.hpp>

namespace server_tests {
namespace {

/// Counts writing transactions and can be told to fail.
template <class B>
class watched_backend {
public:
    template <class... Arguments>
    explicit watched_backend(Arguments&&... arguments) : backend_(std::forward<Arguments>(arguments)...) {}

    [[nodiscard]] const syncline::schema_view& schema() const { return backend_.schema(); }
    [[nodiscard]] const syncline::server_identity& identity() const { return backend_.identity(); }
    [[nodiscard]] auto begin_write(std::string_view owner) {
        fail_if_broken();
        ++writes;
        return backend_.begin_write(owner);
    }
    [[nodiscard]] auto begin_read(std::string_view owner) {
        fail_if_broken();
        return backend_.begin_read(owner);
    }

    std::atomic<int> writes = 0;
    std::atomic<bool> broken = false;

private:
    void fail_if_broken() const {
        if (broken) throw syncline::store_error("/secret/place/of/file: disk full");
    }

    B backend_;
};

struct token_table {
    std::optional<std::string> operator()(const std::string& token) const {
        constexpr std::string_view prefix = "token of ";
        if (!token.starts_with(prefix)) return std::nullopt;
        return token.substr(prefix.size());
    }
};

syncline::service_options options_with(const syncline::limits& bounds, std::uint64_t seed) {
    return {bounds, [now = std::make_shared<std::atomic<std::int64_t>>(1'700'000'000'000)] { return ++*now; }, syncline::random_source(seed)};
}

template <class B>
class server_on final : public running_server {
public:
    template <class... Arguments>
    explicit server_on(const syncline::limits& bounds, const syncline::router_options& options, std::uint64_t seed, Arguments&&... arguments)
        : backend_(std::forward<Arguments>(arguments)...), service_(backend_, options_with(bounds, seed)), router_(service_, token_table{}, options) {}

    std::variant<syncline::wire::push_answer, syncline::refusal> push(std::string_view owner, const syncline::wire::push_request& request) override {
        return service_.push(owner, request);
    }
    std::variant<syncline::wire::page, syncline::refusal> pull(std::string_view owner, const syncline::wire::pull_request& request) override {
        return service_.pull(owner, request);
    }
    syncline::wire::http_response handle(const syncline::wire::http_request& request) override { return router_.handle(request); }
    std::optional<syncline::wire::http_response> refuse_head(const syncline::wire::http_request& head) override { return router_.refuse_head(head); }
    void end_waits() override { router_.end_waits(); }
    [[nodiscard]] syncline::server_identity identity() const override { return backend_.identity(); }
    [[nodiscard]] int writes() const override { return backend_.writes; }
    void break_backend() override { backend_.broken = true; }

private:
    using watched = watched_backend<B>;
    watched backend_;
    syncline::service<watched> service_;
    syncline::router<syncline::service<watched>, token_table> router_;
};

void seed(world& one, std::string_view owner) {
    batch sent("seed");
    sent.create(exercises, "e1", {{"name", text("squat")}});
    sent.create(workouts, "w1", {{"title", text("legs")}});
    sent.create(exercise_sets, "s1", {{"workoutId", local("w1")}, {"exerciseId", local("e1")}});
    sent.create(folders, "f1", {{"name", text("root")}});
    sent.create(topics, "t1", {{"name", text("top")}});
    sent.create(notes, "n1", {{"workoutId", local("w1")}, {"text", text("private")}});
    one.push_as(owner, sent);
}

std::string show(const cell& value, const std::map<std::string, std::string>& locals) {
    switch (value.kind()) {
        case syncline::cell_kind::null: return "null";
        case syncline::cell_kind::boolean: return value.as_boolean() ? "true" : "false";
        case syncline::cell_kind::integer: return std::to_string(value.as_integer());
        case syncline::cell_kind::real: return std::to_string(value.as_real());
        case syncline::cell_kind::server_key: {
            const auto found = locals.find(std::string(value.view()));
            return found == locals.end() ? "UNKNOWN " + std::string(value.view()) : "->" + found->second;
        }
        default: return "'" + std::string(value.view()) + "'";
    }
}

}  // namespace

std::unique_ptr<running_server> running_server::start(backend_kind kind, const syncline::limits& bounds) { return start(kind, bounds, {}); }

std::unique_ptr<running_server> running_server::start(backend_kind kind, const syncline::limits& bounds, const syncline::router_options& options,
                                                      const std::string& file) {
    if (kind == backend_kind::memory)
        return std::make_unique<server_on<syncline::memory_backend>>(bounds, options, 7, schema::view(), syncline::random_source(1));
    syncline::sqlite_backend_options backend_options;
    // A file may be opened again, by a server that must draw other ids and nonces than the one before.
    static std::atomic<std::uint64_t> opened = 0;
    const std::uint64_t seed = file == ":memory:" ? 0 : ++opened;
    backend_options.random = syncline::random_source(1 + seed);
    return std::make_unique<server_on<syncline::sqlite_backend>>(bounds, options, 7 + seed, file, schema::view(), backend_options);
}

world::world(backend_kind kind, const syncline::limits& bounds) : world(running_server::start(kind, bounds)) {}

world::world(backend_kind kind, const syncline::limits& bounds, const syncline::router_options& options, const std::string& file)
    : world(running_server::start(kind, bounds, options, file)) {}

world::world(std::unique_ptr<running_server> running) : server(std::move(running)) {
    seed(*this, "bob");
    bobs_rows_ = rows("bob");
    syncline::wire::pull_request request;
    for (bool more = true; more; request.since = bobs_cursor_) {
        const auto page = std::get<syncline::wire::page>(server->pull("bob", request));
        bobs_cursor_ = page.cursor;
        more = page.more;
    }
}

world::~world() {
    if (std::uncaught_exceptions() != 0) return;
    CHECK(rows("bob") == bobs_rows_);
    syncline::wire::pull_request request;
    request.since = bobs_cursor_;
    const auto page = server->pull("bob", request);
    CHECK(std::get<syncline::wire::page>(page).rows.empty());
    CHECK(std::get<syncline::wire::page>(page).cursor == bobs_cursor_);
}

syncline::wire::push_answer world::push_as(std::string_view owner, const batch& sent) {
    auto outcome = server->push(owner, sent.request);
    if (const auto* refused = std::get_if<syncline::refusal>(&outcome)) FAIL("refused: " << to_string(refused->reason));
    auto answer = std::get<syncline::wire::push_answer>(std::move(outcome));
    REQUIRE(answer.results.size() == sent.request.operations.size());
    for (std::size_t i = 0; i < answer.results.size(); ++i) REQUIRE(answer.results[i].seq == sent.request.operations[i].op.seq);
    return answer;
}

syncline::wire::operation_result world::push_one(const batch& sent) {
    const auto answer = push(sent);
    REQUIRE(answer.results.size() == 1);
    syncline::wire::operation_result result = answer.results.front();
    // The views end with the answer.
    result.lost = {};
    if (result.row) result.row->cells = {};
    return result;
}

syncline::error world::refuse_push(const batch& sent) {
    auto outcome = server->push("alice", sent.request);
    REQUIRE(std::holds_alternative<syncline::refusal>(outcome));
    return std::get<syncline::refusal>(outcome).reason;
}

syncline::wire::page world::pull(std::string since, std::size_t limit, std::string device, syncline::sequence acknowledged) {
    syncline::wire::pull_request request;
    request.since = std::move(since);
    request.limit = limit;
    request.device = std::move(device);
    request.acknowledged = acknowledged;
    auto outcome = server->pull("alice", request);
    if (const auto* refused = std::get_if<syncline::refusal>(&outcome)) FAIL("refused: " << to_string(refused->reason));
    return std::get<syncline::wire::page>(std::move(outcome));
}

error_code world::refuse_pull(std::string since, std::string_view owner) {
    syncline::wire::pull_request request;
    request.since = std::move(since);
    const auto outcome = server->pull(owner, request);
    const auto* refused = std::get_if<syncline::refusal>(&outcome);
    return refused ? refused->reason.code : error_code::none;
}

std::string world::cursor() {
    syncline::wire::page page = pull();
    while (page.more) page = pull(page.cursor);
    return page.cursor;
}

listing world::rows(std::string_view owner) {
    std::map<std::string, std::string> locals;
    std::vector<syncline::wire::page> pages;
    syncline::wire::pull_request request;
    do {
        pages.push_back(std::get<syncline::wire::page>(server->pull(owner, request)));
        request.since = pages.back().cursor;
    } while (pages.back().more);
    for (const auto& page : pages)
        for (const auto& one : page.rows) locals[one.id.str()] = one.local.str();
    listing all;
    for (const auto& page : pages)
        for (const auto& one : page.rows) {
            std::string text;
            for (const cell& value : one.cells) text += (text.empty() ? "" : " ") + show(value, locals);
            all[std::string(schema::view()[one.table].name) + "/" + one.local.str()] = text;
        }
    return all;
}

std::string world::row(int table, std::string_view local) {
    const listing all = rows();
    const auto found = all.find(std::string(schema::view()[table].name) + "/" + std::string(local));
    return found == all.end() ? "" : found->second;
}

std::string world::id_of(int table, std::string_view local, std::string_view owner) {
    const auto page = std::get<syncline::wire::page>(server->pull(owner, {}));
    for (const auto& one : page.rows)
        if (one.table == table && one.local.view() == local) return one.id.str();
    return {};
}

syncline::row_version world::version_of(int table, std::string_view local) {
    const auto page = pull();
    for (const auto& one : page.rows)
        if (one.table == table && one.local.view() == local) return one.version;
    return {};
}

}  // namespace server_tests
