/// The messages of the sync protocol as plain values; their cells point into the buffers each message owns.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <syncline/base/errors.hpp>
#include <syncline/model/arena.hpp>
#include <syncline/model/operation.hpp>
#include <syncline/model/verdict.hpp>
#include <syncline/wire/http.hpp>

namespace syncline::wire {

/// Version of the protocol this code speaks.
inline constexpr int protocol_version = 1;

/// One operation of a push. Keys are server ids, or local ids (cell_kind::local_key) of rows of the same batch or of rows the server knows.
struct sent_operation {
    operation op;
    std::optional<std::uint64_t> digest;  ///< a stranger may leave it out
    server_id id;                         ///< of the row, where the sender knows it
};

struct push_request {
    int protocol = protocol_version;
    std::optional<std::uint64_t> schema;  ///< fingerprint
    std::string owner;                    ///< tag of the store's owner; empty where the sender left it out
    std::string device;
    sequence acknowledged = 0;
    std::string cursor;
    bool atomic = false;
    std::vector<sent_operation> operations;

    arena bytes;
    cell_pool cells;
};

using syncline::verdict;

/// A row as the server holds it. Keys are server ids.
struct server_row_view {
    int table = -1;
    server_id id;
    local_id local;
    row_version version;
    incarnation_number incarnation = 1;
    std::int64_t updated_at_ms = 0;  ///< for people; never compared
    bool removed = false;
    syncline::cells cells;           ///< empty for a removed row
    row_version base_version = {};   ///< of a removed row: of the operation that removed it, if it told one
    std::string_view last_writer = {};  ///< of a removed row: the device that had written it last; empty if none is known
    sequence last_seq = 0;           ///< of the last writer's operation
};

/// The server's answer about one operation.
struct operation_result {
    sequence seq = 0;
    std::uint64_t digest = 0;
    verdict outcome = verdict::rejected;
    local_id local;
    server_id id;                       ///< empty where the server has no such row
    row_version version;                ///< of the row after the operation
    incarnation_number incarnation = 1; ///< of the row after the operation
    std::int64_t updated_at_ms = 0;
    bool permanent = true;              ///< rejected only: asking again is useless
    error problem;                      ///< rejected and waits only
    int table = -1;                     ///< of the row and the conflicts; -1 where there are none
    std::optional<server_row_view> row; ///< merged, and replays whose row has moved on
    column_mask overwritten = 0;        ///< fields in which this operation replaced another device's edit
    syncline::cells lost;               ///< the replaced values, full row width
    column_mask refused = 0;            ///< fields of the operation that were not taken, because what they point at cannot be pointed at
    column_mask kept = 0;               ///< fields of a create that met a visible row, in which the row kept another value
};

struct push_answer {
    std::vector<operation_result> results;
    row_version version;
    std::string owner;  ///< the owner that the token stands for, told if the request named none

    arena bytes;
    cell_pool cells;
};

struct pull_request {
    int protocol = protocol_version;
    std::optional<std::uint64_t> schema;
    std::string owner;
    std::string device;
    sequence acknowledged = 0;
    std::string since;       ///< empty: a snapshot
    std::size_t limit = 0;   ///< rows; 0: the server's own bound
};

/// Which operations of the asking device a page's rows contain: all up to `floor`, and those listed.
struct included_operations {
    sequence floor = 0;
    std::vector<sequence> above;

    /// `above` has to be in ascending order.
    [[nodiscard]] bool contains(sequence seq) const noexcept {
        return seq <= floor || std::binary_search(above.begin(), above.end(), seq);
    }
};

struct page {
    std::vector<server_row_view> rows;  ///< tables in push order; within a table in the order sent
    std::string cursor;
    bool more = false;
    bool snapshot = false;
    included_operations includes;
    std::string owner;  ///< the owner that the token stands for, told if the request named none

    arena bytes;
    cell_pool cells;
};

}  // namespace syncline::wire
