/// What a limit program does beside moving rows; nothing of it is the bare limit, all of it the fair one.
#pragma once

#include <cstddef>
#include <cstdint>

#include <syncline/base/limits.hpp>

#include "../shared/fields.hpp"

namespace benchmarks::limit {

struct features {
    /// An outbox table, base images, and for each row server id, version, incarnation and pending; a verdict for each operation.
    bool records = false;
    /// Real FOREIGN KEY constraints; in memory, the look-up of every target.
    bool foreign_keys = false;
    /// An index on each foreign key; in memory, a list of the rows that point at a row.
    bool key_indexes = false;
    /// The server names rows itself: an index on the server's ids, foreign keys translated in both directions.
    bool server_ids = false;
};

inline constexpr features bare{};
inline constexpr features fair{true, true, true, true};

/// The same pages and batches as syncline's.
inline constexpr syncline::limits bounds{};

/// What is known of a row beside its fields.
struct row_stamp {
    id_text server;  ///< empty where the server gives no names, or has not yet
    std::int64_t version = 0;
    std::int64_t incarnation = 1;
    std::int64_t seq = 0;  ///< of the operation, in a push
};

/// The server's answer about one operation.
struct verdict {
    std::int64_t seq = 0;
    id_text server;
    std::int64_t version = 0;
};

}  // namespace benchmarks::limit
