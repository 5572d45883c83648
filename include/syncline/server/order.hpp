/// Pure step: in which order the operations of a batch are applied, whatever order they were sent in.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <functional>
#include <iterator>
#include <limits>
#include <numeric>
#include <queue>
#include <span>
#include <tuple>
#include <unordered_map>
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
/// create. One pass where places alone decide, as they nearly always do; else Kahn's algorithm over a heap, n log n; where operations
/// wait for each other in a circle, the first of them goes first.
class batch_order {
public:
    batch_order(std::span<const wire::sent_operation> operations, const schema_view& schema, std::span<const precedence> more = {})
        : operations_(operations), schema_(schema) {
        sort_by_place();
        if (more.empty() && nobody_waits()) return;
        first_edge_.resize(operations.size(), none);
        waits_for_.resize(operations.size(), 0);
        number_rows();
        number_places();
        chain_rows();
        for (std::size_t i = 0; i < operations_.size(); ++i) link_keys(i);
        for (const precedence& one : more) add_edge(one.first, one.then);
    }

    /// The indices of the operations, each once.
    [[nodiscard]] std::vector<std::size_t> indices() && {
        if (waits_for_.empty()) return std::move(by_place_);
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
    struct numbered_create {
        std::size_t row = 0;
        sequence seq = 0;
        std::size_t index = 0;

        friend auto operator<=>(const numbered_create&, const numbered_create&) = default;
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

    void number_rows() {
        row_of_.reserve(operations_.size());
        for (std::size_t i = 0; i < operations_.size(); ++i) {
            const auto [found, is_new] = rows_.try_emplace({at(i).table, at(i).id}, rows_.size());
            row_of_.push_back(found->second);
            if (!operations_[i].id.empty()) rows_by_id_.try_emplace({at(i).table, operations_[i].id}, found->second);
            if (at(i).kind == operation_kind::create) creates_.push_back({found->second, at(i).seq, i});
        }
        std::ranges::sort(creates_);
    }

    void sort_by_place() {
        by_place_.resize(operations_.size());
        std::iota(by_place_.begin(), by_place_.end(), std::size_t{0});
        const auto key = [this](std::size_t i) {
            const operation& op = at(i);
            return std::tuple(phase_of(op), op.kind == operation_kind::remove ? -op.table : op.table, op.seq, i);
        };
        if (!std::ranges::is_sorted(by_place_, {}, key)) std::ranges::sort(by_place_, {}, key);
    }

    /// True when the places alone order the batch rightly, as they do in the common case: tables without cycles, one life a row.
    /// Then a create has its place before everything that names its row, and operations on one row are in the order of sequences.
    [[nodiscard]] bool nobody_waits() const {
        incarnation_number newest = std::numeric_limits<incarnation_number>::min();
        for (const std::size_t i : by_place_) {
            const operation& op = at(i);
            if (op.kind == operation_kind::close) continue;
            if (op.incarnation < newest) return false;
            newest = op.incarnation;
            if (op.kind != operation_kind::create) continue;
            const table_view& table = schema_[op.table];
            for (column_mask keys = op.values.mask & table.keys; keys != 0; keys &= keys - 1) {
                const auto column = static_cast<std::size_t>(std::countr_zero(keys));
                if (table.columns[column].target >= op.table && op.values.after[column].is_key()) return false;
            }
        }
        return true;
    }

    void number_places() {
        place_.resize(operations_.size());
        for (std::size_t place = 0; place < by_place_.size(); ++place) place_[by_place_[place]] = place;
    }

    void add_edge(std::size_t first, std::size_t then) {
        if (first == then) return;
        edges_.push_back({then, first_edge_[first]});
        first_edge_[first] = edges_.size() - 1;
        ++waits_for_[then];
    }

    /// The lives of each row one after the other.
    void chain_rows() {
        std::vector<std::size_t> by_row;
        for (std::size_t i = 0; i < operations_.size(); ++i)
            if (at(i).kind != operation_kind::close) by_row.push_back(i);
        std::ranges::sort(by_row, {}, [this](std::size_t i) { return std::tuple(row_of_[i], at(i).incarnation, phase_of(at(i)), at(i).seq, i); });
        for (std::size_t i = 1; i < by_row.size(); ++i)
            if (row_of_[by_row[i - 1]] == row_of_[by_row[i]]) add_edge(by_row[i - 1], by_row[i]);
    }

    void link_keys(std::size_t index) {
        const operation& op = at(index);
        if (op.kind != operation_kind::create && op.kind != operation_kind::update) return;
        const table_view& table = schema_[op.table];
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (!has_column(op.values.mask & table.keys, i) || !op.values.after[i].is_key()) continue;
            const std::size_t create = create_of(row_named_by(table.columns[i].target, op.values.after[i]), op.seq);
            if (create != none) add_edge(create, index);
        }
    }

    [[nodiscard]] std::size_t row_named_by(int table, const cell& key) const {
        if (key.kind() == cell_kind::local_key) return find_in(rows_, local_name{table, local_id::trusted(key.view())});
        return find_in(rows_by_id_, server_name{table, server_id::trusted(key.view())});
    }

    template <class Map>
    [[nodiscard]] static std::size_t find_in(const Map& rows, const typename Map::key_type& name) {
        const auto found = rows.find(name);
        return found == rows.end() ? none : found->second;
    }

    /// The row's create: the newest before `seq`, else the oldest, else none.
    [[nodiscard]] std::size_t create_of(std::size_t row, sequence seq) const {
        const auto found = std::ranges::lower_bound(creates_, numbered_create{row, seq, 0});
        if (found != creates_.begin() && std::prev(found)->row == row) return std::prev(found)->index;
        return found != creates_.end() && found->row == row ? found->index : none;
    }

    std::span<const wire::sent_operation> operations_;
    schema_view schema_;
    std::unordered_map<local_name, std::size_t> rows_;
    std::unordered_map<server_name, std::size_t> rows_by_id_;  ///< those whose server id the sender knows
    std::vector<std::size_t> row_of_;                          ///< of each operation
    std::vector<numbered_create> creates_;                     ///< by row and sequence
    std::vector<std::size_t> by_place_;                        ///< as the operations would go if none needed another
    std::vector<std::size_t> place_;                           ///< of each operation in by_place_
    std::vector<edge> edges_;
    std::vector<std::size_t> first_edge_;
    std::vector<std::size_t> waits_for_;
};

}  // namespace syncline
