/// A store in memory, for tests, simulations and applications that need no file.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <syncline/base/assert.hpp>
#include <syncline/base/thread_safe.hpp>
#include <syncline/client/records.hpp>
#include <syncline/client/store.hpp>
#include <syncline/stores/memory_outbox.hpp>
#include <syncline/stores/memory_table.hpp>
#include <syncline/stores/row_check.hpp>
#include <syncline/stores/store_transaction.hpp>
#include <syncline/wire/members.hpp>

namespace syncline {

struct memory_options {
    std::string owner = {};  ///< whose rows these are, kept in meta as "owner"; empty: the store has none until it is claimed
};

/// Meets `store`. One transaction at a time: a second thread waits in begin_write and begin_read, the same thread nests.
/// Reads take the same turn. Rows are found by local id, server id and foreign key in constant time; scans in order sort.
class memory_store {
public:
    static constexpr bool is_thread_safe = true;
    using opening_options = memory_options;  ///< what a replica passes on
    using transaction = store_transaction<memory_store>;

    /// `schema` must outlive the store, as the constant tables of a declared schema do. Throws store_error for a text that names no owner.
    explicit memory_store(const schema_view& schema, memory_options options = {}) : schema_(schema) {
        if (!options.owner.empty() && !wire::is_owner_tag(options.owner)) throw store_error(std::string(wire::owner_tag_rule));
        tables_.reserve(schema.tables.size());
        for (std::size_t i = 0; i < schema.tables.size(); ++i) tables_.emplace_back(schema, i, tables_.data());
        if (!options.owner.empty()) meta_.put(0, "owner", std::move(options.owner));
        meta_.forget();
    }
    memory_store(const memory_store&) = delete;
    memory_store& operator=(const memory_store&) = delete;

    [[nodiscard]] const schema_view& schema() const noexcept { return schema_; }

    /// Throws store_error inside a transaction of the same thread that only reads.
    [[nodiscard]] transaction begin_write() { return begin(true); }
    [[nodiscard]] transaction begin_read() { return begin(false); }
    /// Waits for the transactions of other threads.
    [[nodiscard]] bool in_transaction() {
        const std::lock_guard lock(mutex_);
        return !levels_.empty();
    }
    /// Checks that it may be called, and nothing else: no memory outlives a loss of power.
    void flush() {
        if (in_transaction()) throw store_error("a flush cannot be a part of a transaction");
    }

    bool find_row(int table, const local_id& id, row_buffer& out) {
        const detail::memory_table& rows = reading(table);
        const detail::memory_row* const row = rows.find(id.view());
        if (row == nullptr) return false;
        copy(rows, *row, out);
        return true;
    }
    bool find_state(int table, const local_id& id, row_state& out) {
        const detail::memory_row* const row = reading(table).find(id.view());
        if (row != nullptr) out = row->state;
        return row != nullptr;
    }
    void put_row(int table, const local_id& id, cells values, const row_state& state) {
        detail::memory_table& rows = writing(table);
        detail::check_row(schema_[table], values);
        rows.put(level(), rows.locate(id.view()), id, values, state);
    }
    clean_put put_clean_row(int table, const local_id& id, cells values, const row_state& state) {
        detail::memory_table& rows = writing(table);
        detail::check_row(schema_[table], values);
        const auto at = rows.locate(id.view());
        if (at.row != nullptr && at.row->state.pending != 0) return clean_put::edited;
        if (at.row != nullptr && at.row->state.version >= state.version) return clean_put::known;
        rows.put(level(), at, id, values, state);
        return clean_put::stored;
    }
    /// Does nothing where there is no such row.
    void put_state(int table, const local_id& id, const row_state& state) {
        detail::memory_table& rows = writing(table);
        detail::memory_row* const row = rows.find(id.view());
        if (row != nullptr) rows.put_state(level(), *row, state);
    }
    bool settle_row(int table, const local_id& id, sequence seq, const row_state& clean, cells values) {
        detail::memory_table& rows = writing(table);
        SYNCLINE_ASSERT(clean.pending == 0);
        const auto at = rows.locate(id.view());
        if (at.row == nullptr || at.row->state.pending != seq) return false;
        if (values.empty()) {
            rows.put_state(level(), *at.row, clean);
        } else {
            detail::check_row(schema_[table], values);
            rows.put(level(), at, id, values, clean);
        }
        return true;
    }
    /// Does nothing where there is no such row.
    void erase_row(int table, const local_id& id) {
        detail::memory_table& rows = writing(table);
        const auto at = rows.locate(id.view());
        if (at.row != nullptr) rows.erase(level(), at);
    }
    local_id local_of(int table, const server_id& remote) {
        const detail::memory_row* const row = remote.empty() ? nullptr : reading(table).find(remote);
        return row == nullptr ? local_id() : row->id;
    }
    template <class Visit>
    void scan_rows(int table, Visit&& visit) {
        const detail::memory_table& from = reading(table);
        std::vector<const detail::memory_row*> rows;
        rows.reserve(from.size());
        from.for_each([&](const detail::memory_row& row) { rows.push_back(&row); });
        visit_in_order(from, rows, visit);
    }
    template <class Visit>
    void scan_referrers(int table, int column, const local_id& id, Visit&& visit) {
        const detail::memory_table& from = reading(table);
        const auto key = static_cast<std::size_t>(column);
        SYNCLINE_ASSERT(schema_[table].columns[key].kind == column_kind::key);
        std::vector<const detail::memory_row*> rows;
        for (auto row = from.first_referrer(key, id); row != nullptr; row = from.next_referrer(key, *row)) rows.push_back(row);
        visit_in_order(from, rows, visit);
    }
    bool has_referrer(int table, int column, const local_id& id, const local_id& except) {
        const detail::memory_table& from = reading(table);
        const auto key = static_cast<std::size_t>(column);
        SYNCLINE_ASSERT(schema_[table].columns[key].kind == column_kind::key);
        const detail::memory_row* row = from.first_referrer(key, id);
        if (row != nullptr && row->id == except) row = from.next_referrer(key, *row);
        return row != nullptr;
    }
    std::size_t count_rows(int table) { return reading(table).size(); }

    bool create_row(int table, const local_id& id, cells values, row_state state, outbox_entry& entry) {
        detail::memory_table& rows = writing(table);
        detail::check_row(schema_[table], values);
        const auto at = rows.locate(id.view());
        if (at.row != nullptr) return false;
        state.pending = append_entry(entry);
        rows.put(level(), at, id, values, state);
        return true;
    }
    bool are_keys_closed() {
        check_reading();
        return std::none_of(tables_.begin(), tables_.end(), [](const detail::memory_table& table) { return table.find_open_key() != nullptr; });
    }

    sequence append_entry(outbox_entry& entry) {
        check_writing();
        entry.seq = next_sequence();
        outbox_.append(level(), entry);
        return entry.seq;
    }
    bool find_entry(sequence seq, outbox_entry& out) { return find_in(outbox_, seq, out); }
    /// Replaces the entry with this sequence. Throws store_error when there is none.
    void put_entry(const outbox_entry& entry) {
        check_writing();
        if (!outbox_.put(level(), entry)) throw store_error("the outbox has no entry of this sequence");
    }
    /// Does nothing where there is no such entry.
    void erase_entry(sequence seq) {
        check_writing();
        if (outbox_.erase(level(), seq)) counters_.sequence_mark = std::max(counters_.sequence_mark, seq);
    }
    void erase_entries(std::span<const sequence> several) {
        for (const sequence seq : several) erase_entry(seq);
    }
    void mark_in_flight(std::span<const sequence> sent) {
        check_writing();
        for (const sequence seq : sent) outbox_.mark_in_flight(level(), seq);
    }
    template <class Visit>
    void scan_entries(Visit&& visit) {
        const scan_guard guard(*this);
        outbox_.for_each(visit);
    }
    std::size_t count_entries() { return check_reading(), outbox_.size(); }
    sequence first_open_sequence() {
        check_reading();
        const sequence oldest = outbox_.oldest_open();
        return oldest == 0 ? next_sequence() : oldest;
    }
    sequence newest_sequence() { return check_reading(), outbox_.newest(); }

    void put_removed(const removed_row& row) {
        check_writing();
        removed_.put(level(), {row.table, row.id, row.root}, row);
        removed_by_.put(level(), {row.root, row.table, row.id}, 0);
    }
    void erase_removed(int table, const local_id& id, sequence root) {
        check_writing();
        removed_.erase(level(), {table, id, root});
        removed_by_.erase(level(), {root, table, id});
    }
    template <class Visit>
    void scan_removed_of(int table, const local_id& id, Visit&& visit) {
        const scan_guard guard(*this);
        if (removed_.all().empty()) return;
        auto at = removed_.all().lower_bound({table, id, 0});
        for (; at != removed_.all().end() && at->second.table == table && at->second.id == id; ++at) visit(at->second);
    }
    template <class Visit>
    void scan_removed_by(sequence root, Visit&& visit) {
        const scan_guard guard(*this);
        auto at = removed_by_.all().lower_bound({root, 0, local_id()});
        for (; at != removed_by_.all().end() && std::get<0>(at->first) == root; ++at)
            visit(*removed_.find({std::get<1>(at->first), std::get<2>(at->first), root}));
    }
    sequence removal_after(sequence root) {
        check_reading();
        const auto at = removed_by_.all().lower_bound({root + 1, 0, local_id()});
        return at == removed_by_.all().end() ? 0 : std::get<0>(at->first);
    }
    std::size_t count_removed() { return check_reading(), removed_.all().size(); }
    void put_parked(const parked_row& row) { check_writing(), parked_.put(level(), {row.table, row.id}, row); }
    void erase_parked(int table, const local_id& id) { check_writing(), parked_.erase(level(), {table, id}); }
    /// By table and local id.
    template <class Visit>
    void scan_parked(Visit&& visit) {
        visit_values(parked_.all(), visit);
    }

    std::int64_t add_conflict(conflict_record& record) {
        check_writing();
        record.number = ++counters_.last_conflict;
        conflicts_.put(level(), record.number, record);
        return record.number;
    }
    template <class Visit>
    void scan_conflicts(Visit&& visit) {
        visit_values(conflicts_.all(), visit);
    }
    void erase_conflict(std::int64_t number) { check_writing(), conflicts_.erase(level(), number); }

    std::optional<std::string> find_meta(std::string_view name) {
        std::string value;
        return find_in(meta_, std::string(name), value) ? std::optional(std::move(value)) : std::nullopt;
    }
    void put_meta(std::string_view name, std::string_view value) {
        check_writing();
        meta_.put(level(), std::string(name), std::string(value));
    }

private:
    friend transaction;
    using row_key = std::pair<int, local_id>;

    struct counters {
        sequence sequence_mark = 0;  // the greatest sequence that was erased
        std::int64_t last_conflict = 0;
    };

    [[nodiscard]] sequence next_sequence() const noexcept { return std::max(outbox_.newest_known(), counters_.sequence_mark) + 1; }
    struct open_level {
        detail::undo_level number;
        bool writes;
        counters before;
    };
    // Held while a visitor runs, so that a call of the store from inside a visitor is found at once.
    struct scan_guard {
        explicit scan_guard(memory_store& scanned) : store(scanned) {
            store.check_reading();
            store.scanning_ = true;
        }
        scan_guard(const scan_guard&) = delete;
        ~scan_guard() { store.scanning_ = false; }
        memory_store& store;
    };

    transaction begin(bool writes) {
        std::unique_lock lock(mutex_);
        SYNCLINE_ASSERT(!scanning_);
        if (writes && !levels_.empty() && !levels_.back().writes)
            throw store_error("a transaction that writes cannot begin inside one that reads");
        levels_.push_back({++last_level_, writes, counters_});
        lock.release();
        return transaction(*this);
    }
    void commit_level() {
        if (levels_.size() == 1) {
            try {
                check_keys();
            } catch (...) {
                roll_back_level();
                throw;
            }
            for_each_part([](auto& part) { part.forget(); });
        }
        levels_.pop_back();
        mutex_.unlock();
    }
    void roll_back_level() {
        const open_level last = levels_.back();
        for_each_part([&](auto& part) { part.roll_back(last.number); });
        counters_ = last.before;
        levels_.pop_back();
        mutex_.unlock();
    }
    template <class Do>
    void for_each_part(Do&& act) {
        for (detail::memory_table& table : tables_) act(table);
        act(outbox_), act(removed_), act(removed_by_), act(parked_), act(conflicts_), act(meta_);
    }

    void check_keys() const {
        for (std::size_t i = 0; i < tables_.size(); ++i) {
            const detail::memory_key* const open = tables_[i].find_open_key();
            if (open == nullptr) continue;
            const table_view& view = schema_.tables[i];
            throw store_error("a key in " + std::string(view.name) + "." + std::string(view.columns[open->column].name) + " points at no row");
        }
    }

    void check_reading() const { SYNCLINE_ASSERT(!levels_.empty() && !scanning_); }
    void check_writing() const { SYNCLINE_ASSERT(!levels_.empty() && levels_.back().writes && !scanning_); }
    const detail::memory_table& reading(int table) const { return check_reading(), tables_[static_cast<std::size_t>(table)]; }
    detail::memory_table& writing(int table) { return check_writing(), tables_[static_cast<std::size_t>(table)]; }
    [[nodiscard]] detail::undo_level level() const noexcept { return levels_.back().number; }

    static void copy(const detail::memory_table& table, const detail::memory_row& row, row_buffer& out) {
        out.assign(table.values_of(row));
        out.state = row.state;
    }
    template <class Visit>
    void visit_in_order(const detail::memory_table& table, std::vector<const detail::memory_row*>& rows, Visit& visit) {
        const scan_guard guard(*this);
        std::sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
        for (const detail::memory_row* const row : rows) {
            copy(table, *row, buffer_);
            visit(std::as_const(row->id), std::as_const(buffer_));
        }
    }
    template <class Map, class Visit>
    void visit_values(const Map& map, Visit& visit) {
        const scan_guard guard(*this);
        for (const auto& entry : map) visit(entry.second);
    }
    template <class Map, class Key, class Value>
    bool find_in(const Map& map, const Key& key, Value& out) const {
        check_reading();
        const auto* const found = map.find(key);
        if (found != nullptr) out = *found;
        return found != nullptr;
    }

    schema_view schema_;
    std::recursive_mutex mutex_;
    std::vector<open_level> levels_;
    detail::undo_level last_level_ = 0;
    bool scanning_ = false;
    counters counters_;
    std::vector<detail::memory_table> tables_;
    detail::memory_outbox outbox_;
    detail::undoable_map<std::map<std::tuple<int, local_id, sequence>, removed_row>> removed_;
    detail::undoable_map<std::map<std::tuple<sequence, int, local_id>, char>> removed_by_;
    detail::undoable_map<std::map<row_key, parked_row>> parked_;
    detail::undoable_map<std::map<sequence, conflict_record>> conflicts_;
    detail::undoable_map<std::map<std::string, std::string>> meta_;
    row_buffer buffer_;
};

static_assert(store<memory_store>);

}  // namespace syncline
