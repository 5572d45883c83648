/// What happens in a simulated world: edits, steps of syncs, faults of the network, each watched by the checkers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/server/router.hpp>
#include <syncline/testing/schemas.hpp>
#include <syncline/testing/world_application.hpp>
#include <syncline/testing/world_device.hpp>
#include <syncline/testing/world_log.hpp>
#include <syncline/testing/world_network.hpp>
#include <syncline/testing/world_printer.hpp>
#include <syncline/testing/world_script.hpp>

namespace syncline::testing {

template <store S, backend B>
class world_events {
public:
    world_events(const world_parts<S, B>& parts, const script& plan)
        : parts_(parts), plan_(plan), swarm_(drawn(parts, plan)),
          schema_(parts.schemas[swarm_.schema].view), log_(plan.lines_kept), database_(parts.make_backend(schema_, random_source(plan.seed + 1))),
          service_(*database_, {server_bounds(), [this] { return now_ms_; }, random_source(plan.seed + 2)}),
          router_(service_, authenticate{}) {
        for (std::size_t owner = 0; owner < swarm_.devices.size(); ++owner) {
            if (swarm_.devices[owner] == 0) continue;
            mirrors_.emplace_back(owner_name(owner), schema_);
            past_.emplace_back();
            for (int i = 0; i < swarm_.devices[owner]; ++i) add_device(mirrors_.size() - 1, i);
        }
        log_.add(swarm_text());
    }
    world_events(const world_events&) = delete;
    world_events& operator=(const world_events&) = delete;

    [[nodiscard]] std::string swarm_text() const { return describe(swarm_, parts_.schemas[swarm_.schema].name); }

protected:
    struct authenticate {
        std::optional<std::string> operator()(const std::string& token) const {
            if (!token.starts_with("token-")) return std::nullopt;
            return token.substr(6);
        }
    };
    struct captured_request {
        std::size_t owner = 0;
        std::string from;
        std::string line;     ///< the sender's, see device
        int restores = 0;     ///< of the sender before it sent this
        wire::http_request request;
    };
    static constexpr std::uint64_t numbers_per_event = 256;
    static constexpr std::size_t twins_max = 2;

    [[nodiscard]] static swarm drawn(const world_parts<S, B>& parts, const script& plan) {
        swarm one = draw_swarm(random_source(plan.seed), parts.schemas.size());
        if (parts.adjust) parts.adjust(one);
        if (!parts.copy_store) one.restores = one.twins = 0;
        return one;
    }

    [[nodiscard]] limits server_bounds() const {
        limits bounds = swarm_.bounds;
        bounds.batch_operations = limits{}.batch_operations;
        return bounds;
    }

    [[nodiscard]] static std::string owner_name(std::size_t owner) { return std::string(1, static_cast<char>('A' + owner)); }

    void add_device(std::size_t owner, int number) {
        const std::string name = mirrors_[owner].owner() + std::to_string(number + 1);
        random_source seed(plan_.seed * 31 + devices_.size());
        devices_.push_back(std::make_unique<device<S>>(name, owner, parts_.make_store(schema_, mirrors_[owner].owner()), now_ms_, random_source(seed.next())));
        constexpr std::int64_t skews[] = {0, 0, -86'400'000, 3'600'000, 31'536'000'000};
        devices_.back()->skew_ms = skews[seed.below(5)];
    }

    // Each event draws from a source of its own, so that leaving one out changes nothing in the draws of the others.
    [[nodiscard]] random_source source_of(std::uint64_t event, std::uint64_t phase) const noexcept {
        random_source mixed(plan_.seed ^ (phase << 56));
        return random_source(mixed.next() + event * 0x9E3779B97F4A7C15u);
    }

    void chaos(std::size_t event) {
        random_source random = source_of(event, 1);
        device<S>& one = some_twin(*devices_[random.below(static_cast<std::uint64_t>(swarm_.device_count()))], event);
        now_ms_ += static_cast<std::int64_t>(random.below(1'500));
        if (random.chance(1, 25)) now_ms_ += 600'000;
        if (swarm_.restores != 0 && random.chance(swarm_.restores, 1'000)) return copy_or_restore(one, random);
        if (swarm_.twins != 0 && random.chance(swarm_.twins, 1'000)) return add_twin(one, random);
        if (random.chance(swarm_.crashes, 1'000)) return crash(one);
        if (random.chance(swarm_.partitions, 1'000)) return toggle_partition(one);
        if (!held_.empty() && random.chance(swarm_.late_deliveries, 100)) return deliver_held(random.below(held_.size()));
        if (random.chance(swarm_.edits, 100)) return edit(one, event, random);
        step(one, random, true);
    }

    void crash(device<S>& one) {
        one.crash();
        if (parts_.on_restart) parts_.on_restart(*one.rows);
        log_.add(one.name + " crashes");
        observe(one);
    }

    /// The device, or one that went on from a copy of its store. Twins come after the devices that were there from the start, so that
    /// leaving out the event that made one changes nothing in which device the other events pick.
    [[nodiscard]] device<S>& some_twin(device<S>& one, std::uint64_t event) {
        std::vector<device<S>*> line;
        for (auto& other : devices_)
            if (other->line == one.line) line.push_back(other.get());
        random_source random = source_of(event, 5);
        return line.size() == 1 ? one : *line[random.below(line.size())];
    }

    [[nodiscard]] bool is_copied(const std::string& line) const { return copied_.contains(line); }

    /// A backup is made of the device's store, or the store is put back from it. The program does not run meanwhile.
    void copy_or_restore(device<S>& one, random_source& random) {
        one.crash();
        if (!one.saved || random.chance(1, 3)) {
            one.save(parts_.copy_store(*one.rows));
            log_.add(one.name + "'s store is copied");
        } else {
            const seen_rows before = one.seen;
            one.restore(parts_.copy_store(*one.saved->rows));
            copied_.insert(one.line);
            log_.add(one.name + "'s store is put back from its copy:" + difference(schema_, before, one.seen));
        }
        observe(one);
    }

    /// Another device goes on from a copy of this one's store.
    void add_twin(device<S>& one, random_source& random) {
        if (devices_.size() >= static_cast<std::size_t>(swarm_.device_count()) + twins_max) return;
        const random_source seed(random.next());
        const std::string name = one.line + "-" + std::to_string(devices_.size());
        devices_.push_back(std::make_unique<device<S>>(name, one.owner, parts_.copy_store(*one.rows), now_ms_, seed));
        devices_.back()->be_twin_of(one);
        copied_.insert(one.line);
        log_.add(name + " goes on from a copy of " + one.name + "'s store");
        observe(*devices_.back());
    }

    void toggle_partition(device<S>& one) {
        one.offline = !one.offline;
        log_.add(one.name + (one.offline ? " goes offline" : " is online again"));
    }

    void edit(device<S>& one, std::size_t event, random_source& random) {
        application_act<S> act(*one.rows, swarm_, random, (event + 1) * numbers_per_event, mirrors_[one.owner].owner() + "!", past_[one.owner]);
        act.run();
        one.uncertain = one.uncertain || is_copied(one.line);
        for (const row_name& name : act.made()) mirrors_[one.owner].note_created(name);
        owner_past& past = past_[one.owner];
        past.left.insert(past.left.end(), act.left().begin(), act.left().end());
        const seen_rows before = one.seen;
        one.seen = look(one);
        log_.add(one.name + " edits:" + difference(schema_, before, one.seen));
        for (const auto& [name, row] : before)
            if (!one.seen.contains(name)) past.removed.push_back(name);
        watch_departures(one, before, one.seen, &act.removed(), {});
        one.ledger.book(before, one.seen, act.removed(), mirrors_[one.owner]);
        for (const row_name& name : act.discarded()) one.ledger.note_brief_life(name);
        check(one, true);
    }

    /// Moves a device's sync one step on: starts it, lets its request arrive, or lets the answer come back.
    void step(device<S>& one, random_source& random, bool faults) {
        bool heard = false;
        switch (one.stage) {
            case device_stage::idle:
                one.start(swarm_.bounds, swarm_.form);
                log_.add(one.name + " begins a sync");
                go_on(one);
                break;
            case device_stage::sent: arrive(one, random, faults); return;
            case device_stage::answered:
                heard = std::holds_alternative<wire::http_response>(one.result) && std::get<wire::http_response>(one.result).status == 200;
                if (exchange_failure* const failure = std::get_if<exchange_failure>(&one.result)) one.running->fail(std::move(failure->text));
                else one.running->answer(std::get<wire::http_response>(one.result));
                log_.add(one.name + " takes its answer");
                go_on(one);
                break;
        }
        observe(one, heard);
    }

    void go_on(device<S>& one) {
        if (!one.advance()) return;
        std::string line = one.name + " ends its sync: " + std::string(name_of(one.report.outcome));
        if (one.report.problem) line += " (" + to_string(one.report.problem) + ")";
        const table_report sum = one.report.total();
        line += ", pushed " + std::to_string(sum.pushed) + " merged " + std::to_string(sum.merged) + " refused " + std::to_string(sum.refused) +
                " waiting " + std::to_string(sum.waiting) + " pulled " + std::to_string(sum.pulled) + " conflicts " +
                std::to_string(one.report.conflicts) + ", " + std::to_string(one.report.requests) + " requests";
        log_.add(std::move(line));
        one.forked = one.report.problem.code == error_code::device_forked;
        if (one.forked && is_copied(one.line)) return;
        if (one.report.outcome == sync_outcome::refused) throw invariant_broken("INV13", one.name + " is refused: " + to_string(one.report.problem));
        if (one.report.problem.code == error_code::too_large) throw invariant_broken("INV12", one.name + ": " + to_string(one.report.problem));
    }

    void arrive(device<S>& one, random_source& random, bool faults) {
        const fate what = !faults ? fate::delivered : one.offline ? fate::request_lost : draw_fate(swarm_, random);
        const std::string token = "token-" + mirrors_[one.owner].owner();
        captured_.push_back({one.owner, one.name, one.line, one.restores, one.request});
        captured_.back().request.token = token;
        log_.add(one.name + " " + summary(schema_, one.request) + (what == fate::delivered ? "" : ": " + std::string(name_of(what))));
        one.stage = device_stage::answered;
        one.result = exchange_failure{exchange_failure_kind::lost, "no answer"};
        const captured_request sent = captured_.back();
        switch (what) {
            case fate::request_lost: break;
            case fate::answer_lost: handle(sent); break;
            case fate::held_back: held_.push_back(sent); break;
            case fate::repeated:
                handle(sent);
                one.result = handle(sent);
                break;
            case fate::failed_after:
                handle(sent);
                one.result = status_only(500);
                break;
            case fate::failed_before: one.result = status_only(500); break;
            case fate::unavailable: one.result = status_only(503); break;
            case fate::unauthorized: one.result = status_only(401); break;
            case fate::throttled: one.result = throttled_page(); break;
            case fate::portal: one.result = portal_page(); break;
            case fate::stale_page: {
                const wire::http_response* const cached = cache_.find(one.name, one.request, random);
                if (cached != nullptr && one.request.target.find("since=") != std::string::npos) one.result = *cached;
                else one.result = handle(sent);
                break;
            }
            default: {
                wire::http_response response = handle(sent);
                cache_.keep(one.name, one.request, response);
                if (what == fate::answer_cut) cut_body(response, random);
                if (what == fate::results_missing || what == fate::results_shuffled)
                    spoil_results(schema_, swarm_.bounds, response, what == fate::results_missing, random);
                one.result = std::move(response);
            }
        }
    }

    /// Hands a request to the server and watches what that does. `is_late`: its sender waits for no answer any more.
    wire::http_response handle(const captured_request& sent, bool is_late = false) {
        wire::http_request request = sent.request;
        if (parts_.on_request) parts_.on_request(schema_, request);
        check_push(request, sent);
        wire::http_response response = router_.handle(request);
        if (parts_.on_answer) parts_.on_answer(schema_, request, response);
        log_.add_silently(response.body);
        // What was settled without a verdict, because it went along with something else, is unknown below the floor. The mirrors see
        // that a refusal changes nothing.
        if (response.status != 200 && !((is_late || is_copied(sent.line)) && is_fork(response)))
            throw invariant_broken("INV13", "the server answers " + std::to_string(response.status) + " to " + summary(schema_, sent.request) + " of " + sent.from + ": " + response.body);
        for (std::size_t owner = 0; owner < mirrors_.size(); ++owner) {
            if (owner == sent.owner) continue;
            mirrors_[owner].require_unchanged(*database_, "INV16", "a request of " + sent.from);
            if (holds_values_of(mirrors_[owner].owner(), response.body))
                throw invariant_broken("INV16", "an answer to " + sent.from + " holds values of owner " + mirrors_[owner].owner());
        }
        std::set<row_name> buried;
        mirrors_[sent.owner].catch_up(*database_, [&](const row_name& name, const mirrored_row& row) {
            log_.add("  server: " + text_of(schema_, name) + (row.removed ? " removed" : "") + " v" + row.version.str() + " life " +
                     std::to_string(row.incarnation) + joined(row.fields));
            for (const auto& other : devices_)
                if (other->owner == sent.owner) other->for_each_ledger([&](edit_ledger& ledger) { ledger.note_server(name, row); });
            if (row.removed) buried.insert(name);
        });
        mirrors_[sent.owner].require_unchanged(*database_, "INV15", "a request of " + sent.from + ", beyond what its version tells");
        if (is_copied(sent.line) && sent.request.method == "POST" && calls_anything_settled(schema_, response))
            for (auto& sender : devices_) sender->uncertain = sender->uncertain || sender->name == sent.from;
        if (response.status == 200) settle_ledgers(sent, buried);
        return response;
    }

    void check_push(const wire::http_request& request, const captured_request& sent) const {
        wire::push_request push;
        if (request.method == "POST" && read_sent(schema_, request, push))
            check_translation(schema_, push, mirrors_[sent.owner], sent.from);
    }

    void settle_ledgers(const captured_request& sent, const std::set<row_name>& buried) {
        wire::push_request push;
        if (sent.request.method != "POST" || !read_sent(schema_, sent.request, push)) return;
        for (const auto& sender : devices_) {
            if (sender->line != sent.line) continue;
            note_births(*sender, sent, push);
            // What one device of a line sends, the others may have in their outboxes too.
            sender->for_each_ledger([&](edit_ledger& ledger) { settle_ledger(ledger, push, buried); });
        }
    }

    /// A store that was copied before a create was sent does not know that it was: there the row may still go as if it had never been.
    void note_births(device<S>& sender, const captured_request& sent, const wire::push_request& push) {
        if (sender.name != sent.from || sender.restores != sent.restores) return;
        for (const wire::sent_operation& one : push.operations) {
            const row_name name{one.op.table, one.op.id};
            const mirrored_row* const held = mirrors_[sent.owner].find_live(name);
            if (held != nullptr && held->incarnation >= one.op.incarnation) sender.ledger.note_born(name, one.op.incarnation);
        }
    }

    static void settle_ledger(edit_ledger& ledger, const wire::push_request& push, const std::set<row_name>& buried) {
        for (const wire::sent_operation& one : push.operations) {
            const row_name name{one.op.table, one.op.id};
            if (one.op.kind == operation_kind::remove) ledger.note_removal_arrived(name, one.op.incarnation);
            else if (buried.contains(name)) ledger.note_brief_life(name);
        }
    }

    [[nodiscard]] static bool is_fork(const wire::http_response& response) {
        error problem;
        const std::optional<wire::encoding> form = wire::encoding_of(response.content_type);
        return form && !wire::read_error(response.body, limits{}, problem, *form) && problem.code == error_code::device_forked;
    }

    void deliver_held(std::size_t at) {
        const captured_request sent = held_[at];
        held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(at));
        log_.add(sent.from + " " + summary(schema_, sent.request) + " arrives at last");
        const bool is_over = is_settled(sent);
        const row_version before = mirrors_[sent.owner].version();
        handle(sent, true);
        if (is_over && mirrors_[sent.owner].version() != before)
            throw invariant_broken("INV3", sent.from + " has settled all of a request, which changed something when it arrived at last: " + summary(schema_, sent.request));
    }

    /// True for a push of which nothing waits any more at its sender. What became of a store that was copied or put back says nothing.
    [[nodiscard]] bool is_settled(const captured_request& sent) {
        wire::push_request push;
        if (is_copied(sent.line) || sent.request.method != "POST" || !read_sent(schema_, sent.request, push)) return false;
        bool is_open = false;
        for (const auto& sender : devices_) {
            if (sender->name != sent.from) continue;
            auto reading = sender->rows->begin_read();
            outbox_entry entry;
            for (const wire::sent_operation& one : push.operations) is_open = is_open || sender->rows->find_entry(one.op.seq, entry);
            reading.commit();
        }
        return !is_open;
    }

    [[nodiscard]] seen_rows look(device<S>& one) {
        auto reading = one.rows->begin_read();
        seen_rows rows = look_at(*one.rows);
        reading.commit();
        return rows;
    }

    /// Compares a device with what it was before an event that was not the application's. `heard`: an answer was taken.
    void observe(device<S>& one, bool heard = false) {
        seen_rows now = look(one);
        auto reading = one.rows->begin_read();
        kept_conflicts conflicts = read_conflicts(*one.rows);
        reading.commit();
        std::vector<row_name> undone;
        for (const auto& [name, records] : conflicts.refused_removals) {
            const auto former = one.conflicts.refused_removals.find(name);
            if (former == one.conflicts.refused_removals.end() || former->second < records) undone.push_back(name);
        }
        watch_departures(one, one.seen, now, nullptr, undone);
        const std::string changes = difference(schema_, one.seen, now);
        if (!changes.empty()) log_.add("  " + one.name + " shows:" + changes);
        if (conflicts.count != one.conflicts.count)
            log_.add("  " + one.name + " has " + std::to_string(conflicts.count) + " conflict records");
        one.seen = std::move(now);
        one.conflicts = std::move(conflicts);
        check(one, heard);
    }

    void watch_departures(device<S>& one, const seen_rows& before, const seen_rows& after, const std::vector<row_name>* removed, const std::vector<row_name>& undone) {
        one.removals.check(before, after, removed != nullptr, swarm_.bounds, one.name);
        one.departed.check(schema_, before, after, mirrors_[one.owner], removed, undone, one.name,
                           [&](const row_name& name, incarnation_number incarnation) { return one.ledger.is_unborn(name, incarnation); });
    }

    void check(device<S>& one, bool may_spend) {
        check_closure(schema_, one.seen, one.name);
        auto reading = one.rows->begin_read();
        check_outbox(*one.rows, one.seen, one.name, is_copied(one.line));
        spent_attempts attempts = read_attempts(*one.rows);
        reading.commit();
        if (!may_spend) check_nothing_spent(one.attempts, attempts, one.name);
        one.attempts = std::move(attempts);
        if (!one.uncertain) one.ledger.check(one.seen, one.conflicts);
    }

    const world_parts<S, B>& parts_;
    const script& plan_;
    swarm swarm_;
    schema_view schema_;
    event_log log_;
    std::int64_t now_ms_ = 1'700'000'000'000;
    std::unique_ptr<B> database_;
    service<B> service_;
    router<service<B>, authenticate> router_;
    std::vector<server_mirror> mirrors_;                ///< by owner
    std::vector<owner_past> past_;                      ///< by owner
    std::vector<std::unique_ptr<device<S>>> devices_;
    std::set<std::string> copied_;                      ///< lines of devices of which a store was put back or doubled
    std::vector<captured_request> captured_;            ///< every request of every device
    std::vector<captured_request> held_;                ///< those that will arrive later
    page_cache cache_;
};

}  // namespace syncline::testing
