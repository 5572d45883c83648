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
/// Its arrays are plain ones because clang bounds the statements of a constant evaluation, and each operator[] call is several.
template <std::size_t Nodes, std::size_t Edges>
class dependency_graph {
public:
    constexpr explicit dependency_graph(const std::array<dependency, Edges>& edges) noexcept {
        for (int node = 0; node < nodes; ++node) first_from_[node] = first_into_[node] = -1;
        for (int i = edge_count; i-- > 0;) {
            const dependency& edge = edges_[i] = edges[static_cast<std::size_t>(i)];
            next_from_[i] = first_from_[edge.from];
            next_into_[i] = first_into_[edge.to];
            first_from_[edge.from] = first_into_[edge.to] = i;
        }
    }

    [[nodiscard]] constexpr push_order<Nodes, Edges> order() noexcept {
        find_owners_of_themselves();
        if (!rank_nodes()) cut_cycles();
        push_order<Nodes, Edges> result;
        for (std::size_t node = 0; node < Nodes; ++node) {
            result.rank[node] = rank_[node];
            result.owns_itself[node] = owns_itself_[node];
        }
        for (std::size_t i = 0; i < Edges; ++i) result.deferred[i] = deferred_[i];
        for (std::size_t i = 0; i < static_cast<std::size_t>(cycle_length_); ++i) result.cycle[i] = cycle_[i];
        result.cycle_length = static_cast<std::size_t>(cycle_length_);
        return result;
    }

private:
    static constexpr int nodes = static_cast<int>(Nodes);
    static constexpr int edge_count = static_cast<int>(Edges);
    static constexpr int node_room = nodes + 1;  // no array has the size 0
    static constexpr int edge_room = edge_count + 1;
    static constexpr int words = (nodes + 63) / 64;

    struct node_set {
        std::uint64_t word[words + 1]{};
        [[nodiscard]] constexpr bool contains(int node) const noexcept { return ((word[node / 64] >> (node % 64)) & 1U) != 0; }
        constexpr void insert(int node) noexcept { word[node / 64] |= std::uint64_t{1} << (node % 64); }
    };

    /// Ranks every node that does not depend on a cycle of edges that are not deferred; true when that is all of them.
    constexpr bool rank_nodes() noexcept {
        int waits_for[node_room]{};
        for (int i = 0; i < edge_count; ++i)
            if (counts(i)) ++waits_for[edges_[i].from];
        int queue[node_room]{};
        int queued = 0;
        for (int node = 0; node < nodes; ++node) {
            rank_[node] = 0;
            ranked_[node] = false;
            if (waits_for[node] == 0) queue[queued++] = node;
        }
        for (int head = 0; head < queued; ++head) {
            const int node = queue[head];
            ranked_[node] = true;
            for (int i = first_into_[node]; i >= 0; i = next_into_[i]) {
                if (!counts(i)) continue;
                const int from = edges_[i].from;
                if (rank_[from] <= rank_[node]) rank_[from] = rank_[node] + 1;
                if (--waits_for[from] == 0) queue[queued++] = from;
            }
        }
        return queued == nodes;
    }

    [[nodiscard]] constexpr bool counts(int edge) const noexcept {
        return edges_[edge].from != edges_[edge].to && !deferred_[edge];
    }

    constexpr void cut_cycles() noexcept {
        bool outside[node_room]{};
        for (int node = 0; node < nodes; ++node) outside[node] = ranked_[node];
        for (int turn = 0; turn < 3; ++turn)
            for (int i = 0; i < edge_count; ++i) {
                const dependency& edge = edges_[i];
                if ((!edge.nullable ? 0 : edge.owning ? 1 : 2) != turn || edge.from == edge.to) continue;
                if (outside[edge.from] || outside[edge.to]) continue;
                if (!reachable_[edge.to].contains(edge.from)) {
                    admit(i);
                } else if (edge.nullable) {
                    deferred_[i] = true;
                } else {
                    report_cycle(i);
                    return;
                }
            }
        rank_nodes();
    }

    constexpr void admit(int edge) noexcept {
        const int from = edges_[edge].from;
        const int to = edges_[edge].to;
        admitted_[edge] = true;
        if (reachable_[from].contains(to)) return;
        for (int node = 0; node < nodes; ++node) {
            if (node != from && !reachable_[node].contains(from)) continue;
            for (int i = 0; i < words; ++i) reachable_[node].word[i] |= reachable_[to].word[i];
            reachable_[node].insert(to);
        }
    }

    /// The shortest way from the edge's end back to its start, and the edge.
    constexpr void report_cycle(int edge) noexcept {
        const int start = edges_[edge].to;
        int previous[node_room]{};
        for (int node = 0; node < nodes; ++node) previous[node] = node == start ? start : -1;
        int queue[node_room]{start};
        int queued = 1;
        for (int head = 0; head < queued; ++head)
            for (int i = first_from_[queue[head]]; i >= 0; i = next_from_[i]) {
                const int to = edges_[i].to;
                if (!admitted_[i] || previous[to] >= 0) continue;
                previous[to] = queue[head];
                queue[queued++] = to;
            }
        int backwards[node_room]{};
        int length = 0;
        for (int node = edges_[edge].from; node != start; node = previous[node]) backwards[length++] = node;
        backwards[length++] = start;
        int smallest = 0;
        for (int i = 1; i < length; ++i)
            if (backwards[i] < backwards[smallest]) smallest = i;
        for (int i = 0; i < length; ++i) cycle_[i] = backwards[(smallest + length - i) % length];
        cycle_length_ = length;
    }

    /// A node owns itself when an owning edge leads to it from its own strongly connected component of owning edges: Tarjan's
    /// algorithm (SIAM J. Comput. 1, 1972), with the path in an array.
    constexpr void find_owners_of_themselves() noexcept {
        int turn[node_room]{};  // at which the node was met, 0 before
        int lowest[node_room]{};
        int next[node_room]{};
        int caller[node_room]{};
        int open[node_room]{};  // met, and in no component yet
        bool closed[node_room]{};
        int met = 0;
        int opened = 0;
        const auto enter = [&](int node, int from) {
            turn[node] = lowest[node] = ++met;
            next[node] = first_from_[node];
            caller[node] = from;
            open[opened++] = node;
            return node;
        };
        for (int root = 0; root < nodes; ++root) {
            if (turn[root] != 0) continue;
            for (int node = enter(root, -1); node >= 0;) {
                if (const int edge = next[node]; edge >= 0) {
                    next[node] = next_from_[edge];
                    const int to = edges_[edge].to;
                    if (!edges_[edge].owning || closed[to]) continue;
                    if (to == node) owns_itself_[node] = true;
                    if (turn[to] == 0)
                        node = enter(to, node);
                    else if (turn[to] < lowest[node])
                        lowest[node] = turn[to];
                    continue;
                }
                if (lowest[node] == turn[node]) {
                    const bool alone = open[opened - 1] == node;
                    for (int member = -1; member != node;) {
                        member = open[--opened];
                        closed[member] = true;
                        if (!alone) owns_itself_[member] = true;
                    }
                }
                const int above = caller[node];
                if (above >= 0 && lowest[node] < lowest[above]) lowest[above] = lowest[node];
                node = above;
            }
        }
    }

    dependency edges_[edge_room]{};
    int first_from_[node_room]{};
    int first_into_[node_room]{};
    int next_from_[edge_room]{};
    int next_into_[edge_room]{};
    bool ranked_[node_room]{};
    bool admitted_[edge_room]{};
    node_set reachable_[node_room]{};

    int rank_[node_room]{};
    bool owns_itself_[node_room]{};
    bool deferred_[edge_room]{};
    int cycle_[node_room]{};
    int cycle_length_ = 0;
};

/// The push order of nodes 0 to Nodes - 1.
template <std::size_t Nodes, std::size_t Edges>
[[nodiscard]] constexpr push_order<Nodes, Edges> order_nodes(const std::array<dependency, Edges>& edges) noexcept {
    return dependency_graph<Nodes, Edges>(edges).order();
}

}  // namespace syncline
