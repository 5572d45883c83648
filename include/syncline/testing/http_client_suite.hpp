/// What every HTTP client must do for the HTTP transport, as named checks that any test framework can run: `run_http_client_suite`. The
/// server that plays tricks on the client is loopback_server.hpp, or another that meets `scripted_server`.
#pragma once

#include <concepts>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <syncline/testing/http_client_suite_failures.hpp>

namespace syncline::testing {

/// Called with the address of a server, makes a new client of it and returns something that points at the client and owns it. The client's
/// time-outs should be so long that none passes during a check, which takes seconds: what hangs instead of ending is then seen to hang.
template <class F>
concept http_client_factory = requires(F& factory, const std::string& url) {
    requires http_client<std::remove_cvref_t<decltype(*factory(url))>>;
};

/// One promise of an HTTP client and what tries it.
template <http_client C, scripted_server S>
struct http_client_check {
    std::string_view promise;
    void (*run)(C& client, S& server);
};

template <http_client C, scripted_server S>
[[nodiscard]] std::span<const http_client_check<C, S>> http_client_checks() {
    namespace suite = http_client_suite;
    static constexpr http_client_check<C, S> checks[] = {
        {"a request arrives as it was given", &suite::requests_arrive_as_given<C, S>},
        {"large bodies arrive whole, both ways", &suite::large_bodies_arrive_whole<C, S>},
        {"an answer comes back whole, however it is delimited and cut", &suite::answers_come_back_whole<C, S>},
        {"every status is an answer, and no redirect is followed", &suite::every_status_is_an_answer<C, S>},
        {"a packed body stays packed", &suite::packed_bodies_stay_packed<C, S>},
        {"a body is read up to the bound and not beyond", &suite::bodies_up_to_the_bound_are_read<C, S>},
        {"an endless body is not read, whether it says its length or not", &suite::endless_bodies_are_not_read<C, S>},
        {"a server that does not listen is unreachable", &suite::nobody_listening_is_unreachable<C, S>},
        {"an answer that is cut, damaged or missing is lost, and nothing is sent again", &suite::broken_answers_are_lost<C, S>},
        {"a connection that breaks during an upload is a failure", &suite::a_broken_upload_is_a_failure<C, S>},
        {"a kept connection that breaks is a failure, and nothing is sent again", &suite::kept_connections_break_without_a_repeat<C, S>},
        {"bytes after an answer are not taken for the next one", &suite::bytes_after_an_answer_are_ignored<C, S>},
        {"an answer that drips in ends with the call's time", &suite::dripping_answers_end_in_time<C, S>},
        {"an upload that is not taken ends with the call's time", &suite::blocked_uploads_end_in_time<C, S>},
        {"a call that ends in time is not disturbed", &suite::calls_in_time_are_not_disturbed<C, S>},
        {"a stop before the request keeps it from being sent", &suite::a_stop_comes_before_the_request<C, S>},
        {"a stop ends a call that waits or reads", &suite::a_stop_ends_waiting_and_reading<C, S>},
        {"a stop ends an upload", &suite::a_stop_ends_an_upload<C, S>},
        {"no stop is missed, whenever it comes", &suite::no_stop_is_missed<C, S>},
        {"a stop ends no other call", &suite::a_stop_ends_one_call_only<C, S>},
        {"calls of several threads do not wait for each other", &suite::threads_do_not_wait_for_each_other<C, S>},
        {"a stream is handed over as it comes", &suite::streams_are_handed_over_as_they_come<C, S>},
        {"a receiver can end its stream", &suite::a_receiver_ends_its_stream<C, S>},
        {"a refusal is not handed over as a stream", &suite::refusals_are_not_handed_over<C, S>},
        {"a stop ends a stream", &suite::a_stop_ends_a_stream<C, S>},
    };
    return checks;
}

/// The client that the factory makes.
template <http_client_factory F>
using http_client_made_by = std::remove_cvref_t<decltype(*std::declval<F&>()(std::declval<const std::string&>()))>;

/// Runs one check with a new server and a new client. Throws http_client_suite_failure with the promise and how it is broken.
template <scripted_server S, http_client_factory F>
void run_http_client_check(const http_client_check<http_client_made_by<F>, S>& check, F&& factory) {
    try {
        S server;
        const auto made = factory(std::string(server.url()));
        check.run(*made, server);
    } catch (const std::exception& failure) {
        throw http_client_suite_failure("broken promise \"" + std::string(check.promise) + "\": " + failure.what());
    }
}

/// Runs every check. Throws http_client_suite_failure at the first broken promise.
template <scripted_server S, http_client_factory F>
void run_http_client_suite(F&& factory) {
    for (const auto& check : http_client_checks<http_client_made_by<F>, S>()) run_http_client_check<S>(check, factory);
}

}  // namespace syncline::testing
