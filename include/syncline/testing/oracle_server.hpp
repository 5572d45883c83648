/// Watches one owner's rows on the server: no duplicates, no resurrection, nothing applied twice, every key points at a live row.
#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <syncline/server/backend.hpp>
#include <syncline/testing/oracle.hpp>

namespace syncline::testing {

/// A row or tombstone as the server holds it; keys as local ids.
struct mirrored_row {
    server_id id;
    row_version version;
    incarnation_number incarnation = 1;
    bool removed = false;
    std::vector<std::string> fields;
};

/// A copy of what the server holds for one owner, brought up to date after every request from what changed.
class server_mirror {
public:
    server_mirror(std::string owner, const schema_view& schema)
        : owner_(std::move(owner)), schema_(schema), local_of_(static_cast<std::size_t>(schema.size())) {}

    [[nodiscard]] const std::string& owner() const noexcept { return owner_; }
    [[nodiscard]] row_version version() const noexcept { return version_; }
    [[nodiscard]] const std::map<row_name, mirrored_row>& rows() const noexcept { return rows_; }
    [[nodiscard]] const mirrored_row* find(const row_name& name) const {
        const auto found = rows_.find(name);
        return found == rows_.end() ? nullptr : &found->second;
    }
    /// The row, unless it is a tombstone or was never there.
    [[nodiscard]] const mirrored_row* find_live(const row_name& name) const {
        const mirrored_row* const row = find(name);
        return row == nullptr || row->removed ? nullptr : row;
    }

    /// True for an id that the server has given to a row or tombstone of this table.
    [[nodiscard]] bool knows(int table, const server_id& id) const { return local_of_[static_cast<std::size_t>(table)].contains(id); }

    /// True for a row that an application has made, whether or not it has arrived.
    [[nodiscard]] bool is_made(const row_name& name) const { return made_.contains(name); }

    /// An application made a row of this name.
    void note_created(const row_name& name) { ++made_[name]; }

    /// Reads what changed, checks it, and tells `changed(name, row)` of every row.
    template <backend B, class Changed>
    void catch_up(B& database, Changed&& changed) {
        auto tx = database.begin_read(owner_);
        if (tx.version() < version_) throw invariant_broken("INV15", "the version of owner " + owner_ + " went back");
        if (tx.version() == version_) return;
        const std::vector<std::pair<int, server_row>> news = read(tx, {version_, schema_.size(), {}});
        version_ = tx.version();
        for (const auto& [table, row] : news) take_identity(table, row);
        for (const auto& [table, row] : news) {
            const row_name name{table, row.local};
            mirrored_row now = mirrored(table, row);
            check_life(name, now);
            check_return(name, now);
            rows_[name] = std::move(now);
            changed(name, std::as_const(rows_[name]));
        }
        check_closure();
    }

    /// Reads everything: it must be what the changes said. Also shows when a request of another owner changed something.
    template <backend B>
    void require_unchanged(B& database, std::string_view invariant, const std::string& why) {
        auto tx = database.begin_read(owner_);
        if (tx.version() != version_)
            throw invariant_broken(invariant, why + ": the version of owner " + owner_ + " is " + tx.version().str() + " instead of " +
                                                  version_.str());
        const std::vector<std::pair<int, server_row>> all = read(tx, {});
        if (all.size() != rows_.size())
            throw invariant_broken(invariant, why + ": owner " + owner_ + " has " + std::to_string(all.size()) + " rows instead of " + std::to_string(rows_.size()));
        for (const auto& [table, row] : all) {
            const row_name name{table, row.local};
            const mirrored_row* const known = find(name);
            const mirrored_row now = mirrored(table, row);
            if (known == nullptr || known->id != now.id || known->version != now.version || known->incarnation != now.incarnation ||
                known->removed != now.removed || known->fields != now.fields)
                throw invariant_broken(invariant, why + ": " + text_of(schema_, name) + " of owner " + owner_ + " changed");
        }
    }

private:
    template <class Tx>
    [[nodiscard]] static std::vector<std::pair<int, server_row>> read(Tx& tx, const feed_position& after) {
        std::vector<std::pair<int, server_row>> rows;
        tx.scan_changes(after, std::numeric_limits<int>::max(), [&](int table, const server_row& row) {
            server_row copy;
            copy.local = row.local;
            copy.id = row.id;
            copy.version = row.version;
            copy.incarnation = row.incarnation;
            copy.removed = row.removed;
            copy.values.assign(row.values.cells());
            rows.emplace_back(table, std::move(copy));
            return true;
        });
        return rows;
    }

    void take_identity(int table, const server_row& row) {
        const row_name name{table, row.local};
        auto& locals = local_of_[static_cast<std::size_t>(table)];
        const auto [known, is_new] = locals.try_emplace(row.id, row.local);
        if (known->second != row.local)
            throw invariant_broken("INV2", "the server calls " + text_of(schema_, name) + " and " + known->second.str() + " by one id");
        const mirrored_row* const former = find(name);
        if (former != nullptr && former->id != row.id)
            throw invariant_broken("INV2", "the server has two rows for " + text_of(schema_, name) + ": " + former->id.str() + " and " + row.id.str());
        if (!made_.contains(name)) throw invariant_broken("INV2", "the server has " + text_of(schema_, name) + ", which no application made");
    }

    [[nodiscard]] mirrored_row mirrored(int table, const server_row& row) const {
        mirrored_row now{row.id, row.version, row.incarnation, row.removed, {}};
        if (row.removed) return now;
        const cells values = row.values.cells();
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (values[i].kind() != cell_kind::server_key) {
                if (values[i].kind() == cell_kind::local_key)
                    throw invariant_broken("INV7", "the server holds a local id in " + text_of(schema_, {table, row.local}, i));
                now.fields.push_back(value_text(values[i]));
                continue;
            }
            const auto& locals = local_of_[static_cast<std::size_t>(schema_[table].columns[i].target)];
            const auto target = locals.find(server_id::trusted(values[i].view()));
            if (target == locals.end())
                throw invariant_broken("INV5", text_of(schema_, {table, row.local}, i) + " points at no row of owner " + owner_ + " on the server");
            now.fields.push_back(value_text(cell::local_key(target->second.view())));
        }
        return now;
    }

    void check_life(const row_name& name, const mirrored_row& now) const {
        const mirrored_row* const before = find(name);
        if (before == nullptr) {
            if (now.incarnation != 1) throw invariant_broken("INV14", text_of(schema_, name) + " begins with incarnation " + std::to_string(now.incarnation));
            return;
        }
        if (now.version <= before->version) throw invariant_broken("INV15", text_of(schema_, name) + " changed without a new version");
        if (now.incarnation < before->incarnation) throw invariant_broken("INV14", text_of(schema_, name) + " went back to a former life");
        if (before->removed && !now.removed && now.incarnation == before->incarnation)
            throw invariant_broken("INV14", text_of(schema_, name) + " was removed and lives again on the server, in the same incarnation");
        if (now.incarnation > made_.at(name))
            throw invariant_broken("INV14", text_of(schema_, name) + " lives for the " + std::to_string(now.incarnation) +
                                                "th time, but applications made it " + std::to_string(made_.at(name)) + " times");
    }

    /// A text that only one edit can have becomes the server's value once: its return is an operation applied again.
    void check_return(const row_name& name, const mirrored_row& now) {
        if (now.removed) return;
        const mirrored_row* const before = find_live(name);
        for (std::size_t i = 0; i < now.fields.size(); ++i) {
            if (!now.fields[i].starts_with("'#")) continue;
            if (before != nullptr && before->incarnation == now.incarnation && before->fields[i] == now.fields[i]) continue;
            if (!former_.insert({name, now.incarnation, i, now.fields[i]}).second)
                throw invariant_broken("INV3", text_of(schema_, name, i) + " became " + now.fields[i] + " a second time");
        }
    }

    void check_closure() const {
        for (const auto& [name, row] : rows_) {
            if (row.removed) continue;
            for (std::size_t i = 0; i < row.fields.size(); ++i) {
                const int target = schema_[name.table].columns[i].target;
                if (target < 0 || row.fields[i] == "null") continue;
                const std::string_view text(row.fields[i]);
                if (find_live({target, local_id::trusted(text.substr(1, text.size() - 2))}) == nullptr)
                    throw invariant_broken("INV5", text_of(schema_, name, i) + " on the server points at " + row.fields[i] + ", which was removed");
            }
        }
    }

    struct former_value {
        row_name name;
        incarnation_number incarnation;
        std::size_t column;
        std::string text;
        friend auto operator<=>(const former_value&, const former_value&) = default;
    };

    std::string owner_;
    schema_view schema_;
    row_version version_{first_generation, 0};
    std::map<row_name, mirrored_row> rows_;
    std::vector<std::map<server_id, local_id>> local_of_;
    std::map<row_name, int> made_;
    std::set<former_value> former_;
};

}  // namespace syncline::testing
