/// What became of the operations of one push: verdicts for the session, and when the rest is not tried.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <syncline/transports/rest_backend.hpp>
#include <syncline/wire/push_answer_writer.hpp>

namespace syncline {

template <http_client C>
class rest_verdicts {
public:
    explicit rest_verdicts(rest_backend<C>& backend) : backend_(backend) {}

    /// Begins a push whose verdicts go to `writer`.
    void begin(wire::push_answer_writer& writer) {
        writer_ = &writer;
        written_ = 0;
        doubts_.clear();
        stop_.reset();
    }

    void settle(const wire::operation_result& result) {
        writer_->add(result);
        ++written_;
    }

    /// The rest of the push is not tried, for this reason.
    void stop(exchange_result reason) { stop_ = std::move(reason); }
    [[nodiscard]] bool is_stopped() const noexcept { return stop_.has_value(); }

    /// False when the next operation is not to be tried.
    [[nodiscard]] bool may_go_on() { return !stop_ && (doubts_.size() < doubts_max || is_up()); }

    /// Ends the push. Gives what the session gets instead of verdicts where there is none, because the backend is down.
    [[nodiscard]] std::optional<exchange_result> end(bool asks_whether_up) {
        if (!stop_ && (asks_whether_up || !doubts_.empty())) static_cast<void>(is_up());
        if (stop_ && written_ == 0) return std::move(stop_);
        return std::nullopt;
    }

    /// The backend works: what it failed at, or forbade, was about the row.
    void confirm(int table) {
        backend_.prove(table);
        settle_doubts();
    }

    /// Gives the verdict on every reply but 2xx, for which it is true. `table`: of the route that was called.
    [[nodiscard]] bool take_reply(const operation& op, int table, wire::operation_result& result, const http_reply& reply) {
        const auto refuse = [&](error_code code, bool permanent) {
            result.outcome = wire::verdict::rejected;
            result.permanent = permanent;
            result.problem = backend_.caller.problem_of(reply, code, backend_.store.schema()[table].entity);
            result.problem.local_id = op.id.str();
        };
        switch (outcome_of(reply.status)) {
            case rest_outcome::done: confirm(table); return true;
            case rest_outcome::unknown:
                if (backend_.is_proven(table) && op.kind == operation_kind::update) {
                    result.outcome = wire::verdict::gone;
                    result.problem = {error_code::not_found, {}, {}, {}, {}};
                    settle(result);
                    return false;
                }
                // Where the route itself may be wrong, nothing is known about the row.
                refuse(error_code::not_found, false);
                break;
            case rest_outcome::refused: {
                // A row that others still need may be free after the next pull.
                const bool needed = op.kind == operation_kind::remove && reply.status == 409;
                refuse(needed ? error_code::restricted : error_code::rejected, !needed);
                settle(result);
                return false;
            }
            case rest_outcome::forbidden: refuse(error_code::unauthorized, true); break;
            case rest_outcome::failed: refuse(error_code::server_failed, false); break;
            case rest_outcome::later:
            case rest_outcome::unauthorized:
            case rest_outcome::strange: stop(backend_.refusal_of(reply)); return false;
        }
        doubts_.push_back(std::move(result));
        return false;
    }

private:
    /// Refusals in a row until the backend is asked whether it works at all.
    static constexpr std::size_t doubts_max = 8;

    /// Asks for something harmless: what the backend failed at before was about the rows when it answers that.
    [[nodiscard]] bool is_up() {
        stop_ = backend_.control();
        if (stop_) return false;
        settle_doubts();
        return true;
    }

    void settle_doubts() {
        for (const wire::operation_result& result : doubts_) settle(result);
        doubts_.clear();
    }

    rest_backend<C>& backend_;
    wire::push_answer_writer* writer_ = nullptr;
    std::size_t written_ = 0;
    std::vector<wire::operation_result> doubts_;  ///< refusals that may be about the backend as a whole
    std::optional<exchange_result> stop_;
};

}  // namespace syncline
