/// The application's typed reads and writes: every write is one transaction with its outbox entry.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/base/clock.hpp>
#include <syncline/base/random.hpp>
#include <syncline/base/thread_safe.hpp>
#include <syncline/client/claim.hpp>
#include <syncline/client/inspection.hpp>
#include <syncline/client/local_removal.hpp>
#include <syncline/client/open_keys.hpp>
#include <syncline/client/quarantine.hpp>
#include <syncline/model/codec.hpp>
#include <syncline/schema/schema.hpp>

namespace syncline {

struct repository_options {
    limits bounds = {};
    clock_source clock = system_clock_source();
    random_source random = seeded_by_system();
    /// Called after each write that is committed, on the writing thread and outside of its transaction: where a background sync is woken.
    /// Not called for a write inside a transaction that the application opened on the store itself, because nobody knows of its end.
    std::function<void()> written = {};
};

/// Typed access to a store of `Schema`. As thread_safe as the store; each call is a transaction of its own, or part of the one
/// that `transaction` has open. Every write either happens whole or throws and leaves nothing: write_refused for what syncline refuses,
/// store_error for what the store cannot do.
template <any_schema Schema, store S>
class repository {
    static_assert(check_schema<Schema>());

public:
    static constexpr bool is_thread_safe = thread_safe<S>;

    /// Throws store_error when the store was made for another schema.
    explicit repository(S& store, repository_options options = {}) : store_(store), port_(store), options_(std::move(options)) {
        if (store.schema().fingerprint != Schema::view().fingerprint) throw store_error("the store was made for another schema");
    }
    /// The same, for `repository rows(schema{}, store)`, which names no template arguments.
    repository(Schema, S& store, repository_options options = {}) : repository(store, std::move(options)) {}
    repository(const repository&) = delete;
    repository& operator=(const repository&) = delete;

    /// Stores a new row; an empty id is filled with a new one. Returns the row's id.
    template <class E>
    id_of<E> create(E value) {
        write writing = begin();
        auto& key = value.*(entity_traits<E>::key);
        if (key.empty()) key = id_of<E>(next_id());
        {
            const loan lent(spare_);
            to_cells(value, key.local(), table_of<E>().entity, options_.bounds, lent->values, lent->bytes);
            require_no_loop<E>(key.local(), lent->values, table_of<E>().keys);
            record_create(port_, options_.bounds, index<E>(), key.local(), lent->values, group_);
            if (!deferring_ && !store_.are_keys_closed()) require_targets<E>(key.local(), lent->values, table_of<E>().keys);
        }
        commit(writing);
        return key;
    }

    /// Lets `edit` change the row as it is now; only what it changed is sent. False when there is no such row.
    template <class E, class Edit>
        requires std::invocable<Edit&, E&>
    [[nodiscard("syncline: false if there is no such row")]] bool update(const id_of<E>& id, Edit&& edit) {
        write writing = begin();
        {
            const loan lent(spare_);
            if (!store_.find_row(index<E>(), id.local(), lent->row)) return false;
            E value = from_cells<E>(id.local(), lent->row.cells());
            edit(value);
            require_same_id(id, value);
            write_changes(value, id.local(), *lent, ~column_mask{0});
        }
        commit(writing);
        return true;
    }

    /// Changes what differs between `before`, as the application read the row, and `after`; fields that are equal in both stay as the
    /// row has them now. False when there is no such row.
    template <class E>
    [[nodiscard("syncline: false if there is no such row")]] bool update(const E& before, const E& after) {
        const id_of<E> id = before.*(entity_traits<E>::key);
        require_same_id(id, after);
        write writing = begin();
        {
            const loan lent(spare_);
            if (!store_.find_row(index<E>(), id.local(), lent->row)) return false;
            std::vector<cell> old_values;
            arena bytes;
            to_cells(before, id.local(), table_of<E>().entity, options_.bounds, old_values, bytes);
            to_cells(after, id.local(), table_of<E>().entity, options_.bounds, lent->values, lent->bytes);
            const column_mask changed = differing(old_values, lent->values);
            write_changes(after, id.local(), *lent, changed);
        }
        commit(writing);
        return true;
    }

    /// The row with the id of `value`, as it is here; made of `value` if there is none. The way to have a row whose id is the same on every
    /// device, such as one of settings: two devices that make it both meet at the server as edits of one row.
    template <class E>
    E get_or_create(E value) {
        write writing = begin();
        const id_of<E> id = value.*(entity_traits<E>::key);
        if (std::optional<E> found = id.empty() ? std::nullopt : find(id)) return *std::move(found);
        value.*(entity_traits<E>::key) = create(value);
        commit(writing);
        return value;
    }

    /// Lets `edit` change the row with this id, or a new one if there is none. True if the row was made.
    template <class E, class Edit>
        requires std::invocable<Edit&, E&>
    bool upsert(const id_of<E>& id, Edit&& edit) {
        write writing = begin();
        const bool is_new = !update(id, edit);
        if (is_new) {
            E value{};
            value.*(entity_traits<E>::key) = id;
            edit(value);
            require_same_id(id, value);
            create(std::move(value));
        }
        commit(writing);
        return is_new;
    }

    /// Removes the row and what it owns. Returns how many rows were removed, 0 when there is no such row.
    /// Refused while rows outside of it need it.
    template <class E>
    [[nodiscard("syncline: the number of rows that were removed, 0 if there is no such row")]] std::size_t remove(const id_of<E>& id) {
        write writing = begin();
        const std::size_t removed = record_removal(port_, options_.bounds, index<E>(), id.local(), group_);
        commit(writing);
        return removed;
    }

    template <class E>
    [[nodiscard]] std::optional<E> find(const id_of<E>& id) const {
        auto reading = store_.begin_read();
        row_buffer row;
        std::optional<E> found;
        if (store_.find_row(index<E>(), id.local(), row)) found = from_cells<E>(id.local(), row.cells());
        reading.commit();
        return found;
    }

    /// All rows of an entity, in the order of their ids.
    template <class E>
    [[nodiscard]] std::vector<E> all() const {
        auto reading = store_.begin_read();
        std::vector<E> rows;
        store_.scan_rows(index<E>(), [&](const local_id& id, const row_buffer& row) { rows.push_back(from_cells<E>(id, row.cells())); });
        reading.commit();
        return rows;
    }

    /// The rows of `Child` that point at this row, by any of their keys, in the order of key and id.
    template <class Child, class E>
    [[nodiscard]] std::vector<Child> children(const id_of<E>& id) const {
        auto reading = store_.begin_read();
        std::vector<Child> rows;
        const table_view& child = table_of<Child>();
        for (std::size_t i = 0; i < child.columns.size(); ++i)
            if (child.columns[i].target == index<E>())
                store_.scan_referrers(index<Child>(), static_cast<int>(i), id.local(),
                                      [&](const local_id& name, const row_buffer& row) { rows.push_back(from_cells<Child>(name, row.cells())); });
        reading.commit();
        return rows;
    }

    template <class E>
    [[nodiscard]] std::size_t count() const {
        auto reading = store_.begin_read();
        const std::size_t rows = store_.count_rows(index<E>());
        reading.commit();
        return rows;
    }

    /// Runs `work` in one transaction: all of its writes happen, or none when it throws. Keys may point at rows that are written later in it.
    /// Throws write_refused, naming row and key, if one points at no row at the end.
    template <class Work>
    void transaction(Work&& work) {
        write writing{!store_.in_transaction(), store_.begin_write()};
        const std::int64_t outer = group_;
        deferring_ = true;
        if (group_ == 0) group_ = 1 + static_cast<std::int64_t>(options_.random.next() >> 2);
        try {
            work();
        } catch (...) {
            end_transaction(outer);
            throw;
        }
        end_transaction(outer);
        if (writing.is_outermost && !store_.are_keys_closed())
            if (error open = find_open_key(port_)) throw write_refused(std::move(open));
        commit(writing);
    }

    /// Says whose the rows of this store are, once and for all; see syncline::claim. A store without an owner keeps its edits to itself.
    void claim(std::string_view owner) {
        const bool is_told = tells_of_writes();
        syncline::claim(port_, owner);
        if (is_told) options_.written();
    }
    /// The store's owner; empty if it has none yet.
    [[nodiscard]] std::string owner() const {
        auto reading = store_.begin_read();
        std::string name = owner_of(port_);
        reading.commit();
        return name;
    }

    /// Operations that wait to be sent or for their verdict, oldest first.
    [[nodiscard]] std::vector<pending_operation> pending() const { return list_pending(port_, false); }
    /// Operations that were set aside, with the reason; an ordinary edit of such a row is its repair.
    [[nodiscard]] std::vector<pending_operation> quarantine() const { return list_pending(port_, true); }
    /// Sends what was set aside of this row again as it is, with what waits for it. False when nothing was.
    template <class E>
    bool retry(const id_of<E>& id) {
        const bool is_told = tells_of_writes();
        const bool changed = retry_set_aside(port_, index<E>(), id.local());
        if (changed && is_told) options_.written();
        return changed;
    }
    /// The rows that discard() would touch, this one first; empty when nothing of it was set aside.
    template <class E>
    [[nodiscard]] std::vector<discarded_row> preview_discard(const id_of<E>& id) const {
        return syncline::preview_discard(port_, index<E>(), id.local());
    }
    /// Gives up what was set aside of this row and what cannot be without it; each edit is kept in a conflict record. Returns what it did.
    template <class E>
    std::vector<discarded_row> discard(const id_of<E>& id) {
        const bool is_told = tells_of_writes();
        std::vector<discarded_row> done = discard_set_aside(port_, options_.bounds, index<E>(), id.local());
        if (!done.empty() && is_told) options_.written();
        return done;
    }
    /// What was lost to other devices' edits and removals, oldest first.
    [[nodiscard]] std::vector<conflict> conflicts() const { return list_conflicts(port_); }
    void forget_conflict(std::int64_t number) {
        auto writing = store_.begin_write();
        store_.erase_conflict(number);
        writing.commit();
    }
    /// The row's place between this device and the server, and why.
    template <class E>
    [[nodiscard]] row_status why(const id_of<E>& id) const {
        return explain(port_, index<E>(), id.local());
    }

private:
    struct buffers {
        row_buffer row;
        std::vector<cell> values;
        arena bytes;
    };
    // Buffers for one write, used again by the next. Taken and given back while the transaction keeps other threads out; an edit
    // that writes other rows takes others.
    class loan {
    public:
        explicit loan(std::vector<std::unique_ptr<buffers>>& spare) : spare_(spare) {
            if (spare_.empty()) spare_.push_back(std::make_unique<buffers>());
            lent_ = std::move(spare_.back());
            spare_.pop_back();
        }
        loan(const loan&) = delete;
        loan& operator=(const loan&) = delete;
        ~loan() {
            lent_->bytes.clear();
            if (spare_.size() < spare_.capacity()) spare_.push_back(std::move(lent_));
        }
        [[nodiscard]] buffers* operator->() const noexcept { return lent_.get(); }
        [[nodiscard]] buffers& operator*() const noexcept { return *lent_; }

    private:
        std::vector<std::unique_ptr<buffers>>& spare_;
        std::unique_ptr<buffers> lent_;
    };

    template <class E>
    static constexpr int index() noexcept {
        return Schema::template index_of<E>;
    }
    template <class E>
    const table_view& table_of() const noexcept {
        return store_.schema()[index<E>()];
    }

    local_id next_id() { return new_local_id(options_.clock(), options_.random); }

    /// A transaction of a write. Whether it is part of another one is known before it begins, because afterwards other threads write.
    struct write {
        bool is_outermost;  ///< not asked for if nobody is told of writes
        typename S::transaction transaction;
    };
    write begin() { return {tells_of_writes(), store_.begin_write()}; }
    void commit(write& writing) {
        writing.transaction.commit();
        if (writing.is_outermost && options_.written) options_.written();
    }
    /// True if the application wants to be told of writes, and one that begins now is no part of a transaction.
    [[nodiscard]] bool tells_of_writes() { return options_.written && !store_.in_transaction(); }

    void end_transaction(std::int64_t outer) noexcept {
        group_ = outer;
        deferring_ = outer != 0;
    }

    template <class E>
    void require_same_id(const id_of<E>& id, const E& value) {
        if (value.*(entity_traits<E>::key) != id)
            throw write_refused(detail::refusal(error_code::invalid_id, "an edit must not change the id of a row", table_of<E>(), id.local()));
    }

    /// Inside `transaction` a target may come later; the store checks keys when the transaction is committed.
    template <class E>
    void require_targets(const local_id& id, cells values, column_mask mask) {
        if (deferring_) return;
        const table_view& table = table_of<E>();
        row_state target;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!has_column(mask & table.keys, i) || values[i].is_null()) continue;
            const local_id name = local_id::trusted(values[i].view());
            if (table.columns[i].target == index<E>() && name == id) continue;
            if (!store_.find_state(table.columns[i].target, name, target))
                throw write_refused(detail::refusal(error_code::not_found, "the key points at no row", table, id, std::string(table.columns[i].name)));
        }
    }

    template <class E>
    void write_changes(const E& value, const local_id& id, buffers& with, column_mask among) {
        const table_view& table = table_of<E>();
        const row_buffer& row = with.row;
        std::vector<cell>& values = with.values;
        to_cells(value, id, table.entity, options_.bounds, values, with.bytes);
        for (std::size_t i = 0; i < values.size(); ++i)
            if (!has_column(among, i)) values[i] = row[i];
        const column_mask changed = differing(values, row.cells());
        require_targets<E>(id, values, changed);
        require_no_loop<E>(id, values, changed);
        record_update(port_, options_.bounds, index<E>(), id, row, values, changed, group_);
    }

    /// Follows owners upwards from the new ones; a row that meets itself would own itself. That takes a row which the row owns, and a
    /// new row has one only if that was written before it, in the same transaction.
    template <class E>
    void require_no_loop(const local_id& id, cells values, column_mask changed) {
        const table_view& table = table_of<E>();
        if (!table.in_ownership_cycle) return;
        const row_name self{index<E>(), id};
        std::optional<bool> owns_rows;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!has_column(changed, i) || !table.columns[i].owning || values[i].is_null()) continue;
            const row_name owner{table.columns[i].target, local_id::trusted(values[i].view())};
            if (owner != self) {
                if (!owns_rows) owns_rows = owns_any(port_, self);
                if (!*owns_rows || !owns(port_, self, owner)) continue;
            }
            throw write_refused(
                detail::refusal(error_code::ownership_loop, "the row would own itself", table, id, std::string(table.columns[i].name)));
        }
    }

    S& store_;
    mutable store_adapter<S> port_;  // reads are const, calls of a store are not
    repository_options options_;
    std::vector<std::unique_ptr<buffers>> spare_;
    std::int64_t group_ = 0;
    bool deferring_ = false;
};

}  // namespace syncline
