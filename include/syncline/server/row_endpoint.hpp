/// Requests to single rows as values: POST, GET, PUT and DELETE of one owner's row.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <syncline/base/text.hpp>
#include <syncline/server/route.hpp>
#include <syncline/server/service.hpp>
#include <syncline/wire/read_row_body.hpp>
#include <syncline/wire/write_error.hpp>
#include <syncline/wire/write_row.hpp>

namespace syncline {

/// The HTTP status for a refusal of a request to one row.
[[nodiscard]] constexpr int status_of_row(const error& reason) noexcept {
    switch (reason.code) {
        case error_code::not_found: return reason.field.empty() ? 404 : 422;
        case error_code::version_mismatch: return 412;
        case error_code::too_large: return 413;
        case error_code::already_exists:
        case error_code::restricted:
        case error_code::reference_gone:
        case error_code::ownership_loop:
        case error_code::incarnation_behind:
        case error_code::device_forked: return 409;
        default: return 422;
    }
}

/// Answers requests to single rows for one service.
template <class Service>
class row_endpoint {
public:
    explicit row_endpoint(Service& target) : service_(target) {}

    /// Bytes of an Idempotency-Key.
    static constexpr std::size_t key_bytes_max = 255;

    /// The answer to a request whose method the route allows, and the owner's version if rows were changed, else none.
    [[nodiscard]] std::pair<wire::http_response, row_version> handle(std::string_view owner, const route& to, const wire::http_request& request) {
        if (request.method == "GET") return {read(owner, to), row_version()};
        row_change change;
        change.table = to.table;
        change.id = to.id.value_or(server_id());
        change.kind = request.method == "POST" ? operation_kind::create : request.method == "PUT" ? operation_kind::update : operation_kind::remove;
        if (std::optional<wire::http_response> refused = take_conditions(request, change)) return {*std::move(refused), row_version()};
        if (change.kind == operation_kind::remove) {
            change.body.operations.assign(1, {});
        } else {
            if (wire::encoding_of(request.content_type) != wire::encoding::json) return {wire::error_response({error_code::malformed, "a row is JSON", {}, {}, {}}, 415), row_version()};
            if (error problem = wire::read_row_body(request.body, service_.schema()[to.table], service_.bounds(), change.body))
                return {wire::error_response(problem, problem.code == error_code::too_large ? 413 : 400), row_version()};
        }
        const bool removes = change.kind == operation_kind::remove;
        const auto outcome = service_.change_row(owner, std::move(change));
        if (const error* const refused = std::get_if<error>(&outcome)) return {wire::error_response(*refused, status_of_row(*refused)), row_version()};
        const auto& done = std::get<row_outcome>(outcome);
        return {removes ? wire::http_response{204, {}, {}} : answer(to.table, done), done.newest};
    }

private:
    [[nodiscard]] wire::http_response read(std::string_view owner, const route& to) {
        wire::http_response response;
        const bool found = service_.read_row(owner, to.table, *to.id, [&](const wire::server_row_view& row) {
            response.body = wire::write_row(service_.schema()[to.table], row);
            response.etag = tag_of(row.version);
        });
        if (!found) return wire::error_response({error_code::not_found, "no such row", std::string(service_.schema()[to.table].entity), {}, {}}, 404);
        response.status = 200;
        return response;
    }

    [[nodiscard]] wire::http_response answer(int table, const row_outcome& done) const {
        wire::http_response response;
        response.status = done.created ? 201 : 200;
        response.body = wire::write_row_name(service_.schema()[table], {table, done.id, done.local, done.version, done.incarnation, done.updated_at_ms, false, {}});
        response.etag = tag_of(done.version);
        return response;
    }

    [[nodiscard]] static std::string tag_of(row_version version) { return "\"" + version.str() + "\""; }

    /// Takes the headers that make the request exactly-once or conditional.
    [[nodiscard]] static std::optional<wire::http_response> take_conditions(const wire::http_request& request, row_change& change) {
        if (request.idempotency_key.size() > key_bytes_max || !is_clean_utf8(request.idempotency_key))
            return wire::error_response({error_code::malformed, "an Idempotency-Key has at most 255 bytes of UTF-8", {}, {}, {}}, 400);
        change.key = request.idempotency_key;
        std::string_view tag = request.if_match;
        change.if_exists = !tag.empty();
        if (tag.empty() || tag == "*") return std::nullopt;
        const bool quoted = tag.size() > 2 && tag.front() == '"' && tag.back() == '"';
        const std::optional<row_version> version = quoted ? row_version::parse(tag.substr(1, tag.size() - 2)) : std::nullopt;
        if (!version || !version->is_of_row())
            return wire::error_response({error_code::malformed, "If-Match is one version in quotes", {}, {}, {}}, 400);
        change.if_version = *version;
        return std::nullopt;
    }

    Service& service_;
};

}  // namespace syncline
