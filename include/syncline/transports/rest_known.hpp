/// What the store already knows of a backend's rows: their names on both sides, and whether a row that arrives is news.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/base/hash.hpp>
#include <syncline/client/closure.hpp>
#include <syncline/client/entries.hpp>
#include <syncline/client/settled_removal.hpp>
#include <syncline/wire/hexadecimal.hpp>
#include <syncline/wire/rest_rows.hpp>

namespace syncline {

/// Local id of a row whose backend keeps none, the same on every device: "r-" and the server id where that is a local id, else "h-" and
/// 128 bits of a hash of it.
[[nodiscard]] inline local_id derived_local_id(const server_id& remote) {
    const std::string plain = "r-" + remote.str();
    if (const auto id = local_id::parse(plain)) return *id;
    char text[34] = {'h', '-'};
    for (std::uint64_t half = 0; half < 2; ++half) wire::write_hexadecimal(text + 2 + 16 * half, hasher().add(half).add(remote.view()).finish());
    return local_id::trusted({text, sizeof text});
}

/// A row as the page of a sync session names it.
struct rest_news {
    local_id local;
    row_version version;
    incarnation_number incarnation = 1;
};

/// A row of a backend under both of its names.
struct rest_row_name {
    int table = -1;
    local_id local;
    server_id remote;
    incarnation_number incarnation = 1;
    row_version version;
};

/// Reads a store. Every call happens inside a transaction of the caller.
class rest_known {
public:
    explicit rest_known(store_port& store) : store_(store) {}

    /// Forgets what was read, and reads which rows are removed or hidden here.
    void open() {
        remotes_.clear();
        removed_.clear();
        parked_.clear();
        taken_.clear();
        store_.scan_parked([&](const parked_row& row) { parked_.insert_or_assign({row.table, row.id}, row); });
        if (store_.count_removed() == 0) return;
        std::vector<sequence> roots;
        store_.scan_entries([&](const outbox_entry& entry) {
            if (removes_row(entry)) roots.push_back(entry.seq);
        });
        const std::size_t open = roots.size();
        for (const sequence root : undecided_removals(store_)) roots.push_back(root);
        for (std::size_t i = 0; i < roots.size(); ++i)
            store_.scan_removed_by(roots[i], [&](const removed_row& record) {
                if (record.state.id.empty()) return;
                const rest_row_name name{record.table, record.id, record.state.id, record.state.incarnation, record.state.version};
                removed_[{record.table, record.state.id.str()}] = name.local;
                // What a settled removal took was removed at the backend row by row.
                if (i >= open && record.state.pending == 0) taken_.push_back(name);
            });
    }

    /// Rows that went with a removal the backend has taken, and whose own removal the session still has to see.
    [[nodiscard]] const std::vector<rest_row_name>& taken() const noexcept { return taken_; }

    /// Server id of the row's present life, visible or removed here; empty where the backend does not have it.
    [[nodiscard]] server_id remote_of(int table, const local_id& id) {
        server_id remote;
        row_state state;
        if (store_.find_state(table, id, state)) {
            if (state.pending != 0)
                for (const outbox_entry& entry : entries_of_row(store_, table, id, state.pending))
                    if (entry.kind == operation_kind::create) return {};
            return state.id;
        }
        store_.scan_removed_of(table, id, [&](const removed_row& record) { remote = record.state.id; });
        return remote;
    }

    /// Name of the row on this device: as this device knows it, as the backend keeps it, or derived.
    [[nodiscard]] local_id local_of(const wire::rest_row& row) {
        const local_id known = store_.local_of(row.table, row.id);
        if (!known.empty()) return known;
        if (!row.local.empty()) return row.local;
        const auto removed = removed_.find({row.table, row.id.str()});
        return removed != removed_.end() ? removed->second : derived_local_id(row.id);
    }

    /// How the row goes into a page; nothing where it is known already, or `is_stale(stamp, version)` beside the version that is known.
    template <class Stale>
    [[nodiscard]] std::optional<rest_news> news_of(const wire::rest_row& row, row_version stamp, Stale&& is_stale) {
        rest_news news;
        news.local = local_of(row);
        known_row known;
        if (!find(row.table, news.local, known)) {
            if (row.removed) return std::nullopt;
            news.version = std::max(stamp, row_version().next());
            return news;
        }
        news.incarnation = known.incarnation;
        const bool same_row = known.remote.empty() || known.remote == row.id;
        // A removal of a former row of this name says nothing about the one that has it now.
        if (row.removed && (!same_row || known.removed)) return std::nullopt;
        if (is_stale(stamp, known.version)) return std::nullopt;
        if (!row.removed && same_row && is_same(row, known)) return std::nullopt;
        news.version = std::max(stamp, known.version.next());
        return news;
    }

    /// The version under which a removal of this row is news; nothing where the row is not known here.
    [[nodiscard]] std::optional<row_version> removal_version(int table, const local_id& id) {
        known_row known;
        if (!find(table, id, known) || known.removed) return std::nullopt;
        return known.version.next();
    }

private:
    struct known_row {
        server_id remote;
        row_version version;
        incarnation_number incarnation = 1;
        bool removed = false;
        std::vector<cell> values;  ///< empty: nothing of the backend's is known
    };

    /// The newest that is known of the row the backend has: parked, visible, or removed here.
    bool find(int table, const local_id& id, known_row& out) {
        const table_view& description = store_.schema()[table];
        const auto take = [&](const std::string& image) {
            image_ = image;
            out.values.assign(description.columns.size(), cell());
            std::string_view rest = image_;
            take_image(rest, out.values);
        };
        if (const auto parked = parked_.find({table, id}); parked != parked_.end()) {
            const parked_row& row = parked->second;
            out = {row.remote, row.version, row.incarnation, row.removed, {}};
            if (!row.removed) take(row.image);
            return true;
        }
        if (store_.find_row(table, id, row_)) {
            out = {row_.state.id, row_.state.version, row_.state.incarnation, false, {}};
            if (row_.state.pending == 0) {
                out.values.assign(row_.cells().begin(), row_.cells().end());
                return true;
            }
            const std::vector<outbox_entry> edits = entries_of_row(store_, table, id, row_.state.pending);
            if (edits.empty() || edits.front().base.empty()) {
                out.version = {};
                return true;
            }
            image_ = edits.front().base;
            out.values = read_image_over(image_, row_.cells());
            return true;
        }
        bool found = false;
        store_.scan_removed_of(table, id, [&](const removed_row& record) {
            if (is_never_sent(record)) return;
            found = true;
            out = {record.state.id, record.state.version, record.state.incarnation, false, {}};
            take(record.base.empty() ? record.image : record.base);
        });
        return found;
    }

    bool is_same(const wire::rest_row& row, const known_row& known) {
        if (known.values.size() != row.values.size()) return false;
        const table_view& table = store_.schema()[row.table];
        for (std::size_t i = 0; i < row.values.size(); ++i) {
            const cell& mine = known.values[i];
            if (mine.kind() == cell_kind::local_key && row.values[i].kind() == cell_kind::server_key) {
                if (!is_target(table.columns[i].target, mine.view(), row.values[i].view())) return false;
            } else if (!(mine == row.values[i])) {
                return false;
            }
        }
        return true;
    }

    /// Asks the store once for each target.
    bool is_target(int table, std::string_view local, std::string_view remote) {
        const row_name name{table, local_id::trusted(local)};
        const auto [at, is_new] = remotes_.try_emplace(name);
        if (is_new) {
            row_state state;
            if (store_.find_state(table, name.id, state)) at->second = state.id;
            else at->second = remote_of(table, name.id);
        }
        return at->second.view() == remote;
    }

    store_port& store_;
    std::map<row_name, server_id> remotes_;
    std::map<std::pair<int, std::string>, local_id> removed_;
    std::map<row_name, parked_row> parked_;
    std::vector<rest_row_name> taken_;
    row_buffer row_;
    std::string image_;
};

}  // namespace syncline
