/// Push order over plain integers: ranks, the keys that are deferred to cut cycles, and the cycles that cannot be cut.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace syncline {

/// Rows of node `from` are pushed after rows of node `to`. An edge from a node to itself is ordered per row, not per table.
struct dependency {
    int from = -1;
    int to = -1;
    bool nullable = false;  ///< may be cut
    bool owning = false;    ///< is cut only when no other edge will do
};

template <std::size_t Nodes, std::size_t Edges>
struct push_order {
    std::array<int, Nodes> rank{};          ///< longest path over edges that are neither deferred nor to the node itself
    std::array<bool, Nodes> owns_itself{};  ///< owning edges lead from the node back to it
    std::array<bool, Edges> deferred{};     ///< the edges that were cut
    std::array<int, Nodes> cycle{};         ///< a cycle that cannot be cut, along its edges, the smallest node first
    std::size_t cycle_length = 0;           ///< 0: every cycle could be cut, and the rest holds
};

/// Orders the nodes. Nodes outside cycles are ranked by Kahn's algorithm; inside, edges are admitted one by one, first those that
/// cannot be cut, then owning ones, then the rest, each unless it would close a cycle: none is cut without need. The result
/// depends on the order of the edges alone. Linear for a graph without cycles; for each edge among c nodes on cycles O(c * c / 64).
template <std::size_t Nodes, std::size_t Edges>
class dependency_graph {
public:
    using edges_type = std::array<dependency, Edges>;

    constexpr explicit dependency_graph(const edges_type& edges) noexcept : edges_(edges) {
        first_from_.fill(-1);
        first_into_.fill(-1);
        for (std::size_t i = edges_.size(); i-- > 0;) {
            const auto from = static_cast<std::size_t>(edges_[i].from);
            const auto into = static_cast<std::size_t>(edges_[i].to);
            next_from_[i] = first_from_[from];
            next_into_[i] = first_into_[into];
            first_from_[from] = first_into_[into] = static_cast<int>(i);
        }
    }

    [[nodiscard]] constexpr push_order<Nodes, Edges> order() noexcept {
        find_owners_of_themselves();
        if (!rank_nodes()) cut_cycles();
        return result_;
    }

private:
    static constexpr std::size_t words = (Nodes + 63) / 64;
    using node_set = std::array<std::uint64_t, words>;
    using links = std::array<int, Edges>;

    static constexpr std::size_t at(int index) noexcept { return static_cast<std::size_t>(index); }

    /// Ranks every node that does not depend on a cycle of edges that are not deferred; true when that is all of them.
    constexpr bool rank_nodes() noexcept {
        std::array<int, Nodes> waits_for{};
        for (std::size_t i = 0; i < edges_.size(); ++i)
            if (counts(i)) ++waits_for[at(edges_[i].from)];
        std::array<int, Nodes> queue{};
        std::size_t queued = 0;
        for (std::size_t node = 0; node < Nodes; ++node)
            if (waits_for[node] == 0) queue[queued++] = static_cast<int>(node);
        result_.rank.fill(0);
        ranked_.fill(false);
        for (std::size_t head = 0; head < queued; ++head) {
            const std::size_t node = at(queue[head]);
            ranked_[node] = true;
            for (int i = first_into_[node]; i >= 0; i = next_into_[at(i)]) {
                if (!counts(at(i))) continue;
                const std::size_t from = at(edges_[at(i)].from);
                if (result_.rank[from] <= result_.rank[node]) result_.rank[from] = result_.rank[node] + 1;
                if (--waits_for[from] == 0) queue[queued++] = static_cast<int>(from);
            }
        }
        return queued == Nodes;
    }

    constexpr bool counts(std::size_t edge) const noexcept {
        return edges_[edge].from != edges_[edge].to && !result_.deferred[edge];
    }

    constexpr void cut_cycles() noexcept {
        const std::array<bool, Nodes> outside = ranked_;
        for (int turn = 0; turn < 3 && result_.cycle_length == 0; ++turn)
            for (std::size_t i = 0; i < edges_.size() && result_.cycle_length == 0; ++i)
                if (turn_of(edges_[i]) == turn && counts(i) && !outside[at(edges_[i].from)] && !outside[at(edges_[i].to)]) admit(i);
        if (result_.cycle_length == 0) rank_nodes();
    }

    static constexpr int turn_of(const dependency& edge) noexcept { return !edge.nullable ? 0 : edge.owning ? 1 : 2; }

    constexpr void admit(std::size_t edge) noexcept {
        const std::size_t from = at(edges_[edge].from);
        const std::size_t to = at(edges_[edge].to);
        if (contains(reachable_[to], from)) {
            if (edges_[edge].nullable)
                result_.deferred[edge] = true;
            else
                report_cycle(edge);
            return;
        }
        admitted_[edge] = true;
        if (contains(reachable_[from], to)) return;
        for (std::size_t node = 0; node < Nodes; ++node) {
            if (node != from && !contains(reachable_[node], from)) continue;
            for (std::size_t word = 0; word < words; ++word) reachable_[node][word] |= reachable_[to][word];
            reachable_[node][to / 64] |= std::uint64_t{1} << (to % 64);
        }
    }

    static constexpr bool contains(const node_set& set, std::size_t node) noexcept {
        return ((set[node / 64] >> (node % 64)) & 1U) != 0;
    }

    /// The shortest way from the edge's end back to its start, and the edge.
    constexpr void report_cycle(std::size_t edge) noexcept {
        std::array<int, Nodes> previous{};
        previous.fill(-1);
        const int start = edges_[edge].to;
        previous[at(start)] = start;
        std::array<int, Nodes> queue{start};
        std::size_t queued = 1;
        for (std::size_t head = 0; head < queued; ++head)
            for (int i = first_from_[at(queue[head])]; i >= 0; i = next_from_[at(i)]) {
                const int to = edges_[at(i)].to;
                if (!admitted_[at(i)] || previous[at(to)] >= 0) continue;
                previous[at(to)] = queue[head];
                queue[queued++] = to;
            }
        std::array<int, Nodes> backwards{};
        std::size_t length = 0;
        for (int node = edges_[edge].from; node != start; node = previous[at(node)]) backwards[length++] = node;
        backwards[length++] = start;
        std::size_t smallest = 0;
        for (std::size_t i = 1; i < length; ++i)
            if (backwards[i] < backwards[smallest]) smallest = i;
        for (std::size_t i = 0; i < length; ++i) result_.cycle[i] = backwards[(smallest + length - i) % length];
        result_.cycle_length = length;
    }

    constexpr void find_owners_of_themselves() noexcept {
        for (std::size_t node = 0; node < Nodes; ++node) {
            std::array<bool, Nodes> seen{};
            seen[node] = true;
            std::array<int, Nodes> queue{static_cast<int>(node)};
            std::size_t queued = 1;
            for (std::size_t head = 0; head < queued && !result_.owns_itself[node]; ++head)
                for (int i = first_from_[at(queue[head])]; i >= 0; i = next_from_[at(i)]) {
                    const std::size_t to = at(edges_[at(i)].to);
                    if (!edges_[at(i)].owning) continue;
                    if (to == node) result_.owns_itself[node] = true;
                    if (!seen[to]) queue[queued++] = static_cast<int>(to);
                    seen[to] = true;
                }
        }
    }

    edges_type edges_;
    std::array<int, Nodes> first_from_{};
    std::array<int, Nodes> first_into_{};
    links next_from_{};
    links next_into_{};
    std::array<bool, Nodes> ranked_{};
    std::array<bool, Edges> admitted_{};
    std::array<node_set, Nodes> reachable_{};
    push_order<Nodes, Edges> result_{};
};

/// The push order of nodes 0 to Nodes - 1.
template <std::size_t Nodes, std::size_t Edges>
[[nodiscard]] constexpr push_order<Nodes, Edges> order_nodes(const std::array<dependency, Edges>& edges) noexcept {
    return dependency_graph<Nodes, Edges>(edges).order();
}

}  // namespace syncline
