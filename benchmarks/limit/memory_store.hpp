/// The limit programs' store in memory: a hash map for each table.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "../shared/works.hpp"
#include "features.hpp"
#include "message_reader.hpp"

namespace benchmarks::limit {

template <class Row>
inline constexpr std::size_t key_count = [] {
    std::size_t keys = 0;
    for_each_field<Row>([&](auto, const auto& one) { keys += one.target != no_table ? 1 : 0; });
    return keys;
}();

class memory_store {
public:
    static constexpr bool has_quick_names = true;

    memory_store(const features& what, const device_place&) : what_(what) {}

    void begin() noexcept {}
    void commit() noexcept {}

    template <class Row>
    void create(const Row& row) {
        auto& rows = of<Row>();
        require_targets(row);
        const auto [at, is_new] = rows.by_id.try_emplace(row.id);
        if (!is_new) throw failure("there is already a row " + shown(row.id));
        at->second.row = row;
        link(rows, at->second);
        enqueue(rows, at->second, all_fields<Row>);
    }

    /// Takes the fields in `mask` from `edited`; none of them is a foreign key.
    template <class Row>
    void edit(const Row& edited, field_mask mask) {
        auto& rows = of<Row>();
        stored<Row>& found = rows.by_id.at(edited.id);
        if (found.pending != 0) {
            rows.queue[found.pending - 1].mask |= mask;
        } else {
            if (what_.records) found.base = std::make_unique<Row>(found.row);
            enqueue(rows, found, mask);
        }
        copy_fields(edited, mask, found.row);
    }

    [[nodiscard]] std::size_t pending() const noexcept { return pending_; }
    void start_push() noexcept {}

    /// Hands at most `operations_max` pending rows to `add(row, stamp, mask)`, parents first.
    template <class Add>
    std::size_t read_batch(std::size_t operations_max, Add&& add) {
        std::size_t read = 0;
        each_table([&]<class Row>(memory_table<Row>& rows) {
            rows.sent_first = rows.sent_last;
            for (; rows.sent_last < rows.queue.size() && read < operations_max; ++rows.sent_last, ++read) {
                const queued<Row>& next = rows.queue[rows.sent_last];
                row_stamp stamp = next.row->stamp;
                stamp.seq = next.seq;
                add(next.row->row, stamp, next.mask);
            }
        });
        return read;
    }

    /// The rows of the last batch are clean; verdicts are in their order.
    void settle(const std::vector<verdict>& verdicts) {
        std::size_t next = 0;
        each_table([&]<class Row>(memory_table<Row>& rows) {
            for (std::size_t i = rows.sent_first; i < rows.sent_last; ++i) {
                stored<Row>& row = *rows.queue[i].row;
                row.pending = 0;
                --pending_;
                if (!what_.records) continue;
                if (next == verdicts.size() || verdicts[next].seq != rows.queue[i].seq) throw failure("a verdict is missing");
                row.stamp.version = verdicts[next].version;
                row.base.reset();
                if (what_.server_ids && row.stamp.server.empty()) {
                    row.stamp.server = verdicts[next].server;
                    rows.by_server.emplace(row.stamp.server, &row);
                }
                ++next;
            }
            if (rows.sent_last != rows.queue.size()) return;
            rows.queue.clear();
            rows.sent_first = rows.sent_last = 0;
        });
    }

    template <class Row>
    void take(const wire_row<Row>& incoming, bool) {
        auto& rows = of<Row>();
        const auto [at, is_new] = rows.by_id.try_emplace(incoming.row.id);
        stored<Row>& row = at->second;
        if (row.pending != 0) {
            copy_fields(incoming.row, ~rows.queue[row.pending - 1].mask, row.row);
            if (row.base) *row.base = incoming.row;
        } else {
            const bool stays = !is_new && has_same_keys(row.row, incoming.row);
            if (!stays) require_targets(incoming.row);
            if (!is_new && !stays) unlink(rows, row);
            row.row = incoming.row;
            if (!stays) link(rows, row);
        }
        if (!what_.records) return;
        row.stamp = incoming.stamp;
        if (is_new && what_.server_ids) rows.by_server.emplace(row.stamp.server, &row);
    }

    [[nodiscard]] id_text local_of(int number, const id_text& server) {
        id_text local;
        with_table(number, [&](auto& rows) {
            if (const auto found = rows.by_server.find(server); found != rows.by_server.end()) local = found->second->row.id;
        });
        return local;
    }
    [[nodiscard]] id_text server_of(int number, const id_text& local) {
        id_text server;
        with_table(number, [&](auto& rows) {
            if (const auto found = rows.by_id.find(local); found != rows.by_id.end()) server = found->second.stamp.server;
        });
        return server;
    }

    [[nodiscard]] const std::string& cursor() const noexcept { return cursor_; }
    void put_cursor(const std::string& cursor) { cursor_ = cursor; }

    [[nodiscard]] dataset rows() {
        dataset data;
        each_table([&]<class Row>(memory_table<Row>& from) {
            for (const auto& entry : from.by_id) rows_of<Row>(data).push_back(entry.second.row);
            sort_by_id(rows_of<Row>(data));
        });
        return data;
    }

private:
    template <class Row>
    struct stored {
        struct place {
            stored* previous = nullptr;
            stored* next = nullptr;
        };
        Row row;
        row_stamp stamp;
        std::size_t pending = 0;  ///< place in the queue, counted from 1; 0 is clean
        std::unique_ptr<Row> base;
        std::array<place, key_count<Row>> places;
    };
    template <class Row>
    struct queued {
        stored<Row>* row;
        field_mask mask;
        std::int64_t seq;
    };
    template <class Row>
    struct memory_table {
        std::unordered_map<id_text, stored<Row>, id_hash> by_id;
        std::unordered_map<id_text, stored<Row>*, id_hash> by_server;
        std::array<std::unordered_map<id_text, stored<Row>*, id_hash>, key_count<Row>>
            referrers;  ///< first of each list, by target
        std::vector<queued<Row>> queue;
        std::size_t sent_first = 0;
        std::size_t sent_last = 0;
    };

    template <class Row>
    [[nodiscard]] auto& of() noexcept {
        return std::get<memory_table<Row>>(tables_);
    }
    template <class Visit>
    void each_table(Visit&& visit) {
        std::apply([&](auto&... rows) { (visit(rows), ...); }, tables_);
    }
    template <class Visit>
    void with_table(int number, Visit&& visit) {
        switch (number) {
            case 0:
                return visit(std::get<0>(tables_));
            case 1:
                return visit(std::get<1>(tables_));
            case 2:
                return visit(std::get<2>(tables_));
            default:
                return visit(std::get<3>(tables_));
        }
    }

    template <class Row>
    void enqueue(memory_table<Row>& rows, stored<Row>& row, field_mask mask) {
        rows.queue.push_back({&row, mask, what_.records ? ++last_seq_ : 0});
        row.pending = rows.queue.size();
        ++pending_;
    }
    template <class Row>
    static void copy_fields(const Row& from, field_mask mask, Row& into) {
        for_each_field<Row>([&](auto index, const auto& one) {
            if (has_field(mask, index)) into.*one.member = from.*one.member;
        });
    }

    /// Calls `visit(slot, target table, id)` for each foreign key.
    template <class Row, class Visit>
    static void each_key(const Row& row, Visit&& visit) {
        std::size_t slot = 0;
        for_each_field<Row>([&](auto, const auto& one) {
            if constexpr (std::is_same_v<std::decay_t<decltype(row.*one.member)>, id_text>)
                visit(slot++, one.target, row.*one.member);
        });
    }
    template <class Row>
    [[nodiscard]] static bool has_same_keys(const Row& one, const Row& other) {
        bool same = true;
        for_each_field<Row>([&](auto, const auto& key) {
            if constexpr (std::is_same_v<std::decay_t<decltype(one.*key.member)>, id_text>)
                same = same && one.*key.member == other.*key.member;
        });
        return same;
    }
    template <class Row>
    void require_targets(const Row& row) {
        if (!what_.foreign_keys) return;
        each_key(row, [&](std::size_t, int target, const id_text& id) {
            with_table(target, [&](auto& rows) {
                if (!rows.by_id.contains(id)) throw failure("a key points at no row: " + shown(id));
            });
        });
    }
    template <class Row>
    void link(memory_table<Row>& rows, stored<Row>& row) {
        if (!what_.key_indexes) return;
        each_key(row.row, [&](std::size_t slot, int, const id_text& id) {
            stored<Row>*& first = rows.referrers[slot][id];
            row.places[slot] = {nullptr, first};
            if (first != nullptr) first->places[slot].previous = &row;
            first = &row;
        });
    }
    template <class Row>
    void unlink(memory_table<Row>& rows, stored<Row>& row) {
        if (!what_.key_indexes) return;
        each_key(row.row, [&](std::size_t slot, int, const id_text& id) {
            const auto at = row.places[slot];
            if (at.next != nullptr) at.next->places[slot].previous = at.previous;
            if (at.previous != nullptr)
                at.previous->places[slot].next = at.next;
            else
                rows.referrers[slot][id] = at.next;
        });
    }

    const features& what_;
    std::tuple<memory_table<exercise>, memory_table<workout>, memory_table<workout_exercise>, memory_table<workout_set>> tables_;
    std::string cursor_;
    std::size_t pending_ = 0;
    std::int64_t last_seq_ = 0;
};

}  // namespace benchmarks::limit
