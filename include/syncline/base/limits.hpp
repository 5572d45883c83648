/// Every bound of both halves in one place, with unit, default and reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace syncline {

struct limits {
    /// Operations in one push: large enough that days offline are one request, small enough that a refusal bisects fast.
    std::size_t batch_operations = 2'000;
    /// Bytes of one push: what the slowest accepted link can carry before a time-out.
    std::size_t batch_bytes = std::size_t{2} << 20;
    /// Rows of one page: bounds the memory of both sides.
    std::size_t page_rows = 1'000;
    /// Bytes of one message either side accepts; above batch_bytes because verdicts may carry whole rows.
    std::size_t body_bytes = std::size_t{16} << 20;
    /// Nesting of a message, in JSON and in CBOR: real ones need 7.
    std::size_t json_depth = 64;
    /// Bytes of one text or byte field.
    std::size_t string_bytes = std::size_t{1} << 20;
    /// Answers about one operation before it is set aside as failed.
    int attempts_max = 8;
    /// Milliseconds before the second attempt; doubles with each further one.
    std::int64_t backoff_base_ms = 1'000;
    /// Milliseconds that no delay passes.
    std::int64_t backoff_cap_ms = 15 * 60 * 1'000;
    /// Entries the outbox holds before writes are refused.
    std::size_t outbox_entries = 1'000'000;
    /// Requests of one sync, so that no server can keep a client busy for ever.
    std::size_t requests_per_sync = 100'000;
    /// Pages without a row that may follow each other: a server passes over 32,000 rows of the asking device in one answer, no more.
    std::size_t empty_pages = 1'000;
    /// Share of a device's rows that the removals of one pull may take without the application's consent.
    double removal_share = 0.5;
    /// Rows a device has to hold for that share to count: below, people see what goes.
    std::size_t removal_rows = 100;
    /// Milliseconds of one HTTP call of a client, from the look-up of the server's name to the last byte of the answer: a batch of batch_bytes
    /// takes as long at 56 kbit/s, and a server that sends a byte now and then holds a sync no longer.
    std::int64_t exchange_ms = 5 * 60 * 1'000;
    /// Milliseconds a process may hold a store's sync without renewing its claim: a killed process delays the next sync by no more.
    std::int64_t lease_ms = 10'000;
};

}  // namespace syncline
