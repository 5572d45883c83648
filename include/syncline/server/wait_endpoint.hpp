/// Requests that are held until an owner's rows have changed: one answer, or a stream of server-sent events.
#pragma once

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <syncline/base/clock.hpp>
#include <syncline/base/thread_safe.hpp>
#include <syncline/server/news.hpp>
#include <syncline/server/service.hpp>
#include <syncline/wire/wait_target.hpp>
#include <syncline/wire/write_error.hpp>

namespace syncline {

struct wait_options {
    std::chrono::seconds wait_max{60};         ///< longest wait for one answer
    std::chrono::seconds stream_max{300};      ///< life of a stream, after which its token is looked at anew
    std::chrono::milliseconds ask_every{1'000};///< how often the database is asked for what other processes wrote
    std::size_t waiters_max = 2'048;           ///< more are sent away with 503
    std::size_t waiters_per_owner_max = 64;    ///< so that one owner's do not take the places of all
};

/// Answers requests that wait, for one service. As thread_safe as the service.
template <class Service>
class wait_endpoint {
public:
    static constexpr bool is_thread_safe = thread_safe<Service>;

    wait_endpoint(Service& target, const wait_options& options) : service_(target), options_(options), board_(options.ask_every, options.waiters_max, options.waiters_per_owner_max) {}

    /// Tells those who wait for the owner that a transaction with this version is committed.
    void publish(std::string_view owner, row_version version) { board_.publish(owner, version); }
    /// Ends all waits, now and later.
    void close() { board_.close(); }
    [[nodiscard]] std::size_t waiters() const { return board_.waiters(); }

    [[nodiscard]] wire::http_response handle(std::string_view owner, const wire::http_request& request) {
        wire::wait_request wanted;
        if (error problem = wire::read_wait_target(request.target, service_.bounds(), wanted)) return wire::error_response(problem, 400);
        if (!wanted.pull.owner.empty() && wanted.pull.owner != owner)
            return wire::error_response({error_code::wrong_owner, "the store belongs to another owner", {}, {}, {}}, 409);
        const std::optional<row_version> known = service_.version_at(owner, wanted.pull.since);
        if (request.accept.find("text/event-stream") != std::string::npos) return open_stream(owner, known, wanted);
        return wait(owner, known, wanted);
    }

private:
    using outcome = news_board::outcome;

    [[nodiscard]] wire::http_response wait(std::string_view owner, std::optional<row_version> known, const wire::wait_request& wanted) {
        outcome found = outcome::news;
        if (known) {
            const auto patience = std::clamp<std::chrono::seconds>(std::chrono::seconds(wanted.timeout_s), std::chrono::seconds(0), options_.wait_max);
            found = board_.wait(owner, *known, monotonic_now() + patience, [&] { return service_.newest_version(owner); });
        }
        if (found == outcome::closed || found == outcome::crowded) {
            wire::http_response busy = wire::error_response({error_code::server_failed, found == outcome::closed ? "the server stops" : "too many wait already", {}, {}, {}}, 503);
            busy.retry_after_ms = 1'000;
            return busy;
        }
        wire::http_response response;
        response.status = 200;
        response.body = found == outcome::news ? R"({"news":true})" : R"({"news":false})";
        return response;
    }

    /// What a stream is in between two pieces.
    struct stream_state {
        std::string owner;
        std::optional<row_version> known;
        monotonic_clock::time_point ends;
        std::chrono::seconds heartbeat;
        monotonic_clock::time_point beats;
    };

    [[nodiscard]] wire::http_response open_stream(std::string_view owner, std::optional<row_version> known, const wire::wait_request& wanted) {
        const auto now = monotonic_now();
        const auto life = std::clamp<std::chrono::seconds>(std::chrono::seconds(wanted.timeout_s), std::chrono::seconds(1), options_.stream_max);
        const auto heartbeat = std::clamp<std::chrono::seconds>(std::chrono::seconds(wanted.heartbeat_s), std::chrono::seconds(1), std::chrono::seconds(60));
        auto state = std::make_shared<stream_state>(stream_state{std::string(owner), known, now + life, heartbeat, now});
        wire::http_response response;
        response.status = 200;
        response.content_type = "text/event-stream";
        response.stream = [this, state = std::move(state)](std::string& piece, std::chrono::milliseconds wait_max) {
            try {
                return next_piece(*state, piece, wait_max);
            } catch (const std::exception&) {
                // The head of the answer has left, so that it failed can only be said by its end.
                piece.clear();
                return false;
            }
        };
        return response;
    }

    [[nodiscard]] bool next_piece(stream_state& state, std::string& piece, std::chrono::milliseconds wait_max) {
        piece.clear();
        const auto now = monotonic_now();
        if (now >= state.beats) {
            state.beats = now + state.heartbeat;
            piece = ":\n\n";
            return true;
        }
        if (!state.known) {
            piece = "event: news\ndata: {}\n\n";
            return false;
        }
        const auto until = std::min<monotonic_clock::time_point>({state.beats, state.ends, now + wait_max});
        switch (board_.wait(state.owner, *state.known, until, [&] { return service_.newest_version(state.owner); })) {
            case outcome::news:
                state.known = std::max(state.known->next(), service_.newest_version(state.owner));
                piece = "event: news\ndata: {\"version\":\"" + state.known->str() + "\"}\n\n";
                return true;
            case outcome::nothing: return monotonic_now() < state.ends;
            case outcome::closed:
            case outcome::crowded: break;
        }
        return false;
    }

    Service& service_;
    wait_options options_;
    news_board board_;
};

}  // namespace syncline
