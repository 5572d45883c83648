/// A store of folders and notes, written by hand and inside one transaction, for tests of the client's steps alone.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/client/store_port.hpp>
#include <syncline/stores/memory.hpp>

namespace client_tests {

using namespace syncline;

inline constexpr int folders = 0, notes = 1;

inline constexpr std::array<column_view, 2> folder_columns{{
    {.name = "name"},
    {.name = "inside", .kind = column_kind::key, .nullable = true, .target = folders, .owning = true, .on_remove = removal_policy::cascade},
}};
inline constexpr std::array<column_view, 4> note_columns{{
    {.name = "folder", .kind = column_kind::key, .target = folders, .owning = true, .on_remove = removal_policy::cascade},
    {.name = "title"},
    {.name = "count", .kind = column_kind::integer, .policy = merge_policy::counter, .least = -1'000, .greatest = 1'000},
    {.name = "next", .kind = column_kind::key, .nullable = true, .target = notes, .on_remove = removal_policy::set_null},
}};
inline constexpr column_mask folder_key = 1, title_column = 2, count_column = 4, next_key = 8, whole_note = 15;
inline constexpr column_mask name_column = 1, inside_key = 2;

inline constexpr std::array<referrer_view, 2> of_folders{{{folders, 1}, {notes, 0}}};
inline constexpr std::array<referrer_view, 1> of_notes{{{notes, 3}}};

inline constexpr std::array<table_view, 2> tables{{
    {.name = "folders", .entity = "folder", .route = "folders", .columns = folder_columns, .referrers = of_folders,
     .self_referencing = true, .in_ownership_cycle = true, .keys = inside_key},
    {.name = "notes", .entity = "note", .route = "notes", .columns = note_columns, .referrers = of_notes, .rank = 1,
     .self_referencing = true, .keys = folder_key | next_key},
}};
inline constexpr schema_view schema{tables, 1};

/// The version with this number.
[[nodiscard]] constexpr row_version at_version(std::int64_t number) noexcept { return row_version(first_generation, number); }
[[nodiscard]] inline local_id id(std::string_view text) { return local_id::trusted(text); }
[[nodiscard]] inline server_id remote(std::string_view text) { return server_id::trusted(text); }
[[nodiscard]] inline cell key_to(std::string_view row) { return row.empty() ? cell() : cell::local_key(row); }
[[nodiscard]] inline cell remote_key_to(std::string_view row) { return row.empty() ? cell() : cell::server_key(row); }

/// The values of a row, keys as local ids.
[[nodiscard]] inline std::vector<cell> folder(std::string_view name, std::string_view inside = {}) { return {cell::text(name), key_to(inside)}; }
[[nodiscard]] inline std::vector<cell> note(std::string_view folder, std::string_view title, std::int64_t count = 0, std::string_view next = {}) {
    return {key_to(folder), cell::text(title), cell::integer(count), key_to(next)};
}

class device {
public:
    store_port& operator*() { return store_; }
    store_port* operator->() { return &store_; }

    /// A row that the server has, and that has no edit here.
    device& clean(int table, std::string_view row, const std::vector<cell>& values, std::string_view known_as, std::int64_t version = 4) {
        store_.put_row(table, id(row), values, {remote(known_as), at_version(version), 1, 0});
        return *this;
    }

    /// What is in the store besides meta, one line for each row and record, in order.
    [[nodiscard]] std::string listing();
    [[nodiscard]] std::string values_of(int table, std::string_view row);

private:
    memory_store kept_{schema};
    store_adapter<memory_store> store_{kept_};
    store_port::transaction writing_ = store_.begin_write();
};

[[nodiscard]] std::string text_of(cells values);
[[nodiscard]] std::string text_of(const outbox_entry& entry);

}  // namespace client_tests
