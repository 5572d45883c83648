/// What every transport must do, as named checks that any test framework can run: `run_transport_suite(make)`.
#pragma once

#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <syncline/client/transport.hpp>
#include <syncline/wire/encoding.hpp>

namespace syncline::testing {

/// A broken promise of a transport.
class transport_suite_failure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The server that the transport under test reaches: remembers every request and answers what it is told to.
class recording_server {
public:
    static constexpr bool is_thread_safe = true;

    [[nodiscard]] wire::http_response handle(const wire::http_request& request) {
        const std::lock_guard lock(mutex_);
        seen_.push_back(request);
        return answer_ ? answer_(request) : wire::http_response{200, "{}", {}};
    }

    void answer_with(std::function<wire::http_response(const wire::http_request&)> answer) {
        const std::lock_guard lock(mutex_);
        answer_ = std::move(answer);
        seen_.clear();
    }
    void answer_with(wire::http_response answer) {
        answer_with([answer = std::move(answer)](const wire::http_request&) { return answer; });
    }
    [[nodiscard]] std::vector<wire::http_request> seen() const {
        const std::lock_guard lock(mutex_);
        return seen_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<wire::http_request> seen_;
    std::function<wire::http_response(const wire::http_request&)> answer_;
};

/// Called with a server, returns something that points at a transport to it, with the token "a-token", and owns it.
template <class F>
concept transport_factory = requires(F& make, recording_server& server) { requires transport<std::remove_cvref_t<decltype(*make(server))>>; };

namespace transport_suite {

inline void expect(bool holds, const std::string& otherwise) {
    if (!holds) throw transport_suite_failure(otherwise);
}

template <transport T>
wire::http_response answer_of(T& link, const wire::http_request& request) {
    exchange_result result = link.exchange(request);
    if (const auto* const failure = std::get_if<exchange_failure>(&result)) throw transport_suite_failure("no answer: " + failure->text);
    return std::get<wire::http_response>(std::move(result));
}

inline wire::http_request push(std::string body) {
    const std::string cbor(wire::media_type(wire::encoding::cbor));
    return {"POST", "/api/sync/push", std::move(body), {}, cbor, cbor + ", application/json"};
}

inline std::string every_byte(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i % 251);
    return text;
}

template <transport T>
void requests_arrive_as_they_are(recording_server& server, T& link) {
    server.answer_with({200, "{}", {}});
    const wire::http_request sent = push(every_byte(1'000));
    answer_of(link, sent);
    answer_of(link, {"GET", "/api/sync?since=a%2Fb&limit=7", {}, {}, {}, "application/json"});
    const auto seen = server.seen();
    expect(seen.size() == 2, "two requests arrive " + std::to_string(seen.size()) + " times");
    expect(seen[0].method == sent.method && seen[0].target == sent.target, "method or target is another");
    expect(seen[0].body == sent.body, "the body is another");
    expect(seen[0].content_type == sent.content_type && seen[0].accept == sent.accept, "Content-Type or Accept is another");
    expect(seen[1].method == "GET" && seen[1].target == "/api/sync?since=a%2Fb&limit=7", "a query is another");
    expect(seen[1].body.empty(), "a GET has got a body");
}

template <transport T>
void requests_carry_the_token(recording_server& server, T& link) {
    server.answer_with({200, "{}", {}});
    wire::http_request request = push("{}");
    request.token = "anothers-token";
    answer_of(link, request);
    const auto seen = server.seen();
    expect(seen.size() == 1 && seen[0].token == "a-token", "the token is another");
    expect(seen[0].target.find("a-token") == std::string::npos && seen[0].body.find("a-token") == std::string::npos, "the token is in target or body");
}

template <transport T>
void answers_come_as_they_are(recording_server& server, T& link) {
    for (const std::string_view type : {"application/json", "application/cbor"}) {
        wire::http_response answer{200, every_byte(70'000), {}};
        answer.content_type = type;
        server.answer_with(answer);
        const wire::http_response got = answer_of(link, {"GET", "/api/sync", {}, {}});
        expect(got.status == 200 && got.body == answer.body, "status or body of an answer is another");
        expect(wire::encoding_of(got.content_type) == wire::encoding_of(type), "the type of an answer is another");
    }
}

template <transport T>
void refusals_are_answers(recording_server& server, T& link) {
    for (const int status : {400, 403, 404, 408, 409, 410, 413, 415, 422, 429, 500, 502, 503, 504}) {
        server.answer_with({status, R"({"error":{"code":"rejected","message":"no"}})", {}});
        const wire::http_response got = answer_of(link, push("{}"));
        expect(got.status == status, "status " + std::to_string(status) + " becomes " + std::to_string(got.status));
        expect(got.body == R"({"error":{"code":"rejected","message":"no"}})", "the reason of a refusal is lost");
    }
}

template <transport T>
void nothing_is_sent_twice(recording_server& server, T& link) {
    for (const int status : {200, 408, 429, 500, 503}) {
        wire::http_response answer{status, "{}", {}};
        if (status == 503) answer.retry_after_ms = 1'000;
        server.answer_with(answer);
        static_cast<void>(link.exchange(push("{}")));
        expect(server.seen().size() == 1, "a request answered with " + std::to_string(status) + " is sent " + std::to_string(server.seen().size()) + " times");
    }
}

template <transport T>
void waits_are_told(recording_server& server, T& link) {
    wire::http_response answer{503, "{}", {}};
    answer.retry_after_ms = 7'000;
    server.answer_with(answer);
    expect(answer_of(link, push("{}")).retry_after_ms == 7'000, "Retry-After is lost");
}

template <transport T>
void large_messages_pass(recording_server& server, T& link) {
    const std::string large = every_byte(std::size_t{2} << 20);
    server.answer_with([](const wire::http_request& request) {
        wire::http_response answer{200, request.body, {}};
        answer.content_type = request.content_type;
        return answer;
    });
    expect(answer_of(link, push(large)).body == large, "a message of 2 MiB does not pass");
}

template <transport T>
void threads_may_share_it(recording_server& server, T& link) {
    server.answer_with([](const wire::http_request& request) { return wire::http_response{200, request.body, {}}; });
    std::mutex mutex;
    std::set<std::string> wrong;
    std::vector<std::thread> threads;
    for (int who = 0; who < 4; ++who)
        threads.emplace_back([&, who] {
            for (int i = 0; i < 25; ++i) {
                const std::string body = "\"" + std::to_string(who) + " " + std::to_string(i) + "\"";
                const exchange_result result = link.exchange({"POST", "/api/sync/push", body, {}});
                const auto* const response = std::get_if<wire::http_response>(&result);
                if (response != nullptr && response->body == body) continue;
                const std::lock_guard lock(mutex);
                wrong.insert(response == nullptr ? std::get<exchange_failure>(result).text : "another's answer");
            }
        });
    for (std::thread& one : threads) one.join();
    expect(wrong.empty(), "threads get in each other's way: " + (wrong.empty() ? std::string() : *wrong.begin()));
    expect(server.seen().size() == 100, "requests of several threads are lost or repeated");
}

}  // namespace transport_suite

/// One promise of a transport and what tries it.
template <transport T>
struct transport_check {
    std::string_view promise;
    void (*run)(recording_server& server, T& link);
};

template <transport T>
[[nodiscard]] std::span<const transport_check<T>> transport_checks() {
    namespace suite = transport_suite;
    static constexpr transport_check<T> checks[] = {
        {"a request arrives as it is", &suite::requests_arrive_as_they_are<T>},
        {"a request carries the transport's token and no other", &suite::requests_carry_the_token<T>},
        {"an answer comes as it is", &suite::answers_come_as_they_are<T>},
        {"a refusal is an answer", &suite::refusals_are_answers<T>},
        {"nothing is sent twice", &suite::nothing_is_sent_twice<T>},
        {"how long to wait is told", &suite::waits_are_told<T>},
        {"large messages pass", &suite::large_messages_pass<T>},
        {"threads may share it", &suite::threads_may_share_it<T>},
    };
    return checks;
}

/// Runs every check, each on a new transport. Throws transport_suite_failure, with the promise, at the first that is broken.
template <transport_factory F>
void run_transport_suite(F&& make) {
    using made = std::remove_cvref_t<decltype(*make(std::declval<recording_server&>()))>;
    for (const auto& check : transport_checks<made>()) {
        recording_server server;
        try {
            const auto link = make(server);
            check.run(server, *link);
        } catch (const std::exception& failure) {
            throw transport_suite_failure("broken promise \"" + std::string(check.promise) + "\": " + failure.what());
        }
    }
}

}  // namespace syncline::testing
