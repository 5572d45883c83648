/// Every way in which a row of two columns can go, up to a depth, against a model written from the promises.
#include <chrono>
#include <cstdio>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include <model/history/support/enumeration_events.hpp>
#include <support/catch.hpp>

using namespace syncline;
using namespace syncline::tests::enumeration;

namespace {

/// A situation as text. Only the order of sequences and of versions matters, and which are the same.
class canonical_text {
public:
    [[nodiscard]] static std::string of(const situation& at) {
        canonical_text text;
        text.collect(at);
        text.write(at);
        return std::move(text.out_);
    }

private:
    void collect(const situation& at) {
        at.here.each_entry([&](const outbox_entry& entry) {
            sequences_.insert(static_cast<int>(entry.seq));
            versions_.insert(number_of(entry.base_version));
        });
        if (at.held) sequences_.insert(at.held->seq), collect(*at.held);
        if (at.late) sequences_.insert(at.late->seq), versions_.insert(at.late->base_version);
        open_ = sequences_;
        if (at.there.row.origin > at.here.acknowledged()) sequences_.insert(at.there.row.origin);
        versions_.insert(at.there.row.version);
        for (const auto& [seq, told] : at.there.answered)
            if (open_.contains(seq)) collect(told);
        if (at.held_page && at.held_page->row) versions_.insert(at.held_page->row->version);
        if (at.here.row) versions_.insert({at.here.row->version, at.here.row->base_version});
        for (const device::removed_life& life : at.here.removed) versions_.insert(life.version);
        if (at.here.parked) versions_.insert(at.here.parked->version);
        const auto of_life = [&](const life& one) {
            if (one.known) versions_.insert(one.known->version);
            versions_.insert(one.made_taken_at);
            for (const intent& each : one.intents) versions_.insert(each.taken_at);
        };
        if (at.expected.visible) of_life(*at.expected.visible);
        for (const life& one : at.expected.hidden) of_life(one);
    }
    void collect(const answer& told) { versions_.insert({told.version, told.row.version, told.taken_at, told.at_answer.version}); }

    void number(long long value) {
        promise(value > -100 && value < 100, "the values of the enumeration are small");
        out_ += static_cast<char>(value + 100);
    }
    void seq(sequence of) {
        const auto found = sequences_.find(static_cast<int>(of));
        number(of == 0 ? 0 : found == sequences_.end() ? -1 : 1 + std::distance(sequences_.begin(), found));
    }
    void version(int of) { number(of == 0 ? 0 : 1 + std::distance(versions_.begin(), versions_.find(of))); }
    void cells_(const values& of) { number(of[0]), number(of[1]); }

    void write(const outbox_entry& entry) {
        out_ += 'e';
        seq(entry.seq);
        seq(entry.behind);
        number(static_cast<int>(entry.kind)), number(static_cast<int>(entry.state)), number(static_cast<int>(entry.closes));
        number(static_cast<long long>(entry.mask)), number(entry.incarnation);
        version(number_of(entry.base_version));
        number(entry.contained ? 1 : 0);
        out_ += entry.frozen + '|' + entry.created + '|';
    }
    void write(const server_state& row) {
        out_ += 's';
        number(row.known ? 1 : 0), number(row.removed ? 1 : 0);
        cells_(row.now);
        version(row.version);
        number(row.incarnation);
        seq(row.origin);
    }
    void write(const answer& told) {
        out_ += 'a';
        seq(told.seq);
        number(static_cast<int>(told.what)), version(told.version), number(told.incarnation), number(told.tells_row ? 1 : 0);
        if (told.tells_row) write(told.row);
        number(told.overwritten), number(told.kept), cells_(told.lost);
        number(told.taken ? 1 : 0), version(told.taken_at), number(told.taken_in);
    }
    void write(const life& one) {
        out_ += 'l';
        number(one.incarnation), seq(one.removal), seq(one.made_seq), version(one.made_taken_at), seq(one.sent);
        number(static_cast<int>(one.stands));
        if (one.made) cells_(*one.made);
        if (one.sent != 0) cells_(one.content);
        out_ += 'k';
        if (one.known) cells_(one.known->now), version(one.known->version), number(one.known->exact ? 1 : 0);
        for (const intent& each : one.intents) number(each.column), number(each.amount), seq(each.seq), version(each.taken_at);
    }

    void write(const situation& at) {
        const device& here = at.here;
        if (here.row) {
            out_ += 'r';
            cells_(here.row->shown);
            number(here.row->has_remote ? 1 : 0), version(here.row->version), number(here.row->incarnation);
            if (here.row->base) cells_(*here.row->base), version(here.row->base_version);
            for (const outbox_entry& entry : here.row->edits) write(entry);
        }
        for (const device::removed_life& one : here.removed) {
            out_ += 'd';
            seq(one.root), number(one.has_remote ? 1 : 0), version(one.version), number(one.incarnation), cells_(one.image);
            if (one.base) cells_(*one.base);
            out_ += 'p';
            if (one.pending) write(*one.pending);
            number(static_cast<long long>(one.unsent)), number(one.unsent_create ? 1 : 0);
        }
        out_ += 'R';
        for (const outbox_entry& entry : here.removals) write(entry);
        out_ += 'L';
        for (const outbox_entry& entry : here.loose) write(entry);
        if (here.parked) out_ += 'P', version(here.parked->version), number(here.parked->incarnation);
        number(here.refetch ? 1 : 0), number(here.cursor >= at.there.row.version ? 1 : 0), number(here.cursor == at.there.clock ? 1 : 0);
        write(at.there.row);
        for (const auto& [of, told] : at.there.answered)
            if (open_.contains(of)) write(told);
        if (at.held) out_ += 'H', write(*at.held);
        if (at.late) out_ += 'T', seq(at.late->seq), number(static_cast<int>(at.late->what)), number(at.late->incarnation), version(at.late->base_version), number(at.late->changed), cells_(at.late->after), cells_(at.late->before);
        if (at.held_page) {
            out_ += 'G';
            if (at.held_page->row) write(*at.held_page->row);
            for (const int one : at.held_page->includes) seq(one);
            number(at.held_page->cursor >= at.there.row.version ? 1 : 0);
        }
        out_ += 'M';
        if (at.expected.visible) write(*at.expected.visible);
        for (const life& one : at.expected.hidden) write(one);
        for (const int of : at.expected.removals) seq(of);
        for (const auto& [of, closes] : at.expected.loose) seq(of), number(closes ? 1 : 0);
        number(at.expected.leaving ? 1 : 0);
    }

    std::set<int> sequences_, open_, versions_;
    std::string out_;
};

/// What no later event can ask for.
void forget_settled(situation& at) {
    std::set<int> open;
    at.here.each_entry([&](const outbox_entry& entry) { open.insert(static_cast<int>(entry.seq)); });
    if (at.held) open.insert(at.held->seq);
    if (at.late) open.insert(at.late->seq);
    std::erase_if(at.there.answered, [&](const auto& one) { return !open.contains(one.first); });
    std::erase_if(at.expected.digests, [&](const auto& one) { return !open.contains(one.first); });
}

struct found_fault {
    std::string what;
    std::vector<std::string_view> path;
};

struct counts {
    std::size_t states = 0;
    std::size_t transitions = 0;
    int depth = 0;
    bool closed = false;
    std::vector<std::size_t> happened;  ///< by event
    std::vector<found_fault> faults;
};

struct node {
    std::size_t former = 0;
    std::size_t by = 0;
};

/// Breadth first, so that the first path to a fault is a shortest.
counts enumerate(const world& all, const std::vector<situation>& starts, int depth) {
    counts result;
    result.happened.resize(all.alphabet().size());
    std::unordered_set<std::string> seen;
    std::vector<node> nodes;
    std::vector<std::pair<std::size_t, situation>> frontier, next;
    std::set<std::string> known_faults;
    const auto path_to = [&](std::size_t at) {
        std::vector<std::string_view> path;
        for (; at >= starts.size(); at = nodes[at].former) path.insert(path.begin(), all.alphabet()[nodes[at].by].name);
        path.insert(path.begin(), at == 0 ? "[no row]" : at == 1 ? "[a shared row]" : "[a row elsewhere]");
        return path;
    };
    const auto fault = [&](const broken_promise& broken, std::vector<std::string_view> path) {
        if (known_faults.size() < 40 && known_faults.insert(broken.what()).second) result.faults.push_back({broken.what(), std::move(path)});
    };
    for (const situation& start : starts) {
        nodes.push_back({});
        seen.insert(canonical_text::of(start));
        frontier.emplace_back(nodes.size() - 1, start);
    }
    for (int level = 1; level <= depth && !frontier.empty(); ++level) {
        next.clear();
        for (const auto& [at, from] : frontier) {
            for (std::size_t e = 0; e < all.alphabet().size(); ++e) {
                situation to = from;
                const auto with_this = [&] {
                    auto path = path_to(at);
                    path.push_back(all.alphabet()[e].name);
                    return path;
                };
                try {
                    if (!all.step(to, all.alphabet()[e])) continue;
                } catch (const broken_promise& broken) {
                    fault(broken, with_this());
                    continue;
                }
                ++result.transitions;
                ++result.happened[e];
                forget_settled(to);
                if (!seen.insert(canonical_text::of(to)).second) continue;
                try {
                    all.drain(to);
                } catch (const broken_promise& broken) {
                    auto path = with_this();
                    path.push_back("[sync]");
                    fault(broken, std::move(path));
                    continue;
                }
                nodes.push_back({at, e});
                if (level < depth) next.emplace_back(nodes.size() - 1, std::move(to));
            }
        }
        result.depth = level;
        std::swap(frontier, next);
    }
    result.closed = frontier.empty() && depth != result.depth;
    result.states = seen.size();
    return result;
}

counts run(const rules& how, int depth, const char* title) {
    const world all(how);
    std::vector<situation> starts(3, situation(how));
    all.share_row(starts[1]);
    all.make_elsewhere(starts[2]);
    const auto begin = std::chrono::steady_clock::now();
    counts found = enumerate(all, starts, depth);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf("%s: %zu events, %zu states, %zu transitions, depth %d, %.1f s\n", title, all.alphabet().size(), found.states, found.transitions, found.depth, seconds);
    for (std::size_t e = 0; e < found.happened.size(); ++e)
        std::printf("  %8zu  %s\n", found.happened[e], std::string(all.alphabet()[e].name).c_str());
    for (const found_fault& fault : found.faults) {
        std::printf("  broken: %s\n   ", fault.what.c_str());
        for (const std::string_view name : fault.path) std::printf(" / %s", std::string(name).c_str());
        std::printf("\n");
    }
    return found;
}

int depth_of() {
    const char* const asked = std::getenv("SYNCLINE_ENUMERATION_DEPTH");
    return asked != nullptr ? std::atoi(asked) : 4;
}

}  // namespace

TEST_CASE("a row whose columns are written last keeps every promise on every way of six events") {
    const counts found = run({{false, false}}, depth_of(), "both columns last_write");
    CHECK(found.faults.empty());
}

struct walk {
    std::size_t start = 0;
    std::vector<std::size_t> events;
};

/// Follows a walk, leaving out what cannot happen. Returns what is broken, or an empty text.
std::string follow(const world& all, const std::vector<situation>& starts, const walk& of) {
    situation at = starts[of.start];
    try {
        all.drain(at);
        for (const std::size_t e : of.events) {
            situation to = at;
            if (!all.step(to, all.alphabet()[e])) continue;
            forget_settled(to);
            all.drain(to);
            at = std::move(to);
        }
    } catch (const broken_promise& broken) {
        return broken.what();
    }
    return {};
}

/// Leaves out what the fault does not need.
walk shrink(const world& all, const std::vector<situation>& starts, walk of, const std::string& fault) {
    for (std::size_t i = of.events.size(); i-- > 0;) {
        walk shorter = of;
        shorter.events.erase(shorter.events.begin() + static_cast<std::ptrdiff_t>(i));
        if (follow(all, starts, shorter) == fault) of = shorter, i = of.events.size();
    }
    return of;
}

TEST_CASE("zz walks", "[.walks]") {
    for (const rules& how : {rules{{false, false}}, rules{{true, false}}}) {
        const world all(how);
        std::vector<situation> starts(3, situation(how));
        all.share_row(starts[1]);
        all.make_elsewhere(starts[2]);
        std::map<std::string, walk> shortest;
        std::uint64_t state = 12345;
        const auto random = [&](std::size_t below) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            return static_cast<std::size_t>((state >> 33) % below);
        };
        const int walks = std::getenv("WALKS") ? std::atoi(std::getenv("WALKS")) : 1000;
        for (int i = 0; i < walks; ++i) {
            walk of{random(3), {}};
            for (int step = 0; step < 60; ++step) of.events.push_back(random(all.alphabet().size()));
            const std::string fault = follow(all, starts, of);
            if (fault.empty()) continue;
            of = shrink(all, starts, of, fault);
            walk& best = shortest[fault];
            if (best.events.empty() || of.events.size() < best.events.size()) best = of;
        }
        for (const auto& [what, of] : shortest) {
            std::printf("  broken: %s\n    %zu", what.c_str(), of.start);
            for (const std::size_t e : of.events) std::printf(" / %s", std::string(all.alphabet()[e].name).c_str());
            std::printf("\n");
        }
        CHECK(shortest.empty());
    }
}

TEST_CASE("a row with a counter keeps every promise on every way of six events") {
    const counts found = run({{true, false}}, depth_of(), "a counter and a last_write");
    CHECK(found.faults.empty());
}
