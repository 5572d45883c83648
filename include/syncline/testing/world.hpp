/// A simulated world from one seed: a server, devices of several owners that edit at every moment, a bad network, and checkers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <syncline/testing/oracle_quiescence.hpp>
#include <syncline/testing/world_events.hpp>

namespace syncline::testing {

/// Rounds over all devices after which everything must have arrived: each row may wait for another device's answer once, and a
/// refused removal is told in one round and undone in the next.
[[nodiscard]] constexpr std::size_t drain_rounds_max(int devices) noexcept { return 2 * static_cast<std::size_t>(devices) + 8; }

template <store S, backend B>
class world : private world_events<S, B> {
    using events = world_events<S, B>;
    using events::captured_, events::check, events::database_, events::devices_, events::handle, events::held_, events::log_, events::mirrors_,
        events::now_ms_, events::parts_, events::plan_, events::schema_, events::source_of, events::step, events::swarm_;

public:
    using events::events;

    /// Chaos, healing, drain, comparison, an idle sync each, the replay of every request, and comparison again.
    [[nodiscard]] world_result run() {
        world_result result;
        result.swarm_text = events::swarm_text();
        try {
            for (std::size_t event = 0; event < plan_.events; ++event)
                if (plan_.runs(event)) events::chaos(event);
            heal();
            result.drain_rounds = drain();
            compare("after the drain");
            idle();
            replay();
            compare("after the replay");
            idle();
        } catch (const invariant_broken& broken) {
            result.failed = true;
            result.invariant = broken.invariant();
            result.message = broken.what();
        } catch (const std::exception& failure) {
            result.failed = true;
            result.invariant = "exception";
            result.message = std::string("exception: ") + failure.what();
        }
        result.story = log_.text();
        result.hash = log_.hash();
        result.requests = captured_.size();
        return result;
    }

private:
    /// The network works again; requests that were held back arrive in between.
    void heal() {
        log_.add("--- the network heals");
        for (auto& one : devices_) one->offline = false;
        for (std::uint64_t event = 0; event < 4 * devices_.size() || !held_.empty(); ++event) {
            random_source random = source_of(event, 2);
            now_ms_ += static_cast<std::int64_t>(random.below(20'000));
            if (!held_.empty() && random.chance(1, 2)) events::deliver_held(random.below(held_.size()));
            else step(*devices_[random.below(devices_.size())], random, false);
        }
    }

    /// Runs the device's sync to its end, first the one that is running. The report counts both.
    sync_report sync(device<S>& one) {
        random_source random = source_of(0, 3);
        sync_report all;
        for (int syncs = one.stage == device_stage::idle ? 1 : 2; syncs > 0; --syncs) {
            do step(one, random, false);
            while (one.stage != device_stage::idle);
            all.absorb(one.report);
        }
        return all;
    }

    /// Syncs every device in turn until nothing happens any more. Returns the rounds it took.
    std::size_t drain() {
        log_.add("--- the drain");
        const std::size_t rounds_max = drain_rounds_max(static_cast<int>(devices_.size()));
        for (std::size_t round = 1;; ++round) {
            bool quiet = true;
            for (auto& one : devices_) {
                now_ms_ += 3'600'000;
                const std::string before = events::is_copied(one->line) ? dump_content(*one->rows) : std::string();
                const sync_report report = sync(*one);
                if (one->forked) {
                    quiet = quiet && require_kept(*one, report, before);
                    continue;
                }
                if (one->uncertain) continue;
                const bool asks = report.outcome == sync_outcome::awaiting_consent;
                if (report.outcome != sync_outcome::complete && !asks)
                    throw invariant_broken("INV13", one->name + " ends its sync with " + std::string(name_of(report.outcome)) + " (" + to_string(report.problem) + ") on a perfect network");
                quiet = quiet && !asks && is_quiet(*one, report);
            }
            if (quiet) return round;
            if (round == rounds_max) throw invariant_broken("INV13", "after " + std::to_string(round) + " rounds there is still something to do" + what_waits());
        }
    }

    [[nodiscard]] static bool is_left_out(const device<S>& one) { return one.forked || one.uncertain; }

    /// A forked device sends nothing any more and shows and keeps what it has. True if its sync changed nothing.
    [[nodiscard]] static bool require_kept(device<S>& one, const sync_report& report, const std::string& before) {
        const table_report sum = report.total();
        if (sum.pushed + sum.pulled + sum.merged + sum.refused + report.conflicts != 0) return false;
        if (dump_content(*one.rows) != before) throw invariant_broken("INV1", one.name + " is forked, told nothing and heard nothing, and does not keep what it had");
        return true;
    }

    [[nodiscard]] bool is_quiet(device<S>& one, const sync_report& report) const {
        const table_report sum = report.total();
        if (sum.pushed + sum.pulled + sum.refused != 0) return false;
        std::set<row_name> excused;
        collect_excused(*one.rows, excused);
        bool waits = false;
        auto reading = one.rows->begin_read();
        one.rows->scan_entries([&](const outbox_entry& entry) { waits = waits || !excused.contains({entry.table, entry.id}); });
        reading.commit();
        return !waits;
    }

    [[nodiscard]] std::string what_waits() {
        std::string text;
        for (auto& one : devices_) {
            store_adapter port(*one->rows);
            for (const pending_operation& waiting : list_pending(port, false))
                text += "; " + one->name + " " + std::string(name_of(waiting.kind)) + " " + waiting.entity + " " + waiting.id.str() + ", attempts " +
                        std::to_string(waiting.attempts) + ", " + std::string(name_of(waiting.reason)) + " " + waiting.reason_text;
        }
        return text;
    }

    void compare(const std::string& when) {
        log_.add("--- comparison " + when);
        for (std::size_t owner = 0; owner < mirrors_.size(); ++owner) {
            mirrors_[owner].require_unchanged(*database_, "INV15", when);
            std::set<row_name> excused;
            for (auto& one : devices_)
                if (one->owner == owner && !is_left_out(*one)) collect_excused(*one->rows, excused);
            for (auto& one : devices_) {
                if (one->owner != owner || is_left_out(*one)) continue;
                check_nothing_waits(*one->rows, excused, one->name);
                one->ledger.check_end(excused, one->conflicts, mirrors_[owner]);
                check_converged(schema_, one->seen, mirrors_[owner], excused, one->name);
            }
        }
    }

    /// One more sync of each device is one request, moves nothing and writes nothing.
    void idle() {
        log_.add("--- an idle sync each");
        for (auto& one : devices_) {
            const std::string content = dump_content(*one->rows);
            const std::string before = dump(*one->rows);
            const std::size_t writes = writes_of(*one->rows);
            const sync_report report = sync(*one);
            if (one->forked) {
                if (!require_kept(*one, report, content)) throw invariant_broken("INV11", "an idle sync of " + one->name + ", which is forked, did something");
                continue;
            }
            if (one->uncertain) continue;
            const table_report sum = report.total();
            if (report.requests != 1 || sum.pushed + sum.pulled + sum.merged + sum.refused + report.conflicts != 0)
                throw invariant_broken("INV11", "an idle sync of " + one->name + " made " + std::to_string(report.requests) + " requests, pushed " +
                                                    std::to_string(sum.pushed) + " and pulled " + std::to_string(sum.pulled));
            if (dump(*one->rows) != before || writes_of(*one->rows) != writes) throw invariant_broken("INV11", "an idle sync of " + one->name + " wrote to its store");
            for (const server_mirror& mirror : mirrors_) {
                server_mirror copy = mirror;
                copy.require_unchanged(*database_, "INV11", "an idle sync of " + one->name);
            }
        }
    }

    /// Every request that was ever sent arrives once more, in another order; nobody takes the answers.
    void replay() {
        log_.add("--- every request arrives again");
        random_source random = source_of(0, 4);
        for (std::size_t i = captured_.size(); i > 1; --i) std::swap(captured_[i - 1], captured_[random.below(i)]);
        for (const auto& sent : captured_) {
            // What never arrived may have been undone with the store that sent it.
            if (events::is_copied(sent.line)) continue;
            // What was set aside without a verdict may be taken still.
            if (sent.request.method == "POST" && !events::is_settled(sent)) continue;
            const row_version before = mirrors_[sent.owner].version();
            log_.add(sent.from + " " + summary(schema_, sent.request) + " again");
            handle(sent, true);
            if (mirrors_[sent.owner].version() != before) throw invariant_broken("INV3", "a request of " + sent.from + ", delivered again, changed something: " + summary(schema_, sent.request));
        }
    }
};

/// Runs one script.
template <store S, backend B>
[[nodiscard]] world_result run_world(const world_parts<S, B>& parts, const script& plan) {
    world<S, B> one(parts, plan);
    return one.run();
}

}  // namespace syncline::testing
