/// What the HTTP client suite checks of requests and whole answers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <syncline/testing/http_script.hpp>
#include <syncline/transports/http_client.hpp>

namespace syncline::testing {

/// An HTTP client does not keep a promise; the text is one sentence.
class http_client_suite_failure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

namespace http_client_suite {

using kind = script_step::kind;

inline void expect(bool holds, const std::string& otherwise) {
    if (!holds) throw http_client_suite_failure(otherwise);
}

inline http_call call_to(std::string method, std::string target, std::string body = {}) {
    http_call call;
    call.method = std::move(method);
    call.target = std::move(target);
    call.body = std::move(body);
    call.headers = {{"Accept", "application/json"}, {"Accept-Encoding", "identity"}};
    if (!call.body.empty()) call.headers.push_back({"Content-Type", "application/json"});
    call.answer_bytes_max = std::size_t{1} << 20;
    return call;
}

/// Throws where there is none.
inline const http_reply& reply_of(const http_result& result) {
    if (const auto* const failure = std::get_if<exchange_failure>(&result)) throw http_client_suite_failure("there is no reply: " + failure->text);
    return std::get<http_reply>(result);
}

inline void expect_body(const http_result& result, std::string_view body) {
    expect(reply_of(result).status == 200, "the status is another one");
    expect(reply_of(result).body == body, "the body is another one");
}

inline void expect_failure(const http_result& result, exchange_failure_kind expected) {
    const auto* const failure = std::get_if<exchange_failure>(&result);
    expect(failure != nullptr, "there is a reply where there cannot be one");
    expect(failure->kind == expected, "the kind of failure is another one: " + failure->text);
    expect(!failure->text.empty(), "the failure has no text");
}

inline void expect_lost(const http_result& result) { expect_failure(result, exchange_failure_kind::lost); }

/// Every byte there is, also those that end lines or texts.
inline std::string all_bytes(std::size_t times = 1) {
    std::string bytes;
    for (std::size_t i = 0; i < times * 256; ++i) bytes += static_cast<char>(static_cast<unsigned char>(i % 256));
    return bytes;
}

inline std::string in_chunks(std::string_view body, std::size_t size, bool with_end = true) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    while (!body.empty()) {
        const std::string_view piece = body.substr(0, size);
        std::string length;
        for (std::size_t rest = piece.size(); rest != 0; rest /= 16) length.insert(length.begin(), digits[rest % 16]);
        text += length + "\r\n";
        text += piece;
        text += "\r\n";
        body.remove_prefix(piece.size());
    }
    return with_end ? text + "0\r\n\r\n" : text;
}

inline std::size_t count_of(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

template <http_client C, scripted_server S>
void requests_arrive_as_given(C& client, S& server) {
    http_call call = call_to("POST", "/api/sync/push?since=a.b_c-d~&x=%20%2B", "{\"a\":1}");
    call.headers.push_back({"Authorization", "Bearer some.token"});
    call.headers.push_back({"If-Match", "\"7\""});
    reply_of(client.send(call));
    reply_of(client.send(call_to("GET", "/api/sync")));
    reply_of(client.send(call_to("DELETE", "/api/notes/1")));
    const std::vector<std::string> seen = server.requests();
    expect(seen.size() == 3, "not every request came once");
    expect(seen[0].starts_with("POST /api/sync/push?since=a.b_c-d~&x=%20%2B HTTP/1.1\r\n"), "method or target are not as they were given");
    expect(seen[1].starts_with("GET /api/sync HTTP/1.1\r\n") && seen[1].ends_with("\r\n\r\n"), "a GET has a body");
    expect(seen[2].starts_with("DELETE /api/notes/1 HTTP/1.1\r\n"), "a DELETE is something else");
    expect(seen[0].ends_with("\r\n\r\n{\"a\":1}"), "the body is not as it was given");
    for (const http_header& header : call.headers)
        expect(count_of(seen[0], "\r\n" + header.name + ": " + header.value + "\r\n") == 1, "a header is not there once: " + header.name);
    for (const std::string_view added : {"\r\nHost: 127.0.0.1:", "\r\nContent-Length: 7\r\n"})
        expect(count_of(seen[0], added) == 1, "a header that the client adds is not there once");
    expect(count_of(seen[0], "\r\nExpect:") == 0, "the client waits to be told to go on");
}

template <http_client C, scripted_server S>
void large_bodies_arrive_whole(C& client, S& server) {
    const std::string body = all_bytes(12'000);
    server.answer_next({{{kind::send, whole_answer(200, body)}}});
    http_call call = call_to("POST", "/", body);
    call.answer_bytes_max = body.size();
    expect_body(client.send(call), body);
    expect(server.requests().at(0).ends_with(body), "a large body did not arrive whole");
}

template <http_client C, scripted_server S>
void answers_come_back_whole(C& client, S& server) {
    const std::string body = all_bytes();
    const std::string whole = whole_answer(200, body, "Content-Type: application/cbor\r\nETag:\"9\"\r\n");
    const std::string until_the_end = "HTTP/1.1 200 OK\r\n\r\n" + body;
    const std::vector<answer_script> scripts{
        {{{kind::send, whole}}},
        {{{kind::trickle, whole}}},
        {{{kind::send, in_chunks(body, 100)}}},
        {{{kind::trickle, in_chunks(body, 7)}}},
        {{{kind::send, "HTTP/1.1 100 Continue\r\n\r\n"}, {kind::send, whole}}},
        {{{kind::trickle, until_the_end}, {kind::close}}},
    };
    for (const answer_script& script : scripts) {
        server.answer_next(script);
        expect_body(client.send(call_to("POST", "/", "{}")), body);
    }
    server.answer_next({{{kind::send, whole}}});
    const http_result result = client.send(call_to("GET", "/"));
    expect(find_header(reply_of(result).headers, "etag") == "\"9\"", "a header of the answer is missing or another one");
    expect(find_header(reply_of(result).headers, "content-TYPE") == "application/cbor", "the type of the answer is missing or another one");
}

template <http_client C, scripted_server S>
void every_status_is_an_answer(C& client, S& server) {
    for (const int status : {200, 301, 302, 307, 400, 401, 404, 409, 413, 429, 500, 503, 511}) {
        server.answer_next({{{kind::send, whole_answer(status, "{}", "Location: /elsewhere\r\nRetry-After: 3\r\n")}}});
        const http_result result = client.send(call_to("POST", "/", "{}"));
        expect(reply_of(result).status == status, "an answer has another status");
        expect(reply_of(result).body == "{}", "an answer has another body");
    }
    server.answer_next({{{kind::send, "HTTP/1.1 204 Nothing\r\n\r\n"}}});
    expect(reply_of(client.send(call_to("GET", "/"))).status == 204, "an answer without a body has another status");
    server.answer_next({{{kind::send, "HTTP/1.1 304 Not Modified\r\n\r\n"}}});
    expect(reply_of(client.send(call_to("GET", "/"))).status == 304, "an answer without a body has another status");
    expect(server.requests().size() == 15, "a redirect was followed, or a request repeated");
}

template <http_client C, scripted_server S>
void packed_bodies_stay_packed(C& client, S& server) {
    server.answer_next({{{kind::send, whole_answer(200, "not gzip at all", "Content-Encoding: gzip\r\n")}}});
    const http_result result = client.send(call_to("GET", "/"));
    expect_body(result, "not gzip at all");
    expect(find_header(reply_of(result).headers, "Content-Encoding") == "gzip", "the answer hides that it is packed");
}

template <http_client C, scripted_server S>
void bodies_up_to_the_bound_are_read(C& client, S& server) {
    const std::string body = all_bytes();
    for (const std::string& answer : {whole_answer(200, body), in_chunks(body, 50)}) {
        http_call call = call_to("GET", "/");
        call.answer_bytes_max = body.size();
        server.answer_next({{{kind::send, answer}}});
        expect_body(client.send(call), body);
        call.answer_bytes_max = body.size() - 1;
        server.answer_next({{{kind::send, answer}}});
        expect_lost(client.send(call));
    }
}

template <http_client C, scripted_server S>
void endless_bodies_are_not_read(C& client, S& server) {
    const std::string piece = all_bytes();
    const std::vector<std::pair<std::string, std::string>> answers{
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "100\r\n" + piece + "\r\n"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9000000000000000000\r\n\r\n", piece},
        {"HTTP/1.1 500 OK\r\n\r\n", piece},
    };
    for (const auto& [head, again] : answers) {
        server.answer_next({{{kind::send, head}, {kind::flood, again}}});
        expect_lost(client.send(call_to("GET", "/")));
    }
}

}  // namespace http_client_suite
}  // namespace syncline::testing
