/// The fair limit's outbox and base tables: an entry for each row that waits to be sent, an image of what it was when it was clean.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "../shared/sqlite.hpp"
#include "features.hpp"

namespace benchmarks::limit {

class sqlite_outbox {
public:
    static constexpr std::int64_t create_kind = 0, update_kind = 1;

    explicit sqlite_outbox(const database& rows) noexcept : database_(rows) {}

    /// Returns the entry's sequence.
    [[nodiscard]] std::int64_t append(int table, const id_text& id, field_mask mask, std::int64_t kind, std::int64_t base_version) {
        statement& append = prepared(append_,
                                     "INSERT INTO sync_outbox(seq, table_number, row_id, kind, state, columns, incarnation, "
                                     "base_version, behind, group_number, attempts, not_before_ms) "
                                     "VALUES (?1, ?2, ?3, ?4, 0, ?5, 1, ?6, 0, 0, 0, 0)");
        append.bind(1, ++last_seq_);
        append.bind(2, std::int64_t{table});
        append.bind(3, id);
        append.bind(4, kind);
        append.bind(5, static_cast<std::int64_t>(mask));
        append.bind(6, base_version);
        append.run();
        return last_seq_;
    }
    void widen(std::int64_t seq, field_mask mask) {
        statement& widen = prepared(widen_, "UPDATE sync_outbox SET columns = columns | ?2 WHERE seq = ?1");
        widen.bind(1, seq);
        widen.bind(2, static_cast<std::int64_t>(mask));
        widen.run();
    }
    [[nodiscard]] field_mask mask_of(std::int64_t seq) {
        statement& find = prepared(find_, "SELECT columns FROM sync_outbox WHERE seq = ?1");
        find.bind(1, seq);
        std::int64_t mask = 0;
        if (find.step()) find.read(0, mask);
        find.reset();
        return static_cast<field_mask>(mask);
    }
    /// One statement for each run of sequences; sorts them.
    void erase(std::vector<std::int64_t>& sequences) {
        statement& erase = prepared(erase_, "DELETE FROM sync_outbox WHERE seq BETWEEN ?1 AND ?2");
        std::ranges::sort(sequences);
        for (std::size_t first = 0, last = 0; first < sequences.size(); first = ++last) {
            while (last + 1 < sequences.size() && sequences[last + 1] == sequences[last] + 1) ++last;
            erase.bind(1, sequences[first]);
            erase.bind(2, sequences[last]);
            erase.run();
        }
    }

    void keep_base(int table, const id_text& id, std::int64_t version, const std::string& image) {
        statement& keep =
            prepared(keep_base_, "INSERT INTO sync_base(table_number, row_id, version, image) VALUES (?1, ?2, ?3, ?4)");
        keep.bind(1, std::int64_t{table});
        keep.bind(2, id);
        keep.bind(3, version);
        keep.bind(4, image);
        keep.run();
    }
    void drop_base(int table, const id_text& id) {
        statement& drop = prepared(drop_base_, "DELETE FROM sync_base WHERE table_number = ?1 AND row_id = ?2");
        drop.bind(1, std::int64_t{table});
        drop.bind(2, id);
        drop.run();
    }

private:
    [[nodiscard]] statement& prepared(statement& slot, const char* sql) {
        if (!slot) slot = database_.prepare(sql);
        return slot;
    }

    const database& database_;
    statement append_, widen_, find_, erase_, keep_base_, drop_base_;
    std::int64_t last_seq_ = 0;
};

}  // namespace benchmarks::limit
