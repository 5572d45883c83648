/// A server with two owners: `alice`, whom a test works for, and `bob`, who has rows of the same names that nobody may touch.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <server/support/batch.hpp>
#include <support/catch.hpp>
#include <syncline/base/limits.hpp>
#include <syncline/server/pull.hpp>
#include <syncline/server/refusal.hpp>

namespace syncline {
struct router_options;
}

namespace server_tests {

using syncline::error_code;
using syncline::wire::verdict;

enum class backend_kind { memory, sqlite };

/// A service and a router over one backend, whatever its type.
class running_server {
public:
    static std::unique_ptr<running_server> start(backend_kind kind, const syncline::limits& bounds);
    /// `file` is SQLite's; servers on the same file share their rows.
    static std::unique_ptr<running_server> start(backend_kind kind, const syncline::limits& bounds, const syncline::router_options& options,
                                                 const std::string& file = ":memory:");
    virtual ~running_server() = default;

    virtual std::variant<syncline::wire::push_answer, syncline::refusal> push(std::string_view owner, const syncline::wire::push_request&) = 0;
    virtual std::variant<syncline::wire::page, syncline::refusal> pull(std::string_view owner, const syncline::wire::pull_request&) = 0;
    /// The token "token of X" stands for owner X.
    virtual syncline::wire::http_response handle(const syncline::wire::http_request&) = 0;
    virtual std::optional<syncline::wire::http_response> refuse_head(const syncline::wire::http_request&) = 0;
    virtual void end_waits() = 0;
    [[nodiscard]] virtual syncline::server_identity identity() const = 0;
    /// Writing transactions so far.
    [[nodiscard]] virtual int writes() const = 0;
    /// The backend throws store_error from now on.
    virtual void break_backend() = 0;
};

/// Rows as text, by "table/local id": everything the owner's rows say, keys as local ids.
using listing = std::map<std::string, std::string>;

class world {
public:
    explicit world(backend_kind kind, const syncline::limits& bounds = {});
    world(backend_kind kind, const syncline::limits& bounds, const syncline::router_options& options, const std::string& file = ":memory:");
    world() : world(backend_kind::memory) {}
    ~world();
    world(const world&) = delete;
    world& operator=(const world&) = delete;

    /// Alice's push; fails the test when it is refused.
    syncline::wire::push_answer push(const batch& sent) { return push_as("alice", sent); }
    syncline::wire::push_answer push_as(std::string_view owner, const batch& sent);
    /// The only verdict of a push of one operation.
    syncline::wire::operation_result push_one(const batch& sent);
    /// The reason for which Alice's push is refused; fails the test when it is not.
    syncline::error refuse_push(const batch& sent);

    /// Alice's page; fails the test when it is refused.
    syncline::wire::page pull(std::string since = {}, std::size_t limit = 0, std::string device = {}, syncline::sequence acknowledged = 0);
    error_code refuse_pull(std::string since, std::string_view owner = "alice");
    /// Alice's cursor when she has everything.
    std::string cursor();

    /// The live rows.
    listing rows(std::string_view owner = "alice");
    /// One live row of Alice as rows() shows it; empty where there is none.
    std::string row(int table, std::string_view local);
    /// Server id of a live row.
    std::string id_of(int table, std::string_view local, std::string_view owner = "alice");
    syncline::row_version version_of(int table, std::string_view local);

    std::unique_ptr<running_server> server;

private:
    explicit world(std::unique_ptr<running_server> running);

    listing bobs_rows_;
    std::string bobs_cursor_;
};

/// Runs the rest of the test case once for each backend.
#define SERVER_TESTS_WORLD(name) \
    const auto backend = GENERATE(::server_tests::backend_kind::memory, ::server_tests::backend_kind::sqlite); \
    INFO("backend " << (backend == ::server_tests::backend_kind::memory ? "memory" : "sqlite")); \
    ::server_tests::world name(backend)

}  // namespace server_tests
