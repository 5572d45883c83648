/// Every way in which a row of two columns can go, up to a depth, against a model written from the promises.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <model/history/support/enumeration_text.hpp>
#include <support/catch.hpp>

using namespace syncline;
using namespace syncline::tests::enumeration;

namespace {

constexpr std::string_view start_names[] = {"no row", "a row that both have", "a row elsewhere"};

std::vector<situation> starts_of(const world& all) {
    std::vector<situation> starts(std::size(start_names), situation(all.how()));
    all.share_row(starts[1]);
    all.make_elsewhere(starts[2]);
    return starts;
}

/// Drops what no later event can ask for.
void forget_settled(situation& at) {
    std::set<int> open;
    at.here.each_entry([&](const outbox_entry& entry) { open.insert(static_cast<int>(entry.seq)); });
    if (at.held) open.insert(at.held->seq);
    if (at.late) open.insert(at.late->seq);
    std::erase_if(at.there.answered, [&](const auto& one) { return !open.contains(one.first); });
    std::erase_if(at.expected.digests, [&](const auto& one) { return !open.contains(one.first); });
}

struct way {
    std::size_t start = 0;
    std::vector<std::size_t> events;
};

std::string describe(const world& all, const way& taken, const std::string& broken) {
    std::string text = "broken: " + broken + "\n    " + std::string(start_names[taken.start]);
    for (const std::size_t e : taken.events) text += " / " + std::string(all.alphabet()[e].name);
    return text;
}

struct enumeration_result {
    std::size_t states = 0;
    std::size_t transitions = 0;
    std::vector<std::size_t> happened;  ///< by event
    std::vector<std::string> faults;    ///< a shortest way to each
};

/// Breadth first over the situations that differ. The last level is checked and not followed.
class enumerator {
public:
    explicit enumerator(const world& all) : all_(all) { result_.happened.resize(all.alphabet().size()); }

    enumeration_result run(int depth) {
        std::vector<std::pair<std::size_t, situation>> frontier, next;
        for (situation& start : starts_of(all_)) {
            seen_.insert(canonical_text::of(start));
            frontier.emplace_back(nodes_.size(), std::move(start));
            nodes_.push_back({});
        }
        for (int level = 1; level <= depth; ++level) {
            next.clear();
            for (const auto& [at, from] : frontier)
                for (std::size_t e = 0; e < all_.alphabet().size(); ++e) {
                    if (!all_.alphabet()[e].can(from)) continue;
                    situation to = from;
                    if (!visit(to, at, e)) continue;
                    if (level < depth) next.emplace_back(nodes_.size(), std::move(to));
                    nodes_.push_back({at, e});
                }
            std::swap(frontier, next);
        }
        result_.states = seen_.size();
        return std::move(result_);
    }

private:
    struct node {
        std::size_t former = 0;
        std::size_t by = 0;
    };

    /// True if what the event makes is new, and as promised.
    bool visit(situation& to, std::size_t at, std::size_t e) {
        try {
            all_.step(to, all_.alphabet()[e]);
            ++result_.transitions;
            ++result_.happened[e];
            forget_settled(to);
            if (!seen_.insert(canonical_text::of(to)).second) return false;
            all_.drain(to);
            return true;
        } catch (const broken_promise& broken) {
            if (known_faults_.insert(broken.what()).second) result_.faults.push_back(describe(all_, way_to(at, e), broken.what()));
            return false;
        }
    }

    [[nodiscard]] way way_to(std::size_t at, std::size_t last) const {
        way taken{0, {last}};
        for (; at >= std::size(start_names); at = nodes_[at].former) taken.events.insert(taken.events.begin(), nodes_[at].by);
        taken.start = at;
        return taken;
    }

    const world& all_;
    std::unordered_set<std::string> seen_;
    std::vector<node> nodes_;
    std::set<std::string> known_faults_;
    enumeration_result result_;
};

/// Follows a way, leaving out what cannot happen. Returns what is broken, or an empty text.
std::string follow(const world& all, const std::vector<situation>& starts, const way& taken) {
    situation at = starts[taken.start];
    try {
        for (const std::size_t e : taken.events) {
            if (!all.step(at, all.alphabet()[e])) continue;
            forget_settled(at);
            all.drain(at);
        }
    } catch (const broken_promise& broken) {
        return broken.what();
    }
    return {};
}

/// Leaves out what the fault does not need.
way shorten(const world& all, const std::vector<situation>& starts, way taken, const std::string& fault) {
    for (std::size_t i = taken.events.size(); i-- > 0;) {
        way shorter = taken;
        shorter.events.erase(shorter.events.begin() + static_cast<std::ptrdiff_t>(i));
        if (follow(all, starts, shorter) != fault) continue;
        taken = std::move(shorter);
        i = taken.events.size();
    }
    return taken;
}

int number_in_environment(const char* name, int otherwise) {
    const char* const text = std::getenv(name);
    return text != nullptr ? std::atoi(text) : otherwise;
}

void enumerate(const rules& how, const char* title) {
    const world all(how);
    const int depth = number_in_environment("SYNCLINE_ENUMERATION_DEPTH", 6);
    const std::clock_t begin = std::clock();
    const enumeration_result found = enumerator(all).run(depth);
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    std::printf("%s: %zu events, %zu states, %zu transitions, depth %d, %.1f s\n", title, all.alphabet().size(), found.states, found.transitions,
                depth, seconds);
    for (std::size_t e = 0; e < found.happened.size(); ++e) std::printf("%10zu  %s\n", found.happened[e], std::string(all.alphabet()[e].name).c_str());
    CHECK(all.alphabet().size() >= 20);
    for (const std::size_t happened : found.happened) CHECK(happened > 0);
    for (const std::string& fault : found.faults) FAIL_CHECK(fault);
}

/// Ways that are longer than an enumeration can be.
void walk(const rules& how) {
    const world all(how);
    const std::vector<situation> starts = starts_of(all);
    const int walks = number_in_environment("SYNCLINE_ENUMERATION_WALKS", 500);
    std::set<std::string> known;
    std::uint64_t state = 12'345;
    const auto below = [&](std::size_t bound) {
        state = state * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
        return static_cast<std::size_t>((state >> 33) % bound);
    };
    for (int i = 0; i < walks; ++i) {
        way taken{below(starts.size()), {}};
        for (int step = 0; step < 60; ++step) taken.events.push_back(below(all.alphabet().size()));
        const std::string fault = follow(all, starts, taken);
        if (fault.empty() || !known.insert(fault).second) continue;
        FAIL_CHECK(describe(all, shorten(all, starts, taken, fault), fault));
    }
}

}  // namespace

TEST_CASE("a row of two columns keeps every promise on every way of six events") { enumerate({{false, false}}, "two columns, the last write decides"); }

TEST_CASE("a row with a counter keeps every promise on every way of six events") { enumerate({{true, false}}, "a counter and a column"); }

TEST_CASE("a row keeps every promise on long ways") {
    walk({{false, false}});
    walk({{true, false}});
}
