/// Keeps the books of one device's edits: each is shown and waits, or the server has had it, or it is whole in a conflict record.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <syncline/client/entries.hpp>
#include <syncline/testing/oracle_server.hpp>

namespace syncline::testing {

/// One field of one row.
struct field_name {
    row_name row;
    std::size_t column = 0;
    friend auto operator<=>(const field_name&, const field_name&) = default;
};

/// The device's conflict records as a set of what they hold, and what it has sent and waits for.
struct kept_conflicts {
    std::set<std::pair<field_name, std::string>> values;
    std::set<std::pair<field_name, std::string>> sent;
    std::set<field_name> carried;  ///< fields that edits in the outbox carry
    std::map<row_name, std::size_t> refused_removals;  ///< how many records of each row
    std::size_t count = 0;
};

/// Reads all conflict records. Inside a transaction of the caller.
template <store S>
[[nodiscard]] kept_conflicts read_conflicts(S& store) {
    kept_conflicts kept;
    store.scan_conflicts([&](const conflict_record& record) {
        ++kept.count;
        const row_name name{record.table, record.id};
        if (record.kind == conflict_kind::removal_refused) ++kept.refused_removals[name];
        if (record.mine.empty()) return;
        std::vector<cell> values(store.schema()[record.table].columns.size());
        std::string_view image = record.mine;
        const column_mask mask = take_image(image, values);
        for (std::size_t i = 0; i < values.size(); ++i)
            if (has_column(mask, i)) kept.values.insert({{name, i}, value_text(values[i])});
    });
    store.scan_entries([&](const outbox_entry& entry) {
        for (std::size_t i = 0; i < store.schema()[entry.table].columns.size(); ++i)
            if (has_column(entry.mask, i)) kept.carried.insert({{entry.table, entry.id}, i});
        if (entry.frozen.empty()) return;
        std::vector<cell> values(store.schema()[entry.table].columns.size());
        std::string_view image = entry.frozen;
        const column_mask mask = take_image(image, values);
        for (std::size_t i = 0; i < values.size(); ++i)
            if (has_column(mask, i)) kept.sent.insert({{{entry.table, entry.id}, i}, value_text(values[i])});
    });
    return kept;
}

/// The edits that an application was told are saved and that nothing has answered for yet. Only the newest edit of a field counts:
/// it replaces the ones before it. What the application removes takes its edits along.
class edit_ledger {
public:
    edit_ledger(std::string device, const schema_view& schema) : device_(std::move(device)), schema_(schema) {}

    /// Another device goes on from a copy of the store, edits that wait included.
    void rename(std::string device) { device_ = std::move(device); }

    /// Books what one transaction of the application changed; `removed` are the rows that it removed by name, not by cascade.
    void book(const seen_rows& before, const seen_rows& after, const std::vector<row_name>& removed, const server_mirror& server) {
        for (const row_name& name : removed) {
            const auto row = before.find(name);
            if (row == before.end() || is_unborn(name, row->second.state.incarnation)) continue;
            removals_[name] = row->second.state.incarnation;
        }
        for (const auto& [name, row] : before) {
            if (after.contains(name)) continue;
            note_brief_life(name);
            unborn_.erase(name);
        }
        for (const auto& [name, row] : after) {
            const auto former = before.find(name);
            // A row may go and be made anew in one transaction.
            if (former == before.end() || former->second.state.incarnation != row.state.incarnation) {
                removals_.erase(name);
                unborn_[name] = row.state.incarnation;
            }
            for (std::size_t i = 0; i < row.fields.size(); ++i) {
                if (former != before.end() && former->second.fields[i] == row.fields[i]) continue;
                const mirrored_row* const held = server.find_live(name);
                if (held != nullptr && held->fields[i] == row.fields[i]) open_.erase({name, i});
                else open_[{name, i}] = row.fields[i];
            }
        }
    }

    /// A life that was made here and never began at the server: its removal is nobody's business, even if another device makes one of
    /// the same number.
    /// A device may have counted the lives up since it made the row.
    [[nodiscard]] bool is_unborn(const row_name& name, incarnation_number incarnation) const {
        const auto made = unborn_.find(name);
        return made != unborn_.end() && made->second <= incarnation;
    }

    /// A create of this device arrived, and the server has the row in this life or a later one.
    void note_born(const row_name& name, incarnation_number incarnation) {
        if (is_unborn(name, incarnation)) unborn_.erase(name);
    }

    /// A removal arrived at the server. If the life it ends never began there, another device may still begin one of the same number.
    void note_removal_arrived(const row_name& name, incarnation_number incarnation) {
        const auto owed = removals_.find(name);
        if (owed != removals_.end() && owed->second <= incarnation) removals_.erase(owed);
    }

    /// The server holds this row now: what it shows has reached it.
    void note_server(const row_name& name, const mirrored_row& row) {
        if (row.removed) return;
        for (auto at = open_.lower_bound({name, 0}); at != open_.end() && at->first.row == name;)
            at = row.fields[at->first.column] == at->second ? open_.erase(at) : std::next(at);
    }

    /// This device sent an operation on the row in a request that also removed the row: the edit was there for a moment that nobody saw.
    void note_brief_life(const row_name& name) { open_.erase(open_.lower_bound({name, 0}), open_.lower_bound({name, columns_max})); }

    /// Every open edit is shown by a dirty row, or in a conflict record, or was a key to a row that was removed. What was sent and has no verdict
    /// yet need not be shown: a row of another device may have met it meanwhile.
    void check(const seen_rows& rows, const kept_conflicts& conflicts) {
        account_for_meetings(rows, conflicts);
        for (auto at = open_.begin(); at != open_.end();) {
            const auto& [name, value] = *at;
            const auto row = rows.find(name.row);
            const bool shown = row != rows.end() && row->second.fields[name.column] == value;
            if (row != rows.end() && row->second.state.pending != 0 && (shown || conflicts.sent.contains({name, value}))) {
                ++at;
            } else if (conflicts.values.contains({name, value}) || is_key_to_vanished(name, value, rows)) {
                at = open_.erase(at);
            } else if (shown) {
                throw invariant_broken("INV4", edit_text(name, value) + " never reached the server, but the row is clean");
            } else {
                throw invariant_broken("INV1", edit_text(name, value) + " never reached the server, is not shown any more, and no conflict record has it");
            }
        }
    }

    /// At the end: what is still open must be an edit of a row that `excused` names, because it was set aside.
    void check_end(const std::set<row_name>& excused, const kept_conflicts& conflicts, const server_mirror& server) const {
        for (const auto& [name, value] : open_)
            if (!excused.contains(name.row)) throw invariant_broken("INV1", edit_text(name, value) + " never reached the server and does not wait any more");
        for (const auto& [name, incarnation] : removals_) {
            const mirrored_row* const held = server.find_live(name);
            if (held == nullptr || held->incarnation > incarnation || conflicts.refused_removals.contains(name) || excused.contains(name)) continue;
            throw invariant_broken("INV1", "the removal of " + text_of(schema_, name) + ", life " + std::to_string(incarnation) + ", on " + device_ + " never reached the server");
        }
    }

private:
    [[nodiscard]] std::string edit_text(const field_name& name, const std::string& value) const {
        return "the edit " + text_of(schema_, name.row, name.column) + " = " + value + " of " + device_;
    }

    /// A row that was made here and is another device's now, without a create of this device having arrived: a pull brought that one. What
    /// it has as it was made here needs no account. The row may be one of the past, so that the server's present one says nothing.
    void account_for_meetings(const seen_rows& rows, const kept_conflicts& conflicts) {
        for (auto made = unborn_.begin(); made != unborn_.end();) {
            const auto row = rows.find(made->first);
            if (row == rows.end() || row->second.state.id.empty()) {
                ++made;
                continue;
            }
            for (std::size_t i = 0; i < row->second.fields.size(); ++i) {
                const auto edit = open_.find({made->first, i});
                const bool agrees = edit != open_.end() && edit->second == row->second.fields[i];
                if (agrees && !conflicts.carried.contains({made->first, i})) open_.erase(edit);
            }
            if (row->second.state.pending == 0) made = unborn_.erase(made);
            else ++made;
        }
    }

    /// A key whose target went is set to null, or goes with its row, by the key's policy.
    [[nodiscard]] bool is_key_to_vanished(const field_name& name, const std::string& value, const seen_rows& rows) const {
        const int target = schema_[name.row.table].columns[name.column].target;
        if (target < 0 || value == "null") return false;
        const std::string_view text(value);
        return !rows.contains({target, local_id::trusted(text.substr(1, text.size() - 2))});
    }

    std::string device_;
    schema_view schema_;
    std::map<field_name, std::string> open_;
    std::map<row_name, incarnation_number> removals_;
    std::map<row_name, incarnation_number> unborn_;
};

}  // namespace syncline::testing
