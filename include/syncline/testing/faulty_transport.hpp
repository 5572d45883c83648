/// A transport around any other that fails as networks and servers do: when told to, or at random from a seed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <syncline/base/random.hpp>
#include <syncline/client/transport.hpp>

namespace syncline::testing {

/// What happens to one exchange.
enum class fault : std::uint8_t {
    none,
    lose_request,         ///< the server never sees it
    lose_answer,          ///< the server has done it, the client does not learn
    repeat,               ///< the server gets it twice, the client the second answer
    hold,                 ///< as lose_request, but the server gets it later, see deliver_held
    fail_before,          ///< status 500, nothing done
    fail_after,           ///< status 500, done all the same
    unavailable,          ///< status 503 with Retry-After
    too_many_requests,    ///< status 429 with Retry-After
    request_timed_out,    ///< status 408
    body_too_large,       ///< status 413
    portal_page,          ///< status 200 with a page for people
    cut_request,          ///< the server sees a part of the body
    flip_request,         ///< the server sees the body with one bit changed
    cut_answer,           ///< done; the client sees a part of the answer
    flip_answer           ///< done; the client sees the answer with one bit changed
};
inline constexpr std::size_t fault_count = static_cast<std::size_t>(fault::flip_answer) + 1;

[[nodiscard]] constexpr std::string_view name_of(fault one) noexcept {
    constexpr std::string_view names[] = {"none",        "lose request",      "lose answer",       "repeat",
                                          "hold",        "fail before",       "fail after",        "unavailable",
                                          "too many requests", "request timed out", "body too large", "portal page",
                                          "cut request", "flip request",      "cut answer",        "flip answer"};
    static_assert(sizeof names / sizeof names[0] == fault_count);
    return names[static_cast<std::size_t>(one)];
}

/// How often each fault happens, in exchanges of 1,000; what is left of the 1,000 goes well.
struct fault_rates {
    std::array<std::uint16_t, fault_count> per_mille{};
    /// Held requests that reach the server before an exchange, in exchanges of 1,000.
    std::uint16_t deliver_held = 0;

    fault_rates& set(fault one, std::uint16_t rate) noexcept {
        per_mille[static_cast<std::size_t>(one)] = rate;
        return *this;
    }
    /// The same rate for every fault.
    [[nodiscard]] static fault_rates all(std::uint16_t rate) noexcept {
        fault_rates rates;
        for (std::size_t i = 1; i < fault_count; ++i) rates.per_mille[i] = rate;
        rates.deliver_held = static_cast<std::uint16_t>(rate * 4);
        return rates;
    }
};

/// Carries requests to `inner`, which must outlive it. For one thread at a time, as an engine uses its transport.
/// An exchange goes wrong as `intercept` says, else as the next scripted fault says, else at random by the rates.
template <transport Inner>
class faulty_transport {
public:
    using request_hook = std::function<void(const wire::http_request&)>;
    using answer_hook = std::function<void(const wire::http_request&, wire::http_response&)>;
    /// A result instead of an exchange, or nothing to let it go on.
    using interception = std::function<std::optional<exchange_result>(const wire::http_request&)>;

    explicit faulty_transport(Inner& inner, random_source random = random_source(0)) : inner_(inner), random_(random) {}
    faulty_transport(const faulty_transport&) = delete;
    faulty_transport& operator=(const faulty_transport&) = delete;

    /// Queues a fault for the next `times` exchanges that have none queued yet.
    void next_fault(fault one, std::size_t times = 1) { script_.insert(script_.end(), times, one); }
    /// Every exchange without a scripted fault draws one.
    void set_rates(const fault_rates& rates) { rates_ = rates; }
    /// Forgets script, rates and hooks; held requests stay held.
    void heal() {
        script_.clear();
        rates_ = {};
        before_delivery = {};
        before_answer = {};
        rewrite_answer = {};
        intercept = {};
    }

    [[nodiscard]] exchange_result exchange(const wire::http_request& request) {
        ++requests_;
        if (random_.chance(rates_.deliver_held, 1'000)) deliver_one_held();
        if (before_delivery) before_delivery(request);
        if (intercept)
            if (std::optional<exchange_result> instead = intercept(request)) return *std::move(instead);
        exchange_result result = suffer(next_fault_of_exchange(), request);
        if (before_answer) before_answer(request);
        if (auto* const response = std::get_if<wire::http_response>(&result); response != nullptr && rewrite_answer) rewrite_answer(request, *response);
        return result;
    }

    /// Hands every held request to the server, oldest first; their answers reach nobody. Returns how many there were.
    std::size_t deliver_held() {
        const std::size_t count = held_.size();
        while (!held_.empty()) deliver_one_held();
        return count;
    }
    [[nodiscard]] std::size_t held() const noexcept { return held_.size(); }

    /// Exchanges so far, whatever became of them.
    [[nodiscard]] std::size_t requests() const noexcept { return requests_; }
    /// Every request that reached the server whole, in this order, each delivery once.
    [[nodiscard]] const std::vector<wire::http_request>& captured() const noexcept { return captured_; }
    void forget_captured() noexcept { captured_.clear(); }
    /// Delivers captured request number `at` again, without capturing it.
    wire::http_response replay(std::size_t at) {
        exchange_result result = inner_.exchange(captured_.at(at));
        if (auto* const response = std::get_if<wire::http_response>(&result)) return std::move(*response);
        return {};
    }

    request_hook before_delivery;  ///< while the request is on its way
    request_hook before_answer;    ///< while the answer is on its way, when the server has done its work
    answer_hook rewrite_answer;
    interception intercept;

private:
    fault next_fault_of_exchange() {
        if (!script_.empty()) {
            const fault scripted = script_.front();
            script_.pop_front();
            return scripted;
        }
        std::uint64_t drawn = random_.below(1'000);
        for (std::size_t i = 1; i < fault_count; ++i) {
            if (drawn < rates_.per_mille[i]) return static_cast<fault>(i);
            drawn -= rates_.per_mille[i];
        }
        return fault::none;
    }

    exchange_result deliver(const wire::http_request& request) {
        captured_.push_back(request);
        return inner_.exchange(request);
    }
    exchange_result deliver_damaged(wire::http_request request) { return inner_.exchange(request); }

    void deliver_one_held() {
        if (held_.empty()) return;
        const wire::http_request late = std::move(held_.front());
        held_.pop_front();
        std::ignore = deliver(late);
    }

    exchange_result suffer(fault one, const wire::http_request& request) {
        switch (one) {
            case fault::none: return deliver(request);
            case fault::lose_request: return exchange_failure{exchange_failure_kind::unreachable, "the request was lost"};
            case fault::lose_answer: std::ignore = deliver(request); return exchange_failure{exchange_failure_kind::lost, "the answer was lost"};
            case fault::repeat: std::ignore = deliver(request); return deliver(request);
            case fault::hold: held_.push_back(request); return exchange_failure{exchange_failure_kind::lost, "the request is held back"};
            case fault::fail_before: return status(500);
            case fault::fail_after: std::ignore = deliver(request); return status(500);
            case fault::unavailable: return status(503, 30'000);
            case fault::too_many_requests: return status(429, 60'000);
            case fault::request_timed_out: return status(408);
            case fault::body_too_large: return status(413);
            case fault::portal_page: return wire::http_response{200, "<html><body>Please sign in to this network</body></html>", {}};
            case fault::cut_request: return deliver_damaged(with_body(request, cut(request.body)));
            case fault::flip_request: return deliver_damaged(with_body(request, flipped(request.body)));
            case fault::cut_answer: return damaged(deliver(request), true);
            case fault::flip_answer: return damaged(deliver(request), false);
        }
        return deliver(request);
    }

    static wire::http_response status(int code, std::optional<std::int64_t> retry_after_ms = {}) { return {code, {}, retry_after_ms}; }
    static wire::http_request with_body(wire::http_request request, std::string body) {
        request.body = std::move(body);
        return request;
    }
    exchange_result damaged(exchange_result result, bool cuts) {
        if (auto* const response = std::get_if<wire::http_response>(&result)) response->body = cuts ? cut(response->body) : flipped(response->body);
        return result;
    }
    std::string cut(const std::string& body) { return body.substr(0, random_.below(body.size())); }
    std::string flipped(std::string body) {
        if (body.empty()) return body;
        const std::uint64_t at = random_.below(body.size());
        const std::uint64_t bit = random_.below(8);
        body[at] = static_cast<char>(static_cast<unsigned char>(body[at]) ^ (1u << bit));
        return body;
    }

    Inner& inner_;
    random_source random_;
    fault_rates rates_;
    std::deque<fault> script_;
    std::deque<wire::http_request> held_;
    std::vector<wire::http_request> captured_;
    std::size_t requests_ = 0;
};

}  // namespace syncline::testing
