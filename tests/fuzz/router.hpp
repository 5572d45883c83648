/// The check of the HTTP router: whatever one owner sends, answers are of the protocol and the other owner's data stay as they are.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fuzz/bounds.hpp>
#include <syncline/backends/memory.hpp>
#include <syncline/server/router.hpp>

namespace syncline::fuzz {
namespace detail {

inline constexpr limits router_bounds = [] {
    limits bounds = small_bounds;
    bounds.page_rows = 64;
    bounds.body_bytes = 1u << 15;
    bounds.json_depth = limits().json_depth;
    return bounds;
}();

/// Parts of `text` between any two of `separator`; what is left of `text` behind the first one.
inline std::string_view take_part(std::string_view& text, std::string_view separator) {
    const std::string_view part = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(text.size(), part.size() + separator.size()));
    return part;
}

/// A request as inputs write it: a line "method target content-type accept idempotency-key if-match", then the body.
inline wire::http_request request_in(std::string_view text) {
    wire::http_request request;
    std::string_view line = take_part(text, "\n");
    for (std::string* const part : {&request.method, &request.target, &request.content_type, &request.accept, &request.idempotency_key,
                                    &request.if_match})
        *part = take_part(line, " ");
    request.body = text;
    request.token = "anna";
    return request;
}

/// What the owners have before anything is sent: a book, a loan of it and a mark in both.
inline constexpr std::string_view first_push =
    R"({"device":"tablet","operations":[)"
    R"({"seq":1,"op":"create","entity":"book","localId":"b","fields":{"title":"A","kind":1,"cover":"AAEC","printed":5,"words":"[]"}},)"
    R"({"seq":2,"op":"create","entity":"loan","localId":"l","fields":{"bookId":{"localId":"b"},"returned":false}},)"
    R"({"seq":3,"op":"create","entity":"mark","localId":"m","fields":{"bookId":{"localId":"b"},"loanId":{"localId":"l"},"place":0.5}}]})";

/// One server with two owners, the same for every input.
class library {
public:
    library() {
        wire::push_request push;
        promise(!wire::read_push(first_push, tables, router_bounds, push), "the first push is one");
        for (const char* const owner : {"anna", "bert"})
            promise(std::holds_alternative<wire::push_answer>(service_.push(owner, push)), "the first push is accepted");
    }

    [[nodiscard]] wire::http_response handle(const wire::http_request& request) { return router_.handle(request); }

    /// Everything that the owner can see: rows, feed, version, and what the device has been answered.
    [[nodiscard]] std::string all_of(const std::string& owner) {
        return router_.handle({"GET", "/api/sync?device=tablet", {}, owner}).body + router_.handle({"GET", "/api/sync", {}, owner}).body;
    }

private:
    struct any_token {
        [[nodiscard]] std::optional<std::string> operator()(const std::string& token) const { return token; }
    };

    [[nodiscard]] static service_options options() { return {router_bounds, [] { return std::int64_t{1'700'000'000'000}; }, random_source(2)}; }

    /// Nobody writes meanwhile, so that waiting for news would only take time.
    [[nodiscard]] static router_options without_waiting() {
        router_options options;
        options.waits.wait_max = options.waits.stream_max = std::chrono::seconds(0);
        return options;
    }

    memory_backend database_{tables, random_source(1)};
    service<memory_backend> service_{database_, options()};
    router<service<memory_backend>, any_token> router_{service_, any_token(), without_waiting()};
};

inline wire::encoding form_of(const wire::http_response& response) {
    const std::optional<wire::encoding> form = wire::encoding_of(response.content_type);
    promise(form.has_value(), "an answer is JSON or CBOR");
    return *form;
}

inline void promise_page(std::string_view body, wire::encoding form) {
    static wire::page page;
    promise(!wire::read_page(body, tables, router_bounds, page, form), "a page can be read");
    for (const wire::server_row_view& row : page.rows) promise_bounds(row);
}

inline void promise_answer(const wire::http_request& request, const wire::http_response& response) {
    static wire::push_request push;
    static wire::push_answer answer;
    const std::optional<wire::encoding> sent = wire::encoding_of(request.content_type);
    promise(sent && !wire::read_push(request.body, tables, router_bounds, push, *sent), "only a push is applied");
    promise(!wire::read_push_answer(response.body, tables, router_bounds, answer, form_of(response)), "the answer to a push can be read");
    promise_bounds(answer);
    promise(answer.results.size() == push.operations.size(), "each operation has one verdict");
    for (std::size_t i = 0; i < answer.results.size(); ++i)
        promise(answer.results[i].seq == push.operations[i].op.seq, "verdicts come in the order of the operations");
}

/// Every key of a row that the owner sees points at a row that the owner sees.
inline void promise_closure(const std::string& snapshot) {
    static wire::page page;
    promise(!wire::read_page(snapshot, tables, router_bounds, page), "a snapshot can be read");
    promise(!page.more, "a snapshot of few rows is one page");
    std::vector<std::pair<int, std::string_view>> rows;
    for (const wire::server_row_view& row : page.rows) rows.emplace_back(row.table, row.id.view());
    for (const wire::server_row_view& row : page.rows)
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            if (!row.cells[i].is_key()) continue;
            const std::pair target(tables[row.table].columns[i].target, row.cells[i].view());
            promise(std::find(rows.begin(), rows.end(), target) != rows.end(), "a key points at a row that is there");
        }
}

inline void check_request(library& server, const wire::http_request& request) {
    const wire::http_response response = server.handle(request);
    promise(response.status >= 200 && response.status < 500, "nothing that is sent makes the server fail");
    if (response.status >= 300) {
        error said;
        promise(!wire::read_error(response.body, router_bounds, said, form_of(response)), "a refusal can be read");
        return promise_refusal(said);
    }
    const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
    if (request.method == "GET" && path == "/api/sync") return promise_page(response.body, form_of(response));
    if (request.method != "POST" || path != "/api/sync/push") return;
    promise_answer(request, response);
    const std::string once = server.all_of("anna");
    promise(server.handle(request).status == 200, "a push can be repeated");
    promise(server.all_of("anna") == once, "a push that is repeated changes nothing");
}

}  // namespace detail

/// The input is a conversation of one owner: requests with a line "--" between them, at most eight.
inline void whole_router(std::string_view input) {
    detail::library server;
    const std::string others = server.all_of("bert");
    for (int left = 8; left > 0 && !input.empty(); --left)
        detail::check_request(server, detail::request_in(detail::take_part(input, "\n--\n")));
    promise(server.all_of("bert") == others, "nothing of another owner changes");
    detail::promise_closure(server.handle({"GET", "/api/sync", {}, "anna"}).body);
}

}  // namespace syncline::fuzz
