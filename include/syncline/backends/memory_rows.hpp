/// The rows of one owner in memory, with every index the memory backend reads them by.
#pragma once

#include <cstddef>
#include <cstring>
#include <deque>
#include <memory>
#include <new>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <syncline/server/backend.hpp>

namespace syncline::memory_backend_parts {

/// The cells of one row with their text, in one allocation.
class packed_cells {
public:
    packed_cells() noexcept = default;
    explicit packed_cells(cells values) : count_(values.size()) {
        std::size_t size = count_ * sizeof(cell);
        for (const cell& value : values)
            if (value.has_text()) size += value.view().size();
        if (size == 0) return;
        block_.reset(new char[size]);
        char* text = block_.get() + count_ * sizeof(cell);
        for (std::size_t i = 0; i < count_; ++i) {
            cell kept = values[i];
            if (kept.has_text()) {
                const std::string_view view = kept.view();
                if (!view.empty()) std::memcpy(text, view.data(), view.size());
                kept = cell::with_text(kept.kind(), {text, view.size()});
                text += view.size();
            }
            ::new (block_.get() + i * sizeof(cell)) cell(kept);
        }
    }

    [[nodiscard]] cells view() const noexcept {
        if (count_ == 0) return {};
        return {std::launder(reinterpret_cast<const cell*>(block_.get())), count_};
    }

private:
    std::unique_ptr<char[]> block_;
    std::size_t count_ = 0;
};

/// What a new version of a row replaces.
struct row_content {
    row_version version = 0;
    incarnation_number incarnation = 1;
    bool removed = false;
    std::int64_t updated_at_ms = 0;
    const std::string* origin_device = nullptr;  ///< null where the version is no device's own
    sequence origin_seq = 0;
    packed_cells values;  ///< empty for a tombstone
};

struct stored_row;

struct local_order {
    bool operator()(const stored_row* a, const stored_row* b) const noexcept;
    bool operator()(const local_id& a, const stored_row* b) const noexcept;
    using is_transparent = void;
};

struct feed_order {
    bool operator()(const stored_row* a, const stored_row* b) const noexcept;
    bool operator()(const feed_position& a, const stored_row* b) const noexcept;
    using is_transparent = void;
};

using local_set = std::set<const stored_row*, local_order>;
using feed_set = std::set<const stored_row*, feed_order>;

struct stored_row {
    int table = -1;
    local_id local;
    server_id id;
    row_content content;
    feed_set::iterator feed_place;
};

inline bool local_order::operator()(const stored_row* a, const stored_row* b) const noexcept { return a->local < b->local; }
inline bool local_order::operator()(const local_id& a, const stored_row* b) const noexcept { return a < b->local; }

[[nodiscard]] inline bool is_before(row_version a_version, int a_table, const local_id& a_local, const stored_row& b) noexcept {
    if (a_version != b.content.version) return a_version < b.content.version;
    if (a_table != b.table) return a_table < b.table;
    return a_local < b.local;
}
inline bool feed_order::operator()(const stored_row* a, const stored_row* b) const noexcept {
    return is_before(a->content.version, a->table, a->local, *b);
}
inline bool feed_order::operator()(const feed_position& a, const stored_row* b) const noexcept {
    return is_before(a.version, a.table, a.local, *b);
}

/// All rows and tombstones of one owner.
class owner_rows {
public:
    explicit owner_rows(const schema_view& schema) : schema_(schema), tables_(schema.tables.size()) {
        for (std::size_t i = 0; i < tables_.size(); ++i) tables_[i].referrers.resize(schema.tables[i].columns.size());
    }
    owner_rows(const owner_rows&) = delete;
    owner_rows& operator=(const owner_rows&) = delete;

    [[nodiscard]] stored_row* find(int table, const local_id& local) const { return find_in(of(table).by_local, local.view()); }
    [[nodiscard]] stored_row* find(int table, const server_id& id) const { return find_in(of(table).by_id, id.view()); }
    [[nodiscard]] const feed_set& feed() const noexcept { return feed_; }
    /// Rows and tombstones of a table in the order of local ids.
    [[nodiscard]] const local_set& ordered(int table) const noexcept { return of(table).ordered; }

    /// The live rows whose key points at `id`, or null where there are none.
    [[nodiscard]] const local_set* referrers(int table, int column, const server_id& id) const {
        const auto& index = of(table).referrers[static_cast<std::size_t>(column)];
        const auto found = index.find(id);
        return found == index.end() ? nullptr : &found->second;
    }

    /// Adds a row whose ids are new to its table.
    stored_row& insert(int table, const local_id& local, const server_id& id, row_content content) {
        stored_row& row = rows_.emplace_back(stored_row{table, local, id, std::move(content), {}});
        table_rows& rows = of(table);
        rows.by_local.emplace(row.local.view(), &row);
        rows.by_id.emplace(row.id.view(), &row);
        rows.ordered.insert(rows.ordered.end(), &row);
        row.feed_place = feed_.insert(feed_.end(), &row);
        note_keys(row);
        return row;
    }

    /// Gives the row new content and returns the old.
    row_content replace(stored_row& row, row_content content) {
        const bool points_elsewhere = !has_same_keys(row.table, row.content.values.view(), content.values.view());
        feed_.erase(row.feed_place);
        if (points_elsewhere) forget_keys(row);
        std::swap(row.content, content);
        row.feed_place = feed_.insert(feed_.end(), &row);
        if (points_elsewhere) note_keys(row);
        return content;
    }

    /// Takes back the newest insert.
    void undo_insert() {
        stored_row& row = rows_.back();
        forget_keys(row);
        feed_.erase(row.feed_place);
        table_rows& rows = of(row.table);
        rows.ordered.erase(&row);
        rows.by_id.erase(row.id.view());
        rows.by_local.erase(row.local.view());
        rows_.pop_back();
    }

private:
    // Keyed by views into the rows, which stay where they are.
    using identity_index = std::unordered_map<std::string_view, stored_row*>;

    struct table_rows {
        identity_index by_local;
        identity_index by_id;
        local_set ordered;
        std::vector<std::unordered_map<server_id, local_set>> referrers;  ///< by column; empty for those that are no keys
    };

    [[nodiscard]] table_rows& of(int table) noexcept { return tables_[static_cast<std::size_t>(table)]; }
    [[nodiscard]] const table_rows& of(int table) const noexcept { return tables_[static_cast<std::size_t>(table)]; }

    [[nodiscard]] static stored_row* find_in(const identity_index& index, std::string_view id) {
        const auto found = index.find(id);
        return found == index.end() ? nullptr : found->second;
    }

    [[nodiscard]] bool has_same_keys(int table, cells a, cells b) const noexcept {
        if (a.size() != b.size()) return false;
        for (std::size_t i = 0; i < a.size(); ++i)
            if (has_column(schema_[table].keys, i) && !(a[i] == b[i])) return false;
        return true;
    }

    template <class Use>
    void for_each_key(const stored_row& row, Use&& use) {
        const cells values = row.content.values.view();
        for (std::size_t i = 0; i < values.size(); ++i)
            if (has_column(schema_[row.table].keys, i) && !values[i].is_null())
                use(of(row.table).referrers[i], server_id::trusted(values[i].view()));
    }

    // Sets are filled from their end: new versions are the newest, and devices make ids in the order of time.
    void note_keys(const stored_row& row) {
        for_each_key(row, [&](auto& index, const server_id& target) {
            local_set& pointing = index[target];
            pointing.insert(pointing.end(), &row);
        });
    }

    void forget_keys(const stored_row& row) {
        for_each_key(row, [&](auto& index, const server_id& target) {
            const auto found = index.find(target);
            found->second.erase(&row);
            if (found->second.empty()) index.erase(found);
        });
    }

    schema_view schema_;
    std::deque<stored_row> rows_;
    std::vector<table_rows> tables_;
    feed_set feed_;
};

}  // namespace syncline::memory_backend_parts
