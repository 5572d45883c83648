/// One sync as a conversation without I/O: ask `next()` for a request, give its answer, until there is a report.
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <syncline/base/clock.hpp>
#include <syncline/client/lease.hpp>
#include <syncline/client/outside_transactions.hpp>
#include <syncline/client/pull_phase.hpp>
#include <syncline/client/push_phase.hpp>
#include <syncline/client/spoken_encoding.hpp>
#include <syncline/wire/read_error.hpp>
#include <syncline/wire/read_page.hpp>
#include <syncline/wire/read_push_answer.hpp>
#include <syncline/wire/pull_target.hpp>

namespace syncline {

struct session_options {
    limits bounds;
    clock_source clock = system_clock_source();
    /// Failures in a row before this sync, for the back-off.
    int failures_before = 0;
    /// Names who syncs, for the claim on the store; made up when empty.
    std::string holder;
    /// Preferred encoding; a server that does not speak it gets JSON.
    wire::encoding form = wire::encoding::cbor;
    /// Removals beyond limits::removal_share wait for the application, see sync_outcome::awaiting_consent.
    removal_consent removals = removal_consent::withheld;
};

/// The protocol: push what the horizon allows, then pull to the server's newest version. No sockets, threads or clock of its own;
/// it holds no transaction between calls. A store_error thrown by any call leaves the store as it was before the call, except that
/// next() may have prepared a request that it then could not make durable; the next call tries that again. Inside a transaction every
/// call throws transaction_is_open.
class session {
public:
    /// The store must outlive the session.
    template <store S>
        requires(!std::derived_from<S, store_port>)
    session(S& store, session_options options, random_source random)
        : session(std::make_unique<store_adapter<S>>(store), nullptr, std::move(options), random) {}
    session(store_port& store, session_options options, random_source random) : session(nullptr, &store, std::move(options), random) {}
    // Its parts refer to one another.
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// The next request, or the report once there is none. Calling it again before an answer gives the same request.
    [[nodiscard]] std::variant<wire::http_request, sync_report> next() {
        outside_transactions(store_);
        if (request_) return hand_out();
        while (stage_ != stage::done) {
            if (report_.requests >= options_.bounds.requests_per_sync) {
                stop(sync_outcome::interrupted, {error_code::too_large, "the bound of requests of one sync was reached", {}, {}, {}});
                break;
            }
            switch (stage_) {
                case stage::first_pull: prepare_pull(); break;
                case stage::push: prepare_push(); break;
                case stage::control: prepare_control(); break;
                case stage::pull:
                case stage::refetch: prepare_pull(); break;
                case stage::done: break;
            }
            if (request_) {
                ++report_.requests;
                return hand_out();
            }
        }
        finish();
        return report_;
    }

    /// Takes the answer to the last request.
    void answer(const wire::http_response& response) {
        outside_transactions(store_);
        if (!request_) return;
        request_.reset();
        if (response.status >= 200 && response.status < 300) {
            if (stage_ == stage::push) settle_push(response);
            else if (stage_ == stage::control) confirm_control(response);
            else take_page(response);
        } else {
            take_status(response);
        }
    }

    /// Takes the news that no answer came.
    void fail(std::string reason) {
        outside_transactions(store_);
        request_.reset();
        stop(sync_outcome::offline, {error_code::unreachable, std::move(reason), {}, {}, {}});
        report_.retry_in_ms = next_delay();
    }

    /// Ends the sync instead of its next request, unless it is at its end: next() then gives the report, with sync_outcome::stopped. An
    /// answer to a request that is out is not taken any more.
    void stop() {
        outside_transactions(store_);
        request_.reset();
        if (stage_ != stage::done) stop(sync_outcome::stopped, stopped_by_application());
    }

    [[nodiscard]] sync_progress progress() const noexcept {
        if (stage_ == stage::push || stage_ == stage::control) return {sync_progress::phase::pushing, push_.settled(), push_.planned()};
        return {sync_progress::phase::pulling, pull_.pulled(), 0};
    }

    /// Entries above this sequence were written after the sync began.
    [[nodiscard]] sequence horizon() const noexcept { return push_.horizon(); }

private:
    enum class stage : std::uint8_t {
        first_pull,  ///< a new store takes a snapshot before it pushes: a removal of what it pushed must be behind its cursor
        push,
        control,     ///< an empty push, to see whether the server works at all
        pull,
        refetch,     ///< all rows once more, because a verdict left one in doubt
        done
    };

    session(std::unique_ptr<store_port> own, store_port* other, session_options options, random_source random)
        : own_port_(std::move(own)), store_(outside_transactions(own_port_ ? *own_port_ : *other)), options_(std::move(options)), random_(random), lease_(holder_name(), options_.bounds.lease_ms),
          form_(options_.form), identity_(identity_of(store_, options_.clock, random_)), push_(store_, options_.bounds, identity_),
          pull_(store_, options_.bounds, options_.removals) {
        report_.schema = store_.schema();
        report_.tables.resize(static_cast<std::size_t>(store_.schema().size()));
        auto reading = store_.begin_read();
        if (!store_.find_meta("first_pull_done")) stage_ = stage::first_pull;
        push_.open();
        form_.open(store_);
        reading.commit();
    }

    std::string holder_name() { return options_.holder.empty() ? new_local_id(options_.clock(), random_).str() : options_.holder; }

    /// What a request tells cannot be taken back, so no loss of power may undo it here: a sequence would be used a second time.
    wire::http_request hand_out() {
        if (!is_durable_) store_.flush();
        is_durable_ = true;
        return *request_;
    }

    /// Claims the store for this sync; false, and the sync ends, when another process has it.
    bool claim() {
        if (lease_.hold(store_, options_.clock())) return true;
        stop_for_another();
        return false;
    }

    /// Sees before a request whether another process has the store, and whether it is known whose the edits in it are; writes nothing.
    bool may_ask() {
        if (!lease_.is_free(store_, options_.clock())) {
            stop_for_another();
            return false;
        }
        error unknown = find_unknown_owner(store_, identity_);
        if (!unknown) return true;
        stop(sync_outcome::refused, std::move(unknown));
        return false;
    }

    void stop_for_another() {
        stop(sync_outcome::busy, {error_code::lease_lost, "another process is syncing this store", {}, {}, {}});
    }

    void prepare_push() {
        if (push_.horizon() == 0) return end_of_pushes();
        auto writing = store_.begin_write();
        if (!may_ask()) return;
        std::optional<std::string> body = push_.next_batch(options_.clock(), form_.of_push());
        if (!body) return end_of_pushes();
        if (!claim()) return;
        writing.commit();
        pulled_last_ = false;
        durable_floor_.reset();
        is_durable_ = false;
        request_ = form_.push_request(std::move(*body));
    }

    /// What was pulled just before needs no second look when nothing was sent since.
    void end_of_pushes() {
        if (pulled_last_) end_of_pages();
        else stage_ = stage::pull;
    }

    void prepare_control() {
        auto reading = store_.begin_read();
        if (!may_ask()) return;
        is_durable_ = false;
        request_ = form_.push_request(push_.control_body(form_.of_push()));
        reading.commit();
    }

    void prepare_pull() {
        auto reading = store_.begin_read();
        if (!may_ask()) return;
        const wire::pull_request wanted = pull_.next_page(course(), identity_);
        // A cursor that is undone asks again for what came; only the floor is told for good.
        is_durable_ = durable_floor_ == wanted.acknowledged;
        durable_floor_ = wanted.acknowledged;
        request_ = form_.pull_request(wire::pull_target(wanted));
        reading.commit();
    }

    [[nodiscard]] pull_course course() const noexcept {
        return stage_ == stage::first_pull ? pull_course::first : stage_ == stage::refetch ? pull_course::again : pull_course::news;
    }

    /// Decodes an answer in whichever encoding it says it has.
    template <class Read, class Message>
    [[nodiscard]] error read(const wire::http_response& response, Read decode, Message& out) {
        const std::optional<wire::encoding> form = wire::encoding_of(response.content_type);
        if (!form) return {error_code::bad_answer, "the answer is neither JSON nor CBOR", {}, {}, {}};
        return decode(response.body, store_.schema(), options_.bounds, out, *form);
    }

    void settle_push(const wire::http_response& response) {
        if (const error problem = read(response, wire::read_push_answer, push_answer_)) {
            distrust(problem);
            return;
        }
        auto writing = store_.begin_write();
        if (!claim()) return;
        settle_effects effects;
        settler verdicts(store_, options_.bounds, options_.clock(), random_, report_, effects);
        push_.settle(push_answer_, verdicts, effects);
        keep(effects);
        writing.commit();
    }

    void keep(const settle_effects& effects) {
        for (const parked_row& removal : effects.removals) {
            // A later life of the row that waits for its parents must not be lost for the end of a former one.
            bool outlived = false;
            store_.scan_parked([&](const parked_row& row) {
                outlived = outlived || (row.table == removal.table && row.id == removal.id && row.version > removal.version);
            });
            if (!outlived) store_.put_parked(removal);
        }
        if (effects.refetch) store_.put_meta("refetch_wanted", "1");
    }

    /// An empty push was answered: the server works, so what it failed at is about the batch.
    void confirm_control(const wire::http_response& response) {
        if (const error problem = read(response, wire::read_push_answer, push_answer_)) {
            distrust(problem);
            return;
        }
        stage_ = stage::push;
        if (push_.split()) return;
        refuse_single(error_code::server_failed, "the server failed at this operation", false);
    }

    /// A status spoke about a single operation.
    void refuse_single(error_code code, const std::string& message, bool permanent) {
        auto writing = store_.begin_write();
        if (!claim()) return;
        settle_effects effects;
        settler verdicts(store_, options_.bounds, options_.clock(), random_, report_, effects);
        if (std::optional<outbox_entry> entry = push_.take_single()) {
            if (permanent) verdicts.set_aside(*entry, code, message);
            else verdicts.postpone(*entry, code, message);
        }
        push_.include(effects);
        keep(effects);
        writing.commit();
    }

    void take_page(const wire::http_response& response) {
        if (const error problem = read(response, wire::read_page, page_)) {
            distrust(problem);
            return;
        }
        form_.learn(response);
        if (const error problem = pull_.find_fault(page_)) {
            distrust(problem);
            return;
        }
        const bool binds = identity_.owner.empty();
        if ((binds || !pull_.is_idle(page_, course())) && !store_page()) return;
        if (!page_.more) end_of_pages();
    }

    /// Takes the page at hand; false, and the sync ends, when it must not be taken.
    bool store_page() {
        const sync_lease former_lease = lease_;
        auto writing = store_.begin_write();
        if (!claim()) return false;
        if (error unbound = bind_owner(store_, identity_, page_.owner)) {
            stop(sync_outcome::refused, std::move(unbound));
            return false;
        }
        const bool is_news = form_.save(store_) || (identity_.owner.empty() && !page_.owner.empty());
        sync_report counted = report_;
        switch (pull_.take(page_, course(), counted)) {
            case page_fate::taken: break;
            case page_fate::idle:
                if (is_news) break;
                // The transaction goes, and the claim on the store with it.
                lease_ = former_lease;
                return true;
            case page_fate::overtaken:
                stop(sync_outcome::busy, {error_code::lease_lost, "another process moved the cursor", {}, {}, {}});
                return false;
            case page_fate::held_back:
                stop(sync_outcome::awaiting_consent, {error_code::consent_needed, "the server removed more rows than a pull may take unasked", {}, {}, {}});
                for (std::size_t table = 0; table < report_.tables.size(); ++table) report_.tables[table].held_back = pull_.removed()[table];
                return false;
        }
        writing.commit();
        if (identity_.owner.empty()) identity_.owner = page_.owner;
        report_ = std::move(counted);
        pull_.confirm(page_);
        return true;
    }

    /// After the newest version: read everything again where a verdict asked for it, once, and then what happened meanwhile.
    void end_of_pages() {
        if (stage_ == stage::first_pull) {
            pulled_last_ = true;
            pull_.begin();
            stage_ = stage::push;
            return;
        }
        if (stage_ == stage::refetch) {
            refetched_ = true;
            pull_.begin();
            stage_ = stage::pull;
            return;
        }
        auto reading = store_.begin_read();
        const bool wanted = !refetched_ && store_.find_meta("refetch_wanted").value_or("") == "1";
        reading.commit();
        if (wanted) pull_.begin();
        stage_ = wanted ? stage::refetch : stage::done;
    }

    void take_status(const wire::http_response& response) {
        error problem;
        const std::optional<wire::encoding> form = wire::encoding_of(response.content_type);
        if (!form || wire::read_error(response.body, options_.bounds, problem, *form)) problem = {};
        switch (response.status) {
            case 415:
                if (stage_ != stage::push || !form_.retreat()) break;
                push_.repeat();
                return;
            case 400:
            case 413:
            case 422:
                if (stage_ != stage::push) break;
                if (push_.split() || (response.status == 400 && push_.repeat_single())) return;
                if (problem.code == error_code::none) problem.code = response.status == 413 ? error_code::too_large : error_code::malformed;
                refuse_single(problem.code, problem.message, true);
                return;
            case 401:
            case 403: stop(sync_outcome::unauthorized, describe(std::move(problem), error_code::unauthorized, response.status)); return;
            case 408:
            case 429: fail_later(sync_outcome::server_failed, describe(std::move(problem), error_code::rate_limited, response.status), response); return;
            default: break;
        }
        if (response.status >= 500) {
            // Whether the server is down or fails at one operation shows when it is asked without the operation.
            if (stage_ == stage::push && response.status != 503) {
                stage_ = stage::control;
                return;
            }
            fail_later(sync_outcome::server_failed, describe(std::move(problem), error_code::server_failed, response.status), response);
            return;
        }
        stop(sync_outcome::refused, describe(std::move(problem), error_code::bad_answer, response.status));
    }

    static error describe(error problem, error_code otherwise, int status) {
        if (problem.code == error_code::none) problem = {otherwise, "status " + std::to_string(status), {}, {}, {}};
        return problem;
    }

    void fail_later(sync_outcome outcome, error problem, const wire::http_response& response) {
        stop(outcome, std::move(problem));
        report_.retry_in_ms = response.retry_after_ms ? *response.retry_after_ms : next_delay();
        report_.is_retry_binding = response.retry_after_ms.has_value();
    }

    /// An answer that is not of this protocol, such as a portal's page: as if there had been none.
    void distrust(const error& problem) {
        stop(sync_outcome::server_failed, {error_code::bad_answer, to_string(problem), {}, {}, {}});
        report_.retry_in_ms = next_delay();
    }

    std::int64_t next_delay() { return backoff_delay_ms(options_.failures_before + 1, options_.bounds, random_); }

    void stop(sync_outcome outcome, error problem) {
        report_.outcome = outcome;
        report_.problem = std::move(problem);
        stage_ = stage::done;
    }

    void finish() {
        if (finished_) return;
        finished_ = true;
        if (lease_.is_held()) {
            auto writing = store_.begin_write();
            lease_.release(store_);
            writing.commit();
        }
        if (push_.horizon() == 0) return;
        for (table_report& table : report_.tables) table.waiting = 0;
        auto reading = store_.begin_read();
        store_.scan_entries([&](const outbox_entry& entry) {
            if (entry.state != entry_state::quarantined && entry.seq <= push_.horizon())
                ++report_.tables[static_cast<std::size_t>(entry.table)].waiting;
        });
        reading.commit();
    }

    std::unique_ptr<store_port> own_port_;  ///< if the session was given the store itself
    store_port& store_;
    session_options options_;
    random_source random_;
    sync_lease lease_;
    spoken_encoding form_;
    store_identity identity_;
    push_phase push_;
    pull_phase pull_;
    stage stage_ = stage::push;
    std::optional<wire::http_request> request_;
    bool is_durable_ = false;                ///< what the request tells is on the disk
    std::optional<sequence> durable_floor_;  ///< of the pull before, if nothing was pushed since
    bool pulled_last_ = false;  ///< the first pull was complete and nothing was sent since
    bool refetched_ = false;
    bool finished_ = false;
    sync_report report_;
    wire::push_answer push_answer_;
    wire::page page_;
};

}  // namespace syncline
