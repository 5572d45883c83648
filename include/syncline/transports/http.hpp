/// The transport over HTTP: one exchange is one call of any `http_client`, with the application's token.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <syncline/base/assert.hpp>
#include <syncline/base/clock.hpp>
#include <syncline/base/limits.hpp>
#include <syncline/base/thread_safe.hpp>
#include <syncline/transports/http_client.hpp>
#include <syncline/transports/http_retry_after.hpp>
#include <syncline/transports/http_url.hpp>
#include <syncline/wire/encoding.hpp>

namespace syncline {

/// The content of a packed body, or nothing where it is damaged or longer than `bytes_max`. Never holds more than that.
using content_unpacker = std::function<std::optional<std::string>(std::string_view packed, std::size_t bytes_max)>;

/// The token for the next request; if it is empty, the request has none. Called by every exchange, and by has_other_token, on its thread.
using token_source = std::function<std::string()>;

struct http_transport_options {
    /// Called after a 401, by one thread at a time: gets a new token, keeps it for the token source and returns it, or an empty text where there is
    /// none to be had; then the 401 stands. Where this is not set, a 401 stands at once.
    std::function<std::string()> refresh_token = {};
    /// Bytes of the longest answer, as it comes and unpacked.
    std::size_t answer_bytes_max = limits{}.body_bytes;
    /// Time of the whole of one request and its answer, however slowly either goes on; then the exchange fails. A request that is repeated
    /// with a refreshed token has as much again. A stream that `listen` hands over has no such end. 0: no bound.
    std::chrono::milliseconds exchange_timeout{limits{}.exchange_ms};
    /// Where it is set, servers are told that gzip is welcome; else a packed answer is a failure. `unpack_gzip` of http_gzip.hpp does it.
    content_unpacker unpack_gzip = {};
    /// Put before the target of every request, such as "/v2". Visible ASCII from '/' on; a '/' at its end is dropped.
    std::string path_prefix = {};
    /// For a Retry-After that is a date, in answers that have no Date.
    clock_source clock = system_clock_source();
};

/// Carries requests through `client`, which must outlive it, and never sends one twice, but after one refreshed token. Redirects and pages of
/// other types, as a network puts in the way until its user signs in, are failures. As thread_safe as the client.
/// What the token source and the callbacks of the options throw leaves `exchange`.
template <http_client C>
class http_transport {
public:
    static constexpr bool is_thread_safe = thread_safe<C>;

    /// Throws std::invalid_argument for an impossible prefix.
    http_transport(C& client, token_source token, http_transport_options options = {})
        : client_(client), token_(std::move(token)), options_(std::move(options)) {
        SYNCLINE_ASSERT(token_ != nullptr);
        options_.path_prefix = detail::checked_path_prefix(options_.path_prefix);
    }
    http_transport(const http_transport&) = delete;
    http_transport& operator=(const http_transport&) = delete;

    [[nodiscard]] exchange_result exchange(const wire::http_request& request) { return carry(request, {}, {}); }

    /// Ends with a failure as soon as `stop` asks for it.
    [[nodiscard]] exchange_result exchange(const wire::http_request& request, std::stop_token stop) { return carry(request, std::move(stop), {}); }

    /// Blocks while the server sends an event stream and hands its bytes to `receive` as they come, until the server, `stop` or false
    /// from `receive` ends it. The answer has no body, except where its status is not of 2xx: then `receive` has seen nothing.
    /// What a stream is made of comes before its type is checked: `receive` must bear bytes that are no events.
    [[nodiscard]] exchange_result listen(const wire::http_request& request, std::stop_token stop,
                                         const std::function<bool(std::string_view)>& receive) {
        SYNCLINE_ASSERT(receive != nullptr);
        return carry(request, std::move(stop), receive);
    }

    /// True if the token source gives another one than the last that a server refused. A background sync rests until then.
    [[nodiscard]] bool has_other_token() {
        const std::string token = token_();
        const std::lock_guard lock(refused_mutex_);
        return !refused_token_ || token != *refused_token_;
    }

    /// Ends every exchange in progress, and each one that begins before `resume`, with a failure. From any thread.
    void cancel() {
        std::stop_source current;
        {
            const std::lock_guard lock(cancel_mutex_);
            current = cancel_;
        }
        current.request_stop();
    }

    /// Lets exchanges begin again after `cancel`; those that were cancelled stay so.
    void resume() {
        const std::lock_guard lock(cancel_mutex_);
        if (cancel_.stop_requested()) cancel_ = std::stop_source();
    }

private:
    using receiver = std::function<bool(std::string_view)>;

    [[nodiscard]] exchange_result carry(const wire::http_request& request, std::stop_token stop, const receiver& receive) {
        std::stop_source either;
        const auto pass_on = [&either] { either.request_stop(); };
        const std::stop_callback on_cancel(cancel_token(), pass_on);
        const std::stop_callback on_stop(std::move(stop), pass_on);
        http_call call;
        if (std::optional<exchange_failure> problem = compose(request, receive, call)) return *std::move(problem);
        call.stop = either.get_token();

        std::string token = token_();
        http_result result = send(call, token);
        if (options_.refresh_token && is_unauthorized(result)) {
            const std::string fresh = refreshed(token);
            if (!fresh.empty()) result = send(call, token = fresh);
        }
        if (is_unauthorized(result)) {
            const std::lock_guard lock(refused_mutex_);
            refused_token_ = token;
        }
        if (const auto* const failure = std::get_if<exchange_failure>(&result)) return *failure;
        return judge(std::get<http_reply>(std::move(result)), receive != nullptr);
    }

    [[nodiscard]] std::stop_token cancel_token() {
        const std::lock_guard lock(cancel_mutex_);
        return cancel_.get_token();
    }

    /// Everything but the token, or what cannot be part of an HTTP head.
    [[nodiscard]] std::optional<exchange_failure> compose(const wire::http_request& request, const receiver& receive, http_call& call) const {
        if (!detail::is_visible_ascii(request.method) || !detail::is_visible_ascii(request.target) || !request.target.starts_with('/'))
            return not_sent("the request has a method or a target that HTTP cannot carry");
        call.method = request.method;
        call.target = options_.path_prefix + request.target;
        call.body = request.body;
        call.answer_bytes_max = options_.answer_bytes_max;
        call.receive = receive;
        if (!receive) call.time_max = options_.exchange_timeout;

        const std::string_view json = wire::media_type(wire::encoding::json);
        const auto add = [&call](std::string name, std::string_view value) { call.headers.push_back({std::move(name), std::string(value)}); };
        const auto or_else = [](const std::string& value, std::string_view otherwise) { return value.empty() ? otherwise : std::string_view(value); };
        add("Accept", or_else(request.accept, receive ? event_stream : json));
        add("Accept-Encoding", options_.unpack_gzip && !receive ? "gzip" : "identity");
        if (!request.body.empty()) add("Content-Type", or_else(request.content_type, json));
        if (!request.idempotency_key.empty()) add("Idempotency-Key", request.idempotency_key);
        if (!request.if_match.empty()) add("If-Match", request.if_match);
        for (const http_header& header : call.headers)
            if (!detail::is_visible_ascii_or_space(header.value)) return not_sent("the request has a header that HTTP cannot carry: " + header.name);
        return std::nullopt;
    }

    [[nodiscard]] http_result send(http_call& call, const std::string& token) {
        if (call.stop.stop_requested()) return not_sent("the exchange was cancelled before the request was sent");
        if (!detail::is_visible_ascii(token)) return not_sent("the token has spaces, line breaks or other characters that no token has");
        std::erase_if(call.headers, [](const http_header& header) { return header.name == "Authorization"; });
        if (!token.empty()) call.headers.push_back({"Authorization", "Bearer " + token});
        return client_.send(call);
    }

    [[nodiscard]] static bool is_unauthorized(const http_result& result) noexcept {
        const auto* const reply = std::get_if<http_reply>(&result);
        return reply != nullptr && reply->status == 401;
    }

    [[nodiscard]] std::string refreshed(const std::string& refused) {
        const std::lock_guard lock(refresh_mutex_);
        // Where tokens serve for one refresh only, a second thread that got a 401 must not ask again.
        std::string current = token_();
        return current == refused ? options_.refresh_token() : current;
    }

    /// What a reply is to a client of syncline.
    [[nodiscard]] exchange_result judge(http_reply reply, bool listens) const {
        const std::string_view type = find_header(reply.headers, "Content-Type").value_or("");
        const bool is_success = reply.status >= 200 && reply.status < 300;
        if (reply.status >= 300 && reply.status < 400)
            return lost("the answer is a redirect, which is not followed (a sign-in page of the network, or an old address?)");
        if (reply.status == 511 || (is_success && reply.status != 204 && !is_expected(type, listens, reply.body.empty())))
            return lost("the network or the server answers with a page of its own (a sign-in page?)");
        if (std::optional<exchange_failure> problem = unpack(reply, listens)) return *std::move(problem);

        wire::http_response response;
        response.status = reply.status;
        response.body = std::move(reply.body);
        response.content_type = type;
        response.etag = find_header(reply.headers, "ETag").value_or("");
        response.allow = find_header(reply.headers, "Allow").value_or("");
        if (const auto pause = find_header(reply.headers, "Retry-After")) response.retry_after_ms = read_retry_after(*pause, time_of(reply));
        return response;
    }

    /// A stream has handed its body over, so that nothing is left to tell by.
    [[nodiscard]] static bool is_expected(std::string_view type, bool listens, bool is_empty) noexcept {
        if (listens) return equal_ignoring_case(type.substr(0, type.find_first_of("; \t")), event_stream);
        return is_empty || wire::encoding_of(type).has_value();
    }

    [[nodiscard]] std::optional<exchange_failure> unpack(http_reply& reply, bool listens) const {
        bool is_packed = false;
        for (const http_header& header : reply.headers) {
            if (!equal_ignoring_case(header.name, "Content-Encoding")) continue;
            if (header.value.empty() || equal_ignoring_case(header.value, "identity")) continue;
            if (is_packed || listens || !options_.unpack_gzip || !equal_ignoring_case(header.value, "gzip"))
                return lost("the answer is packed in a way that was not asked for");
            is_packed = true;
        }
        if (is_packed && !reply.body.empty()) {
            std::optional<std::string> content = options_.unpack_gzip(reply.body, options_.answer_bytes_max);
            if (!content) return lost("the answer is packed and damaged, or longer than it may be when unpacked");
            reply.body = *std::move(content);
        }
        if (reply.body.size() > options_.answer_bytes_max) return lost("the answer is longer than it may be");
        return std::nullopt;
    }

    /// Seconds since the Unix epoch, by the server where it says.
    [[nodiscard]] std::int64_t time_of(const http_reply& reply) const {
        if (const auto date = find_header(reply.headers, "Date"))
            if (const std::optional<std::int64_t> time = read_http_date(*date)) return *time;
        return options_.clock() / 1'000;
    }

    [[nodiscard]] static exchange_failure not_sent(std::string text) { return {exchange_failure_kind::unreachable, std::move(text)}; }
    [[nodiscard]] static exchange_failure lost(std::string text) { return {exchange_failure_kind::lost, std::move(text)}; }

    static constexpr std::string_view event_stream = "text/event-stream";

    C& client_;
    token_source token_;
    http_transport_options options_;
    std::mutex refused_mutex_;
    std::optional<std::string> refused_token_;  ///< the last one that was answered with a 401
    std::mutex cancel_mutex_;
    std::stop_source cancel_;
    std::mutex refresh_mutex_;
};

}  // namespace syncline
