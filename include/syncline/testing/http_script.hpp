/// What a server for tests is told to do with requests, byte by byte: good answers, and every bad one.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace syncline::testing {

struct script_step {
    enum class kind : std::uint8_t {
        send,     ///< `bytes` at once
        trickle,  ///< `bytes` one by one
        drip,     ///< `bytes` one by one, with a pause of `drip_pause` before each
        flood,    ///< `bytes` again and again, until the client goes away
        await,    ///< nothing, until the test says proceed()
        hang,     ///< nothing, until the client goes away
        close,    ///< end the connection
        reset     ///< break the connection
    };
    kind what = kind::send;
    std::string bytes = {};
    static constexpr std::chrono::milliseconds drip_pause{10};
};

/// The steps after one request. Where they end without closing the connection, the next request on it is read.
struct answer_script {
    std::vector<script_step> steps;
    bool reads_body = true;  ///< false: the steps begin when the head of the request is there
};

/// An HTTP/1.1 server on 127.0.0.1 that answers requests with scripts, in the order in which they arrive on whatever connection, and a
/// request without a script with 204.
template <class S>
concept scripted_server = std::default_initializable<S> && requires(S& server, const answer_script& script, std::size_t count) {
    { server.url() } -> std::convertible_to<std::string>;
    server.answer_next(script);
    { server.requests() } -> std::convertible_to<std::vector<std::string>>;  ///< head and body of each, as they came
    { server.connections() } -> std::convertible_to<std::size_t>;            ///< taken so far
    server.wait_for_requests(count);                                         ///< until so many have come whole
    server.wait_for_answers(count);                                          ///< until the steps after so many are done
    server.proceed();                                                        ///< ends one `await`, now or to come
    server.refuse_connections();                                             ///< from now on nobody listens
};

/// A whole answer whose body has its length before it. `headers`: lines that each end with "\r\n".
[[nodiscard]] inline std::string whole_answer(int status, std::string_view body, std::string_view headers = {}) {
    std::string text = "HTTP/1.1 " + std::to_string(status) + " Scripted\r\n";
    text += headers;
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    return text += body;
}

}  // namespace syncline::testing
