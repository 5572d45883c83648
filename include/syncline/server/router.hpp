/// HTTP requests as values: from the token to the owner, from the path to the service, from refusals to statuses.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <syncline/base/assert.hpp>
#include <syncline/base/clock.hpp>
#include <syncline/base/thread_safe.hpp>
#include <syncline/server/metrics.hpp>
#include <syncline/server/openapi.hpp>
#include <syncline/server/route.hpp>
#include <syncline/server/row_endpoint.hpp>
#include <syncline/server/service.hpp>
#include <syncline/server/wait_endpoint.hpp>
#include <syncline/wire/reader.hpp>
#include <syncline/wire/writer.hpp>

namespace syncline {

/// Says which owner a token stands for, as an owner tag (see wire::is_owner_tag); nothing for a token that is not valid.
template <class A>
concept authenticator = requires(A& authenticate, const std::string& token) {
    { authenticate(token) } -> std::convertible_to<std::optional<std::string>>;
};

/// The HTTP status for a refusal of a push or pull.
[[nodiscard]] constexpr int status_of(error_code code, bool of_operation) noexcept {
    if (of_operation) return 422;
    switch (code) {
        case error_code::unauthorized: return 401;
        case error_code::not_found: return 404;
        case error_code::too_large: return 413;
        case error_code::wrong_owner:
        case error_code::device_forked:
        case error_code::schema_mismatch:
        case error_code::unsupported_protocol: return 409;
        case error_code::reset: return 410;
        case error_code::rate_limited: return 429;
        case error_code::server_failed: return 500;
        default: return 400;
    }
}

struct router_options {
    wait_options waits = {};
    /// Who may read /metrics, which counts the requests of all owners; nobody where it is empty.
    std::function<bool(const std::string& token)> may_read_metrics = {};
};

/// Any authenticator. `router<service<memory_backend>>` takes one, where a type has to be named and a lambda has no name.
using authenticate_function = std::function<std::optional<std::string>(const std::string& token)>;

/// Answers requests for one service, which must outlive it. As thread_safe as the service: it calls `Authenticate` on the threads that
/// call it, on several at once.
template <class Service, authenticator Authenticate = authenticate_function>
class router {
public:
    static constexpr bool is_thread_safe = thread_safe<Service>;

    router(Service& target, Authenticate authenticate, router_options options = {})
        : service_(target), authenticate_(std::move(authenticate)), options_(std::move(options)), rows_(target), waits_(target, options_.waits) {
        // An empty function would turn everybody away.
        if constexpr (std::same_as<Authenticate, authenticate_function>) SYNCLINE_ASSERT(authenticate_ != nullptr);
    }

    /// The answer, whatever happens; every one that is not of 2xx has {error:{code, message, ...}} as its body.
    [[nodiscard]] wire::http_response handle(const wire::http_request& request) {
        const auto began = monotonic_now();
        const route to = find_route(request.target, service_.schema());
        wire::http_response response;
        try {
            response = answer(to, request);
        } catch (const std::exception&) {
            response = fail(request);
        }
        count(to, response, began, request.body.size());
        return response;
    }

    /// The refusal of a request whose head shows already that it will have one, so that its body need not be read.
    [[nodiscard]] std::optional<wire::http_response> refuse_head(const wire::http_request& head) {
        const auto began = monotonic_now();
        const route to = find_route(head.target, service_.schema());
        std::optional<wire::http_response> refused;
        try {
            const wire::encoding form = wire::accepted_encoding(head.accept);
            if (to.where != endpoint::health && !authenticate_(head.token)) refused = refuse_token(form);
            else refused = refuse_route(to, head, form);
        } catch (const std::exception&) {
            refused = fail(head);
        }
        if (refused) count(to, *refused, began, 0);
        return refused;
    }

    /// Answers the requests that wait, and those to come, at once: the server stops.
    void end_waits() { waits_.close(); }

private:
    [[nodiscard]] wire::http_response answer(const route& to, const wire::http_request& request) {
        const wire::encoding form = wire::accepted_encoding(request.accept);
        if (to.where == endpoint::health) return to.allows(request.method) ? health() : *refuse_route(to, request, form);
        if (to.where == endpoint::metrics && options_.may_read_metrics && options_.may_read_metrics(request.token)) return show_metrics();
        // Before anything else, so that a stranger does not even learn which paths there are.
        const std::optional<std::string> owner = authenticate_(request.token);
        if (!owner) return refuse_token(form);
        if (std::optional<wire::http_response> refused = refuse_route(to, request, form)) return *std::move(refused);
        if (request.body.size() > service_.bounds().body_bytes) return refuse(error{error_code::too_large, "the body is too large", {}, {}, {}}, form);
        switch (to.where) {
            case endpoint::push: return push(*owner, request, form);
            case endpoint::pull: return pull(*owner, request, form);
            case endpoint::wait: return waits_.handle(*owner, request);
            case endpoint::description: return {200, openapi_document(service_.schema()), {}};
            case endpoint::row: {
                auto [response, version] = rows_.handle(*owner, to, request);
                waits_.publish(*owner, version);
                return std::move(response);
            }
            default: return refuse(error{error_code::not_found, "no such path", {}, {}, {}}, form);
        }
    }

    [[nodiscard]] wire::http_response push(std::string_view owner, const wire::http_request& request, wire::encoding form) {
        const std::optional<wire::encoding> sent_form = wire::encoding_of(request.content_type);
        if (!sent_form) return wire::error_response({error_code::malformed, "a push is JSON or CBOR", {}, {}, {}}, 415, form);
        wire::push_request message;
        if (error problem = wire::read_push(request.body, service_.schema(), service_.bounds(), message, *sent_form)) return refuse(problem, form);
        const auto outcome = service_.push(owner, message);
        if (const refusal* const refused = std::get_if<refusal>(&outcome)) return refuse_whole(*refused, form);
        const auto& answer = std::get<wire::push_answer>(outcome);
        waits_.publish(owner, answer.version);
        wire::http_response response = in(form);
        wire::push_answer_writer writer(response.body, service_.schema(), form, answer.owner);
        for (const wire::operation_result& result : answer.results) writer.add(result);
        writer.finish(answer.version);
        return response;
    }

    [[nodiscard]] wire::http_response pull(std::string_view owner, const wire::http_request& request, wire::encoding form) {
        wire::pull_request message;
        if (error problem = wire::read_pull_target(request.target, service_.bounds(), message)) return refuse(problem, form);
        wire::http_response response = in(form);
        wire::page_writer writer(response.body, service_.schema(), form);
        const auto outcome = service_.pull(owner, message, writer);
        if (const refusal* const refused = std::get_if<refusal>(&outcome)) return refuse_whole(*refused, form);
        const auto& end = std::get<page_end>(outcome);
        writer.finish(end.cursor, end.more, end.snapshot, end.includes, end.owner);
        return response;
    }

    [[nodiscard]] wire::http_response health() {
        try {
            static_cast<void>(service_.newest_version({}));
        } catch (const std::exception&) {
            return wire::error_response({error_code::server_failed, "the database does not answer", {}, {}, {}}, 503);
        }
        return {200, R"({"status":"ok"})", {}};
    }

    [[nodiscard]] wire::http_response show_metrics() const {
        wire::http_response response{200, metrics_.text(waits_.waiters()), {}};
        response.content_type = "text/plain; version=0.0.4; charset=utf-8";
        return response;
    }

    [[nodiscard]] static wire::http_response in(wire::encoding form) {
        wire::http_response response;
        response.status = 200;
        response.content_type = wire::media_type(form);
        return response;
    }

    /// The refusal of a path that does not exist, or of a method it has not.
    [[nodiscard]] std::optional<wire::http_response> refuse_route(const route& to, const wire::http_request& request, wire::encoding form) const {
        if (to.where == endpoint::unknown || to.where == endpoint::metrics) return refuse(error{error_code::not_found, "no such path", {}, {}, {}}, form);
        if (to.allows(request.method)) return std::nullopt;
        wire::http_response response = wire::error_response({error_code::malformed, "another method is expected here", {}, {}, {}}, 405, form);
        response.allow = to.methods;
        return response;
    }

    /// What the database said may name its files, so the answer has the code only.
    [[nodiscard]] static wire::http_response fail(const wire::http_request& request) {
        return refuse(error{error_code::server_failed, {}, {}, {}, {}}, wire::accepted_encoding(request.accept));
    }

    void count(const route& to, const wire::http_response& response, monotonic_clock::time_point began, std::size_t bytes_in) {
        const std::chrono::duration<double> took = monotonic_now() - began;
        metrics_.count(to.where, response.status, took.count(), bytes_in, response.body.size());
    }

    [[nodiscard]] static wire::http_response refuse_token(wire::encoding form) { return refuse(error{error_code::unauthorized, "no valid token", {}, {}, {}}, form); }

    [[nodiscard]] static wire::http_response refuse(const error& reason, wire::encoding form) {
        return wire::error_response(reason, status_of(reason.code, false), form);
    }
    [[nodiscard]] static wire::http_response refuse_whole(const refusal& refused, wire::encoding form) {
        return wire::error_response(refused.reason, status_of(refused.reason.code, refused.of_operation), form);
    }

    Service& service_;
    Authenticate authenticate_;
    router_options options_;
    row_endpoint<Service> rows_;
    wait_endpoint<Service> waits_;
    request_metrics metrics_;
};

}  // namespace syncline
