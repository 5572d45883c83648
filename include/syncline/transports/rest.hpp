/// Syncs with a REST backend that knows nothing of syncline: a session's pushes and pulls become calls to its own routes.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <syncline/client/transport.hpp>
#include <syncline/transports/rest_pull.hpp>
#include <syncline/transports/rest_push.hpp>
#include <syncline/wire/read_push.hpp>

namespace syncline {

/// A transport over the routes of `mapping`. `store` is the one that the engine syncs; it and `client` must outlive the transport.
/// Creates are POSTs with the local id in the body; updates and removals name the row by the backend's id; foreign keys are the
/// backend's ids; removals go children first. What is promised less than with syncline's own server is in limitations().
template <store S, http_client C>
class rest_transport {
public:
    /// Throws std::invalid_argument that says what is wrong with the mapping or the options.
    rest_transport(S& store, C& client, rest_mapping mapping, rest_options options = {})
        : store_(store), backend_(store_, client, std::move(mapping), std::move(options)), push_(backend_), pull_(backend_, guard_) {}

    [[nodiscard]] exchange_result exchange(const wire::http_request& request) { return exchange(request, {}); }

    /// A request of `stop` ends the call that is out and sends no other; what the backend has answered by then counts.
    [[nodiscard]] exchange_result exchange(const wire::http_request& request, std::stop_token stop) {
        backend_.caller.stop_with(std::move(stop));
        const limits& bounds = backend_.options.bounds;
        const wire::encoding form = wire::accepted_encoding(request.accept);
        if (request.method == "POST" && request.target == "/api/sync/push") {
            const wire::encoding sent = wire::encoding_of(request.content_type).value_or(wire::encoding::json);
            if (const error problem = wire::read_push(request.body, backend_.store.schema(), bounds, received_, sent)) return rest_refusal(400, problem);
            if (is_foreign(received_.owner)) return refuse_foreign();
            exchange_result result = push_.run(received_, form);
            pull_.add_removed(push_.take_removed());
            return result;
        }
        if (request.method != "GET" || !request.target.starts_with("/api/sync?"))
            return rest_refusal(404, {error_code::not_found, "a REST transport carries the requests of a sync session only", {}, {}, {}});
        wire::pull_request ask;
        if (const error problem = wire::read_pull_target(request.target, bounds, ask)) return rest_refusal(400, problem);
        if (is_foreign(ask.owner)) return refuse_foreign();
        // A session names its device. What names none asks for the owner, and must not disturb a pull.
        if (ask.device.empty()) return name_owner(form);
        if (push_.is_in_doubt()) return exchange_failure{exchange_failure_kind::unreachable, "whether a row was created has to be known first"};
        return pull_.page(ask, form);
    }

    /// Tables of which a listing lacks so many rows that they stay until allow_removals(). Safe to call from any thread.
    [[nodiscard]] std::vector<rest_absence> awaiting_consent() const { return guard_.awaiting(); }

    /// Lets the next sync remove what awaiting_consent() shows.
    void allow_removals() { guard_.allow(); }

    [[nodiscard]] rest_capabilities capabilities() const {
        const rest_mapping& mapping = backend_.mapping;
        const auto* const listings = std::get_if<rest_listings>(&mapping.pull);
        rest_capabilities able;
        able.local_ids_are_shared = !mapping.rows.local_id.empty();
        able.repeated_creates_are_safe = able.local_ids_are_shared || !mapping.idempotency_header.empty();
        if (!able.repeated_creates_are_safe) {
            able.repeated_creates_are_safe = true;
            for (int table = 0; table < mapping.schema().size(); ++table)
                if (mapping[table].lookup.empty()) able.repeated_creates_are_safe = false;
        }
        able.guards_removals = listings != nullptr && listings->since.empty();
        able.sees_removals = able.guards_removals || !mapping.rows.deleted.empty();
        able.keeps_other_fields = mapping.updates == rest_update::changed_fields;
        return able;
    }

    /// What this backend cannot give, one sentence each.
    [[nodiscard]] std::vector<std::string> limitations() const { return capabilities().limitations(); }

private:
    [[nodiscard]] bool is_foreign(const std::string& owner) const { return backend_.options.owner && !owner.empty() && owner != backend_.owner(); }
    [[nodiscard]] static exchange_result refuse_foreign() {
        return rest_refusal(409, {error_code::wrong_owner, "the store belongs to another owner", {}, {}, {}});
    }

    /// An empty page that names the owner, if the backend takes the token.
    [[nodiscard]] exchange_result name_owner(wire::encoding form) {
        if (std::optional<exchange_result> stop = backend_.control()) return *std::move(stop);
        wire::http_response answer;
        answer.status = 200;
        answer.content_type = wire::media_type(form);
        wire::page_writer(answer.body, backend_.store.schema(), form).finish(rest_cursor{}.text(), false, false, {}, backend_.owner());
        return answer;
    }

    store_adapter<S> store_;
    rest_backend<C> backend_;
    rest_guard guard_;
    rest_push<C> push_;
    rest_pull<C> pull_;
    wire::push_request received_;
};

}  // namespace syncline
