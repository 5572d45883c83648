/// A store as the plain code of the client sees it: every call that the concept names, without the store's type.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <syncline/base/function_ref.hpp>
#include <syncline/client/store.hpp>

namespace syncline {

/// What engine, repository and inspection are written against, so that they compile once for all stores. The meaning of each call
/// stands with the concept in store.hpp.
class store_port {
public:
    /// Rolls back when it is destroyed without commit().
    class [[nodiscard]] transaction {
    public:
        void commit() { held_->commit(); }

    private:
        template <store S>
        friend class store_adapter;
        struct held {
            virtual ~held() = default;
            virtual void commit() = 0;
        };
        explicit transaction(std::unique_ptr<held> inner) noexcept : held_(std::move(inner)) {}
        std::unique_ptr<held> held_;
    };

    using row_visit = function_ref<void(const local_id&, const row_buffer&)>;
    template <class Record>
    using record_visit = function_ref<void(const Record&)>;

    virtual ~store_port() = default;

    [[nodiscard]] virtual transaction begin_write() = 0;
    [[nodiscard]] virtual transaction begin_read() = 0;
    [[nodiscard]] virtual bool in_transaction() = 0;
    virtual void flush() = 0;
    [[nodiscard]] virtual const schema_view& schema() const = 0;

    virtual bool find_row(int table, const local_id& id, row_buffer& out) = 0;
    virtual bool find_state(int table, const local_id& id, row_state& out) = 0;
    virtual void put_row(int table, const local_id& id, cells values, const row_state& state) = 0;
    virtual clean_put put_clean_row(int table, const local_id& id, cells values, const row_state& state) = 0;
    virtual void put_state(int table, const local_id& id, const row_state& state) = 0;
    virtual bool settle_row(int table, const local_id& id, sequence seq, const row_state& state, cells values) = 0;
    virtual void erase_row(int table, const local_id& id) = 0;
    [[nodiscard]] virtual local_id local_of(int table, const server_id& remote) = 0;
    virtual void scan_rows(int table, row_visit visit) = 0;
    virtual void scan_referrers(int table, int column, const local_id& id, row_visit visit) = 0;
    [[nodiscard]] virtual bool has_referrer(int table, int column, const local_id& id, const local_id& except) = 0;
    [[nodiscard]] virtual std::size_t count_rows(int table) = 0;
    virtual bool create_row(int table, const local_id& id, cells values, const row_state& state, outbox_entry& entry) = 0;
    [[nodiscard]] virtual bool are_keys_closed() = 0;

    virtual sequence append_entry(outbox_entry& entry) = 0;
    virtual bool find_entry(sequence seq, outbox_entry& out) = 0;
    virtual void put_entry(const outbox_entry& entry) = 0;
    virtual void erase_entry(sequence seq) = 0;
    virtual void erase_entries(std::span<const sequence> several) = 0;
    virtual void mark_in_flight(std::span<const sequence> several) = 0;
    virtual void scan_entries(record_visit<outbox_entry> visit) = 0;
    [[nodiscard]] virtual std::size_t count_entries() = 0;
    [[nodiscard]] virtual sequence first_open_sequence() = 0;
    [[nodiscard]] virtual sequence newest_sequence() = 0;

    virtual void put_removed(const removed_row& removed) = 0;
    [[nodiscard]] virtual std::size_t count_removed() = 0;
    virtual void erase_removed(int table, const local_id& id, sequence root) = 0;
    virtual void scan_removed_of(int table, const local_id& id, record_visit<removed_row> visit) = 0;
    virtual void scan_removed_by(sequence root, record_visit<removed_row> visit) = 0;
    [[nodiscard]] virtual sequence removal_after(sequence root) = 0;
    virtual void put_parked(const parked_row& parked) = 0;
    virtual void erase_parked(int table, const local_id& id) = 0;
    virtual void scan_parked(record_visit<parked_row> visit) = 0;

    virtual std::int64_t add_conflict(conflict_record& record) = 0;
    virtual void scan_conflicts(record_visit<conflict_record> visit) = 0;
    virtual void erase_conflict(std::int64_t number) = 0;
    [[nodiscard]] virtual std::optional<std::string> find_meta(std::string_view name) = 0;
    virtual void put_meta(std::string_view name, std::string_view value) = 0;

protected:
    store_port() = default;
    store_port(const store_port&) = default;
    store_port& operator=(const store_port&) = default;
};

/// The port of one store, which must outlive it. Holds nothing else, so that any number of them may speak for one store.
template <store S>
class store_adapter final : public store_port {
public:
    explicit store_adapter(S& store) noexcept : store_(&store) {}

    [[nodiscard]] transaction begin_write() override { return hold(store_->begin_write()); }
    [[nodiscard]] transaction begin_read() override { return hold(store_->begin_read()); }
    [[nodiscard]] bool in_transaction() override { return store_->in_transaction(); }
    void flush() override { store_->flush(); }
    [[nodiscard]] const schema_view& schema() const override { return store_->schema(); }

    bool find_row(int table, const local_id& id, row_buffer& out) override { return store_->find_row(table, id, out); }
    bool find_state(int table, const local_id& id, row_state& out) override { return store_->find_state(table, id, out); }
    void put_row(int table, const local_id& id, cells values, const row_state& state) override { store_->put_row(table, id, values, state); }
    clean_put put_clean_row(int table, const local_id& id, cells values, const row_state& state) override {
        return store_->put_clean_row(table, id, values, state);
    }
    void put_state(int table, const local_id& id, const row_state& state) override { store_->put_state(table, id, state); }
    bool settle_row(int table, const local_id& id, sequence seq, const row_state& state, cells values) override {
        return store_->settle_row(table, id, seq, state, values);
    }
    void erase_row(int table, const local_id& id) override { store_->erase_row(table, id); }
    [[nodiscard]] local_id local_of(int table, const server_id& remote) override { return store_->local_of(table, remote); }
    void scan_rows(int table, row_visit visit) override { store_->scan_rows(table, visit); }
    void scan_referrers(int table, int column, const local_id& id, row_visit visit) override { store_->scan_referrers(table, column, id, visit); }
    [[nodiscard]] bool has_referrer(int table, int column, const local_id& id, const local_id& except) override {
        return store_->has_referrer(table, column, id, except);
    }
    [[nodiscard]] std::size_t count_rows(int table) override { return store_->count_rows(table); }
    bool create_row(int table, const local_id& id, cells values, const row_state& state, outbox_entry& entry) override {
        return store_->create_row(table, id, values, state, entry);
    }
    [[nodiscard]] bool are_keys_closed() override { return store_->are_keys_closed(); }

    sequence append_entry(outbox_entry& entry) override { return store_->append_entry(entry); }
    bool find_entry(sequence seq, outbox_entry& out) override { return store_->find_entry(seq, out); }
    void put_entry(const outbox_entry& entry) override { store_->put_entry(entry); }
    void erase_entry(sequence seq) override { store_->erase_entry(seq); }
    void erase_entries(std::span<const sequence> several) override { store_->erase_entries(several); }
    void mark_in_flight(std::span<const sequence> several) override { store_->mark_in_flight(several); }
    void scan_entries(record_visit<outbox_entry> visit) override { store_->scan_entries(visit); }
    [[nodiscard]] std::size_t count_entries() override { return store_->count_entries(); }
    [[nodiscard]] sequence first_open_sequence() override { return store_->first_open_sequence(); }
    [[nodiscard]] sequence newest_sequence() override { return store_->newest_sequence(); }

    void put_removed(const removed_row& removed) override { store_->put_removed(removed); }
    [[nodiscard]] std::size_t count_removed() override { return store_->count_removed(); }
    void erase_removed(int table, const local_id& id, sequence root) override { store_->erase_removed(table, id, root); }
    void scan_removed_of(int table, const local_id& id, record_visit<removed_row> visit) override { store_->scan_removed_of(table, id, visit); }
    void scan_removed_by(sequence root, record_visit<removed_row> visit) override { store_->scan_removed_by(root, visit); }
    [[nodiscard]] sequence removal_after(sequence root) override { return store_->removal_after(root); }
    void put_parked(const parked_row& parked) override { store_->put_parked(parked); }
    void erase_parked(int table, const local_id& id) override { store_->erase_parked(table, id); }
    void scan_parked(record_visit<parked_row> visit) override { store_->scan_parked(visit); }

    std::int64_t add_conflict(conflict_record& record) override { return store_->add_conflict(record); }
    void scan_conflicts(record_visit<conflict_record> visit) override { store_->scan_conflicts(visit); }
    void erase_conflict(std::int64_t number) override { store_->erase_conflict(number); }
    [[nodiscard]] std::optional<std::string> find_meta(std::string_view name) override { return store_->find_meta(name); }
    void put_meta(std::string_view name, std::string_view value) override { store_->put_meta(name, value); }

private:
    static transaction hold(typename S::transaction begun) {
        struct one final : transaction::held {
            explicit one(typename S::transaction&& inner) : begun(std::move(inner)) {}
            void commit() override { begun.commit(); }
            typename S::transaction begun;
        };
        return transaction(std::make_unique<one>(std::move(begun)));
    }

    S* store_;
};

}  // namespace syncline
