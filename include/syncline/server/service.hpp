/// The server's half of a sync over any backend: push and pull of one owner, each one transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <syncline/base/clock.hpp>
#include <syncline/base/limits.hpp>
#include <syncline/base/random.hpp>
#include <syncline/base/thread_safe.hpp>
#include <syncline/server/backend.hpp>
#include <syncline/server/cursor.hpp>
#include <syncline/server/id_source.hpp>
#include <syncline/server/pull.hpp>
#include <syncline/server/push.hpp>
#include <syncline/server/refusal.hpp>
#include <syncline/server/row_change.hpp>

namespace syncline {

struct service_options {
    limits bounds;
    clock_source clock = system_clock_source();  ///< for `updatedAt` and the time in server ids
    random_source random = seeded_by_system();   ///< for server ids
};

/// Answers requests of authenticated owners. As thread_safe as the backend, which must outlive it.
/// Every call throws store_error where the backend cannot do its work; then nothing has changed.
template <backend B>
class service {
public:
    static constexpr bool is_thread_safe = thread_safe<B>;

    explicit service(B& database, service_options options = {})
        : database_(database), options_(std::move(options)), random_(options_.random) {}

    [[nodiscard]] const schema_view& schema() const { return database_.schema(); }
    [[nodiscard]] const limits& bounds() const noexcept { return options_.bounds; }

    /// Applies a batch. Either the whole request is refused and nothing has changed, or every operation has its own verdict.
    [[nodiscard]] std::variant<wire::push_answer, refusal> push(std::string_view owner, const wire::push_request& request) {
        if (error problem = check_sender(request, owner, schema())) return refusal{std::move(problem)};
        if (error problem = check_batch(request, schema(), options_.bounds)) return refusal{std::move(problem)};
        auto tx = database_.begin_write(owner);
        const server_identity& identity = database_.identity();
        const cursor_codec cursors(owner, identity, schema());
        if (!request.cursor.empty() && !find_place(tx, cursors, request.cursor)) return cannot_continue();
        const std::int64_t now_ms = options_.clock();
        push_handler handler(tx, request, schema(), options_.bounds, now_ms, server_id_source(now_ms, random_.branch()));
        if (std::optional<refusal> refused = handler.run()) return *std::move(refused);
        wire::push_answer answer = std::move(handler).answer();
        if (request.owner.empty()) answer.owner = owner;
        return answer;
    }

    /// Writes the next page behind the request's cursor to `sink`; after a refusal it has no rows. Reads only, unless the request
    /// acknowledges verdicts that are still stored.
    template <page_sink Sink>
    [[nodiscard]] std::variant<page_end, refusal> pull(std::string_view owner, const wire::pull_request& request, Sink& sink) {
        if (error problem = check_sender(request, owner, schema())) return refusal{std::move(problem)};
        std::optional<page_end> end;
        bool forgets = false;
        {
            auto tx = database_.begin_read(owner);
            const server_identity& identity = database_.identity();
            const cursor_codec cursors(owner, identity, schema());
            pull_handler handler(tx, request, options_.bounds, cursors);
            end = handler.run(sink);
            forgets = handler.has_verdicts_to_forget();
        }
        if (!end) return cannot_continue();
        if (forgets) forget_verdicts(owner, request);
        if (request.owner.empty()) end->owner = owner;
        return *std::move(end);
    }

    /// The same page as a plain value.
    [[nodiscard]] std::variant<wire::page, refusal> pull(std::string_view owner, const wire::pull_request& request) {
        page_collector rows;
        auto end = pull(owner, request, rows);
        if (refusal* const refused = std::get_if<refusal>(&end)) return std::move(*refused);
        return std::move(rows).finish(std::get<page_end>(std::move(end)));
    }

    /// Changes one row, in a transaction of its own; an error where nothing has changed.
    [[nodiscard]] std::variant<row_outcome, error> change_row(std::string_view owner, row_change change) {
        const std::int64_t now_ms = options_.clock();
        std::variant<row_outcome, error> outcome;
        {
            auto tx = database_.begin_write(owner);
            row_change_handler handler(tx, change, schema(), options_.bounds, now_ms, server_id_source(now_ms, random_.branch()));
            outcome = handler.run();
        }
        const error* const refused = std::get_if<error>(&outcome);
        // What has no name yet names no row either, so nothing could be applied later.
        if (refused == nullptr || change.key.empty() || change.body.operations.front().op.id.empty()) return outcome;
        auto tx = database_.begin_write(owner);
        remember_refusal(tx, change, schema()[change.table], *refused);
        return outcome;
    }

    /// Hands the live row to `visit`, as a wire::server_row_view that lives as long as the call. False where there is none.
    template <class Visit>
    bool read_row(std::string_view owner, int table, const server_id& id, Visit visit) {
        auto tx = database_.begin_read(owner);
        server_row row;
        if (!tx.find_by_id(table, id, row) || row.removed) return false;
        visit(view_of(table, row));
        return true;
    }

    /// The owner's newest version; its number is 0 before the first write.
    [[nodiscard]] row_version newest_version(std::string_view owner) { return database_.begin_read(owner).version(); }

    /// The version up to which a device with this cursor has everything; nothing where it has to pull anyway.
    [[nodiscard]] std::optional<row_version> version_at(std::string_view owner, std::string_view since) {
        auto tx = database_.begin_read(owner);
        const server_identity& identity = database_.identity();
        const std::optional<cursor> place = find_place(tx, cursor_codec(owner, identity, schema()), since);
        if (!place || place->of == cursor::kind::snapshot || place->table >= 0) return std::nullopt;
        return place->version;
    }

private:
    [[nodiscard]] static refusal cannot_continue() { return {{error_code::reset, "the cursor cannot be continued", {}, {}, {}}}; }

    void forget_verdicts(std::string_view owner, const wire::pull_request& request) {
        auto tx = database_.begin_write(owner);
        tx.save_device(request.device, request.acknowledged, forgotten_up_to(request.acknowledged, options_.bounds), {});
        tx.commit();
    }

    B& database_;
    service_options options_;
    shared_random random_;
};

}  // namespace syncline
