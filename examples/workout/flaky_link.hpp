/// A bad mobile connection, the same on every run: requests and answers get lost, the server fails now and then.
#pragma once

#include <syncline/base/random.hpp>
#include <syncline/client/transport.hpp>

namespace workout_tracker {

template <syncline::transport Inner>
class flaky_link {
public:
    flaky_link(Inner& inner, std::uint64_t seed) : inner_(inner), random_(seed) {}

    /// While not flaky it passes everything.
    void set_flaky(bool flaky) noexcept { flaky_ = flaky; }

    syncline::exchange_result exchange(const syncline::wire::http_request& request) {
        const std::uint64_t draw = flaky_ ? random_.below(10) : 9;
        if (draw < 2) return syncline::exchange_failure{syncline::exchange_failure_kind::unreachable, "no signal"};
        if (draw < 3) return syncline::wire::http_response{503, "", {}};
        syncline::exchange_result result = inner_.exchange(request);
        if (draw < 6) return syncline::exchange_failure{syncline::exchange_failure_kind::lost, "the answer was lost"};
        return result;
    }

private:
    Inner& inner_;
    syncline::random_source random_;
    bool flaky_ = false;
};

}  // namespace workout_tracker
