/// Push order over plain integers: decided cases at compile time, and what must hold of every graph by trying many.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <support/catch.hpp>
#include <syncline/schema/graph.hpp>

using syncline::dependency;
using syncline::order_nodes;

namespace {

constexpr dependency required(int from, int to) { return {from, to, false, false}; }
constexpr dependency nullable(int from, int to) { return {from, to, true, false}; }
constexpr dependency nullable_parent(int from, int to) { return {from, to, true, true}; }
constexpr dependency parent(int from, int to) { return {from, to, false, true}; }

template <std::size_t Nodes, std::size_t Edges>
constexpr auto order_of_nodes(const dependency (&edges)[Edges]) {
    return order_nodes<Nodes>(std::to_array(edges));
}

template <std::size_t Nodes, std::size_t Edges>
constexpr bool cycle_is(const syncline::push_order<Nodes, Edges>& order, std::initializer_list<int> nodes) {
    return order.cycle_length == nodes.size() && std::equal(nodes.begin(), nodes.end(), order.cycle.begin());
}

// A node without edges is pushed first, and the longest path counts.
static_assert(order_nodes<2>(std::array<dependency, 0>{}).rank == std::array{0, 0});
static_assert(order_of_nodes<4>({required(3, 2), required(2, 1), required(3, 0), required(1, 0)}).rank == std::array{0, 1, 2, 3});
static_assert(order_of_nodes<2>({required(1, 0), nullable(1, 0)}).rank == std::array{0, 1});

// A node that points at itself is no cycle of tables.
static_assert(order_of_nodes<1>({nullable(0, 0)}).rank == std::array{0});
static_assert(order_of_nodes<1>({nullable(0, 0)}).deferred == std::array{false});

// A nullable key is cut, a reference rather than a parent, and of two alike the last.
static_assert(order_of_nodes<2>({required(0, 1), nullable(1, 0)}).deferred == std::array{false, true});
static_assert(order_of_nodes<2>({nullable(0, 1), nullable_parent(1, 0)}).deferred == std::array{true, false});
static_assert(order_of_nodes<2>({nullable(0, 1), nullable(1, 0)}).deferred == std::array{false, true});
static_assert(order_of_nodes<2>({required(0, 1), nullable(1, 0)}).rank == std::array{1, 0});

// One cut serves two cycles that share an edge, and a nullable key outside of cycles stays.
static_assert(order_of_nodes<4>({required(0, 1), required(0, 2), required(1, 3), required(2, 3), nullable(3, 0)}).deferred ==
              std::array{false, false, false, false, true});
static_assert(order_of_nodes<3>({nullable(2, 0), required(0, 1), nullable(1, 0)}).deferred == std::array{false, false, true});

// A cycle that cannot be cut is reported without the nodes behind it or before it, the smallest first and along its edges.
static_assert(cycle_is(order_of_nodes<5>({required(0, 3), required(3, 1), required(1, 2), required(2, 3), required(2, 4)}),
                       {1, 2, 3}));
static_assert(cycle_is(order_of_nodes<3>({required(0, 2), required(2, 1), required(1, 0)}), {0, 2, 1}));
static_assert(order_of_nodes<2>({required(0, 1), nullable(1, 0)}).cycle_length == 0);
// Of two that overlap, one is reported, and only its nodes.
static_assert(cycle_is(order_of_nodes<3>({required(0, 1), required(1, 0), required(1, 2), required(2, 1)}), {0, 1}));

// Only parents make a cycle of ownership, and a cut does not hide it.
static_assert(order_of_nodes<3>({parent(0, 1), nullable_parent(1, 0), parent(2, 0)}).owns_itself == std::array{true, true, false});
static_assert(order_of_nodes<2>({parent(0, 1), nullable(1, 0)}).owns_itself == std::array{false, false});
static_assert(order_of_nodes<1>({nullable_parent(0, 0)}).owns_itself == std::array{true});

constexpr std::size_t node_count = 7;
constexpr std::size_t edge_count = 13;
using edge_list = std::array<dependency, edge_count>;
using order_of_seven = syncline::push_order<node_count, edge_count>;

edge_list arbitrary_edges(std::uint64_t seed) {
    edge_list edges;
    const auto next = [&seed](std::uint64_t bound) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        return static_cast<int>((seed >> 33U) % bound);
    };
    const auto one_in = static_cast<std::uint64_t>(next(4) + 1);
    for (dependency& edge : edges) edge = {next(node_count), next(node_count), next(one_in) == 0, next(2) == 0};
    for (dependency& edge : edges) edge.nullable = edge.nullable || edge.from == edge.to;
    return edges;
}

bool is_kept(const edge_list& edges, const order_of_seven& order, std::size_t edge) {
    return edges[edge].from != edges[edge].to && !order.deferred[edge];
}

/// Whether kept edges lead from one node to another.
bool leads(const edge_list& edges, const order_of_seven& order, int from, int to) {
    std::array<bool, node_count> reached{};
    reached[static_cast<std::size_t>(from)] = true;
    for (std::size_t turn = 0; turn < node_count; ++turn)
        for (std::size_t i = 0; i < edge_count; ++i)
            if (is_kept(edges, order, i) && reached[static_cast<std::size_t>(edges[i].from)])
                reached[static_cast<std::size_t>(edges[i].to)] = true;
    return reached[static_cast<std::size_t>(to)];
}

int longest_path(const edge_list& edges, const order_of_seven& order, int node) {
    int length = 0;
    for (std::size_t i = 0; i < edge_count; ++i)
        if (is_kept(edges, order, i) && edges[i].from == node)
            length = std::max(length, 1 + longest_path(edges, order, edges[i].to));
    return length;
}

bool has_required_cycle(const edge_list& edges) {
    order_of_seven all_nullable_cut;
    for (std::size_t i = 0; i < edge_count; ++i) all_nullable_cut.deferred[i] = edges[i].nullable;
    return std::any_of(edges.begin(), edges.end(), [&](const dependency& edge) {
        return !edge.nullable && edge.from != edge.to && leads(edges, all_nullable_cut, edge.to, edge.from);
    });
}

TEST_CASE("every cut is needed and the ranks are longest paths") {
    int cut = 0;
    for (std::uint64_t seed = 0; seed < 3000; ++seed) {
        const edge_list edges = arbitrary_edges(seed);
        if (has_required_cycle(edges)) continue;
        const order_of_seven order = order_nodes<node_count>(edges);
        INFO("seed " << seed);
        REQUIRE(order.cycle_length == 0);
        for (int node = 0; node < static_cast<int>(node_count); ++node)
            REQUIRE(order.rank[static_cast<std::size_t>(node)] == longest_path(edges, order, node));
        for (std::size_t i = 0; i < edge_count; ++i) {
            if (!order.deferred[i]) continue;
            ++cut;
            REQUIRE(edges[i].nullable);
            REQUIRE(leads(edges, order, edges[i].to, edges[i].from));
        }
    }
    REQUIRE(cut > 1000);
}

TEST_CASE("a reported cycle is made of edges that cannot be cut") {
    int reported = 0;
    for (std::uint64_t seed = 0; seed < 3000; ++seed) {
        const edge_list edges = arbitrary_edges(seed);
        const order_of_seven order = order_nodes<node_count>(edges);
        INFO("seed " << seed);
        REQUIRE((order.cycle_length != 0) == has_required_cycle(edges));
        for (std::size_t i = 0; i < order.cycle_length; ++i) {
            const int from = order.cycle[i];
            const int to = order.cycle[(i + 1) % order.cycle_length];
            REQUIRE(std::any_of(edges.begin(), edges.end(),
                                [&](const dependency& edge) { return edge.from == from && edge.to == to && !edge.nullable; }));
            REQUIRE(std::count(order.cycle.begin(), order.cycle.begin() + static_cast<std::ptrdiff_t>(order.cycle_length), from) ==
                    1);
        }
        reported += order.cycle_length != 0 ? 1 : 0;
    }
    REQUIRE(reported > 300);
}

}  // namespace
