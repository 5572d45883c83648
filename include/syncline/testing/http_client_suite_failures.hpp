/// What the HTTP client suite checks of broken connections, late answers, stops, streams and threads.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

#include <syncline/testing/http_client_suite_answers.hpp>

namespace syncline::testing::http_client_suite {

/// The result of a call that runs beside `meanwhile`, after which it is stopped.
template <http_client C, class Meanwhile>
http_result send_and_stop(C& client, http_call call, Meanwhile meanwhile) {
    std::stop_source source;
    call.stop = source.get_token();
    http_result result;
    std::thread sender([&] { result = client.send(call); });
    meanwhile();
    source.request_stop();
    sender.join();
    return result;
}

template <http_client C, scripted_server S>
void nobody_listening_is_unreachable(C& client, S& server) {
    server.refuse_connections();
    expect_failure(client.send(call_to("POST", "/", "{}")), exchange_failure_kind::unreachable);
}

template <http_client C, scripted_server S>
void broken_answers_are_lost(C& client, S& server) {
    const std::string whole = whole_answer(200, "{\"a\":1}");
    const std::vector<answer_script> scripts{
        {{{kind::close}}},
        {{{kind::reset}}},
        {{{kind::send, whole.substr(0, 12)}, {kind::close}}},
        {{{kind::send, whole.substr(0, 30)}, {kind::close}}},
        {{{kind::send, whole.substr(0, whole.size() - 1)}, {kind::close}}},
        {{{kind::send, whole.substr(0, whole.size() - 1)}, {kind::reset}}},
        {{{kind::send, in_chunks("{\"a\":1}", 3, false)}, {kind::close}}},
        {{{kind::send, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"}, {kind::close}}},
        {{{kind::send, "220 mail.example.org ESMTP\r\n\r\n"}, {kind::close}}},
    };
    for (std::size_t i = 0; i < scripts.size(); ++i) {
        server.answer_next(scripts[i]);
        expect_lost(client.send(call_to("POST", "/", "{}")));
        expect(server.requests().size() == i + 1, "a request was sent again");
    }
    server.answer_next({{{kind::send, whole}}});
    expect_body(client.send(call_to("POST", "/", "{}")), "{\"a\":1}");
}

/// The server goes away while the body is on its way, which on some systems also raises a signal.
template <http_client C, scripted_server S>
void a_broken_upload_is_a_failure(C& client, S& server) {
    server.answer_next({{{kind::reset}}, false});
    expect_lost(client.send(call_to("POST", "/", all_bytes(100'000))));
    reply_of(client.send(call_to("GET", "/")));
}

template <http_client C, scripted_server S>
void kept_connections_break_without_a_repeat(C& client, S& server) {
    for (const std::string_view method : {"POST", "DELETE"}) {
        const std::string body = method == "POST" ? "{}" : "";
        const std::size_t before = server.requests().size();
        server.answer_next({{{kind::send, whole_answer(200, "{}")}}});
        server.answer_next({{{kind::close}}});
        reply_of(client.send(call_to(std::string(method), "/", body)));
        expect_lost(client.send(call_to(std::string(method), "/", body)));
        expect(server.requests().size() == before + 2, "a request was sent again when a kept connection broke");
    }
}

/// What an answer leaves behind must not become a part of the next one.
template <http_client C, scripted_server S>
void bytes_after_an_answer_are_ignored(C& client, S& server) {
    const std::string surplus = whole_answer(200, "forged");
    server.answer_next({{{kind::send, whole_answer(200, "first") + surplus}}});
    server.answer_next({{{kind::send, whole_answer(200, "second")}, {kind::await}, {kind::send, surplus}}});
    server.answer_next({{{kind::send, whole_answer(200, "third")}}});
    expect_body(client.send(call_to("GET", "/")), "first");
    expect_body(client.send(call_to("GET", "/")), "second");
    server.proceed();
    server.wait_for_answers(2);
    expect_body(client.send(call_to("GET", "/")), "third");
}

/// A call to a server that does what `script` says for longer than the call may take. If the time was over before the server saw the request,
/// nothing was tried, and the call is made again with twice the time. Returns how often it was made: all scripts but one may be left.
template <http_client C, scripted_server S>
int expect_late(C& client, S& server, http_call call, const answer_script& script) {
    call.time_max = std::chrono::milliseconds(100);
    for (int calls = 1; calls <= 7; ++calls, call.time_max *= 2) {
        const std::size_t before = server.requests().size();
        server.answer_next(script);
        const http_result result = client.send(call);
        expect(std::holds_alternative<exchange_failure>(result), "a call goes on after its time is over");
        if (server.requests().size() == before) continue;
        expect_lost(result);
        return calls;
    }
    throw http_client_suite_failure("a call that may take seconds does not reach the server");
}

/// Each byte comes soon after the one before, but all of them take more than 20 seconds.
template <http_client C, scripted_server S>
void dripping_answers_end_in_time(C& client, S& server) {
    const std::string body = all_bytes(8);
    std::string interim;
    for (int i = 0; i < 100; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
    const std::vector<answer_script> scripts{
        {{{kind::drip, whole_answer(200, "{}", "A: " + std::string(2'000, 'b') + "\r\n")}}, false},
        {{{kind::drip, interim}, {kind::send, whole_answer(200, "{}")}}, false},
        {{{kind::send, "HTTP/1.1 200 OK\r\nContent-Length: 2048\r\n\r\n"}, {kind::drip, body}}, false},
        {{{kind::send, "HTTP/1.1 500 OK\r\nContent-Length: 2048\r\n\r\n"}, {kind::drip, body}}, false},
        {{{kind::drip, in_chunks(body, 8)}}, false},
        {{{kind::send, "HTTP/1.1 200 OK\r\n\r\n"}, {kind::drip, body}, {kind::close}}, false},
    };
    for (const answer_script& script : scripts) {
        expect_late(client, server, call_to("GET", "/"), script);
        reply_of(client.send(call_to("GET", "/")));
    }
}

/// The server takes no more of the request than its system does by itself.
template <http_client C, scripted_server S>
void blocked_uploads_end_in_time(C& client, S& server) {
    const answer_script script{{{kind::await}, {kind::send, whole_answer(200, "{}")}}, false};
    for (int calls = expect_late(client, server, call_to("POST", "/", all_bytes(100'000)), script); calls > 0; --calls) server.proceed();
    reply_of(client.send(call_to("GET", "/")));
}

template <http_client C, scripted_server S>
void calls_in_time_are_not_disturbed(C& client, S& server) {
    for (int i = 0; i < 3; ++i) {
        server.answer_next({{{kind::send, whole_answer(200, "{}")}}});
        http_call call = call_to("POST", "/", "{}");
        call.time_max = std::chrono::hours(24);
        expect_body(client.send(call), "{}");
    }
}

template <http_client C, scripted_server S>
void a_stop_comes_before_the_request(C& client, S& server) {
    // On the heap, because gcc 12 with sanitizers takes one on the stack for uninitialised.
    const auto source = std::make_unique<std::stop_source>();
    source->request_stop();
    http_call call = call_to("POST", "/", "{}");
    call.stop = source->get_token();
    expect_lost(client.send(call));
    expect(server.requests().empty(), "a call that was stopped before it began sends its request");
    reply_of(client.send(call_to("POST", "/", "{}")));
}

template <http_client C, scripted_server S>
void a_stop_ends_waiting_and_reading(C& client, S& server) {
    const std::vector<answer_script> scripts{
        {{{kind::hang}}},
        {{{kind::send, "HTTP/1.1 200 OK\r\nContent-"}, {kind::hang}}},
        {{{kind::send, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin"}, {kind::hang}}},
        {{{kind::send, "HTTP/1.1 200 OK\r\n\r\nbegin"}, {kind::hang}}},
        {{{kind::send, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"}, {kind::flood, "1\r\na\r\n"}}},
    };
    for (std::size_t i = 0; i < scripts.size(); ++i) {
        server.answer_next(scripts[i]);
        http_call call = call_to("POST", "/", "{}");
        call.answer_bytes_max = std::size_t{1} << 40;
        expect_lost(send_and_stop(client, call, [&] { server.wait_for_requests(2 * i + 1); }));
        reply_of(client.send(call_to("POST", "/", "{}")));
    }
}

/// The server takes nothing, so that the client cannot get on; on some systems what it writes after the stop raises a signal.
template <http_client C, scripted_server S>
void a_stop_ends_an_upload(C& client, S& server) {
    server.answer_next({{{kind::await}, {kind::close}}, false});
    expect_lost(send_and_stop(client, call_to("POST", "/", all_bytes(100'000)), [&] { server.wait_for_requests(1); }));
    server.proceed();
    reply_of(client.send(call_to("GET", "/")));
}

/// Whenever it comes: between the look at the token and the wait for the answer there must be no gap to fall through.
template <http_client C, scripted_server S>
void no_stop_is_missed(C& client, S& server) {
    for (int i = 0; i < 60; ++i) {
        server.answer_next({{{kind::hang}}});
        const http_result result = send_and_stop(client, call_to("POST", "/", "{}"), [i] {
            for (int turn = 0; turn < i * 10; ++turn) std::this_thread::yield();
        });
        expect_lost(result);
    }
}

template <http_client C, scripted_server S>
void a_stop_ends_one_call_only(C& client, S& server) {
    server.answer_next({{{kind::hang}}});
    server.answer_next({{{kind::await}, {kind::send, whole_answer(200, "{}")}}});
    http_result other;
    std::thread bystander;
    const http_result stopped = send_and_stop(client, call_to("POST", "/", "{}"), [&] {
        server.wait_for_requests(1);
        bystander = std::thread([&] { other = client.send(call_to("GET", "/")); });
        server.wait_for_requests(2);
    });
    server.proceed();
    bystander.join();
    expect_lost(stopped);
    expect_body(other, "{}");
}

template <http_client C, scripted_server S>
void threads_do_not_wait_for_each_other(C& client, S& server) {
    server.answer_next({{{kind::await}, {kind::send, whole_answer(200, "slow")}}});
    server.answer_next({{{kind::send, whole_answer(200, "fast")}}});
    http_result slow;
    std::thread first([&] { slow = client.send(call_to("POST", "/", "{}")); });
    server.wait_for_requests(1);
    const http_result fast = client.send(call_to("POST", "/", "{}"));
    server.proceed();
    first.join();
    expect_body(fast, "fast");
    expect_body(slow, "slow");
}

template <http_client C, scripted_server S>
void streams_are_handed_over_as_they_come(C& client, S& server) {
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
    server.answer_next({{{kind::send, head + "Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n"},
                         {kind::await},
                         {kind::send, "3\r\ntwo\r\n0\r\n\r\n"}}});
    server.answer_next({{{kind::send, head + "\r\none"}, {kind::await}, {kind::send, "two"}, {kind::close}}});
    for (int i = 0; i < 2; ++i) {
        std::string seen;
        http_call call = call_to("GET", "/");
        // Pieces that are handed over are not kept, so nothing bounds how many there are.
        call.answer_bytes_max = 1;
        call.receive = [&](std::string_view piece) {
            seen += piece;
            // The server says the rest only now: a client that waits for the end never gets here.
            if (seen == "one") server.proceed();
            return true;
        };
        const http_result result = client.send(call);
        expect_body(result, "");
        expect(seen == "onetwo", "a stream was not handed over whole");
    }
}

template <http_client C, scripted_server S>
void a_receiver_ends_its_stream(C& client, S& server) {
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    server.answer_next({{{kind::send, head + "3\r\none\r\n"}, {kind::hang}}});
    http_call call = call_to("GET", "/");
    call.receive = [](std::string_view) { return false; };
    const http_result result = client.send(call);
    expect_body(result, "");
    expect(find_header(reply_of(result).headers, "Content-Type") == "text/event-stream", "a stream that was ended has no headers");
    reply_of(client.send(call_to("GET", "/")));
}

template <http_client C, scripted_server S>
void refusals_are_not_handed_over(C& client, S& server) {
    server.answer_next({{{kind::send, whole_answer(503, "{\"busy\":true}")}}});
    bool has_received = false;
    http_call call = call_to("GET", "/");
    call.receive = [&](std::string_view) { return has_received = true; };
    const http_result result = client.send(call);
    expect(reply_of(result).status == 503 && reply_of(result).body == "{\"busy\":true}", "a refusal has another status or body");
    expect(!has_received, "a refusal was handed over as if it were the stream");
}

template <http_client C, scripted_server S>
void a_stop_ends_a_stream(C& client, S& server) {
    server.answer_next({{{kind::send, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n"}, {kind::hang}}});
    http_call call = call_to("GET", "/");
    std::atomic_flag has_begun;
    call.receive = [&](std::string_view) {
        has_begun.test_and_set();
        has_begun.notify_all();
        return true;
    };
    expect_lost(send_and_stop(client, call, [&] { has_begun.wait(false); }));
    reply_of(client.send(call_to("GET", "/")));
}

}  // namespace syncline::testing::http_client_suite
