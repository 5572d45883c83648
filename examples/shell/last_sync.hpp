/// With which server the store was last synced completely, and when: kept in the store for `status`.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include <syncline/base/clock.hpp>
#include <syncline/stores/sqlite.hpp>

namespace shell {

struct last_sync {
    std::string server;
    std::int64_t at_ms = 0;  ///< since the Unix epoch
};

inline void write_last_sync(syncline::sqlite_store& store, const std::string& server) {
    auto writing = store.begin_write();
    store.put_meta("shell.server", server);
    store.put_meta("shell.synced_ms", std::to_string(syncline::system_clock_source()()));
    writing.commit();
}

/// To be called inside a transaction of the store.
[[nodiscard]] inline std::optional<last_sync> read_last_sync(syncline::sqlite_store& store) {
    const auto server = store.find_meta("shell.server");
    const auto time = store.find_meta("shell.synced_ms");
    if (!server || !time) return std::nullopt;
    last_sync found{*server, 0};
    std::from_chars(time->data(), time->data() + time->size(), found.at_ms);
    return found;
}

}  // namespace shell
