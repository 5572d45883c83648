/// HTTP requests as values: from the token to the owner, from the path to the service, from refusals to statuses.
#pragma once

#include <concepts>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <syncline/server/service.hpp>
#include <syncline/wire/reader.hpp>
#include <syncline/wire/writer.hpp>

namespace syncline {

/// Says which owner a token stands for; nothing for a token that is not valid.
template <class A>
concept authenticator = requires(A& authenticate, const std::string& token) {
    { authenticate(token) } -> std::convertible_to<std::optional<std::string>>;
};

/// The HTTP status for a refusal.
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

/// Answers requests for one service. Safe to use from several threads when `Authenticate` is. The service must outlive it.
template <class Service, authenticator Authenticate>
class router {
public:
    router(Service& target, Authenticate authenticate) : service_(target), authenticate_(std::move(authenticate)) {}

    /// The answer, whatever happens; every one that is not 200 has {error:{code, message, ...}} as its body.
    [[nodiscard]] wire::http_response handle(const wire::http_request& request) {
        const wire::encoding form = wire::accepted_encoding(request.accept);
        wire::http_response response;
        try {
            response = route(request, form);
        } catch (const std::exception&) {
            // What the database said may name its files, so the answer has the code only.
            response = refuse({error_code::server_failed, {}, {}, {}, {}}, form);
        }
        response.content_type = wire::media_type(form);
        return response;
    }

private:
    [[nodiscard]] wire::http_response route(const wire::http_request& request, wire::encoding form) {
        // Before anything else, so that a stranger does not even learn which paths there are.
        const std::optional<std::string> owner = authenticate_(request.token);
        if (!owner) return refuse({error_code::unauthorized, "no valid token", {}, {}, {}}, form);
        if (request.body.size() > service_.bounds().body_bytes) return refuse({error_code::too_large, "the body is too large", {}, {}, {}}, form);
        const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
        const bool pushes = path == "/api/sync/push";
        if (!pushes && path != "/api/sync") return refuse({error_code::not_found, "no such path", {}, {}, {}}, form);
        if (request.method != (pushes ? "POST" : "GET")) return refuse({error_code::malformed, "another method is expected here", {}, {}, {}}, form, 405);
        return pushes ? push(*owner, request, form) : pull(*owner, request, form);
    }

    [[nodiscard]] wire::http_response push(std::string_view owner, const wire::http_request& request, wire::encoding form) {
        const std::optional<wire::encoding> sent_form = wire::encoding_of(request.content_type);
        if (!sent_form) return refuse({error_code::malformed, "a push is JSON or CBOR", {}, {}, {}}, form, 415);
        wire::push_request message;
        if (error problem = wire::read_push(request.body, service_.schema(), service_.bounds(), message, *sent_form)) return refuse(problem, form);
        const auto outcome = service_.push(owner, message);
        if (const refusal* const refused = std::get_if<refusal>(&outcome)) return refuse(refused->reason, form, status_of(refused->reason.code, refused->of_operation));
        const auto& answer = std::get<wire::push_answer>(outcome);
        wire::http_response response;
        response.status = 200;
        wire::push_answer_writer writer(response.body, service_.schema(), form);
        for (const wire::operation_result& result : answer.results) writer.add(result);
        writer.finish(answer.version);
        return response;
    }

    [[nodiscard]] wire::http_response pull(std::string_view owner, const wire::http_request& request, wire::encoding form) {
        wire::pull_request message;
        if (error problem = wire::read_pull_target(request.target, service_.bounds(), message)) return refuse(problem, form);
        wire::http_response response;
        response.status = 200;
        wire::page_writer writer(response.body, service_.schema(), form);
        const auto outcome = service_.pull(owner, message, writer);
        if (const refusal* const refused = std::get_if<refusal>(&outcome)) return refuse(refused->reason, form, status_of(refused->reason.code, refused->of_operation));
        const auto& end = std::get<page_end>(outcome);
        writer.finish(end.cursor, end.more, end.snapshot, end.includes);
        return response;
    }

    [[nodiscard]] static wire::http_response refuse(const error& reason, wire::encoding form, int status) {
        wire::http_response response;
        response.status = status;
        response.body = wire::write_error(reason, form);
        return response;
    }
    [[nodiscard]] static wire::http_response refuse(const error& reason, wire::encoding form) {
        return refuse(reason, form, status_of(reason.code, false));
    }

    Service& service_;
    Authenticate authenticate_;
};

}  // namespace syncline
