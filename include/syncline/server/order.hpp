/// Pure step: in which order the operations of a batch are applied, whatever order they were sent in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <numeric>
#include <queue>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <syncline/server/row_name.hpp>
#include <syncline/wire/messages.hpp>

namespace syncline {

/// Two operations of a batch, by index, of which one is applied before the other.
struct precedence {
    std::size_t first = 0;
    std::size_t then = 0;
};

/// Orders a batch: what closes a sequence, then creates, then updates, both parents first, then removals, children first; but an
/// operation on a row comes after those on its earlier lives, and an operation whose key names a row of the batch comes after its
/// create. Kahn's algorithm over a heap, n log n; where operations wait for each other in a circle, the first of them goes first.
class batch_order {
public:
    batch_order(std::span<const wire::sent_operation> operations, const schema_view& schema, std::span<const precedence> more = {})
        : operations_(operations), schema_(schema), first_edge_(operations.size(), none), waits_for_(operations.size(), 0) {
        sort_by_place();
        sort_by_row();
        chain_rows();
        for (std::size_t i = 0; i < operations_.size(); ++i) link_keys(i);
        for (const precedence& one : more) add_edge(one.first, one.then);
    }

    /// The indices of the operations, each once.
    [[nodiscard]] std::vector<std::size_t> indices() && {
        std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
        for (std::size_t i = 0; i < operations_.size(); ++i)
            if (waits_for_[i] == 0) ready.push(place_[i]);
        std::vector<bool> done(operations_.size(), false);
        std::vector<std::size_t> order;
        order.reserve(operations_.size());
        std::size_t next_by_place = 0;
        while (order.size() < operations_.size()) {
            std::size_t place = 0;
            if (ready.empty()) {
                while (done[by_place_[next_by_place]]) ++next_by_place;
                place = next_by_place;
            } else {
                place = ready.top();
                ready.pop();
            }
            const std::size_t index = by_place_[place];
            if (done[index]) continue;
            done[index] = true;
            order.push_back(index);
            for (std::size_t i = first_edge_[index]; i != none; i = edges_[i].next)
                if (--waits_for_[edges_[i].then] == 0) ready.push(place_[edges_[i].then]);
        }
        return order;
    }

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    struct edge {
        std::size_t then = 0;
        std::size_t next = none;
    };

    [[nodiscard]] const operation& at(std::size_t index) const noexcept { return operations_[index].op; }

    [[nodiscard]] static int phase_of(const operation& op) noexcept {
        switch (op.kind) {
            case operation_kind::close: return 0;
            case operation_kind::create: return 1;
            case operation_kind::update: return 2;
            case operation_kind::remove: return 3;
        }
        return 3;
    }

    [[nodiscard]] std::vector<std::size_t> all() const {
        std::vector<std::size_t> indices(operations_.size());
        std::iota(indices.begin(), indices.end(), std::size_t{0});
        return indices;
    }

    void sort_by_place() {
        by_place_ = all();
        const auto key = [this](std::size_t i) {
            const operation& op = at(i);
            return std::tuple(phase_of(op), op.kind == operation_kind::remove ? -op.table : op.table, op.seq, i);
        };
        std::ranges::sort(by_place_, {}, key);
        place_.resize(operations_.size());
        for (std::size_t place = 0; place < by_place_.size(); ++place) place_[by_place_[place]] = place;
    }

    void sort_by_row() {
        for (std::size_t i = 0; i < operations_.size(); ++i) {
            if (at(i).kind == operation_kind::close) continue;
            by_row_.push_back(i);
            if (at(i).kind != operation_kind::create) continue;
            creates_.push_back(i);
            if (!operations_[i].id.empty()) creates_by_id_.push_back(i);
        }
        const auto life = [this](std::size_t i) { return std::tuple(at(i).incarnation, phase_of(at(i)), at(i).seq, i); };
        std::ranges::sort(by_row_, [&](std::size_t a, std::size_t b) {
            const auto by_name = local_name_of(a) <=> local_name_of(b);
            return by_name != 0 ? by_name < 0 : life(a) < life(b);
        });
        std::ranges::sort(creates_, {}, [this](std::size_t i) { return std::pair(local_name_of(i), at(i).seq); });
        std::ranges::sort(creates_by_id_, {}, [this](std::size_t i) { return std::pair(server_name_of(i), at(i).seq); });
    }

    [[nodiscard]] local_name local_name_of(std::size_t index) const noexcept { return {at(index).table, at(index).id}; }
    [[nodiscard]] server_name server_name_of(std::size_t index) const noexcept { return {at(index).table, operations_[index].id}; }

    void add_edge(std::size_t first, std::size_t then) {
        if (first == then) return;
        edges_.push_back({then, first_edge_[first]});
        first_edge_[first] = edges_.size() - 1;
        ++waits_for_[then];
    }

    void chain_rows() {
        for (std::size_t i = 1; i < by_row_.size(); ++i)
            if (local_name_of(by_row_[i - 1]) == local_name_of(by_row_[i])) add_edge(by_row_[i - 1], by_row_[i]);
    }

    /// The create of the row that a key names: the newest before `seq`, else the oldest, else none.
    [[nodiscard]] std::size_t create_of(int table, const cell& key, sequence seq) const {
        if (key.kind() == cell_kind::local_key)
            return newest_before(creates_, std::pair(local_name{table, local_id::trusted(key.view())}, seq),
                                 [this](std::size_t i) { return std::pair(local_name_of(i), at(i).seq); });
        return newest_before(creates_by_id_, std::pair(server_name{table, server_id::trusted(key.view())}, seq),
                             [this](std::size_t i) { return std::pair(server_name_of(i), at(i).seq); });
    }

    template <class Name, class KeyOf>
    [[nodiscard]] static std::size_t newest_before(const std::vector<std::size_t>& creates, const std::pair<Name, sequence>& wanted,
                                                   KeyOf key_of) {
        const auto found = std::ranges::lower_bound(creates, wanted, {}, key_of);
        if (found != creates.begin() && key_of(*std::prev(found)).first == wanted.first) return *std::prev(found);
        if (found != creates.end() && key_of(*found).first == wanted.first) return *found;
        return none;
    }

    template <class Use>
    void for_each_key(const operation& op, Use&& use) const {
        if (op.kind != operation_kind::create && op.kind != operation_kind::update) return;
        const table_view& table = schema_[op.table];
        for (std::size_t i = 0; i < table.columns.size(); ++i)
            if (has_column(op.values.mask & table.keys, i) && op.values.after[i].is_key())
                use(table.columns[i].target, op.values.after[i]);
    }

    void link_keys(std::size_t index) {
        for_each_key(at(index), [&](int target, const cell& key) {
            const std::size_t create = create_of(target, key, at(index).seq);
            if (create != none) add_edge(create, index);
        });
    }

    std::span<const wire::sent_operation> operations_;
    schema_view schema_;
    std::vector<std::size_t> by_place_;       ///< as they would go if none needed another
    std::vector<std::size_t> place_;          ///< of each operation in by_place_
    std::vector<std::size_t> by_row_;         ///< the lives of each row one after the other
    std::vector<std::size_t> creates_;        ///< by row and sequence
    std::vector<std::size_t> creates_by_id_;  ///< those whose sender knows the server id
    std::vector<edge> edges_;
    std::vector<std::size_t> first_edge_;
    std::vector<std::size_t> waits_for_;
};

}  // namespace syncline
