/// The rows of one owner in memory, with every index the memory backend reads them by.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/backends/memory_feed.hpp>
#include <syncline/backends/memory_order.hpp>
#include <syncline/backends/memory_table.hpp>
#include <syncline/base/errors.hpp>

namespace syncline::memory_backend_parts {

/// All rows and tombstones of one owner.
class owner_rows {
public:
    explicit owner_rows(const schema_view& schema) : schema_(schema), tables_(schema.tables.size()), shapes_(schema.tables.size()) {
        for (std::size_t i = 0; i < shapes_.size(); ++i) shapes_[i] = shape_of(static_cast<int>(i));
    }
    owner_rows(const owner_rows&) = delete;
    owner_rows& operator=(const owner_rows&) = delete;

    [[nodiscard]] stored_row* find(int table, const local_id& local) const { return of(table).find(local, hash_of_id(local.view())); }
    [[nodiscard]] stored_row* find_by_id(int table, std::string_view id) const { return of(table).find_by_id(id, hash_of_id(id)); }
    [[nodiscard]] const row_feed& feed() const noexcept { return feed_; }
    /// Rows and tombstones of a table in the order of local ids.
    [[nodiscard]] std::span<stored_row* const> in_order(int table) const { return of(table).in_order(); }

    /// The live rows whose key points at `id`, in the order of local ids.
    [[nodiscard]] std::vector<const stored_row*> referrers(int table, int column, const server_id& id) const {
        std::vector<const stored_row*> found;
        const table_shape& shape = shapes_[static_cast<std::size_t>(table)];
        for (std::size_t link = 0; link < shape.keys.size(); ++link) {
            const key_shape& key = shape.keys[link];
            if (key.column != static_cast<std::size_t>(column)) continue;
            if (const stored_row* const target = find_by_id(key.target, id.view()))
                for (const stored_row* row = target->first_referrer(key.list); row != nullptr; row = row->link(link).next) found.push_back(row);
            for (const open_key& open : open_keys_)
                if (open.row->table == table && open.link == link && is_open(open) && text_of(open) == id.view()) found.push_back(open.row);
        }
        std::ranges::sort(found, is_before_in_table);
        found.erase(std::unique(found.begin(), found.end()), found.end());
        return found;
    }

    /// Adds a row; null, and nothing has changed, where its local id is taken. Throws store_error where its server id is.
    stored_row* insert(int table, const local_id& local, const server_id& id, row_content content) {
        const std::uint64_t local_hash = hash_of_id(local.view());
        row_table& rows = of(table);
        if (rows.find(local, local_hash) != nullptr) return nullptr;
        const std::uint64_t id_hash = hash_of_id(id.view());
        if (rows.find_by_id(id.view(), id_hash) != nullptr)
            throw store_error("two rows with one id in table " + std::string(schema_[table].name));
        stored_row& row = new_row(table);
        row.table = table;
        row.local = local;
        row.id = id;
        row.content = std::move(content);
        rows.add(row, local_hash, id_hash);
        feed_.add(row);
        link_keys(row);
        for (const open_key& open : open_keys_)
            if (key_of(open).target == table && is_open(open) && text_of(open) == id.view()) link_to(*open.row, open.link, row);
        return &row;
    }

    /// Gives the row new content and returns the old.
    row_content replace(stored_row& row, row_content content) {
        const bool points_elsewhere = !has_same_keys(row.table, row.content.values.view(), content.values.view());
        feed_.remove(row);
        if (points_elsewhere) unlink_keys(row);
        std::swap(row.content, content);
        feed_.add(row);
        if (points_elsewhere) link_keys(row);
        return content;
    }

    /// Takes back an insert, of which all later changes were taken back.
    void undo_insert(stored_row& row) {
        unlink_keys(row);
        const table_shape& shape = shapes_[static_cast<std::size_t>(row.table)];
        for (const auto& [list, link] : shape.lists)
            for (stored_row* from = row.first_referrer(list); from != nullptr;) {
                stored_row* const next = from->link(link).next;
                from->link(link) = {};
                from = next;
            }
        feed_.remove(row);
        of(row.table).take_back(row);
        const int table = row.table;
        std::destroy_at(&row);
        shapes_[static_cast<std::size_t>(table)].unused.push_back(&row);
    }

    /// Throws store_error where a key points at no row.
    void check_keys() const {
        for (const open_key& open : open_keys_)
            if (is_open(open))
                throw store_error("a key points at no row: " + std::string(schema_[open.row->table].name) + "." +
                                  std::string(schema_[open.row->table].columns[key_of(open).column].name));
    }

    /// Ends what check_keys looks at: the keys of one transaction.
    void forget_open_keys() noexcept { open_keys_.clear(); }

private:
    /// A foreign key of a table: which column, and which of the target's lists has the rows that point at it.
    struct key_shape {
        std::size_t column = 0;
        int target = -1;
        std::size_t list = 0;
    };
    struct list_shape {
        std::size_t list = 0;
        std::size_t link = 0;  ///< of the row that points
    };
    struct table_shape {
        std::vector<key_shape> keys;    ///< by link
        std::vector<list_shape> lists;  ///< one for each key that points at this table
        std::vector<void*> unused;      ///< blocks of rows that were taken back
    };
    /// A key that pointed at no row when it was written.
    struct open_key {
        stored_row* row = nullptr;
        std::size_t link = 0;
    };

    [[nodiscard]] table_shape shape_of(int table) const {
        table_shape shape;
        const table_view& view = schema_[table];
        for (std::size_t column = 0; column < view.columns.size(); ++column) {
            if (view.columns[column].kind != column_kind::key) continue;
            const int target = view.columns[column].target;
            const auto is_this = [&](const referrer_view& one) { return one.table == table && one.column == static_cast<int>(column); };
            const auto found = std::ranges::find_if(schema_[target].referrers, is_this);
            shape.keys.push_back({column, target, static_cast<std::size_t>(found - schema_[target].referrers.begin())});
        }
        for (std::size_t list = 0; list < view.referrers.size(); ++list) {
            const referrer_view& from = view.referrers[list];
            std::size_t link = 0;
            for (std::size_t column = 0; column < static_cast<std::size_t>(from.column); ++column)
                if (schema_[from.table].columns[column].kind == column_kind::key) ++link;
            shape.lists.push_back({list, link});
        }
        return shape;
    }

    [[nodiscard]] row_table& of(int table) noexcept { return tables_[static_cast<std::size_t>(table)]; }
    [[nodiscard]] const row_table& of(int table) const noexcept { return tables_[static_cast<std::size_t>(table)]; }

    [[nodiscard]] stored_row& new_row(int table) {
        table_shape& shape = shapes_[static_cast<std::size_t>(table)];
        void* block = nullptr;
        if (shape.unused.empty()) {
            block = blocks_.take(stored_row::size_of(shape.keys.size(), shape.lists.size()));
        } else {
            block = shape.unused.back();
            shape.unused.pop_back();
        }
        return stored_row::make_in(block, shape.keys.size(), shape.lists.size());
    }

    [[nodiscard]] bool has_same_keys(int table, cells a, cells b) const noexcept {
        if (a.size() != b.size() || a.empty()) return a.size() == b.size();
        for (const key_shape& key : shapes_[static_cast<std::size_t>(table)].keys)
            if (!(a[key.column] == b[key.column])) return false;
        return true;
    }

    void link_to(stored_row& row, std::size_t link, stored_row& target) noexcept {
        stored_row*& first = target.first_referrer(shapes_[static_cast<std::size_t>(row.table)].keys[link].list);
        row.link(link) = {&target, nullptr, first};
        if (first != nullptr) first->link(link).previous = &row;
        first = &row;
    }

    void link_keys(stored_row& row) {
        const cells values = row.content.values.view();
        if (values.empty()) return;
        const std::vector<key_shape>& keys = shapes_[static_cast<std::size_t>(row.table)].keys;
        for (std::size_t link = 0; link < keys.size(); ++link) {
            const cell& value = values[keys[link].column];
            if (value.is_null()) continue;
            if (stored_row* const target = find_by_id(keys[link].target, value.view())) link_to(row, link, *target);
            else open_keys_.push_back({&row, link});
        }
    }

    void unlink_keys(stored_row& row) noexcept {
        const std::vector<key_shape>& keys = shapes_[static_cast<std::size_t>(row.table)].keys;
        for (std::size_t number = 0; number < keys.size(); ++number) {
            const key_link at = std::exchange(row.link(number), {});
            if (at.target == nullptr) continue;
            if (at.next != nullptr) at.next->link(number).previous = at.previous;
            if (at.previous != nullptr) at.previous->link(number).next = at.next;
            else at.target->first_referrer(keys[number].list) = at.next;
        }
    }

    [[nodiscard]] const key_shape& key_of(const open_key& open) const noexcept {
        return shapes_[static_cast<std::size_t>(open.row->table)].keys[open.link];
    }
    /// True while the row still has a key there, and no row that it points at.
    [[nodiscard]] bool is_open(const open_key& open) const noexcept {
        const cells values = open.row->content.values.view();
        return !values.empty() && open.row->link(open.link).target == nullptr && !values[key_of(open).column].is_null();
    }
    [[nodiscard]] std::string_view text_of(const open_key& open) const noexcept {
        return open.row->content.values.view()[key_of(open).column].view();
    }

    schema_view schema_;
    row_blocks blocks_;  // outlives the tables, whose rows are in it
    std::vector<row_table> tables_;
    std::vector<table_shape> shapes_;
    row_feed feed_;
    std::vector<open_key> open_keys_;
};

}  // namespace syncline::memory_backend_parts
